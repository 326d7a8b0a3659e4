/* SPDX-License-Identifier: MIT */
/* A chain is written down tier by tier. */
#include "cli/chain_text.h"

#include "base/buf.h"
#include "check.h"

static void check_chain(const char *json, const char *wanted)
{
	json_t *chain = json_loads(json, 0, NULL);
	struct buf out;

	buf_init(&out, 4096);
	chain_text(chain, &out);
	CHECK_TEXT(out.data, wanted);
	buf_release(&out);
	json_decref(chain);
}

static void targets_of_a_tier_share_it_by_weight(void)
{
	check_chain("{\"targets\":[{\"target\":\"a/m\",\"tier\":1,\"weight\":3},{\"target\":\"b/m\",\"tier\":1,\"weight\":1},"
		    "{\"target\":\"c/m\",\"tier\":2,\"weight\":1}]}",
		    "1. a/m 75%\n   b/m 25%\n2. c/m\n");
}

static void what_stands_in_the_way_is_said(void)
{
	check_chain("{\"targets\":[{\"target\":\"a/m\",\"tier\":1,\"weight\":1,\"state\":\"disabled\",\"breaker\":\"closed\"},"
		    "{\"target\":\"b/m\",\"tier\":2,\"weight\":1,\"state\":\"enabled\",\"breaker\":\"open\",\"cooling_ms\":41000,"
		    "\"price_known\":false}]}",
		    "1. a/m, disabled\n2. b/m, breaker open, cooling 41s, no price\n");
}

static void a_target_that_is_hostile_text_is_cleaned(void)
{
	check_chain("{\"targets\":[{\"target\":\"a/\\u001b[H\",\"tier\":1,\"weight\":1}]}", "1. a/\\x1b[H\n");
}

static void a_chain_without_targets_is_empty(void)
{
	check_chain("{}", "");
}

CHECK_MAIN(TEST(targets_of_a_tier_share_it_by_weight), TEST(what_stands_in_the_way_is_said),
	   TEST(a_target_that_is_hostile_text_is_cleaned), TEST(a_chain_without_targets_is_empty))
