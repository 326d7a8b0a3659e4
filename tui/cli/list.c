/* SPDX-License-Identifier: MIT */
/* Lists and single objects are fetched and printed here, for every noun alike. */
#include "cli/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

void list_print(struct cli *cli, const json_t *items, const struct column *columns, size_t num_columns)
{
	if (cli->json)
		cli_print_json(items);
	else if (json_array_size(items) == 0)
		fprintf(stderr, "nothing found\n");
	else
		table_print(stdout, columns, num_columns, items);
}

int list_run(struct cli *cli, const char *path, const struct column *columns, size_t num_columns)
{
	json_t *items;
	int code = cli_get_items(cli, path, &items);

	if (code != CLI_OK)
		return code;
	list_print(cli, items, columns, num_columns);
	json_decref(items);
	return CLI_OK;
}

/* The daemon's cursor for the page after this one, or NULL. */
static char *next_page(const char *path, const json_t *answer)
{
	const char *cursor = json_text_peek(answer, "next_cursor");
	struct buf out;

	if (cursor == NULL)
		return NULL;
	buf_init(&out, 1 << 16);
	buf_printf(&out, "%s%ccursor=", path, strchr(path, '?') ? '&' : '?');
	client_escape(&out, cursor);
	return buf_detach(&out);
}

static int get_newest(struct cli *cli, const char *path, long limit, json_t *items)
{
	char *at = xstrdup(path);
	int code = CLI_OK;

	while (code == CLI_OK && at != NULL && (long)json_array_size(items) < limit) {
		long left = limit - (long)json_array_size(items);
		char *paged = xasprintf("%s%climit=%ld", at, strchr(at, '?') ? '&' : '?', left < 1000 ? left : 1000);
		json_t *answer;

		code = cli_get(cli, paged, &answer);
		free(paged);
		free(at);
		at = code == CLI_OK ? next_page(path, answer) : NULL;
		json_array_extend(items, json_object_get(answer, "items"));
		json_decref(answer);
	}
	free(at);
	return code;
}

int list_newest_run(struct cli *cli, const char *path, long otherwise, const struct column *columns,
		    size_t num_columns)
{
	const char *given = cli->values[FLAG_LIMIT];
	long limit = cli_number(cli, FLAG_LIMIT, otherwise);
	json_t *items = json_array();
	char *narrowed;
	int code;

	cli->values[FLAG_LIMIT] = NULL;
	narrowed = path_with_flags(cli, path);
	cli->values[FLAG_LIMIT] = given;
	code = get_newest(cli, narrowed, limit, items);
	if (code == CLI_OK)
		list_print(cli, items, columns, num_columns);
	json_decref(items);
	free(narrowed);
	return code;
}

int show_run(struct cli *cli, const char *path, const struct column *columns, size_t num_columns)
{
	char *named = path_with_args(path, cli->args);
	json_t *object;
	int code = cli_get(cli, named, &object);

	free(named);
	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(object);
	else
		table_print_object(stdout, columns, num_columns, object);
	json_decref(object);
	return CLI_OK;
}

void cell_blocked(const struct column *column, const json_t *item, struct buf *out)
{
	buf_puts(out, json_bool_peek(item, column->member) ? "blocked" : "active");
}
