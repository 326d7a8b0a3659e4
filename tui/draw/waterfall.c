/* SPDX-License-Identifier: MIT */
/* Spans of time become rows of glyphs here. */
#include "draw/waterfall.h"

#include "base/fmt.h"
#include "draw/cells.h"

#define MARK_CELLS 10
/* Thirty centuries: beyond it is no time, and nothing overflows below. */
#define MOST_US (INT64_MAX / 100)

/* The cell in which this moment lies. */
static int cell_at(int64_t at, int64_t total, int width)
{
	if (total <= 0 || at <= 0)
		return 0;
	return at < total ? (int)((__int128)at * width / total) : width - 1;
}

struct span_cells span_measure(const struct span *s, int64_t total, int width)
{
	struct span_cells cells = {.start = cell_at(s->start, total, width), .end = cell_at(s->end, total, width)};

	if (cells.end < cells.start)
		cells.end = cells.start;
	cells.first = s->first_byte >= 0 ? cell_at(s->first_byte, total, width) : cells.end;
	if (cells.first < cells.start)
		cells.first = cells.start;
	if (cells.first > cells.end)
		cells.first = cells.end;
	return cells;
}

static enum glyph glyph_in(const struct span *s, const struct span_cells *c, int cell)
{
	if (cell == c->end)
		return s->failed ? GLYPH_FAILED : GLYPH_LAST_BYTE;
	if (cell == c->first && s->first_byte >= 0)
		return GLYPH_FIRST_BYTE;
	if (cell > c->first)
		return GLYPH_STREAMING;
	return cell == c->start ? GLYPH_SENT : GLYPH_WAITING;
}

void span_draw(struct area a, int row, int column, int width, const struct span *s, int64_t total)
{
	struct span_cells c = span_measure(s, total, width);

	for (int cell = c.start; cell <= c.end; cell++)
		put(a, row, column + cell, 1, s->failed ? ROLE_BAD : ROLE_NORMAL, glyph(glyph_in(s, &c, cell)));
}

int64_t scale_step(int64_t total, int width)
{
	static const int round[] = {1, 2, 5};
	int64_t power = 1, least = (total < MOST_US ? total : MOST_US) * MARK_CELLS / (width > 0 ? width : 1);

	for (;; power *= 10)
		for (int i = 0; i < 3; i++)
			if (power * round[i] >= least)
				return power * round[i];
}

void scale_draw(struct area a, int row, int column, int width, int64_t total)
{
	int64_t step = scale_step(total, width);
	char text[FMT_TEXT];

	if (total <= 0 || total > MOST_US)
		return;
	put(a, row, column, width, ROLE_DIM, "0");
	for (int64_t at = step; at < total; at += step) {
		int cell = cell_at(at, total, width);

		if (cell + cells_width(fmt_latency(at, text)) <= width)
			put(a, row, column + cell, width - cell, ROLE_DIM, text);
	}
}
