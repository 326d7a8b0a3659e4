/* SPDX-License-Identifier: MIT */
/*
 * Calls as they end, newest on top, narrowed by what is typed after "/".
 *
 * At the top the list follows; further down, or behind a call that is looked at, it holds still and says
 * how many more there are.
 */
#include <stdio.h>
#include <string.h>

#include "app/prompt.h"
#include "base/buf.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "model/feed.h"
#include "model/now.h"
#include "screens/call.h"
#include "screens/calls_columns.h"
#include "screens/calls_head.h"
#include "screens/screens.h"
#include "screens/show.h"

struct calls {
	struct feed feed;
	struct table table;
	struct table_source source;
	struct calls_head head;
	char filter[FIELD_TEXT];
	char filter_error[256];
};

static size_t count_rows(void *arg)
{
	const struct calls *c = arg;

	return c->feed.num_rows;
}

static const void *row_at(void *arg, size_t i)
{
	const struct calls *c = arg;

	return i < c->feed.num_rows ? c->feed.rows[i] : NULL;
}

static const char *id_of(const void *row)
{
	return json_text_peek(row, "id");
}

/* Why the call under the cursor did not end well.  Not while following: the rows below would dance. */
static void note(const void *row, struct cell *out)
{
	if (call_is_problem(row) && json_text_peek(row, "error") != NULL) {
		show_text(out, row, "error");
		out->role = ROLE_WARN;
	}
}

static void calls_open(struct screen *s, const void *arg)
{
	struct calls *c = s->state;

	(void)arg;
	feed_init(&c->feed, app_session(s->app));
	calls_head_open(&c->head, app_session(s->app));
	c->source = (struct table_source){.count = count_rows, .row = row_at, .id = id_of, .is_problem = call_is_problem};
	table_init(&c->table, calls_columns, CALLS_NUM_COLUMNS, &c->source, c);
}

static void calls_close(struct screen *s)
{
	struct calls *c = s->state;

	feed_release(&c->feed);
	calls_head_close(&c->head);
}

/* -- drawing ------------------------------------------------------------------------------------- */

static void draw_nothing(const struct calls *c, struct area a)
{
	const struct resource *recent = &c->feed.recent;

	if (recent->error[0] != '\0' && recent->session->link == LINK_LIVE)
		put(a, 0, 1, a.width - 2, ROLE_BAD, recent->error);
	else if (feed_is_empty_yet(&c->feed))
		put(a, 0, 1, a.width - 2, ROLE_DIM, recent->session->link == LINK_DOWN ? "" : "asking the daemon...");
	else if (c->filter[0] != '\0')
		put(a, 0, 1, a.width - 2, ROLE_DIM, "none of the newest calls matches the filter; Esc drops it");
	else
		put(a, 0, 1, a.width - 2, ROLE_DIM, "no calls yet; they appear here as they end");
}

static void draw_count(const struct calls *c, struct area a)
{
	char text[128], waiting[FMT_TEXT];

	if (c->filter_error[0] != '\0') {
		put(a, 0, 1, a.width - 2, ROLE_WARN, c->filter_error);
		return;
	}
	if (c->feed.num_rows == 0) {
		draw_nothing(c, a);
		return;
	}
	snprintf(text, sizeof(text), "%zu of the newest %zu", c->table.index + 1, c->feed.num_rows);
	if (!c->feed.held)
		putf(a, 0, 1, ROLE_DIM, "following; %s", text);
	else
		putf(a, 0, 1, ROLE_KEY, "held, %s new, %s follows; %s", fmt_count((int64_t)feed_waiting(&c->feed), waiting),
		     keymap_key_of(CONTEXT_CALLS, REQUEST_FOLLOW), text);
	if (a.width >= 100)
		put_right(a, 0, a.width - 1, ROLE_DIM, "can: the client left   cut: broke off   ~ estimated");
}

