/* SPDX-License-Identifier: MIT */
/* What Anthropic answers, as an OpenAI client hears it. */
#include "base/buf.h"
#include "base/err.h"
#include "base/money.h"
#include "check.h"
#include "dialects/interpreter.h"

static struct outcome outcome;
static struct err err;
static struct buf out;

/* The seconds since 1970 in an answer are the clock's; they are taken out here. */
static void forget_when(struct buf *b)
{
	char *at = b->data;

	while ((at = strstr(at, "\"created\":")) != NULL) {
		char *from = at + 10, *to = from + strspn(from, "0123456789");

		memmove(from, to, strlen(to) + 1);
		b->len -= (size_t)(to - from);
		at = from;
	}
}

static int answer_in_pieces(const char *members, const char *answer, size_t piece)
{
	struct interpreter_target target = {.dialect = &anthropic, .model = "claude", .max_output = -1};
	struct request_facts facts;
	struct interpreter *it;
	const char *param;
	char request[400];
	size_t len = strlen(answer);
	int r;

	snprintf(request, sizeof(request), "{\"model\":\"m\",%s\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", members);
	buf_release(&out);
	buf_init(&out, 1 << 20);
	request_facts_init(&facts);
	r = openai_chat.scan_request(request, strlen(request), &facts, &param, &err);
	it = interpreter_new(&openai_chat, request, strlen(request), &facts, &target);
	for (size_t at = 0; at < len && r == 0; at += piece)
		r = interpreter_feed(it, answer + at, len - at < piece ? len - at : piece, &out, &err);
	if (r == 0)
		r = interpreter_end(it, true, &outcome, &err);
	else
		interpreter_end(it, false, &outcome, NULL);
	if (r == 0)
		interpreter_close(it, 129000, &out);
	interpreter_free(it);
	forget_when(&out);
	return r;
}

static void check_answer(const char *members, const char *answer, const char *want)
{
	for (size_t piece = strlen(answer); piece > 0; piece = piece > 20 ? piece / 2 : piece - 1) {
		CHECK_INT(answer_in_pieces(members, answer, piece), 0);
		CHECK_TEXT(out.data, want);
	}
}

static void check_count(enum usage_field field, int64_t want)
{
	CHECK_INT(outcome.usage.source[field], want < 0 ? USAGE_NONE : USAGE_REPORTED);
	CHECK_INT(outcome.usage.count[field], want < 0 ? 0 : want);
}

static void a_whole_answer_is_translated(void)
{
	check_answer("",
		     "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":["
		     "{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"S=\"},"
		     "{\"type\":\"redacted_thinking\",\"data\":\"D\"},"
		     "{\"type\":\"text\",\"text\":\"Let \\u00e9\"},{\"type\":\"text\",\"text\":\" see\"},"
		     "{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"web_search\",\"input\":{}},"
		     "{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{\"a\": \"b\"}},"
		     "{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"g\",\"input\":{}}],"
		     "\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":10,\"cache_read_input_tokens\":100,"
		     "\"cache_creation_input_tokens\":30,\"cache_creation\":{\"ephemeral_5m_input_tokens\":20,"
		     "\"ephemeral_1h_input_tokens\":10},\"output_tokens\":7}}",
		     "{\"id\":\"msg_1\",\"object\":\"chat.completion\",\"created\":,\"model\":\"claude-x\",\"choices\":["
		     "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Let \\u00e9 see\",\"refusal\":null,"
		     "\"reasoning_content\":\"hm\",\"reasoning_details\":["
		     "{\"type\":\"reasoning.text\",\"text\":\"hm\",\"signature\":\"S=\",\"format\":\"anthropic-claude-v1\",\"index\":0},"
		     "{\"type\":\"reasoning.encrypted\",\"data\":\"D\",\"format\":\"anthropic-claude-v1\",\"index\":1}],"
		     "\"tool_calls\":["
		     "{\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": \\\"b\\\"}\"}},"
		     "{\"id\":\"t2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]},"
		     "\"logprobs\":null,\"finish_reason\":\"tool_calls\"}],"
		     "\"usage\":{\"prompt_tokens\":140,\"completion_tokens\":7,\"total_tokens\":147,"
		     "\"prompt_tokens_details\":{\"cached_tokens\":100,\"cache_write_tokens\":30}}}");
	check_count(USAGE_INPUT, 140);
	check_count(USAGE_CACHE_READ, 100);
	check_count(USAGE_CACHE_WRITE_5M, 20);
	check_count(USAGE_CACHE_WRITE_1H, 10);
	check_count(USAGE_OUTPUT, 7);
	check_count(USAGE_REASONING, -1);
	CHECK_TEXT(outcome.model, "claude-x");
	CHECK_TEXT(outcome.upstream_id, "msg_1");
}

#define E(type, members) "event: " type "\ndata: {\"type\":\"" type "\"" members "}\n\n"
#define START                                                                                      \
	E("message_start", ",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-x\",\"content\":[],\"usage\":{\"input_tokens\":10," \
			   "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":5,\"output_tokens\":2}}")
#define TEXT_BLOCK                                                                                 \
	E("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}") \
	E("ping", "")                                                                              \
	E("content_block_delta", ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Let\"}") \
	E("content_block_stop", ",\"index\":0")
#define STOP(reason)                                                                               \
	E("message_delta", ",\"delta\":{\"stop_reason\":\"" reason "\"},\"usage\":{\"output_tokens\":42}") \
	E("message_stop", "")

#define CHUNK(choices) "data: {\"id\":\"msg_1\",\"object\":\"chat.completion.chunk\",\"created\":,\"model\":\"claude-x\",\"choices\":[" choices "]"
#define DELTA(delta) CHUNK("{\"index\":0,\"delta\":{" delta "},\"finish_reason\":null}") "}\n\n"
#define ROLE DELTA("\"role\":\"assistant\",\"content\":\"\"")
#define FINISHED(reason) CHUNK("{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}") "}\n\n"
#define DONE "data: [DONE]\n\n"
#define STREAM "\"stream\":true,"

static void a_stream_of_text_is_translated(void)
{
	check_answer(STREAM, START TEXT_BLOCK STOP("end_turn"), ROLE DELTA("\"content\":\"Let\"") FINISHED("stop") DONE);
	check_count(USAGE_INPUT, 15);
	check_count(USAGE_CACHE_READ, 5);
	check_count(USAGE_OUTPUT, 42);
	CHECK_INT(outcome.finish, FINISH_STOP);
	CHECK_INT(outcome.text_bytes, 3);
	CHECK(outcome.complete);
	check_answer(STREAM "\"stream_options\":{\"include_usage\":true},", START TEXT_BLOCK STOP("max_tokens"),
		     ROLE DELTA("\"content\":\"Let\"") FINISHED("length")
		     CHUNK("") ",\"usage\":{\"prompt_tokens\":15,\"completion_tokens\":42,\"total_tokens\":57,"
		     "\"prompt_tokens_details\":{\"cached_tokens\":5,\"cache_write_tokens\":0},"
		     "\"cost\":0.000129,\"cost_details\":{\"upstream_inference_cost\":0.000129}}}\n\n" DONE);
}

static void a_stream_of_calls_is_translated(void)
{
	check_answer(STREAM,
		     START TEXT_BLOCK
		     E("content_block_start", ",\"content_block\":{\"type\":\"tool_use\",\"id\":\"t1\",\"name\":\"f\",\"input\":{}}")
		     E("content_block_delta", ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}")
		     E("content_block_delta", ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":\"}")
		     E("content_block_delta", ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"1}\"}")
		     E("content_block_stop", "")
		     E("content_block_start", ",\"content_block\":{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":\"w\",\"input\":{}}")
		     E("content_block_delta", ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}")
		     E("content_block_stop", "")
		     E("content_block_start", ",\"content_block\":{\"type\":\"tool_use\",\"id\":\"t2\",\"name\":\"g\",\"input\":{}}")
		     E("content_block_stop", "") STOP("tool_use"),
		     ROLE DELTA("\"content\":\"Let\"")
		     DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]")
		     DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":\"}}]")
		     DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]")
		     DELTA("\"tool_calls\":[{\"index\":1,\"id\":\"t2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]")
		     DELTA("\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{}\"}}]")
		     FINISHED("tool_calls") DONE);
}

