/* SPDX-License-Identifier: MIT */
/* Calls are listed, followed, shown and explained here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/list.h"
#include "model/why.h"

#define NEWEST 50

static void cell_target(const struct column *column, const json_t *item, struct buf *out);

static const struct column list_columns[] = {
	{"CALL", "id", cell_text, 0},
	{"AT", "at", cell_time, 0},
	{"TEAM", "team", cell_text, COLUMN_SHRINKS},
	{"KEY", "key", cell_text, COLUMN_SHRINKS},
	{"ASKED", "asked", cell_text, COLUMN_SHRINKS},
	{"TARGET", "provider", cell_target, COLUMN_SHRINKS},
	{"STATUS", "status", cell_text, COLUMN_RIGHT},
	{"RESULT", "result", cell_text, 0},
	{"TRIES", "attempts", cell_text, COLUMN_RIGHT},
	{"IN", "input", cell_count, COLUMN_RIGHT},
	{"OUT", "output", cell_count, COLUMN_RIGHT},
	{"COST", "cost_usd", cell_money, COLUMN_RIGHT},
	{"TIME", "total_us", cell_latency, COLUMN_RIGHT},
	{"ERROR", "error", cell_text, COLUMN_SHRINKS},
};

static const struct column show_columns[] = {
	{"call", "id", cell_text, 0},
	{"at", "at", cell_time, 0},
	{"team", "team", cell_text, 0},
	{"key", "key", cell_text, 0},
	{"key id", "key_id", cell_text, 0},
	{"asked for", "asked", cell_text, 0},
	{"target", "provider", cell_target, 0},
	{"status", "status", cell_text, 0},
	{"result", "result", cell_text, 0},
	{"error", "error", cell_text, 0},
	{"finish", "finish", cell_text, 0},
	{"stream", "stream", cell_text, 0},
	{"estimated", "estimated", cell_text, 0},
	{"input tokens", "input", cell_text, 0},
	{"read from cache", "cache_read", cell_text, 0},
	{"written for 5 min", "cache_write_5m", cell_text, 0},
	{"written for 1 h", "cache_write_1h", cell_text, 0},
	{"output tokens", "output", cell_text, 0},
	{"reasoning", "reasoning", cell_text, 0},
	{"cost", "cost_usd", cell_usd, 0},
	{"billed", "billed_usd", cell_usd, 0},
	{"provider says", "provider_cost_usd", cell_usd, 0},
	{"total", "total_us", cell_latency, 0},
	{"first byte", "first_byte_us", cell_latency, 0},
	{"upstream", "upstream_us", cell_latency, 0},
	{"gateway", "gateway_us", cell_latency, 0},
	{"app", "app", cell_text, 0},
	{"user", "user", cell_text, 0},
	{"session", "session", cell_text, 0},
	{"tags", "tags", cell_text, 0},
};

static const struct column entry_columns[] = {
	{"#", "seq", cell_text, COLUMN_RIGHT},
	{"TARGET", "target", cell_text, COLUMN_SHRINKS},
	{"WHAT", "reason", cell_text, 0},
	{"STATUS", "status", cell_text, COLUMN_RIGHT},
	{"START", "start_us", cell_latency, COLUMN_RIGHT},
	{"TTFB", "first_byte_us", cell_latency, COLUMN_RIGHT},
	{"TIME", "total_us", cell_latency, COLUMN_RIGHT},
	{"ERROR", "error", cell_text, COLUMN_SHRINKS},
};

static const struct column cost_columns[] = {
	{"UNIT", "unit", cell_text, 0},
	{"COUNT", "count", cell_text, COLUMN_RIGHT},
	{"USD PER MILLION", "usd_per_million", cell_text, COLUMN_RIGHT},
	{"COST", "cost_usd", cell_usd, COLUMN_RIGHT},
};

static void cell_target(const struct column *column, const json_t *item, struct buf *out)
{
	const char *provider = json_text_peek(item, column->member), *model = json_text_peek(item, "model");

	if (provider == NULL)
		buf_putc(out, '-');
	else
		buf_printf(out, "%s/%s", provider, model ? model : "-");
}

int call_list(struct cli *cli)
{
	return list_newest_run(cli, "/v1/calls", NEWEST, list_columns, ARRAY_LEN(list_columns));
}

static int get_call(struct cli *cli, json_t **ret)
{
	char *path = path_with_args("/v1/calls/%", cli->args);
	int code = cli_get(cli, path, ret);

	free(path);
	return code;
}

int call_show(struct cli *cli)
{
	json_t *call;
	int code = get_call(cli, &call);

	if (code != CLI_OK)
		return code;
	if (cli->json) {
		cli_print_json(call);
	} else {
		table_print_object(stdout, show_columns, ARRAY_LEN(show_columns), call);
		putchar('\n');
		table_print(stdout, entry_columns, ARRAY_LEN(entry_columns), json_object_get(call, "entries"));
		putchar('\n');
		table_print(stdout, cost_columns, ARRAY_LEN(cost_columns), json_object_get(call, "cost_parts"));
	}
	json_decref(call);
	return CLI_OK;
}

int call_why(struct cli *cli)
{
	struct buf text;
	json_t *call;
	int code = get_call(cli, &call);

	if (code != CLI_OK)
		return code;
	buf_init(&text, 1 << 16);
	why_tell(call, &text);
	if (cli->json)
		cli_print_json(call);
	else
		fputs(text.data, stdout);
	buf_release(&text);
	json_decref(call);
	return CLI_OK;
}

/* -- Following ------------------------------------------------------------------------------------- */

