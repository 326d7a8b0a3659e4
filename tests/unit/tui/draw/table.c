/* SPDX-License-Identifier: MIT */
#include "draw/table.h"

#include <string.h>

#include "check.h"

static const struct column columns[] = {
	{.title = "NAME", .width = 8, .most = 20},
	{.title = "SPENT", .width = 6, .drop = 1},
	{.title = "BAR", .width = 10, .most = 30, .drop = 3},
	{.title = "LAST", .width = 4, .drop = 2},
};

static void check_widths(int width, int a, int b, int c, int d)
{
	struct table_layout l;

	table_layout(columns, 4, width, &l);
	CHECK_INT(l.width[0], a);
	CHECK_INT(l.width[1], b);
	CHECK_INT(l.width[2], c);
	CHECK_INT(l.width[3], d);
}

static void columns_give_way_by_priority(void)
{
	check_widths(32, 8, 6, 10, 4);
	check_widths(31, 18, 6, 0, 4);
	check_widths(20, 12, 6, 0, 0);
	check_widths(19, 11, 6, 0, 0);
	check_widths(15, 14, 0, 0, 0);
	check_widths(3, 8, 0, 0, 0);
}

static void what_is_left_is_shared_by_those_that_grow(void)
{
	struct table_layout l;

	check_widths(40, 12, 6, 14, 4);
	check_widths(200, 20, 6, 30, 4);
	table_layout(columns, 4, 40, &l);
	CHECK_INT(l.x[0], 1);
	CHECK_INT(l.x[1], 14);
	CHECK_INT(l.x[2], 21);
	CHECK_INT(l.x[3], 36);
}

static const char *names[8];
static size_t num_names;

static size_t count(void *arg)
{
	(void)arg;
	return num_names;
}

static const void *row(void *arg, size_t i)
{
	(void)arg;
	return names[i];
}

static const char *id(const void *row_)
{
	return row_;
}

static bool is_problem(const void *row_)
{
	return ((const char *)row_)[0] == '!';
}

static const struct table_source source = {.count = count, .row = row, .id = id, .is_problem = is_problem};

static void set_names(size_t n, const char *const *to)
{
	num_names = n;
	for (size_t i = 0; i < n; i++)
		names[i] = to[i];
}

static struct table table_of_four(void)
{
	struct table t;

	set_names(4, (const char *const[]){"a", "b", "!c", "d"});
	table_init(&t, columns, 4, &source, NULL);
	t.shown = 3;
	table_sync(&t);
	return t;
}

static void the_selection_stays_with_its_row_when_rows_move(void)
{
	struct table t = table_of_four();

	table_request(&t, REQUEST_MOVE_DOWN);
	CHECK_TEXT(t.selected, "b");
	set_names(4, (const char *const[]){"d", "!c", "a", "b"});
	CHECK_TEXT(table_selected(&t), "b");
	CHECK_INT(t.index, 3);
}

static void when_the_row_is_gone_its_place_is_kept(void)
{
	struct table t = table_of_four();

	table_request(&t, REQUEST_MOVE_DOWN);
	set_names(3, (const char *const[]){"a", "!c", "d"});
	CHECK_TEXT(table_selected(&t), "!c");
	set_names(1, (const char *const[]){"z"});
	CHECK_TEXT(table_selected(&t), "z");
}

static void nothing_is_selected_in_an_empty_list_but_a_wish_is_kept(void)
{
	struct table t;

	set_names(0, NULL);
	table_init(&t, columns, 4, &source, NULL);
	table_select(&t, "d");
	CHECK(table_selected(&t) == NULL);
	CHECK(table_request(&t, REQUEST_MOVE_DOWN));
	table_select(&t, "d");
	set_names(2, (const char *const[]){"a", "d"});
	CHECK_TEXT(table_selected(&t), "d");
}

static void problems_are_found_in_both_directions(void)
{
	struct table t = table_of_four();

	table_request(&t, REQUEST_NEXT_PROBLEM);
	CHECK_TEXT(t.selected, "!c");
	table_request(&t, REQUEST_LAST);
	table_request(&t, REQUEST_PREVIOUS_PROBLEM);
	CHECK_TEXT(t.selected, "!c");
}

static void marks_are_ids_and_are_taken_back_one_by_one(void)
{
	struct table t = table_of_four();

	table_request(&t, REQUEST_MARK);
	table_request(&t, REQUEST_LAST);
	table_request(&t, REQUEST_MARK);
	set_names(4, (const char *const[]){"d", "!c", "b", "a"});
	CHECK(table_is_marked(&t, "a") && table_is_marked(&t, "d") && !table_is_marked(&t, "b"));
	table_sync(&t);
	table_request(&t, REQUEST_MARK);
	CHECK(!table_is_marked(&t, "d"));
	CHECK_INT(t.num_marks, 1);
}

static void pages_stop_at_the_ends(void)
{
	struct table t = table_of_four();

	table_request(&t, REQUEST_PAGE_DOWN);
	CHECK_INT(t.index, 2);
	table_request(&t, REQUEST_PAGE_DOWN);
	CHECK_INT(t.index, 3);
	table_request(&t, REQUEST_PAGE_UP);
	table_request(&t, REQUEST_PAGE_UP);
	CHECK_INT(t.index, 0);
	CHECK(!table_request(&t, REQUEST_FILTER));
}

CHECK_MAIN(TEST(columns_give_way_by_priority), TEST(what_is_left_is_shared_by_those_that_grow),
	   TEST(the_selection_stays_with_its_row_when_rows_move), TEST(when_the_row_is_gone_its_place_is_kept),
	   TEST(nothing_is_selected_in_an_empty_list_but_a_wish_is_kept), TEST(problems_are_found_in_both_directions),
	   TEST(marks_are_ids_and_are_taken_back_one_by_one), TEST(pages_stop_at_the_ends))
