/* SPDX-License-Identifier: MIT */
/*
 * Chains: where a public model name leads, and what is ready to answer.
 *
 * Drafts live here, below the screen of one chain, so that they survive leaving it.
 */
#include <stdio.h>
#include <string.h>

#include "app/form.h"
#include "app/list_view.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "screens/chain.h"
#include "screens/screens.h"
#include "screens/show.h"

#define MAX_DRAFTS 8

struct chains {
	struct list_view list;
	struct draft drafts[MAX_DRAFTS];        /* chain is "" in a free one */
	char unsaved[DRAFT_TEXT + 64];
};

static bool target_is_ready(const json_t *target)
{
	const char *state = json_text_peek(target, "state"), *breaker = json_text_peek(target, "breaker");

	return state != NULL && strcmp(state, "enabled") == 0 && (breaker == NULL || strcmp(breaker, "open") != 0);
}

static size_t count_ready(const json_t *chain)
{
	const json_t *targets = json_object_get(chain, "targets");
	size_t ready = 0;

	for (size_t i = 0; i < json_array_size(targets); i++)
		ready += target_is_ready(json_array_get(targets, i));
	return ready;
}

static void name_cell(const void *row, struct cell *c)
{
	show_text(c, row, "name");
}

/* "2/3": targets that would answer now, of all. */
static void ready_cell(const void *row, struct cell *c)
{
	size_t all = json_array_size(json_object_get(row, "targets")), ready = count_ready(row);

	snprintf(c->text, sizeof(c->text), "%zu/%zu", ready, all);
	if (ready < all)
		c->role = ready == 0 ? ROLE_BAD : ROLE_WARN;
}

static void text_cell(const void *row, struct cell *c)
{
	show_text(c, row, "text");
}

static void timeout_cell(const void *row, struct cell *c)
{
	show_text(c, row, "timeout");
}

static void retries_cell(const void *row, struct cell *c)
{
	show_count(c, row, "retries");
}

static void version_cell(const void *row, struct cell *c)
{
	show_count(c, row, "version");
}

static void changed_cell(const void *row, struct cell *c)
{
	show_age(c, row, "updated_at");
}

static const struct column columns[] = {
	{.title = "CHAIN", .sort = "name", .width = 14, .most = 28, .cell = name_cell},
	{.title = "READY", .width = 5, .right = true, .cell = ready_cell},
	{.title = "TARGETS", .width = 28, .most = 200, .drop = 3, .cell = text_cell},
	{.title = "TIMEOUT", .sort = "timeout", .width = 7, .right = true, .drop = 4, .cell = timeout_cell},
	{.title = "RETRY", .sort = "retries", .width = 5, .right = true, .drop = 5, .cell = retries_cell},
	{.title = "VER", .sort = "version", .width = 3, .right = true, .drop = 2, .cell = version_cell},
	{.title = "AGE", .sort = "updated_at", .width = 4, .right = true, .drop = 1, .cell = changed_cell},
};

static const struct filter_field filters[] = {
	{.name = "name", .member = "name"},
	{.name = "target", .member = "text"},
	{.name = NULL},
};

static bool is_problem(const void *row)
{
	return count_ready(row) < json_array_size(json_object_get(row, "targets"));
}

static const struct list_spec spec = {
	.base = "/v1/chains",
	.refresh = REFRESH_EACH_PULSE,
	.columns = columns,
	.num_columns = ARRAY_LEN(columns),
	.sort = "name",
	.filters = filters,
	.many = "chains",
	.nothing = "no chain yet: a adds one; without, models are called as provider/model",
	.is_problem = is_problem,
};

static void chains_open(struct screen *s, const void *arg)
{
	struct chains *c = s->state;

	(void)arg;
	list_view_open(&c->list, s, &spec);
}

static void chains_close(struct screen *s)
{
	struct chains *c = s->state;

	list_view_close(&c->list);
}

static struct draft *draft_of(struct chains *c, const char *chain)
{
	for (size_t i = 0; i < MAX_DRAFTS; i++)
		if (strcmp(c->drafts[i].chain, chain) == 0)
			return &c->drafts[i];
	return NULL;
}

static int draw_target(const json_t *target, struct area a, int y)
{
	const char *name = json_text_peek(target, "target"), *state = json_text_peek(target, "state");
	const char *breaker = json_text_peek(target, "breaker");
	bool cooling = breaker != NULL && strcmp(breaker, "closed") != 0;

	putf(a, y, 1, ROLE_NORMAL, "%4lld  %-36s %6lld  ", (long long)json_int_peek(target, "tier", 0),
	     name != NULL ? name : "-", (long long)json_int_peek(target, "weight", 1));
	put(a, y, 53, a.width, target_is_ready(target) ? ROLE_NORMAL : ROLE_WARN,
	    cooling ? breaker : state != NULL ? state : "-");
	if (!json_bool_peek(target, "price_known"))
		put_right(a, y, a.width - 1, ROLE_WARN, "no price");
	return y + 1;
}

