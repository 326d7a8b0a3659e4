/* SPDX-License-Identifier: MIT */
/* Prices are listed, set and imported here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/list.h"

static const struct column list_columns[] = {
	{"MODEL", "model", cell_text, COLUMN_SHRINKS},
	{"PROVIDER", "provider", cell_all, COLUMN_SHRINKS},
	{"FROM", "from", cell_since, 0},
	{"ABOVE", "above_input", cell_count, COLUMN_RIGHT},
	{"INPUT", "input", cell_text, COLUMN_RIGHT},
	{"OUTPUT", "output", cell_text, COLUMN_RIGHT},
	{"CACHE READ", "cache_read", cell_text, COLUMN_RIGHT},
	{"WRITE", "cache_write", cell_text, COLUMN_RIGHT},
	{"WRITE 1H", "cache_write_1h", cell_text, COLUMN_RIGHT},
	{"REASONING", "reasoning", cell_text, COLUMN_RIGHT},
	{"REQUEST", "request_usd", cell_text, COLUMN_RIGHT},
	{"SOURCE", "source", cell_text, COLUMN_SHRINKS},
};

int price_list(struct cli *cli)
{
	return list_run(cli, "/v1/prices", list_columns, ARRAY_LEN(list_columns));
}

int price_set(struct cli *cli)
{
	json_t *body = body_from_flags(cli), *answer;
	int code;

	/* Where "provider/model" is meant, the daemon knows: models have slashes in their names, too. */
	json_add_text(body, "model", cli->args[0]);
	code = change_send(cli, body, &answer);
	if (code == CLI_OK)
		change_print(cli, answer);
	json_decref(answer);
	return code;
}

/* What was done in figures, whatever figures the daemon gives. */
static void print_figures(struct cli *cli, const json_t *answer)
{
	const char *name;
	json_t *value;

	if (cli->json || json_bool_peek(answer, "dry_run")) {
		change_print(cli, answer);
		return;
	}
	json_object_foreach((json_t *)answer, name, value)
		if (json_is_integer(value) && strcmp(name, "generation") != 0 && strcmp(name, "audit_id") != 0)
			printf("%s %lld\n", name, (long long)json_integer_value(value));
}

int price_import(struct cli *cli)
{
	char *path = path_with_flags(cli, cli->command->path);
	struct client_options options = {.reason = cli->values[FLAG_REASON],
					 .dry_run = cli_has(cli, FLAG_DRY_RUN),
					 .timeout_ms = -1};
	json_t *answer = NULL;
	struct err err;
	int status, code;
	char *text = cli_read_file(cli->args[0], &options.text_len, &err);

	options.text = text;
	if (text == NULL)
		code = cli_failed_here(&err);
	else if (client_call(cli->client, cli->command->method, path, NULL, &options, &answer, &status, &err) < 0)
		code = cli_failed(status, &err);
	else
		code = CLI_OK;
	if (code == CLI_OK)
		print_figures(cli, answer);
	json_decref(answer);
	free(text);
	free(path);
	return code;
}
