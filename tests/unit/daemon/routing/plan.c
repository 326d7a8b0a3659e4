/* SPDX-License-Identifier: MIT */
/* Which target is next: weights, tiers, retries, and what is passed over. */
#include "routing/plan.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check.h"
#include "routing/health.h"

#define SECOND UINT64_C(1000000)
#define NOW (1000 * SECOND)
#define MAX_TIERS 4

/* A chain of one provider per target, made by hand. */
static struct health_table *table;
static struct view_provider providers[PLAN_TARGETS];
static struct view_target targets[PLAN_TARGETS];
static struct view_tier tiers[MAX_TIERS];
static struct view_chain chain;

static void chain_reset(unsigned retries)
{
	health_table_free(table);
	table = health_table_new();
	memset(providers, 0, sizeof(providers));
	memset(targets, 0, sizeof(targets));
	memset(tiers, 0, sizeof(tiers));
	chain = (struct view_chain){.tiers = tiers, .retries = retries};
}

static size_t chain_size(void)
{
	size_t n = 0;

	for (size_t i = 0; i < chain.num_tiers; i++)
		n += tiers[i].num_targets;
	return n;
}

/* Adds a tier of so many targets; the weights are those given, else 1. */
static void add_tier(size_t num, const unsigned *weights)
{
	size_t first = chain_size();
	struct view_tier *tier = &tiers[chain.num_tiers++];

	tier->targets = &targets[first];
	tier->num_targets = num;
	for (size_t i = 0; i < num; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%zu/m", first + i);
		targets[first + i].health = health_get(table, name);
		targets[first + i].provider = &providers[first + i];
		targets[first + i].weight = weights != NULL ? weights[i] : 1;
	}
}

static void cool(size_t i, uint64_t now_us)
{
	health_begin(targets[i].health);
	health_end(targets[i].health, now_us, 0, false, true, 100000, "HTTP 429");
}

/* What was passed over, in order. */
static struct {
	size_t target;
	enum attempt_reason reason;
} skipped[4 * PLAN_TARGETS];
static size_t num_skipped;

static void note_skip(void *arg, const struct view_target *target, enum attempt_reason reason)
{
	CHECK(arg == &chain);
	skipped[num_skipped].target = (size_t)(target - targets);
	skipped[num_skipped++].reason = reason;
}

static void begin(struct plan *p, int64_t call_id)
{
	num_skipped = 0;
	plan_init(p, &chain, call_id);
}

/* The next target's position, or -1. */
static int next(struct plan *p)
{
	const struct view_target *target = plan_next(p, NOW, note_skip, &chain);

	return target != NULL ? (int)(target - targets) : -1;
}

static void tiers_come_in_order_and_then_nothing(void)
{
	struct plan p;

	chain_reset(0);
	add_tier(1, NULL);
	add_tier(1, NULL);
	begin(&p, 1);
	CHECK_INT(next(&p), 0);
	CHECK_INT(next(&p), 1);
	CHECK_INT(next(&p), -1);
	CHECK_INT(next(&p), -1);
	CHECK_INT(num_skipped, 0);
}

static void a_retry_comes_before_the_next_target_and_only_so_often(void)
{
	struct plan p;

	chain_reset(2);
	add_tier(1, NULL);
	add_tier(1, NULL);
	begin(&p, 1);
	for (int i = 0; i < 3; i++) {
		CHECK_INT(next(&p), 0);
		plan_retry(&p, &targets[0]);
	}
	CHECK_INT(next(&p), 1);
	plan_drop(&p, &targets[1]);
	CHECK_INT(next(&p), -1);
}

static void a_dropped_target_is_not_retried(void)
{
	struct plan p;

	chain_reset(3);
	add_tier(1, NULL);
	begin(&p, 1);
	CHECK_INT(next(&p), 0);
	plan_retry(&p, &targets[0]);
	plan_drop(&p, &targets[0]);
	CHECK_INT(next(&p), -1);
}

