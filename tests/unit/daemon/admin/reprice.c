/* SPDX-License-Identifier: MIT */
#include "store/reprice.h"

#include "ask.h"
#include "base/id.h"
#include "base/money.h"
#include "store/ledger_store.h"

static int64_t next_id;

/* A call of the key "search/ci" at that time, with its rollups. */
static void add_call_at(int64_t at_ms, const char *model, int64_t input, int64_t cost_nusd, int64_t billed_nusd)
{
	struct call_record *r = xcalloc(1, sizeof(*r));
	struct rollup_sum *sum = xcalloc(1, sizeof(*sum));
	struct err err = {0};
	struct rollup_cell cell;

	r->id = id_first_at(at_ms) + ++next_id;
	r->team_id = r->key_id = 1;
	copy_text(r->asked, sizeof(r->asked), "smart");
	copy_text(r->provider, sizeof(r->provider), "a");
	copy_text(r->model, sizeof(r->model), model);
	r->status = 200;
	usage_init(&r->usage);
	usage_set(&r->usage, USAGE_INPUT, input, USAGE_REPORTED);
	usage_set(&r->usage, USAGE_OUTPUT, 0, USAGE_REPORTED);
	r->cost_nusd = cost_nusd;
	r->billed_nusd = billed_nusd;
	r->price_id = cost_nusd != COST_UNKNOWN ? 4711 : 0;
	r->first_byte_us = -1;
	CHECK_INT(ledger_insert(the_admin.db, r, &err), 1);
	rollup_add(sum, r);
	cell = (struct rollup_cell){0, 1, 1, name_intern(the_admin.db, r->provider, &err),
				    name_intern(the_admin.db, r->model, &err)};
	CHECK_INT(rollup_put_all(the_admin.db, id_wall_ms(r->id), &cell, sum, &err), 0);
	free(sum);
	free(r);
}

static void add_call(const char *model, int64_t input, int64_t cost_nusd)
{
	add_call_at(clock_wall_ms(), model, input, cost_nusd, cost_nusd);
}

static void print_problem(void *arg, const char *text)
{
	(void)arg;
	printf("# %s\n", text);
}

static void open_with_calls(void)
{
	admin_open();
	ask("POST", "/v1/teams", "{\"name\": \"search\", \"markup_percent\": \"10\", \"budget\": \"5/day\"}");
	ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\"}");
	ask("POST", "/v1/providers", "{\"name\": \"a\", \"kind\": \"sim\"}");
	add_call("m", 1000000, COST_UNKNOWN);
	add_call("m", 2000000, COST_UNKNOWN);
	add_call("other", 1000000, COST_UNKNOWN);
	add_call("m", 1000000, NUSD_PER_USD);
}

static void calls_of_unknown_cost_are_charged_and_everything_adds_up(void)
{
	struct err err = {0};

	open_with_calls();
	ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"3\", \"output\": \"15\"}");
	CHECK_INT(ask("POST", "/v1/prices/reprice", NULL), 200);
	CHECK_TEXT(said("repriced"), "2");
	CHECK_TEXT(said("still_unknown"), "1");
	CHECK_TEXT(said("cost_usd"), "9");
	CHECK_INT(ledger_check(the_admin.db, print_problem, NULL, &err), 0);
	query_string = "by=model&since=1h";
	CHECK_INT(ask("GET", "/v1/spend", NULL), 200);
	CHECK_TEXT(said("items.0.cost_usd"), "10");
	CHECK_TEXT(said("items.0.billed_usd"), "10.9");         /* the markup is the team's */
	CHECK_TEXT(said("items.0.unpriced"), "0");
	CHECK_TEXT(said("items.1.unpriced"), "1");
	/* What was charged is not charged again. */
	ask("POST", "/v1/prices/reprice", NULL);
	CHECK_TEXT(said("repriced"), "0");
	admin_close();
}

static void a_dry_run_says_how_many_and_charges_none(void)
{
	open_with_calls();
	ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"3\", \"output\": \"15\"}");
	query_string = "dry_run=1";
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"model\": \"m\"}"), 200);
	CHECK_TEXT(said("repriced"), "2");
	CHECK_TEXT(said("still_unknown"), "0");
	query_string = "by=team&since=1h";
	ask("GET", "/v1/spend", NULL);
	CHECK_TEXT(said("items.0.cost_usd"), "1");
	CHECK_TEXT(said("items.0.unpriced"), "3");
	admin_close();
}

