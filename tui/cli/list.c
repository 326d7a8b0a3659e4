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

static char *copy_or_null(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

/* The page behind the cursor, or NULL where there is none. */
static char *page_after(const char *path, const char *cursor)
{
	struct buf out;

	if (cursor == NULL)
		return NULL;
	buf_init(&out, 1 << 16);
	buf_printf(&out, "%s%ccursor=", path, strchr(path, '?') ? '&' : '?');
	client_escape(&out, cursor);
	return buf_detach(&out);
}

void list_say_gone(const struct cli *cli, const json_t *answer)
{
	const char *rows = json_text_peek(answer, "rows_since"), *buckets = json_text_peek(answer, "buckets_since");

	if (rows != NULL && !cli->json)
		cli_printf(stderr, "calls of before %s are deleted\n", rows);
	if (buckets != NULL && !cli->json)
		cli_printf(stderr, "of before %s there are longer times than asked for: the shorter are deleted\n", buckets);
}

/* *ret_cursor: where the next page begins, a new text, or NULL. */
static int get_newest(struct cli *cli, const char *path, long limit, json_t *items, char **ret_cursor)
{
	const char *cursor = cli->values[FLAG_CURSOR];
	char *at = cursor != NULL ? page_after(path, cursor) : xstrdup(path);
	int code = CLI_OK;

	*ret_cursor = NULL;

	while (code == CLI_OK && at != NULL && (long)json_array_size(items) < limit) {
		long left = limit - (long)json_array_size(items);
		char *paged = xasprintf("%s%climit=%ld", at, strchr(at, '?') ? '&' : '?', left < 1000 ? left : 1000);
		json_t *answer;

		code = cli_get(cli, paged, &answer);
		free(paged);
		free(at);
		free(*ret_cursor);
		*ret_cursor = code == CLI_OK ? copy_or_null(json_text_peek(answer, "next_cursor")) : NULL;
		at = page_after(path, *ret_cursor);
		if (at == NULL)
			list_say_gone(cli, answer);
		json_array_extend(items, json_object_get(answer, "items"));
		json_decref(answer);
	}
	free(at);
	return code;
}

/* path with the command's flags but for those that get_newest() sees to. */
static char *narrowed_path(struct cli *cli, const char *path)
{
	const char *limit = cli->values[FLAG_LIMIT], *cursor = cli->values[FLAG_CURSOR];
	char *narrowed;

	cli->values[FLAG_LIMIT] = cli->values[FLAG_CURSOR] = NULL;
	narrowed = path_with_flags(cli, path);
	cli->values[FLAG_LIMIT] = limit;
	cli->values[FLAG_CURSOR] = cursor;
	return narrowed;
}

int list_newest_run(struct cli *cli, const char *path, long otherwise, const struct column *columns,
		    size_t num_columns)
{
	char *narrowed = narrowed_path(cli, path), *cursor;
	json_t *items = json_array();
	int code = get_newest(cli, narrowed, cli_number(cli, FLAG_LIMIT, otherwise), items, &cursor);

	if (code == CLI_OK)
		list_print(cli, items, columns, num_columns);
	if (code == CLI_OK && cursor != NULL && !cli->json)
		cli_printf(stderr, "older ones: --cursor %s\n", cursor);
	json_decref(items);
	free(cursor);
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
