/* SPDX-License-Identifier: MIT */
/* Rate limits, also against a reference that simply remembers every call. */
#include "budget/limit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

#define SECOND UINT64_C(1000000)
#define START (1000 * SECOND)

static void as_many_as_allowed_are_admitted_in_a_minute_and_no_more(void)
{
	struct limit *l = limit_new(3, 0, 0);
	struct limit_refusal no;

	CHECK(limit_admit(l, START, 0, &no));
	CHECK(limit_admit(l, START + 20 * SECOND, 0, &no));
	CHECK(limit_admit(l, START + 59 * SECOND, 0, &no));
	CHECK(!limit_admit(l, START + 59 * SECOND, 0, &no));
	CHECK_TEXT(no.code, "rpm");
	CHECK_INT(no.limit, 3);
	CHECK_INT(no.remaining, 0);
	CHECK_INT(no.retry_after_ms, 1000);
	CHECK(!limit_admit(l, START + 60 * SECOND - 1, 0, &no));
	CHECK_INT(no.retry_after_ms, 1);
	CHECK(limit_admit(l, START + 60 * SECOND, 0, &no));
	CHECK(!limit_admit(l, START + 79 * SECOND, 0, &no));
	CHECK(limit_admit(l, START + 80 * SECOND, 0, &no));
	limit_unref(l);
}

static void refused_calls_use_nothing_up(void)
{
	struct limit *l = limit_new(1, 10, 0);
	struct limit_refusal no;

	CHECK(limit_admit(l, START, 5, &no));
	for (int i = 0; i < 100; i++)
		CHECK(!limit_admit(l, START + 30 * SECOND, 5, &no));
	CHECK(limit_admit(l, START + 61 * SECOND, 10, &no));
	limit_unref(l);
}

static void an_undone_admission_was_never_there(void)
{
	struct limit *l = limit_new(2, 100, 1);
	struct limit_refusal no;
	struct limit_state state;

	CHECK(limit_admit(l, START, 40, &no));
	limit_end(l, START, 40, 40);
	for (uint64_t i = 1; i <= 20; i++) {
		CHECK(limit_admit(l, START + i, 60, &no));
		limit_undo(l, START + i, 60);
	}
	limit_read(l, START + 30, &state);
	CHECK_INT(state.rpm_left, 1);
	CHECK_INT(state.tpm_left, 60);
	CHECK_INT(state.parallel_left, 1);
	limit_unref(l);
}

static void undo_takes_back_its_own_time_and_not_a_later_one(void)
{
	struct limit *l = limit_new(2, 0, 0);
	struct limit_refusal no;

	CHECK(limit_admit(l, START, 0, &no));
	CHECK(limit_admit(l, START + 10 * SECOND, 0, &no));
	limit_undo(l, START, 0);
	CHECK(limit_admit(l, START + 20 * SECOND, 0, &no));
	CHECK(!limit_admit(l, START + 61 * SECOND, 0, &no));
	CHECK_INT(no.retry_after_ms, 9000);
	limit_unref(l);
}

static void tokens_are_corrected_by_what_was_really_used(void)
{
	struct limit *l = limit_new(0, 1000, 0);
	struct limit_refusal no;
	struct limit_state state;

	CHECK(limit_admit(l, START, 900, &no));
	CHECK(!limit_admit(l, START + SECOND, 200, &no));
	CHECK_TEXT(no.code, "tpm");
	CHECK_INT(no.remaining, 100);
	limit_end(l, START, 900, 300);
	CHECK(limit_admit(l, START + SECOND, 700, &no));
	limit_end(l, START + SECOND, 700, 1400);
	limit_read(l, START + SECOND, &state);
	CHECK_INT(state.tpm_left, 0);
	CHECK_INT(state.tpm_reset_ms, 60250);
	limit_unref(l);
}

static void a_correction_after_its_minute_changes_nothing(void)
{
	struct limit *l = limit_new(0, 1000, 0);
	struct limit_refusal no;
	struct limit_state state;

	CHECK(limit_admit(l, START, 100, &no));
	CHECK(limit_admit(l, START + 70 * SECOND, 10, &no));
	limit_end(l, START, 100, 5000);
	limit_read(l, START + 70 * SECOND, &state);
	CHECK_INT(state.tpm_left, 990);
	limit_unref(l);
}

static void a_call_larger_than_the_limit_is_told_never(void)
{
	struct limit *l = limit_new(0, 100, 0);
	struct limit_refusal no;

	CHECK(!limit_admit(l, START, 101, &no));
	CHECK_TEXT(no.code, "tpm");
	CHECK_INT(no.remaining, 100);
	CHECK_INT(no.retry_after_ms, LIMIT_NEVER);
	limit_unref(l);
}

