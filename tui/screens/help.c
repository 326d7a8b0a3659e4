/* SPDX-License-Identifier: MIT */
/* The keys of the screen below, made from the keymap: typing searches, Enter runs what is marked. */
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "base/mem.h"
#include "draw/cells.h"
#include "draw/line.h"
#include "input/field.h"
#include "screens/screens.h"

#define MAX_LINES 160
#define BOX_WIDTH 74

struct help_line {
	enum request request;
	char keys[32];
	bool own;               /* of this screen, not of all */
};

struct help {
	enum context context;
	char title[64];
	struct help_line lines[MAX_LINES];
	size_t num_lines;
	size_t matches[MAX_LINES], num_matches;
	size_t at, top;
	struct field field;
};

static struct help_line *line_of(struct help *h, enum request r)
{
	for (size_t i = 0; i < h->num_lines; i++)
		if (h->lines[i].request == r)
			return &h->lines[i];
	return NULL;
}

static void add_binding(struct help *h, const struct binding *b)
{
	struct help_line *line = line_of(h, b->request);
	size_t len;

	if (line == NULL && h->num_lines < MAX_LINES) {
		line = &h->lines[h->num_lines++];
		line->request = b->request;
		line->own = b->context == h->context;
	}
	if (line == NULL)
		return;
	len = strlen(line->keys);
	snprintf(line->keys + len, sizeof(line->keys) - len, "%s%s", len > 0 ? " " : "", b->key);
}

static void search(struct help *h)
{
	h->num_matches = 0;
	h->at = h->top = 0;
	for (size_t i = 0; i < h->num_lines; i++) {
		const struct request_info *info = request_info(h->lines[i].request);

		if (strcasestr(info->help, h->field.text) != NULL || strcasestr(info->name, h->field.text) != NULL ||
		    strcmp(h->lines[i].keys, h->field.text) == 0)
			h->matches[h->num_matches++] = i;
	}
}

static void help_open(struct screen *s, const void *arg)
{
	struct help *h = s->state;
	const struct binding *b = NULL;

	(void)arg;
	h->context = screen_context(s->below);
	snprintf(h->title, sizeof(h->title), "Help: %s", s->below->ops->name);
	while ((b = keymap_next(h->context, b)) != NULL)
		add_binding(h, b);
	search(h);
}

static void draw_line(struct screen *s, struct area a, int y, size_t i)
{
	struct help *h = s->state;
	const struct help_line *line = &h->lines[h->matches[i]];
	char why[256], keys[CELLS_TEXT];
	bool refused = app_refusal(s->app, s->below, line->request, why, sizeof(why)) != NULL;
	bool marked = i == h->at;
	int x;

	cells_fill(line->keys, 20, 0, keys);
	if (marked) {
		put_blank_row(a, y, ROLE_SELECTED);
		put_cursor(a, y, 0, false);
	}
	x = putf(a, y, 0, marked ? ROLE_SELECTED : ROLE_KEY, "%s %s", marked ? ">" : " ", keys);
	x = put(a, y, x + 1, a.width - x - 1, marked ? ROLE_SELECTED : refused ? ROLE_DIM : ROLE_NORMAL,
		request_info(line->request)->help);
	if (!line->own)
		put_right(a, y, a.width - 1, marked ? ROLE_SELECTED : ROLE_DIM, "everywhere");
	else if (refused)
		put(a, y, x + 2, a.width - x - 2, marked ? ROLE_SELECTED : ROLE_DIM, why);
}

static void help_draw(struct screen *s, struct area a)
{
	struct help *h = s->state;
	int height = (int)h->num_lines + 3;
	struct area in = put_box(area_center(a, height, BOX_WIDTH), h->title, "made from the keymap");
	size_t shown = in.height > 1 ? (size_t)in.height - 1 : 0;
	int x = put(in, 0, 1, in.width, ROLE_KEY, "/");

	line_draw(&h->field, area_part(in, 0, x, 1, 24), ROLE_NORMAL, h->num_matches == 0);
	put_right(in, 0, in.width - 1, ROLE_DIM, "type to search, Enter runs it");
	if (h->at < h->top)
		h->top = h->at;
	if (shown > 0 && h->at >= h->top + shown)
		h->top = h->at - shown + 1;
	for (size_t i = h->top; i < h->num_matches && i < h->top + shown; i++)
		draw_line(s, in, 1 + (int)(i - h->top), i);
}

static void run_marked(struct screen *s)
{
	struct help *h = s->state;
	struct app *app = s->app;
	enum request r = h->num_matches > 0 ? h->lines[h->matches[h->at]].request : REQUEST_NONE;

	app_pop(s);
	if (r != REQUEST_NONE)
		app_request(app, r);
}

static void move_by(struct help *h, long by)
{
	long to = (long)h->at + by, last = (long)h->num_matches - 1;

	h->at = (size_t)(to < 0 ? 0 : to > last ? (last > 0 ? last : 0) : to);
}

static bool help_request(struct screen *s, enum request r)
{
	struct help *h = s->state;

	if (r == REQUEST_MOVE_DOWN || r == REQUEST_MOVE_UP)
		move_by(h, r == REQUEST_MOVE_DOWN ? 1 : -1);
	else if (r == REQUEST_PAGE_DOWN || r == REQUEST_PAGE_UP)
		move_by(h, r == REQUEST_PAGE_DOWN ? 10 : -10);
	else if (r == REQUEST_ACCEPT)
		run_marked(s);
	else if (field_request(&h->field, r))
		search(h);
	else
		return false;
	return true;
}

static void help_text(struct screen *s, const char *utf8, bool pasted)
{
	struct help *h = s->state;

	(void)pasted;
	field_insert(&h->field, utf8);
	search(h);
}

const struct screen_ops help_screen = {
	.name = "Help",
	.kind = SCREEN_BOX,
	.context = CONTEXT_HELP,
	.state_size = sizeof(struct help),
	.open = help_open,
	.draw = help_draw,
	.request = help_request,
	.text = help_text,
};
