/* SPDX-License-Identifier: MIT */
/* One entry of the audit: every member before and after, and the way back. */
#include "screens/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/confirm.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/now.h"
#include "screens/act.h"
#include "screens/screens.h"
#include "screens/show.h"

#define VALUE_TEXT 256

struct entry {
	json_t *entry;          /* owned */
	size_t top;
};

/* A value as a person reads it: texts without quotes, nothing as "-". */
static const char *value_text(const json_t *value, char out[VALUE_TEXT])
{
	char *text;

	if (value == NULL || json_is_null(value)) {
		copy_text(out, VALUE_TEXT, "-");
		return out;
	}
	if (json_is_string(value)) {
		copy_text(out, VALUE_TEXT, json_string_value(value));
		return out;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	copy_text(out, VALUE_TEXT, text != NULL ? text : "?");
	free(text);
	return out;
}

/* Calls back for each member that differs, those that are gone included. */
static void each_difference(const json_t *entry, void (*one)(void *arg, const char *name, const json_t *before, const json_t *after),
			    void *arg)
{
	json_t *before = json_object_get(entry, "before"), *after = json_object_get(entry, "after"), *value;
	const char *name;

	json_object_foreach(after, name, value)
		if (!json_equal(value, json_object_get(before, name)))
			one(arg, name, json_object_get(before, name), value);
	json_object_foreach(before, name, value)
		if (json_object_get(after, name) == NULL)
			one(arg, name, value, NULL);
}

struct text {
	char *out;
	size_t size, len;
};

static void add_difference(void *arg, const char *name, const json_t *before, const json_t *after)
{
	struct text *t = arg;
	char was[VALUE_TEXT], is[VALUE_TEXT];

	if (t->len >= t->size || strcmp(name, "revision") == 0 || strcmp(name, "version") == 0)
		return;
	t->len += (size_t)snprintf(t->out + t->len, t->size - t->len, "%s%s: %s -> %s", t->len > 0 ? ", " : "", name,
				   value_text(before, was), value_text(after, is));
}

void entry_difference(const json_t *entry, char *out, size_t size)
{
	struct text t = {out, size, 0};

	out[0] = '\0';
	if (json_is_null(json_object_get(entry, "before")) && json_is_object(json_object_get(entry, "after")))
		copy_text(out, size, "created");
	else if (json_is_object(json_object_get(entry, "before")) && json_is_null(json_object_get(entry, "after")))
		copy_text(out, size, "removed");
	else
		each_difference(entry, add_difference, &t);
}

static void draw_head(const json_t *entry, struct area a)
{
	char at[NOW_TEXT];
	const char *who = json_text_peek(entry, "who"), *via = json_text_peek(entry, "via");
	const char *object = json_text_peek(entry, "object"), *reason = json_text_peek(entry, "reason");
	const char *refused = json_text_peek(entry, "refused");

	putf(a, 0, 1, ROLE_NORMAL, "#%lld  %s  %s  %s", (long long)json_int_peek(entry, "id", 0),
	     object != NULL ? object : "-", change_verb(entry), now_stamp(json_time_peek(entry, "at"), at));
	putf(a, 1, 1, ROLE_NORMAL, "by %s (uid %lld, pid %lld, %s)%s%s%s", who != NULL ? who : "-",
	     (long long)json_int_peek(entry, "uid", 0), (long long)json_int_peek(entry, "pid", 0), via != NULL ? via : "-",
	     reason != NULL ? "  \"" : "", reason != NULL ? reason : "", reason != NULL ? "\"" : "");
	if (change_was_refused(entry))
		putf(a, 2, 1, ROLE_WARN, "REFUSED%s%s", refused != NULL ? ": " : "", refused != NULL ? refused : "");
	else if (json_bool_peek(entry, "undoable"))
		putf(a, 2, 1, ROLE_DIM, "%s puts back what was before (asks)", keymap_key_of(CONTEXT_ENTRY, REQUEST_PUT_BACK));
	else
		put(a, 2, 1, a.width, ROLE_DIM, "this cannot be put back");
}

void entry_draw_brief(const json_t *entry, struct area a)
{
	char difference[VALUE_TEXT * 4];

	draw_head(entry, area_part(a, 1, 0, 3, a.width));
	entry_difference(entry, difference, sizeof(difference));
	put(a, 4, 1, a.width - 2, ROLE_NORMAL, difference);
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

static void draw_member(struct lines *l, const char *name, const json_t *before, const json_t *after, enum role role)
{
	char was[VALUE_TEXT], is[VALUE_TEXT];
	int half = (l->area.width - 20) / 2;

	put(l->area, l->y, 1, 18, role, name);
	put(l->area, l->y, 20, half - 1, role, value_text(before, was));
	put(l->area, l->y, 20 + half, half, role, value_text(after, is));
	l->y++;
}

/* All members side by side, those that differ with a sign. */
static void draw_members(const json_t *entry, struct lines *l)
{
	json_t *before = json_object_get(entry, "before"), *after = json_object_get(entry, "after"), *value;
	const char *name;

	json_object_foreach(after, name, value) {
		const json_t *old = json_object_get(before, name);
		bool differs = !json_equal(value, (json_t *)old);

		if (differs)
			put(l->area, l->y, 0, 1, ROLE_WARN, "*");
		draw_member(l, name, old, value, differs ? ROLE_TITLE : ROLE_NORMAL);
	}
	json_object_foreach(before, name, value)
		if (json_object_get(after, name) == NULL)
			draw_member(l, name, value, NULL, ROLE_TITLE);
}

static void entry_draw(struct screen *s, struct area a)
{
	struct entry *e = s->state;
	struct lines l = {.y = -(int)e->top};
	int half = (a.width - 20) / 2;

	draw_head(e->entry, area_take_rows(&a, 4));
	put(a, 0, 1, 18, ROLE_TITLE, "MEMBER");
	put(a, 0, 20, half, ROLE_TITLE, "BEFORE");
	put(a, 0, 20 + half, half, ROLE_TITLE, "AFTER");
	l.area = area_part(a, 1, 0, a.height - 1, a.width);
	draw_members(e->entry, &l);
	put_cursor(l.area, 0, 0, false);
}

static void chosen_put_back(struct screen *s, enum request choice, const char *id, const char *reason)
{
	struct act act = {.prefix = "/v1/audit/", .name = id, .suffix = "/undo", .reason = reason,
			  .said = "put back as it was; this, too, is in the audit"};

	(void)choice;
	act_send(s, &act);
}

void entry_ask_put_back(struct screen *s, const json_t *entry)
{
	char title[96], id[32], difference[160];
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
	entry_difference(entry, difference, sizeof(difference));
	box = confirm_open(s->app, &options);
	confirm_add_line(box, ROLE_NORMAL, "taken back: %s", difference);
	act_ask_impact(box, &act);
}

static bool entry_request(struct screen *s, enum request r)
{
	struct entry *e = s->state;
	size_t last = json_object_size(json_object_get(e->entry, "after"));

	if (r == REQUEST_MOVE_DOWN)
		e->top += e->top < last;
	else if (r == REQUEST_MOVE_UP)
		e->top -= e->top > 0;
	else if (r == REQUEST_FIRST)
		e->top = 0;
	else if (r == REQUEST_PUT_BACK)
		entry_ask_put_back(s, e->entry);
	else
		return false;
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