struct tail {
	struct cli *cli;
	bool ended;
	int code;
};

static bool is_text(const json_t *call, const char *member, const char *wanted)
{
	const char *found = json_text_peek(call, member);

	return found != NULL && strcmp(wanted, found) == 0;
}

/* "429", or a class: "4xx", "4". */
static bool is_status(const char *wanted, int64_t status)
{
	char *end;
	long n = strtol(wanted, &end, 10);

	return n < 10 ? (*end == '\0' || strcmp(end, "xx") == 0) && status / 100 == n : *end == '\0' && status == n;
}

/* The flags that narrow are compared here: the stream knows no filters. */
static bool is_wanted(const struct cli *cli, const json_t *call)
{
	static const enum flag_id narrowing[] = {FLAG_TEAM, FLAG_MODEL, FLAG_PROVIDER, FLAG_APP, FLAG_RESULT};
	const char *key = cli->values[FLAG_KEY];

	for (size_t i = 0; i < ARRAY_LEN(narrowing); i++) {
		const char *wanted = cli->values[narrowing[i]];

		if (wanted != NULL && !is_text(call, flags[narrowing[i]].member, wanted))
			return false;
	}
	if (key != NULL && !is_text(call, "key_id", key) && !is_text(call, "key", key))
		return false;
	return !cli_has(cli, FLAG_STATUS) || is_status(cli->values[FLAG_STATUS], json_int_peek(call, "status", -1));
}

static void on_event(void *arg, const char *name, json_t *data)
{
	struct tail *tail = arg;

	if (strcmp(name, "skipped") == 0)
		fprintf(stderr, "%lld calls not shown: too many at once\n", (long long)json_int_peek(data, "calls", 0));
	if (strcmp(name, "call") != 0 || !is_wanted(tail->cli, data))
		return;
	if (tail->cli->json) {
		json_dumpf(data, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII);
		putchar('\n');
	} else {
		table_print_line(stdout, list_columns, ARRAY_LEN(list_columns), data);
	}
	fflush(stdout);
}

static void on_end(void *arg, const struct err *err)
{
	struct tail *tail = arg;

	/* A refusal is no daemon that went away. */
	tail->ended = true;
	tail->code = err->code == ERR_FORBIDDEN ? cli_failed_here(err) : cli_failed(0, err);
}

int call_tail(struct cli *cli)
{
	struct tail tail = {.cli = cli};

	client_stream(cli->client, "/v1/events", on_event, on_end, &tail);
	while (!tail.ended && !ferror(stdout))
		client_wait(cli->client, NULL, 0, 1000);
	return tail.code;
}
