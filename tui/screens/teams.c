/* SPDX-License-Identifier: MIT */
/* Teams: who spends how much of what, and their limits. */
#include <stdio.h>
#include <string.h>

#include "app/list_view.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/chart.h"
#include "screens/screens.h"
#include "screens/show.h"
#include "screens/team_ask.h"

struct teams {
	struct list_view list;
};

static void name_cell(const void *row, struct cell *c)
{
	show_text(c, row, "name");
}

static void rate_cell(const void *row, struct cell *c)
{
	show_rate(c, row, "usd_per_hour");
}

static void today_cell(const void *row, struct cell *c)
{
	show_rate(c, row, "spent_today_usd");
}

static void spent_cell(const void *row, struct cell *c)
{
	const json_t *budget = main_budget(row);

	if (budget != NULL)
		show_dollars(c, budget, "spent_usd");
	else
		show_dollars(c, row, "spent_month_usd");
}

static void budget_cell(const void *row, struct cell *c)
{
	const json_t *budget = main_budget(row);

	copy_text(c->text, sizeof(c->text), "-");
	if (budget != NULL)
		show_dollars(c, budget, "amount_usd");
}

static void window_cell(const void *row, struct cell *c)
{
	const json_t *budget = main_budget(row);

	copy_text(c->text, sizeof(c->text), "-");
	if (budget != NULL)
		show_text(c, budget, "window");
}

static void percent_cell(const void *row, struct cell *c)
{
	const json_t *budget = main_budget(row);
	int64_t spent = budget != NULL ? json_money_peek(budget, "spent_usd") : COST_UNKNOWN;
	int64_t amount = budget != NULL ? json_money_peek(budget, "amount_usd") : 0;

	copy_text(c->text, sizeof(c->text), "-");
	if (spent != COST_UNKNOWN && amount > 0)
		snprintf(c->text, sizeof(c->text), "%lld%%", (long long)money_scale(spent, 100, amount));
}

static void bar_paint(const void *row, struct area a, int y, int x, int width)
{
	const json_t *budget = main_budget(row);
	int64_t spent = budget != NULL ? json_money_peek(budget, "spent_usd") : COST_UNKNOWN;
	int64_t amount = budget != NULL ? json_money_peek(budget, "amount_usd") : COST_UNKNOWN;

	if (spent != COST_UNKNOWN && amount != COST_UNKNOWN)
		chart_bar(a, y, x, width, spent, spent, amount);
}

static void keys_cell(const void *row, struct cell *c)
{
	show_count(c, row, "num_keys");
}

static void rpm_cell(const void *row, struct cell *c)
{
	show_count(c, row, "rpm");
}

static void tpm_cell(const void *row, struct cell *c)
{
	show_count(c, row, "tpm");
}

static void state_cell(const void *row, struct cell *c)
{
	team_state(row, c);
}

static const struct column columns[] = {
	{.title = "TEAM", .sort = "name", .width = 12, .most = 24, .cell = name_cell},
	{.title = "$/h", .sort = "usd_per_hour", .width = 7, .right = true, .drop = 1, .cell = rate_cell},
	{.title = "TODAY", .sort = "spent_today_usd", .width = 7, .right = true, .drop = 4, .cell = today_cell},
	{.title = "SPENT", .sort = "spent_month_usd", .width = 7, .right = true, .cell = spent_cell},
	{.title = "BUDGET", .width = 7, .right = true, .drop = 3, .cell = budget_cell},
	{.title = "PER", .width = 5, .drop = 8, .cell = window_cell},
	{.title = "%", .width = 4, .right = true, .cell = percent_cell},
	{.title = "# spent ! over", .width = 14, .most = 30, .drop = 5, .paint = bar_paint},
	{.title = "KEYS", .sort = "num_keys", .width = 4, .right = true, .drop = 6, .cell = keys_cell},
	{.title = "RPM", .sort = "rpm", .width = 5, .right = true, .drop = 9, .cell = rpm_cell},
	{.title = "TPM", .sort = "tpm", .width = 5, .right = true, .drop = 10, .cell = tpm_cell},
	{.title = "STATE", .sort = "blocked", .width = 7, .drop = 2, .cell = state_cell},
};

