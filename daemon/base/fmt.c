/* SPDX-License-Identifier: MIT */
/* Numbers become the few characters a person reads here. */
#include "base/fmt.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/money.h"

static const char *unknown(char out[FMT_TEXT])
{
	return strcpy(out, "-");
}

/* 1902 → "1,902". */
static int put_grouped(char *out, size_t size, int64_t n)
{
	if (n >= 1000000)
		return snprintf(out, size, "%lld,%03lld,%03lld", (long long)(n / 1000000),
				(long long)(n / 1000 % 1000), (long long)(n % 1000));
	if (n >= 1000)
		return snprintf(out, size, "%lld,%03lld", (long long)(n / 1000), (long long)(n % 1000));
	return snprintf(out, size, "%lld", (long long)n);
}

static int64_t round_to(int64_t n, int64_t unit)
{
	return (n + unit / 2) / unit;
}

const char *fmt_dollars(int64_t nusd, char out[FMT_TEXT])
{
	const int64_t cent = NUSD_PER_USD / 100;
	const char *sign = nusd < 0 ? "-" : "";
	int64_t abs = nusd < 0 ? -nusd : nusd, cents;
	int len;

	if (nusd == COST_UNKNOWN)
		return unknown(out);
	cents = round_to(abs, cent);
	len = snprintf(out, FMT_TEXT, "%s", sign);
	if (cents < 100000) {
		snprintf(out + len, (size_t)(FMT_TEXT - len), "%lld.%02lld", (long long)(cents / 100),
			 (long long)(cents % 100));
		return out;
	}
	put_grouped(out + len, (size_t)(FMT_TEXT - len), round_to(abs, NUSD_PER_USD));
	return out;
}

const char *fmt_money(int64_t nusd, char out[FMT_TEXT])
{
	int64_t abs = nusd < 0 ? -nusd : nusd;
	const char *sign = nusd < 0 ? "-" : "";

	if (nusd == COST_UNKNOWN)
		return unknown(out);
	if (abs == 0 || abs >= NUSD_PER_USD / 10) {
		char dollars[FMT_TEXT];

		snprintf(out, FMT_TEXT, "%s$%s", sign, fmt_dollars(abs, dollars));
	} else if (abs >= 1000) {
		/* Below ten cents a call's cost matters to the millionth. */
		snprintf(out, FMT_TEXT, "%s$0.%06lld", sign, (long long)round_to(abs, 1000));
	} else {
		snprintf(out, FMT_TEXT, "%s$0.%09lld", sign, (long long)abs);
	}
	return out;
}

const char *fmt_count(int64_t n, char out[FMT_TEXT])
{
	static const struct {
		int64_t unit;
		char letter;
	} scale[] = {{INT64_C(1000000000), 'G'}, {1000000, 'M'}, {1000, 'k'}};

	if (n == FMT_UNKNOWN)
		return unknown(out);
	for (size_t i = 0; i < ARRAY_LEN(scale); i++) {
		int64_t tenths = round_to(n, scale[i].unit / 10);

		if (n < scale[i].unit)
			continue;
		if (tenths >= 1000)
			snprintf(out, FMT_TEXT, "%lld%c", (long long)round_to(n, scale[i].unit), scale[i].letter);
		else
			snprintf(out, FMT_TEXT, "%lld.%lld%c", (long long)(tenths / 10),
				 (long long)(tenths % 10), scale[i].letter);
		return out;
	}
	snprintf(out, FMT_TEXT, "%lld", (long long)n);
	return out;
}

const char *fmt_latency(int64_t us, char out[FMT_TEXT])
{
	if (us == FMT_UNKNOWN || us < 0)
		return unknown(out);
	if (us < 1000)
		snprintf(out, FMT_TEXT, "%lldus", (long long)us);
	else if (us < 10000)
		snprintf(out, FMT_TEXT, "%lld.%lldms", (long long)(us / 1000), (long long)(us / 100 % 10));
	else if (us < 100000)
		snprintf(out, FMT_TEXT, "%lldms", (long long)(us / 1000));
	else if (us < 60000000)
		snprintf(out, FMT_TEXT, "%lld.%llds", (long long)(us / 1000000), (long long)(us / 100000 % 10));
	else
		snprintf(out, FMT_TEXT, "%lldm%02lld", (long long)(us / 60000000),
			 (long long)(us / 1000000 % 60));
	return out;
}

const char *fmt_age(int64_t ms, char out[FMT_TEXT])
{
	int64_t s = ms / 1000;

	if (ms == FMT_UNKNOWN)
		return unknown(out);
	if (s < 0)
		s = 0;
	if (s < 60)
		snprintf(out, FMT_TEXT, "%llds", (long long)s);
	else if (s < 3600)
		snprintf(out, FMT_TEXT, "%lldm", (long long)(s / 60));
	else if (s < 48 * 3600)
		snprintf(out, FMT_TEXT, "%lldh", (long long)(s / 3600));
	else
		snprintf(out, FMT_TEXT, "%lldd", (long long)(s / 86400));
	return out;
}

const char *fmt_percent(int64_t per_mille, char out[FMT_TEXT])
{
	if (per_mille == FMT_UNKNOWN)
		return unknown(out);
	if (per_mille < 100)
		snprintf(out, FMT_TEXT, "%lld.%lld", (long long)(per_mille / 10), (long long)(per_mille % 10));
	else
		snprintf(out, FMT_TEXT, "%lld", (long long)(per_mille / 10));
	return out;
}
