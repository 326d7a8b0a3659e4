/* SPDX-License-Identifier: MIT */
#include "past.h"

static int64_t now_ms;

static void add(const char *model, int64_t age_min, int64_t input, int64_t output, int64_t cost_nusd)
{
	struct past_call c = {.at_ms = now_ms - age_min * MINUTE_MS, .model = model, .input = input, .output = output,
			      .cost_nusd = cost_nusd, .total_us = 2000000};

	past_add(&c);
}

/* "grown" twice as much as before, "young" for the first time, "gone" no more. */
static void open_with_calls(void)
{
	past_open();
	now_ms = clock_wall_ms();
	add("grown", 90, 100, 0, 4000);
	add("gone", 80, 999, 0, 1000);
	add("grown", 10, 150, 50, 3000);
	add("young", 10, 0, 600, 1000);
	add("young", 9, 200, 0, COST_UNKNOWN);
}

static void shares_are_of_this_window_and_changes_against_the_one_before(void)
{
	open_with_calls();
	query_string = "since=1h";
	CHECK_INT(ask("GET", "/v1/rankings", NULL), 200);
	CHECK_TEXT(said("total.tokens"), "1000");
	CHECK_TEXT(said("total.spend_usd"), "0.000004");
	CHECK_TEXT(said("items.0.model"), "young");
	CHECK_TEXT(said("items.0.tokens_share_percent"), "80.0");
	CHECK_TEXT(said("items.0.tokens_change_percent"), "null");
	CHECK_TEXT(said("items.0.unpriced"), "1");
	CHECK_TEXT(said("items.1.model"), "grown");
	CHECK_TEXT(said("items.1.tokens_share_percent"), "20.0");
	CHECK_TEXT(said("items.1.tokens_change_percent"), "100.0");
	CHECK_TEXT(said("items.1.spend_share_percent"), "75.0");
	CHECK_TEXT(said("items.1.spend_change_percent"), "-25.0");
	CHECK_TEXT(said("items.1.error_percent"), "0.0");
	CHECK_TEXT(said("items.2"), "");
	admin_close();
}

static void the_most_comes_first_whatever_is_asked_for(void)
{
	open_with_calls();
	query_string = "since=1h&sort=spend&limit=1";
	CHECK_INT(ask("GET", "/v1/rankings", NULL), 200);
	CHECK_TEXT(said("items.0.model"), "grown");
	CHECK_TEXT(said("items.1"), "");
	CHECK_TEXT(said("total.calls"), "3");
	query_string = "since=1h&sort=change";
	ask("GET", "/v1/rankings", NULL);
	CHECK_TEXT(said("items.0.model"), "grown");             /* what is new has no change */
	query_string = "since=1h&by=key";
	ask("GET", "/v1/rankings", NULL);
	CHECK_TEXT(said("items.0.key"), "ci");
	CHECK(strncmp(said("items.0.key_id"), "key_", 4) == 0);
	admin_close();
}

static void nothing_has_no_shares(void)
{
	past_open();
	query_string = "since=1h&by=team";
	CHECK_INT(ask("GET", "/v1/rankings", NULL), 200);
	CHECK_TEXT(said("items"), "[]");
	CHECK_TEXT(said("total.spend_usd"), "0");
	admin_close();
}

CHECK_MAIN(TEST(shares_are_of_this_window_and_changes_against_the_one_before),
	   TEST(the_most_comes_first_whatever_is_asked_for), TEST(nothing_has_no_shares))
