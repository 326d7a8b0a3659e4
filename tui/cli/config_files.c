/* SPDX-License-Identifier: MIT */
/* The live state and a configuration file are compared and made equal here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/list.h"

static void cell_change(const struct column *column, const json_t *item, struct buf *out);

static const struct column plan_columns[] = {
	{"ACTION", "action", cell_text, 0},
	{"OBJECT", "object", cell_text, 0},
	{"CHANGE", "before", cell_change, COLUMN_SHRINKS},
};

/* The members that differ, "rpm 5 -> 600"; nothing where one side is missing. */
static void cell_change(const struct column *column, const json_t *item, struct buf *out)
{
	json_t *before = json_object_get(item, column->member), *after = json_object_get(item, "after"), *value;
	const char *name, *separator = "";

	if (!json_is_object(before) || !json_is_object(after))
		return;
	json_object_foreach(after, name, value) {
		json_t *was = json_object_get(before, name);

		if (json_equal(was, value))
			continue;
		buf_printf(out, "%s%s ", separator, name);
		json_print(was ? was : json_null(), out);
		buf_puts(out, " -> ");
		json_print(value, out);
		separator = ", ";
	}
}

/* POSTs the file; *ret_plan is a new reference. */
static int post_file(struct cli *cli, const char *text, size_t len, const char *path, bool dry_run, json_t **ret_plan)
{
	struct client_options options = {.text = text,
					 .text_len = len,
					 .dry_run = dry_run,
					 .reason = cli->values[FLAG_REASON],
					 .timeout_ms = -1};
	struct err err;
	json_t *answer;
	int status;

	*ret_plan = NULL;
	if (client_call(cli->client, "POST", path, NULL, &options, &answer, &status, &err) < 0) {
		json_decref(answer);
		return cli_failed(status, &err);
	}
	*ret_plan = json_incref(json_object_get(answer, "plan"));
	json_decref(answer);
	return CLI_OK;
}

static char *read_configuration(struct cli *cli, size_t *ret_len, int *ret_code)
{
	struct err err;
	char *text;

	if (!cli_has(cli, FLAG_FILE)) {
		err_set(&err, ERR_INVALID, "-f FILE is needed");
		*ret_code = cli_usage_error(cli, &err);
		return NULL;
	}
	text = cli_read_file(cli->values[FLAG_FILE], ret_len, &err);
	*ret_code = text ? CLI_OK : cli_failed_here(&err);
	return text;
}

static void print_plan(struct cli *cli, FILE *out, const json_t *plan)
{
	if (cli->json)
		cli_print_json(plan);
	else if (json_array_size(plan) == 0)
		fprintf(stderr, "the live state is what the file says\n");
	else
		table_print(out, plan_columns, ARRAY_LEN(plan_columns), plan);
}

int config_diff(struct cli *cli)
{
	json_t *plan = NULL;
	size_t len;
	int code;
	char *text = read_configuration(cli, &len, &code);

	if (code == CLI_OK)
		code = post_file(cli, text, len, "/v1/diff", false, &plan);
	if (code == CLI_OK) {
		print_plan(cli, stdout, plan);
		code = json_array_size(plan) > 0 ? CLI_FAILED : CLI_OK;
	}
	json_decref(plan);
	free(text);
	return code;
}

/* The plan is always made and shown first; then somebody is asked. */
static int apply_text(struct cli *cli, const char *text, size_t len)
{
	json_t *plan, *done = NULL;
	int code = post_file(cli, text, len, "/v1/apply", true, &plan);
	size_t steps = json_array_size(plan);

	if (code == CLI_OK)
		print_plan(cli, stdout, plan);
	json_decref(plan);
	if (code != CLI_OK || steps == 0 || cli_has(cli, FLAG_DRY_RUN))
		return code;
	if (!cli_confirm(cli, "make these changes?"))
		return CLI_FAILED;
	code = post_file(cli, text, len, "/v1/apply", false, &done);
	if (code == CLI_OK)
		fprintf(stderr, "%zu changes made\n", steps);
	json_decref(done);
	return code;
}

int config_apply(struct cli *cli)
{
	size_t len;
	int code;
	char *text = read_configuration(cli, &len, &code);

	/* A file from stdin leaves nobody to ask there. */
	if (cli_has(cli, FLAG_FILE) && strcmp(cli->values[FLAG_FILE], "-") == 0)
		cli->asks = false;
	if (code == CLI_OK)
		code = apply_text(cli, text, len);
	free(text);
	return code;
}

int config_export(struct cli *cli)
{
	json_t *text;
	int code = cli_get(cli, "/v1/export", &text);

	if (code != CLI_OK)
		return code;
	if (json_is_string(text) && !cli->json)
		cli_print_text(stdout, json_string_value(text));
	else
		cli_print_json(text);
	json_decref(text);
	return CLI_OK;
}
