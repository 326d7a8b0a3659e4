/* SPDX-License-Identifier: MIT */
#include "admin/pulse.h"

#include "base/id.h"
#include "base/mem.h"
#include "base/money.h"
#include "check.h"

/* The beginning of a minute. */
#define NOW_MS INT64_C(1780012320000)
#define MINUTE_MS INT64_C(60000)
#define DOLLAR NUSD_PER_USD

/* A call that settled at this time, after 100 ms. */
static struct call_record call_at(int64_t ms, int64_t cost_nusd)
{
	struct call_record r = {
		.id = id_first_at(ms - 100) + 1,
		.team_id = 1,
		.key_id = 7,
		.provider = "openai",
		.model = "gpt-5",
		.status = 200,
		.result = CALL_ANSWERED,
		.cost_nusd = cost_nusd,
		.billed_nusd = cost_nusd,
		.total_us = 100000,
		.first_byte_us = 20000,
		.gateway_us = 300,
		.num_attempts = 1,
		.num_entries = 1,
	};

	usage_init(&r.usage);
	r.attempts[0] = (struct attempt_record){
		.provider = "openai", .model = "gpt-5", .status = 200, .first_byte_us = 19000, .total_us = 99000};
	return r;
}

static void add(struct pulse *p, int64_t ms, int64_t cost_nusd)
{
	struct call_record r = call_at(ms, cost_nusd);

	pulse_add(p, &r, 1);
}

/* A call that openai failed and anthropic answered. */
static void add_rescued(struct pulse *p, int64_t ms)
{
	struct call_record r = call_at(ms, DOLLAR);

	r.attempts[0].reason = ATTEMPT_SERVER_ERROR;
	r.attempts[0].status = 500;
	r.attempts[1] = r.attempts[0];
	r.attempts[1].reason = ATTEMPT_OK;
	copy_text(r.attempts[1].provider, sizeof(r.attempts[1].provider), "anthropic");
	copy_text(r.provider, sizeof(r.provider), "anthropic");
	r.num_attempts = r.num_entries = 2;
	pulse_add(p, &r, 1);
}

static void ten_minutes_of_spending_make_an_hours_rate(void)
{
	struct pulse *p = pulse_new(NOW_MS - 60 * MINUTE_MS);
	int64_t now = NOW_MS + MINUTE_MS - 1;   /* the tenth minute is nearly over */

	for (int i = 0; i < 10; i++)
		add(p, NOW_MS - i * MINUTE_MS + 1000, DOLLAR);
	CHECK_INT(pulse_rate_by_id(p, PULSE_TEAM, 1, now) / DOLLAR, 60);
	CHECK_INT(pulse_rate_by_id(p, PULSE_KEY, 7, now) / DOLLAR, 60);
	CHECK_INT(pulse_rate_by_id(p, PULSE_TEAM, 2, now), 0);
	/* It is forgotten ten minutes later. */
	CHECK_INT(pulse_rate_by_id(p, PULSE_TEAM, 1, now + 10 * MINUTE_MS), 0);
	pulse_free(p);
}

static void a_young_daemon_speaks_for_the_time_it_has_seen(void)
{
	struct pulse *p = pulse_new(NOW_MS - 2 * MINUTE_MS);

	add(p, NOW_MS - MINUTE_MS, DOLLAR);
	CHECK_INT(pulse_rate_by_id(p, PULSE_TEAM, 1, NOW_MS), 30 * DOLLAR);
	pulse_free(p);
}

static void an_unknown_cost_adds_nothing(void)
{
	struct pulse *p = pulse_new(NOW_MS - 60 * MINUTE_MS);
	struct pulse_now now;

	add(p, NOW_MS, COST_UNKNOWN);
	pulse_read(p, NOW_MS, &now);
	CHECK_INT(now.nusd_per_hour, 0);
	CHECK_INT(now.calls, 1);
	pulse_free(p);
}

static void requests_are_those_of_the_last_ten_whole_seconds(void)
{
	struct pulse *p = pulse_new(NOW_MS);
	struct pulse_now now;

	for (int i = 0; i < 12; i++)
		add(p, NOW_MS + i * 1000 + 500, 0);
	pulse_read(p, NOW_MS + 11600, &now);
	CHECK_INT(now.requests_10s, 10);
	pulse_read(p, NOW_MS + 60000, &now);
	CHECK_INT(now.requests_10s, 0);
	pulse_free(p);
}

static void percentiles_are_unknown_before_the_first_call_and_near_afterwards(void)
{
	struct pulse *p = pulse_new(NOW_MS);
	struct pulse_now now;

	pulse_read(p, NOW_MS, &now);
	CHECK(now.p50_us == INT64_MIN && now.first_byte_p50_us == INT64_MIN && now.gateway_p99_us == INT64_MIN);
	for (int i = 0; i < 100; i++)
		add(p, NOW_MS + i, 0);
	pulse_read(p, NOW_MS + 1000, &now);
	CHECK(now.p50_us > 95000 && now.p50_us < 105000);
	CHECK(now.first_byte_p50_us > 19000 && now.first_byte_p50_us < 21000);
	CHECK(now.gateway_p99_us > 285 && now.gateway_p99_us < 315);
	pulse_free(p);
}

