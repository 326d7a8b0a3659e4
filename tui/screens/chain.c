/* SPDX-License-Identifier: MIT */
/*
 * One chain, edited as a draft: J and K move a target at once, and nothing is live before w.
 *
 * Below it who would answer with the marked providers down (asked of the daemon, changes nothing), and
 * what the chain was before.
 */
#include "screens/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "draw/table.h"
#include "screens/chain_ask.h"
#include "screens/chain_panels.h"
#include "screens/show.h"

struct chain {
	struct draft *draft;            /* borrowed from the list below */
	struct resource live, explain, history;
	struct table table;
	bool shows_history;
};

struct draft *chain_draft(const struct screen *s)
{
	const struct chain *c = s->state;

	return c->draft;
}

size_t chain_row(const struct screen *s)
{
	const struct chain *c = s->state;

	return c->table.index;
}

static const json_t *live_target(const struct chain *c, const char *name)
{
	const json_t *targets = c->live.data != NULL ? json_object_get(c->live.data, "targets") : NULL;

	for (size_t i = 0; i < json_array_size(targets); i++) {
		const json_t *target = json_array_get(targets, i);
		const char *text = json_text_peek(target, "target");

		if (text != NULL && strcmp(text, name) == 0)
			return target;
	}
	return NULL;
}

/* A row of the table: the draft's target, and where to find what is live about it. */
struct row {
	const struct draft_target *target;
	const struct chain *chain;
};

static size_t source_count(void *arg)
{
	struct chain *c = arg;

	return c->draft->num_targets;
}

static const void *source_row(void *arg, size_t i)
{
	static struct row row;
	struct chain *c = arg;

	row = (struct row){&c->draft->targets[i], c};
	return &row;
}

static const char *source_id(const void *row)
{
	return ((const struct row *)row)->target->name;
}

static void tier_cell(const void *row, struct cell *c)
{
	snprintf(c->text, sizeof(c->text), "%d", ((const struct row *)row)->target->tier);
}

static void target_cell(const void *row, struct cell *c)
{
	copy_text(c->text, sizeof(c->text), ((const struct row *)row)->target->name);
}

static void weight_cell(const void *row, struct cell *c)
{
	snprintf(c->text, sizeof(c->text), "%d", ((const struct row *)row)->target->weight);
}

static void state_cell(const void *pointer, struct cell *c)
{
	const struct row *row = pointer;
	const json_t *target = live_target(row->chain, row->target->name);
	const char *breaker = target != NULL ? json_text_peek(target, "breaker") : NULL;

	if (target == NULL) {
		copy_text(c->text, sizeof(c->text), "-");
		return;
	}
	show_text(c, target, breaker != NULL && strcmp(breaker, "closed") != 0 ? "breaker" : "state");
	if (strcmp(c->text, "enabled") != 0)
		c->role = ROLE_WARN;
}

static const struct draft_target *in_base(const struct draft *d, const char *name)
{
	for (size_t i = 0; i < d->num_base; i++)
		if (strcmp(d->base[i].name, name) == 0)
			return &d->base[i];
	return NULL;
}

/* "was tier 2", "new": what the draft changes. */
static void change_cell(const void *pointer, struct cell *c)
{
	const struct row *row = pointer;
	const struct draft_target *was = in_base(row->chain->draft, row->target->name);

	c->role = ROLE_WARN;
	if (was == NULL)
		copy_text(c->text, sizeof(c->text), "new");
	else if (was->tier != row->target->tier)
		snprintf(c->text, sizeof(c->text), "was tier %d", was->tier);
	else if (was->weight != row->target->weight)
		snprintf(c->text, sizeof(c->text), "was %d", was->weight);
}

static const struct column columns[] = {
	{.title = "TIER", .width = 4, .right = true, .cell = tier_cell},
	{.title = "TARGET", .width = 20, .most = 44, .cell = target_cell},
	{.title = "WEIGHT", .width = 6, .right = true, .drop = 2, .cell = weight_cell},
	{.title = "STATE", .width = 10, .drop = 1, .cell = state_cell},
	{.title = "DRAFT", .width = 11, .drop = 3, .cell = change_cell},
};

static const struct table_source source = {.count = source_count, .row = source_row, .id = source_id};

static void set_path(struct resource *r, const struct chain *c, const char *suffix)
{
	char *path = path_of("/v1/chains/", c->draft->chain, suffix);

	resource_set_path(r, path);
	free(path);
}

static void chain_open(struct screen *s, const void *arg)
{
	const struct chain_open *options = arg;
	struct session *session = app_session(s->app);
	struct chain *c = s->state;

	c->draft = options->draft;
	resource_init(&c->live, session, REFRESH_EACH_PULSE);
	resource_init(&c->explain, session, REFRESH_EACH_PULSE);
	resource_init(&c->history, session, REFRESH_ON_CHANGE);
	set_path(&c->live, c, "");
	set_path(&c->explain, c, "/explain");
	set_path(&c->history, c, "/history");
	table_init(&c->table, columns, ARRAY_LEN(columns), &source, c);
}

static void chain_close(struct screen *s)
{
	struct chain *c = s->state;

	resource_release(&c->live);
	resource_release(&c->explain);
	resource_release(&c->history);
}

static int64_t live_version(const struct chain *c)
{
	return c->live.data != NULL ? json_int_peek(c->live.data, "version", c->draft->version) : c->draft->version;
}

