/* SPDX-License-Identifier: MIT */
/* Who changed what, from what to what; what can be taken back, is by one key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/confirm.h"
#include "app/list_view.h"
#include "base/mem.h"
#include "model/now.h"
#include "screens/act.h"
#include "screens/entry.h"
#include "screens/screens.h"
#include "screens/show.h"

struct audit {
	struct list_view list;
};

static void time_cell(const void *row, struct cell *c)
{
	now_stamp(json_time_peek(row, "at"), c->text);
}

static void who_cell(const void *row, struct cell *c)
{
	const char *who = json_text_peek(row, "who"), *via = json_text_peek(row, "via");

	snprintf(c->text, sizeof(c->text), "%s %s", who != NULL ? who : "-", via != NULL ? via : "");
}

static void object_cell(const void *row, struct cell *c)
{
	show_text(c, row, "object");
}

static void action_cell(const void *row, struct cell *c)
{
	copy_text(c->text, sizeof(c->text), change_verb(row));
	if (change_was_refused(row)) {
		copy_text(c->text, sizeof(c->text), "REFUSED");
		c->role = ROLE_WARN;
	}
}

static void change_cell(const void *row, struct cell *c)
{
	entry_difference(row, c->text, sizeof(c->text));
}

static void reason_cell(const void *row, struct cell *c)
{
	const char *reason = json_text_peek(row, "reason");

	if (reason != NULL)
		snprintf(c->text, sizeof(c->text), "\"%s\"", reason);
}

static const struct column columns[] = {
	{.title = "TIME", .width = 12, .cell = time_cell},
	{.title = "WHO", .width = 10, .most = 18, .drop = 2, .cell = who_cell},
	{.title = "WHAT", .width = 18, .most = 30, .cell = object_cell},
	{.title = "DONE", .width = 9, .most = 16, .drop = 1, .cell = action_cell},
	{.title = "BEFORE -> AFTER", .width = 20, .most = 60, .drop = 3, .cell = change_cell},
	{.title = "REASON", .width = 14, .most = 40, .drop = 4, .cell = reason_cell},
};

static const struct filter_field filters[] = {
	{.name = "who", .member = "who"},
	{.name = "what", .member = "object"},
	{.name = "done", .member = "action"},
	{.name = "via", .member = "via"},
	{.name = "reason", .member = "reason"},
	{.name = "refused", .member = "refused"},
	{.name = NULL},
};

static bool is_problem(const void *row)
{
	return change_was_refused(row);
}

static const struct list_spec spec = {
	.base = "/v1/audit",
	.paging = PAGING_NEWEST,
	.refresh = REFRESH_ON_CHANGE,
	.columns = columns,
	.num_columns = ARRAY_LEN(columns),
	.filters = filters,
	.many = "changes",
	.nothing = "nothing was changed yet",
	.is_problem = is_problem,
};

static void audit_open(struct screen *s, const void *arg)
{
	struct audit *a = s->state;

	(void)arg;
	list_view_open(&a->list, s, &spec);
}

static void audit_close(struct screen *s)
{
	struct audit *a = s->state;

	list_view_close(&a->list);
}

static void audit_draw(struct screen *s, struct area a)
{
	struct audit *state = s->state;
	struct area foot, detail = {0};
	const json_t *row = list_view_row(&state->list);

	if (a.height >= 14) {
		int rows = a.height >= 30 ? 8 : 6;

		detail = area_part(a, a.height - rows, 0, rows, a.width);
		a.height -= rows;
	}
	foot = area_part(a, a.height - 1, 0, 1, a.width);
	a.height--;
	list_view_draw(&state->list, a, true);
	list_view_count(&state->list, foot, 0);
	if (row != NULL && detail.height > 0)
		entry_draw_brief(row, detail);
}

static bool audit_request(struct screen *s, enum request r)
{
	struct audit *a = s->state;
	const json_t *row = list_view_row(&a->list);

	if (r == REQUEST_OPEN && row != NULL)
		app_push(s->app, &entry_screen, row);
	else if (r == REQUEST_RAW && row != NULL)
		entry_show_raw(s, row);
	else if (r == REQUEST_PUT_BACK && row != NULL)
		entry_ask_put_back(s, row);
	else
		return list_view_request(&a->list, r);
	return true;
}

static bool audit_has_row(struct screen *s)
{
	struct audit *a = s->state;

	return list_view_row(&a->list) != NULL;
}

static void audit_facts(const struct screen *s, char *out, size_t size)
{
	const struct audit *a = s->state;

	list_view_facts(&a->list, out, size);
}

const struct screen_ops audit_screen = {
	.name = "Audit",
	.kind = SCREEN_FULL,
	.context = CONTEXT_AUDIT,
	.state_size = sizeof(struct audit),
	.open = audit_open,
	.close = audit_close,
	.draw = audit_draw,
	.request = audit_request,
	.facts = audit_facts,
	.has_row = audit_has_row,
};
