/* SPDX-License-Identifier: MIT */
/* The daemon is asked here, and files are read. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"

/* The daemon gives at most so many items an answer. */
#define PAGE 1000

int cli_get(struct cli *cli, const char *path, json_t **ret)
{
	struct err err;
	int status;

	if (client_call(cli->client, "GET", path, NULL, NULL, ret, &status, &err) == 0)
		return CLI_OK;
	json_decref(*ret);
	*ret = NULL;
	return cli_failed(status, &err);
}

int cli_change(struct cli *cli, const char *method, const char *path, const json_t *body, json_t **ret)
{
	struct client_options options = {
		.reason = cli->values[FLAG_REASON],
		.dry_run = cli_has(cli, FLAG_DRY_RUN),
		.if_match = cli->values[FLAG_REVISION],
	};
	struct err err;
	int status;

	if (client_call(cli->client, method, path, body, &options, ret, &status, &err) == 0)
		return CLI_OK;
	json_decref(*ret);
	*ret = NULL;
	return cli_failed(status, &err);
}

static char *page_path(const char *path, long limit, size_t offset)
{
	return xasprintf("%s%climit=%ld&offset=%zu", path, strchr(path, '?') ? '&' : '?', limit, offset);
}

/* Appends one page; *ret_more: another may follow. */
static int get_page(struct cli *cli, const char *path, long limit, json_t *items, bool *ret_more)
{
	char *paged = page_path(path, limit, json_array_size(items));
	json_t *answer, *page;
	int code = cli_get(cli, paged, &answer);

	free(paged);
	if (code != CLI_OK)
		return code;
	page = json_object_get(answer, "items");
	json_array_extend(items, page);
	*ret_more = json_array_size(page) > 0 &&
		    (int64_t)json_array_size(items) < json_int_peek(answer, "total", 0);
	json_decref(answer);
	return CLI_OK;
}

int cli_get_items(struct cli *cli, const char *path, json_t **ret_items)
{
	const char *given = cli->values[FLAG_LIMIT];
	long limit = cli_number(cli, FLAG_LIMIT, 0);
	json_t *items = json_array();
	bool more = true;
	int code = CLI_OK;

	cli->values[FLAG_LIMIT] = NULL;
	char *narrowed = path_with_flags(cli, path);
	while (code == CLI_OK && more && (limit == 0 || (long)json_array_size(items) < limit)) {
		long left = limit - (long)json_array_size(items);

		code = get_page(cli, narrowed, limit && left < PAGE ? left : PAGE, items, &more);
	}
	cli->values[FLAG_LIMIT] = given;
	free(narrowed);
	if (code != CLI_OK)
		json_decref(items);
	*ret_items = code == CLI_OK ? items : NULL;
	return code;
}

char *cli_read_file(const char *path, size_t *ret_len, struct err *err)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct buf text;
	char block[1 << 14];
	size_t n;

	if (file == NULL) {
		err_errno(err, "%s", path);
		return NULL;
	}
	buf_init(&text, CLIENT_MAX_ANSWER);
	while ((n = fread(block, 1, sizeof(block), file)) > 0 && buf_add(&text, block, n))
		;
	if (ferror(file))
		err_errno(err, "%s", path);
	else if (text.failed)
		err_set(err, ERR_FULL, "%s: longer than %u MiB", path, CLIENT_MAX_ANSWER >> 20);
	else
		err->code = ERR_NONE;
	if (file != stdin)
		fclose(file);
	*ret_len = text.len;
	if (err->code == ERR_NONE)
		return buf_detach(&text);
	buf_release(&text);
	return NULL;
}
