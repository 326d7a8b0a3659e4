/* SPDX-License-Identifier: MIT */
/* What others answer, as an Anthropic client hears it: whole, and as a stream. */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"

static struct buf out;
static struct err err;

static int answer(bool stream, const char *text)
{
	const char *request = stream ? "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
				     : "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
	struct interpreter_target target = {.dialect = &openai_chat, .model = "up", .max_output = -1};
	struct request_facts facts;
	struct outcome outcome;
	struct interpreter *it;
	const char *param;
	int r;

	request_facts_init(&facts);
	CHECK_INT(anthropic.scan_request(request, strlen(request), &facts, &param, &err), 0);
	it = interpreter_new(&anthropic, request, strlen(request), &facts, &target);
	buf_clear(&out);
	r = interpreter_feed(it, text, strlen(text), &out, &err);
	if (r == 0)
		r = interpreter_end(it, true, &outcome, &err);
	if (r == 0)
		interpreter_close(it, 1000, &out);
	interpreter_free(it);
	return r;
}

#define USAGE "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":20,\"prompt_tokens_details\":{\"cached_tokens\":60,"    \
	      "\"cache_write_tokens\":10},\"completion_tokens_details\":{\"reasoning_tokens\":5}}"
#define USAGE_THERE                                                                                                    \
	"\"usage\":{\"input_tokens\":30,\"cache_creation_input_tokens\":10,\"cache_read_input_tokens\":60,"                  \
	"\"cache_creation\":{\"ephemeral_5m_input_tokens\":10,\"ephemeral_1h_input_tokens\":0},\"output_tokens\":20,"        \
	"\"output_tokens_details\":{\"thinking_tokens\":5}}"

static void a_whole_answer_is_a_message(void)
{
	CHECK_INT(answer(false, "{\"id\":\"c1\",\"model\":\"m-1\",\"choices\":[{\"index\":0,\"finish_reason\":\"tool_calls\",\"message\":{"
				"\"content\":\"I \\u00e9\",\"reasoning_content\":\"hm\",\"tool_calls\":[{\"id\":\"t1\",\"type\":\"function\","
				"\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}},{\"id\":\"t2\",\"type\":\"function\","
				"\"function\":{\"name\":\"g\",\"arguments\":\"oops\"}}]}}]," USAGE "}"), 0);
	CHECK_TEXT(out.data, "{\"id\":\"c1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m-1\",\"content\":["
			     "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"tollgate.1.unsigned..\"},{\"type\":\"text\",\"text\":\"I \\u00e9\"},"
			     "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{\"a\": 1}},"
			     "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"g\",\"input\":{\"arguments\":\"oops\"}}],"
			     "\"stop_reason\":\"tool_use\",\"stop_sequence\":null," USAGE_THERE "}");
}

static void check_reason(const char *choice, const char *reason)
{
	char text[600], want[100];

	snprintf(text, sizeof(text), "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,%s}]," USAGE "}", choice);
	snprintf(want, sizeof(want), "\"stop_reason\":\"%s\"", reason);
	CHECK_INT(answer(false, text), 0);
	CHECK(strstr(out.data, want) != NULL);
	/* The same, to a client that asked for a stream. */
	CHECK_INT(answer(true, text), 0);
	CHECK(strstr(out.data, want) != NULL);
}

static void why_it_stopped_is_said_in_anthropics_words(void)
{
	check_reason("\"finish_reason\":\"stop\",\"message\":{\"content\":\"a\"}", "end_turn");
	check_reason("\"finish_reason\":\"length\",\"message\":{\"content\":\"a\"}", "max_tokens");
	check_reason("\"finish_reason\":\"content_filter\",\"message\":{\"content\":\"a\"}", "refusal");
	check_reason("\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"refusal\":\"no\"}", "refusal");
	check_reason("\"finish_reason\":\"stop\",\"message\":{\"tool_calls\":[{\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}",
		     "tool_use");
}

#define CHUNK(delta) "data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":" delta ",\"finish_reason\":null}]}\n\n"
#define END(reason)                                                                                                    \
	"data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}]}\n\n"     \
	"data: {\"id\":\"c\",\"model\":\"m\",\"choices\":[]," USAGE "}\n\ndata: [DONE]\n\n"

#define EVENT(type, more) "event: " type "\ndata: {\"type\":\"" type "\"" more "}\n\n"
#define STARTED                                                                                                        \
	EVENT("message_start", ",\"message\":{\"id\":\"c\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[]," \
	      "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}")
