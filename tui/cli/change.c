/* SPDX-License-Identifier: MIT */
/* Commands that are one request about one object run here, and what a change did is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/table.h"

/* Members of a dry run's impact. */
static const struct column impact_columns[] = {
	{"calls in the last 24 hours", "calls_24h", cell_text, 0},
	{"spent in the last 24 hours", "spend_24h_usd", cell_usd, 0},
	{"calls open now", "open_calls", cell_text, 0},
	{"chains left without a target", "chains_without_target", cell_text, 0},
	{"warnings", "warnings", cell_text, 0},
};

static void print_impact(FILE *out, const json_t *impact)
{
	const json_t *move;
	size_t i;

	table_print_object(out, impact_columns, ARRAY_LEN(impact_columns), impact);
	json_array_foreach(json_object_get(impact, "moves_to"), i, move)
		cli_printf(out, "%s: calls go to %s\n", json_text_peek(move, "chain"), json_text_peek(move, "target"));
}

/* How people call the object: as they typed it, or as it is called where it is new. */
static const char *object_name(const struct cli *cli, const json_t *object)
{
	const char *name = cli->num_args > 0 ? cli->args[0] : json_text_peek(object, "id");

	return name ? name : "";
}

void change_print(struct cli *cli, const json_t *answer)
{
	const json_t *object = json_object_get(answer, "object"), *warning;
	size_t i;
	int64_t audit = json_int_peek(answer, "audit_id", 0);

	if (json_bool_peek(answer, "dry_run")) {
		if (cli->json)
			cli_print_json(answer);
		else
			print_impact(stdout, json_object_get(answer, "impact"));
		return;
	}
	if (cli->json)
		cli_print_json(object ? object : answer);
	cli_printf(stderr, "%s %s %s", cli->command->noun, object_name(cli, object), cli->command->done);
	if (audit > 0)
		fprintf(stderr, " (audit %lld)", (long long)audit);
	putc('\n', stderr);
	json_array_foreach(json_object_get(answer, "warnings"), i, warning)
		cli_printf(stderr, "warning: %s\n", json_string_value(warning));
}

/* What a destructive change would touch, asked for and printed before somebody is asked. */
static bool confirmed(struct cli *cli, const char *path)
{
	struct client_options options = {.dry_run = true};
	char *question;
	json_t *answer;
	bool yes;

	if (!cli->command->destructive || !cli->asks || cli_has(cli, FLAG_YES) || cli_has(cli, FLAG_DRY_RUN))
		return true;
	if (client_call(cli->client, cli->command->method, path, NULL, &options, &answer, NULL, NULL) == 0)
		print_impact(stderr, json_object_get(answer, "impact"));
	json_decref(answer);
	question = xasprintf("%s %s %s?", cli->command->verb, cli->command->noun, cli->args[0]);
	yes = cli_confirm(cli, question);
	free(question);
	return yes;
}

int change_send(struct cli *cli, json_t *body, json_t **ret_answer)
{
	char *path = path_with_args(cli->command->path, cli->args);
	int code = CLI_FAILED;

	*ret_answer = NULL;
	if (confirmed(cli, path))
		code = cli_change(cli, cli->command->method, path, body, ret_answer);
	json_decref(body);
	free(path);
	return code;
}

int change_run(struct cli *cli)
{
	json_t *body = body_from_flags(cli), *answer;
	struct err err;
	int code;

	/* What is created is named by the first argument; what is changed, by the path. */
	if (cli->num_args > 0 && strchr(cli->command->path, '%') == NULL)
		json_add_text(body, "name", cli->args[0]);
	if (strcmp(cli->command->method, "PATCH") == 0 && json_object_size(body) == 0) {
		json_decref(body);
		err_set(&err, ERR_INVALID, "nothing to change was given");
		return cli_usage_error(cli, &err);
	}
	if (json_object_size(body) == 0) {
		json_decref(body);
		body = NULL;
	}
	code = change_send(cli, body, &answer);
	if (code == CLI_OK)
		change_print(cli, answer);
	json_decref(answer);
	return code;
}
