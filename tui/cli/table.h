/* SPDX-License-Identifier: MIT */
/*
 * table.h — JSON objects as tables and lists for people.
 *
 * A column is a row: its title, the member it shows, and a function that writes the cell.  Every
 * cell is cleaned before it is printed.  Unknown is "-".
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

struct buf;
struct column;

enum column_flag {
	COLUMN_RIGHT = 1,       /* numbers */
	COLUMN_SHRINKS = 2,     /* is cut where the terminal is too narrow */
};

typedef void cell(const struct column *, const json_t *item, struct buf *out);

struct column {
	const char *title;
	const char *member;
	cell *cell;
	unsigned flags;
};

cell cell_text;         /* text, numbers, lists joined with commas */
cell cell_all;          /* as cell_text; null is "all" */
cell cell_money;        /* a decimal string, shortened */
cell cell_usd;          /* a decimal string, exact, with its sign */
cell cell_count;        /* shortened: 18.2k */
cell cell_latency;      /* microseconds */
cell cell_percent;      /* a number of percent, one place */
cell cell_age;          /* a time, as how long ago */
cell cell_time;         /* a time, UTC, to the second */
cell cell_until;        /* a time, UTC, to the day; null is "never" */
cell cell_since;        /* a time, UTC, to the day; null is "ever" */
cell cell_budget;       /* of the member's list of budgets the first: "12.4/500 month" */
cell cell_budgets;      /* all of them */

/* width in cells, 0: as wide as it gets.  bold: whether headings are. */
void table_print_width(FILE *out, const struct column *, size_t num_columns, const json_t *items, int width,
		       int bold);
/* The same for out as it is: its width when it is a terminal, colour unless NO_COLOR. */
void table_print(FILE *out, const struct column *, size_t num_columns, const json_t *items);
/* One object as a line of fields that end with two blanks, for what comes bit by bit. */
void table_print_line(FILE *out, const struct column *, size_t num_columns, const json_t *object);
/* One object, a line per column. */
void table_print_object(FILE *out, const struct column *, size_t num_columns, const json_t *object);

/* Cells that clean UTF-8 text takes. */
int text_cells(const char *text);
/* Whether escape sequences may be written there. */
int table_has_colour(FILE *out);

#endif
