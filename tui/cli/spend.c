/* SPDX-License-Identifier: MIT */
/* What was spent, by whom and on what is asked and printed here, for people and for spreadsheets. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/csv.h"
#include "cli/focus.h"
#include "cli/list.h"

#define MAX_BY 8
#define WORD_TEXT 32
#define SINCE_OTHERWISE "30d"

/* --by taken apart: the dimensions, and the bucket where a unit of time is among them. */
struct by {
	char names[MAX_BY][WORD_TEXT], titles[MAX_BY][WORD_TEXT];
	size_t num_names;
	char bucket[WORD_TEXT];         /* "": none */
};

static const struct column figures[] = {
	{"CALLS", "calls", cell_text, COLUMN_RIGHT},
	{"ERRORS", "errors", cell_text, COLUMN_RIGHT},
	{"REFUSED", "refused", cell_text, COLUMN_RIGHT},
	{"INPUT", "input", cell_count, COLUMN_RIGHT},
	{"CACHED", "cache_read", cell_count, COLUMN_RIGHT},
	{"OUTPUT", "output", cell_count, COLUMN_RIGHT},
	{"COST", "cost_usd", cell_usd, COLUMN_RIGHT},
	{"BILLED", "billed_usd", cell_usd, COLUMN_RIGHT},
	{"UNPRICED", "unpriced", cell_text, COLUMN_RIGHT},
	{"P50", "p50_us", cell_latency, COLUMN_RIGHT},
	{"P95", "p95_us", cell_latency, COLUMN_RIGHT},
};

/* What a spreadsheet gets, after the dimensions: everything, in full. */
static const char *const csv_members[] = {
	"calls", "errors", "refused", "input", "output", "cache_read", "reasoning", "cost_usd", "billed_usd",
	"unpriced", "p50_us", "p95_us", "first_byte_p50_us",
};

static bool is_bucket(const char *word)
{
	static const char *const buckets[] = {"minute", "hour", "day"};

	for (size_t i = 0; i < ARRAY_LEN(buckets); i++)
		if (strcmp(buckets[i], word) == 0)
			return true;
	return false;
}

static void add_dimension(struct by *by, const char *word)
{
	char *title = by->titles[by->num_names];

	copy_text(title, WORD_TEXT, word);
	for (; *title != '\0'; title++)
		*title = (char)toupper((unsigned char)*title);
	copy_text(by->names[by->num_names++], WORD_TEXT, word);
}

static void read_by(const char *text, struct by *by)
{
	*by = (struct by){0};
	while (*text != '\0') {
		size_t len = strcspn(text, ",");
		char word[WORD_TEXT];

		copy_text(word, len + 1 < sizeof(word) ? len + 1 : sizeof(word), text);
		if (is_bucket(word))
			copy_text(by->bucket, sizeof(by->bucket), word);
		else if (word[0] != '\0' && by->num_names < MAX_BY)
			add_dimension(by, word);
		text += len + (text[len] == ',');
	}
}

static char *spend_path(struct cli *cli, const struct by *by)
{
	struct buf path;
	char *with_flags;

	buf_init(&path, 1 << 12);
	buf_puts(&path, "/v1/spend?by=");
	for (size_t i = 0; i < by->num_names; i++) {
		buf_puts(&path, i > 0 ? "," : "");
		client_escape(&path, by->names[i]);
	}
	if (by->bucket[0] != '\0')
		buf_printf(&path, "&bucket=%s", by->bucket);
	if (!cli_has(cli, FLAG_SINCE))
		buf_puts(&path, "&since=" SINCE_OTHERWISE);
	with_flags = path_with_flags(cli, path.data);
	buf_release(&path);
	return with_flags;
}

static void put_csv_member(const json_t *item, const char *member, bool last)
{
	const json_t *value = json_object_get(item, member);
	char number[32];

	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
	csv_put(json_is_string(value) ? json_string_value(value) : json_is_integer(value) ? number : "", last);
}

static void print_csv(const json_t *items, const struct by *by)
{
	const size_t last = ARRAY_LEN(csv_members) - 1;
	const json_t *item;
	size_t at;

	if (by->bucket[0] != '\0')
		csv_put("at", false);
	for (size_t i = 0; i < by->num_names; i++)
		csv_put(by->names[i], false);
	for (size_t i = 0; i <= last; i++)
		csv_put(csv_members[i], i == last);
	json_array_foreach(items, at, item) {
		if (by->bucket[0] != '\0')
			put_csv_member(item, "at", false);
		for (size_t i = 0; i < by->num_names; i++)
			put_csv_member(item, by->names[i], false);
		for (size_t i = 0; i <= last; i++)
			put_csv_member(item, csv_members[i], i == last);
	}
}

static void print_table(struct cli *cli, json_t *answer, const struct by *by)
{
	struct column columns[1 + MAX_BY + ARRAY_LEN(figures)];
	const char *first = by->num_names > 0 ? by->names[0] : "at";
	json_t *items = json_object_get(answer, "items"), *total;
	size_t n = 0;

	if (by->bucket[0] != '\0')
		columns[n++] = (struct column){"AT", "at", cell_time, 0};
	for (size_t i = 0; i < by->num_names; i++)
		columns[n++] = (struct column){by->titles[i], by->names[i], cell_text, COLUMN_SHRINKS};
	memcpy(columns + n, figures, sizeof(figures));
	n += ARRAY_LEN(figures);
	/* The total is the last line of the same table, so that columns stand under each other. */
	total = json_deep_copy(json_object_get(answer, "total"));
	if (json_array_size(items) > 1 && total != NULL) {
		json_add_text(total, first, "total");
		json_array_append(items, total);
	}
	json_decref(total);
	cli_printf(stderr, "from %s until %s\n", json_text_peek(answer, "from"), json_text_peek(answer, "until"));
	list_say_gone(cli, answer);
	list_print(cli, items, columns, n);
}

int spend_run(struct cli *cli)
{
	struct by by;
	json_t *answer;
	char *path;
	int code;

	if (cli_has(cli, FLAG_FORMAT))
		return focus_run(cli);
	read_by(cli_has(cli, FLAG_BY) ? cli->values[FLAG_BY] : "team", &by);
	path = spend_path(cli, &by);
	code = cli_get(cli, path, &answer);
	free(path);
	if (code != CLI_OK)
		return code;
	if (cli_has(cli, FLAG_CSV))
		print_csv(json_object_get(answer, "items"), &by);
	else if (cli->json)
		cli_print_json(json_object_get(answer, "items"));
	else
		print_table(cli, answer, &by);
	json_decref(answer);
	return CLI_OK;
}
