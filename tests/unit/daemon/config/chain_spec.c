/* SPDX-License-Identifier: MIT */
/* Chains from JSON and text and back, and every way one can be wrong. */
#include "config/chain_spec.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "check.h"

static void expect_text(const struct chain_spec *s, const char *want)
{
	struct buf out;

	buf_init(&out, 20000);
	chain_spec_text(s, &out);
	CHECK_TEXT(out.data, want);
	buf_release(&out);
}

static void expect_error(const char *json, const char *want)
{
	struct chain_spec s;
	struct err err;

	CHECK_INT(chain_spec_parse(&s, json, &err), ERR_INVALID);
	CHECK_TEXT(err.text, want);
}

static void expect_text_error(const char *text, const char *want)
{
	struct chain_spec s;
	struct err err;

	chain_spec_init(&s);
	CHECK_INT(chain_spec_parse_text(&s, text, &err), ERR_INVALID);
	CHECK_TEXT(err.text, want);
	CHECK_INT(s.num_targets, 0);
}

static void json_is_read_with_its_defaults(void)
{
	struct chain_spec s;
	struct err err;

	CHECK_INT(chain_spec_parse(&s, "{\"tiers\":[[{\"target\":\"a/b\",\"weight\":3},{\"target\":\"c/d/e\"}],"
				       "[{\"target\":\"f/g\"}]]}", &err), 0);
	CHECK_INT(s.num_tiers, 2);
	CHECK_INT(s.num_targets, 3);
	CHECK_TEXT(s.targets[1].name, "c/d/e");
	CHECK_INT(s.targets[0].weight, 3);
	CHECK_INT(s.targets[1].weight, 1);
	CHECK_INT(s.targets[2].tier, 1);
	CHECK_INT(s.timeout_ms, 120000);
	CHECK_INT(s.first_byte_ms, 20000);
	CHECK_INT(s.idle_ms, 30000);
	CHECK_INT(s.retries, 1);
	expect_text(&s, "a/b*3,c/d/e > f/g");
}

static void json_goes_there_and_back(void)
{
	static const char json[] = "{\"tiers\":[[{\"target\":\"a/b\",\"weight\":3},{\"target\":\"c/d\",\"weight\":1}],"
				   "[{\"target\":\"e/f\",\"weight\":1}]],\"timeout\":\"1m\",\"first_byte\":\"5s\","
				   "\"idle\":\"250ms\",\"retries\":0}";
	struct chain_spec s;
	struct err err;
	struct buf out;
	json_t *back;

	CHECK_INT(chain_spec_parse(&s, json, &err), 0);
	back = chain_spec_json(&s);
	buf_init(&out, 4096);
	json_print(back, &out);
	CHECK_TEXT(out.data, json);
	buf_release(&out);
	json_decref(back);
}

static void text_goes_there_and_back(void)
{
	struct chain_spec s;
	struct err err;

	chain_spec_init(&s);
	s.retries = 4;
	CHECK_INT(chain_spec_parse_text(&s, "  anthropic/claude-sonnet-4-5*3 ,bedrock/x:y.z>openai/gpt-5 ", &err), 0);
	CHECK_INT(s.num_tiers, 2);
	CHECK_INT(s.retries, 4);
	expect_text(&s, "anthropic/claude-sonnet-4-5*3,bedrock/x:y.z > openai/gpt-5");
}

static void text_may_stand_in_place_of_tiers(void)
{
	struct chain_spec s;
	struct err err;

	CHECK_INT(chain_spec_parse(&s, "{\"text\":\"a/b > c/d\",\"retries\":2}", &err), 0);
	CHECK_INT(s.retries, 2);
	expect_text(&s, "a/b > c/d");
	expect_error("{\"text\":\"a/b\",\"tiers\":[]}", "tiers and text say the same; give one of them");
}

