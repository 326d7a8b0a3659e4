/* SPDX-License-Identifier: MIT */
/*
 * call_parts.h — the parts of one call's screen, from top to bottom.
 *
 * Each draws from row y on, which may lie above the area when it is scrolled, and returns the row after it.
 */
#ifndef SCREENS_CALL_PARTS_H
#define SCREENS_CALL_PARTS_H

#include <jansson.h>

#include "draw/put.h"

int call_draw_head(const json_t *call, struct area, int y);
int call_draw_timeline(const json_t *call, struct area, int y);
int call_draw_tokens(const json_t *call, struct area, int y);
int call_draw_cost(const json_t *call, struct area, int y);
int call_draw_why(const json_t *call, struct area, int y);

#endif
