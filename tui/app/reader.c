/* SPDX-License-Identifier: MIT */
/* Text is read in a box here. */
#include "app/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "draw/cells.h"
#include "draw/wrap.h"

#define WIDEST 100

struct reader {
	char *title, *text;     /* owned */
	int top, rows, shown;   /* as last drawn */
};

struct reader_texts {
	const char *title, *text;
};

static void reader_opened(struct screen *s, const void *arg)
{
	struct reader *r = s->state;
	const struct reader_texts *texts = arg;

	r->title = xstrdup(texts->title);
	r->text = xstrdup(texts->text);
}

static void reader_close(struct screen *s)
{
	struct reader *r = s->state;

	free(r->title);
	free(r->text);
}

static void keep_inside(struct reader *r)
{
	if (r->top > r->rows - r->shown)
		r->top = r->rows - r->shown;
	if (r->top < 0)
		r->top = 0;
}

static void reader_draw(struct screen *s, struct area a)
{
	struct reader *r = s->state;
	int width = a.width - 4 < WIDEST ? a.width - 4 : WIDEST;
	char foot[64] = "";
	struct area in;

	r->rows = wrap_count(r->text, width - 4);
	r->shown = r->rows < a.height - 2 ? r->rows : a.height - 2;
	keep_inside(r);
	if (r->rows > r->shown)
		snprintf(foot, sizeof(foot), "%d to %d of %d", r->top + 1, r->top + r->shown, r->rows);
	in = put_box(area_center(a, r->shown + 2, width), r->title, foot);
	put_wrapped(in, -r->top, 1, ROLE_NORMAL, r->text);
	put_cursor(in, 0, 0, false);
}

static bool reader_request(struct screen *s, enum request request)
{
	static const struct {
		enum request request;
		int pages, rows;
	} moves[] = {
		{REQUEST_MOVE_DOWN, 0, 1}, {REQUEST_MOVE_UP, 0, -1},      {REQUEST_PAGE_DOWN, 1, -1},
		{REQUEST_PAGE_UP, -1, 1},  {REQUEST_FIRST, -10000, 0}, {REQUEST_LAST, 10000, 0},
	};
	struct reader *r = s->state;

	for (size_t i = 0; i < ARRAY_LEN(moves); i++)
		if (moves[i].request == request) {
			r->top += moves[i].pages * r->shown + moves[i].rows;
			keep_inside(r);
			return true;
		}
	return false;
}

static const struct screen_ops reader_screen = {
	.name = "Text",
	.kind = SCREEN_BOX,
	.context = CONTEXT_READ,
	.state_size = sizeof(struct reader),
	.open = reader_opened,
	.close = reader_close,
	.draw = reader_draw,
	.request = reader_request,
};

void reader_open(struct app *app, const char *title, const char *text)
{
	struct reader_texts texts = {title, text};

	app_push(app, &reader_screen, &texts);
}

void reader_open_json(struct app *app, const char *title, const json_t *object)
{
	char *text = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	if (text != NULL)
		reader_open(app, title, text);
	free(text);
}
