/* SPDX-License-Identifier: MIT */
/* Keys are listed here; a secret that is pasted as a filter finds its owner by hash. */
#include "screens/key_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "screens/screens.h"
#include "screens/show.h"

#define SECRET_PREFIX "sk-tg-"

static void name_cell(const void *row, struct cell *c)
{
	show_text(c, row, "name");
}

static void team_cell(const void *row, struct cell *c)
{
	show_text(c, row, "team");
}

static void prefix_cell(const void *row, struct cell *c)
{
	show_text(c, row, "prefix");
}

static void state_cell(const void *row, struct cell *c)
{
	show_text(c, row, "state");
	if (strcmp(c->text, "active") != 0)
		c->role = strcmp(c->text, "blocked") == 0 ? ROLE_WARN : ROLE_DIM;
}

static void rate_cell(const void *row, struct cell *c)
{
	show_rate(c, row, "usd_per_hour");
}

static void spent_cell(const void *row, struct cell *c)
{
	const json_t *budget = main_budget(row);

	if (budget != NULL)
		show_dollars(c, budget, "spent_usd");
	else
		show_dollars(c, row, "spent_month_usd");
}

static void limit_cell(const void *row, struct cell *c)
{
	const json_t *budget = main_budget(row);

	copy_text(c->text, sizeof(c->text), "-");
	if (budget == NULL)
		return;
	show_dollars(c, budget, "amount_usd");
	if (json_money_peek(budget, "spent_usd") >= json_money_peek(budget, "amount_usd"))
		c->role = ROLE_BAD;
}

static void window_cell(const void *row, struct cell *c)
{
	const json_t *budget = main_budget(row);

	copy_text(c->text, sizeof(c->text), "-");
	if (budget != NULL)
		show_text(c, budget, "window");
}

static void rpm_cell(const void *row, struct cell *c)
{
	show_count(c, row, "rpm");
}

static void tpm_cell(const void *row, struct cell *c)
{
	show_count(c, row, "tpm");
}

static void models_cell(const void *row, struct cell *c)
{
	const json_t *models = json_object_get(row, "models");
	size_t len = 0;

	if (!json_is_array(models)) {
		copy_text(c->text, sizeof(c->text), "all of team");
		return;
	}
	for (size_t i = 0; i < json_array_size(models) && len < sizeof(c->text); i++)
		len += (size_t)snprintf(c->text + len, sizeof(c->text) - len, "%s%s", i > 0 ? "," : "",
					json_string_value(json_array_get(models, i)));
}

static void last_cell(const void *row, struct cell *c)
{
	show_age(c, row, "last_used_at");
}

static void expires_cell(const void *row, struct cell *c)
{
	show_left(c, row, "expires_at");
}

static const struct column columns[] = {
	{.title = "NAME", .sort = "name", .width = 11, .most = 24, .cell = name_cell},
	{.title = "TEAM", .sort = "team", .width = 11, .most = 16, .drop = 3, .cell = team_cell},
	{.title = "PREFIX", .width = 10, .drop = 5, .cell = prefix_cell},
	{.title = "STATE", .sort = "state", .width = 7, .cell = state_cell},
	{.title = "$/h", .sort = "usd_per_hour", .width = 6, .right = true, .drop = 1, .cell = rate_cell},
	{.title = "SPENT", .sort = "spent_month_usd", .width = 6, .right = true, .drop = 2, .cell = spent_cell},
	{.title = "LIMIT", .width = 6, .right = true, .drop = 4, .cell = limit_cell},
	{.title = "PER", .width = 5, .drop = 9, .cell = window_cell},
	{.title = "RPM", .sort = "rpm", .width = 4, .right = true, .drop = 8, .cell = rpm_cell},
	{.title = "TPM", .sort = "tpm", .width = 5, .right = true, .drop = 10, .cell = tpm_cell},
	{.title = "MODELS", .width = 11, .most = 24, .drop = 11, .cell = models_cell},
	{.title = "LAST", .sort = "last_used_at", .width = 4, .right = true, .drop = 6, .cell = last_cell},
	{.title = "EXP", .sort = "expires_at", .width = 4, .right = true, .drop = 7, .cell = expires_cell},
};

