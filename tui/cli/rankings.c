/* SPDX-License-Identifier: MIT */
/* Who uses the most is asked and printed here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/list.h"

#define WORD_TEXT 32

/* "+12.5%"; what the window before had nothing of is "new". */
static void cell_change(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *value = json_object_get(item, column->member);

	if (json_is_number(value))
		buf_printf(out, "%+.1f%%", json_number_value(value));
	else
		buf_puts(out, "new");
}

static void cell_share(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *value = json_object_get(item, column->member);

	if (json_is_number(value))
		buf_printf(out, "%.1f%%", json_number_value(value));
	else
		buf_putc(out, '-');
}

static void print_table(struct cli *cli, const json_t *answer, const char *by)
{
	char title[WORD_TEXT];
	struct column columns[] = {
		{title, by, cell_text, COLUMN_SHRINKS},
		{"TOKENS", "tokens", cell_count, COLUMN_RIGHT},
		{"SHARE", "tokens_share_percent", cell_share, COLUMN_RIGHT},
		{"CHANGE", "tokens_change_percent", cell_change, COLUMN_RIGHT},
		{"SPEND", "spend_usd", cell_usd, COLUMN_RIGHT},
		{"SHARE", "spend_share_percent", cell_share, COLUMN_RIGHT},
		{"CHANGE", "spend_change_percent", cell_change, COLUMN_RIGHT},
		{"UNPRICED", "unpriced", cell_text, COLUMN_RIGHT},
		{"CALLS", "calls", cell_text, COLUMN_RIGHT},
		{"ERR%", "error_percent", cell_percent, COLUMN_RIGHT},
		{"P50", "p50_us", cell_latency, COLUMN_RIGHT},
		{"TOK/S", "output_per_s", cell_percent, COLUMN_RIGHT},
	};

	copy_text(title, sizeof(title), by);
	for (char *c = title; *c != '\0'; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
	cli_printf(stderr, "from %s until %s; change against the same length before\n", json_text_peek(answer, "from"),
		   json_text_peek(answer, "until"));
	list_say_gone(cli, answer);
	list_print(cli, json_object_get(answer, "items"), columns, ARRAY_LEN(columns));
}

int rankings_run(struct cli *cli)
{
	const char *by = cli_has(cli, FLAG_BY) ? cli->values[FLAG_BY] : "model";
	struct buf path;
	json_t *answer;
	char *asked;
	int code;

	buf_init(&path, 1 << 12);
	buf_puts(&path, "/v1/rankings?by=");
	client_escape(&path, by);
	asked = path_with_flags(cli, path.data);
	buf_release(&path);
	code = cli_get(cli, asked, &answer);
	free(asked);
	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(json_object_get(answer, "items"));
	else
		print_table(cli, answer, by);
	json_decref(answer);
	return CLI_OK;
}
