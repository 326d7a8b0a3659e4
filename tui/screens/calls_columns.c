/* SPDX-License-Identifier: MIT */
/* A call becomes a row here. */
#include "screens/calls_columns.h"

#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "model/now.h"
#include "screens/show.h"

static bool is_result(const json_t *call, const char *result)
{
	const char *is = json_text_peek(call, "result");

	return is != NULL && strcmp(is, result) == 0;
}

void show_call_status(struct cell *c, const json_t *call)
{
	int64_t status = json_int_peek(call, "status", 0);

	if (is_result(call, "aborted")) {
		copy_text(c->text, sizeof(c->text), "can");
		c->role = ROLE_WARN;
	} else if (is_result(call, "interrupted") || (is_result(call, "failed") && status < 400)) {
		copy_text(c->text, sizeof(c->text), "cut");
		c->role = ROLE_BAD;
	} else {
		snprintf(c->text, sizeof(c->text), "%lld", (long long)status);
		c->role = status >= 500 ? ROLE_BAD : status >= 400 ? ROLE_WARN : ROLE_NORMAL;
	}
}

void show_call_cost(struct cell *c, const json_t *call)
{
	char cost[FMT_TEXT];

	snprintf(c->text, sizeof(c->text), "%s%s", json_bool_peek(call, "estimated") ? "~" : "",
		 fmt_money(json_money_peek(call, "cost_usd"), cost));
}

bool call_is_problem(const void *call)
{
	return !is_result(call, "answered") || json_int_peek(call, "status", 0) >= 400;
}

/* "14:02:09" today, then "Nov 21", or "2025-11". */
static void ended_cell(const void *row, struct cell *c)
{
	int64_t at_ms = json_time_peek(row, "at"), ended_ms = at_ms + json_int_peek(row, "total_us", 0) / 1000;
	char clock[NOW_TEXT], stamp[NOW_TEXT];

	if (at_ms == 0)
		copy_text(c->text, sizeof(c->text), "-");
	else if (strlen(now_stamp(ended_ms, stamp)) <= strlen("14:02"))
		copy_text(c->text, sizeof(c->text), now_clock(ended_ms, clock));
	else
		copy_text(c->text, sizeof("Nov 21") + (stamp[0] == '2'), stamp);
}

static void key_cell(const void *row, struct cell *c)
{
	show_text(c, row, "key");
}

static void team_cell(const void *row, struct cell *c)
{
	show_text(c, row, "team");
}

static void asked_cell(const void *row, struct cell *c)
{
	show_text(c, row, "asked");
}

/* What answered; where nothing did, what was asked for. */
static void model_cell(const void *row, struct cell *c)
{
	show_text(c, row, json_text_peek(row, "model") != NULL ? "model" : "asked");
}

static void provider_cell(const void *row, struct cell *c)
{
	show_text(c, row, "provider");
}

static void status_cell(const void *row, struct cell *c)
{
	show_call_status(c, row);
}

static void tries_cell(const void *row, struct cell *c)
{
	show_count(c, row, "attempts");
	if (json_int_peek(row, "attempts", 0) > 1)
		c->role = ROLE_WARN;
}

static void first_cell(const void *row, struct cell *c)
{
	show_latency(c, row, "first_byte_us");
}

static void total_cell(const void *row, struct cell *c)
{
	show_latency(c, row, "total_us");
}

static void tokens_cell(const void *row, struct cell *c)
{
	int64_t in = json_int_peek(row, "input", FMT_UNKNOWN), out = json_int_peek(row, "output", FMT_UNKNOWN);

	if (in == FMT_UNKNOWN || out == FMT_UNKNOWN)
		in = in == FMT_UNKNOWN ? out : in;
	else
		in += out;
	fmt_count(in, c->text);
}

static void cost_cell(const void *row, struct cell *c)
{
	show_call_cost(c, row);
}

static void app_cell(const void *row, struct cell *c)
{
	show_text(c, row, "app");
}

static void error_cell(const void *row, struct cell *c)
{
	show_text(c, row, "error");
	if (call_is_problem(row))
		c->role = ROLE_WARN;
}

const struct column calls_columns[CALLS_NUM_COLUMNS] = {
	{.title = "ENDED", .width = 8, .cell = ended_cell},
	{.title = "TEAM", .width = 10, .most = 14, .drop = 11, .cell = team_cell},
	{.title = "KEY", .width = 9, .most = 14, .cell = key_cell},
	{.title = "ASKED", .width = 10, .most = 18, .drop = 13, .cell = asked_cell},
	{.title = "MODEL", .width = 13, .most = 24, .drop = 1, .cell = model_cell},
	{.title = "PROVIDER", .width = 9, .most = 14, .drop = 7, .cell = provider_cell},
	{.title = "ST", .width = 3, .right = true, .cell = status_cell},
	{.title = "TRY", .width = 3, .right = true, .drop = 5, .cell = tries_cell},
	{.title = "TTFT", .width = 5, .right = true, .drop = 8, .cell = first_cell},
	{.title = "TOTAL", .width = 5, .right = true, .drop = 3, .cell = total_cell},
	{.title = "TOK", .width = 5, .right = true, .drop = 6, .cell = tokens_cell},
	{.title = "COST", .width = 10, .right = true, .drop = 4, .cell = cost_cell},
	{.title = "APP", .width = 8, .most = 16, .drop = 14, .cell = app_cell},
	{.title = "ERROR", .width = 12, .most = 24, .drop = 15, .cell = error_cell},
};

const struct filter_field calls_filters[] = {
	{.name = "team", .member = "team", .parameter = "team"},
	{.name = "key", .member = "key", .parameter = "key"},
	{.name = "model", .member = "model", .parameter = "model"},
	{.name = "asked", .member = "asked", .parameter = "model"},
	{.name = "prov", .member = "provider", .parameter = "provider"},
	{.name = "st", .member = "status", .kind = FILTER_COUNT, .parameter = "status"},
	{.name = "try", .member = "attempts", .kind = FILTER_COUNT},
	{.name = "cost", .member = "cost_usd", .kind = FILTER_MONEY},
	{.name = "total", .member = "total_us", .kind = FILTER_LATENCY},
	{.name = "ttft", .member = "first_byte_us", .kind = FILTER_LATENCY},
	{.name = "in", .member = "input", .kind = FILTER_COUNT},
	{.name = "out", .member = "output", .kind = FILTER_COUNT},
	{.name = "err", .member = "error"},
	{.name = "result", .member = "result", .parameter = "result"},
	{.name = "app", .member = "app", .parameter = "app"},
	{.name = "user", .member = "user"},
	{.name = "session", .member = "session"},
	{.name = "tags", .member = "tags"},
	{.name = "id", .member = "id"},
	{.name = NULL},
};
