/* SPDX-License-Identifier: MIT */
#include "draw/chart.h"

#include <string.h>

#include "check.h"

static void check_bar(int64_t spent, int64_t projected, int64_t budget, int a, int b, int c)
{
	struct bar_cells bar = bar_measure(spent, projected, budget, 20);

	CHECK_INT(bar.spent, a);
	CHECK_INT(bar.projected, b);
	CHECK_INT(bar.over, c);
}

static void what_is_over_begins_at_the_budget(void)
{
	check_bar(500, 500, 1000, 10, 0, 0);
	check_bar(500, 800, 1000, 10, 6, 0);
	check_bar(950, 2000, 1000, 10, 0, 10);
	check_bar(1500, 1500, 1000, 13, 0, 7);
	check_bar(0, 0, 1000, 0, 0, 0);
}

static void something_is_never_shown_as_nothing(void)
{
	check_bar(1, 1, 1000000, 1, 0, 0);
}

static void parts_never_exceed_the_width(void)
{
	for (int64_t spent = 0; spent < 3000; spent += 37)
		for (int64_t projected = 0; projected < 5000; projected += 91) {
			struct bar_cells bar = bar_measure(spent, projected, 1000, 17);

			CHECK(bar.spent >= 0 && bar.projected >= 0 && bar.over >= 0);
			CHECK(bar.spent + bar.projected + bar.over <= 17);
		}
	CHECK_INT(bar_measure(INT64_MAX, INT64_MAX, INT64_MAX, 20).spent, 20);
}

static void a_sparkline_is_scaled_to_its_largest(void)
{
	static const int64_t values[] = {0, 1, 2, 4, 8};
	char out[SPARK_TEXT];

	theme_set_ascii(true);
	CHECK_TEXT(spark(values, 5, 5, out), " .:=@");
	CHECK_TEXT(spark(values, 5, 8, out), "    .:=@");
	CHECK_TEXT(spark(values, 5, 0, out), "");
	CHECK_TEXT(spark(NULL, 0, 3, out), "   ");
}

static void more_values_than_cells_are_averaged(void)
{
	static const int64_t values[] = {8, 8, 0, 0, 4, 4};
	char out[SPARK_TEXT];

	theme_set_ascii(true);
	CHECK_TEXT(spark(values, 6, 3, out), "@ =");
}

static void glyphs_of_three_bytes_fit_as_well(void)
{
	int64_t values[200];
	char out[SPARK_TEXT];

	for (int i = 0; i < 200; i++)
		values[i] = i;
	theme_set_ascii(false);
	CHECK(strlen(spark(values, 200, 200, out)) < SPARK_TEXT);
	theme_set_ascii(true);
}

CHECK_MAIN(TEST(what_is_over_begins_at_the_budget), TEST(something_is_never_shown_as_nothing),
	   TEST(parts_never_exceed_the_width), TEST(a_sparkline_is_scaled_to_its_largest),
	   TEST(more_values_than_cells_are_averaged), TEST(glyphs_of_three_bytes_fit_as_well))
