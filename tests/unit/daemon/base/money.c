/* SPDX-License-Identifier: MIT */
/* Amounts are parsed, printed, added and rounded exactly: tried at the edges. */
#include "base/money.h"

#include "check.h"

static int64_t parsed(const char *text)
{
	int64_t nusd = -77;

	return money_parse(text, false, &nusd) ? nusd : COST_UNKNOWN;
}

static int64_t rounded(const char *text)
{
	int64_t nusd = -77;

	return money_parse(text, true, &nusd) ? nusd : COST_UNKNOWN;
}

static void amounts_are_read_to_the_nano_dollar(void)
{
	CHECK_INT(parsed("0"), 0);
	CHECK_INT(parsed("12.50"), 12500000000);
	CHECK_INT(parsed("-0.000000001"), -1);
	CHECK_INT(parsed("+3"), 3000000000);
	CHECK_INT(parsed("5."), 5000000000);
	CHECK_INT(parsed(".5"), 500000000);
	CHECK_INT(parsed("00012.500000000000000000000000000000000000000"), 12500000000);
	CHECK_INT(parsed("-0"), 0);
}

static void exponents_move_the_point(void)
{
	CHECK_INT(parsed("1e-7"), 100);
	CHECK_INT(parsed("1.5E2"), 150000000000);
	CHECK_INT(parsed("2.5e+1"), 25000000000);
	CHECK_INT(parsed("0.0000025e3"), 2500000);
	CHECK_INT(parsed("0e60"), 0);
	CHECK_INT(parsed("123456789012345678901234567890e-29"), COST_UNKNOWN);
	CHECK_INT(rounded("123456789012345678901234567890e-29"), 1234567890);
}

static void what_is_no_amount_is_refused(void)
{
	static const char *const wrong[] = {
		"",      " ",    "-",     ".",   "1,5",  "1.2.3", "$5",   "0x10", "1e",      "1e ",    "1e 5",
		"1e+",   "1e-",  "e5",    "--1", "+-1",  "1 ",    " 1",   "nan",  "inf",     "1e61",   "1e-61",
		"1e999", "1_000", "1e5x", "1e9999999999999999999", "12.5\n",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parsed(wrong[i]) != COST_UNKNOWN)
			printf("# accepted \"%s\"\n", wrong[i]);
		CHECK(parsed(wrong[i]) == COST_UNKNOWN);
		CHECK(rounded(wrong[i]) == COST_UNKNOWN);
	}
}

static void more_than_nine_places_are_refused_unless_rounding_is_asked_for(void)
{
	CHECK_INT(parsed("0.0000000001"), COST_UNKNOWN);
	CHECK_INT(parsed("0.1234567891"), COST_UNKNOWN);
	CHECK_INT(parsed("1e-10"), COST_UNKNOWN);
	CHECK_INT(rounded("0.1234567891"), 123456789);
	CHECK_INT(rounded("1e-10"), 0);
	CHECK_INT(rounded("1e-60"), 0);
}

static void ties_go_to_the_even_neighbour(void)
{
	CHECK_INT(rounded("0.0000000005"), 0);
	CHECK_INT(rounded("0.0000000015"), 2);
	CHECK_INT(rounded("0.0000000025"), 2);
	CHECK_INT(rounded("0.0000000035"), 4);
	CHECK_INT(rounded("-0.0000000005"), 0);
	CHECK_INT(rounded("-0.0000000015"), -2);
	CHECK_INT(rounded("-0.0000000025"), -2);
}

static void the_smallest_excess_over_a_tie_rounds_up(void)
{
	CHECK_INT(rounded("0.00000000050000000000000000000000000000000000000001"), 1);
	CHECK_INT(rounded("0.00000000250000000000000000000000000000000000000001"), 3);
	CHECK_INT(rounded("0.00000000249999999999999999999999999999999999999999"), 2);
	CHECK_INT(rounded("1.00000000050000000000000000000000000000000000000001"), 1000000001);
	CHECK_INT(parsed("1.00000000000000000000000000000000000000000000000001"), COST_UNKNOWN);
}

static void amounts_that_do_not_fit_are_refused(void)
{
	CHECK_INT(parsed("9223372036.854775807"), INT64_MAX);
	CHECK_INT(parsed("-9223372036.854775807"), -INT64_MAX);
	CHECK_INT(parsed("9223372036.854775808"), COST_UNKNOWN);
	CHECK_INT(parsed("-9223372036.854775808"), COST_UNKNOWN);
	CHECK_INT(rounded("9223372036.8547758074"), INT64_MAX);
	CHECK_INT(rounded("9223372036.8547758075"), COST_UNKNOWN);
	CHECK_INT(parsed("1e60"), COST_UNKNOWN);
	CHECK_INT(parsed("99999999999999999999999999999999999999999999999"), COST_UNKNOWN);
}

static void a_refused_amount_leaves_the_result_alone(void)
{
	int64_t nusd = 5;

	CHECK(!money_parse("five", false, &nusd));
	CHECK(!money_parse("1e60", true, &nusd));
	CHECK_INT(nusd, 5);
}