static void a_retry_on_a_target_that_began_to_cool_goes_on_to_the_next(void)
{
	struct plan p;

	chain_reset(1);
	add_tier(2, NULL);
	begin(&p, 1);
	CHECK(next(&p) >= 0);
	for (size_t i = 0; i < 2; i++) {
		if (p.tries[i] == 0)
			continue;
		cool(i, NOW);
		plan_retry(&p, &targets[i]);
		CHECK_INT(next(&p), 1 - (int)i);
		CHECK_INT(num_skipped, 1);
		CHECK(skipped[0].target == i && skipped[0].reason == ATTEMPT_SKIP_COOLING);
		break;
	}
	CHECK_INT(next(&p), -1);
}

static void shares_follow_weights(void)
{
	static const unsigned weights[] = {3, 1, 6};
	unsigned first[3] = {0}, second_after_2[3] = {0};
	struct plan p;

	chain_reset(0);
	add_tier(3, weights);
	for (int64_t id = 1; id <= 20000; id++) {
		int at;

		begin(&p, id << 14);
		at = next(&p);
		CHECK(at >= 0);
		first[at % 3]++;
		if (at == 2)
			second_after_2[next(&p) % 3]++;
	}
	CHECK(first[0] > 5700 && first[0] < 6300);
	CHECK(first[1] > 1800 && first[1] < 2200);
	CHECK(first[2] > 11600 && first[2] < 12400);
	/* Without the third, the first two share three to one. */
	CHECK(second_after_2[2] == 0);
	CHECK(second_after_2[0] > 2 * second_after_2[1] && second_after_2[0] < 4 * second_after_2[1]);
}

static void a_call_is_drawn_the_same_again(void)
{
	struct plan a, b;

	chain_reset(0);
	add_tier(5, NULL);
	for (int64_t id = 1; id < 200; id++) {
		begin(&a, id);
		begin(&b, id);
		for (int i = 0; i < 6; i++)
			CHECK_INT(next(&a), next(&b));
	}
}

static void what_is_off_is_passed_over_with_why(void)
{
	struct plan p;

	chain_reset(0);
	add_tier(4, NULL);
	add_tier(1, NULL);
	providers[0].state = PROVIDER_DISABLED;
	providers[1].state = PROVIDER_DRAINING;
	targets[2].provider = NULL;
	cool(3, NOW);
	begin(&p, 1);
	CHECK_INT(next(&p), 4);
	CHECK_INT(num_skipped, 4);
	CHECK(skipped[0].target == 0 && skipped[0].reason == ATTEMPT_SKIP_DISABLED);
	CHECK(skipped[1].target == 1 && skipped[1].reason == ATTEMPT_SKIP_DRAINING);
	CHECK(skipped[2].target == 2 && skipped[2].reason == ATTEMPT_SKIP_NO_PROVIDER);
	CHECK(skipped[3].target == 3 && skipped[3].reason == ATTEMPT_SKIP_COOLING);
	/* One was tried: those that cool are left alone. */
	CHECK_INT(next(&p), -1);
	CHECK_INT(num_skipped, 4);
}

static void when_all_cool_the_one_that_cooled_longest_is_tried_first(void)
{
	struct plan p;

	chain_reset(1);
	add_tier(2, NULL);
	add_tier(2, NULL);
	providers[3].state = PROVIDER_DISABLED;
	cool(0, NOW - 10 * SECOND);
	cool(1, NOW - 20 * SECOND);
	cool(2, NOW - 30 * SECOND);
	begin(&p, 1);
	CHECK_INT(next(&p), 2);
	plan_retry(&p, &targets[2]);
	CHECK_INT(next(&p), 2);
	plan_retry(&p, &targets[2]);
	CHECK_INT(next(&p), 1);
	CHECK_INT(next(&p), 0);
	CHECK_INT(next(&p), -1);
	CHECK_INT(num_skipped, 4);
}

