/* SPDX-License-Identifier: MIT */
/* Budgets: what is admitted, what is counted in which window, and that no thread breaks either. */
#include "budget/budget.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "check.h"

#define HOUR_MS INT64_C(3600000)
#define NOW (INT64_C(500000) * HOUR_MS)

static struct budget *hourly(int64_t amount_nusd)
{
	return budget_new(7, BUDGET_TEAM, (struct window){WINDOW_HOUR, 0}, BUDGET_STRICT, amount_nusd);
}

static void expect(struct budget *b, int64_t now_ms, int64_t spent, int64_t reserved)
{
	struct budget_state state;

	budget_read(b, now_ms, &state);
	CHECK_INT(state.spent_nusd, spent);
	CHECK_INT(state.reserved_nusd, reserved);
}

static void what_is_reserved_is_held_until_it_is_settled(void)
{
	struct budget *b = hourly(100);
	struct reservation r;

	CHECK(budget_reserve(b, 60, NOW, &r));
	expect(b, NOW, 0, 60);
	budget_settle(&r, 25);
	expect(b, NOW, 25, 0);
	budget_unref(b);
}

static void the_last_nano_dollar_can_be_spent_and_not_one_more(void)
{
	struct budget *b = hourly(100);
	struct reservation r, more;

	CHECK(budget_reserve(b, 100, NOW, &r));
	CHECK(!budget_reserve(b, 1, NOW, &more));
	expect(b, NOW, 0, 100);
	budget_settle(&r, 99);
	CHECK(!budget_reserve(b, 2, NOW, &more));
	CHECK(budget_reserve(b, 1, NOW, &more));
	budget_settle(&more, 1);
	expect(b, NOW, 100, 0);
	budget_unref(b);
}

static void an_amount_that_would_overflow_is_refused(void)
{
	struct budget *b = hourly(INT64_MAX - 1);
	struct reservation r, more;

	CHECK(budget_reserve(b, INT64_MAX - 1, NOW, &r));
	CHECK(!budget_reserve(b, INT64_MAX - 1, NOW, &more));
	budget_settle(&r, 0);
	budget_unref(b);
}

static void a_new_window_begins_with_nothing_spent(void)
{
	struct budget *b = hourly(100);
	struct reservation r;

	CHECK(budget_reserve(b, 100, NOW, &r));
	budget_settle(&r, 100);
	CHECK(!budget_reserve(b, 1, NOW + HOUR_MS - 1, &r));
	CHECK(budget_reserve(b, 100, NOW + HOUR_MS, &r));
	budget_settle(&r, 100);
	expect(b, NOW, 100, 0);
	expect(b, NOW + HOUR_MS, 100, 0);
	expect(b, NOW + 2 * HOUR_MS, 0, 0);
	budget_unref(b);
}

static void a_call_settles_in_the_window_that_admitted_it(void)
{
	struct budget *b = hourly(100);
	struct reservation old, new;

	CHECK(budget_reserve(b, 80, NOW, &old));
	CHECK(budget_reserve(b, 90, NOW + HOUR_MS, &new));
	budget_settle(&old, 70);
	expect(b, NOW, 70, 0);
	expect(b, NOW + HOUR_MS, 0, 90);
	budget_settle(&new, 10);
	expect(b, NOW + HOUR_MS, 10, 0);
	budget_unref(b);
}

static void a_window_that_is_long_over_takes_nothing_from_later_ones(void)
{
	struct budget *b = hourly(100);
	struct reservation old, r;

	CHECK(budget_reserve(b, 80, NOW, &old));
	for (int i = 1; i <= 3; i++) {
		CHECK(budget_reserve(b, 50, NOW + i * HOUR_MS, &r));
		budget_settle(&r, 50);
	}
	budget_settle(&old, 80);
	expect(b, NOW + 2 * HOUR_MS, 50, 0);
	expect(b, NOW + 3 * HOUR_MS, 50, 0);
	budget_unref(b);
}

