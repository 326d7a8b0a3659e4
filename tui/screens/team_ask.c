/* SPDX-License-Identifier: MIT */
/* The dialogs about one team. */
#include "screens/team_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/confirm.h"
#include "app/form.h"
#include "base/mem.h"
#include "base/money.h"
#include "draw/table.h"
#include "screens/act.h"
#include "screens/limits.h"
#include "screens/show.h"

#define PREFIX "/v1/teams/"

static const char *const modes[] = {"standard", "strict", NULL};

void team_state(const json_t *team, struct cell *out)
{
	const json_t *budget = main_budget(team);
	int64_t spent = budget != NULL ? json_money_peek(budget, "spent_usd") : COST_UNKNOWN;
	int64_t amount = budget != NULL ? json_money_peek(budget, "amount_usd") : COST_UNKNOWN;

	copy_text(out->text, sizeof(out->text), "ok");
	if (json_bool_peek(team, "blocked")) {
		copy_text(out->text, sizeof(out->text), "blocked");
		out->role = ROLE_WARN;
	} else if (spent != COST_UNKNOWN && amount != COST_UNKNOWN && spent >= amount) {
		copy_text(out->text, sizeof(out->text), "! over");
		out->role = ROLE_BAD;
	} else if (spent != COST_UNKNOWN && amount != COST_UNKNOWN && spent >= money_scale(amount, 9, 10)) {
		copy_text(out->text, sizeof(out->text), "near");
		out->role = ROLE_WARN;
	}
}

void team_ask_new(struct screen *s, void (*created)(struct screen *, const json_t *answer))
{
	static const struct form_field fields[] = {
		{"Name", "name", FIELD_NAME, 24, .required = true, .hint = "letters, digits, . _ -"},
		{"Budget", "budget", FIELD_BUDGET, 14, .hint = "500/month; empty: none"},
		{"Mode", "budget_mode", FIELD_CHOICE, 10, .choices = modes, .hint = "strict is never passed, not by a cent"},
		{"Requests", "rpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Tokens", "tpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Models", "models", FIELD_LIST, 36, .hint = "empty: all"},
		{"Note", "note", FIELD_LINE, .width = 50},
	};
	struct form_options options = {.title = "New team", .fields = fields, .num_fields = ARRAY_LEN(fields),
				       .method = "POST", .path = "/v1/teams", .command = "tollgate team create", .arguments = "name",
				       .owner = s, .accepted = created};

	form_open(s->app, &options);
}

static void changed(struct screen *s, const json_t *answer)
{
	const json_t *team = json_object_get(answer, "object");

	app_say(s->app, ROLE_NORMAL, "team %s: in force", team != NULL ? json_text_peek(team, "name") : "");
}

void team_ask_limits(struct screen *s, const json_t *team)
{
	static const struct form_field fields[] = {
		{"Team", "name", FIELD_NAME, 24, .fixed = true},
		{"Budget", "budget", FIELD_BUDGET, 14, .hint = "500/month; empty: none"},
		{"Mode", "budget_mode", FIELD_CHOICE, 10, .choices = modes, .hint = "strict is never passed, not by a cent"},
		{"Requests", "rpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Tokens", "tpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Parallel", "parallel", FIELD_NUMBER, 10, .hint = "open at once; empty: no limit"},
		{"Models", "models", FIELD_LIST, 36, .hint = "empty: all"},
		{"Note", "note", FIELD_LINE, .width = 50},
	};
	struct limits limits;
	const char *name = json_text_peek(team, "name");
	const char *values[ARRAY_LEN(fields)] = {name, limits.budget, limits.mode, limits.rpm, limits.tpm,
						 limits.parallel, limits.models, json_text_peek(team, "note")};
	char *path = path_of(PREFIX, name, "");
	char title[160], command[160];
	struct form_options options = {.title = title, .fields = fields, .num_fields = ARRAY_LEN(fields),
				       .values = values, .method = "PATCH", .path = path, .only_changed = true,
				       .revision = revision_of(team), .command = command, .owner = s, .accepted = changed};

	limits_read(&limits, team);
	snprintf(title, sizeof(title), "Limits of team %s", name);
	snprintf(command, sizeof(command), "tollgate team update %s", name);
	form_open(s->app, &options);
	free(path);
}

static void order(struct screen *s, const char *name, const char *suffix, const char *what, const char *reason)
{
	char said[192];
	struct act act = {.prefix = PREFIX, .name = name, .suffix = suffix, .reason = reason, .said = said};

	snprintf(said, sizeof(said), "team %s %s", name, what);
	act_send(s, &act);
}

static void chosen_block(struct screen *s, enum request choice, const char *name, const char *reason)
{
	(void)choice;
	order(s, name, "/block", "is blocked; t unblocks it", reason);
}

void team_ask_toggle(struct screen *s, const json_t *team)
{
	const char *name = json_text_peek(team, "name");
	char title[160], same[160];
	struct act act = {.prefix = PREFIX, .name = name, .suffix = "/block", .said = ""};
	struct confirm_options options = {.title = title, .context = CONTEXT_BOX_REASON, .keep = "leave it",
					  .asks_reason = true, .wants_impact = true, .same_as = same, .about = name, .owner = s,
					  .chosen = chosen_block, .num_choices = 1,
					  .choices = {{REQUEST_YES, "block: its keys' calls get 403 at once"}}};

	if (json_bool_peek(team, "blocked")) {
		order(s, name, "/unblock", "may call again", NULL);
		return;
	}
	snprintf(title, sizeof(title), "Block team %s ?", name);
	snprintf(same, sizeof(same), "tollgate team block %s", name);
	act_ask_impact(confirm_open(s->app, &options), &act);
}