static const struct filter_field filters[] = {
	{.name = "name", .member = "name"},
	{.name = "team", .member = "team", .parameter = "team"},
	{.name = "state", .member = "state", .parameter = "state"},
	{.name = NULL},
};

static bool is_problem(const void *row)
{
	const json_t *budget = main_budget(row);

	return budget != NULL && json_money_peek(budget, "spent_usd") >= json_money_peek(budget, "amount_usd");
}

static void note(const void *row, struct cell *c)
{
	const char *state = json_text_peek(row, "state"), *reason = json_text_peek(row, "state_reason");

	if (state != NULL && strcmp(state, "active") != 0 && reason != NULL)
		snprintf(c->text, sizeof(c->text), "%s: \"%s\"", state, reason);
}

static const struct list_spec spec = {
	.base = "/v1/keys",
	.refresh = REFRESH_EACH_PULSE,
	.columns = columns,
	.num_columns = ARRAY_LEN(columns),
	.sort = "usd_per_hour",
	.descending = true,
	.filters = filters,
	.many = "keys",
	.nothing = "no key yet: a makes one",
	.is_problem = is_problem,
	.note = note,
};

/* Only its hash leaves this program; on the screen stands what lists show of any key. */
static bool take_secret(struct list_view *v, struct field *field, bool pasted)
{
	unsigned char hash[HASH_BYTES];
	char hex[HASH_HEX], extra[HASH_HEX + 16], shown[64];
	char *secret = strstr(field->text, SECRET_PREFIX);

	if (!pasted || secret == NULL) {
		if (v->listing.extra != NULL && strstr(v->listing.extra, "&hash=") != NULL)
			listing_set_extra(&v->listing, NULL);
		return false;
	}
	secret[strcspn(secret, " ")] = '\0';
	hash_sha256(secret, strlen(secret), hash);
	snprintf(extra, sizeof(extra), "&hash=%s", hash_hex(hash, hex));
	snprintf(shown, sizeof(shown), "%.10s.. (a pasted key, hidden)", secret);
	explicit_bzero(field->text, sizeof(field->text));
	field_set(field, shown);
	copy_text(v->filter, sizeof(v->filter), shown);
	listing_set_extra(&v->listing, extra);
	return true;
}

void key_list_open(struct key_list *k, struct screen *s, const char *team)
{
	list_view_open(&k->list, s, &spec);
	if (team != NULL) {
		char *extra = path_of("&team=", team, "");

		listing_set_extra(&k->list.listing, extra);
		free(extra);
	} else {
		k->list.take_filter = take_secret;
	}
}

static void show_calls(struct screen *s, const json_t *row)
{
	const char *name = json_text_peek(row, "name"), *team = json_text_peek(row, "team");
	char filter[256];

	snprintf(filter, sizeof(filter), "key:%s team:%s", name != NULL && name[0] != '\0' ? name : json_text_peek(row, "id"),
		 team != NULL ? team : "");
	calls_open_with(s->app, filter);
}

bool key_list_request(struct screen *s, enum request r, const char *team)
{
	struct key_list *k = s->state;
	const json_t *row = list_view_row(&k->list);

	if (r == REQUEST_ADD_KEY)
		key_ask_new(s, team != NULL ? team : row != NULL ? json_text_peek(row, "team") : NULL);
	else if (row == NULL)
		return list_view_request(&k->list, r);
	else if (r == REQUEST_EDIT_LIMITS)
		key_ask_limits(s, row);
	else if (r == REQUEST_TOGGLE_KEY)
		key_ask_toggle(s, row);
	else if (r == REQUEST_ROTATE_KEY)
		key_ask_rotate(s, row);
	else if (r == REQUEST_REVOKE_KEY)
		key_ask_revoke(s, row);
	else if (r == REQUEST_OPEN)
		show_calls(s, row);
	else
		return list_view_request(&k->list, r);
	return true;
}

const char *key_full_name(const json_t *key, char *out, size_t size)
{
	const char *team = json_text_peek(key, "team"), *name = json_text_peek(key, "name");
	const char *id = json_text_peek(key, "id");

	snprintf(out, size, "%s / %s", team != NULL ? team : "-", name != NULL && name[0] != '\0' ? name : id != NULL ? id : "-");
	return out;
}
