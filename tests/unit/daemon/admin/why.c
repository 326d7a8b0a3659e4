/* SPDX-License-Identifier: MIT */
#include "admin/why.h"

#include <math.h>

#include "past.h"

#define DAY_MS (24 * HOUR_MS)

static int64_t now_ms;

static void add(int64_t ago_ms, int64_t key_id, const char *app, int64_t input, int64_t cached, int64_t cost_nusd)
{
	struct past_call c = {.at_ms = now_ms - ago_ms, .key_id = key_id, .model = key_id == 1 ? "sonnet" : "gpt",
			      .app = app, .input = input, .cache_read = cached, .cost_nusd = cost_nusd};

	past_add(&c);
}

static void factors_multiply_to_the_ratio(void)
{
	struct why_sum now = {.calls = 11, .input = 3300, .output = 41, .cost_nusd = 98765};
	struct why_sum past = {.calls = 70, .input = 6100, .output = 77, .cost_nusd = 123456};
	struct why_factors f;

	CHECK(why_split(&now, &past, 7, &f));
	CHECK(fabs(f.calls - 1.1) < 1e-9);
	CHECK(fabs(f.calls * f.tokens * f.price / f.ratio - 1) < 1e-12);
	CHECK(fabs(f.ratio - 98765.0 * 7 / 123456) < 1e-9);
}

static void what_cannot_be_divided_has_no_factors(void)
{
	struct why_sum some = {.calls = 1, .input = 10, .cost_nusd = 5}, none = {0}, free_of_charge = {.calls = 1, .input = 10};
	struct why_factors f;

	CHECK(why_split(&some, &some, 1, &f));
	CHECK(!why_split(&some, &none, 7, &f));
	CHECK(!why_split(&none, &some, 7, &f));
	CHECK(!why_split(&some, &free_of_charge, 7, &f));
	CHECK(!why_split(&some, &some, 0, &f));
}

static void the_first_minute_of_a_change_is_found(void)
{
	int64_t step[60], noisy[60], all[60], falls[60];

	for (int i = 0; i < 60; i++) {
		step[i] = i < 10 ? 100 : 1000;
		noisy[i] = i < 42 ? i % 3 * 100 : 700 + i % 2 * 600;
		all[i] = 900 + i % 5 * 50;
		falls[i] = i < 25 ? 1000 : 0;
	}
	CHECK_INT(why_began(step, 60, 6000), 10);
	CHECK_INT(why_began(noisy, 60, 6000), 42);
	CHECK_INT(why_began(all, 60, 6000), 0);         /* before it begins */
	CHECK_INT(why_began(falls, 60, 60000), 25);
	CHECK_INT(why_began(falls, 0, 5), 0);
}

/* Each of seven days: 10 calls of "sonnet" in that hour at 1000, 5 of "gpt" at 200; now "sonnet" has twice
 * the tokens in three times the calls since 20 minutes. */
static void open_with_a_week(void)
{
	past_open();
	now_ms = clock_wall_ms();
	for (int64_t day = 1; day <= 7; day++) {
		for (int64_t i = 0; i < 10; i++)
			add(day * DAY_MS + (i + 1) * 5 * MINUTE_MS, 1, "web", 100, 50, 1000);
		for (int64_t i = 0; i < 5; i++)
			add(day * DAY_MS + (i + 1) * 10 * MINUTE_MS, 2, NULL, 100, 0, 200);
		add(day * DAY_MS + 62 * MINUTE_MS, 1, NULL, 7, 0, 999999);      /* outside the hour */
	}
	for (int64_t i = 0; i < 30; i++)
		add(20 * MINUTE_MS - i * 40000, 1, i > 2 ? "nightly" : "web", 200, 0, 2000);
	for (int64_t i = 0; i < 5; i++)
		add((i + 1) * 10 * MINUTE_MS, 2, NULL, 100, 0, 200);
}

