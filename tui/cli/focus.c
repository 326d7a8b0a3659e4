/* SPDX-License-Identifier: MIT */
/*
 * Spending becomes rows of FOCUS 1.2 here.
 *
 * BilledCost and EffectiveCost are what the team is charged, ListCost and ContractedCost what the
 * provider takes for it: nothing is prepaid, so there is nothing to spread.  Calls of unknown cost
 * cannot be left out of a column that has no null; x_UnpricedCalls counts them.
 *
 * To add a column: a row of columns[].
 */
#include "cli/focus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/csv.h"

#define DAY_MS INT64_C(86400000)
#define DAYS_OTHERWISE 30

/* What was spent on one day, as GET /v1/spend?by=provider,model&bucket=day&team= has it. */
struct charge {
	const char *team;
	const json_t *item;
	int64_t day;                    /* since 1970 */
};

static void put_day(int64_t day, struct buf *out)
{
	int64_t year;
	unsigned month, date;

	civil_from_days(day, &year, &month, &date);
	buf_printf(out, "%04lld-%02u-%02uT00:00:00Z", (long long)year, month, date);
}

/* The first of the month that holds the day, or of the one after it. */
static void put_month(int64_t day, unsigned later, struct buf *out)
{
	int64_t year;
	unsigned month, date;

	civil_from_days(day, &year, &month, &date);
	month += later;
	put_day(days_from_civil(month > 12 ? year + 1 : year, month > 12 ? 1 : month, 1), out);
}

static void put_text(const json_t *item, const char *member, struct buf *out)
{
	const char *text = json_text_peek(item, member);

	buf_puts(out, text != NULL ? text : "");
}

static void billed(const struct charge *c, struct buf *out)
{
	put_text(c->item, "billed_usd", out);
}

static void cost(const struct charge *c, struct buf *out)
{
	put_text(c->item, "cost_usd", out);
}

static void currency(const struct charge *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "USD");
}

static void month_start(const struct charge *c, struct buf *out)
{
	put_month(c->day, 0, out);
}

static void month_end(const struct charge *c, struct buf *out)
{
	put_month(c->day, 1, out);
}

static void day_start(const struct charge *c, struct buf *out)
{
	put_day(c->day, out);
}

static void day_end(const struct charge *c, struct buf *out)
{
	put_day(c->day + 1, out);
}

static void category(const struct charge *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "Usage");
}

static void quantity(const struct charge *c, struct buf *out)
{
	buf_printf(out, "%lld", (long long)(json_int_peek(c->item, "input", 0) + json_int_peek(c->item, "output", 0)));
}

static void unit(const struct charge *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "Tokens");
}

static void provider(const struct charge *c, struct buf *out)
{
	put_text(c->item, "provider", out);
}

/* Who made the model, where its name says so ("meta/llama-4"); else who serves it. */
static void publisher(const struct charge *c, struct buf *out)
{
	const char *model = json_text_peek(c->item, "model"), *slash = model != NULL ? strchr(model, '/') : NULL;

	if (slash != NULL)
		buf_add(out, model, (size_t)(slash - model));
	else
		put_text(c->item, "provider", out);
}

static void service_category(const struct charge *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "AI and Machine Learning");
}

static void service(const struct charge *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "Model inference");
}

static void sku(const struct charge *c, struct buf *out)
{
	put_text(c->item, "model", out);
}

static void account(const struct charge *c, struct buf *out)
{
	buf_puts(out, c->team);
}

static void tags(const struct charge *c, struct buf *out)
{
	buf_puts(out, "{\"team\":");
	buf_json_string(out, c->team, strlen(c->team));
	buf_putc(out, '}');
}

static void calls(const struct charge *c, struct buf *out)
{
	buf_printf(out, "%lld", (long long)json_int_peek(c->item, "calls", 0));
}

static void unpriced(const struct charge *c, struct buf *out)
{
	buf_printf(out, "%lld", (long long)json_int_peek(c->item, "unpriced", 0));
}

static const struct {
	const char *name;
	void (*put)(const struct charge *, struct buf *out);
} columns[] = {
	{"BilledCost", billed},
	{"EffectiveCost", billed},
	{"ListCost", cost},
	{"ContractedCost", cost},
	{"BillingCurrency", currency},
	{"BillingPeriodStart", month_start},
	{"BillingPeriodEnd", month_end},
	{"ChargePeriodStart", day_start},
	{"ChargePeriodEnd", day_end},
	{"ChargeCategory", category},
	{"ConsumedQuantity", quantity},
	{"ConsumedUnit", unit},
	{"ProviderName", provider},
	{"PublisherName", publisher},
	{"ServiceCategory", service_category},
	{"ServiceName", service},
	{"SkuId", sku},
	{"SubAccountId", account},
	{"Tags", tags},
	{"x_Calls", calls},
	{"x_UnpricedCalls", unpriced},
};

