/* SPDX-License-Identifier: MIT */
/*
 * One team: its budgets, what it spent on in the last hour, its keys.
 *
 * The answer to "why is it burning" is the first thing below the budgets: the dearest pairs of key
 * and model of this hour.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/chart.h"
#include "screens/key_list.h"
#include "screens/screens.h"
#include "screens/show.h"
#include "screens/team_ask.h"

struct team {
	struct key_list keys;           /* first: its dialogs look here */
	struct resource team, spend;
	char name[ROW_ID];
};

static void team_open(struct screen *s, const void *arg)
{
	struct session *session = app_session(s->app);
	struct team *t = s->state;
	char *path;

	copy_text(t->name, sizeof(t->name), arg);
	key_list_open(&t->keys, s, t->name);
	resource_init(&t->team, session, REFRESH_EACH_PULSE);
	resource_init(&t->spend, session, REFRESH_EACH_PULSE);
	path = path_of("/v1/teams/", t->name, "");
	resource_set_path(&t->team, path);
	free(path);
	path = path_of("/v1/spend?by=key,model&since=1h&limit=20&team=", t->name, "");
	resource_set_path(&t->spend, path);
	free(path);
}

static void team_close(struct screen *s)
{
	struct team *t = s->state;

	list_view_close(&t->keys.list);
	resource_release(&t->team);
	resource_release(&t->spend);
}

/* "500.00 of 2,000 / month, strict; resets in 10d   ####....". */
static void draw_budget(const json_t *budget, struct area a, int y)
{
	int64_t spent = json_money_peek(budget, "spent_usd"), amount = json_money_peek(budget, "amount_usd");
	char was[FMT_TEXT], all[FMT_TEXT], held[FMT_TEXT];
	struct cell left = {.text = ""};
	const char *model = json_text_peek(budget, "model"), *window = json_text_peek(budget, "window");
	const char *mode = json_text_peek(budget, "mode");
	int x;

	show_left(&left, budget, "resets_at");
	x = putf(a, y, 1, ROLE_NORMAL, "%s of %s a %s%s%s, %s", fmt_money(spent, was), fmt_money(amount, all),
		 window != NULL ? window : "-", model != NULL ? " for " : "", model != NULL ? model : "",
		 mode != NULL ? mode : "-");
	if (strcmp(left.text, "-") != 0)
		x = putf(a, y, x, ROLE_NORMAL, ", resets in %s", left.text);
	x = putf(a, y, x + 2, ROLE_DIM, "held $%s", fmt_dollars(json_money_peek(budget, "reserved_usd"), held));
	if (spent != COST_UNKNOWN && amount != COST_UNKNOWN && a.width - x - 3 >= 10)
		chart_bar(a, y, x + 2, a.width - x - 3, spent, spent, amount);
}

static int draw_limits(const json_t *team, struct area a, int y)
{
	struct cell rpm = {.text = ""}, tpm = {.text = ""}, parallel = {.text = ""}, state = {.text = ""};
	int x;

	show_count(&rpm, team, "rpm");
	show_count(&tpm, team, "tpm");
	show_count(&parallel, team, "parallel");
	team_state(team, &state);
	x = putf(a, y, 1, ROLE_NORMAL, "rpm %s   tpm %s   parallel %s", rpm.text, tpm.text, parallel.text);
	if (json_text_peek(team, "note") != NULL)
		put(a, y, x + 3, a.width - x - 14, ROLE_DIM, json_text_peek(team, "note"));
	put_right(a, y, a.width - 1, state.role, state.text);
	return y + 1;
}

static int draw_head(const json_t *team, struct area a)
{
	const json_t *budgets = json_object_get(team, "budgets");
	int y = draw_limits(team, a, 0);

	if (json_array_size(budgets) == 0)
		put(a, y++, 1, a.width, ROLE_DIM, "no budget: e sets one");
	for (size_t i = 0; i < json_array_size(budgets) && y < 4; i++)
		draw_budget(json_array_get(budgets, i), a, y++);
	return y;
}

