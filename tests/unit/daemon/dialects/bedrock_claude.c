/* SPDX-License-Identifier: MIT */
/* What clients of Anthropic's messages say to Claude on Bedrock, and what comes back in wrapped events. */
#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"
#include "tests/eventstream.h"

static char sent[4096];
static struct buf stream, out;
static struct err err;
static struct outcome outcome;

static const char hello[] = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

static struct interpreter *ask(const char *request, const char *betas, int64_t ceiling)
{
	struct interpreter_target target = {.dialect = &anthropic_bedrock, .model = "m", .max_output = ceiling};
	static struct request_facts facts;
	struct interpreter *it;
	const char *param;
	struct buf body;

	request_facts_init(&facts);
	CHECK_INT(anthropic.scan_request(request, strlen(request), &facts, &param, &err), 0);
	facts.betas = betas;
	it = interpreter_new(&anthropic, request, strlen(request), &facts, &target);
	buf_init(&body, sizeof(sent) - 1);
	CHECK_INT(interpreter_request(it, &body, &err), 0);
	CHECK_INT(jscan_value(body.data, body.len, NULL), 0);
	memcpy(sent, body.data, body.len + 1);
	buf_release(&body);
	return it;
}

static void check_sent(const char *members, const char *betas, int64_t ceiling, const char *want)
{
	char request[2048], whole[2048];

	snprintf(request, sizeof(request), "{%s}", members);
	snprintf(whole, sizeof(whole), "{%s}", want);
	interpreter_free(ask(request, betas, ceiling));
	CHECK_TEXT(sent, whole);
}

static void what_the_path_says_is_taken_out_and_the_version_put_in(void)
{
#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
#define VERSION ",\"anthropic_version\":\"bedrock-2023-05-31\""
	check_sent("\"model\":\"c\",\"max_tokens\":9,\"stream\":true," HELLO ",\"of_tomorrow\":[1]", NULL, -1,
		   "\"max_tokens\":9," HELLO ",\"of_tomorrow\":[1]" VERSION);
	check_sent(HELLO ",\"max_tokens\":9,\"model\":\"c\"", NULL, -1, HELLO ",\"max_tokens\":9" VERSION);
	check_sent(HELLO ",\"anthropic_version\":\"2023-06-01\",\"max_tokens\":9,\"model\":\"c\"", NULL, -1,
		   HELLO ",\"max_tokens\":9" VERSION);
	check_sent("\"model\":\"c\",\"max_tokens\":9," HELLO, NULL, 5, "\"max_tokens\":5," HELLO VERSION);
}

static void betas_that_bedrock_knows_go_into_the_body(void)
{
	check_sent("\"model\":\"c\"," HELLO, "claude-code-20250219, context-1m-2025-08-07,interleaved-thinking-2025-05-14", -1,
		   HELLO VERSION ",\"anthropic_beta\":[\"context-1m-2025-08-07\",\"interleaved-thinking-2025-05-14\"]");
	check_sent("\"model\":\"c\"," HELLO, "claude-code-20250219", -1, HELLO VERSION);
	check_sent("\"model\":\"c\"," HELLO ",\"anthropic_beta\":[\"x\"]", "context-1m-2025-08-07", -1,
		   HELLO ",\"anthropic_beta\":[\"x\"]" VERSION);
}

/* A frame around an event of Anthropic's. */
static void put_chunk(const char *event)
{
	struct buf payload;

	buf_init(&payload, 4096);
	buf_puts(&payload, "{\"bytes\":\"");
	base64_encode(event, strlen(event), &payload);
	buf_puts(&payload, "\",\"p\":\"abcdef\"}");
	frame_event(&stream, "chunk", payload.data);
	buf_release(&payload);
}

static void begin(void)
{
	buf_release(&stream);
	buf_init(&stream, 1 << 20);
}

static int read_in_pieces(size_t piece)
{
	char request[200];
	struct interpreter *it;
	int r = 0;

	snprintf(request, sizeof(request), "{\"model\":\"c\",\"stream\":true,\"max_tokens\":9,%s}", hello);
	it = ask(request, NULL, -1);
	buf_release(&out);
	buf_init(&out, 1 << 20);
	interpreter_head(it, "application/vnd.amazon.eventstream");
	for (size_t at = 0; at < stream.len && r == 0; at += piece)
		r = interpreter_feed(it, stream.data + at, stream.len - at < piece ? stream.len - at : piece, &out, &err);
	if (interpreter_end(it, r == 0, &outcome, r == 0 ? &err : NULL) < 0 && r == 0)
		r = ERR_INVALID;
	if (r == 0)
		interpreter_close(it, 1000, &out);
	interpreter_free(it);
	return r;
}

#define START "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",\"usage\":{\"input_tokens\":7,\"output_tokens\":1}}}"
#define DELTA "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":3}}"
#define STOP "{\"type\":\"message_stop\",\"amazon-bedrock-invocationMetrics\":{\"outputTokenCount\":99}}"

static void wrapped_events_come_out_as_anthropics_own(void)
{
	begin();
	put_chunk(START);
	put_chunk("{\"type\":\"event_of_tomorrow\",\n\"x\":1}");
	put_chunk(DELTA);
	put_chunk(STOP);
	for (size_t piece = 1; piece <= stream.len; piece++) {
		CHECK_INT(read_in_pieces(piece), 0);
		CHECK_TEXT(out.data, "event: message_start\ndata: " START "\n\nevent: event_of_tomorrow\ndata: "
				     "{\"type\":\"event_of_tomorrow\", \"x\":1}\n\nevent: message_delta\ndata: " DELTA
				     "\n\nevent: message_stop\ndata: " STOP "\n\n");
		CHECK_INT(outcome.usage.count[USAGE_INPUT], 7);
		CHECK_INT(outcome.usage.count[USAGE_OUTPUT], 3);
		CHECK_TEXT(outcome.model, "claude");
	}
}

static void exceptions_are_errors(void)
{
	begin();
	frame_event(&stream, "throttlingException", "{\"message\":\"slow \\\"down\\\"\"}");
	CHECK_INT(read_in_pieces(9), ERR_INVALID);
	CHECK_TEXT(err.text, "an error inside the answer: slow \"down\"");
	CHECK_INT(out.len, 0);
	begin();
	frame_event(&stream, "internalServerException", "");
	CHECK_INT(read_in_pieces(9), ERR_INVALID);
	CHECK_TEXT(err.text, "an error inside the answer: internalServerException");
}

static void what_holds_no_event_is_no_such_stream(void)
{
	static const char *const payloads[] = {"{}", "{\"bytes\":\"!\"}", "{\"bytes\":\"bm8ganNvbg==\"}", "no json", "{\"bytes\":1}"};

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		begin();
		frame_event(&stream, "chunk", payloads[i]);
		CHECK_INT(read_in_pieces(5), ERR_INVALID);
		CHECK_TEXT(err.text, "the stream is not framed as its dialect has it");
	}
}

CHECK_MAIN(TEST(what_the_path_says_is_taken_out_and_the_version_put_in), TEST(betas_that_bedrock_knows_go_into_the_body),
	   TEST(wrapped_events_come_out_as_anthropics_own), TEST(exceptions_are_errors),
	   TEST(what_holds_no_event_is_no_such_stream))
