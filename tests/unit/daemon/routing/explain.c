/* SPDX-License-Identifier: MIT */
/* Where a chain's calls go, put into words. */
#include "routing/explain.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "check.h"
#include "routing/health.h"
#include "routing/view_private.h"

#define SECOND UINT64_C(1000000)
#define NOW (1000 * SECOND)

static const char *const none[] = {NULL};

/* Three providers a, b, c and the chain a*2,b > c. */
static struct health_table *table;
static struct view_provider providers[3];
static struct view_target targets[3];
static struct view_tier tiers[2];
static struct view_chain chain;

static void reset(void)
{
	static char *names[] = {(char *)"a/m", (char *)"b/m", (char *)"c/m"};
	static char *provider_names[] = {(char *)"a", (char *)"b", (char *)"c"};

	health_table_free(table);
	table = health_table_new();
	memset(providers, 0, sizeof(providers));
	for (size_t i = 0; i < 3; i++) {
		providers[i].name = provider_names[i];
		targets[i] = (struct view_target){.name = names[i], .provider = &providers[i], .provider_name = provider_names[i],
						  .model = names[i] + 2, .weight = i == 0 ? 2 : 1,
						  .health = health_get(table, names[i])};
	}
	tiers[0] = (struct view_tier){targets, 2};
	tiers[1] = (struct view_tier){&targets[2], 1};
	chain = (struct view_chain){.name = (char *)"smart", .tiers = tiers, .num_tiers = 2};
}

static void cool(size_t i, uint64_t now_us)
{
	health_begin(targets[i].health);
	health_end(targets[i].health, now_us, 0, false, true, 100000, "HTTP 429");
}

static void expect(const struct explanation *e, size_t i, enum explain_verdict verdict, unsigned share,
		   const char *reason)
{
	CHECK_TEXT(explain_verdict_name(e->targets[i].verdict), explain_verdict_name(verdict));
	CHECK_INT(e->targets[i].share_percent, share);
	CHECK_TEXT(e->targets[i].reason, reason);
}

static void the_first_tier_takes_the_calls_by_weight(void)
{
	struct explanation e;

	reset();
	explain_chain(&chain, none, NOW, &e);
	CHECK_INT(e.num, 3);
	expect(&e, 0, EXPLAIN_TAKEN, 67, "");
	expect(&e, 1, EXPLAIN_TAKEN, 33, "");
	expect(&e, 2, EXPLAIN_STANDBY, 0, "when tier 1 fails");
	CHECK(e.answered_by == &targets[0]);
}

static void what_is_off_says_why(void)
{
	struct explanation e;

	reset();
	providers[0].state = PROVIDER_DISABLED;
	providers[0].state_by = (char *)"anna";
	providers[0].state_reason = (char *)"outage";
	providers[1].state = PROVIDER_DRAINING;
	explain_chain(&chain, none, NOW, &e);
	expect(&e, 0, EXPLAIN_SKIPPED, 0, "switched off by anna: outage");
	expect(&e, 1, EXPLAIN_SKIPPED, 0, "draining");
	expect(&e, 2, EXPLAIN_TAKEN, 100, "");
	CHECK(e.answered_by == &targets[2]);
	targets[2].provider = NULL;
	explain_chain(&chain, none, NOW, &e);
	expect(&e, 2, EXPLAIN_SKIPPED, 0, "no provider c is configured");
	CHECK(e.answered_by == NULL);
}

static void a_credential_that_cannot_be_read_keeps_calls_away(void)
{
	struct explanation e;

	reset();
	providers[0].credential_error = (char *)"OPENAI_API_KEY is not set";
	explain_chain(&chain, none, NOW, &e);
	expect(&e, 0, EXPLAIN_SKIPPED, 0, "its credential cannot be read: OPENAI_API_KEY is not set");
	expect(&e, 1, EXPLAIN_TAKEN, 100, "");
}

static void providers_and_targets_can_be_thought_away(void)
{
	static const char *const a[] = {"a", NULL}, *const targets_down[] = {"a/m", "b/m", NULL};
	static const char *const all[] = {"a", "b", "c", NULL};
	struct explanation e;

	reset();
	explain_chain(&chain, a, NOW, &e);
	expect(&e, 0, EXPLAIN_SKIPPED, 0, "assumed down");
	CHECK(e.answered_by == &targets[1]);
	explain_chain(&chain, targets_down, NOW, &e);
	CHECK(e.answered_by == &targets[2]);
	explain_chain(&chain, all, NOW, &e);
	CHECK(e.answered_by == NULL);
}

