/* SPDX-License-Identifier: MIT */
/*
 * money.h — the only arithmetic on amounts.
 *
 * An amount is an int64_t of nano-dollars (name it …_nusd); a price is an int64_t of nano-dollars
 * per million units (…_nusd_per_m).  No floating point touches either.  Cost is a number or
 * unknown: COST_UNKNOWN is never added, compared or printed as a number.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NUSD_PER_USD INT64_C(1000000000)
#define COST_UNKNOWN INT64_MIN

/* Long enough for any amount money_format() writes. */
#define MONEY_TEXT 32

/* "12.50", "-0.000000001", "1e-7": at most nine places after the point, or half-even rounding to
 * nine where round is set.  Returns false when it is no amount or does not fit. */
bool money_parse(const char *text, bool round, int64_t *ret_nusd);

/* "12.5", "0.000129", "0": shortest exact decimal, as in JSON strings.  Returns out. */
const char *money_format(int64_t nusd, char out[MONEY_TEXT]);

/* Saturates instead of wrapping; COST_UNKNOWN if either is. */
int64_t money_add(int64_t a_nusd, int64_t b_nusd);

/* A sum of count × price products, kept exact until it is rounded once. */
struct cost_sum {
	__int128 nusd_per_m; /* in millionths of a nano-dollar */
};

void cost_sum_add(struct cost_sum *sum, int64_t count, int64_t price_nusd_per_m);

/* Nano-dollars, rounded half-even; saturates at INT64_MAX. */
int64_t cost_sum_round(const struct cost_sum *sum);

/* amount × num / den, rounded half-even (markups, shares).  den > 0. */
int64_t money_scale(int64_t nusd, int64_t num, int64_t den);

#endif