static void a_call_of_last_month_gets_last_months_price(void)
{
	int64_t now_ms = clock_wall_ms(), month_ms = INT64_C(31) * 86400000;
	struct err err = {0};

	open_with_calls();
	add_call_at(now_ms - month_ms, "dated", 1000000, COST_UNKNOWN, COST_UNKNOWN);
	add_call_at(now_ms - month_ms, "dated-2026-01-01", 1000000, NUSD_PER_USD, NUSD_PER_USD * 11 / 10);
	add_call_at(now_ms, "dated", 1000000, COST_UNKNOWN, COST_UNKNOWN);
	add_call_at(now_ms - 3 * month_ms, "dated", 1000000, COST_UNKNOWN, COST_UNKNOWN);
	ask("POST", "/v1/prices", "{\"model\": \"dated\", \"input\": \"2\", \"output\": \"1\", \"from\": \"60d\"}");
	ask("POST", "/v1/prices", "{\"model\": \"dated\", \"input\": \"3\", \"output\": \"1\", \"from\": \"10d\"}");
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"since\": \"200d\"}"), 200);
	CHECK_TEXT(said("repriced"), "2");
	CHECK_TEXT(said("after.cost_usd"), "5");
	CHECK_TEXT(said("still_unknown"), "4");         /* one from before there was a price */
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"since\": \"200d\", \"model\": \"dated-2026-01-01\", \"all\": true}"), 200);
	CHECK_TEXT(said("before.cost_usd"), "1");
	CHECK_TEXT(said("after.cost_usd"), "2");
	CHECK_TEXT(said("after.billed_usd"), "2.2");
	CHECK_INT(ledger_check(the_admin.db, print_problem, NULL, &err), 0);
	admin_close();
}

static void what_was_charged_is_charged_again_only_on_demand_and_keeps_its_markup(void)
{
	int64_t now_ms = clock_wall_ms();
	struct err err = {0};

	open_with_calls();
	add_call_at(now_ms, "m", 1000000, NUSD_PER_USD, NUSD_PER_USD * 11 / 10);        /* today's markup */
	add_call_at(now_ms, "m", 1000000, NUSD_PER_USD, NUSD_PER_USD * 5 / 4);          /* a markup of its own */
	ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"3\", \"output\": \"15\"}");
	query_string = "dry_run=1";
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"all\": true}"), 200);
	CHECK_TEXT(said("dry_run"), "true");
	CHECK_TEXT(said("before.cost_usd"), "3");
	CHECK_TEXT(said("after.cost_usd"), "18");
	CHECK_TEXT(said("difference_usd"), "15");
	/* 9.9 for the unpriced, 3 as it was billed without one, 3.3 and 3.75. */
	CHECK_TEXT(said("after.billed_usd"), "19.95");
	CHECK_TEXT(said("models.0.model"), "m");
	CHECK_TEXT(said("models.0.calls"), "5");
	CHECK_TEXT(said("models.1.still_unknown"), "1");
	CHECK_TEXT(said("teams.0.new_cost_usd"), "18");
	idempotency_key = "once";
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"all\": true}"), 200);
	CHECK_TEXT(said("repriced"), "5");
	CHECK_INT(ledger_check(the_admin.db, print_problem, NULL, &err), 0);
	idempotency_key = "once";
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"all\": true}"), 200);
	CHECK_TEXT(said("replayed"), "true");
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"all\": true}"), 200);
	CHECK_TEXT(said("repriced"), "0");
	CHECK_TEXT(said("unchanged"), "5");
	query_string = "action=price.reprice";
	ask("GET", "/v1/audit", NULL);
	CHECK_TEXT(said("items.0.after.calls"), "0");
	CHECK_TEXT(said("items.1.before.cost_usd"), "3");
	CHECK_TEXT(said("items.1.after.cost_usd"), "18");
	CHECK_INT(ask("POST", "/v1/prices/reprice", "{\"al\": true}"), 400);
	admin_close();
}

/* What is spent of a budget, by its counter. */
static void check_spent(const char *path, const char *member, const char *wanted)
{
	CHECK_INT(ask("GET", path, NULL), 200);
	CHECK_TEXT(said(member), wanted);
}

