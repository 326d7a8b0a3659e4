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
	copy_text(out, FMT_TEXT, "-");
	return out;
}

/* 1902 → "1,902".  n is not negative. */
static void put_grouped(char *out, size_t size, int64_t n)
{
	char digits[FMT_TEXT];
	int len = snprintf(digits, sizeof(digits), "%lld", (long long)n);
	size_t to = 0;

	for (int i = 0; i < len && to + 2 < size; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[to++] = ',';
		out[to++] = digits[i];
	}
	out[to] = '\0';
}

static int64_t round_to(int64_t n, int64_t unit)
{
	return n / unit + (n % unit >= unit - unit / 2);
}

const char *fmt_dollars(int64_t nusd, char out[FMT_TEXT])
{
	const int64_t cent = NUSD_PER_USD / 100;
	int64_t abs, cents;
	int len;

	if (nusd == COST_UNKNOWN)
		return unknown(out);
	abs = nusd < 0 ? -nusd : nusd;
	cents = round_to(abs, cent);
	len = snprintf(out, FMT_TEXT, "%s", nusd < 0 ? "-" : "");
	if (cents < 100000)
		snprintf(out + len, (size_t)(FMT_TEXT - len), "%lld.%02lld", (long long)(cents / 100),
			 (long long)(cents % 100));
	else
		put_grouped(out + len, (size_t)(FMT_TEXT - len), round_to(abs, NUSD_PER_USD));
	return out;
}

/* From ten cents on: cents below ten thousand dollars, dollars below a million, then millions. */
static void put_money(int64_t abs, char *out, size_t size)
{
	int64_t cents = round_to(abs, NUSD_PER_USD / 100), dollars = round_to(abs, NUSD_PER_USD);

	if (cents < 1000000) {
		put_grouped(out, size, cents / 100);
		size -= strlen(out);
		out += strlen(out);
		snprintf(out, size, ".%02lld", (long long)(cents % 100));
	} else if (dollars < 1000000) {
		put_grouped(out, size, dollars);
	} else if (dollars < 1000000000) {
		int64_t tenths = round_to(dollars, 100000);

		snprintf(out, size, "%lld.%lldM", (long long)(tenths / 10), (long long)(tenths % 10));
	} else {
		int64_t tenths = round_to(dollars, 100000000);

		snprintf(out, size, "%lld.%lldG", (long long)(tenths / 10), (long long)(tenths % 10));
	}
}

const char *fmt_money(int64_t nusd, char out[FMT_TEXT])
{
	int64_t abs;
	int len;

	if (nusd == COST_UNKNOWN)
		return unknown(out);
	abs = nusd < 0 ? -nusd : nusd;
	if (abs > 0 && abs < 500) {
		/* Not nothing, but too little for nine columns. */
		copy_text(out, FMT_TEXT, nusd < 0 ? ">-$.000001" : "<$.000001");
		return out;
	}
	len = snprintf(out, FMT_TEXT, "%s$", nusd < 0 ? "-" : "");
	if (abs == 0 || abs >= NUSD_PER_USD / 10)
		put_money(abs, out + len, (size_t)(FMT_TEXT - len));
	else
		/* Below ten cents a call's cost matters to the millionth. */
		snprintf(out + len, (size_t)(FMT_TEXT - len), "0.%06lld", (long long)round_to(abs, 1000));
	return out;
}

const char *fmt_count(int64_t n, char out[FMT_TEXT])
{
	static const struct {
		int64_t unit;
		char letter;
	} scale[] = {
		{INT64_C(1000000000000), 'T'}, {INT64_C(1000000000), 'G'}, {1000000, 'M'}, {1000, 'k'},
	};

	if (n == FMT_UNKNOWN)
		return unknown(out);
	for (size_t i = 0; i < ARRAY_LEN(scale); i++) {
		int64_t unit = scale[i].unit, tenths;

		/* 999,960 is 1.0M, not 1000k. */
		if (n < unit - unit / 2000)
			continue;
		tenths = round_to(n, unit / 10);
		if (tenths >= 1000)
			snprintf(out, FMT_TEXT, "%lld%c", (long long)round_to(n, unit), scale[i].letter);
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
	else if (us < INT64_C(6000000000))
		snprintf(out, FMT_TEXT, "%lldm%02lld", (long long)(us / 60000000),
			 (long long)(us / 1000000 % 60));
	else
		snprintf(out, FMT_TEXT, "%lldh%02lld", (long long)(us / INT64_C(3600000000)),
			 (long long)(us / 60000000 % 60));
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