static void a_change_is_split_by_key_and_model_and_has_a_culprit(void)
{
	char since[CLOCK_TEXT];

	open_with_a_week();
	CHECK_INT(ask("GET", "/v1/teams/search/why", NULL), 200);
	CHECK_TEXT(said("days"), "7");
	CHECK_TEXT(said("now_usd_per_hour"), "0.000061");
	CHECK_TEXT(said("usual_usd_per_hour"), "0.000011");
	CHECK_TEXT(said("change_usd_per_hour"), "0.00005");
	CHECK_TEXT(said("pairs.0.key"), "ci");
	CHECK_TEXT(said("pairs.0.model"), "sonnet");
	CHECK_TEXT(said("pairs.0.change_usd_per_hour"), "0.00005");
	CHECK_TEXT(said("pairs.0.share_percent"), "100.0");
	CHECK_TEXT(said("pairs.0.calls_factor"), "3.0");
	CHECK_TEXT(said("pairs.0.tokens_factor"), "2.0");
	CHECK_TEXT(said("pairs.0.price_factor"), "1.0");
	CHECK_TEXT(said("pairs.0.ratio"), "6.0");
	CHECK_TEXT(said("pairs.0.usual_cache_percent"), "50.0");
	CHECK_TEXT(said("pairs.0.cache_percent"), "0.0");
	CHECK_TEXT(said("pairs.1.change_usd_per_hour"), "0");
	CHECK_TEXT(said("else_usd_per_hour"), "0");
	CHECK_TEXT(said("blame.key"), "ci");
	CHECK_TEXT(said("blame.app"), "nightly");
	clock_format((now_ms - 20 * MINUTE_MS) / MINUTE_MS * MINUTE_MS, since);
	CHECK_TEXT(said("blame.since"), since);
	query_string = "limit=1";
	ask("GET", "/v1/teams/search/why", NULL);
	CHECK_TEXT(said("pairs.1"), "");
	admin_close();
}

static void without_a_day_of_history_nothing_is_compared(void)
{
	past_open();
	now_ms = clock_wall_ms();
	CHECK_INT(ask("GET", "/v1/teams/search/why", NULL), 200);
	CHECK_TEXT(said("pairs"), "[]");
	/* The hour of yesterday had begun when the team first called. */
	add(DAY_MS + 30 * MINUTE_MS, 1, NULL, 100, 0, 1000);
	add(5 * MINUTE_MS, 1, NULL, 100, 0, 3000);
	CHECK_INT(ask("GET", "/v1/teams/search/why", NULL), 200);
	CHECK_TEXT(said("days"), "0");
	CHECK_TEXT(said("now_usd_per_hour"), "0.000003");
	CHECK_TEXT(said("usual_usd_per_hour"), "null");
	CHECK_TEXT(said("change_usd_per_hour"), "null");
	CHECK_TEXT(said("pairs.0.now_usd_per_hour"), "0.000003");
	CHECK_TEXT(said("pairs.0.ratio"), "null");
	CHECK_TEXT(said("blame"), "null");
	/* With one call more, yesterday counts, and the days before do not. */
	add(DAY_MS + 61 * MINUTE_MS, 1, NULL, 100, 0, 1000);
	ask("GET", "/v1/teams/search/why", NULL);
	CHECK_TEXT(said("days"), "1");
	CHECK_TEXT(said("usual_usd_per_hour"), "0.000001");
	CHECK_TEXT(said("pairs.0.price_factor"), "3.0");
	query_string = "since=25h";
	CHECK_INT(ask("GET", "/v1/teams/search/why", NULL), 400);
	CHECK_INT(ask("GET", "/v1/teams/serch/why", NULL), 404);
	admin_close();
}

CHECK_MAIN(TEST(factors_multiply_to_the_ratio), TEST(what_cannot_be_divided_has_no_factors),
	   TEST(the_first_minute_of_a_change_is_found), TEST(a_change_is_split_by_key_and_model_and_has_a_culprit),
	   TEST(without_a_day_of_history_nothing_is_compared))