static void workers_whose_clocks_differ_at_a_boundary_count_in_both_windows(void)
{
	struct budget *b = hourly(10);
	struct reservation r;

	for (int i = 0; i < 10; i++) {
		CHECK(budget_reserve(b, 1, NOW + HOUR_MS - 1, &r));
		budget_settle(&r, 1);
		CHECK(budget_reserve(b, 1, NOW + HOUR_MS, &r));
		budget_settle(&r, 1);
	}
	CHECK(!budget_reserve(b, 1, NOW + HOUR_MS - 1, &r));
	CHECK(!budget_reserve(b, 1, NOW + HOUR_MS, &r));
	budget_unref(b);
}

static void a_clock_set_back_does_not_open_old_windows_again(void)
{
	struct budget *b = hourly(10);
	struct reservation r;

	for (int i = 0; i < 3; i++) {
		CHECK(budget_reserve(b, 10, NOW + i * HOUR_MS, &r));
		budget_settle(&r, 10);
	}
	CHECK(!budget_reserve(b, 1, NOW - 5 * HOUR_MS, &r));
	CHECK(!budget_reserve(b, 1, NOW + 2 * HOUR_MS, &r));
	budget_unref(b);
}

static void a_budget_lowered_below_what_is_spent_refuses(void)
{
	struct budget *b = hourly(100);
	struct reservation r, more;

	CHECK(budget_reserve(b, 60, NOW, &r));
	budget_set_amount(b, 50, BUDGET_STANDARD);
	CHECK(budget_mode(b) == BUDGET_STANDARD);
	CHECK(!budget_reserve(b, 0, NOW, &more));
	budget_settle(&r, 60);
	CHECK(!budget_reserve(b, 0, NOW, &more));
	expect(b, NOW, 60, 0);
	budget_set_amount(b, 61, BUDGET_STRICT);
	CHECK(budget_reserve(b, 1, NOW, &more));
	budget_settle(&more, 1);
	budget_unref(b);
}

static void one_call_alone_passes_a_standard_budget_that_has_something_left(void)
{
	struct budget *b = hourly(100);
	struct reservation r, more;

	budget_set_amount(b, 100, BUDGET_STANDARD);
	CHECK(budget_reserve(b, 500, NOW, &r));
	CHECK(!budget_reserve(b, 1, NOW, &more));
	budget_settle(&r, 40);
	budget_set_amount(b, 100, BUDGET_STRICT);
	CHECK(!budget_reserve(b, 500, NOW, &r));
	budget_set_amount(b, 40, BUDGET_STANDARD);
	CHECK(!budget_reserve(b, 0, NOW, &r));
	budget_unref(b);
}

static void what_the_ledger_knows_counts_from_the_start(void)
{
	struct budget *b = hourly(100);
	struct reservation r;

	budget_restore(b, NOW, 95);
	CHECK(!budget_reserve(b, 6, NOW, &r));
	CHECK(budget_reserve(b, 5, NOW, &r));
	budget_settle(&r, 5);
	expect(b, NOW, 100, 0);
	budget_unref(b);
}

static void a_counter_is_corrected_only_while_nothing_happens_to_it(void)
{
	struct budget *b = hourly(100);
	struct budget_state seen;
	struct reservation r;

	budget_read(b, NOW, &seen);
	CHECK(budget_reserve(b, 10, NOW, &r));
	CHECK(!budget_correct(b, &seen, 50));
	budget_settle(&r, 10);
	CHECK(!budget_correct(b, &seen, 50));
	budget_read(b, NOW, &seen);
	CHECK(budget_correct(b, &seen, 50));
	expect(b, NOW, 50, 0);
	budget_unref(b);
}

static void settling_twice_or_nothing_changes_nothing(void)
{
	struct budget *b = hourly(100);
	struct reservation r, none = {0};

	CHECK(budget_reserve(b, 10, NOW, &r));
	budget_settle(&r, 10);
	budget_settle(&r, 10);
	budget_settle(&none, 10);
	expect(b, NOW, 10, 0);
	budget_unref(b);
}

static void it_says_its_window_and_scope(void)
{
	struct budget *b = budget_new(9, BUDGET_PROVIDER, (struct window){WINDOW_DAY, 60}, BUDGET_STANDARD, 5);
	struct budget_state state;

	budget_read(b, NOW, &state);
	CHECK(state.from_ms <= NOW && NOW < state.until_ms && state.until_ms - state.from_ms == 24 * HOUR_MS);
	CHECK_INT(state.amount_nusd, 5);
	CHECK_INT(budget_id(b), 9);
	CHECK_TEXT(budget_scope_name(budget_scope(b)), "provider");
	CHECK_INT(budget_window(b).utc_offset_min, 60);
	budget_unref(budget_ref(b));
	budget_unref(b);
	budget_unref(NULL);
}

