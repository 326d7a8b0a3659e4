/* SPDX-License-Identifier: MIT */
/* Spans of time lie where the scale says. */
#include "draw/waterfall.h"

#include "check.h"

static void check_span(struct span s, int64_t total, int width, int start, int first, int end)
{
	struct span_cells c = span_measure(&s, total, width);

	CHECK_INT(c.start, start);
	CHECK_INT(c.first, first);
	CHECK_INT(c.end, end);
}

static void a_span_is_drawn_to_scale(void)
{
	check_span((struct span){.start = 0, .first_byte = 250, .end = 500}, 1000, 40, 0, 10, 20);
	check_span((struct span){.start = 500, .first_byte = 750, .end = 1000}, 1000, 40, 20, 30, 39);
}

static void a_span_without_a_first_byte_waits_to_its_end(void)
{
	check_span((struct span){.start = 100, .first_byte = -1, .end = 300}, 1000, 10, 1, 3, 3);
}

static void nothing_leaves_the_scale_however_odd_the_times(void)
{
	check_span((struct span){.start = -5, .first_byte = 99999, .end = 5000}, 1000, 10, 0, 9, 9);
	check_span((struct span){.start = 900, .first_byte = 10, .end = 100}, 1000, 10, 9, 9, 9);
	check_span((struct span){.start = 0, .first_byte = -1, .end = 0}, 0, 10, 0, 0, 0);
	check_span((struct span){.start = INT64_MAX, .first_byte = -1, .end = INT64_MAX}, 1, 10, 9, 9, 9);
}

static void the_scale_has_round_steps_ten_cells_apart(void)
{
	CHECK_INT(scale_step(3010000, 60), 1000000);
	CHECK_INT(scale_step(3010000, 70), 500000);
	CHECK_INT(scale_step(400, 40), 100);
	CHECK_INT(scale_step(0, 40), 1);
}

CHECK_MAIN(TEST(a_span_is_drawn_to_scale), TEST(a_span_without_a_first_byte_waits_to_its_end),
	   TEST(nothing_leaves_the_scale_however_odd_the_times), TEST(the_scale_has_round_steps_ten_cells_apart))
