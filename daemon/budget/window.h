/* SPDX-License-Identifier: MIT */
/*
 * window.h — calendar windows as functions of time: nothing is reset by a job.
 *
 * Days, weeks (from Monday), months and years of a calendar that is utc_offset_min east of UTC.
 */
#ifndef BUDGET_WINDOW_H
#define BUDGET_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum window_kind { WINDOW_HOUR, WINDOW_DAY, WINDOW_WEEK, WINDOW_MONTH, WINDOW_YEAR, WINDOW_TOTAL };

struct window {
	enum window_kind kind;
	int utc_offset_min;
};

/* The window that holds wall_ms: [*ret_from_ms, *ret_until_ms).  WINDOW_TOTAL: 0 and INT64_MAX. */
void window_bounds(struct window, int64_t wall_ms, int64_t *ret_from_ms, int64_t *ret_until_ms);

const char *window_name(enum window_kind);              /* "month" */
bool window_parse(const char *name, enum window_kind *ret);

/* "500/month", "12.50/day": amount and window. */
bool window_parse_budget(const char *text, int64_t *ret_nusd, enum window_kind *ret);

#endif