static void print_head(void)
{
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		csv_put(columns[i].name, i + 1 == ARRAY_LEN(columns));
}

/* Calls that reached no provider used nothing and are no charge. */
static void print_charge(const struct charge *c)
{
	struct buf text;

	if (json_text_peek(c->item, "provider") == NULL)
		return;
	buf_init(&text, 1 << 12);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		buf_clear(&text);
		columns[i].put(c, &text);
		csv_put(text.data, i + 1 == ARRAY_LEN(columns));
	}
	buf_release(&text);
}

/* -- asking -------------------------------------------------------------------------------------- */

/* The whole days that --since and --until name: half a day is no charge period. */
static int read_window(const struct cli *cli, int64_t *ret_from, int64_t *ret_until, struct err *err)
{
	int64_t now_ms = clock_wall_ms();

	*ret_from = now_ms - DAYS_OTHERWISE * DAY_MS;
	*ret_until = now_ms + DAY_MS;
	if (cli_has(cli, FLAG_SINCE) && !clock_parse(cli->values[FLAG_SINCE], now_ms, ret_from))
		return err_set(err, ERR_INVALID, "--since: expected 7d, a date or a time");
	if (cli_has(cli, FLAG_UNTIL) && !clock_parse(cli->values[FLAG_UNTIL], now_ms, ret_until))
		return err_set(err, ERR_INVALID, "--until: expected 7d, a date or a time");
	*ret_from = *ret_from / DAY_MS * DAY_MS;
	*ret_until = *ret_until / DAY_MS * DAY_MS;
	return 0;
}

static int ask(struct cli *cli, const char *by, int64_t from, int64_t until, const char *team, json_t **ret)
{
	static const enum flag_id narrowing[] = {FLAG_KEY, FLAG_MODEL, FLAG_PROVIDER};
	char since[CLOCK_TEXT], end[CLOCK_TEXT];
	struct buf path;
	int code;

	buf_init(&path, 1 << 13);
	buf_printf(&path, "/v1/spend?by=%s&since=%s&until=%s", by, clock_format(from, since), clock_format(until, end));
	for (size_t i = 0; i < ARRAY_LEN(narrowing); i++)
		if (cli_has(cli, narrowing[i])) {
			buf_printf(&path, "&%s=", flags[narrowing[i]].member);
			client_escape(&path, cli->values[narrowing[i]]);
		}
	if (team != NULL) {
		buf_puts(&path, "&team=");
		client_escape(&path, team);
	}
	code = cli_get(cli, path.data, ret);
	buf_release(&path);
	return code;
}

static int print_team(struct cli *cli, const char *team, int64_t from, int64_t until)
{
	json_t *answer, *item;
	int code = ask(cli, "provider,model,day", from, until, team, &answer);
	size_t i;

	if (code != CLI_OK)
		return code;
	json_array_foreach(json_object_get(answer, "items"), i, item) {
		struct charge c = {.team = team, .item = item, .day = json_time_peek(item, "at") / DAY_MS};

		print_charge(&c);
	}
	json_decref(answer);
	return CLI_OK;
}

static int check_flags(const struct cli *cli, struct err *err)
{
	if (strcmp(cli->values[FLAG_FORMAT], "focus") != 0)
		return err_set(err, ERR_INVALID, "--format: there is focus, not '%.40s'", cli->values[FLAG_FORMAT]);
	if (cli_has(cli, FLAG_BY) || cli_has(cli, FLAG_LIMIT) || cli->json)
		return err_set(err, ERR_INVALID, "--format focus has its own rows, by day, team, provider and model, as CSV: "
						 "without --by, --limit and --json");
	return 0;
}

int focus_run(struct cli *cli)
{
	int64_t from, until;
	json_t *answer, *item;
	struct err err;
	int code;
	size_t i;

	if (check_flags(cli, &err) < 0 || read_window(cli, &from, &until, &err) < 0)
		return cli_usage_error(cli, &err);
	code = ask(cli, "team", from, until, cli->values[FLAG_TEAM], &answer);
	if (code != CLI_OK)
		return code;
	print_head();
	json_array_foreach(json_object_get(answer, "items"), i, item) {
		const char *team = json_text_peek(item, "team");

		if (team != NULL && code == CLI_OK)
			code = print_team(cli, team, from, until);
	}
	json_decref(answer);
	return code;
}
