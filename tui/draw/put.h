/* SPDX-License-Identifier: MIT */
/*
 * put.h — the only way text gets on the screen: clean, clipped by cells, inside an area.
 *
 * An area is a rectangle of the screen.  Coordinates are relative to it; what lies outside is not
 * drawn, so nothing wraps and nobody overwrites a neighbour.
 */
#ifndef DRAW_PUT_H
#define DRAW_PUT_H

#include "draw/theme.h"

struct area {
	int y, x, height, width;
};

/* The part of an area from row and column on, at most height by width; never outside of it. */
struct area area_part(struct area, int row, int column, int height, int width);

/* Cuts height rows off the top, and returns them. */
struct area area_take_rows(struct area *, int height);

/* A rectangle of this size in the middle, smaller where it must be. */
struct area area_center(struct area, int height, int width);

/* Draws text in at most width cells, marked where it was cut; returns the column after it. */
int put(struct area, int row, int column, int width, enum role, const char *text);
int putf(struct area, int row, int column, enum role, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Only where it fits as a whole; the column stays as it was where not. */
int put_whole(struct area, int row, int column, enum role, const char *text);
/* So that it ends at column (which is not drawn on). */
void put_right(struct area, int row, int column, enum role, const char *text);

/* Fills a row, or all of it, with blanks in this role. */
void put_blank_row(struct area, int row, enum role);
void put_blank(struct area, enum role);

/* Gives the cells of a row a role without changing what is written there. */
void put_role(struct area, int row, int column, int width, enum role);

/* A border with a title in its upper edge and a word at the right of its lower one; returns the inside. */
struct area put_box(struct area, const char *title, const char *foot);

/* Where the hardware cursor rests after this frame: the selected row, or the place in a field. */
void put_cursor(struct area, int row, int column, bool visible);

#endif
