/* SPDX-License-Identifier: MIT */
/* Long text is broken into rows here. */
#include "draw/wrap.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "draw/cells.h"

/* Cells of the character at text, written as it will be: escapes take more than one. */
static int cells_at(const char *text, size_t *ret_bytes)
{
	char one[8];
	uint32_t c;

	*ret_bytes = text_utf8_next(text, strnlen(text, 4), &c);
	if (c >= 0x20 && c < 0x7f)
		return 1;
	copy_text(one, *ret_bytes + 1, text);
	return cells_width(one);
}

size_t wrap_row(const char *text, int width, const char **ret_next)
{
	const char *space = NULL, *p = text;
	int used = 0;

	while (*p != '\0' && *p != '\n') {
		size_t bytes;
		int cells = cells_at(p, &bytes);

		if (*p == ' ')
			space = p;
		if (used + cells > width && p > text) {
			/* A blank may stand beyond the edge: nobody sees it. */
			*ret_next = space != NULL && space > text ? space + 1 : p;
			return (size_t)((space != NULL && space > text ? space : p) - text);
		}
		used += cells;
		p += bytes;
	}
	*ret_next = *p == '\n' ? p + 1 : p;
	return (size_t)(p - text);
}

int wrap_count(const char *text, int width)
{
	int rows = 0;

	while (*text != '\0') {
		wrap_row(text, width, &text);
		rows++;
	}
	return rows;
}

int put_wrapped(struct area a, int row, int column, enum role role, const char *text)
{
	int width = a.width - column - 1;

	while (*text != '\0') {
		const char *next;
		char line[CELLS_TEXT];
		size_t len = wrap_row(text, width, &next);

		copy_text(line, len + 1 < sizeof(line) ? len + 1 : sizeof(line), text);
		put(a, row++, column, width, role, line);
		text = next;
	}
	return row;
}
