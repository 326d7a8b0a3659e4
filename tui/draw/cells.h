/* SPDX-License-Identifier: MIT */
/*
 * cells.h — text measured in cells of the terminal, without one.
 *
 * Every string from outside passes through cells_clip() before it is drawn: it is made harmless,
 * and cut so that it never reaches past its place.
 */
#ifndef DRAW_CELLS_H
#define DRAW_CELLS_H

#include <stddef.h>
#include <stdint.h>

/* Room for a clipped line: the widest screen, four bytes a cell, and some combining marks. */
#define CELLS_TEXT 2048

/* How many cells a character takes: 0 (combining), 1 or 2. */
int cells_of_char(uint32_t c);

/* Cells of a whole text, control characters counted as cells_clip() writes them. */
int cells_width(const char *text);

/*
 * As much of text as fits width cells: clean, in ASCII mode with '?' for every other cell.  Where
 * mark is not NULL and something was cut, the last cell is mark.  Returns the cells used.
 */
int cells_clip(const char *text, int width, const char *mark, char out[CELLS_TEXT]);

/* Clipped and filled with blanks to exactly width cells, to the right or the left edge. */
void cells_fill(const char *text, int width, int to_right, char out[CELLS_TEXT]);

#endif
