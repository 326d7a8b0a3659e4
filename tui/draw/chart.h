/* SPDX-License-Identifier: MIT */
/* chart.h — numbers as rows of glyphs: a budget's bar and a sparkline. */
#ifndef DRAW_CHART_H
#define DRAW_CHART_H

#include <stddef.h>
#include <stdint.h>

#include "draw/put.h"

/* How many cells of a bar are spent, projected beyond that, and beyond the budget. */
struct bar_cells {
	int spent, projected, over;
};

/*
 * The scale is the larger of budget and projection, so that the part beyond begins exactly at the
 * budget.  Amounts in any one unit, never negative; budget > 0.
 */
struct bar_cells bar_measure(int64_t spent, int64_t projected, int64_t budget, int width);

void chart_bar(struct area, int row, int column, int width, int64_t spent, int64_t projected, int64_t budget);

#define SPARK_TEXT 512

/*
 * A glyph for each of width cells, scaled to the largest: a blank for nothing.  More values than cells
 * are averaged, fewer stand at the right.  Returns out.
 */
const char *spark(const int64_t *values, size_t n, int width, char out[SPARK_TEXT]);

#endif
