/* SPDX-License-Identifier: MIT */
/* Calendar, instants as text and durations, at the edges where they are usually wrong. */
#include "base/clock.h"

#include "check.h"

#define NOW INT64_C(1795400000000)

static int64_t parsed(const char *text)
{
	int64_t ms = -77;

	return clock_parse(text, NOW, &ms) ? ms : -1;
}

static void days_count_from_1970(void)
{
	CHECK_INT(days_from_civil(1970, 1, 1), 0);
	CHECK_INT(days_from_civil(1969, 12, 31), -1);
	CHECK_INT(days_from_civil(2000, 2, 29), 11016);
	CHECK_INT(days_from_civil(2000, 3, 1), 11017);
	CHECK_INT(days_from_civil(2100, 2, 28) + 1, days_from_civil(2100, 3, 1));
	CHECK_INT(days_from_civil(2024, 2, 28) + 2, days_from_civil(2024, 3, 1));
	CHECK_INT(days_from_civil(1, 1, 1), -719162);
}

static void every_day_of_eight_centuries_comes_back(void)
{
	int64_t last_year = 1600, year;
	unsigned month, day, last_day = 31;
	int wrong = 0;

	for (int64_t d = days_from_civil(1601, 1, 1); d < days_from_civil(2401, 1, 1); d++) {
		civil_from_days(d, &year, &month, &day);
		wrong += days_from_civil(year, month, day) != d;
		wrong += day != 1 && day != last_day + 1;
		wrong += year != last_year && (year != last_year + 1 || month != 1 || day != 1);
		last_year = year;
		last_day = day;
	}
	CHECK_INT(wrong, 0);
}

static void instants_print_as_rfc_3339(void)
{
	char text[CLOCK_TEXT];

	CHECK_TEXT(clock_format(0, text), "1970-01-01T00:00:00.000Z");
	CHECK_TEXT(clock_format(-1, text), "1969-12-31T23:59:59.999Z");
	CHECK_TEXT(clock_format(1795399811123, text), "2026-11-23T02:10:11.123Z");
	CHECK_TEXT(clock_format(951782399999, text), "2000-02-28T23:59:59.999Z");
	CHECK_TEXT(clock_format(951782400000, text), "2000-02-29T00:00:00.000Z");
}

static void rfc_3339_is_read(void)
{
	CHECK_INT(parsed("1970-01-01T00:00:00Z"), 0);
	CHECK_INT(parsed("2026-11-23T02:10:11.123Z"), 1795399811123);
	CHECK_INT(parsed("2026-11-23t02:10:11.123456789z"), 1795399811123);
	CHECK_INT(parsed("2026-11-23 02:10:11.1Z"), 1795399811100);
	CHECK_INT(parsed("2026-11-23T04:10:11+02:00"), 1795399811000);
	CHECK_INT(parsed("2026-11-22T20:40:11-05:30"), 1795399811000);
	CHECK_INT(parsed("2024-02-29"), days_from_civil(2024, 2, 29) * 86400000);
	CHECK_INT(parsed("2016-12-31T23:59:60Z"), days_from_civil(2017, 1, 1) * 86400000);
}

static void an_age_is_that_long_before_now(void)
{
	CHECK_INT(parsed("7d"), NOW - 7 * INT64_C(86400000));
	CHECK_INT(parsed("90m"), NOW - 5400000);
	CHECK_INT(parsed("0s"), NOW);
}

static void what_is_no_instant_is_refused(void)
{
	static const char *const wrong[] = {
		"", "now", "2026", "2026-11", "2026-11-2", "26-11-23", "2026-13-01", "2026-00-10", "2026-02-29",
		"2100-02-29", "2026-04-31", "2026-11-00", "2026-11-23T", "2026-11-23T02:10Z", "2026-11-23T02:10:11",
		"2026-11-23T24:00:00Z", "2026-11-23T02:60:00Z", "2026-11-23T02:10:61Z", "2026-11-23T02:10:11.Z",
		"2026-11-23T02:10:11+2", "2026-11-23T02:10:11+24:00", "2026-11-23T02:10:11+02:60",
		"2026-11-23T02:10:11+-1:00", "2026-11-23T 2: 1: 1Z", "2026-11-23T02:10:11Zz", "  26-11-23",
		"+026-11-23", "2026-11-23x", "2026/11/23", "2026-11-23T02:10:11 Z", "-7d", "2026-11-23T+2:10:11Z",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (parsed(wrong[i]) != -1)
			printf("# accepted \"%s\"\n", wrong[i]);
		CHECK(parsed(wrong[i]) == -1);
	}
}