static void tokens_come_free_when_the_machine_has_just_started(void)
{
	struct limit *l = limit_new(0, 100, 0);
	struct limit_refusal no;

	CHECK(limit_admit(l, SECOND, 100, &no));
	CHECK(!limit_admit(l, 2 * SECOND, 1, &no));
	CHECK_INT(no.retry_after_ms, 59250);
	CHECK(limit_admit(l, 2 * SECOND + 59250000, 1, &no));
	limit_unref(l);
}

static void only_so_many_run_at_once(void)
{
	struct limit *l = limit_new(0, 0, 2);
	struct limit_refusal no;

	CHECK(limit_admit(l, START, 0, &no));
	CHECK(limit_admit(l, START, 0, &no));
	CHECK(!limit_admit(l, START, 0, &no));
	CHECK_TEXT(no.code, "parallel");
	CHECK_INT(no.retry_after_ms, 0);
	limit_end(l, START, 0, 0);
	CHECK(limit_admit(l, START, 0, &no));
	limit_unref(l);
}

static void calls_in_flight_count_when_a_limit_is_set_later(void)
{
	struct limit *l = limit_new(0, 0, 0);
	struct limit_refusal no;

	CHECK(limit_is_unlimited(l));
	CHECK(limit_admit(l, START, 50, &no));
	limit_set(l, 0, 100, 1);
	CHECK(!limit_is_unlimited(l));
	CHECK(!limit_admit(l, START + 1, 50, &no));
	CHECK_TEXT(no.code, "parallel");
	limit_end(l, START, 50, 10);
	CHECK(limit_admit(l, START + 2, 100, &no));
	limit_unref(l);
}

static void lowering_a_limit_forgets_nothing(void)
{
	struct limit *l = limit_new(100, 0, 0);
	struct limit_refusal no;

	for (unsigned i = 0; i < 100; i++)
		CHECK(limit_admit(l, START + i * 1000, 0, &no));
	limit_set(l, 10, 0, 0);
	CHECK(!limit_admit(l, START + 30 * SECOND, 0, &no));
	CHECK_INT(no.retry_after_ms, 30090);
	limit_set(l, 100, 0, 0);
	CHECK(!limit_admit(l, START + 30 * SECOND, 0, &no));
	CHECK_INT(no.retry_after_ms, 30000);
	limit_unref(l);
}

static void reading_says_what_is_left_and_when_all_is(void)
{
	struct limit *l = limit_new(10, 1000, 0);
	struct limit_refusal no;
	struct limit_state state;

	limit_read(l, START, &state);
	CHECK_INT(state.rpm_left, 10);
	CHECK_INT(state.rpm_reset_ms, 0);
	CHECK_INT(state.tpm_reset_ms, 0);
	CHECK(limit_admit(l, START, 10, &no));
	CHECK(limit_admit(l, START + 15 * SECOND, 10, &no));
	limit_read(l, START + 20 * SECOND, &state);
	CHECK_INT(state.rpm, 10);
	CHECK_INT(state.rpm_left, 8);
	CHECK_INT(state.rpm_reset_ms, 55000);
	CHECK_INT(state.tpm_left, 980);
	CHECK_INT(state.tpm_reset_ms, 55250);
	limit_unref(l);
}

static void a_worker_with_a_slow_clock_is_counted_like_the_others(void)
{
	struct limit *l = limit_new(2, 100, 0);
	struct limit_refusal no;

	CHECK(limit_admit(l, START + 100, 50, &no));
	CHECK(limit_admit(l, START, 50, &no));
	CHECK(!limit_admit(l, START + 60 * SECOND, 1, &no));
	CHECK(limit_admit(l, START + 61 * SECOND, 1, &no));
	limit_unref(l);
}

/* -- against a reference -- */

#define CALLS 6000

struct reference {
	uint64_t at[CALLS];
	int64_t tokens[CALLS];
	size_t count;
};

static int64_t calls_since(const struct reference *ref, uint64_t now, uint64_t age)
{
	int64_t n = 0;

	for (size_t i = ref->count; i > 0 && now - ref->at[i - 1] < age; i--)
		n++;
	return n;
}

static int64_t tokens_since(const struct reference *ref, uint64_t now, uint64_t age)
{
	int64_t n = 0;

	for (size_t i = ref->count; i > 0 && now - ref->at[i - 1] < age; i--)
		n += ref->tokens[i - 1];
	return n;
}

