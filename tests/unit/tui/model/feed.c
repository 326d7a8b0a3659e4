/* SPDX-License-Identifier: MIT */
/* Calls heard of and calls asked for become one list. */
#include "model/feed.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"

static const struct filter_field fields[] = {
	{.name = "team", .member = "team", .parameter = "team"},
	{.name = "app", .member = "app", .parameter = "app"},
	{.name = "try", .member = "attempts", .kind = FILTER_COUNT},
	{.name = NULL},
};

/* A daemon that is away: nothing is fetched, answers are put where they belong by hand. */
static struct session session;
static struct feed feed;

static void begin(void)
{
	memset(&session, 0, sizeof(session));
	list_init(&session.resources);
	list_init(&session.changes);
	tail_init(&session.tail);
	session.link = LINK_DOWN;
	feed_init(&feed, &session);
}

static void end(void)
{
	feed_release(&feed);
	tail_release(&session.tail);
}

static json_t *call(const char *id, const char *at, int64_t total_us, const char *team)
{
	return json_pack("{s:s, s:s, s:I, s:s, s:i}", "id", id, "at", at, "total_us", (json_int_t)total_us, "team", team,
			 "attempts", 1);
}

static void hear(const char *id, const char *at, int64_t total_us, const char *team)
{
	json_t *c = call(id, at, total_us, team);

	tail_add(&session.tail, c);
	json_decref(c);
}

static void answer(struct resource *r, json_t *items)
{
	json_decref(r->data);
	r->data = json_pack("{s:o}", "items", items);
	r->version++;
}

static const char *id_at(size_t i)
{
	return i < feed.num_rows ? json_text_peek(feed.rows[i], "id") : "";
}

static void filter_by(const char *text)
{
	struct filter f;

	CHECK(filter_parse(text, fields, &f, NULL) == 0);
	feed_set_filter(&feed, &f);
}

static void each_call_is_there_once_the_one_that_ended_last_on_top(void)
{
	begin();
	hear("call_1", "2026-11-20T14:00:00Z", 9000000, "a");
	hear("call_2", "2026-11-20T14:00:05Z", 1000000, "a");
	answer(&feed.recent, json_pack("[o,o]", call("call_2", "2026-11-20T14:00:05Z", 1000000, "a"),
				       call("call_0", "2026-11-20T13:00:00Z", 1000000, "a")));
	feed_use(&feed, 0);
	CHECK_INT(feed.num_rows, 3);
	CHECK_TEXT(id_at(0), "call_1");
	CHECK_TEXT(id_at(1), "call_2");
	CHECK_TEXT(id_at(2), "call_0");
	end();
}

static void held_rows_stay_and_what_comes_in_is_counted_by_the_filter(void)
{
	begin();
	hear("call_1", "2026-11-20T14:00:00Z", 0, "a");
	filter_by("team:a");
	feed_use(&feed, 0);
	feed_hold(&feed, true);
	feed_use(&feed, 0);
	hear("call_2", "2026-11-20T14:00:01Z", 0, "b");
	hear("call_3", "2026-11-20T14:00:02Z", 0, "a");
	feed_use(&feed, 0);
	CHECK_INT(feed.num_rows, 1);
	CHECK_INT(feed_waiting(&feed), 1);
	feed_hold(&feed, false);
	feed_use(&feed, 0);
	CHECK_INT(feed.num_rows, 2);
	CHECK_TEXT(id_at(0), "call_3");
	CHECK_INT(feed_waiting(&feed), 0);
	end();
}

static void a_filters_own_answer_comes_in_also_while_rows_are_held(void)
{
	begin();
	feed_hold(&feed, true);
	filter_by("team:a");
	feed.found.handle = (struct client_handle *)&feed;      /* in flight */
	feed_use(&feed, 0);
	CHECK_INT(feed.num_rows, 0);
	answer(&feed.found, json_pack("[o]", call("call_0", "2026-11-20T13:00:00Z", 0, "a")));
	feed.found.handle = NULL;
	feed_use(&feed, 0);
	CHECK_INT(feed.num_rows, 1);
	end();
}

static void the_daemon_is_asked_by_the_fields_it_knows(void)
{
	struct buf query;

	begin();
	filter_by("team:a&b app:x try>1 !team:c word");
	CHECK_TEXT(feed.found.path, "/v1/calls?limit=1000&team=a%26b&app=x");
	buf_init(&query, 256);
	feed_spend_query(&feed, &query);
	CHECK_TEXT(query.data, "&team=a%26b");
	buf_release(&query);
	end();
}

static void more_rows_are_asked_for_when_the_last_ones_are_looked_at(void)
{
	json_t *items = json_array();

	begin();
	CHECK_TEXT(feed.recent.path, "/v1/calls?limit=200");
	for (int i = 0; i < 200; i++) {
		char id[32];

		snprintf(id, sizeof(id), "call_%03d", i);
		json_array_append_new(items, call(id, "2026-11-20T13:00:00Z", 0, "a"));
	}
	answer(&feed.recent, items);
	feed_use(&feed, 20);
	CHECK_TEXT(feed.recent.path, "/v1/calls?limit=200");
	feed_use(&feed, 200);
	CHECK_TEXT(feed.recent.path, "/v1/calls?limit=1000");
	end();
}

CHECK_MAIN(TEST(each_call_is_there_once_the_one_that_ended_last_on_top),
	   TEST(held_rows_stay_and_what_comes_in_is_counted_by_the_filter),
	   TEST(a_filters_own_answer_comes_in_also_while_rows_are_held),
	   TEST(the_daemon_is_asked_by_the_fields_it_knows),
	   TEST(more_rows_are_asked_for_when_the_last_ones_are_looked_at))
