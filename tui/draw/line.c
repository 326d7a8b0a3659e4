/* SPDX-License-Identifier: MIT */
/* A line being typed is drawn here, scrolled so that its cursor is in sight. */
#include "draw/line.h"

#include <stdio.h>

#include "base/text.h"
#include "draw/cells.h"

/* The first byte that is shown: as many characters are left out as the cursor needs. */
static size_t first_shown(const struct field *f, int width)
{
	size_t from = 0;
	char before[FIELD_TEXT];

	for (;;) {
		uint32_t c;

		snprintf(before, sizeof(before), "%.*s", (int)(f->at - from), f->text + from);
		if (from >= f->at || cells_width(before) < width)
			return from;
		from += text_utf8_next(f->text + from, f->len - from, &c);
	}
}

void line_draw(const struct field *f, struct area a, enum role role, bool active)
{
	size_t from = first_shown(f, a.width);
	char before[FIELD_TEXT];

	put_blank_row(area_part(a, 0, 0, 1, a.width), 0, role);
	put(a, 0, 0, a.width, role, f->text + from);
	snprintf(before, sizeof(before), "%.*s", (int)(f->at - from), f->text + from);
	if (active)
		put_cursor(a, 0, cells_width(before), true);
}
