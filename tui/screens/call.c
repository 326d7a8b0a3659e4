/* SPDX-License-Identifier: MIT */
/*
 * One call: what was asked, who was tried for how long, what it used and cost, and why.
 *
 * j and k go on to the next and the previous call of the list it was opened from.
 */
#include "screens/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/reader.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "draw/table.h"
#include "screens/call_parts.h"
#include "screens/screens.h"
#include "screens/show.h"

struct call {
	char id[ROW_ID];
	struct resource resource;
	struct screen *list;
	const char *(*step)(struct screen *list, enum request);
	int scroll, rows, shown;        /* as last drawn */
};

static void look_at(struct call *c, const char *id)
{
	char *path = path_of("/v1/calls/", id, "");

	copy_text(c->id, sizeof(c->id), id);
	c->scroll = 0;
	resource_set_path(&c->resource, path);
	free(path);
}

static void call_opened(struct screen *s, const void *arg)
{
	const struct call_options *options = arg;
	struct call *c = s->state;

	c->list = options->list;
	c->step = options->step;
	resource_init(&c->resource, app_session(s->app), REFRESH_ON_CHANGE);
	look_at(c, options->id);
}

static void call_close(struct screen *s)
{
	struct call *c = s->state;

	resource_release(&c->resource);
}

/* NULL until the answer about this call, and not about the one before, is here. */
static const json_t *data_of(const struct call *c)
{
	const char *id = c->resource.data != NULL ? json_text_peek(c->resource.data, "id") : NULL;

	return id != NULL && strcmp(id, c->id) == 0 ? c->resource.data : NULL;
}

static int draw_parts(const json_t *data, struct area a, int y)
{
	int gap = a.height >= 18 ? 1 : 0, top = call_draw_head(data, a, y) + gap;

	y = call_draw_timeline(data, a, top);
	y += y > top ? gap : 0;
	y = call_draw_tokens(data, a, y);
	y = call_draw_cost(data, a, y);
	return call_draw_why(data, a, y + (a.height >= 30));
}

static void keep_inside(struct call *c)
{
	if (c->scroll > c->rows - c->shown)
		c->scroll = c->rows - c->shown;
	if (c->scroll < 0)
		c->scroll = 0;
}

static void call_draw(struct screen *s, struct area a)
{
	struct call *c = s->state;
	const json_t *data;

	resource_use(&c->resource);
	data = data_of(c);
	put_cursor(a, 0, 0, false);
	if (data == NULL) {
		put(a, 0, 1, a.width - 2, c->resource.error[0] != '\0' ? ROLE_WARN : ROLE_DIM,
		    c->resource.error[0] != '\0' ? c->resource.error : "asking the daemon...");
		return;
	}
	c->rows = draw_parts(data, a, -c->scroll) + c->scroll;
	c->shown = a.height;
	if (c->rows > c->shown + c->scroll)
		put_right(a, a.height - 1, a.width - 1, ROLE_KEY, " PgDn: more ");
}

static void say_candidate(struct buf *out, const json_t *row)
{
	const char *target = json_text_peek(row, "target"), *verdict = json_text_peek(row, "verdict");
	const char *reason = json_text_peek(row, "reason");

	buf_printf(out, "tier %lld  %-28s %3.0f%%  %s%s%s\n", (long long)json_int_peek(row, "tier", 0),
		   target != NULL ? target : "-", json_number_value(json_object_get(row, "share_percent")),
		   verdict != NULL ? verdict : "-", reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static void show_others(struct screen *s, const json_t *explanation)
{
	const json_t *order = json_object_get(explanation, "order");
	const char *chain = json_text_peek(explanation, "chain");
	struct buf text;

	buf_init(&text, 1 << 16);
	buf_printf(&text, "The chain %s as it is now would ask, in this order:\n\n", chain != NULL ? chain : "-");
	for (size_t i = 0; i < json_array_size(order); i++)
		say_candidate(&text, json_array_get(order, i));
	buf_puts(&text, "\nWhat was tried for this call, and passed over, stands behind \"why\".");
	reader_open(s->app, "Why not others", text.data);
	buf_release(&text);
}

static void on_explained(void *arg, const struct client_answer *answer)
{
	struct screen *s = arg;

	/* The person went on meanwhile. */
	if (app_top(s->app) != s)
		return;
	if (answer->err->code == ERR_NONE && answer->json != NULL)
		show_others(s, answer->json);
	else if (answer->status == 404)
		app_say(s->app, ROLE_NORMAL, "no chain has this name: the call names its target itself, nobody else is asked");
	else
		app_say(s->app, ROLE_BAD, "%s", answer->err->text);
}

static void ask_others(struct screen *s, const json_t *data)
{
	const char *asked = json_text_peek(data, "asked");
	char *path = path_of("/v1/chains/", asked != NULL ? asked : "-", "/explain");
	struct change question = {.method = "GET", .path = path};

	app_send(s, &question, on_explained);
	free(path);
}

static void open_key(struct screen *s, const json_t *data)
{
	const char *name = json_text_peek(data, "key");
	char filter[ROW_ID + 8];

	snprintf(filter, sizeof(filter), "key:%s", name != NULL ? name : "-");
	calls_open_with(s->app, filter);
}

static bool scroll(struct call *c, enum request r)
{
	if (r != REQUEST_PAGE_DOWN && r != REQUEST_PAGE_UP)
		return false;
	c->scroll += r == REQUEST_PAGE_DOWN ? c->shown - 1 : 1 - c->shown;
	keep_inside(c);
	return true;
}

static bool step(struct call *c, enum request r)
{
	const char *id = c->list != NULL ? c->step(c->list, r) : NULL;

	if (id != NULL && strcmp(id, c->id) != 0)
		look_at(c, id);
	return id != NULL;
}

static bool call_request(struct screen *s, enum request r)
{
	struct call *c = s->state;
	const json_t *data = data_of(c);

	if (r == REQUEST_COPY)
		app_copy(s->app, c->id, c->id);
	else if (r == REQUEST_RAW && data != NULL)
		reader_open_json(s->app, c->id, data);
	else if (r == REQUEST_WHY_NOT && data != NULL)
		ask_others(s, data);
	else if (r == REQUEST_OPEN && data != NULL)
		open_key(s, data);
	else
		return scroll(c, r) || step(c, r);
	return true;
}

static bool call_has_row(struct screen *s)
{
	return data_of(s->state) != NULL;
}

static void call_title(const struct screen *s, char *out, size_t size)
{
	const struct call *c = s->state;

	copy_text(out, size, c->id);
}

static const struct screen_ops call_screen = {
	.name = "Call",
	.kind = SCREEN_FULL,
	.context = CONTEXT_CALL,
	.state_size = sizeof(struct call),
	.open = call_opened,
	.close = call_close,
	.draw = call_draw,
	.request = call_request,
	.title = call_title,
	.has_row = call_has_row,
};

void call_open(struct app *app, const struct call_options *options)
{
	app_push(app, &call_screen, options);
}