static void a_desperate_success_closes_the_breaker(void)
{
	struct health_state state;
	struct plan p;

	chain_reset(0);
	add_tier(1, NULL);
	cool(0, NOW - SECOND);
	begin(&p, 1);
	CHECK_INT(next(&p), 0);
	health_begin(targets[0].health);
	health_end(targets[0].health, NOW, 1, true, true, 0, NULL);
	health_read(targets[0].health, NOW, &state);
	CHECK(state.breaker == BREAKER_CLOSED);
}

static void only_one_call_tries_a_half_open_target(void)
{
	struct plan a, b;

	chain_reset(0);
	add_tier(1, NULL);
	add_tier(1, NULL);
	cool(0, NOW - 100 * SECOND);
	begin(&a, 1);
	CHECK_INT(next(&a), 0);
	begin(&b, 2);
	CHECK_INT(next(&b), 1);
	CHECK_INT(num_skipped, 1);
	CHECK(skipped[0].target == 0 && skipped[0].reason == ATTEMPT_SKIP_COOLING);
}

static void nothing_is_tried_when_all_are_off(void)
{
	struct plan p;

	chain_reset(5);
	add_tier(2, NULL);
	providers[0].state = PROVIDER_DISABLED;
	providers[1].state = PROVIDER_DRAINING;
	cool(0, NOW - SECOND);
	begin(&p, 1);
	CHECK_INT(next(&p), -1);
	CHECK_INT(num_skipped, 2);
}

/* A chain of random shape and state. */
static void random_chain(unsigned *seed)
{
	size_t num_tiers = 1 + (size_t)rand_r(seed) % MAX_TIERS;

	chain_reset((unsigned)rand_r(seed) % 4);
	for (size_t i = 0; i < num_tiers; i++) {
		unsigned weights[8];

		for (size_t j = 0; j < ARRAY_LEN(weights); j++)
			weights[j] = 1 + (unsigned)rand_r(seed) % 100;
		add_tier(1 + (size_t)rand_r(seed) % 8, weights);
	}
	for (size_t i = 0; i < chain_size(); i++) {
		if (rand_r(seed) % 3 == 0)
			cool(i, NOW - (uint64_t)rand_r(seed) % (200 * SECOND));
		providers[i].state = (enum provider_state)(rand_r(seed) % 8 < 3 ? rand_r(seed) % 3 : 0);
	}
}

static void every_plan_ends_and_asks_each_target_at_most_as_often_as_allowed(void)
{
	unsigned seed = 1;

	for (int64_t id = 0; id < 3000; id++) {
		unsigned tries[PLAN_TARGETS] = {0}, total = 0;
		struct plan p;
		int at;

		random_chain(&seed);
		begin(&p, id);
		while ((at = next(&p)) >= 0 && total++ < 1000) {
			CHECK(++tries[at] <= 1 + chain.retries);
			CHECK(providers[at].state == PROVIDER_ENABLED);
			if (rand_r(&seed) % 3 > 0)
				plan_retry(&p, &targets[at]);
			else if (rand_r(&seed) % 2 > 0)
				plan_drop(&p, &targets[at]);
		}
		CHECK(total < 1000);
		for (size_t i = 0; i < chain_size(); i++)
			if (providers[i].state == PROVIDER_ENABLED && total == 0)
				CHECK(!"a target that is on was not tried");
	}
	health_table_free(table);
	table = NULL;
}

CHECK_MAIN(TEST(tiers_come_in_order_and_then_nothing), TEST(a_retry_comes_before_the_next_target_and_only_so_often),
	   TEST(a_dropped_target_is_not_retried), TEST(a_retry_on_a_target_that_began_to_cool_goes_on_to_the_next),
	   TEST(shares_follow_weights), TEST(a_call_is_drawn_the_same_again), TEST(what_is_off_is_passed_over_with_why),
	   TEST(when_all_cool_the_one_that_cooled_longest_is_tried_first), TEST(a_desperate_success_closes_the_breaker),
	   TEST(only_one_call_tries_a_half_open_target), TEST(nothing_is_tried_when_all_are_off),
	   TEST(every_plan_ends_and_asks_each_target_at_most_as_often_as_allowed))
