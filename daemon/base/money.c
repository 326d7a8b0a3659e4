/* SPDX-License-Identifier: MIT */
/* Amounts are parsed, printed, added and rounded here and nowhere else. */
#include "base/money.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS_PER_M INT64_C(1000000)
#define INT128_LAST ((__int128)(~(unsigned __int128)0 >> 1))

/* Division that rounds to nearest, ties to even.  den > 0. */
static __int128 div_half_even(__int128 num, __int128 den)
{
	__int128 q = num / den, r = num % den;

	if (r < 0)
		r = -r;
	if (r > den - r || (r == den - r && (q & 1) != 0))
		q += num < 0 ? -1 : 1;
	return q;
}

static int64_t saturate(__int128 v)
{
	if (v > INT64_MAX)
		return INT64_MAX;
	/* INT64_MIN is taken: it means unknown. */
	if (v < -INT64_MAX)
		return -INT64_MAX;
	return (int64_t)v;
}

/* The parts of a decimal: up to 31 significant digits and where the point stands. */
struct decimal {
	__int128 digits;
	int scale;      /* value = digits / 10^scale */
	bool rest;      /* nonzero digits were cut off behind the thirtieth; digits then ends in a 1 */
};

static const char *read_digits(const char *p, struct decimal *d, int *count, bool after_point)
{
	for (; isdigit((unsigned char)*p); p++, (*count)++) {
		if (d->digits < (__int128)1000000000000000 * 100000000000000) {
			d->digits = d->digits * 10 + (*p - '0');
			d->scale += after_point;
		} else {
			d->rest |= *p != '0';
			d->scale -= !after_point;
		}
	}
	return p;
}

/* "e-7": false when it is no exponent, or one that no amount needs. */
static bool read_exponent(const char *p, struct decimal *d)
{
	bool negative = *p == '-';
	int e = 0, count = 0;

	p += *p == '-' || *p == '+';
	for (; isdigit((unsigned char)*p) && e <= 60; p++, count++)
		e = e * 10 + (*p - '0');
	d->scale -= negative ? -e : e;
	return count > 0 && e <= 60 && *p == '\0';
}

static bool read_decimal(const char *p, struct decimal *d, bool *negative)
{
	int count = 0;

	*d = (struct decimal){0};
	*negative = *p == '-';
	p += *p == '-' || *p == '+';
	p = read_digits(p, d, &count, false);
	if (*p == '.')
		p = read_digits(p + 1, d, &count, true);
	if (count == 0)
		return false;
	/* What was cut off is not nothing: it decides a tie, and whether the amount is exact. */
	if (d->rest) {
		d->digits = d->digits * 10 + 1;
		d->scale++;
	}
	if (*p == 'e' || *p == 'E')
		return read_exponent(p + 1, d);
	return *p == '\0';
}

bool money_parse(const char *text, bool round, int64_t *ret_nusd)
{
	const int places = 9;
	struct decimal d;
	bool negative;

	if (!read_decimal(text, &d, &negative))
		return false;
	for (; d.scale < places && d.digits != 0; d.scale++) {
		d.digits *= 10;
		if (d.digits > INT64_MAX)
			return false;
	}
	if (d.digits != 0 && d.scale > places) {
		__int128 den = 1;

		for (; d.scale > places && den <= d.digits * 2; d.scale--)
			den *= 10;
		if (!round && (d.scale > places || d.digits % den != 0))
			return false;
		d.digits = d.scale > places ? 0 : div_half_even(d.digits, den);
	}
	if (d.digits > INT64_MAX)
		return false;
	*ret_nusd = negative ? -(int64_t)d.digits : (int64_t)d.digits;
	return true;
}

const char *money_format(int64_t nusd, char out[MONEY_TEXT])
{
	uint64_t abs = nusd < 0 ? -(uint64_t)nusd : (uint64_t)nusd;
	int len = snprintf(out, MONEY_TEXT, "%s%llu.%09llu", nusd < 0 ? "-" : "",
			   (unsigned long long)(abs / NUSD_PER_USD),
			   (unsigned long long)(abs % NUSD_PER_USD));

	while (out[len - 1] == '0')
		out[--len] = '\0';
	if (out[len - 1] == '.')
		out[--len] = '\0';
	return out;
}

int64_t money_add(int64_t a, int64_t b)
{
	if (a == COST_UNKNOWN || b == COST_UNKNOWN)
		return COST_UNKNOWN;
	return saturate((__int128)a + b);
}

void cost_sum_add(struct cost_sum *sum, int64_t count, int64_t price_nusd_per_m)
{
	__int128 part = (__int128)count * price_nusd_per_m;

	/* Counts come from outside: a sum that has no room for them stays at its end, far above INT64_MAX. */
	if (__builtin_add_overflow(sum->nusd_per_m, part, &sum->nusd_per_m))
		sum->nusd_per_m = part < 0 ? -INT128_LAST : INT128_LAST;
}

int64_t cost_sum_round(const struct cost_sum *sum)
{
	return saturate(div_half_even(sum->nusd_per_m, UNITS_PER_M));
}

int64_t money_scale(int64_t nusd, int64_t num, int64_t den)
{
	if (nusd == COST_UNKNOWN)
		return COST_UNKNOWN;
	return saturate(div_half_even((__int128)nusd * num, den));
}