#define BEGUN(index, block) EVENT("content_block_start", ",\"index\":" index ",\"content_block\":{" block "}")
#define DELTA(index, delta) EVENT("content_block_delta", ",\"index\":" index ",\"delta\":{" delta "}")
#define STOPPED(index) EVENT("content_block_stop", ",\"index\":" index)
#define ENDED(reason)                                                                                                  \
	EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"" reason "\",\"stop_sequence\":null}," USAGE_THERE)         \
	EVENT("message_stop", "")

static void a_stream_is_a_row_of_blocks(void)
{
	CHECK_INT(answer(true, CHUNK("{\"role\":\"assistant\",\"content\":\"\"}") CHUNK("{\"reasoning_content\":\"h\"}")
			       CHUNK("{\"reasoning_content\":\"m\"}") CHUNK("{\"content\":\"I\"}") CHUNK("{\"content\":\" do\"}")
			       CHUNK("{\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}")
			       CHUNK("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]}")
			       CHUNK("{\"tool_calls\":[{\"index\":1,\"id\":\"t2\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]}")
			       END("tool_calls")), 0);
	CHECK_TEXT(out.data,
		   STARTED BEGUN("0", "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"")
		   DELTA("0", "\"type\":\"thinking_delta\",\"thinking\":\"h\"") DELTA("0", "\"type\":\"thinking_delta\",\"thinking\":\"m\"")
		   DELTA("0", "\"type\":\"signature_delta\",\"signature\":\"tollgate.1.unsigned..\"")
		   STOPPED("0") BEGUN("1", "\"type\":\"text\",\"text\":\"\"") DELTA("1", "\"type\":\"text_delta\",\"text\":\"I\"")
		   DELTA("1", "\"type\":\"text_delta\",\"text\":\" do\"") STOPPED("1")
		   BEGUN("2", "\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}")
		   DELTA("2", "\"type\":\"input_json_delta\",\"partial_json\":\"{\"")
		   DELTA("2", "\"type\":\"input_json_delta\",\"partial_json\":\"}\"") STOPPED("2")
		   BEGUN("3", "\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"g\",\"input\":{}") STOPPED("3") ENDED("tool_use"));
}

static void signatures_of_others_are_marked(void)
{
	CHECK_INT(answer(true, CHUNK("{\"role\":\"assistant\",\"reasoning_details\":[{\"type\":\"reasoning.summary\",\"summary\":\"s\","
				     "\"format\":\"openai-responses-v1\"}]}")
			       CHUNK("{\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"ZW5j\",\"id\":\"rs_1\","
				     "\"format\":\"openai-responses-v1\"}]}")
			       CHUNK("{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"c\",\"signature\":\"c2ln\","
				     "\"format\":\"anthropic-claude-v1\"}]}")
			       CHUNK("{\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"eGFp\","
				     "\"format\":\"xai-responses-v1\"}]}") END("stop")), 0);
	CHECK_TEXT(out.data,
		   STARTED BEGUN("0", "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"")
		   DELTA("0", "\"type\":\"thinking_delta\",\"thinking\":\"s\"")
		   DELTA("0", "\"type\":\"signature_delta\",\"signature\":\"tollgate.1.openai.rs_1.ZW5j\"") STOPPED("0")
		   BEGUN("1", "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"")
		   DELTA("1", "\"type\":\"thinking_delta\",\"thinking\":\"c\"")
		   DELTA("1", "\"type\":\"signature_delta\",\"signature\":\"c2ln\"") STOPPED("1")
		   BEGUN("2", "\"type\":\"redacted_thinking\",\"data\":\"tollgate.1.xai..eGFp\"") STOPPED("2") ENDED("end_turn"));
}

static void arguments_that_come_late_find_their_call(void)
{
	CHECK_INT(answer(true, CHUNK("{\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}")
			       CHUNK("{\"tool_calls\":[{\"index\":1,\"id\":\"t2\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]}")
			       CHUNK("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]}") END("tool_calls")), 0);
	CHECK(strstr(out.data, DELTA("0", "\"type\":\"input_json_delta\",\"partial_json\":\"}\"")) != NULL);
}

int main(void)
{
	static const struct check_test tests[] = {
		TEST(a_whole_answer_is_a_message), TEST(why_it_stopped_is_said_in_anthropics_words),
		TEST(a_stream_is_a_row_of_blocks), TEST(signatures_of_others_are_marked),
		TEST(arguments_that_come_late_find_their_call)};
	int failed;

	buf_init(&out, 1 << 16);
	failed = check_run(tests, sizeof(tests) / sizeof(tests[0]));
	buf_release(&out);
	return failed;
}
