/* SPDX-License-Identifier: MIT */
/* A call's way is told in sentences. */
#include "model/why.h"

#include "base/buf.h"
#include "check.h"

static void check_why(const char *json, const char *wanted)
{
	json_t *call = json_loads(json, 0, NULL);
	struct buf out;

	buf_init(&out, 1 << 14);
	why_tell(call, &out);
	CHECK_TEXT(out.data, wanted);
	buf_release(&out);
	json_decref(call);
}

static void a_fallback_is_told_target_by_target(void)
{
	check_why("{\"team\":\"search\",\"asked\":\"smart\",\"result\":\"answered\",\"provider\":\"c\",\"model\":\"m\","
		  "\"total_us\":2100000,\"entries\":["
		  "{\"target\":\"a/m\",\"reason\":\"disabled\",\"text\":\"passed over: it is switched off\",\"made\":false,"
		  "\"error\":\"passed over: it is switched off\"},"
		  "{\"target\":\"b/m\",\"reason\":\"rate_limited\",\"text\":\"429 from the provider\",\"made\":true,"
		  "\"status\":429,\"start_us\":0,\"first_byte_us\":null,\"total_us\":31000,\"error\":\"slow \\u001b down\"},"
		  "{\"target\":\"c/m\",\"reason\":\"ok\",\"text\":null,\"made\":true,\"status\":200,\"start_us\":32000,"
		  "\"first_byte_us\":600000,\"total_us\":2000000,\"error\":null}]}",
		  "Team search asked for smart; the call was answered by c/m after 2.1s.\n"
		  "1. a/m was passed over: it is switched off.\n"
		  "2. b/m was tried and failed with HTTP 429; started after 0us, ended after 31ms, because of 429 from the "
		  "provider: \"slow \\x1b down\".\n"
		  "3. c/m answered with HTTP 200; started after 32ms, first byte after another 0.6s, ended after 2.0s.\n");
}

static void a_refusal_has_no_targets(void)
{
	check_why("{\"team\":\"t\",\"asked\":\"m\",\"result\":\"refused\",\"error\":\"team_budget_exceeded\",\"provider\":null,"
		  "\"total_us\":300,\"entries\":[]}",
		  "Team t asked for m; the call was refused by the gateway (team_budget_exceeded) after 300us.\n"
		  "No target was tried: the gateway decided by itself.\n");
}

CHECK_MAIN(TEST(a_fallback_is_told_target_by_target), TEST(a_refusal_has_no_targets))