static int64_t duration(const char *text)
{
	int64_t ms = -77;

	return duration_parse(text, &ms) ? ms : -1;
}

static void durations_are_numbers_with_units(void)
{
	CHECK_INT(duration("250ms"), 250);
	CHECK_INT(duration("30s"), 30000);
	CHECK_INT(duration("5m"), 300000);
	CHECK_INT(duration("12h"), 43200000);
	CHECK_INT(duration("30d"), INT64_C(2592000000));
	CHECK_INT(duration("2w"), INT64_C(1209600000));
	CHECK_INT(duration("1h30m"), 5400000);
	CHECK_INT(duration("1m500ms"), 60500);
	CHECK_INT(duration("0s"), 0);
	CHECK_INT(duration("36600d"), INT64_C(3162240000000));
	CHECK_INT(duration("3162240000000ms"), INT64_C(3162240000000));
}

static void what_is_no_duration_is_refused(void)
{
	static const char *const wrong[] = {
		"", "5", "s", "-5s", "1.5h", "5 s", " 5s", "5s ", "5S", "1y", "99999999999999999999s", "9999999999s",
		"99999w", "36601d", "36600d1ms", "ms", "1h-30m", "+5s",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (duration(wrong[i]) != -1)
			printf("# accepted \"%s\"\n", wrong[i]);
		CHECK(duration(wrong[i]) == -1);
	}
}

static void durations_print_in_their_largest_whole_unit(void)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "0s"},       {250, "250ms"},    {1000, "1s"},          {1500, "1500ms"},     {90000, "90s"},
		{120000, "2m"},  {3600000, "1h"},   {5400000, "90m"},      {86400000, "1d"},     {604800000, "7d"},
	};
	char text[CLOCK_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK_TEXT(duration_format(rows[i].ms, text), rows[i].text);
		CHECK_INT(duration(text), rows[i].ms);
	}
}

static void the_monotonic_clock_does_not_go_back(void)
{
	uint64_t last = clock_mono_us(), now;
	int wrong = 0;

	for (int i = 0; i < 1000; i++) {
		now = clock_mono_us();
		wrong += now < last;
		last = now;
	}
	CHECK_INT(wrong, 0);
	CHECK(clock_wall_ms() / 1000 - clock_wall_us() / 1000000 <= 0);
}

static void wall_time_goes_on_from_the_newest_record(void)
{
	int64_t now = clock_wall_ms();

	CHECK(now > INT64_C(1700000000000));
	CHECK(clock_wall_begin(now - 5000));
	CHECK(clock_wall_ms() - now < 5000);
	CHECK(clock_wall_begin(now + 3600000));
	CHECK(clock_wall_ms() >= now + 3600000 && clock_wall_ms() < now + 3605000);
	/* It is the same clock for who wants more of it. */
	CHECK(clock_wall_us() / 1000 - clock_wall_ms() <= 0);
	/* More than a day ahead is not believed, and time has not moved for it. */
	CHECK(!clock_wall_begin(now + INT64_C(3) * 86400000));
	CHECK(clock_wall_ms() < now + 3605000);
}

CHECK_MAIN(TEST(days_count_from_1970), TEST(every_day_of_eight_centuries_comes_back),
	   TEST(instants_print_as_rfc_3339), TEST(rfc_3339_is_read), TEST(an_age_is_that_long_before_now),
	   TEST(what_is_no_instant_is_refused), TEST(durations_are_numbers_with_units),
	   TEST(what_is_no_duration_is_refused), TEST(durations_print_in_their_largest_whole_unit),
	   TEST(the_monotonic_clock_does_not_go_back),
	   TEST(wall_time_goes_on_from_the_newest_record))
