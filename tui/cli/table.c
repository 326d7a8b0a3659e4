/* SPDX-License-Identifier: MIT */
/* Tables for people are laid out here: measured in cells, numbers to the right, cut to the terminal. */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "draw/cells.h"

#define CELL_MAX_BYTES (64u << 10)
/* A column that shrinks keeps at least so many cells. */
#define LEAST_CELLS 8
#define GAP 2

struct table {
	const struct column *columns;
	size_t num_columns, num_rows;
	char **texts;           /* row by row, clean; owned */
	int *widths;            /* of the columns, in cells */
};

int text_cells(const char *text)
{
	size_t len = strlen(text);
	int cells = 0;

	while (len > 0) {
		uint32_t c;
		size_t n = text_utf8_next(text, len, &c);

		cells += cells_of_char(c);
		text += n;
		len -= n;
	}
	return cells;
}

/* How many bytes of the text fit into so many cells. */
static size_t bytes_in_cells(const char *text, int cells)
{
	size_t len = strlen(text), at = 0;

	while (at < len) {
		uint32_t c;
		size_t n = text_utf8_next(text + at, len - at, &c);

		cells -= cells_of_char(c);
		if (cells < 0)
			break;
		at += n;
	}
	return at;
}

static char *cell_make(const struct column *column, const json_t *item)
{
	struct buf raw, clean;

	buf_init(&raw, CELL_MAX_BYTES);
	buf_init(&clean, CELL_MAX_BYTES * 8);
	column->cell(column, item, &raw);
	text_clean(&clean, raw.data, raw.len, false);
	buf_release(&raw);
	return buf_detach(&clean);
}

static void table_init(struct table *table, const struct column *columns, size_t num_columns, const json_t *items)
{
	*table = (struct table){.columns = columns, .num_columns = num_columns, .num_rows = json_array_size(items)};
	table->texts = xcalloc(table->num_rows * num_columns + 1, sizeof(char *));
	table->widths = xcalloc(num_columns, sizeof(int));
	for (size_t c = 0; c < num_columns; c++)
		table->widths[c] = text_cells(columns[c].title);
	for (size_t at = 0; at < table->num_rows * num_columns; at++) {
		size_t c = at % num_columns;
		int cells;

		table->texts[at] = cell_make(&columns[c], json_array_get(items, at / num_columns));
		cells = text_cells(table->texts[at]);
		table->widths[c] = cells > table->widths[c] ? cells : table->widths[c];
	}
}

static void table_release(struct table *table)
{
	for (size_t i = 0; i < table->num_rows * table->num_columns; i++)
		free(table->texts[i]);
	free(table->texts);
	free(table->widths);
}

static int table_width(const struct table *table)
{
	int width = 0;

	for (size_t c = 0; c < table->num_columns; c++)
		width += table->widths[c] + (c > 0 ? GAP : 0);
	return width;
}

/* Takes cells off the widest columns that may shrink, one by one, until it fits or cannot. */
static void table_fit(struct table *table, int width)
{
	for (int excess = table_width(table) - width; width > 0 && excess > 0; excess--) {
		size_t widest = table->num_columns;

		for (size_t c = 0; c < table->num_columns; c++)
			if ((table->columns[c].flags & COLUMN_SHRINKS) && table->widths[c] > LEAST_CELLS &&
			    (widest == table->num_columns || table->widths[c] > table->widths[widest]))
				widest = c;
		if (widest == table->num_columns)
			return;
		table->widths[widest]--;
	}
}

/* last: nothing follows, so nothing is filled up. */
static void put_cell(FILE *out, const char *text, int width, unsigned flags, int last)
{
	int cells = text_cells(text);
	size_t len = strlen(text);

	if (cells > width) {
		len = bytes_in_cells(text, width - 1);
		fprintf(out, "%.*s…%*s", (int)len, text, last ? 0 : GAP, "");
		return;
	}
	if (flags & COLUMN_RIGHT)
		fprintf(out, "%*s", width - cells, "");
	fwrite(text, 1, len, out);
	if (!last)
		fprintf(out, "%*s", (flags & COLUMN_RIGHT ? 0 : width - cells) + GAP, "");
}

void table_print_width(FILE *out, const struct column *columns, size_t num_columns, const json_t *items, int width,
		       int bold)
{
	struct table table;

	table_init(&table, columns, num_columns, items);
	table_fit(&table, width);
	fputs(bold ? "\033[1m" : "", out);
	for (size_t c = 0; c < num_columns; c++)
		put_cell(out, columns[c].title, table.widths[c], columns[c].flags, c + 1 == num_columns);
	fputs(bold ? "\033[0m\n" : "\n", out);
	for (size_t at = 0; at < table.num_rows * num_columns; at++) {
		size_t c = at % num_columns;

		put_cell(out, table.texts[at], table.widths[c], columns[c].flags, c + 1 == num_columns);
		if (c + 1 == num_columns)
			putc('\n', out);
	}
	table_release(&table);
}

int table_has_colour(FILE *out)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no_colour == NULL || *no_colour == '\0') && isatty(fileno(out)) &&
	       (term == NULL || strcmp(term, "dumb") != 0);
}

void table_print(FILE *out, const struct column *columns, size_t num_columns, const json_t *items)
{
	struct winsize size = {0};

	if (isatty(fileno(out)))
		ioctl(fileno(out), TIOCGWINSZ, &size);
	table_print_width(out, columns, num_columns, items, size.ws_col, table_has_colour(out));
}

void table_print_object(FILE *out, const struct column *columns, size_t num_columns, const json_t *object)
{
	int width = 0;

	for (size_t c = 0; c < num_columns; c++) {
		int cells = text_cells(columns[c].title);

		width = cells > width ? cells : width;
	}
	for (size_t c = 0; c < num_columns; c++) {
		char *text = cell_make(&columns[c], object);

		fprintf(out, "%s%*s%s\n", columns[c].title, width - text_cells(columns[c].title) + GAP, "", text);
		free(text);
	}
}

void table_print_line(FILE *out, const struct column *columns, size_t num_columns, const json_t *object)
{
	for (size_t c = 0; c < num_columns; c++) {
		char *text = cell_make(&columns[c], object);

		put_cell(out, text, text_cells(text), 0, c + 1 == num_columns);
		free(text);
	}
	putc('\n', out);
}
