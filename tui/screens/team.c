/* SPDX-License-Identifier: MIT */
/*
 * One team: its budgets, why it spends what it spends, its keys.
 *
 * The daemon works the answer to "why is it burning" out: what changed against the same hour of the
 * last days, by key and model.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/chart.h"
#include "model/burning.h"
#include "screens/key_list.h"
#include "screens/screens.h"
#include "screens/show.h"
#include "screens/team_ask.h"

struct team {
	struct key_list keys;           /* first: its dialogs look here */
	struct resource team, why;
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
	resource_init(&t->why, session, REFRESH_SLOWLY);
	path = path_of("/v1/teams/", t->name, "");
	resource_set_path(&t->team, path);
	free(path);
	path = path_of("/v1/teams/", t->name, "/why");
	resource_set_path(&t->why, path);
	free(path);
}

static void team_close(struct screen *s)
{
	struct team *t = s->state;

	list_view_close(&t->keys.list);
	resource_release(&t->team);
	resource_release(&t->why);
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

static void draw_why(const json_t *why, const char *error, struct area a)
{
	struct buf head, lines;
	int y = 1, x = put(a, 0, 1, a.width, ROLE_TITLE, "WHY IS IT BURNING");

	buf_init(&head, 1 << 10);
	buf_init(&lines, 1 << 14);
	if (why != NULL) {
		burning_head(why, &head);
		burning_tell(why, (size_t)(a.height - 1), &lines);
	}
	put(a, 0, x + 2, a.width - x - 3, ROLE_DIM, why != NULL ? head.data : error[0] != '\0' ? error : "asking the daemon...");
	for (char *line = lines.data, *end; (end = strchr(line, '\n')) != NULL && y < a.height; line = end + 1) {
		*end = '\0';
		put(a, y++, 1, a.width - 2, ROLE_NORMAL, line);
	}
	buf_release(&head);
	buf_release(&lines);
}

static void team_draw(struct screen *s, struct area a)
{
	struct team *t = s->state;
	const json_t *team = resource_use(&t->team), *why;
	struct area foot;

	if (team == NULL) {
		put(a, 1, 3, a.width - 3, ROLE_DIM, t->team.error[0] != '\0' ? t->team.error : "asking the daemon...");
		return;
	}
	area_take_rows(&a, draw_head(team, a));
	if (a.height >= 10) {
		why = resource_use(&t->why);
		draw_why(why, t->why.error, area_take_rows(&a, a.height >= 24 ? 9 : 5));
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