static void a_stream_of_reasoning_is_translated(void)
{
	check_answer(STREAM,
		     START E("content_block_start", ",\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}")
		     E("content_block_delta", ",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}")
		     E("content_block_delta", ",\"delta\":{\"type\":\"signature_delta\",\"signature\":\"S\"}")
		     E("content_block_stop", "")
		     E("content_block_start", ",\"content_block\":{\"type\":\"redacted_thinking\",\"data\":\"D\"}")
		     E("content_block_stop", "") TEXT_BLOCK STOP("refusal"),
		     ROLE DELTA("\"reasoning_content\":\"hm\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\","
				"\"format\":\"anthropic-claude-v1\",\"index\":0}]")
		     DELTA("\"reasoning_details\":[{\"type\":\"reasoning.text\",\"signature\":\"S\",\"format\":\"anthropic-claude-v1\",\"index\":0}]")
		     DELTA("\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"D\",\"format\":\"anthropic-claude-v1\",\"index\":1}]")
		     DELTA("\"content\":\"Let\"") FINISHED("content_filter") DONE);
}

static void the_count_a_stream_begins_with_is_not_the_count_it_ends_with(void)
{
	CHECK_INT(answer_in_pieces(STREAM, START TEXT_BLOCK, 50), ERR_INVALID);
	CHECK(strstr(err.text, "cut") != NULL);
	check_count(USAGE_INPUT, 15);
	CHECK_INT(outcome.usage.source[USAGE_OUTPUT], USAGE_ESTIMATED);
	CHECK_INT(outcome.usage.count[USAGE_OUTPUT], 1);
	CHECK(!outcome.complete);
}

static void an_error_inside_an_answer_is_no_answer(void)
{
	const char *busy = E("error", ",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}");

	CHECK_INT(answer_in_pieces(STREAM, busy, 9), ERR_INVALID);
	CHECK(strstr(err.text, "Overloaded") != NULL && out.len == 0);
	CHECK_INT(answer_in_pieces("", "{\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}", 9), ERR_INVALID);
	CHECK(strstr(err.text, "api_error") != NULL && out.len == 0);
	CHECK_INT(answer_in_pieces("", "{\"type\":\"message\"}", 9), ERR_INVALID);
	CHECK_INT(answer_in_pieces(STREAM, "", 9), ERR_INVALID);
}

CHECK_MAIN(TEST(a_whole_answer_is_translated), TEST(a_stream_of_text_is_translated),
	   TEST(a_stream_of_calls_is_translated), TEST(a_stream_of_reasoning_is_translated),
	   TEST(the_count_a_stream_begins_with_is_not_the_count_it_ends_with),
	   TEST(an_error_inside_an_answer_is_no_answer))