static const struct filter_field filters[] = {
	{.name = "name", .member = "name"},
	{.name = "note", .member = "note"},
	{.name = NULL},
};

static bool is_problem(const void *row)
{
	struct cell state = {.role = ROLE_NORMAL};

	team_state(row, &state);
	return state.role != ROLE_NORMAL;
}

static void note(const void *row, struct cell *c)
{
	const char *reason = json_text_peek(row, "blocked_reason");

	if (json_bool_peek(row, "blocked"))
		snprintf(c->text, sizeof(c->text), "blocked%s%s%s; %s unblocks it", reason != NULL ? ": \"" : "",
			 reason != NULL ? reason : "", reason != NULL ? "\"" : "",
			 keymap_key_of(CONTEXT_TEAMS, REQUEST_TOGGLE_TEAM));
}

static const struct list_spec spec = {
	.base = "/v1/teams",
	.refresh = REFRESH_EACH_PULSE,
	.columns = columns,
	.num_columns = ARRAY_LEN(columns),
	.sort = "usd_per_hour",
	.descending = true,
	.filters = filters,
	.many = "teams",
	.nothing = "no team yet: a makes one",
	.is_problem = is_problem,
	.note = note,
};

static void teams_open(struct screen *s, const void *arg)
{
	struct teams *t = s->state;

	(void)arg;
	list_view_open(&t->list, s, &spec);
}

static void teams_close(struct screen *s)
{
	struct teams *t = s->state;

	list_view_close(&t->list);
}

static void teams_draw(struct screen *s, struct area a)
{
	struct teams *t = s->state;
	struct area foot = area_part(a, a.height - 1, 0, 1, a.width);

	a.height--;
	list_view_draw(&t->list, a, true);
	list_view_count(&t->list, foot, 0);
}

static void created(struct screen *s, const json_t *answer)
{
	struct teams *t = s->state;
	const json_t *team = json_object_get(answer, "object");
	const char *name = team != NULL ? json_text_peek(team, "name") : NULL;

	copy_text(t->list.table.selected, sizeof(t->list.table.selected), name != NULL ? name : "");
	app_say(s->app, ROLE_NORMAL, "team %s is there; Enter opens it, then a makes its first key", name != NULL ? name : "");
}

static bool teams_request(struct screen *s, enum request r)
{
	struct teams *t = s->state;
	const json_t *row = list_view_row(&t->list);

	if (r == REQUEST_ADD_TEAM)
		team_ask_new(s, created);
	else if (r == REQUEST_OPEN && row != NULL)
		app_push(s->app, &team_screen, json_text_peek(row, "name"));
	else if (r == REQUEST_EDIT_LIMITS && row != NULL)
		team_ask_limits(s, row);
	else if (r == REQUEST_TOGGLE_TEAM && row != NULL)
		team_ask_toggle(s, row);
	else
		return list_view_request(&t->list, r);
	return true;
}

static bool teams_has_row(struct screen *s)
{
	struct teams *t = s->state;

	return list_view_row(&t->list) != NULL;
}

static void teams_facts(const struct screen *s, char *out, size_t size)
{
	const struct teams *t = s->state;

	list_view_facts(&t->list, out, size);
}

const struct screen_ops teams_screen = {
	.name = "Teams",
	.kind = SCREEN_FULL,
	.context = CONTEXT_TEAMS,
	.state_size = sizeof(struct teams),
	.open = teams_open,
	.close = teams_close,
	.draw = teams_draw,
	.request = teams_request,
	.facts = teams_facts,
	.has_row = teams_has_row,
};
