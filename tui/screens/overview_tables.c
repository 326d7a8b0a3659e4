/* SPDX-License-Identifier: MIT */
/* The columns of the Overview's two lists. */
#include "screens/overview_tables.h"

#include <string.h>

#include "base/mem.h"
#include "base/money.h"
#include "draw/chart.h"
#include "screens/show.h"

static void team_name(const void *row, struct cell *c)
{
	show_text(c, row, "team");
}

static void team_rate(const void *row, struct cell *c)
{
	show_rate(c, row, "usd_per_hour");
}

static void team_trend(const void *row, struct area a, int y, int x, int width)
{
	int64_t values[60];
	char text[SPARK_TEXT];
	size_t n = read_numbers(json_object_get(row, "trend"), values, ARRAY_LEN(values));

	put(a, y, x, width, ROLE_NORMAL, spark(values, n, width, text));
}

static void team_today(const void *row, struct cell *c)
{
	show_rate(c, row, "today_usd");
}

static void team_spent(const void *row, struct cell *c)
{
	show_dollars(c, row, "spent_usd");
}

static void team_budget(const void *row, struct cell *c)
{
	show_dollars(c, row, "budget_usd");
}

static void team_bar(const void *row, struct area a, int y, int x, int width)
{
	int64_t spent = json_money_peek(row, "spent_usd"), budget = json_money_peek(row, "budget_usd");
	int64_t projected = json_money_peek(row, "projected_usd");

	if (spent != COST_UNKNOWN && budget != COST_UNKNOWN)
		chart_bar(a, y, x, width, spent, projected != COST_UNKNOWN ? projected : spent, budget);
}

static void team_projected(const void *row, struct cell *c)
{
	show_dollars(c, row, "projected_usd");
}

static void team_ends(const void *row, struct cell *c)
{
	if (json_bool_peek(row, "blocked")) {
		copy_text(c->text, sizeof(c->text), "blocked");
		c->role = ROLE_WARN;
		return;
	}
	show_left(c, row, "ends_at");
	if (json_time_peek(row, "ends_at") != 0)
		c->role = ROLE_BAD;
}

static const struct column team_columns[] = {
	{.title = "TEAM", .width = 12, .most = 20, .cell = team_name},
	{.title = "$/h", .width = 7, .right = true, .cell = team_rate},
	{.title = "1h trend", .width = 12, .drop = 3, .paint = team_trend},
	{.title = "TODAY", .width = 7, .drop = 9, .right = true, .cell = team_today},
	{.title = "SPENT", .width = 7, .right = true, .drop = 1, .cell = team_spent},
	{.title = "BUDGET", .width = 7, .drop = 2, .right = true, .cell = team_budget},
	{.title = "# spent + proj ! over", .width = 21, .most = 34, .drop = 4, .paint = team_bar},
	{.title = "PROJ", .width = 7, .drop = 8, .right = true, .cell = team_projected},
	{.title = "ENDS", .width = 7, .drop = 5, .right = true, .cell = team_ends},
};

static bool team_is_problem(const void *row)
{
	return json_time_peek(row, "ends_at") != 0 || json_bool_peek(row, "blocked");
}

static void provider_name(const void *row, struct cell *c)
{
	show_text(c, row, "name");
}

static void provider_state(const void *row, struct cell *c)
{
	show_provider_state(c, row);
}

static void provider_rate(const void *row, struct cell *c)
{
	show_calls_per_s(c, row);
}

static void provider_p50(const void *row, struct cell *c)
{
	show_latency(c, row, "p50_us");
}

static void provider_p95(const void *row, struct cell *c)
{
	show_latency(c, row, "p95_us");
}

static void provider_first_byte(const void *row, struct cell *c)
{
	show_latency(c, row, "first_byte_p50_us");
}

static void provider_errors(const void *row, struct cell *c)
{
	show_percent(c, row, "error_percent");
}

static void provider_open(const void *row, struct cell *c)
{
	show_count(c, row, "open_calls");
}

static void provider_spend(const void *row, struct cell *c)
{
	show_rate(c, row, "usd_per_hour");
}

static void provider_minutes(const void *row, struct area a, int y, int x, int width)
{
	show_minutes(row, a, y, x, width);
}

static const struct column provider_columns[] = {
	{.title = "PROVIDER", .width = 14, .most = 20, .cell = provider_name},
	{.title = "STATE", .width = 10, .most = 14, .cell = provider_state},
	{.title = "req/s", .width = 5, .right = true, .drop = 6, .cell = provider_rate},
	{.title = "p50", .width = 5, .right = true, .drop = 5, .cell = provider_p50},
	{.title = "p95", .width = 5, .right = true, .drop = 3, .cell = provider_p95},
	{.title = "ttft", .width = 5, .right = true, .drop = 8, .cell = provider_first_byte},
	{.title = "err%", .width = 5, .right = true, .drop = 1, .cell = provider_errors},
	{.title = "open", .width = 4, .right = true, .drop = 2, .cell = provider_open},
	{.title = "$/h", .width = 6, .right = true, .drop = 4, .cell = provider_spend},
	{.title = "last min", .width = 10, .most = 30, .drop = 7, .paint = provider_minutes},
};

static bool provider_is_problem(const void *row)
{
	const char *letter = json_text_peek(row, "letter");

	return letter != NULL && strchr("DCX", letter[0]) != NULL;
}

static size_t count(void *arg)
{
	json_t **items = arg;

	return json_array_size(*items);
}

static const void *row_at(void *arg, size_t i)
{
	json_t **items = arg;

	return json_array_get(*items, i);
}

static const char *team_id(const void *row)
{
	const char *name = json_text_peek(row, "team");

	return name != NULL ? name : "";
}

static const char *provider_id(const void *row)
{
	const char *name = json_text_peek(row, "name");

	return name != NULL ? name : "";
}

void overview_teams_init(struct table *t, json_t **items)
{
	static const struct table_source source = {.count = count, .row = row_at, .id = team_id,
						   .is_problem = team_is_problem};

	table_init(t, team_columns, ARRAY_LEN(team_columns), &source, items);
}

void overview_providers_init(struct table *t, json_t **items)
{
	static const struct table_source source = {.count = count, .row = row_at, .id = provider_id,
						   .is_problem = provider_is_problem};

	table_init(t, provider_columns, ARRAY_LEN(provider_columns), &source, items);
}
