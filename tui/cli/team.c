/* SPDX-License-Identifier: MIT */
/* Teams are listed and shown here; what changes them is rows of the table of commands. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/list.h"
#include "model/burning.h"

static const struct column list_columns[] = {
	{"TEAM", "name", cell_text, COLUMN_SHRINKS},
	{"STATE", "blocked", cell_blocked, 0},
	{"KEYS", "num_keys", cell_text, COLUMN_RIGHT},
	{"$/H", "usd_per_hour", cell_money, COLUMN_RIGHT},
	{"TODAY", "spent_today_usd", cell_money, COLUMN_RIGHT},
	{"MONTH", "spent_month_usd", cell_money, COLUMN_RIGHT},
	{"BUDGET", "budgets", cell_budget, 0},
	{"RPM", "rpm", cell_text, COLUMN_RIGHT},
	{"TPM", "tpm", cell_count, COLUMN_RIGHT},
	{"MODELS", "models", cell_all, COLUMN_SHRINKS},
};

static const struct column show_columns[] = {
	{"name", "name", cell_text, 0},
	{"state", "blocked", cell_blocked, 0},
	{"blocked because", "blocked_reason", cell_text, 0},
	{"models", "models", cell_all, 0},
	{"budgets", "budgets", cell_budgets, 0},
	{"requests a minute", "rpm", cell_text, 0},
	{"tokens a minute", "tpm", cell_text, 0},
	{"calls in parallel", "parallel", cell_text, 0},
	{"markup percent", "markup_percent", cell_text, 0},
	{"allow unpriced", "allow_unpriced", cell_text, 0},
	{"keys", "num_keys", cell_text, 0},
	{"spent today", "spent_today_usd", cell_usd, 0},
	{"spent this month", "spent_month_usd", cell_usd, 0},
	{"dollars an hour", "usd_per_hour", cell_usd, 0},
	{"note", "note", cell_text, 0},
	{"revision", "revision", cell_text, 0},
	{"created", "created_at", cell_time, 0},
};

int team_list(struct cli *cli)
{
	return list_run(cli, "/v1/teams", list_columns, ARRAY_LEN(list_columns));
}

int team_show(struct cli *cli)
{
	return show_run(cli, "/v1/teams/%", show_columns, ARRAY_LEN(show_columns));
}

int team_why(struct cli *cli)
{
	char *named = path_with_args("/v1/teams/%/why", cli->args), *path = path_with_flags(cli, named);
	struct buf text;
	json_t *why;
	int code = cli_get(cli, path, &why);

	free(path);
	free(named);
	if (code != CLI_OK)
		return code;
	buf_init(&text, 1 << 16);
	burning_head(why, &text);
	buf_putc(&text, '\n');
	burning_tell(why, SIZE_MAX, &text);
	if (cli->json)
		cli_print_json(why);
	else
		fputs(text.data, stdout);
	buf_release(&text);
	json_decref(why);
	return CLI_OK;
}
