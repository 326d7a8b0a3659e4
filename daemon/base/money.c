/* SPDX-License-Identifier: MIT */
/* Amounts are parsed, printed, added and rounded here and nowhere else. */
#include "base/money.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS_PER_M INT64_C(1000000)

/* Division that rounds to nearest, ties to even.  den > 0. */
static __int128 div_half_even(__int128 num, __int128 den)
{
	__int128 q = num / den, r = num % den;

	if (r < 0)
		r = -r;
	if (2 * r > den || (2 * r == den && (q & 1) != 0))
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

/* The parts of a decimal: up to 30 significant digits and where the point stands. */
struct decimal {
	__int128 digits;
	int scale;      /* value = digits / 10^scale */
	bool rest;      /* nonzero digits were cut off behind the thirtieth */
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
	if (*p == 'e' || *p == 'E') {
		char *end;
		long e = strtol(p + 1, &end, 10);

		if (end == p + 1 || e < -60 || e > 60)
			return false;
		d->scale -= (int)e;
		p = end;
	}
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

		for (; d.scale > places && den < (__int128)1 << 100; d.scale--)
			den *= 10;
		if (!round && (d.rest || d.digits % den != 0))
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
	sum->nusd_per_m += (__int128)count * price_nusd_per_m;
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
