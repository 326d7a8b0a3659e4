/* SPDX-License-Identifier: MIT */
/* What calls cost is said anew: the difference is shown, then somebody is asked, then it is done, here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/table.h"

/* "+1.5"; a minus is the number's own. */
static void cell_difference(const struct column *column, const json_t *item, struct buf *out)
{
	const char *text = json_text_peek(item, column->member);

	buf_printf(out, "%s%s", text != NULL && *text != '-' && strcmp(text, "0") != 0 ? "+" : "", text != NULL ? text : "-");
}

/* Calls that stay as they are because no price held when they were made. */
static void cell_no_price(const struct column *column, const json_t *item, struct buf *out)
{
	(void)column;
	buf_printf(out, "%lld",
		   (long long)(json_int_peek(item, "still_unknown", 0) + json_int_peek(item, "without_price", 0)));
}

static const struct column model_columns[] = {
	{"PROVIDER", "provider", cell_text, COLUMN_SHRINKS},
	{"MODEL", "model", cell_text, COLUMN_SHRINKS},
	{"CALLS", "calls", cell_text, COLUMN_RIGHT},
	{"UNPRICED", "unpriced", cell_text, COLUMN_RIGHT},
	{"COST NOW", "cost_usd", cell_usd, COLUMN_RIGHT},
	{"COST THEN", "new_cost_usd", cell_usd, COLUMN_RIGHT},
	{"DIFFERENCE", "difference_usd", cell_difference, COLUMN_RIGHT},
	{"BILLED NOW", "billed_usd", cell_usd, COLUMN_RIGHT},
	{"BILLED THEN", "new_billed_usd", cell_usd, COLUMN_RIGHT},
	{"NO PRICE", "still_unknown", cell_no_price, COLUMN_RIGHT},
};

/* The same figures of teams. */
static void print_teams(const json_t *teams)
{
	struct column columns[ARRAY_LEN(model_columns) - 1];

	memcpy(columns, model_columns + 1, sizeof(columns));
	columns[0] = (struct column){"TEAM", "team", cell_text, COLUMN_SHRINKS};
	table_print(stdout, columns, ARRAY_LEN(columns), teams);
}

static void print_total(FILE *out, const json_t *answer)
{
	const json_t *before = json_object_get(answer, "before"), *after = json_object_get(answer, "after");
	const char *difference = json_text_peek(answer, "difference_usd");
	int64_t unknown = json_int_peek(answer, "still_unknown", 0), kept = json_int_peek(answer, "without_price", 0);

	cli_printf(out, "%lld calls cost $%s now and $%s then: %s%s\n", (long long)json_int_peek(answer, "repriced", 0),
		   json_text_peek(before, "cost_usd"), json_text_peek(after, "cost_usd"), *difference == '-' ? "" : "+",
		   difference);
	if (unknown > 0)
		fprintf(out, "%lld calls stay of unknown cost: no price held when they were made\n", (long long)unknown);
	if (kept > 0)
		fprintf(out, "%lld calls keep what they cost: no price holds for when they were made\n", (long long)kept);
}

static void print_difference(const json_t *answer)
{
	const json_t *models = json_object_get(answer, "models");

	if (json_array_size(models) > 0) {
		table_print(stdout, model_columns, ARRAY_LEN(model_columns), models);
		putchar('\n');
		print_teams(json_object_get(answer, "teams"));
		putchar('\n');
	}
	print_total(stdout, answer);
	fflush(stdout);
}

static int ask_daemon(struct cli *cli, bool dry_run, json_t **ret)
{
	/* As long as it takes: the daemon looks at every call. */
	struct client_options options = {.reason = cli->values[FLAG_REASON], .dry_run = dry_run, .timeout_ms = -1};
	json_t *body = body_from_flags(cli);
	struct err err;
	int status, rc;

	rc = client_call(cli->client, cli->command->method, cli->command->path, body, &options, ret, &status, &err);
	json_decref(body);
	if (rc == 0)
		return CLI_OK;
	json_decref(*ret);
	*ret = NULL;
	return cli_failed(status, &err);
}

static int reprice(struct cli *cli)
{
	json_t *answer = NULL;
	int code = ask_daemon(cli, false, &answer);

	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(answer);
	fprintf(stderr, "%lld calls %s (audit %lld)\n", (long long)json_int_peek(answer, "repriced", 0), cli->command->done,
		(long long)json_int_peek(answer, "audit_id", 0));
	json_decref(answer);
	return CLI_OK;
}

/* Money moves: where there is nobody to ask, --yes must have been said. */
static int ask_person(struct cli *cli)
{
	struct err err;

	if (cli->asks || cli_has(cli, FLAG_YES))
		return cli_confirm(cli, "charge these calls so?") ? CLI_OK : CLI_FAILED;
	err_set(&err, ERR_INVALID, "nothing was done: there is nobody to ask here, so say --yes");
	return cli_usage_error(cli, &err);
}

int price_reprice(struct cli *cli)
{
	bool only_shows = cli_has(cli, FLAG_DRY_RUN);
	json_t *difference = NULL;
	int64_t calls;
	int code = ask_daemon(cli, true, &difference);

	if (code != CLI_OK)
		return code;
	calls = json_int_peek(difference, "repriced", 0);
	if (!cli->json)
		print_difference(difference);
	else if (only_shows || calls == 0)
		cli_print_json(difference);
	json_decref(difference);
	if (only_shows || calls == 0)
		return CLI_OK;
	code = ask_person(cli);
	return code == CLI_OK ? reprice(cli) : code;
}
