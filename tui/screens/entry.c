/* SPDX-License-Identifier: MIT */
/* One entry of the audit: every member before and after, and the way back. */
#include "screens/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/confirm.h"
#include "app/reader.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "draw/wrap.h"
#include "model/difference.h"
#include "model/now.h"
#include "screens/act.h"
#include "screens/screens.h"
#include "screens/show.h"

#define NAME_CELLS 18
#define TEXT_MAX (1u << 16)

struct entry {
	json_t *entry;          /* owned */
	int scroll, rows, shown;        /* as last drawn */
};

void entry_difference(const json_t *entry, char *out, size_t size)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	difference_say(json_object_get(entry, "before"), json_object_get(entry, "after"), &text);
	copy_text(out, size, text.data);
	buf_release(&text);
}

static void draw_head(const json_t *entry, struct area a)
{
	char at[NOW_TEXT];
	const char *who = json_text_peek(entry, "who"), *via = json_text_peek(entry, "via");
	const char *object = json_text_peek(entry, "object"), *reason = json_text_peek(entry, "reason");
	const char *refused = json_text_peek(entry, "refused");
	int64_t uid = json_int_peek(entry, "uid", -1);
	int x;

	putf(a, 0, 1, ROLE_NORMAL, "#%lld  %s  %s  %s", (long long)json_int_peek(entry, "id", 0),
	     object != NULL ? object : "-", change_verb(entry), now_stamp(json_time_peek(entry, "at"), at));
	x = putf(a, 1, 1, ROLE_NORMAL, "by %s (%s", who != NULL ? who : "-", via != NULL ? via : "-");
	if (uid >= 0)
		x = putf(a, 1, x, ROLE_NORMAL, ", uid %lld, pid %lld", (long long)uid,
			 (long long)json_int_peek(entry, "pid", 0));
	x = put(a, 1, x, a.width, ROLE_NORMAL, ")");
	if (reason != NULL)
		putf(a, 1, x + 2, ROLE_NORMAL, "\"%s\"", reason);
	if (change_was_refused(entry))
		putf(a, 2, 1, ROLE_WARN, "REFUSED%s%s", refused != NULL ? ": " : "", refused != NULL ? refused : "");
	else if (json_bool_peek(entry, "undoable"))
		putf(a, 2, 1, ROLE_DIM, "%s puts back what was before (asks)", keymap_key_of(CONTEXT_ENTRY, REQUEST_PUT_BACK));
	else
		put(a, 2, 1, a.width, ROLE_DIM, "this cannot be put back");
}

void entry_draw_brief(const json_t *entry, struct area a)
{
	char difference[1024];

	draw_head(entry, area_part(a, 1, 0, 3, a.width));
	entry_difference(entry, difference, sizeof(difference));
	put_wrapped(a, 4, 1, ROLE_NORMAL, difference);
}

static void entry_open(struct screen *s, const void *arg)
{
	struct entry *e = s->state;

	e->entry = json_incref((json_t *)arg);
}

static void entry_close(struct screen *s)
{
	struct entry *e = s->state;

	json_decref(e->entry);
}

struct lines {
	struct area area;
	int y;
};

/* Both sides from the same row on; returns the row after the longer one. */
static int draw_sides(struct area a, int y, enum role role, const json_t *before, const json_t *after)
{
	int half = (a.width - NAME_CELLS - 2) / 2, left, right;
	struct area first = a;
	struct buf was, is;

	buf_init(&was, TEXT_MAX);
	buf_init(&is, TEXT_MAX);
	value_say(before, &was);
	value_say(after, &is);
	first.width = NAME_CELLS + 2 + half;
	left = put_wrapped(first, y, NAME_CELLS + 2, role, was.data);
	right = put_wrapped(a, y, NAME_CELLS + 2 + half, role, is.data);
	buf_release(&was);
	buf_release(&is);
	return left > right ? left : right;
}

static void draw_member(void *arg, const char *name, const json_t *before, const json_t *after, bool differs)
{
	enum role role = differs ? ROLE_TITLE : ROLE_DIM;
	struct lines *l = arg;

	if (differs)
		put(l->area, l->y, 0, 1, ROLE_WARN, "*");
	put(l->area, l->y, 1, NAME_CELLS, role, name);
	l->y = draw_sides(l->area, l->y, role, before, after);
}

static void keep_inside(struct entry *e)
{
	if (e->scroll > e->rows - e->shown)
		e->scroll = e->rows - e->shown;
	if (e->scroll < 0)
		e->scroll = 0;
}