static void errors_name_tier_and_target(void)
{
	expect_error("{\"tiers\":[[{\"target\":\"a/b\"}],[{\"target\":\"c/d\"},{\"target\":\"gpt-5\"}]]}",
		     "tier 2, target 2 (gpt-5): expected provider/model");
	expect_error("{\"tiers\":[[{\"target\":\"a/b\",\"weight\":0}]]}",
		     "tier 1, target 1 (a/b): weight: expected a whole number from 1 to 10000, found 0");
	expect_error("{\"tiers\":[[{\"target\":\"a/b\",\"wieght\":2}]]}",
		     "tier 1, target 1: wieght: no such field; did you mean weight?");
	expect_error("{\"tiers\":[[{\"weight\":2}]]}", "tier 1, target 1: target: missing, expected provider/model");
	expect_error("{\"tiers\":[[\"a/b\"]]}", "tier 1, target 1: expected an object, found a string");
	expect_error("{\"tiers\":[[{\"target\":\"a b/c\"}]]}",
		     "tier 1, target 1 (a b/c): \"a b\" is no name of a provider");
	expect_error("{\"tiers\":[[{\"target\":\"a/\"}]]}", "tier 1, target 1 (a/): \"\" is no name of a model");
	expect_error("{\"tiers\":[[{\"target\":\"a/b\"}],[{\"target\":\"a/b\"}]]}",
		     "tier 2, target 1 (a/b): stands in the chain twice; give it one place and a weight");
}

static void a_chain_needs_a_target_in_each_tier(void)
{
	expect_error("{}", "tiers: expected a list of tiers, found nothing");
	expect_error("{\"tiers\":[]}", "tiers: a chain needs at least one target");
	expect_error("{\"tiers\":[[]]}", "tier 1: expected a list of targets, found none");
	expect_error("{\"tiers\":[[{\"target\":\"a/b\"}],{}]}", "tier 2: expected a list of targets, found an object");
	expect_error("[]", "expected an object, found a list");
}

static void durations_and_retries_have_bounds(void)
{
	expect_error("{\"text\":\"a/b\",\"timeout\":\"0s\"}",
		     "timeout: expected a duration above zero, such as \"30s\"");
	expect_error("{\"text\":\"a/b\",\"retries\":21}", "retries: expected a whole number from 0 to 20, found 21");
}

static void wrong_text_says_where(void)
{
	expect_text_error("", "a chain needs at least one target, such as openai/gpt-5");
	expect_text_error("a/b >", "tier 2, target 1 (): expected provider/model");
	expect_text_error("a/b,,c/d", "tier 1, target 2 (): expected provider/model");
	expect_text_error("a/b*", "tier 1, target 1 (a/b): weight: expected a whole number from 1 to 10000");
	expect_text_error("a/b*2x", "tier 1, target 1 (a/b): weight: expected a whole number from 1 to 10000");
	expect_text_error("a/b*99999", "tier 1, target 1 (a/b): weight: expected a whole number from 1 to 10000");
	expect_text_error("a/b > c/d, a/b",
			  "tier 2, target 2 (a/b): stands in the chain twice; give it one place and a weight");
}

static void too_many_targets_are_refused(void)
{
	struct chain_spec s;
	struct err err;
	struct buf text;

	buf_init(&text, 20000);
	for (int i = 0; i < CHAIN_TARGETS; i++)
		buf_printf(&text, "%sa/%d", i > 0 ? "," : "", i);
	chain_spec_init(&s);
	CHECK_INT(chain_spec_parse_text(&s, text.data, &err), 0);
	expect_text(&s, text.data);
	buf_puts(&text, " > b/c");
	CHECK_INT(chain_spec_parse_text(&s, text.data, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "tier 2, target 1 (b/c): a chain has at most 32 targets");
	buf_release(&text);
}

static void an_overlong_target_is_refused(void)
{
	struct chain_spec s;
	struct err err;
	struct buf text;

	buf_init(&text, 20000);
	buf_puts(&text, "a/");
	for (int i = 0; i < 5000; i++)
		buf_putc(&text, 'm');
	chain_spec_init(&s);
	CHECK_INT(chain_spec_parse_text(&s, text.data, &err), ERR_INVALID);
	buf_release(&text);
}

CHECK_MAIN(TEST(json_is_read_with_its_defaults), TEST(json_goes_there_and_back), TEST(text_goes_there_and_back),
	   TEST(text_may_stand_in_place_of_tiers), TEST(errors_name_tier_and_target),
	   TEST(a_chain_needs_a_target_in_each_tier), TEST(durations_and_retries_have_bounds),
	   TEST(wrong_text_says_where), TEST(too_many_targets_are_refused), TEST(an_overlong_target_is_refused))