static void a_provider_shows_the_errors_that_others_rescued(void)
{
	struct pulse *p = pulse_new(NOW_MS);
	struct pulse_provider failed, rescuer;

	add_rescued(p, NOW_MS);
	pulse_read_provider(p, "openai", NOW_MS + 1000, &failed);
	pulse_read_provider(p, "anthropic", NOW_MS + 1000, &rescuer);
	CHECK_INT(failed.calls, 1);
	CHECK_INT(failed.errors, 1);
	CHECK_INT(failed.attempts_per_minute, 60);
	CHECK_INT(failed.nusd_per_hour, 0);
	CHECK_INT(rescuer.errors, 0);
	CHECK_INT(rescuer.nusd_per_hour, 60 * DOLLAR);
	CHECK(failed.minutes[PULSE_MINUTES - 1] == 'X' && rescuer.minutes[PULSE_MINUTES - 1] == 'U');
	pulse_free(p);
}

static void one_bad_minute_does_not_degrade_a_provider_and_two_do(void)
{
	struct pulse *p = pulse_new(NOW_MS);
	struct pulse_provider openai;

	for (int minute = 0; minute < 3; minute++)
		for (int i = 0; i < 30; i++)
			if (i == 0 && minute > 0)
				add_rescued(p, NOW_MS + minute * MINUTE_MS);
			else
				add(p, NOW_MS + minute * MINUTE_MS + i, 0);
	pulse_read_provider(p, "openai", NOW_MS + MINUTE_MS + 5000, &openai);
	CHECK_TEXT(openai.minutes + PULSE_MINUTES - 2, "UD");
	CHECK(openai.letter == 'U');
	pulse_read_provider(p, "openai", NOW_MS + 2 * MINUTE_MS + 5000, &openai);
	CHECK_TEXT(openai.minutes + PULSE_MINUTES - 4, ".UDD");
	CHECK(openai.letter == 'D');
	pulse_free(p);
}

static void a_provider_that_was_never_asked_is_up_and_silent(void)
{
	struct pulse *p = pulse_new(NOW_MS);
	struct pulse_provider none;

	pulse_read_provider(p, "none", NOW_MS, &none);
	CHECK(none.letter == 'U' && strspn(none.minutes, ".") == PULSE_MINUTES);
	CHECK(none.p95_us == INT64_MIN);
	pulse_free(p);
}

static void those_who_spend_most_come_first(void)
{
	struct pulse *p = pulse_new(NOW_MS);
	struct pulse_top top[2];

	for (int64_t key = 1; key <= 5; key++) {
		struct call_record r = call_at(NOW_MS, (key % 5 + 1) * DOLLAR);

		r.key_id = key;
		pulse_add(p, &r, 1);
	}
	CHECK_INT(pulse_top(p, PULSE_KEY, NOW_MS + 1000, top, 2), 2);
	CHECK_INT(top[0].id, 4);
	CHECK_INT(top[1].id, 3);
	CHECK_INT(pulse_top(p, PULSE_MODEL, NOW_MS + 1000, top, 2), 1);
	CHECK_TEXT(top[0].name, "gpt-5");
	CHECK_INT(top[0].calls, 5);
	pulse_free(p);
}

static void old_lanes_make_room_for_new_ones(void)
{
	struct pulse *p = pulse_new(NOW_MS);
	struct call_record r = call_at(NOW_MS, 0);
	struct pulse_provider last;

	/* More providers than there is room for, an hour later than the first. */
	for (int i = 0; i < 300; i++) {
		snprintf(r.provider, sizeof(r.provider), "p%d", i);
		snprintf(r.attempts[0].provider, sizeof(r.attempts[0].provider), "p%d", i);
		r.id = id_first_at(NOW_MS + (i < 200 ? 0 : 120) * MINUTE_MS) + i;
		pulse_add(p, &r, 1);
	}
	pulse_read_provider(p, "p299", NOW_MS + 120 * MINUTE_MS + 5000, &last);
	CHECK_INT(last.calls, 1);
	pulse_free(p);
}

CHECK_MAIN(TEST(ten_minutes_of_spending_make_an_hours_rate), TEST(a_young_daemon_speaks_for_the_time_it_has_seen),
	   TEST(an_unknown_cost_adds_nothing), TEST(requests_are_those_of_the_last_ten_whole_seconds),
	   TEST(percentiles_are_unknown_before_the_first_call_and_near_afterwards),
	   TEST(a_provider_shows_the_errors_that_others_rescued), TEST(one_bad_minute_does_not_degrade_a_provider_and_two_do),
	   TEST(a_provider_that_was_never_asked_is_up_and_silent), TEST(those_who_spend_most_come_first),
	   TEST(old_lanes_make_room_for_new_ones))