static void counters_of_every_budget_in_force_follow_at_once(void)
{
	admin_open();
	ask("POST", "/v1/teams",
	    "{\"name\": \"search\", \"budgets\": [{\"amount_usd\": \"50\", \"window\": \"total\"},"
	    "{\"amount_usd\": \"50\", \"window\": \"total\", \"model\": \"cheap\"}]}");
	ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\", \"budget\": \"50/hour\"}");
	ask("POST", "/v1/providers", "{\"name\": \"a\", \"kind\": \"sim\", \"budget\": \"50/total\"}");
	ask("PATCH", "/v1/gateway", "{\"budget\": \"50/total\"}");
	add_call("m", 1000000, COST_UNKNOWN);
	add_call_at(clock_wall_ms() - 7200000, "m", 1000000, COST_UNKNOWN, COST_UNKNOWN);
	ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"3\", \"output\": \"15\"}");
	CHECK_INT(ask("POST", "/v1/prices/reprice", NULL), 200);
	check_spent("/v1/teams/search", "budgets.0.spent_usd", "6");
	check_spent("/v1/teams/search", "budgets.1.spent_usd", "0");
	check_spent("/v1/keys/ci", "budgets.0.spent_usd", "3");
	check_spent("/v1/providers/a", "budgets.0.spent_usd", "6");
	check_spent("/v1/gateway", "budgets.0.spent_usd", "6");
	admin_close();
}

static void what_was_spent_is_seen_at_once_in_every_figure(void)
{
	open_with_calls();
	CHECK_INT(ask("GET", "/v1/teams/search", NULL), 200);
	CHECK_TEXT(said("spent_month_usd"), "1");
	CHECK_TEXT(said("num_keys"), "1");
	CHECK_INT(ask("GET", "/v1/overview", NULL), 200);
	CHECK_TEXT(said("pulse.spent_month_usd"), "1");
	CHECK_TEXT(said("teams.0.team"), "search");
	CHECK_TEXT(said("teams.0.calls_1h"), "4");
	CHECK_TEXT(said("teams.0.budget_usd"), "5");
	CHECK_TEXT(said("teams.0.window"), "day");
	add_call("m", 1000000, NUSD_PER_USD / 2);
	ask("GET", "/v1/teams/search", NULL);
	CHECK_TEXT(said("spent_month_usd"), "1.5");
	ask("GET", "/v1/keys", NULL);
	CHECK_TEXT(said("items.0.spent_month_usd"), "1.5");
	CHECK(strcmp(said("items.0.last_used_at"), "null") != 0);
	ask("GET", "/v1/overview", NULL);
	CHECK_TEXT(said("pulse.spent_month_usd"), "1.5");
	{
		const json_t *quarters = json_object_get(answer, "spend_24h"), *minutes = json_object_get(answer, "requests_1h");
		int64_t nusd = 0, calls = 0;

		CHECK_INT((int)json_array_size(quarters), 96);
		CHECK_INT((int)json_array_size(minutes), 60);
		for (size_t i = 0; i < 96; i++)
			nusd += json_integer_value(json_array_get(quarters, i));
		for (size_t i = 0; i < 60; i++)
			calls += json_integer_value(json_array_get(minutes, i));
		CHECK_INT(nusd, NUSD_PER_USD * 3 / 2);
		CHECK_INT(calls, 5);
	}
	admin_close();
}

static void calls_are_listed_by_page_and_shown_alone(void)
{
	char cursor[64], path[80];

	open_with_calls();
	query_string = "limit=3";
	CHECK_INT(ask("GET", "/v1/calls", NULL), 200);
	CHECK_TEXT(said("items.0.team"), "search");
	CHECK_TEXT(said("items.0.cost_usd"), "1");
	CHECK_TEXT(said("items.1.cost_usd"), "null");
	copy_text(cursor, sizeof(cursor), said("next_cursor"));
	snprintf(path, sizeof(path), "/v1/calls/%s", said("items.0.id"));
	{
		char query[80];

		snprintf(query, sizeof(query), "limit=3&cursor=%s", cursor);
		query_string = query;
		ask("GET", "/v1/calls", NULL);
		CHECK_TEXT(said("next_cursor"), "null");
		CHECK_TEXT(said("items.1"), "");
	}
	CHECK_INT(ask("GET", path, NULL), 200);
	CHECK_TEXT(said("usage_sources.input"), "reported");
	CHECK_INT(ask("GET", "/v1/calls/nonsense", NULL), 404);
	query_string = "status=abc";
	CHECK_INT(ask("GET", "/v1/calls", NULL), 400);
	query_string = "result=answerd";
	CHECK_INT(ask("GET", "/v1/calls", NULL), 400);
	CHECK(strstr(said("error.message"), "did you mean answered?") != NULL);
	admin_close();
}

CHECK_MAIN(TEST(calls_of_unknown_cost_are_charged_and_everything_adds_up), TEST(a_dry_run_says_how_many_and_charges_none),
	   TEST(a_call_of_last_month_gets_last_months_price),
	   TEST(what_was_charged_is_charged_again_only_on_demand_and_keeps_its_markup),
	   TEST(counters_of_every_budget_in_force_follow_at_once), TEST(what_was_spent_is_seen_at_once_in_every_figure), TEST(calls_are_listed_by_page_and_shown_alone))
