/* SPDX-License-Identifier: MIT */
#include "model/draft.h"

#include <stdlib.h>

#include "check.h"

static struct draft load(const char *tiers)
{
	json_t *chain = json_pack("{s:s, s:i, s:o}", "name", "smart", "version", 41, "tiers", json_loads(tiers, 0, NULL));
	struct draft d;

	draft_load(&d, chain);
	json_decref(chain);
	return d;
}

static struct draft three(void)
{
	return load("[[{\"target\":\"a/x\",\"weight\":1}],[{\"target\":\"b/x\",\"weight\":3},{\"target\":\"c/x\"}]]");
}

static void check_text(const struct draft *d, const char *want)
{
	char text[512];

	CHECK_TEXT(draft_text(d, text, sizeof(text)), want);
}

static void a_draft_begins_as_the_chain_is(void)
{
	struct draft d = three();

	check_text(&d, "a/x > b/x*3, c/x");
	CHECK_INT(d.version, 41);
	CHECK(!draft_is_changed(&d));
}

static void a_lone_target_changes_places_with_a_tier(void)
{
	struct draft d = load("[[{\"target\":\"a/x\"}],[{\"target\":\"b/x\"}]]");

	CHECK_INT(draft_move(&d, 1, false), 0);
	check_text(&d, "b/x > a/x");
	CHECK(draft_is_changed(&d));
	CHECK_INT(draft_move(&d, 0, true), 1);
	check_text(&d, "a/x > b/x");
	CHECK(!draft_is_changed(&d));
}

static void out_of_several_it_steps_into_a_tier_of_its_own(void)
{
	struct draft d = three();

	CHECK_INT(draft_move(&d, 2, false), 1);
	check_text(&d, "a/x > c/x > b/x*3");
	d = three();
	CHECK_INT(draft_move(&d, 1, true), 2);
	check_text(&d, "a/x > c/x > b/x*3");
}

static void nothing_moves_past_the_ends(void)
{
	struct draft d = three();

	CHECK_INT(draft_move(&d, 0, false), 0);
	CHECK(!draft_is_changed(&d));
	CHECK_INT(draft_move(&d, 9, false), 9);
	CHECK(!draft_is_changed(&d));
}

static void a_target_joins_a_tier_by_its_number(void)
{
	struct draft d = three();

	CHECK_INT(draft_set(&d, 2, 1, 5), 1);
	check_text(&d, "a/x, c/x*5 > b/x*3");
	draft_reset(&d);
	check_text(&d, "a/x > b/x*3, c/x");
}

static void a_target_is_in_a_chain_once(void)
{
	struct draft d = three();

	CHECK(draft_add(&d, "d/x", 9, 1));
	check_text(&d, "a/x > b/x*3, c/x > d/x");
	CHECK(!draft_add(&d, "d/x", 1, 1));
	draft_remove(&d, 0);
	check_text(&d, "b/x*3, c/x > d/x");
	draft_remove(&d, 99);
	CHECK_INT(d.num_targets, 3);
}

static void a_draft_is_never_too_large(void)
{
	struct draft d = three();
	char name[32];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "p/%d", i);
		draft_add(&d, name, i, 1);
	}
	CHECK_INT(d.num_targets, DRAFT_TARGETS);
}

static void the_body_is_what_a_put_takes(void)
{
	struct draft d = three();
	json_t *body = draft_body(&d);
	char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);

	CHECK_TEXT(text, "{\"tiers\":[[{\"target\":\"a/x\",\"weight\":1}],[{\"target\":\"b/x\",\"weight\":3},"
			 "{\"target\":\"c/x\",\"weight\":1}]]}");
	free(text);
	json_decref(body);
}

CHECK_MAIN(TEST(a_draft_begins_as_the_chain_is), TEST(a_lone_target_changes_places_with_a_tier),
	   TEST(out_of_several_it_steps_into_a_tier_of_its_own), TEST(nothing_moves_past_the_ends),
	   TEST(a_target_joins_a_tier_by_its_number), TEST(a_target_is_in_a_chain_once), TEST(a_draft_is_never_too_large),
	   TEST(the_body_is_what_a_put_takes))
