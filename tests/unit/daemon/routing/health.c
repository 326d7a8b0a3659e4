/* SPDX-License-Identifier: MIT */
/* Every way a breaker can go from one state to another, at given times. */
#include "routing/health.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check.h"

#define SECOND UINT64_C(1000000)
#define START (1000 * SECOND)
#define WALL INT64_C(1700000000000)

static struct health_table *table;

static struct health *fresh(void)
{
	health_table_free(table);
	table = health_table_new();
	return health_get(table, "openai/gpt-5");
}

static void end(struct health *h, uint64_t now_us, bool ok)
{
	health_begin(h);
	health_end(h, now_us, WALL, ok, true, 0, ok ? NULL : "HTTP 500");
}

static void fail_times(struct health *h, uint64_t now_us, int times)
{
	while (times-- > 0)
		end(h, now_us, false);
}

static enum breaker_state state_at(struct health *h, uint64_t now_us)
{
	struct health_state state;

	health_read(h, now_us, &state);
	return state.breaker;
}

static int64_t cooling_at(struct health *h, uint64_t now_us)
{
	struct health_state state;

	health_read(h, now_us, &state);
	return state.cooling_ms;
}

static void a_new_target_is_closed_and_admits_everyone(void)
{
	struct health *h = fresh();

	CHECK(state_at(h, START) == BREAKER_CLOSED);
	for (int i = 0; i < 5; i++)
		CHECK(health_admits(h, START, NULL));
	CHECK(!health_is_cooling(h, START));
}

static void consecutive_failures_open_it(void)
{
	struct health *h = fresh();
	int64_t cooling_ms = 0;

	fail_times(h, START, HEALTH_FAILURES - 1);
	CHECK(state_at(h, START) == BREAKER_CLOSED);
	fail_times(h, START, 1);
	CHECK(state_at(h, START) == BREAKER_OPEN);
	CHECK(!health_admits(h, START + SECOND, &cooling_ms));
	CHECK_INT(cooling_ms, HEALTH_COOLING_MS - 1000);
	CHECK(health_is_cooling(h, START + SECOND));
}

static void a_success_between_failures_keeps_it_closed(void)
{
	struct health *h = fresh();

	for (int i = 0; i < 4; i++) {
		fail_times(h, START, HEALTH_FAILURES - 1);
		for (int j = 0; j < 2 * HEALTH_FAILURES; j++)
			end(h, START, true);
	}
	CHECK(state_at(h, START) == BREAKER_CLOSED);
}

static void half_of_ten_calls_failing_opens_it(void)
{
	struct health *h = fresh();

	for (uint64_t i = 0; i < 5; i++) {
		CHECK(state_at(h, START + i * SECOND) == BREAKER_CLOSED);
		end(h, START + i * SECOND, true);
		end(h, START + i * SECOND, false);
	}
	CHECK(state_at(h, START + 5 * SECOND) == BREAKER_OPEN);
}

static void failures_of_more_than_thirty_seconds_ago_do_not_count(void)
{
	struct health *h = fresh();

	for (uint64_t i = 0; i < 20; i++) {
		end(h, START + i * 8 * SECOND, true);
		end(h, START + i * 8 * SECOND, false);
	}
	CHECK(state_at(h, START + 160 * SECOND) == BREAKER_CLOSED);
}

static void failures_that_are_the_callers_own_do_not_count(void)
{
	struct health *h = fresh();
	struct health_state state;

	for (int i = 0; i < 20; i++) {
		health_begin(h);
		health_end(h, START, WALL, false, false, 0, "HTTP 400");
	}
	health_read(h, START, &state);
	CHECK(state.breaker == BREAKER_CLOSED);
	CHECK_INT(state.failed, 0);
	CHECK_INT(state.last_failure_ms, 0);
	CHECK_INT(state.open_calls, 0);
}

static void after_cooling_one_call_tries_and_the_others_wait(void)
{
	struct health *h = fresh();
	uint64_t later = START + (uint64_t)HEALTH_COOLING_MS * 1000;
	int64_t cooling_ms = -1;

	fail_times(h, START, HEALTH_FAILURES);
	CHECK(!health_admits(h, later - 1, &cooling_ms));
	CHECK_INT(cooling_ms, 1);
	CHECK(state_at(h, later) == BREAKER_HALF_OPEN);
	CHECK(health_admits(h, later, NULL));
	health_begin(h);
	CHECK(!health_admits(h, later, &cooling_ms));
	CHECK_INT(cooling_ms, 0);
	CHECK(!health_admits(h, later + 100 * SECOND, NULL));
	health_end(h, later + 100 * SECOND, WALL, true, true, 0, NULL);
	CHECK(state_at(h, later + 100 * SECOND) == BREAKER_CLOSED);
	CHECK(health_admits(h, later + 100 * SECOND, NULL));
}

