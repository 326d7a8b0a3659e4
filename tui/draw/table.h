/* SPDX-License-Identifier: MIT */
/*
 * table.h — a list with columns, a cursor and marks; it knows no model.
 *
 * What is selected, and what is marked, is an id: when the rows reorder under the cursor the
 * selection stays with the thing the person was looking at.
 */
#ifndef DRAW_TABLE_H
#define DRAW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "draw/put.h"
#include "input/request.h"

#define CELL_TEXT 256
#define MAX_COLUMNS 24
#define ROW_ID 128
#define MAX_MARKS 100

struct cell {
	char text[CELL_TEXT];
	enum role role;
};

/* One column; rows of a static const table. */
struct column {
	const char *title;
	const char *sort;               /* what the source calls it; NULL: not to be sorted by */
	unsigned char width;            /* cells; the least where flexible */
	unsigned char most;             /* above width: takes what is left, up to this */
	unsigned char drop;             /* 0: always there; else the highest goes first when it gets narrow */
	bool right;                     /* numbers end at the right edge */
	/* Writes the cell; text is empty and the role normal before. */
	void (*cell)(const void *row, struct cell *out);
	/* Instead of cell, for bars: draws it itself. */
	void (*paint)(const void *row, struct area, int y, int x, int width);
};

struct table_source {
	size_t (*count)(void *arg);
	const void *(*row)(void *arg, size_t i);        /* NULL: not fetched yet */
	const char *(*id)(const void *row);             /* borrowed */
	bool (*is_problem)(const void *row);            /* may be NULL */
	/* One more line under the selected row, or "".  May be NULL. */
	void (*note)(const void *row, struct cell *out);
};

struct table {
	const struct column *columns;
	size_t num_columns;
	const struct table_source *source;
	void *arg;                      /* for the source; borrowed */
	char selected[ROW_ID];
	size_t index;                   /* of the selected row */
	size_t top;                     /* first row shown */
	size_t shown;                   /* rows that fit, as last drawn */
	char marks[MAX_MARKS][ROW_ID];
	size_t num_marks;
};

/* Where each column begins and how wide it is; 0 where it was dropped.  Pure. */
struct table_layout {
	int x[MAX_COLUMNS], width[MAX_COLUMNS];
};

void table_layout(const struct column *columns, size_t num_columns, int width, struct table_layout *out);

void table_init(struct table *, const struct column *columns, size_t num_columns,
		const struct table_source *, void *arg);

/* Finds the selected id again after the rows changed. */
void table_sync(struct table *);

/* The row under the cursor, or NULL. */
const void *table_selected(struct table *);
void table_select(struct table *, const char *id);

/* Moves and marks; true when it was such a request. */
bool table_request(struct table *, enum request);

bool table_is_marked(const struct table *, const char *id);
void table_clear_marks(struct table *);

/* Headings in the first row, then what fits; focused: the cursor rests on the selected row. */
void table_draw(struct table *, struct area, bool focused);

#endif
