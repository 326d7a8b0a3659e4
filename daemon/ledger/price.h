/* SPDX-License-Identifier: MIT */
/*
 * price.h — usage × price = cost, exactly.
 *
 * A unit without a price of its own is charged as the unit it is part of (cached input as input,
 * reasoning as output); a count of a unit that has no price anywhere makes the cost unknown.
 */
#ifndef LEDGER_PRICE_H
#define LEDGER_PRICE_H

#include "base/money.h"
#include "dialects/usage.h"

#define PRICE_TIERS 4

/* Nano-dollars per million; PRICE_NONE where there is no price. */
#define PRICE_NONE INT64_MIN

struct price_tier {
	int64_t id;                             /* prices.id */
	int64_t above_input;                    /* holds for calls whose whole input is above this */
	int64_t nusd_per_m[USAGE_NUM_PRICED];
	int64_t request_nusd;
};

/* One model's price at one time: its tiers, lowest first; tiers[0].above_input is 0. */
struct price {
	unsigned num_tiers;
	struct price_tier tiers[PRICE_TIERS];
};

/* What each part cost, for call details; the sum is rounded once, so parts may differ from it. */
struct cost_part {
	const char *unit;                       /* "input", "cache_read" … */
	int64_t count, nusd_per_m, cost_nusd;
};

const struct price_tier *price_tier_for(const struct price *, int64_t input);

/* COST_UNKNOWN where usage or price is missing.  price and ret_price_id may be NULL. */
int64_t price_cost(const struct price *, const struct usage *, int64_t *ret_price_id);

/* At most USAGE_NUM_PRICED + 1 parts; returns how many. */
unsigned price_parts(const struct price_tier *, const struct usage *, struct cost_part *out);

#endif