static void printed_amounts_are_the_shortest_that_say_the_same(void)
{
	static const struct {
		int64_t nusd;
		const char *text;
	} rows[] = {
		{0, "0"},
		{1, "0.000000001"},
		{-1, "-0.000000001"},
		{12500000000, "12.5"},
		{129000, "0.000129"},
		{100000000000, "100"},
		{-2000000000, "-2"},
		{12345600125, "12.345600125"},
		{INT64_MAX, "9223372036.854775807"},
		{-INT64_MAX, "-9223372036.854775807"},
	};
	char text[MONEY_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_TEXT(money_format(rows[i].nusd, text), rows[i].text);
		CHECK_INT(parsed(text), rows[i].nusd);
	}
}

static void sums_stop_at_the_ends(void)
{
	CHECK_INT(money_add(2, 3), 5);
	CHECK_INT(money_add(INT64_MAX, 1), INT64_MAX);
	CHECK_INT(money_add(-INT64_MAX, -1), -INT64_MAX);
	CHECK_INT(money_add(INT64_MAX, -INT64_MAX), 0);
}

static void unknown_makes_a_sum_unknown(void)
{
	CHECK_INT(money_add(COST_UNKNOWN, 1), COST_UNKNOWN);
	CHECK_INT(money_add(1, COST_UNKNOWN), COST_UNKNOWN);
	CHECK_INT(money_add(COST_UNKNOWN, COST_UNKNOWN), COST_UNKNOWN);
	CHECK_INT(money_scale(COST_UNKNOWN, 1, 2), COST_UNKNOWN);
}

static int64_t cost(int64_t count, int64_t price)
{
	struct cost_sum sum = {0};

	cost_sum_add(&sum, count, price);
	return cost_sum_round(&sum);
}

static void a_cost_is_count_times_price(void)
{
	/* 17 tokens at 3 USD and 12 at 15 USD a million. */
	struct cost_sum sum = {0};

	cost_sum_add(&sum, 17, 3 * NUSD_PER_USD);
	cost_sum_add(&sum, 12, 15 * NUSD_PER_USD);
	CHECK_INT(cost_sum_round(&sum), 231000);
	CHECK_INT(cost(0, 3 * NUSD_PER_USD), 0);
	CHECK_INT(cost(1000000, 75), 75);
}

static void parts_are_rounded_once_together(void)
{
	struct cost_sum sum = {0};

	/* Each third alone would round to nothing. */
	for (int i = 0; i < 3; i++)
		cost_sum_add(&sum, 1, 400000);
	CHECK_INT(cost_sum_round(&sum), 1);
}

static void half_a_nano_dollar_goes_to_even(void)
{
	CHECK_INT(cost(1, 500000), 0);
	CHECK_INT(cost(1, 500001), 1);
	CHECK_INT(cost(3, 500000), 2);
	CHECK_INT(cost(5, 500000), 2);
	CHECK_INT(cost(7, 500000), 4);
	CHECK_INT(cost(-1, 500000), 0);
	CHECK_INT(cost(-3, 500000), -2);
}

static void absurd_counts_stop_at_the_end(void)
{
	struct cost_sum sum = {0};

	for (int i = 0; i < 5; i++)
		cost_sum_add(&sum, INT64_MAX, INT64_MAX);
	CHECK_INT(cost_sum_round(&sum), INT64_MAX);
	sum = (struct cost_sum){0};
	for (int i = 0; i < 5; i++)
		cost_sum_add(&sum, INT64_MAX, -INT64_MAX);
	CHECK_INT(cost_sum_round(&sum), -INT64_MAX);
}

static void shares_are_rounded_to_even(void)
{
	CHECK_INT(money_scale(100, 115, 100), 115);
	CHECK_INT(money_scale(10, 1, 4), 2);
	CHECK_INT(money_scale(30, 1, 4), 8);
	CHECK_INT(money_scale(-10, 1, 4), -2);
	CHECK_INT(money_scale(1, 1, 3), 0);
	CHECK_INT(money_scale(2, 1, 3), 1);
	CHECK_INT(money_scale(INT64_MAX, 2, 1), INT64_MAX);
	CHECK_INT(money_scale(INT64_MAX, INT64_MAX, INT64_MAX), INT64_MAX);
	CHECK_INT(money_scale(-INT64_MAX, 2, 1), -INT64_MAX);
}

CHECK_MAIN(TEST(amounts_are_read_to_the_nano_dollar), TEST(exponents_move_the_point),
	   TEST(what_is_no_amount_is_refused),
	   TEST(more_than_nine_places_are_refused_unless_rounding_is_asked_for),
	   TEST(ties_go_to_the_even_neighbour), TEST(the_smallest_excess_over_a_tie_rounds_up),
	   TEST(amounts_that_do_not_fit_are_refused), TEST(a_refused_amount_leaves_the_result_alone),
	   TEST(printed_amounts_are_the_shortest_that_say_the_same), TEST(sums_stop_at_the_ends),
	   TEST(unknown_makes_a_sum_unknown), TEST(a_cost_is_count_times_price),
	   TEST(parts_are_rounded_once_together), TEST(half_a_nano_dollar_goes_to_even),
	   TEST(absurd_counts_stop_at_the_end), TEST(shares_are_rounded_to_even))
