/* SPDX-License-Identifier: MIT */
/* What Bedrock answers, as an OpenAI client hears it. */
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "tests/eventstream.h"

static struct outcome outcome;
static struct err err;
static struct buf stream, out;

static int answer_in_pieces(bool streamed, const char *answer, size_t len, size_t piece)
{
	static const char whole_request[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
	static const char stream_request[] = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
					     "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
	const char *request = streamed ? stream_request : whole_request, *param;
	struct interpreter_target target = {.dialect = &bedrock, .model = "m", .max_output = -1};
	struct request_facts facts;
	struct interpreter *it;
	int r;

	buf_release(&out);
	buf_init(&out, 1 << 20);
	request_facts_init(&facts);
	r = openai_chat.scan_request(request, strlen(request), &facts, &param, &err);
	it = interpreter_new(&openai_chat, request, strlen(request), &facts, &target);
	interpreter_head(it, streamed ? "application/vnd.amazon.eventstream" : "application/json");
	for (size_t at = 0; at < len && r == 0; at += piece)
		r = interpreter_feed(it, answer + at, len - at < piece ? len - at : piece, &out, &err);
	if (interpreter_end(it, r == 0, &outcome, r == 0 ? &err : NULL) < 0 && r == 0)
		r = ERR_INVALID;
	if (r == 0)
		interpreter_close(it, 1000, &out);
	interpreter_free(it);
	return r;
}

static void begin(void)
{
	buf_release(&stream);
	buf_init(&stream, 1 << 20);
	frame_event(&stream, "messageStart", "{\"role\":\"assistant\",\"p\":\"ab\"}");
}

static void delta(int block, const char *inside)
{
	char data[400];

	snprintf(data, sizeof(data), "{\"contentBlockIndex\":%d,\"delta\":{%s},\"p\":\"abc\"}", block, inside);
	frame_event(&stream, "contentBlockDelta", data);
}

static void block_event(const char *name, const char *data)
{
	frame_event(&stream, name, data);
}

static void end(const char *stop_reason, const char *usage)
{
	char data[400];

	snprintf(data, sizeof(data), "{\"stopReason\":\"%s\"}", stop_reason);
	frame_event(&stream, "messageStop", data);
	if (usage == NULL)
		return;
	snprintf(data, sizeof(data), "{\"usage\":%s,\"metrics\":{\"latencyMs\":5}}", usage);
	frame_event(&stream, "metadata", data);
}

/* The members of the deltas of what came out, one after the other. */
static void check_deltas(const char *want)
{
	for (size_t piece = 1; piece <= stream.len; piece++) {
		static const char mark[] = "\"delta\":{";
		const char *at;
		struct buf deltas;

		CHECK_INT(answer_in_pieces(true, stream.data, stream.len, piece), 0);
		buf_init(&deltas, 1 << 20);
		for (at = out.data; (at = strstr(at, mark)) != NULL; buf_putc(&deltas, '\n')) {
			at += sizeof(mark) - 1;
			buf_add(&deltas, at, (size_t)(strstr(at, "},\"finish_reason\"") - at));
		}
		CHECK_TEXT(deltas.data, want);
		buf_release(&deltas);
	}
}

static void a_stream_of_text_needs_no_beginning_of_its_block(void)
{
	begin();
	delta(0, "\"text\":\"Hel\"");
	delta(0, "\"text\":\"\"");
	delta(0, "\"text\":\"lo\"");
	block_event("contentBlockStop", "{\"contentBlockIndex\":0}");
	end("end_turn", "{\"inputTokens\":7,\"outputTokens\":2,\"totalTokens\":9}");
	check_deltas("\"role\":\"assistant\",\"content\":\"\"\n\"content\":\"Hel\"\n\"content\":\"lo\"\n\n");
	CHECK_INT(outcome.finish, FINISH_STOP);
	CHECK_INT(outcome.usage.count[USAGE_INPUT], 7);
	CHECK_INT(outcome.usage.count[USAGE_OUTPUT], 2);
	CHECK_INT(outcome.usage.source[USAGE_CACHE_READ], USAGE_NONE);
	CHECK_INT(outcome.usage.source[USAGE_REASONING], USAGE_NONE);
	CHECK(strstr(out.data, "\"finish_reason\":\"stop\"") != NULL);
	CHECK(strncmp(out.data, "data: {\"id\":\"chatcmpl-", 22) == 0);
	CHECK(strstr(out.data, "\"prompt_tokens\":7,\"completion_tokens\":2") != NULL);
}

static void calls_are_told_apart_by_their_order(void)
{
	begin();
	block_event("contentBlockStart", "{\"contentBlockIndex\":0,\"start\":{\"toolUse\":{\"toolUseId\":\"t1\",\"name\":\"f\"}}}");
	delta(0, "\"toolUse\":{\"input\":\"\"}");
	delta(0, "\"toolUse\":{\"input\":\"{\\\"x\\\":\"}");
	delta(0, "\"toolUse\":{\"input\":\"1}\"}");
	block_event("contentBlockStop", "{\"contentBlockIndex\":0}");
	block_event("contentBlockStart", "{\"contentBlockIndex\":1,\"start\":{\"toolUse\":{\"toolUseId\":\"t2\",\"name\":\"g\"}}}");
	block_event("contentBlockStop", "{\"contentBlockIndex\":1}");
	end("tool_use", "{\"inputTokens\":7,\"outputTokens\":2}");
	check_deltas("\"role\":\"assistant\",\"content\":\"\"\n"
		     "\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]\n"
		     "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"x\\\":\"}}]\n"
		     "\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]\n"
		     "\"tool_calls\":[{\"index\":1,\"id\":\"t2\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]\n"
		     "\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{}\"}}]\n\n");
	CHECK_INT(outcome.finish, FINISH_TOOL_CALLS);
}

static void what_aws_does_itself_is_passed_over(void)
{
	begin();
	block_event("contentBlockStart", "{\"contentBlockIndex\":0,\"start\":{\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"nova_grounding\","
					 "\"type\":\"server_tool_use\"}}}");
	delta(0, "\"toolUse\":{\"input\":\"{}\"}");
	block_event("contentBlockStop", "{\"contentBlockIndex\":0}");
	block_event("contentBlockStart", "{\"contentBlockIndex\":1,\"start\":{\"toolResult\":{\"toolUseId\":\"t\"}}}");
	delta(1, "\"text\":\"hidden\"");
	block_event("contentBlockStop", "{\"contentBlockIndex\":1}");
	block_event("somethingNew", "{\"a\":1}");
	delta(2, "\"citation\":{\"title\":\"x\"}");
	delta(2, "\"text\":\"seen\"");
	end("max_tokens", NULL);
	check_deltas("\"role\":\"assistant\",\"content\":\"\"\n\"content\":\"seen\"\n\n");
	CHECK_INT(outcome.finish, FINISH_LENGTH);
	CHECK_INT(outcome.usage.source[USAGE_OUTPUT], USAGE_ESTIMATED);
}

static void reasoning_keeps_its_signatures(void)
{
	begin();
	delta(0, "\"reasoningContent\":{\"text\":\"hm\"}");
	delta(0, "\"reasoningContent\":{\"signature\":\"S\"}");
	block_event("contentBlockStop", "{\"contentBlockIndex\":0}");
	delta(1, "\"reasoningContent\":{\"redactedContent\":\"RXVRRg==\"}");
	block_event("contentBlockStop", "{\"contentBlockIndex\":1}");
	delta(2, "\"text\":\"x\"");
	end("stop_sequence", NULL);
	check_deltas("\"role\":\"assistant\",\"content\":\"\"\n"
		     "\"reasoning_content\":\"hm\",\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"hm\",\"format\":\"anthropic-claude-v1\",\"index\":0}]\n"
		     "\"reasoning_details\":[{\"type\":\"reasoning.text\",\"signature\":\"S\",\"format\":\"anthropic-claude-v1\",\"index\":0}]\n"
		     "\"reasoning_details\":[{\"type\":\"reasoning.encrypted\",\"data\":\"EuQF\",\"format\":\"anthropic-claude-v1\",\"index\":1}]\n"
		     "\"content\":\"x\"\n\n");
}

static void check_refused(const char *sentence)
{
	for (size_t piece = 1; piece <= stream.len; piece++) {
		CHECK_INT(answer_in_pieces(true, stream.data, stream.len, piece), ERR_INVALID);
		CHECK_TEXT(err.text, sentence);
	}
}

static void exceptions_are_errors_first_or_later(void)
{
	begin();
	buf_clear(&stream);
	frame_event(&stream, "validationException", "{\"message\":\"the picture is no picture\"}");
	check_refused("an error inside the answer: validationException: the picture is no picture");
	CHECK_INT(out.len, 0);
	begin();
	delta(0, "\"text\":\"x\"");
	frame_event(&stream, "modelStreamErrorException", "");
	check_refused("an error inside the answer: modelStreamErrorException");
	CHECK(strstr(out.data, "\"content\":\"x\"") != NULL);
}

static void a_stream_that_is_cut_or_spoilt_is_no_answer(void)
{
	begin();
	delta(0, "\"text\":\"x\"");
	check_refused("the stream was cut before its end");
	stream.data[stream.len - 1] ^= 1;
	check_refused("the stream is not framed as its dialect has it");
}

static void check_usage(const char *usage, int64_t input, int64_t read, int64_t write_5m, int64_t write_1h)
{
	char answer[1024];

	snprintf(answer, sizeof(answer),
		 "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"x\"}]}},\"stopReason\":\"end_turn\","
		 "\"usage\":%s}",
		 usage);
	CHECK_INT(answer_in_pieces(false, answer, strlen(answer), 1000), 0);
	CHECK_INT(outcome.usage.count[USAGE_INPUT], input);
	CHECK_INT(outcome.usage.count[USAGE_OUTPUT], 2);
	CHECK_INT(outcome.usage.count[USAGE_CACHE_READ], read);
	CHECK_INT(outcome.usage.count[USAGE_CACHE_WRITE_5M], write_5m);
	CHECK_INT(outcome.usage.count[USAGE_CACHE_WRITE_1H], write_1h);
}

static void cached_tokens_are_part_of_the_prompt(void)
{
	check_usage("{\"inputTokens\":7,\"outputTokens\":2}", 7, 0, 0, 0);
	check_usage("{\"inputTokens\":7,\"outputTokens\":2,\"cacheReadInputTokens\":10,\"cacheWriteInputTokens\":5}", 22, 10, 5, 0);
	check_usage("{\"inputTokens\":7,\"outputTokens\":2,\"cacheReadInputTokens\":0,\"cacheWriteInputTokens\":5,"
		    "\"cacheDetails\":[{\"inputTokens\":3,\"ttl\":\"1h\"},{\"inputTokens\":2,\"ttl\":\"5m\"}]}",
		    12, 0, 2, 3);
}

static void a_whole_answer_keeps_its_parts(void)
{
	static const char answer[] =
		"{\"metrics\":{\"latencyMs\":1},\"output\":{\"message\":{\"role\":\"assistant\",\"content\":["
		"{\"reasoningContent\":{\"reasoningText\":{\"text\":\"hm\",\"signature\":\"S\"}}},"
		"{\"reasoningContent\":{\"redactedContent\":\"RXVRRg==\"}},"
		"{\"text\":\"see \"},{\"citationsContent\":{\"content\":[{\"text\":\"there\"}],\"citations\":[]}},"
		"{\"toolUse\":{\"toolUseId\":\"s\",\"name\":\"n\",\"type\":\"server_tool_use\",\"input\":{}}},"
		"{\"toolUse\":{\"toolUseId\":\"t\",\"name\":\"f\",\"input\":{\"x\":1}}}]}},"
		"\"stopReason\":\"guardrail_intervened\",\"usage\":{\"inputTokens\":1,\"outputTokens\":1}}";

	CHECK_INT(answer_in_pieces(false, answer, strlen(answer), 1), 0);
	CHECK(strstr(out.data, "\"content\":\"see there\"") != NULL);
	CHECK(strstr(out.data, "\"reasoning_content\":\"hm\"") != NULL);
	CHECK(strstr(out.data, "\"signature\":\"S\"") != NULL && strstr(out.data, "\"data\":\"EuQF\"") != NULL);
	CHECK(strstr(out.data, "\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\",\"function\":{\"name\":\"f\","
			       "\"arguments\":\"{\\\"x\\\":1}\"}}]") != NULL);
	CHECK(strstr(out.data, "\"finish_reason\":\"content_filter\"") != NULL);
	CHECK_INT(answer_in_pieces(false, "{\"message\":\"no\"}", 16, 1), ERR_INVALID);
	CHECK_TEXT(err.text, "the answer has no content");
}

static void error_bodies_are_understood(void)
{
	static const char lower[] = "{\"message\":\"no such model\"}", upper[] = "{\"Message\":\"bad token\"}";
	struct upstream_error e;

	bedrock.read_error(lower, strlen(lower), &e);
	CHECK_TEXT(e.message, "no such model");
	bedrock.read_error(upper, strlen(upper), &e);
	CHECK_TEXT(e.message, "bad token");
}

CHECK_MAIN(TEST(a_stream_of_text_needs_no_beginning_of_its_block), TEST(calls_are_told_apart_by_their_order),
	   TEST(what_aws_does_itself_is_passed_over), TEST(reasoning_keeps_its_signatures),
	   TEST(exceptions_are_errors_first_or_later), TEST(a_stream_that_is_cut_or_spoilt_is_no_answer),
	   TEST(cached_tokens_are_part_of_the_prompt), TEST(a_whole_answer_keeps_its_parts), TEST(error_bodies_are_understood))
