/* SPDX-License-Identifier: MIT */
/* wrap.h — text over several rows, broken between words. */
#ifndef DRAW_WRAP_H
#define DRAW_WRAP_H

#include <stddef.h>

#include "draw/put.h"

/*
 * How many bytes of text belong on a row of width cells, and by *ret_next where the next row begins
 * (the text's end when there is none).  A newline always ends a row; a word longer than a row is cut.
 */
size_t wrap_row(const char *text, int width, const char **ret_next);

/* Rows that text takes. */
int wrap_count(const char *text, int width);

/* Draws text from row and column on to the right edge; returns the row after it.  Rows outside are skipped. */
int put_wrapped(struct area, int row, int column, enum role, const char *text);

#endif
