/* SPDX-License-Identifier: MIT */
/* The dialogs about one key, or about those that are marked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/confirm.h"
#include "app/form.h"
#include "base/mem.h"
#include "model/now.h"
#include "screens/act.h"
#include "screens/key_list.h"
#include "screens/limits.h"
#include "screens/screens.h"
#include "screens/secret.h"
#include "screens/show.h"

#define PREFIX "/v1/keys/"

static const char *const modes[] = {"standard", "strict", NULL};

static void created(struct screen *s, const json_t *answer)
{
	struct key_list *k = s->state;
	const json_t *key = json_object_get(answer, "object");
	const char *id = key != NULL ? json_text_peek(key, "id") : NULL;

	if (id != NULL)
		copy_text(k->list.table.selected, sizeof(k->list.table.selected), id);
	secret_show(s->app, answer, "Key created");
}

void key_ask_new(struct screen *s, const char *team)
{
	static const struct form_field fields[] = {
		{"Team", "team", FIELD_NAME, 24, .required = true, .hint = "who pays"},
		{"Name", "name", FIELD_NAME, 24, .hint = "unique in the team"},
		{"Budget", "budget", FIELD_BUDGET, 14, .hint = "200/month; empty: the team's alone"},
		{"Mode", "budget_mode", FIELD_CHOICE, 10, .choices = modes, .hint = "strict is never passed, not by a cent"},
		{"Requests", "rpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Tokens", "tpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Models", "models", FIELD_LIST, 36, .hint = "empty: all of the team"},
		{"Expires", "expires", FIELD_DURATION, 14, .hint = "30d, or a date; empty: never"},
		{"Note", "note", FIELD_LINE, .width = 50},
	};
	const char *values[ARRAY_LEN(fields)] = {team};
	struct form_options options = {.title = "New key", .fields = fields, .num_fields = ARRAY_LEN(fields),
				       .values = values, .method = "POST", .path = "/v1/keys",
				       .command = "tollgate key create", .owner = s, .accepted = created};

	form_open(s->app, &options);
}

static void changed(struct screen *s, const json_t *answer)
{
	char name[128];
	const json_t *key = json_object_get(answer, "object");

	app_say(s->app, ROLE_NORMAL, "key %s: in force", key_full_name(key, name, sizeof(name)));
}

void key_ask_limits(struct screen *s, const json_t *key)
{
	static const struct form_field fields[] = {
		{"Name", "name", FIELD_NAME, .width = 24},
		{"Budget", "budget", FIELD_BUDGET, 14, .hint = "200/month; empty: the team's alone"},
		{"Mode", "budget_mode", FIELD_CHOICE, 10, .choices = modes, .hint = "strict is never passed, not by a cent"},
		{"Requests", "rpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Tokens", "tpm", FIELD_NUMBER, 10, .hint = "a minute; empty: no limit"},
		{"Parallel", "parallel", FIELD_NUMBER, 10, .hint = "open at once; empty: no limit"},
		{"Models", "models", FIELD_LIST, 36, .hint = "empty: all of the team"},
		{"Note", "note", FIELD_LINE, .width = 50},
	};
	struct limits limits;
	char title[160], name[128], command[160];
	const char *values[ARRAY_LEN(fields)] = {json_text_peek(key, "name"), limits.budget, limits.mode, limits.rpm,
						 limits.tpm, limits.parallel, limits.models, json_text_peek(key, "note")};
	char *path = path_of(PREFIX, json_text_peek(key, "id"), "");
	struct form_options options = {.title = title, .fields = fields, .num_fields = ARRAY_LEN(fields),
				       .values = values, .method = "PATCH", .path = path, .only_changed = true,
				       .revision = revision_of(key), .command = command, .owner = s, .accepted = changed};

	limits_read(&limits, key);
	snprintf(title, sizeof(title), "Limits of key %s", key_full_name(key, name, sizeof(name)));
	snprintf(command, sizeof(command), "tollgate key update %s", json_text_peek(key, "id"));
	form_open(s->app, &options);
	free(path);
}

static void order(struct screen *s, const char *id, const char *suffix, const char *what, const char *reason)
{
	char said[ROW_ID + 64];
	struct act act = {.prefix = PREFIX, .name = id, .suffix = suffix, .reason = reason, .said = said};

	snprintf(said, sizeof(said), "key %s %s", id, what);
	act_send(s, &act);
}

static void add_facts(struct screen *box, const json_t *key)
{
	char at[NOW_TEXT], used[NOW_TEXT];
	const char *prefix = json_text_peek(key, "prefix");

	confirm_add_line(box, ROLE_NORMAL, "prefix %s   created %s   last used %s", prefix != NULL ? prefix : "-",
			 now_stamp(json_time_peek(key, "created_at"), at),
			 now_stamp(json_time_peek(key, "last_used_at"), used));
}

static void chosen_block(struct screen *s, enum request choice, const char *id, const char *reason)
{
	(void)choice;
	order(s, id, "/block", "is blocked; t unblocks it", reason);
}

void key_ask_toggle(struct screen *s, const json_t *key)
{
	const char *state = json_text_peek(key, "state");
	char title[160], name[128], same[ROW_ID + 32];
	struct act act = {.prefix = PREFIX, .name = json_text_peek(key, "id"), .suffix = "/block", .said = ""};
	struct confirm_options options = {.title = title, .context = CONTEXT_BOX_REASON, .keep = "leave it",
					  .asks_reason = true, .wants_impact = true, .same_as = same, .about = act.name, .owner = s,
					  .chosen = chosen_block, .num_choices = 1,
					  .choices = {{REQUEST_YES, "block: new calls get 403 at once"}}};
	struct screen *box;

	if (state != NULL && strcmp(state, "blocked") == 0) {
		order(s, act.name, "/unblock", "may call again", NULL);
		return;
	}
	snprintf(title, sizeof(title), "Block key %s ?", key_full_name(key, name, sizeof(name)));
	snprintf(same, sizeof(same), "tollgate key block %s", act.name);
	box = confirm_open(s->app, &options);
	add_facts(box, key);
	act_ask_impact(box, &act);
}

/* Goes to the app, not to the screen: the secret must be shown even when that was left meanwhile. */
static void on_rotated(void *arg, const struct client_answer *answer)
{
	struct app *app = arg;

	if (answer->err->code != ERR_NONE)
		app_say(app, ROLE_BAD, "%s", answer->err->text);
	else
		secret_show(app, answer->json, "Key rotated");
}