static void draw_head(const struct chain *c, struct area a)
{
	const char *timeout = c->live.data != NULL ? json_text_peek(c->live.data, "timeout") : NULL;
	bool changed = draft_is_changed(c->draft);
	int x = put(a, 0, 1, a.width, ROLE_TITLE, c->draft->chain);

	x = putf(a, 0, x + 2, ROLE_NORMAL, "version %lld", (long long)c->draft->version);
	if (timeout != NULL && a.width >= 60)
		x = putf(a, 0, x + 2, ROLE_DIM, "timeout %s", timeout);
	if (live_version(c) != c->draft->version)
		put_right(a, 0, a.width - 1, ROLE_BAD, "changed by somebody else: w shows both");
	else if (changed)
		put_right(a, 0, a.width - 1, ROLE_WARN, "DRAFT, not written");
}

static void chain_draw(struct screen *s, struct area a)
{
	struct chain *c = s->state;
	int rows = (int)c->draft->num_targets + 2;
	struct area table;

	resource_use(&c->live);
	/* Written by somebody else while nothing was edited here: there is nothing to keep. */
	if (c->live.data != NULL && live_version(c) != c->draft->version && !draft_is_changed(c->draft))
		draft_load(c->draft, c->live.data);
	draw_head(c, area_take_rows(&a, 1));
	table = area_take_rows(&a, a.height >= 8 && rows > a.height - 5 ? a.height - 5 : rows);
	table_draw(&c->table, table, true);
	if (c->shows_history)
		chain_draw_history(resource_use(&c->history), a);
	else
		chain_draw_explain(resource_use(&c->explain), a);
}

/* What the marked targets' providers are: "down=openai,bedrock". */
static void ask_explain(struct chain *c)
{
	struct buf suffix;

	buf_init(&suffix, 8192);
	buf_puts(&suffix, "/explain");
	for (size_t i = 0; i < c->table.num_marks; i++) {
		char provider[DRAFT_TEXT];

		copy_text(provider, strcspn(c->table.marks[i], "/") + 1, c->table.marks[i]);
		buf_puts(&suffix, i == 0 ? "?down=" : ",");
		client_escape(&suffix, provider);
	}
	set_path(&c->explain, c, suffix.data);
	buf_release(&suffix);
}

static void mark_down(struct chain *c)
{
	table_request(&c->table, REQUEST_MARK);
	c->shows_history = false;
	ask_explain(c);
}

static void go_to_row(struct chain *c, size_t row)
{
	c->table.index = row;
	copy_text(c->table.selected, sizeof(c->table.selected),
		  row < c->draft->num_targets ? c->draft->targets[row].name : "");
}

static void remove_target(struct screen *s)
{
	struct chain *c = s->state;

	if (c->draft->num_targets == 1) {
		app_say(s->app, ROLE_WARN, "a chain needs a target: add another before this one goes");
		return;
	}
	draft_remove(c->draft, c->table.index);
	go_to_row(c, c->table.index < c->draft->num_targets ? c->table.index : c->draft->num_targets - 1);
}

static bool edit_request(struct screen *s, enum request r)
{
	struct chain *c = s->state;

	table_sync(&c->table);
	if (r == REQUEST_MOVE_ROW_DOWN || r == REQUEST_MOVE_ROW_UP)
		go_to_row(c, draft_move(c->draft, c->table.index, r == REQUEST_MOVE_ROW_DOWN));
	else if (r == REQUEST_REMOVE_TARGET)
		remove_target(s);
	else if (r == REQUEST_ADD_TARGET)
		chain_ask_target(s, c->draft, c->draft->num_targets);
	else if (r == REQUEST_EDIT_WEIGHT)
		chain_ask_target(s, c->draft, c->table.index);
	else if (r == REQUEST_WRITE_DRAFT)
		chain_ask_write(s, c->draft, c->live.data);
	else if (r == REQUEST_UNDO)
		chain_ask_undo(s, c->draft);
	else
		return false;
	return true;
}

static bool chain_request(struct screen *s, enum request r)
{
	struct chain *c = s->state;

	if (edit_request(s, r))
		return true;
	if (r == REQUEST_HISTORY)
		c->shows_history = true;
	else if (r == REQUEST_WHAT_IF)
		c->shows_history = false;
	else if (r == REQUEST_MARK)
		mark_down(c);
	else if (r == REQUEST_COPY)
		app_copy(s->app, c->draft->chain, c->draft->chain);
	else
		return table_request(&c->table, r);
	return true;
}

static bool chain_has_row(struct screen *s)
{
	struct chain *c = s->state;

	return c->draft->num_targets > 0;
}

static void chain_title(const struct screen *s, char *out, size_t size)
{
	const struct chain *c = s->state;

	copy_text(out, size, c->draft->chain);
}

static void chain_facts(const struct screen *s, char *out, size_t size)
{
	const struct chain *c = s->state;

	copy_text(out, size, draft_is_changed(c->draft) ? "draft kept until w or u" : "");
}

const struct screen_ops chain_screen = {
	.name = "Chain",
	.kind = SCREEN_FULL,
	.context = CONTEXT_CHAIN,
	.state_size = sizeof(struct chain),
	.open = chain_open,
	.close = chain_close,
	.draw = chain_draw,
	.request = chain_request,
	.title = chain_title,
	.facts = chain_facts,
	.has_row = chain_has_row,
};
