/* SPDX-License-Identifier: MIT */
/* Fallback chains are listed, shown, set and explained here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/chain_text.h"
#include "cli/list.h"

static const struct column list_columns[] = {
	{"CHAIN", "name", cell_text, COLUMN_SHRINKS},
	{"TARGETS", "text", cell_text, COLUMN_SHRINKS},
	{"TIMEOUT", "timeout", cell_text, COLUMN_RIGHT},
	{"RETRIES", "retries", cell_text, COLUMN_RIGHT},
	{"VERSION", "version", cell_text, COLUMN_RIGHT},
	{"CHANGED", "updated_at", cell_age, COLUMN_RIGHT},
};

static const struct column show_columns[] = {
	{"name", "name", cell_text, 0},
	{"text", "text", cell_text, 0},
	{"timeout", "timeout", cell_text, 0},
	{"first byte", "first_byte", cell_text, 0},
	{"idle", "idle", cell_text, 0},
	{"retries", "retries", cell_text, 0},
	{"version", "version", cell_text, 0},
	{"changed", "updated_at", cell_time, 0},
};

static const struct column history_columns[] = {
	{"VERSION", "version", cell_text, COLUMN_RIGHT},
	{"WHEN", "at", cell_time, 0},
	{"WHO", "who", cell_text, 0},
	{"TARGETS", "text", cell_text, COLUMN_SHRINKS},
	{"REASON", "reason", cell_text, COLUMN_SHRINKS},
};

static const struct column explain_columns[] = {
	{"TARGET", "target", cell_text, COLUMN_SHRINKS},
	{"TIER", "tier", cell_text, COLUMN_RIGHT},
	{"SHARE%", "share_percent", cell_percent, COLUMN_RIGHT},
	{"VERDICT", "verdict", cell_text, 0},
	{"WHY", "reason", cell_text, COLUMN_SHRINKS},
};

int chain_list(struct cli *cli)
{
	return list_run(cli, "/v1/chains", list_columns, ARRAY_LEN(list_columns));
}

static int get_named(struct cli *cli, const char *path, json_t **ret)
{
	char *named = path_with_args(path, cli->args);
	char *narrowed = path_with_flags(cli, named);
	int code = cli_get(cli, narrowed, ret);

	free(named);
	free(narrowed);
	return code;
}

int chain_show(struct cli *cli)
{
	struct buf text;
	json_t *chain;
	int code = get_named(cli, "/v1/chains/%", &chain);

	if (code != CLI_OK)
		return code;
	buf_init(&text, 1 << 16);
	chain_text(chain, &text);
	if (cli->json) {
		cli_print_json(chain);
	} else {
		table_print_object(stdout, show_columns, ARRAY_LEN(show_columns), chain);
		printf("\n%s", text.data);
	}
	buf_release(&text);
	json_decref(chain);
	return CLI_OK;
}

int chain_history(struct cli *cli)
{
	json_t *answer;
	int code = get_named(cli, "/v1/chains/%/history", &answer);

	if (code != CLI_OK)
		return code;
	list_print(cli, json_object_get(answer, "items"), history_columns, ARRAY_LEN(history_columns));
	json_decref(answer);
	return CLI_OK;
}

int chain_explain(struct cli *cli)
{
	const char *answered_by;
	json_t *answer;
	int code = get_named(cli, "/v1/chains/%/explain", &answer);

	if (code != CLI_OK)
		return code;
	answered_by = json_text_peek(answer, "answered_by");
	if (cli->json) {
		cli_print_json(answer);
	} else {
		list_print(cli, json_object_get(answer, "order"), explain_columns, ARRAY_LEN(explain_columns));
		fputs(answered_by ? "" : "no target could answer now\n", stderr);
	}
	json_decref(answer);
	return answered_by ? CLI_OK : CLI_FAILED;
}

/* What is not given stays as it is: the daemon sees to it. */
int chain_set(struct cli *cli)
{
	json_t *body = body_from_flags(cli), *answer;
	int code;

	json_add_text(body, "text", cli->args[1]);
	code = change_send(cli, body, &answer);
	if (code == CLI_OK)
		change_print(cli, answer);
	json_decref(answer);
	return code;
}