static void what_cools_is_passed_over_while_something_else_is_on(void)
{
	struct explanation e;

	reset();
	cool(0, NOW - 10 * SECOND);
	explain_chain(&chain, none, NOW, &e);
	expect(&e, 0, EXPLAIN_SKIPPED, 0, "cooling, 1m left: HTTP 429");
	CHECK(e.answered_by == &targets[1]);
	cool(1, NOW - 30 * SECOND);
	cool(2, NOW - 20 * SECOND);
	explain_chain(&chain, none, NOW, &e);
	expect(&e, 1, EXPLAIN_TAKEN, 100, "cooling, but nothing else is on");
	expect(&e, 2, EXPLAIN_SKIPPED, 0, "cooling, 1m left: HTTP 429");
	CHECK(e.answered_by == &targets[1]);
}

static void half_open_is_said(void)
{
	struct explanation e;

	reset();
	cool(0, NOW - 200 * SECOND);
	explain_chain(&chain, none, NOW, &e);
	expect(&e, 0, EXPLAIN_TAKEN, 67, "half open: one call at a time tries it");
}

static void shares_add_up_to_a_hundred(void)
{
	unsigned seed = 1;

	reset();
	for (int i = 0; i < 2000; i++) {
		struct explanation e;

		targets[0].weight = 1 + (unsigned)rand_r(&seed) % 10000;
		targets[1].weight = 1 + (unsigned)rand_r(&seed) % 10000;
		explain_chain(&chain, none, NOW, &e);
		CHECK_INT(e.targets[0].share_percent + e.targets[1].share_percent, 100);
	}
}

static void it_reads_as_the_admin_api_says(void)
{
	static const char *const down[] = {"c", NULL};
	struct buf out;
	json_t *json;

	reset();
	tiers[0].num_targets = 1;
	json = explain_chain_json(&chain, down, NOW);
	buf_init(&out, 4096);
	json_print(json, &out);
	CHECK_TEXT(out.data,
		   "{\"chain\":\"smart\",\"down\":[\"c\"],\"order\":["
		   "{\"target\":\"a/m\",\"tier\":1,\"share_percent\":100,\"verdict\":\"taken\",\"reason\":null},"
		   "{\"target\":\"c/m\",\"tier\":2,\"share_percent\":0,\"verdict\":\"skipped\",\"reason\":\"assumed down\"}],"
		   "\"answered_by\":\"a/m\"}");
	buf_release(&out);
	json_decref(json);
}

static void note_move(void *arg, const char *name, const char *target)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 200 - len, "%s:%s ", name, target != NULL ? target : "none");
}

static void switching_a_provider_off_moves_calls_or_leaves_chains_without(void)
{
	struct view_chain only_a = {.name = (char *)"alone", .tiers = tiers, .num_tiers = 1};
	struct view_chain only_c = {.name = (char *)"other", .tiers = &tiers[1], .num_tiers = 1};
	char moves[200] = "";
	struct view *v;

	reset();
	v = view_new(table);
	tiers[0].num_targets = 1;
	map_put_text(&v->chains, "smart", &chain);
	map_put_text(&v->chains, "alone", &only_a);
	map_put_text(&v->chains, "other", &only_c);
	explain_without_provider(v, "a", note_move, moves);
	CHECK_TEXT(moves, "alone:none smart:c/m ");
	view_free(v);
	health_table_free(table);
	table = NULL;
}

CHECK_MAIN(TEST(the_first_tier_takes_the_calls_by_weight), TEST(what_is_off_says_why),
	   TEST(a_credential_that_cannot_be_read_keeps_calls_away), TEST(providers_and_targets_can_be_thought_away),
	   TEST(what_cools_is_passed_over_while_something_else_is_on), TEST(half_open_is_said),
	   TEST(shares_add_up_to_a_hundred), TEST(it_reads_as_the_admin_api_says),
	   TEST(switching_a_provider_off_moves_calls_or_leaves_chains_without))
