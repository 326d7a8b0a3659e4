/* SPDX-License-Identifier: MIT */
/* Bars and sparklines are made of glyphs here. */
#include "draw/chart.h"

#include <string.h>

static int scaled(int64_t amount, int64_t full, int width)
{
	return (int)(((__int128)amount * width + full / 2) / full);
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

struct bar_cells bar_measure(int64_t spent, int64_t projected, int64_t budget, int width)
{
	int64_t end = projected > spent ? projected : spent;
	int64_t full = end > budget ? end : budget;
	int to_spent = scaled(smaller(spent, budget), full, width);
	int to_inside = scaled(smaller(end, budget), full, width);

	/* Something is never shown as nothing. */
	if (spent > 0 && to_spent == 0 && width > 0)
		to_spent = 1;
	if (to_inside < to_spent)
		to_inside = to_spent;
	return (struct bar_cells){
		.spent = to_spent,
		.projected = to_inside - to_spent,
		.over = end > budget ? scaled(end, full, width) - to_inside : 0,
	};
}

static int put_run(struct area a, int row, int column, int n, enum role role, enum glyph g)
{
	for (int i = 0; i < n; i++)
		column = put(a, row, column, 1, role, glyph(g));
	return column;
}

void chart_bar(struct area a, int row, int column, int width, int64_t spent, int64_t projected, int64_t budget)
{
	struct bar_cells bar;
	int end = column + width;

	if (budget <= 0 || width <= 0)
		return;
	bar = bar_measure(spent, projected, budget, width);
	column = put_run(a, row, column, bar.spent, ROLE_NORMAL, GLYPH_SPENT);
	column = put_run(a, row, column, bar.projected, ROLE_DIM, GLYPH_PROJECTED);
	column = put_run(a, row, column, bar.over, ROLE_BAD, GLYPH_OVER);
	put_run(a, row, column, end - column, ROLE_DIM, GLYPH_FREE);
}

static int64_t average(const int64_t *values, size_t from, size_t to)
{
	__int128 sum = 0;

	for (size_t i = from; i < to; i++)
		sum += values[i];
	return (int64_t)(sum / (__int128)(to - from));
}

/* The value shown in one cell; -1 where there is none. */
static int64_t value_of(const int64_t *values, size_t n, size_t cell, size_t width)
{
	if (n > width)
		return average(values, cell * n / width, (cell + 1) * n / width);
	return cell >= width - n ? values[cell - (width - n)] : -1;
}

const char *spark(const int64_t *values, size_t n, int width, char out[SPARK_TEXT])
{
	int64_t top = 0;
	size_t len = 0, cells = width > 0 ? (size_t)width : 0;

	out[0] = '\0';
	for (size_t i = 0; i < cells; i++) {
		int64_t v = value_of(values, n, i, cells);

		top = v > top ? v : top;
	}
	for (size_t i = 0; i < cells && len + 4 < SPARK_TEXT; i++) {
		int64_t v = value_of(values, n, i, cells);
		int level = v > 0 ? (int)(((__int128)v * 8 + top - 1) / top) : 0;
		const char *g = level > 0 ? glyph(GLYPH_SPARK_1 + (enum glyph)(level - 1)) : " ";

		memcpy(out + len, g, strlen(g) + 1);
		len += strlen(g);
	}
	return out;
}
