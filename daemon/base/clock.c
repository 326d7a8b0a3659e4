/* SPDX-License-Identifier: MIT */
/* Clocks are read, and instants and durations turned into text and back, here. */
#include "base/clock.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"

#define DAY_MS INT64_C(86400000)
/* No duration is longer than a century. */
#define LONGEST_MS (100 * 366 * DAY_MS)

uint64_t clock_mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/*
 * Wall time is the monotonic clock and how far the system's wall clock has ever been ahead of it.  A clock
 * that is set back changes nothing until it has caught up; one that is set back by more than a day was wrong
 * before, and is followed.
 */
static _Atomic int64_t ahead_us = INT64_MIN;

#define FOLLOW_US (DAY_MS * 1000)

static int64_t system_wall_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
	/* In this order: whatever comes between the two makes the difference smaller, never larger. */
	int64_t wall = system_wall_us(), mono = (int64_t)clock_mono_us();
	int64_t ahead = atomic_load_explicit(&ahead_us, memory_order_relaxed);

	while (wall - mono > ahead || mono + ahead - wall > FOLLOW_US)
		if (atomic_compare_exchange_weak(&ahead_us, &ahead, wall - mono))
			return wall;
	return mono + ahead;
}

bool clock_wall_begin(int64_t wall_ms)
{
	int64_t ahead;

	if (wall_ms - clock_wall_ms() > FOLLOW_US / 1000)
		return false;
	ahead = wall_ms * 1000 - (int64_t)clock_mono_us();
	if (ahead > atomic_load(&ahead_us))
		atomic_store(&ahead_us, ahead);
	return true;
}

int64_t clock_wall_ms(void)
{
	return clock_wall_us() / 1000;
}

/* Both conversions count in eras of 400 years that begin on 1 March, so leap days come last. */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*ret_day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = yoe + era * 400 + (*ret_month <= 2);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

const char *clock_format(int64_t wall_ms, char out[CLOCK_TEXT])
{
	int64_t days = floor_div(wall_ms, DAY_MS), ms = wall_ms - days * DAY_MS, year;
	unsigned month, day;

	civil_from_days(days, &year, &month, &day);
	snprintf(out, CLOCK_TEXT, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", (int)(year % 10000), month, day,
		 (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
	return out;
}

static bool date_is_valid(int y, unsigned m, unsigned d)
{
	int64_t back_y;
	unsigned back_m, back_d;

	if (m < 1 || m > 12 || d < 1 || d > 31)
		return false;
	civil_from_days(days_from_civil(y, m, d), &back_y, &back_m, &back_d);
	return back_y == y && back_m == m && back_d == d;
}

/* Exactly n digits at *p, which moves behind them; -1 where they are not. */
static int take_digits(const char **p, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		char c = *(*p)++;

		if (!isdigit((unsigned char)c)) {
			/* What follows is not looked at: it may be behind the end. */
			*p = "?";
			return -1;
		}
		value = value * 10 + (c - '0');
	}
	return value;
}

static bool take_char(const char **p, const char *one_of)
{
	if (**p == '\0' || strchr(one_of, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

static bool parse_date(const char **p, int64_t *ret_ms)
{
	int y = take_digits(p, 4), m, d;

	if (!take_char(p, "-"))
		return false;
	m = take_digits(p, 2);
	if (!take_char(p, "-"))
		return false;
	d = take_digits(p, 2);
	if (y < 0 || m < 0 || d < 0 || !date_is_valid(y, (unsigned)m, (unsigned)d))
		return false;
	*ret_ms = days_from_civil(y, (unsigned)m, (unsigned)d) * DAY_MS;
	return true;
}

/* ".123456": milliseconds, the rest cut off. */
static bool parse_fraction(const char **p, int64_t *ms)
{
	int64_t unit = 100;

	if (!isdigit((unsigned char)**p))
		return false;
	for (; isdigit((unsigned char)**p); (*p)++, unit /= 10)
		*ms += unit * (**p - '0');
	return true;
}

/* "Z" or "+02:00", and then the end. */
static bool parse_zone(const char *p, int64_t *ms)
{
	int sign, hours, minutes;

	if (take_char(&p, "Zz"))
		return *p == '\0';
	sign = *p == '+' ? -1 : 1;
	if (!take_char(&p, "+-"))
		return false;
	hours = take_digits(&p, 2);
	if (!take_char(&p, ":"))
		return false;
	minutes = take_digits(&p, 2);
	*ms += sign * (hours * 3600000 + minutes * 60000);
	return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 && *p == '\0';
}

/* "T02:10:11" and its zone; a leap second counts as the next minute's first. */
static bool parse_time_of_day(const char *p, int64_t *ms)
{
	int h, min, s;

	if (!take_char(&p, "Tt "))
		return false;
	h = take_digits(&p, 2);
	if (!take_char(&p, ":"))
		return false;
	min = take_digits(&p, 2);
	if (!take_char(&p, ":"))
		return false;
	s = take_digits(&p, 2);
	if (h < 0 || h > 23 || min < 0 || min > 59 || s < 0 || s > 60)
		return false;
	*ms += h * 3600000 + min * 60000 + s * 1000;
	if (take_char(&p, ".") && !parse_fraction(&p, ms))
		return false;
	return parse_zone(p, ms);
}

bool clock_parse(const char *text, int64_t now_ms, int64_t *ret_ms)
{
	int64_t age, ms;

	if (duration_parse(text, &age)) {
		*ret_ms = now_ms - age;
		return true;
	}
	if (!parse_date(&text, &ms) || (*text != '\0' && !parse_time_of_day(text, &ms)))
		return false;
	*ret_ms = ms;
	return true;
}

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{"w", 7 * DAY_MS}, {"d", DAY_MS}, {"h", 3600000}, {"ms", 1}, {"m", 60000}, {"s", 1000},
};

static const struct unit *unit_at(const char *p)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strncmp(p, units[i].name, strlen(units[i].name)) == 0)
			return &units[i];
	return NULL;
}

bool duration_parse(const char *text, int64_t *ret_ms)
{
	int64_t total = 0;

	if (*text == '\0')
		return false;
	while (*text != '\0') {
		const struct unit *unit;
		char *end;
		long long n;

		if (!isdigit((unsigned char)*text))
			return false;
		n = strtoll(text, &end, 10);
		unit = unit_at(end);
		if (unit == NULL || n > LONGEST_MS / unit->ms || total + n * unit->ms > LONGEST_MS)
			return false;
		total += n * unit->ms;
		text = end + strlen(unit->name);
	}
	*ret_ms = total;
	return true;
}

const char *duration_format(int64_t ms, char out[CLOCK_TEXT])
{
	const struct unit *best = NULL;

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(units[i].name, "w") != 0 && ms % units[i].ms == 0 &&
		    (best == NULL || units[i].ms > best->ms))
			best = &units[i];
	if (ms == 0)
		best = unit_at("s");
	snprintf(out, CLOCK_TEXT, "%lld%s", (long long)(ms / best->ms), best->name);
	return out;
}
