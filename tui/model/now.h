/* SPDX-License-Identifier: MIT */
/* now.h — the time as screens show it: the clock, or what $TOLLGATE_NOW fixes it to. */
#ifndef MODEL_NOW_H
#define MODEL_NOW_H

#include <stdbool.h>
#include <stdint.h>

/* Wall milliseconds. */
int64_t now_ms(void);
bool now_is_fixed(void);

#define NOW_TEXT 24
/* "14:02:09" in the local time zone.  Returns out. */
const char *now_clock(int64_t wall_ms, char out[NOW_TEXT]);
/* "14:02" today, "Nov 21 18:03" this year, "2025-11-21" before.  Returns out. */
const char *now_stamp(int64_t wall_ms, char out[NOW_TEXT]);

#endif
