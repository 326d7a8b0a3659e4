/* SPDX-License-Identifier: MIT */
/* Text is put on the screen here, and nowhere else. */
#include "draw/put.h"

#include <stdarg.h>
#include <stdio.h>

#include "draw/cells.h"
#include "draw/term.h"

static int min(int a, int b)
{
	return a < b ? a : b;
}

static int at_least_0(int n)
{
	return n > 0 ? n : 0;
}

struct area area_part(struct area a, int row, int column, int height, int width)
{
	row = min(at_least_0(row), a.height);
	column = min(at_least_0(column), a.width);
	return (struct area){a.y + row, a.x + column, at_least_0(min(height, a.height - row)),
			     at_least_0(min(width, a.width - column))};
}

struct area area_take_rows(struct area *a, int height)
{
	struct area top = area_part(*a, 0, 0, height, a->width);

	a->y += top.height;
	a->height -= top.height;
	return top;
}

struct area area_center(struct area a, int height, int width)
{
	height = min(height, a.height);
	width = min(width, a.width);
	return area_part(a, (a.height - height) / 2, (a.width - width) / 2, height, width);
}

int put(struct area a, int row, int column, int width, enum role role, const char *text)
{
	char clipped[CELLS_TEXT];

	if (row < 0 || row >= a.height || column < 0 || column >= a.width)
		return column;
	width = cells_clip(text, min(width, a.width - column), glyph(GLYPH_CUT), clipped);
	term_write(a.y + row, a.x + column, role, clipped);
	return column + width;
}

int putf(struct area a, int row, int column, enum role role, const char *fmt, ...)
{
	char text[CELLS_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return put(a, row, column, a.width, role, text);
}

int put_whole(struct area a, int row, int column, enum role role, const char *text)
{
	return column + cells_width(text) <= a.width ? put(a, row, column, a.width, role, text) : column;
}

void put_right(struct area a, int row, int column, enum role role, const char *text)
{
	int start = column - cells_width(text);

	put(a, row, at_least_0(start), column - at_least_0(start), role, text);
}

void put_blank_row(struct area a, int row, enum role role)
{
	char blank[CELLS_TEXT];

	cells_fill("", min(a.width, CELLS_TEXT / 2), 0, blank);
	put(a, row, 0, a.width, role, blank);
}

void put_blank(struct area a, enum role role)
{
	for (int row = 0; row < a.height; row++)
		put_blank_row(a, row, role);
}

void put_role(struct area a, int row, int column, int width, enum role role)
{
	if (row >= 0 && row < a.height && column >= 0 && column < a.width)
		term_set_role(a.y + row, a.x + column, min(width, a.width - column), role);
}

static void put_edge(struct area a, int row, enum glyph left, enum glyph right)
{
	put(a, row, 0, 1, ROLE_BOX, glyph(left));
	for (int x = 1; x < a.width - 1; x++)
		put(a, row, x, 1, ROLE_BOX, glyph(GLYPH_LINE));
	put(a, row, a.width - 1, 1, ROLE_BOX, glyph(right));
}

struct area put_box(struct area a, const char *title, const char *foot)
{
	char text[CELLS_TEXT];

	put_blank(a, ROLE_BOX);
	put_edge(a, 0, GLYPH_CORNER_TOP_LEFT, GLYPH_CORNER_TOP_RIGHT);
	for (int row = 1; row < a.height - 1; row++) {
		put(a, row, 0, 1, ROLE_BOX, glyph(GLYPH_POST));
		put(a, row, a.width - 1, 1, ROLE_BOX, glyph(GLYPH_POST));
	}
	put_edge(a, a.height - 1, GLYPH_CORNER_BOTTOM_LEFT, GLYPH_CORNER_BOTTOM_RIGHT);
	snprintf(text, sizeof(text), " %s ", title);
	put(a, 0, 2, a.width - 4, ROLE_TITLE, text);
	if (foot != NULL && foot[0] != '\0') {
		snprintf(text, sizeof(text), " %s ", foot);
		put_right(a, a.height - 1, a.width - 1, ROLE_BOX, text);
	}
	return area_part(a, 1, 1, a.height - 2, a.width - 2);
}

void put_cursor(struct area a, int row, int column, bool visible)
{
	if (row >= 0 && row < a.height && column >= 0 && column < a.width)
		term_set_cursor(a.y + row, a.x + column, visible);
}