/* The targets of the chain under the cursor, one a row. */
static void draw_detail(struct chains *c, const json_t *row, struct area a)
{
	const json_t *targets = json_object_get(row, "targets");
	const char *name = json_text_peek(row, "name");
	struct draft *draft = draft_of(c, name != NULL ? name : "");
	int y = 0;

	put(a, y, 1, a.width, ROLE_TITLE, name != NULL ? name : "-");
	if (draft != NULL && draft_is_changed(draft))
		put_right(a, y, a.width - 1, ROLE_WARN, "DRAFT, not written: Enter");
	y++;
	putf(a, y++, 1, ROLE_TITLE, "TIER  %-36s WEIGHT  STATE", "TARGET");
	for (size_t i = 0; i < json_array_size(targets) && y < a.height; i++)
		y = draw_target(json_array_get(targets, i), a, y);
}

static void chains_draw(struct screen *s, struct area a)
{
	struct chains *c = s->state;
	const json_t *row = list_view_row(&c->list);
	struct area detail = {0}, list = a;

	if (a.height >= 14 && row != NULL) {
		int want = 3 + (int)json_array_size(json_object_get(row, "targets"));
		int height = want < a.height / 2 ? want : a.height / 2;

		list.height -= height;
		detail = area_part(a, list.height, 0, height, a.width);
	}
	list.height--;
	list_view_draw(&c->list, list, true);
	list_view_count(&c->list, area_part(a, list.height, 0, 1, a.width), 0);
	if (detail.height > 0)
		draw_detail(c, row, detail);
}

/* A draft that was not changed is no loss. */
static struct draft *free_draft(struct chains *c)
{
	for (size_t i = 0; i < MAX_DRAFTS; i++)
		if (!draft_is_changed(&c->drafts[i]))
			return &c->drafts[i];
	return NULL;
}

static void open_chain(struct screen *s, const json_t *row)
{
	struct chains *c = s->state;
	const char *name = json_text_peek(row, "name");
	struct draft *draft = draft_of(c, name != NULL ? name : "");
	struct chain_open options;

	if (draft == NULL || !draft_is_changed(draft)) {
		draft = draft != NULL ? draft : free_draft(c);
		if (draft == NULL) {
			app_say(s->app, ROLE_WARN, "%d drafts are open; write one or take it back first", MAX_DRAFTS);
			return;
		}
		draft_load(draft, row);
	}
	options = (struct chain_open){.draft = draft, .chain = row};
	app_push(s->app, &chain_screen, &options);
}

static void created(struct screen *s, const json_t *answer)
{
	struct chains *c = s->state;
	const json_t *object = json_object_get(answer, "object");
	const char *name = object != NULL ? json_text_peek(object, "name") : NULL;

	copy_text(c->list.table.selected, sizeof(c->list.table.selected), name != NULL ? name : "");
	app_say(s->app, ROLE_NORMAL, "chain %s is in force", name != NULL ? name : "");
}

static void ask_for_new(struct screen *s)
{
	static const struct form_field fields[] = {
		{"Name", "name", FIELD_LINE, 30, .required = true, .hint = "the model clients ask for"},
		{"Targets", "text", FIELD_LINE, 58, .required = true},
		{"Timeout", "timeout", FIELD_DURATION, 10, .hint = "of the whole call, as in 120s"},
		{"1st byte", "first_byte", FIELD_DURATION, 10, .hint = "of one attempt, as in 20s"},
		{"Retries", "retries", FIELD_NUMBER, 10, .hint = "per target, before the next"},
	};
	static const char *const values[] = {NULL, NULL, NULL, NULL, NULL};
	struct form_options options = {.title = "New chain: a/x*3, b/y shares 3 to 1; > c/z is the fallback",
				       .fields = fields, .num_fields = ARRAY_LEN(fields), .values = values,
				       .method = "POST", .path = "/v1/chains", .command = "tollgate chain set", .arguments = "name text",
				       .owner = s, .accepted = created};

	form_open(s->app, &options);
}

static bool chains_request(struct screen *s, enum request r)
{
	struct chains *c = s->state;
	const json_t *row = list_view_row(&c->list);

	if (r == REQUEST_OPEN && row != NULL)
		open_chain(s, row);
	else if (r == REQUEST_ADD_CHAIN)
		ask_for_new(s);
	else
		return list_view_request(&c->list, r);
	return true;
}

static bool chains_has_row(struct screen *s)
{
	struct chains *c = s->state;

	return list_view_row(&c->list) != NULL;
}

static void chains_facts(const struct screen *s, char *out, size_t size)
{
	const struct chains *c = s->state;

	list_view_facts(&c->list, out, size);
}

static const char *chains_unsaved(const struct screen *s)
{
	struct chains *c = s->state;

	for (size_t i = 0; i < MAX_DRAFTS; i++)
		if (draft_is_changed(&c->drafts[i])) {
			snprintf(c->unsaved, sizeof(c->unsaved), "the draft of chain %s is not written", c->drafts[i].chain);
			return c->unsaved;
		}
	return NULL;
}

const struct screen_ops chains_screen = {
	.name = "Chains",
	.kind = SCREEN_FULL,
	.context = CONTEXT_CHAINS,
	.state_size = sizeof(struct chains),
	.open = chains_open,
	.close = chains_close,
	.draw = chains_draw,
	.request = chains_request,
	.facts = chains_facts,
	.has_row = chains_has_row,
	.unsaved = chains_unsaved,
};
