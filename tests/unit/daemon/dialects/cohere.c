/* SPDX-License-Identifier: MIT */
/* What an OpenAI client asks, as Cohere hears it, and what Cohere answers, as that client hears it. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "dialects/interpreter.h"

static char got[16384];
static struct err err;
static struct outcome outcome;

static struct interpreter *begin(const char *request, struct request_facts *facts, bool drop_params)
{
	static struct interpreter_target target;
	const char *param;

	target = (struct interpreter_target){.dialect = &cohere, .model = "command", .drop_params = drop_params, .max_output = -1};
	request_facts_init(facts);
	CHECK_INT(openai_chat.scan_request(request, strlen(request), facts, &param, &err), 0);
	return interpreter_new(&openai_chat, request, strlen(request), facts, &target);
}

static int translate(const char *members, bool drop_params)
{
	struct request_facts facts;
	struct interpreter *it;
	char request[4096];
	struct buf out;
	int r;

	snprintf(request, sizeof(request), "{\"model\":\"m\",%s}", members);
	it = begin(request, &facts, drop_params);
	buf_init(&out, sizeof(got) - 1);
	r = interpreter_request(it, &out, &err);
	copy_text(got, sizeof(got), out.data);
	if (r == 0)
		CHECK_INT(jscan_value(out.data, out.len, NULL), 0);
	interpreter_free(it);
	buf_release(&out);
	return r;
}

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"
#define HELLO_THERE "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}]"

static void check_members(const char *members, const char *want)
{
	char whole[4096];

	snprintf(whole, sizeof(whole), "{\"model\":\"command\"%s}", want);
	CHECK_INT(translate(members, false), 0);
	CHECK_TEXT(got, whole);
}

static void parameters_have_other_names(void)
{
	check_members("\"temperature\":0.5,\"top_p\":0.9,\"top_k\":40,\"seed\":7,\"max_tokens\":10,\"stop\":\"END\",\"user\":\"ann\"," HELLO,
		      ",\"temperature\":0.5,\"p\":0.9,\"k\":40,\"seed\":7,\"max_tokens\":10,\"stop_sequences\":[\"END\"]," HELLO_THERE);
	check_members("\"reasoning_effort\":\"none\"," HELLO, ",\"thinking\":{\"type\":\"disabled\"}," HELLO_THERE);
	check_members("\"reasoning\":{\"max_tokens\":500}," HELLO,
		      ",\"thinking\":{\"type\":\"enabled\",\"token_budget\":500}," HELLO_THERE);
	check_members("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\"}}}," HELLO,
		      ",\"response_format\":{\"type\":\"json_object\",\"json_schema\":{\"type\":\"object\"}}," HELLO_THERE);
}

static void a_round_of_tools_is_told_in_its_words(void)
{
	check_members("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}],"
		      "\"tool_choice\":\"required\",\"messages\":[{\"role\":\"user\",\"content\":\"go\"},"
		      "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
		      "{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"42\"}]",
		      ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\"}}}],"
		      "\"tool_choice\":\"REQUIRED\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"go\"}]},"
		      "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
		      "{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"42\"}]");
}

static void what_it_has_no_words_for_is_refused_by_name(void)
{
	static const struct {
		const char *members, *field;
	} rows[] = {
		{"\"n\":2," HELLO, "n:"},
		{"\"logit_bias\":{\"1\":2}," HELLO, "logit_bias:"},
		{"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":{\"type\":\"function\","
		 "\"function\":{\"name\":\"f\"}}," HELLO, "tool_choice:"},
		{"\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"parallel_tool_calls\":false," HELLO,
		 "parallel_tool_calls:"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CHECK_INT(translate(rows[i].members, false), ERR_INVALID);
		CHECK(strncmp(err.text, rows[i].field, strlen(rows[i].field)) == 0);
		CHECK_INT(translate(rows[i].members, true), 0);
	}
}

static int answer_in_pieces(const char *request, const char *answer, size_t piece)
{
	struct request_facts facts;
	struct interpreter *it = begin(request, &facts, false);
	size_t len = strlen(answer);
	struct buf out;
	int r = 0;

	buf_init(&out, sizeof(got) - 1);
	for (size_t at = 0; at < len && r == 0; at += piece)
		r = interpreter_feed(it, answer + at, len - at < piece ? len - at : piece, &out, &err);
	if (r == 0)
		r = interpreter_end(it, true, &outcome, &err);
	if (r == 0)
		interpreter_close(it, 0, &out);
	copy_text(got, sizeof(got), out.data);
	interpreter_free(it);
	buf_release(&out);
	return r;
}

#define USAGE "\"usage\":{\"billed_units\":{\"input_tokens\":5,\"output_tokens\":2},\"tokens\":{\"input_tokens\":70,\"output_tokens\":9},\"cached_tokens\":64}"

static void check_outcome(void)
{
	CHECK_INT(outcome.usage.count[USAGE_INPUT], 70);
	CHECK_INT(outcome.usage.count[USAGE_OUTPUT], 9);
	CHECK_INT(outcome.usage.count[USAGE_CACHE_READ], 64);
	CHECK_INT(outcome.usage.count[USAGE_BILLED_INPUT], 5);
	CHECK_INT(outcome.usage.count[USAGE_BILLED_OUTPUT], 2);
	CHECK_INT(outcome.finish, FINISH_TOOL_CALLS);
}

static void a_whole_answer_is_read(void)
{
	CHECK_INT(answer_in_pieces("{\"model\":\"m\"," HELLO "}",
				   "{\"id\":\"x\",\"finish_reason\":\"TOOL_CALL\",\"message\":{\"role\":\"assistant\",\"tool_plan\":\"I will\","
				   "\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"text\",\"text\":\"ok\"}],\"tool_calls\":"
				   "[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]}," USAGE "}",
				   1000), 0);
	check_outcome();
	CHECK(strstr(got, "\"model\":\"command\"") != NULL);
	CHECK(strstr(got, "\"content\":\"ok\"") != NULL && strstr(got, "I will") != NULL && strstr(got, "hm") != NULL);
	CHECK(strstr(got, "\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"") != NULL);
	CHECK(strstr(got, "\"finish_reason\":\"tool_calls\"") != NULL);
}

static void a_stream_is_read_however_it_is_cut(void)
{
	static const char stream[] =
		"event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"x\",\"delta\":{\"message\":{\"role\":\"assistant\",\"content\":[]}}}\n\n"
		"event: tool-plan-delta\ndata: {\"type\":\"tool-plan-delta\",\"delta\":{\"message\":{\"tool_plan\":\"I will\"}}}\n\n"
		"event: content-start\ndata: {\"type\":\"content-start\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"type\":\"text\",\"text\":\"\"}}}}\n\n"
		"event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"ok\"}}}}\n\n"
		"event: tool-call-start\ndata: {\"type\":\"tool-call-start\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}}}}\n\n"
		"event: tool-call-delta\ndata: {\"type\":\"tool-call-delta\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"{\\\"a\\\"\"}}}}}\n\n"
		"event: tool-call-end\ndata: {\"type\":\"tool-call-end\",\"index\":0}\n\n"
		"event: tool-call-start\ndata: {\"type\":\"tool-call-start\",\"index\":1,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"c2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}}}}\n\n"
		"event: tool-call-end\ndata: {\"type\":\"tool-call-end\",\"index\":1}\n\n"
		"event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"TOOL_CALL\"," USAGE "}}\n\ndata: [DONE]\n\n";
	static const size_t pieces[] = {sizeof(stream), 1, 7, 50};

	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		CHECK_INT(answer_in_pieces("{\"model\":\"m\",\"stream\":true," HELLO "}", stream, pieces[i]), 0);
		check_outcome();
		CHECK(strstr(got, "\"content\":\"ok\"") != NULL);
		CHECK(strstr(got, "{\"index\":0,\"id\":\"c1\"") != NULL && strstr(got, "{\"index\":1,\"id\":\"c2\"") != NULL);
		CHECK(strstr(got, "{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\"\"}}") != NULL);
		CHECK(strstr(got, "{\"index\":1,\"function\":{\"arguments\":\"{}\"}}") != NULL);
	}
	CHECK_INT(answer_in_pieces("{\"model\":\"m\",\"stream\":true," HELLO "}", "data: {\"message\":\"too many tokens\"}\n\n", 9),
		  ERR_INVALID);
	CHECK(strstr(err.text, "too many tokens") != NULL);
}

CHECK_MAIN(TEST(parameters_have_other_names), TEST(a_round_of_tools_is_told_in_its_words),
	   TEST(what_it_has_no_words_for_is_refused_by_name), TEST(a_whole_answer_is_read),
	   TEST(a_stream_is_read_however_it_is_cut))