static void chosen_rotate(struct screen *s, enum request choice, const char *id, const char *reason)
{
	char *path = path_of(PREFIX, id, "/rotate");
	json_t *body = json_pack("{s:s}", "grace", "1h");
	struct change change = {.method = "POST", .path = path, .body = body, .reason = reason};

	(void)choice;
	session_send(app_session(s->app), &change, on_rotated, s->app);
	json_decref(body);
	free(path);
}

void key_ask_rotate(struct screen *s, const json_t *key)
{
	char title[160], name[128], same[ROW_ID + 48];
	struct confirm_options options = {.title = title, .context = CONTEXT_BOX_REASON, .keep = "keep the secret",
					  .asks_reason = true, .same_as = same, .about = json_text_peek(key, "id"), .owner = s, .chosen = chosen_rotate,
					  .num_choices = 1, .choices = {{REQUEST_YES, "a new secret now; the old one dies in 1 h"}}};
	struct screen *box;

	snprintf(title, sizeof(title), "Rotate key %s ?", key_full_name(key, name, sizeof(name)));
	snprintf(same, sizeof(same), "tollgate key rotate %s --grace 1h", json_text_peek(key, "id"));
	box = confirm_open(s->app, &options);
	add_facts(box, key);
	confirm_add_line(box, ROLE_NORMAL, "the new secret is shown once, in the next box");
}

static void chosen_revoke_marked(struct screen *s, enum request choice, const char *about, const char *reason)
{
	struct key_list *k = s->state;

	for (size_t i = 0; i < k->list.table.num_marks; i++) {
		struct act act = {.prefix = PREFIX, .name = k->list.table.marks[i], .suffix = "/revoke",
				  .reason = reason, .said = "the marked keys are revoked"};

		(void)choice;
		(void)about;
		act_send(s, &act);
	}
	table_clear_marks(&k->list.table);
}

static void chosen_revoke(struct screen *s, enum request choice, const char *id, const char *reason)
{
	if (choice == REQUEST_ROTATE_INSTEAD)
		chosen_rotate(s, choice, id, reason);
	else
		order(s, id, "/revoke", "is revoked", reason);
}

static void ask_revoke_marked(struct screen *s)
{
	struct key_list *k = s->state;
	size_t n = k->list.table.num_marks;
	char title[64];
	struct confirm_options options = {.title = title, .context = CONTEXT_BOX_REASON, .keep = "keep them",
					  .asks_reason = true, .owner = s, .chosen = chosen_revoke_marked, .num_choices = 1,
					  .choices = {{REQUEST_YES, "revoke them all, for good"}}};
	struct screen *box;

	snprintf(title, sizeof(title), "Revoke %zu keys ?", n);
	box = confirm_open(s->app, &options);
	for (size_t i = 0; i < n && i < CONFIRM_LINES - 2; i++)
		confirm_add_line(box, ROLE_NORMAL, "%s", k->list.table.marks[i]);
	if (n > CONFIRM_LINES - 2)
		confirm_add_line(box, ROLE_WARN, "and %zu more", n - (CONFIRM_LINES - 2));
}

void key_ask_revoke(struct screen *s, const json_t *key)
{
	struct key_list *k = s->state;
	char title[160], name[128], same[ROW_ID + 32];
	struct act act = {.prefix = PREFIX, .name = json_text_peek(key, "id"), .suffix = "/revoke", .said = ""};
	struct confirm_options options = {
		.title = title, .context = CONTEXT_BOX_ROTATE, .keep = "keep it", .asks_reason = true,
		.wants_impact = true, .same_as = same, .about = act.name, .owner = s, .chosen = chosen_revoke, .num_choices = 2,
		.choices = {{REQUEST_YES, "revoke now, for good: new calls get 403 at once"},
			    {REQUEST_ROTATE_INSTEAD, "rotate instead: a new secret now, this one dies in 1 h"}},
	};
	struct screen *box;

	if (k->list.table.num_marks > 0) {
		ask_revoke_marked(s);
		return;
	}
	snprintf(title, sizeof(title), "Revoke key %s ?", key_full_name(key, name, sizeof(name)));
	snprintf(same, sizeof(same), "tollgate key revoke %s", act.name);
	box = confirm_open(s->app, &options);
	add_facts(box, key);
	act_ask_impact(box, &act);
}