/* -- many threads -- */

#define NUM_THREADS 6
#define ROUNDS 4000
#define OPEN 8
#define AMOUNT 100000

struct crowd {
	struct budget *budget;
	atomic_long spent[2];           /* by window */
	atomic_bool broken;
};

struct one {
	struct crowd *crowd;
	unsigned seed;
};

static void check_invariant(struct crowd *crowd, int64_t now_ms)
{
	struct budget_state state;

	budget_read(crowd->budget, now_ms, &state);
	if (state.reserved_nusd < 0 || state.spent_nusd < 0 || state.spent_nusd + state.reserved_nusd > AMOUNT)
		crowd->broken = true;
}

static void settle_one(struct crowd *crowd, struct reservation *r, unsigned *seed)
{
	int64_t cost = rand_r(seed) % (r->amount_nusd + 1);

	crowd->spent[r->window_from_ms > NOW] += cost;
	budget_settle(r, cost);
}

static void *spend(void *arg)
{
	struct one *one = arg;
	struct reservation open[OPEN] = {0};

	for (int round = 0; round < ROUNDS; round++) {
		struct reservation *r = &open[(size_t)rand_r(&one->seed) % OPEN];
		/* The second half of the rounds is in the next window, give or take. */
		int64_t now_ms = NOW + (round + rand_r(&one->seed) % 100 > ROUNDS / 2 ? HOUR_MS : 0);

		if (r->budget != NULL)
			settle_one(one->crowd, r, &one->seed);
		else if (!budget_reserve(one->crowd->budget, rand_r(&one->seed) % 3000, now_ms, r))
			r->budget = NULL;
		check_invariant(one->crowd, now_ms);
	}
	for (size_t i = 0; i < OPEN; i++)
		if (open[i].budget != NULL)
			settle_one(one->crowd, &open[i], &one->seed);
	return NULL;
}

static void threads_never_pass_the_amount_and_leave_nothing_reserved(void)
{
	struct crowd crowd = {.budget = hourly(AMOUNT)};
	struct one ones[NUM_THREADS];
	pthread_t threads[NUM_THREADS];

	for (unsigned i = 0; i < NUM_THREADS; i++) {
		ones[i] = (struct one){&crowd, i + 1};
		CHECK(pthread_create(&threads[i], NULL, spend, &ones[i]) == 0);
	}
	for (unsigned i = 0; i < NUM_THREADS; i++)
		pthread_join(threads[i], NULL);
	CHECK(!crowd.broken);
	CHECK(crowd.spent[0] > AMOUNT / 2);
	expect(crowd.budget, NOW, crowd.spent[0], 0);
	expect(crowd.budget, NOW + HOUR_MS, crowd.spent[1], 0);
	budget_unref(crowd.budget);
}

CHECK_MAIN(TEST(what_is_reserved_is_held_until_it_is_settled),
	   TEST(the_last_nano_dollar_can_be_spent_and_not_one_more), TEST(an_amount_that_would_overflow_is_refused),
	   TEST(a_new_window_begins_with_nothing_spent), TEST(a_call_settles_in_the_window_that_admitted_it),
	   TEST(a_window_that_is_long_over_takes_nothing_from_later_ones),
	   TEST(workers_whose_clocks_differ_at_a_boundary_count_in_both_windows),
	   TEST(a_clock_set_back_does_not_open_old_windows_again),
	   TEST(a_budget_lowered_below_what_is_spent_refuses),
	   TEST(one_call_alone_passes_a_standard_budget_that_has_something_left), TEST(what_the_ledger_knows_counts_from_the_start),
	   TEST(a_counter_is_corrected_only_while_nothing_happens_to_it),
	   TEST(settling_twice_or_nothing_changes_nothing), TEST(it_says_its_window_and_scope),
	   TEST(threads_never_pass_the_amount_and_leave_nothing_reserved))
