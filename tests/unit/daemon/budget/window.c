/* SPDX-License-Identifier: MIT */
/* Windows of every kind, in several calendars. */
#include "budget/window.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/money.h"
#include "check.h"

#define HOUR_MS INT64_C(3600000)

static int64_t at(const char *text)
{
	int64_t ms = 0;

	CHECK(clock_parse(text, 0, &ms));
	return ms;
}

static void expect(enum window_kind kind, int offset_min, const char *instant, const char *from, const char *until)
{
	struct window window = {kind, offset_min};
	char got_from[CLOCK_TEXT], got_until[CLOCK_TEXT], want_from[CLOCK_TEXT], want_until[CLOCK_TEXT];
	int64_t from_ms, until_ms;

	window_bounds(window, at(instant), &from_ms, &until_ms);
	CHECK_TEXT(clock_format(from_ms, got_from), clock_format(at(from), want_from));
	CHECK_TEXT(clock_format(until_ms, got_until), clock_format(at(until), want_until));
}

static void an_hour_follows_calendars_of_half_hours(void)
{
	expect(WINDOW_HOUR, 0, "2026-11-23T02:59:59.999Z", "2026-11-23T02:00:00Z", "2026-11-23T03:00:00Z");
	expect(WINDOW_HOUR, 330, "2026-11-23T02:10:00Z", "2026-11-23T01:30:00Z", "2026-11-23T02:30:00Z");
}

static void a_day_begins_at_midnight_of_its_calendar(void)
{
	expect(WINDOW_DAY, 0, "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
	expect(WINDOW_DAY, 120, "2026-11-22T23:00:00Z", "2026-11-22T22:00:00Z", "2026-11-23T22:00:00Z");
	expect(WINDOW_DAY, -480, "2026-11-23T07:59:59Z", "2026-11-22T08:00:00Z", "2026-11-23T08:00:00Z");
	expect(WINDOW_DAY, 0, "1969-12-31T23:00:00Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z");
}

static void a_week_begins_on_monday(void)
{
	/* 2026-11-23 is a Monday. */
	expect(WINDOW_WEEK, 0, "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
	expect(WINDOW_WEEK, 0, "2026-11-22T23:59:59.999Z", "2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z");
	expect(WINDOW_WEEK, 60, "2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z", "2026-11-29T23:00:00Z");
	expect(WINDOW_WEEK, 0, "2027-01-01T12:00:00Z", "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z");
	expect(WINDOW_WEEK, 0, "1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z");
}

static void a_month_knows_leap_years(void)
{
	expect(WINDOW_MONTH, 0, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
	expect(WINDOW_MONTH, 0, "2027-02-28T23:59:59Z", "2027-02-01T00:00:00Z", "2027-03-01T00:00:00Z");
	expect(WINDOW_MONTH, 0, "2100-02-28T23:59:59Z", "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z");
	expect(WINDOW_MONTH, 60, "2026-11-30T23:00:00Z", "2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z");
}

static void december_and_the_year_end_together(void)
{
	expect(WINDOW_MONTH, 0, "2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
	expect(WINDOW_YEAR, 0, "2026-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
	expect(WINDOW_YEAR, 540, "2026-12-31T15:00:00Z", "2026-12-31T15:00:00Z", "2027-12-31T15:00:00Z");
	expect(WINDOW_YEAR, -300, "2027-01-01T04:59:59Z", "2026-01-01T05:00:00Z", "2027-01-01T05:00:00Z");
}

static void total_has_no_end(void)
{
	int64_t from_ms, until_ms;

	window_bounds((struct window){WINDOW_TOTAL, 60}, at("2026-11-23"), &from_ms, &until_ms);
	CHECK_INT(from_ms, 0);
	CHECK(until_ms == INT64_MAX);
}

/* Each window holds the instant it was asked for and begins where the one before it ends. */
static void windows_tile_time_without_gap_or_overlap(void)
{
	static const int offsets[] = {0, 60, -300, 330, 345, -570, 840, -720};

	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		for (enum window_kind kind = WINDOW_HOUR; kind <= WINDOW_YEAR; kind++) {
			struct window window = {kind, offsets[i]};
			int64_t step = kind == WINDOW_HOUR ? HOUR_MS / 7 : 11 * HOUR_MS, last_from = 0, last_until = 0;

			for (int64_t ms = at("2023-12-20"); ms < at("2025-01-20"); ms += step) {
				int64_t from_ms, until_ms;

				window_bounds(window, ms, &from_ms, &until_ms);
				CHECK(from_ms <= ms && ms < until_ms);
				CHECK(last_until == 0 || from_ms == last_from || from_ms == last_until);
				last_from = from_ms;
				last_until = until_ms;
			}
		}
	}
}

static void names_go_there_and_back(void)
{
	enum window_kind back;

	for (enum window_kind kind = WINDOW_HOUR; kind <= WINDOW_TOTAL; kind++)
		CHECK(window_parse(window_name(kind), &back) && back == kind);
	CHECK(!window_parse("fortnight", &back));
	CHECK(!window_parse("", &back));
}

static void a_budget_is_an_amount_and_a_window(void)
{
	enum window_kind kind = WINDOW_TOTAL;
	int64_t nusd = 0;

	CHECK(window_parse_budget("500/month", &nusd, &kind));
	CHECK(nusd == 500 * NUSD_PER_USD && kind == WINDOW_MONTH);
	CHECK(window_parse_budget("12.50/day", &nusd, &kind));
	CHECK(nusd == NUSD_PER_USD * 25 / 2 && kind == WINDOW_DAY);
	CHECK(window_parse_budget("0/total", &nusd, &kind));
	CHECK_INT(nusd, 0);
}

static void what_is_no_budget_is_refused_and_changes_nothing(void)
{
	static const char *const wrong[] = {"", "/", "500", "500/", "/month", "-1/day", "five/day", "5/decade",
					    "5/month/day", "1.0000000001/day"};
	enum window_kind kind = WINDOW_WEEK;
	int64_t nusd = 7;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		CHECK(!window_parse_budget(wrong[i], &nusd, &kind));
	CHECK(nusd == 7 && kind == WINDOW_WEEK);
}

CHECK_MAIN(TEST(an_hour_follows_calendars_of_half_hours), TEST(a_day_begins_at_midnight_of_its_calendar),
	   TEST(a_week_begins_on_monday), TEST(a_month_knows_leap_years), TEST(december_and_the_year_end_together),
	   TEST(total_has_no_end), TEST(windows_tile_time_without_gap_or_overlap), TEST(names_go_there_and_back),
	   TEST(a_budget_is_an_amount_and_a_window), TEST(what_is_no_budget_is_refused_and_changes_nothing))
