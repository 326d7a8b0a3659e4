/* SPDX-License-Identifier: MIT */
/* Where the hour, day, week, month or year around an instant begins and ends is worked out here. */
#include "budget/window.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/money.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

static const char *const names[] = {
	[WINDOW_HOUR] = "hour",   [WINDOW_DAY] = "day",   [WINDOW_WEEK] = "week",
	[WINDOW_MONTH] = "month", [WINDOW_YEAR] = "year", [WINDOW_TOTAL] = "total",
};

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* All three take and return days since 1970 of the window's own calendar. */
static void week_bounds(int64_t day, int64_t *from, int64_t *until)
{
	/* 1970-01-01 was a Thursday: three days after a Monday. */
	*from = floor_div(day + 3, 7) * 7 - 3;
	*until = *from + 7;
}

static void month_bounds(int64_t day, int64_t *from, int64_t *until)
{
	int64_t year;
	unsigned month, of_month;

	civil_from_days(day, &year, &month, &of_month);
	*from = days_from_civil(year, month, 1);
	*until = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
}

static void year_bounds(int64_t day, int64_t *from, int64_t *until)
{
	int64_t year;
	unsigned month, of_month;

	civil_from_days(day, &year, &month, &of_month);
	*from = days_from_civil(year, 1, 1);
	*until = days_from_civil(year + 1, 1, 1);
}

void window_bounds(struct window window, int64_t wall_ms, int64_t *ret_from_ms, int64_t *ret_until_ms)
{
	int64_t offset_ms = window.utc_offset_min * MINUTE_MS;
	int64_t unit_ms = window.kind == WINDOW_HOUR ? HOUR_MS : DAY_MS;
	int64_t from = floor_div(wall_ms + offset_ms, unit_ms), until = from + 1;

	switch (window.kind) {
	case WINDOW_HOUR:
	case WINDOW_DAY:
		break;
	case WINDOW_WEEK:
		week_bounds(from, &from, &until);
		break;
	case WINDOW_MONTH:
		month_bounds(from, &from, &until);
		break;
	case WINDOW_YEAR:
		year_bounds(from, &from, &until);
		break;
	case WINDOW_TOTAL:
		*ret_from_ms = 0;
		*ret_until_ms = INT64_MAX;
		return;
	}
	*ret_from_ms = from * unit_ms - offset_ms;
	*ret_until_ms = until * unit_ms - offset_ms;
}

const char *window_name(enum window_kind kind)
{
	return names[kind];
}

bool window_parse(const char *name, enum window_kind *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (enum window_kind)i;
			return true;
		}
	}
	return false;
}

bool window_parse_budget(const char *text, int64_t *ret_nusd, enum window_kind *ret)
{
	const char *slash = strchr(text, '/');
	char amount[MONEY_TEXT];
	int64_t nusd;

	if (slash == NULL || (size_t)(slash - text) >= sizeof(amount))
		return false;
	copy_text(amount, (size_t)(slash - text) + 1, text);
	if (!money_parse(amount, false, &nusd) || nusd < 0 || !window_parse(slash + 1, ret))
		return false;
	*ret_nusd = nusd;
	return true;
}
