/* SPDX-License-Identifier: MIT */
/* Numbers for people keep their columns, and unknown is never a zero. */
#include "base/fmt.h"

#include "base/mem.h"
#include "base/money.h"
#include "check.h"

struct row {
	int64_t in;
	const char *out;
};

typedef const char *fmt_fn(int64_t n, char out[FMT_TEXT]);

static void check_rows(fmt_fn *fmt, const struct row *rows, size_t n)
{
	char text[FMT_TEXT];

	for (size_t i = 0; i < n; i++)
		CHECK_TEXT(fmt(rows[i].in, text), rows[i].out);
}

/* The widest text over powers of ten, their neighbours and roundings. */
static size_t widest(fmt_fn *fmt, int64_t most)
{
	static const int64_t near[] = {-1, 0, 1};
	size_t wide = 0;

	for (int64_t n = 1; n <= most / 10; n *= 10)
		for (int64_t m = 1; m <= 9 && n * m <= most; m++)
			for (size_t i = 0; i < ARRAY_LEN(near); i++) {
				char text[FMT_TEXT];
				size_t len = strlen(fmt(n * m + n / 2 + near[i], text));

				wide = len > wide ? len : wide;
			}
	return wide;
}

static void unknown_is_a_dash_everywhere(void)
{
	static fmt_fn *const all[] = {fmt_money, fmt_dollars, fmt_count, fmt_latency, fmt_age, fmt_percent};
	char text[FMT_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		CHECK_TEXT(all[i](FMT_UNKNOWN, text), "-");
	CHECK_TEXT(fmt_money(COST_UNKNOWN, text), "-");
}

static void money_shows_millionths_below_ten_cents(void)
{
	static const struct row rows[] = {
		{0, "$0.00"},
		{1, "<$.000001"},
		{499, "<$.000001"},
		{500, "$0.000001"},
		{129000, "$0.000129"},
		{99999499, "$0.099999"},
		{100000000, "$0.10"},
		{4100000000, "$4.10"},
		{999995000000, "$1,000.00"},
		{1902100000000, "$1,902.10"},
		{9999994000000, "$9,999.99"},
		{9999996000000, "$10,000"},
		{190210000000000, "$190,210"},
		{999999400000000, "$999,999"},
		{1234567000000000, "$1.2M"},
		{999940000000000000, "$999.9M"},
		{1902000000000000000, "$1.9G"},
		{-4100000000, "-$4.10"},
		{-129000, "-$0.000129"},
	};

	check_rows(fmt_money, rows, ARRAY_LEN(rows));
	CHECK(widest(fmt_money, INT64_C(1000000000000000000)) <= 9);
}

static void dollars_lose_their_cents_from_a_thousand_on(void)
{
	static const struct row rows[] = {
		{0, "0.00"},
		{4100000000, "4.10"},
		{4104999999, "4.10"},
		{4105000000, "4.11"},
		{999990000000, "999.99"},
		{999996000000, "1,000"},
		{1902100000000, "1,902"},
		{1234567000000000, "1,234,567"},
		{INT64_MAX, "9,223,372,037"},
		{-1902100000000, "-1,902"},
		{-INT64_MAX, "-9,223,372,037"},
	};

	check_rows(fmt_dollars, rows, ARRAY_LEN(rows));
}

static void counts_take_five_columns(void)
{
	static const struct row rows[] = {
		{0, "0"},           {912, "912"},       {999, "999"},        {1000, "1.0k"},     {18200, "18.2k"},
		{99949, "99.9k"},   {99950, "100k"},    {999499, "999k"},    {999500, "1.0M"},   {4100000, "4.1M"},
		{999499999, "999M"}, {1500000000, "1.5G"}, {INT64_C(2500000000000), "2.5T"}, {-3, "-3"},
	};

	check_rows(fmt_count, rows, ARRAY_LEN(rows));
	CHECK(widest(fmt_count, INT64_C(100000000000000)) <= 5);
}

static void latencies_take_five_columns_or_six(void)
{
	static const struct row rows[] = {
		{0, "0us"},         {812, "812us"},      {1000, "1.0ms"},     {9999, "9.9ms"},
		{31000, "31ms"},    {100000, "0.1s"},    {4100000, "4.1s"},   {59999999, "59.9s"},
		{125000000, "2m05"}, {6000000000, "1h40"}, {-5, "-"},
	};

	check_rows(fmt_latency, rows, ARRAY_LEN(rows));
	CHECK(widest(fmt_latency, INT64_C(100000000000)) <= 5);
}

static void ages_take_four_columns(void)
{
	static const struct row rows[] = {
		{0, "0s"},           {41999, "41s"},      {60000, "1m"},     {3599999, "59m"},   {3600000, "1h"},
		{172799999, "47h"},  {172800000, "2d"},   {41 * INT64_C(86400000), "41d"}, {-5000, "0s"},
	};

	check_rows(fmt_age, rows, ARRAY_LEN(rows));
	CHECK(widest(fmt_age, INT64_C(10000000000)) <= 4);
}

static void percents_have_a_place_below_ten(void)
{
	static const struct row rows[] = {{0, "0.0"}, {6, "0.6"}, {99, "9.9"}, {100, "10"}, {125, "12"}, {1000, "100"}};

	check_rows(fmt_percent, rows, ARRAY_LEN(rows));
}

CHECK_MAIN(TEST(unknown_is_a_dash_everywhere), TEST(money_shows_millionths_below_ten_cents),
	   TEST(dollars_lose_their_cents_from_a_thousand_on), TEST(counts_take_five_columns),
	   TEST(latencies_take_five_columns_or_six), TEST(ages_take_four_columns),
	   TEST(percents_have_a_place_below_ten))
