/* SPDX-License-Identifier: MIT */
/* Members of the admin API's objects become the text of a cell here. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/money.h"
#include "cli/table.h"

static void put_value(const json_t *value, struct buf *out)
{
	const json_t *item;
	size_t i;

	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		buf_add(out, json_string_value(value), json_string_length(value));
		break;
	case JSON_INTEGER:
		buf_printf(out, "%lld", (long long)json_integer_value(value));
		break;
	case JSON_REAL:
		buf_printf(out, "%g", json_real_value(value));
		break;
	case JSON_TRUE:
		buf_puts(out, "yes");
		break;
	case JSON_FALSE:
		buf_puts(out, "no");
		break;
	case JSON_NULL:
		buf_putc(out, '-');
		break;
	case JSON_OBJECT:
		json_print(value, out);
		break;
	case JSON_ARRAY:
		if (json_array_size(value) == 0)
			buf_putc(out, '-');
		json_array_foreach(value, i, item) {
			buf_puts(out, i > 0 ? ", " : "");
			put_value(item, out);
		}
		break;
	}
}

void cell_text(const struct column *column, const json_t *item, struct buf *out)
{
	put_value(json_object_get(item, column->member), out);
}

void cell_all(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *value = json_object_get(item, column->member);

	if (value == NULL || json_is_null(value))
		buf_puts(out, "all");
	else
		put_value(value, out);
}

void cell_money(const struct column *column, const json_t *item, struct buf *out)
{
	char text[FMT_TEXT];

	buf_puts(out, fmt_money(json_money_peek(item, column->member), text));
}

void cell_usd(const struct column *column, const json_t *item, struct buf *out)
{
	int64_t nusd = json_money_peek(item, column->member);
	char text[MONEY_TEXT];

	if (nusd == COST_UNKNOWN)
		buf_putc(out, '-');
	else
		buf_printf(out, "$%s", money_format(nusd, text));
}

void cell_count(const struct column *column, const json_t *item, struct buf *out)
{
	char text[FMT_TEXT];

	buf_puts(out, fmt_count(json_int_peek(item, column->member, FMT_UNKNOWN), text));
}

void cell_latency(const struct column *column, const json_t *item, struct buf *out)
{
	char text[FMT_TEXT];

	buf_puts(out, fmt_latency(json_int_peek(item, column->member, FMT_UNKNOWN), text));
}

void cell_percent(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *value = json_object_get(item, column->member);

	if (json_is_number(value))
		buf_printf(out, "%.1f", json_number_value(value));
	else
		put_value(value, out);
}

void cell_age(const struct column *column, const json_t *item, struct buf *out)
{
	int64_t at = json_time_peek(item, column->member);
	char text[FMT_TEXT];

	buf_puts(out, at ? fmt_age(clock_wall_ms() - at, text) : "-");
}

/* The first len characters of a time, with a blank for its T. */
static void put_time(int64_t at, int len, struct buf *out)
{
	char text[CLOCK_TEXT];

	clock_format(at, text);
	text[10] = ' ';
	buf_printf(out, "%.*s", len, text);
}

void cell_time(const struct column *column, const json_t *item, struct buf *out)
{
	int64_t at = json_time_peek(item, column->member);

	if (at == 0)
		buf_putc(out, '-');
	else
		put_time(at, 19, out);
}

static void put_day(const struct column *column, const json_t *item, const char *otherwise, struct buf *out)
{
	int64_t at = json_time_peek(item, column->member);

	if (at == 0)
		buf_puts(out, otherwise);
	else
		put_time(at, 10, out);
}

void cell_until(const struct column *column, const json_t *item, struct buf *out)
{
	put_day(column, item, "never", out);
}

void cell_since(const struct column *column, const json_t *item, struct buf *out)
{
	put_day(column, item, "ever", out);
}

/* "12.40/500 month", and its model where it is for one. */
static void put_budget(const json_t *budget, struct buf *out)
{
	const char *model = json_text_peek(budget, "model");
	char spent[FMT_TEXT], amount[MONEY_TEXT];
	int64_t amount_nusd = json_money_peek(budget, "amount_usd");

	buf_printf(out, "%s/%s %s", fmt_dollars(json_money_peek(budget, "spent_usd"), spent),
		   amount_nusd == COST_UNKNOWN ? "-" : money_format(amount_nusd, amount),
		   json_text_peek(budget, "window") ? json_text_peek(budget, "window") : "");
	if (model != NULL)
		buf_printf(out, " on %s", model);
}

void cell_budget(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *budgets = json_object_get(item, column->member);
	size_t n = json_array_size(budgets);

	if (n == 0)
		buf_putc(out, '-');
	else
		put_budget(json_array_get(budgets, 0), out);
	if (n > 1)
		buf_printf(out, " +%zu", n - 1);
}

void cell_budgets(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *budgets = json_object_get(item, column->member), *budget;
	size_t i;

	if (json_array_size(budgets) == 0)
		buf_putc(out, '-');
	json_array_foreach(budgets, i, budget) {
		buf_puts(out, i > 0 ? ", " : "");
		put_budget(budget, out);
	}
}
