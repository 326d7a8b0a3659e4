/* SPDX-License-Identifier: MIT */
/*
 * clock.h — time, and time as text.
 *
 * Monotonic microseconds for durations and deadlines, wall milliseconds (UTC, since 1970) for
 * records.  A loop reads each once per turn; others ask here.
 *
 * Wall time does not go back within the process, so that windows and ids agree about it: after the system's
 * clock was set back, by up to a day, it goes on as if nothing had been.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

uint64_t clock_mono_us(void);
int64_t clock_wall_ms(void);
int64_t clock_wall_us(void);

/* Wall time is this at least, from now on: at the start of a program whose records are as new as that.  False,
 * and nothing has changed, when that is more than a day ahead of the system's clock. */
bool clock_wall_begin(int64_t wall_ms);

#define CLOCK_TEXT 32

/* "2026-11-23T02:10:11.123Z".  Returns out. */
const char *clock_format(int64_t wall_ms, char out[CLOCK_TEXT]);

/* RFC 3339 ("2026-11-23T02:10:11Z", with offset or fraction), a date ("2026-11-23", UTC midnight),
 * or an age ("7d", "90m": that long before now). */
bool clock_parse(const char *text, int64_t now_ms, int64_t *ret_ms);

/* "250ms", "30s", "5m", "12h", "30d", "2w", also "1h30m".  Milliseconds, never negative. */
bool duration_parse(const char *text, int64_t *ret_ms);

/* The shortest of the above that says the same: "90s", "2m", "250ms".  Returns out. */
const char *duration_format(int64_t ms, char out[CLOCK_TEXT]);

/* Civil date (proleptic Gregorian) to days since 1970-01-01, and back. */
int64_t days_from_civil(int64_t year, unsigned month, unsigned day);
void civil_from_days(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day);

#endif
