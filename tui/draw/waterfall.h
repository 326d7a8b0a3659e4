/* SPDX-License-Identifier: MIT */
/* waterfall.h — spans of time under a common scale. */
#ifndef DRAW_WATERFALL_H
#define DRAW_WATERFALL_H

#include <stdbool.h>
#include <stdint.h>

#include "draw/put.h"

/* Microseconds after the beginning of it all. */
struct span {
	int64_t start, end;
	int64_t first_byte;     /* negative: none came */
	bool failed;
};

/* The cells of a span: waited from start up to first, answered from there to end; at least one. */
struct span_cells {
	int start, first, end;  /* end is the last cell */
};

/* total is the whole scale's length; everything stays within width cells. */
struct span_cells span_measure(const struct span *, int64_t total, int width);

void span_draw(struct area, int row, int column, int width, const struct span *, int64_t total);

/* The marks of the scale: a whole number of a round step, not nearer than ten cells. */
int64_t scale_step(int64_t total, int width);
void scale_draw(struct area, int row, int column, int width, int64_t total);

#endif