static void failing_again_doubles_the_cooling_up_to_five_minutes(void)
{
	static const int64_t cooling_ms[] = {5000, 10000, 20000, 40000, 80000, 160000, 300000, 300000};
	struct health *h = fresh();
	uint64_t now = START;

	fail_times(h, now, HEALTH_FAILURES);
	for (size_t i = 0; i < ARRAY_LEN(cooling_ms); i++) {
		CHECK_INT(cooling_at(h, now), cooling_ms[i]);
		now += (uint64_t)cooling_ms[i] * 1000;
		CHECK(health_admits(h, now, NULL));
		end(h, now, false);
		CHECK(state_at(h, now) == BREAKER_OPEN);
	}
}

static void success_makes_the_next_cooling_short_again(void)
{
	struct health *h = fresh();
	uint64_t now = START + 5 * SECOND;

	fail_times(h, START, HEALTH_FAILURES);
	CHECK(health_admits(h, now, NULL));
	end(h, now, false);
	now += 10 * SECOND;
	CHECK(health_admits(h, now, NULL));
	end(h, now, true);
	fail_times(h, now, HEALTH_FAILURES - 1);
	CHECK(state_at(h, now) == BREAKER_CLOSED);
	fail_times(h, now, 1);
	CHECK_INT(cooling_at(h, now), 5000);
}

static void retry_after_opens_it_at_once_for_as_long_as_it_says(void)
{
	struct health *h = fresh();

	health_begin(h);
	health_end(h, START, WALL, false, true, 17000, "HTTP 429");
	CHECK_INT(cooling_at(h, START), 17000);
	CHECK(state_at(h, START + 17 * SECOND) == BREAKER_HALF_OPEN);
}

static void retry_after_is_capped(void)
{
	struct health *h = fresh();

	health_begin(h);
	health_end(h, START, WALL, false, true, INT64_MAX, "HTTP 429");
	CHECK_INT(cooling_at(h, START), HEALTH_COOLING_MAX_MS);
}

static void calls_that_began_before_it_opened_change_nothing(void)
{
	struct health *h = fresh();

	health_begin(h);
	health_begin(h);
	fail_times(h, START, HEALTH_FAILURES);
	health_end(h, START + SECOND, WALL, true, true, 0, NULL);
	CHECK(state_at(h, START + SECOND) == BREAKER_OPEN);
	health_end(h, START + SECOND, WALL, false, true, 0, "HTTP 500");
	CHECK_INT(cooling_at(h, START + SECOND), 4000);
}

static void a_place_that_nobody_begins_in_goes_to_the_next(void)
{
	struct health *h = fresh();
	uint64_t later = START + 5 * SECOND;

	fail_times(h, START, HEALTH_FAILURES);
	CHECK(health_admits(h, later, NULL));
	CHECK(!health_admits(h, later + SECOND - 1, NULL));
	CHECK(health_admits(h, later + SECOND, NULL));
}

static void a_try_that_found_nothing_out_leaves_its_place_to_the_next(void)
{
	struct health *h = fresh();
	uint64_t later = START + 5 * SECOND;

	fail_times(h, START, HEALTH_FAILURES);
	CHECK(health_admits(h, later, NULL));
	health_begin(h);
	health_end(h, later, WALL, false, false, 0, "HTTP 400");
	CHECK(state_at(h, later) == BREAKER_HALF_OPEN);
	CHECK(health_admits(h, later, NULL));
}

static void a_forced_success_closes_and_a_forced_failure_keeps_the_cooling(void)
{
	struct health *h = fresh();

	fail_times(h, START, HEALTH_FAILURES);
	health_force(h, START + SECOND);
	end(h, START + SECOND, false);
	CHECK_INT(cooling_at(h, START + SECOND), 4000);
	health_force(h, START + 2 * SECOND);
	end(h, START + 2 * SECOND, true);
	CHECK(state_at(h, START + 2 * SECOND) == BREAKER_CLOSED);
}

static void clearing_closes_it_by_hand(void)
{
	struct health *h = fresh();

	fail_times(h, START, HEALTH_FAILURES);
	health_clear(h);
	CHECK(state_at(h, START) == BREAKER_CLOSED);
	CHECK(health_admits(h, START, NULL));
}

