/* SPDX-License-Identifier: MIT */
/* Keys are listed, shown, created and rotated here; a secret is printed once, alone on stdout. */
#include <stdio.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/list.h"

static const struct column list_columns[] = {
	{"KEY", "id", cell_text, 0},
	{"NAME", "name", cell_text, COLUMN_SHRINKS},
	{"TEAM", "team", cell_text, COLUMN_SHRINKS},
	{"STATE", "state", cell_text, 0},
	{"PREFIX", "prefix", cell_text, 0},
	{"$/H", "usd_per_hour", cell_money, COLUMN_RIGHT},
	{"MONTH", "spent_month_usd", cell_money, COLUMN_RIGHT},
	{"BUDGET", "budgets", cell_budget, 0},
	{"USED", "last_used_at", cell_age, COLUMN_RIGHT},
	{"EXPIRES", "expires_at", cell_until, 0},
};

static const struct column show_columns[] = {
	{"id", "id", cell_text, 0},
	{"name", "name", cell_text, 0},
	{"team", "team", cell_text, 0},
	{"prefix", "prefix", cell_text, 0},
	{"state", "state", cell_text, 0},
	{"because", "state_reason", cell_text, 0},
	{"expires", "expires_at", cell_until, 0},
	{"models", "models", cell_all, 0},
	{"budgets", "budgets", cell_budgets, 0},
	{"requests a minute", "rpm", cell_text, 0},
	{"tokens a minute", "tpm", cell_text, 0},
	{"calls in parallel", "parallel", cell_text, 0},
	{"spent this month", "spent_month_usd", cell_usd, 0},
	{"dollars an hour", "usd_per_hour", cell_usd, 0},
	{"last used", "last_used_at", cell_time, 0},
	{"note", "note", cell_text, 0},
	{"revision", "revision", cell_text, 0},
	{"created", "created_at", cell_time, 0},
	{"revoked", "revoked_at", cell_time, 0},
};

int key_list(struct cli *cli)
{
	return list_run(cli, "/v1/keys", list_columns, ARRAY_LEN(list_columns));
}

int key_show(struct cli *cli)
{
	return show_run(cli, "/v1/keys/%", show_columns, ARRAY_LEN(show_columns));
}

/* Sends the change and prints the secret that came. */
static int print_secret(struct cli *cli, json_t *body)
{
	const json_t *object;
	const char *secret;
	json_t *answer;
	int code = change_send(cli, body, &answer);

	if (code != CLI_OK)
		return code;
	object = json_object_get(answer, "object");
	secret = json_text_peek(object, "secret");
	change_print(cli, answer);
	if (!cli->json && secret != NULL) {
		cli_printf(stderr, "team %s, name %s; the secret is shown this once:\n", json_text_peek(object, "team"),
			json_text_peek(object, "name") ? json_text_peek(object, "name") : "-");
		printf("%s\n", secret);
	}
	json_decref(answer);
	return code;
}

int key_create(struct cli *cli)
{
	struct err err;

	if (cli_has(cli, FLAG_TEAM))
		return print_secret(cli, body_from_flags(cli));
	err_set(&err, ERR_INVALID, "--team TEAM is needed: who pays?");
	return cli_usage_error(cli, &err);
}

int key_rotate(struct cli *cli)
{
	return print_secret(cli, body_from_flags(cli));
}