static int64_t cost_of(const json_t *item)
{
	int64_t cost = json_money_peek(item, "cost_usd");

	return cost != COST_UNKNOWN ? cost : -1;
}

/* The dearest not drawn yet: there are twenty at most. */
static const json_t *next_dearest(const json_t *items, const json_t *drawn[], size_t num_drawn)
{
	const json_t *best = NULL;

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		bool is_drawn = false;

		for (size_t k = 0; k < num_drawn; k++)
			is_drawn = is_drawn || drawn[k] == item;
		if (!is_drawn && (best == NULL || cost_of(item) > cost_of(best)))
			best = item;
	}
	return best;
}

static void draw_pair(const json_t *item, struct area a, int y)
{
	const char *key = json_text_peek(item, "key"), *model = json_text_peek(item, "model");
	char cost[FMT_TEXT], calls[FMT_TEXT], input[FMT_TEXT], output[FMT_TEXT];

	putf(a, y, 1, ROLE_NORMAL, "%7s  %-14.14s %-20.20s %5s calls %5s in %5s out",
	     fmt_money(json_money_peek(item, "cost_usd"), cost), key != NULL ? key : "-", model != NULL ? model : "-",
	     fmt_count(json_int_peek(item, "calls", FMT_UNKNOWN), calls),
	     fmt_count(json_int_peek(item, "input", FMT_UNKNOWN), input),
	     fmt_count(json_int_peek(item, "output", FMT_UNKNOWN), output));
}

static void draw_why(const json_t *spend, struct area a)
{
	const json_t *items = spend != NULL ? json_object_get(spend, "items") : NULL, *drawn[8];
	size_t n = 0;

	put(a, 0, 1, a.width, ROLE_TITLE, "WHAT IT SPENT ON, LAST HOUR");
	if (json_array_size(items) == 0)
		put(a, 1, 2, a.width, ROLE_DIM, spend != NULL ? "nothing" : "asking the daemon...");
	while (n < 8 && (int)n + 1 < a.height && n < json_array_size(items)) {
		drawn[n] = next_dearest(items, drawn, n);
		draw_pair(drawn[n], a, (int)n + 1);
		n++;
	}
}

static void team_draw(struct screen *s, struct area a)
{
	struct team *t = s->state;
	const json_t *team = resource_use(&t->team), *spend;
	struct area foot;

	if (team == NULL) {
		put(a, 1, 3, a.width - 3, ROLE_DIM, t->team.error[0] != '\0' ? t->team.error : "asking the daemon...");
		return;
	}
	area_take_rows(&a, draw_head(team, a));
	if (a.height >= 10) {
		spend = resource_use(&t->spend);
		draw_why(spend, area_take_rows(&a, a.height >= 24 ? 9 : 5));
	}
	foot = area_part(a, a.height - 1, 0, 1, a.width);
	a.height--;
	list_view_draw(&t->keys.list, a, true);
	list_view_count(&t->keys.list, foot, 0);
}

static bool team_request(struct screen *s, enum request r)
{
	struct team *t = s->state;

	if (r == REQUEST_EDIT_TEAM && t->team.data != NULL)
		team_ask_limits(s, t->team.data);
	else if (r == REQUEST_BLOCK_TEAM && t->team.data != NULL)
		team_ask_toggle(s, t->team.data);
	else
		return key_list_request(s, r, t->name);
	return true;
}

static bool team_has_row(struct screen *s)
{
	struct team *t = s->state;

	return list_view_row(&t->keys.list) != NULL;
}

static void team_title(const struct screen *s, char *out, size_t size)
{
	const struct team *t = s->state;

	copy_text(out, size, t->name);
}

static void team_facts(const struct screen *s, char *out, size_t size)
{
	const struct team *t = s->state;

	list_view_facts(&t->keys.list, out, size);
}

const struct screen_ops team_screen = {
	.name = "Team",
	.kind = SCREEN_FULL,
	.context = CONTEXT_TEAM,
	.state_size = sizeof(struct team),
	.open = team_open,
	.close = team_close,
	.draw = team_draw,
	.request = team_request,
	.title = team_title,
	.facts = team_facts,
	.has_row = team_has_row,
};