/* All members side by side: those that differ first, with a sign. */
static void entry_draw(struct screen *s, struct area a)
{
	struct entry *e = s->state;
	struct lines l = {.y = 0};
	int half = (a.width - NAME_CELLS - 2) / 2;

	draw_head(e->entry, area_take_rows(&a, 4));
	put(a, 0, 1, NAME_CELLS, ROLE_TITLE, "MEMBER");
	put(a, 0, NAME_CELLS + 2, half, ROLE_TITLE, "BEFORE");
	put(a, 0, NAME_CELLS + 2 + half, half, ROLE_TITLE, "AFTER");
	l.area = area_part(a, 1, 0, a.height - 1, a.width);
	l.y = -e->scroll;
	difference_each(json_object_get(e->entry, "before"), json_object_get(e->entry, "after"), draw_member, &l);
	e->rows = l.y + e->scroll;
	e->shown = l.area.height;
	put_cursor(l.area, 0, 0, false);
}

void entry_show_raw(struct screen *s, const json_t *entry)
{
	char title[32];

	snprintf(title, sizeof(title), "#%lld", (long long)json_int_peek(entry, "id", 0));
	reader_open_json(s->app, title, entry);
}

static void chosen_put_back(struct screen *s, enum request choice, const char *id, const char *reason)
{
	struct act act = {.prefix = "/v1/audit/", .name = id, .suffix = "/undo", .reason = reason,
			  .said = "put back as it was; this, too, is in the audit"};

	(void)choice;
	act_send(s, &act);
}

/* "state: disabled -> enabled": what putting it back does. */
static void say_way_back(const json_t *entry, char *out, size_t size)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	difference_say(json_object_get(entry, "after"), json_object_get(entry, "before"), &text);
	copy_text(out, size, text.data);
	buf_release(&text);
}

void entry_ask_put_back(struct screen *s, const json_t *entry)
{
	char title[96], id[32], difference[256];
	const char *object = json_text_peek(entry, "object");
	struct act act = {.prefix = "/v1/audit/", .name = id, .suffix = "/undo"};
	struct confirm_options options = {.title = title, .context = CONTEXT_BOX_REASON, .keep = "leave it as it is",
					  .asks_reason = true, .wants_impact = true, .about = id, .owner = s,
					  .chosen = chosen_put_back, .num_choices = 1,
					  .choices = {{REQUEST_YES, "put back what was before"}}};
	struct screen *box;

	if (!json_bool_peek(entry, "undoable")) {
		app_say(s->app, ROLE_WARN, "this change cannot be put back");
		return;
	}
	snprintf(id, sizeof(id), "%lld", (long long)json_int_peek(entry, "id", 0));
	snprintf(title, sizeof(title), "Put back %s ?", object != NULL ? object : "");
	say_way_back(entry, difference, sizeof(difference));
	box = confirm_open(s->app, &options);
	confirm_add_line(box, ROLE_NORMAL, "%s", difference);
	act_ask_impact(box, &act);
}

static bool scroll(struct entry *e, enum request r)
{
	int page = e->shown > 1 ? e->shown - 1 : 1;

	if (r == REQUEST_MOVE_DOWN || r == REQUEST_MOVE_UP)
		e->scroll += r == REQUEST_MOVE_DOWN ? 1 : -1;
	else if (r == REQUEST_PAGE_DOWN || r == REQUEST_PAGE_UP)
		e->scroll += r == REQUEST_PAGE_DOWN ? page : -page;
	else if (r == REQUEST_FIRST || r == REQUEST_LAST)
		e->scroll = r == REQUEST_FIRST ? 0 : e->rows;
	else
		return false;
	keep_inside(e);
	return true;
}

static bool entry_request(struct screen *s, enum request r)
{
	struct entry *e = s->state;

	if (r == REQUEST_PUT_BACK)
		entry_ask_put_back(s, e->entry);
	else if (r == REQUEST_RAW)
		entry_show_raw(s, e->entry);
	else
		return scroll(e, r);
	return true;
}

static bool entry_has_row(struct screen *s)
{
	(void)s;
	return true;
}

static void entry_title(const struct screen *s, char *out, size_t size)
{
	const struct entry *e = s->state;

	snprintf(out, size, "#%lld", (long long)json_int_peek(e->entry, "id", 0));
}

const struct screen_ops entry_screen = {
	.name = "Entry",
	.kind = SCREEN_FULL,
	.context = CONTEXT_ENTRY,
	.state_size = sizeof(struct entry),
	.open = entry_open,
	.close = entry_close,
	.draw = entry_draw,
	.request = entry_request,
	.title = entry_title,
	.has_row = entry_has_row,
};
