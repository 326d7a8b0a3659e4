/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "dialects/provider_kind.h"

static struct request_facts facts;
static struct err err;
static const char *param;

static int scan(const char *body)
{
	request_facts_init(&facts);
	param = NULL;
	return openai_responses.scan_request(body, strlen(body), &facts, &param, &err);
}

/* The body as an upstream of the same dialect gets it; static. */
static const char *adapted(const char *body, unsigned quirks, int64_t max_output)
{
	static char text[4096];
	struct interpreter_target target = {
		.dialect = &openai_responses, .model = "gpt-5", .quirks = quirks, .max_output = max_output};
	struct interpreter *it;
	struct buf out;

	CHECK(scan(body) == 0);
	it = interpreter_new(&openai_responses, body, strlen(body), &facts, &target);
	buf_init(&out, sizeof(text) - 1);
	CHECK(interpreter_request(it, &out, &err) == 0);
	memcpy(text, out.data, out.len + 1);
	buf_release(&out);
	interpreter_free(it);
	return text;
}

static void a_request_says_what_the_gateway_has_to_know(void)
{
	CHECK(scan("{\"model\":\"smart\",\"input\":\"hi\",\"stream\":true,\"max_output_tokens\":77,\"user\":\"ann\","
		   "\"metadata\":{\"tags\":[\"a\",\"b\"]},\"usage\":{\"include\":true}}") == 0);
	CHECK_TEXT(facts.model_name, "smart");
	CHECK_TEXT(facts.user, "ann");
	CHECK_TEXT(facts.tags, "a,b");
	CHECK(facts.stream && facts.wants_cost && !facts.wants_usage && facts.max_output == 77);
	CHECK(scan("{\"model\":\"m\",\"previous_response_id\":\"resp_1\"}") == 0);
}

static void mistakes_name_their_field(void)
{
	CHECK(scan("{\"model\":\"m\"}") == ERR_INVALID);
	CHECK_TEXT(param, "input");
	CHECK(scan("{\"model\":\"m\",\"input\":[1]}") == ERR_INVALID);
	CHECK_TEXT(err.text, "input[0]: expected an object");
	CHECK(scan("{\"model\":\"m\",\"input\":\"x\",\"max_output_tokens\":0}") == ERR_INVALID);
	CHECK_TEXT(param, "max_output_tokens");
	CHECK(scan("{\"input\":\"x\"}") == ERR_INVALID);
	CHECK_TEXT(param, "model");
}

static void nothing_is_changed_but_what_has_to_be(void)
{
	CHECK_TEXT(adapted("{ \"model\" : \"smart\", \"input\":\"hi\" , \"store\":true,\"background\":false,\"x\":[1] }", 0, -1),
		  "{ \"model\" : \"gpt-5\", \"input\":\"hi\" , \"store\":true,\"background\":false,\"x\":[1] }");
	CHECK_TEXT(adapted("{\"model\":\"smart\",\"input\":\"hi\",\"metadata\":{\"tags\":[\"a\"]},\"usage\":{\"include\":true}}", 0, 50),
		  "{\"model\":\"gpt-5\",\"input\":\"hi\",\"max_output_tokens\":50}");
	CHECK_TEXT(adapted("{\"model\":\"m\",\"max_output_tokens\":60,\"input\":\"hi\",\"usage\":{\"include\":true}}",
			  QUIRK_KNOWS_USAGE_INCLUDE, 50),
		  "{\"model\":\"gpt-5\",\"max_output_tokens\":50,\"input\":\"hi\",\"usage\":{\"include\":true}}");
}

static void reasoning_that_others_signed_does_not_reach_a_provider(void)
{
	CHECK_TEXT(adapted("{\"model\":\"m\",\"input\":[{\"type\":\"reasoning\",\"summary\":[],\"encrypted_content\":"
			  "\"anthropic-claude-v1:abc\"},{\"role\":\"user\",\"content\":\"hi\"}, "
			  "{\"type\":\"reasoning\",\"id\":\"rs_tg_x_0\",\"summary\":[]},"
			  "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"gAAA\"}]}", 0, -1),
		  "{\"model\":\"gpt-5\",\"input\":[{\"role\":\"user\",\"content\":\"hi\"},"
		  "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"gAAA\"}]}");
}

static void an_error_in_a_stream_is_an_event_that_clients_throw(void)
{
	const struct client_error e = {.status = 502, .type = "upstream_error", .code = "upstream_error", .message = "no"};
	struct buf out;

	buf_init(&out, 4096);
	openai_responses.write_stream_error(&e, &out);
	CHECK_TEXT(out.data, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":0,\"code\":\"upstream_error\","
			    "\"message\":\"no\",\"param\":null,\"error\":{\"message\":\"no\",\"type\":\"upstream_error\","
			    "\"param\":null,\"code\":\"upstream_error\"}}\n\n");
	buf_release(&out);
}

CHECK_MAIN(TEST(a_request_says_what_the_gateway_has_to_know), TEST(mistakes_name_their_field),
	   TEST(nothing_is_changed_but_what_has_to_be), TEST(reasoning_that_others_signed_does_not_reach_a_provider),
	   TEST(an_error_in_a_stream_is_an_event_that_clients_throw))