static void reading_tells_what_happened(void)
{
	struct health *h = fresh();
	struct health_state state;

	end(h, START, true);
	health_begin(h);
	health_end(h, START, WALL + 5, false, true, 0, "bad\x1b[2J gateway");
	health_begin(h);
	health_read(h, START, &state);
	CHECK_INT(state.ok, 1);
	CHECK_INT(state.failed, 1);
	CHECK_INT(state.consecutive_failures, 1);
	CHECK_INT(state.open_calls, 1);
	CHECK_INT(state.last_ok_ms, WALL);
	CHECK_INT(state.last_failure_ms, WALL + 5);
	CHECK_TEXT(state.last_error, "bad\\x1b[2J gateway");
	fail_times(h, START, HEALTH_FAILURES);
	health_read(h, START + 3 * SECOND, &state);
	CHECK_INT(state.cooled_ms, 3000);
}

static void a_long_error_is_cut_between_characters(void)
{
	struct health *h = fresh();
	struct health_state state;
	char error[400];

	for (size_t i = 0; i < sizeof(error) - 1; i += 3)
		memcpy(error + i, "\xe2\x82\xac", 3);
	error[sizeof(error) - 1] = '\0';
	health_begin(h);
	health_end(h, START, WALL, false, true, 0, error);
	health_read(h, START, &state);
	CHECK_INT(strlen(state.last_error), 120);
}

static void the_same_name_is_the_same_target(void)
{
	struct health *h = fresh();

	CHECK(health_get(table, "openai/gpt-5") == h);
	CHECK(health_get(table, "openai/gpt-5-mini") != h);
}

static void beyond_the_ceiling_targets_share_one_per_provider(void)
{
	struct health *h = fresh(), *shared;
	char name[40];

	for (int i = 0; i < HEALTH_TARGETS; i++) {
		snprintf(name, sizeof(name), "openai/%d", i);
		health_get(table, name);
	}
	CHECK(health_get(table, "openai/gpt-5") == h);
	shared = health_get(table, "openai/another");
	CHECK(health_get(table, "openai/yet-another") == shared);
	CHECK(health_get(table, "groq/another") != shared);
}

static void *hammer(void *arg)
{
	struct health *h = arg;

	for (uint64_t i = 0; i < 3000; i++) {
		uint64_t now = START + i * 10000;

		if (!health_admits(h, now, NULL))
			continue;
		health_begin(h);
		health_end(h, now, WALL, i % 7 != 0, i % 11 != 0, 0, "HTTP 500");
	}
	return NULL;
}

static void threads_leave_no_call_open(void)
{
	struct health *h = fresh();
	struct health_state state;
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, hammer, h) == 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	health_read(h, START + 100 * SECOND, &state);
	CHECK_INT(state.open_calls, 0);
	CHECK(state.ok > 0 && state.failed > 0);
	CHECK_TEXT(breaker_state_name(BREAKER_HALF_OPEN), "half_open");
	health_table_free(table);
	table = NULL;
}

static void endpoints_that_were_missing_are_believed_missing_for_ten_minutes(void)
{
	struct health *h = fresh();

	CHECK(health_missing(h, 1000) == 0);
	health_note_missing(h, 2, 1000);
	CHECK(health_missing(h, 1001) == 2);
	CHECK(health_missing(h, 1000 + HEALTH_MISSING_US - 1) == 2);
	CHECK(health_missing(h, 1000 + HEALTH_MISSING_US) == 0);
}

CHECK_MAIN(TEST(endpoints_that_were_missing_are_believed_missing_for_ten_minutes), TEST(a_new_target_is_closed_and_admits_everyone), TEST(consecutive_failures_open_it),
	   TEST(a_success_between_failures_keeps_it_closed), TEST(half_of_ten_calls_failing_opens_it),
	   TEST(failures_of_more_than_thirty_seconds_ago_do_not_count),
	   TEST(failures_that_are_the_callers_own_do_not_count), TEST(after_cooling_one_call_tries_and_the_others_wait),
	   TEST(failing_again_doubles_the_cooling_up_to_five_minutes), TEST(success_makes_the_next_cooling_short_again),
	   TEST(retry_after_opens_it_at_once_for_as_long_as_it_says), TEST(retry_after_is_capped),
	   TEST(calls_that_began_before_it_opened_change_nothing), TEST(a_place_that_nobody_begins_in_goes_to_the_next),
	   TEST(a_try_that_found_nothing_out_leaves_its_place_to_the_next),
	   TEST(a_forced_success_closes_and_a_forced_failure_keeps_the_cooling), TEST(clearing_closes_it_by_hand),
	   TEST(reading_tells_what_happened), TEST(a_long_error_is_cut_between_characters),
	   TEST(the_same_name_is_the_same_target), TEST(beyond_the_ceiling_targets_share_one_per_provider),
	   TEST(threads_leave_no_call_open))