static void random_calls(unsigned seed, int64_t rpm, int64_t tpm)
{
	struct limit *l = limit_new(rpm, tpm, 0);
	struct reference *ref = calloc(1, sizeof(*ref));
	uint64_t now = START;

	for (int i = 0; i < CALLS; i++) {
		int64_t tokens = rand_r(&seed) % 50;
		struct limit_refusal no;
		bool rpm_full, tpm_full, tpm_surely_full;

		now += (uint64_t)rand_r(&seed) % (i % 500 == 0 ? 90 * SECOND : SECOND);
		rpm_full = rpm > 0 && calls_since(ref, now, 60 * SECOND) >= rpm;
		tpm_full = tpm > 0 && tokens_since(ref, now, 60 * SECOND) + tokens > tpm;
		tpm_surely_full = tpm > 0 && tokens_since(ref, now, 60 * SECOND + SECOND / 4) + tokens > tpm;
		if (limit_admit(l, now, tokens, &no)) {
			CHECK(!rpm_full && !tpm_full);
		} else {
			CHECK(rpm_full || tpm_surely_full);
			CHECK(no.retry_after_ms > 0);
			/* A millisecond early is too early, and then it is true. */
			now += (uint64_t)(no.retry_after_ms - 1) * 1000;
			if (no.retry_after_ms > 1)
				CHECK(!limit_admit(l, now, tokens, &no));
			now += 1000;
			CHECK(limit_admit(l, now, tokens, &no));
		}
		ref->at[ref->count] = now;
		ref->tokens[ref->count++] = tokens;
	}
	limit_unref(l);
	free(ref);
}

static void requests_are_admitted_exactly_as_a_reference_says(void)
{
	random_calls(1, 1, 0);
	random_calls(2, 40, 0);
	random_calls(3, 100, 0);
}

static void tokens_are_admitted_as_a_reference_says_within_a_span(void)
{
	random_calls(4, 0, 100);
	random_calls(5, 0, 2000);
}

static void both_together_hold_both(void)
{
	random_calls(6, 60, 1500);
	random_calls(7, 90, 2000);
}

/* -- many threads -- */

#define NUM_THREADS 6

struct crowd {
	struct limit *limit;
	atomic_long admitted, at_once, most;
};

static void *call(void *arg)
{
	struct crowd *crowd = arg;

	for (unsigned i = 0; i < 3000; i++) {
		struct limit_refusal no;
		long at_once;

		if (!limit_admit(crowd->limit, START + i, 1, &no))
			continue;
		at_once = ++crowd->at_once;
		if (at_once > crowd->most)
			crowd->most = at_once;
		crowd->at_once--;
		if (i % 3 == 0) {
			limit_undo(crowd->limit, START + i, 1);
		} else {
			crowd->admitted++;
			limit_end(crowd->limit, START + i, 1, 1);
		}
	}
	return NULL;
}

static void threads_are_admitted_exactly_as_often_as_allowed(void)
{
	struct crowd crowd = {.limit = limit_new(5000, 0, 3)};
	pthread_t threads[NUM_THREADS];
	struct limit_state state;

	for (unsigned i = 0; i < NUM_THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, call, &crowd) == 0);
	for (unsigned i = 0; i < NUM_THREADS; i++)
		pthread_join(threads[i], NULL);
	limit_read(crowd.limit, START + 3000, &state);
	CHECK(crowd.most <= 3);
	CHECK_INT(state.parallel_left, 3);
	CHECK_INT(state.rpm_left, 5000 - crowd.admitted);
	CHECK(crowd.admitted <= 5000 && crowd.admitted > 100);
	limit_unref(crowd.limit);
}

CHECK_MAIN(TEST(as_many_as_allowed_are_admitted_in_a_minute_and_no_more), TEST(refused_calls_use_nothing_up),
	   TEST(an_undone_admission_was_never_there), TEST(undo_takes_back_its_own_time_and_not_a_later_one),
	   TEST(tokens_are_corrected_by_what_was_really_used), TEST(a_correction_after_its_minute_changes_nothing),
	   TEST(a_call_larger_than_the_limit_is_told_never), TEST(tokens_come_free_when_the_machine_has_just_started),
	   TEST(only_so_many_run_at_once), TEST(calls_in_flight_count_when_a_limit_is_set_later),
	   TEST(lowering_a_limit_forgets_nothing), TEST(reading_says_what_is_left_and_when_all_is),
	   TEST(a_worker_with_a_slow_clock_is_counted_like_the_others),
	   TEST(requests_are_admitted_exactly_as_a_reference_says),
	   TEST(tokens_are_admitted_as_a_reference_says_within_a_span), TEST(both_together_hold_both),
	   TEST(threads_are_admitted_exactly_as_often_as_allowed))