static void calls_draw(struct screen *s, struct area a)
{
	struct calls *c = s->state;
	struct area foot = area_part(a, a.height - 1, 0, 1, a.width);

	a.height -= foot.height;
	feed_use(&c->feed, c->table.top + c->table.shown);
	if (!c->feed.held && c->feed.num_rows > 0)
		table_select(&c->table, id_of(c->feed.rows[0]));
	c->source.note = c->feed.held ? note : NULL;
	if (a.height >= 12)
		calls_head_draw(&c->head, &c->feed, area_take_rows(&a, 1));
	table_draw(&c->table, a, true);
	draw_count(c, foot);
}

/* -- the filter ---------------------------------------------------------------------------------- */

static void set_filter(struct screen *s, const char *text)
{
	struct calls *c = s->state;
	struct err err = {0};
	struct filter filter;

	copy_text(c->filter, sizeof(c->filter), text);
	c->filter_error[0] = '\0';
	if (filter_parse(text, calls_filters, &filter, &err) < 0) {
		copy_text(c->filter_error, sizeof(c->filter_error), err.text);
		return;
	}
	feed_set_filter(&c->feed, &filter);
	calls_head_set_filter(&c->head, &c->feed);
	app_redraw(s->app);
}

static void filter_changed(struct screen *s, struct field *field, bool pasted)
{
	(void)pasted;
	set_filter(s, field->text);
}

static void filter_closed(struct screen *s, const char *text, bool kept)
{
	(void)text;
	if (!kept)
		set_filter(s, "");
}

static void ask_filter(struct screen *s)
{
	struct calls *c = s->state;
	struct prompt_options options = {.label = "/", .text = c->filter, .owner = s, .changed = filter_changed,
					 .closed = filter_closed};

	prompt_open(s->app, &options);
}

/* -- moving -------------------------------------------------------------------------------------- */

static void follow(struct calls *c)
{
	feed_hold(&c->feed, false);
	c->table.top = 0;
}

/* At the newest it follows again. */
static bool move(struct calls *c, enum request r)
{
	if (!table_request(&c->table, r))
		return false;
	if (c->table.index == 0)
		follow(c);
	else
		feed_hold(&c->feed, true);
	return true;
}

/* For the call that is looked at: its neighbours.  The rows stay, also at the top. */
static const char *step(struct screen *s, enum request r)
{
	struct calls *c = s->state;
	bool moved = move(c, r);

	feed_hold(&c->feed, true);
	return moved && c->table.selected[0] != '\0' ? c->table.selected : NULL;
}

static void open_selected(struct screen *s)
{
	struct calls *c = s->state;
	struct call_options options = {.id = c->table.selected, .list = s, .step = step};

	feed_hold(&c->feed, true);
	call_open(s->app, &options);
}

static bool calls_request(struct screen *s, enum request r)
{
	struct calls *c = s->state;

	if (r == REQUEST_OPEN)
		open_selected(s);
	else if (r == REQUEST_FOLLOW)
		follow(c);
	else if (r == REQUEST_FILTER)
		ask_filter(s);
	else if (r == REQUEST_BACK && c->filter[0] != '\0')
		set_filter(s, "");
	else if (r == REQUEST_COPY && c->table.selected[0] != '\0')
		app_copy(s->app, c->table.selected, c->table.selected);
	else
		return move(c, r);
	return true;
}

static bool calls_has_row(struct screen *s)
{
	struct calls *c = s->state;

	return table_selected(&c->table) != NULL;
}

static void calls_facts(const struct screen *s, char *out, size_t size)
{
	const struct calls *c = s->state;

	snprintf(out, size, "filter: %s", c->filter[0] != '\0' ? c->filter : "none");
}

void calls_open_with(struct app *app, const char *filter)
{
	struct screen *s = app_go(app, &calls_screen, false);

	if (s == NULL)
		return;
	follow(s->state);
	set_filter(s, filter);
}

const struct screen_ops calls_screen = {
	.name = "Calls",
	.kind = SCREEN_FULL,
	.context = CONTEXT_CALLS,
	.state_size = sizeof(struct calls),
	.open = calls_open,
	.close = calls_close,
	.draw = calls_draw,
	.request = calls_request,
	.facts = calls_facts,
	.has_row = calls_has_row,
};
