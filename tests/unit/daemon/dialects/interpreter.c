/* SPDX-License-Identifier: MIT */
/* Bytes that pass through: both sides speak OpenAI's chat dialect. */
#include "dialects/interpreter.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/money.h"
#include "check.h"
#include "dialects/provider_kind.h"

#define HELLO "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]"
#define ASKS(members) "{\"model\":\"smart\"," members HELLO "}"

/* Everything about one exchange; the functions below fill it in. */
static struct exchange {
	struct request_facts facts;
	struct interpreter_target target;
	struct interpreter *it;
	struct buf out;
	struct outcome outcome;
	struct err err;
} x;

static void begin(const char *request, unsigned quirks, int64_t max_output)
{
	const char *param;

	memset(&x, 0, sizeof(x));
	buf_init(&x.out, 1 << 20);
	request_facts_init(&x.facts);
	CHECK_INT(openai_chat.scan_request(request, strlen(request), &x.facts, &param, &x.err), 0);
	x.target = (struct interpreter_target){
		.dialect = &openai_chat, .model = "gpt-x", .quirks = quirks, .max_output = max_output};
	x.it = interpreter_new(&openai_chat, request, strlen(request), &x.facts, &x.target);
}

static void finish(void)
{
	interpreter_free(x.it);
	buf_release(&x.out);
}

static void check_request(const char *request, unsigned quirks, int64_t max_output, const char *want)
{
	begin(request, quirks, max_output);
	CHECK_INT(interpreter_request(x.it, &x.out, &x.err), 0);
	CHECK_TEXT(x.out.data, want);
	finish();
}

/* Feeds the answer in pieces; 0 when feed and end were content.  What came out before the end is in
 * x.out; close is the caller's. */
static int answer_in_pieces(const char *request, const char *answer, size_t piece)
{
	size_t len = strlen(answer);
	int r = 0;

	begin(request, 0, -1);
	for (size_t at = 0; at < len && r == 0; at += piece)
		r = interpreter_feed(x.it, answer + at, len - at < piece ? len - at : piece, &x.out, &x.err);
	return r < 0 ? r : interpreter_end(x.it, true, &x.outcome, &x.err);
}

/* The answer comes out as wanted, however it is cut. */
static void check_answer(const char *request, const char *answer, int64_t cost_nusd, const char *want)
{
	for (size_t piece = strlen(answer); piece > 0; piece = piece > 40 ? piece / 2 : piece - 1) {
		CHECK_INT(answer_in_pieces(request, answer, piece), 0);
		interpreter_close(x.it, cost_nusd, &x.out);
		CHECK_TEXT(x.out.data, want);
		CHECK(x.outcome.complete);
		if (piece > 1)
			finish();
	}
	interpreter_free(x.it);
	x.it = NULL;
	buf_release(&x.out);
}

static void check_refused(const char *request, const char *answer, const char *put_out, const char *why)
{
	for (size_t piece = strlen(answer) + 1; piece > 0; piece--) {
		CHECK_INT(answer_in_pieces(request, answer, piece), ERR_INVALID);
		CHECK_TEXT(x.out.data, put_out);
		CHECK(strstr(x.err.text, why) != NULL);
		if (strstr(x.err.text, why) == NULL)
			printf("# %s\n", x.err.text);
		finish();
	}
}

static void only_the_model_is_replaced(void)
{
	check_request("{ \"model\" : \"smart\",\n\"unheard_of\": [1.50, {\"model\":\"smart\"}], " HELLO " }", 0, -1,
		      "{ \"model\" : \"gpt-x\",\n\"unheard_of\": [1.50, {\"model\":\"smart\"}], " HELLO " }");
	check_request(ASKS("\"stream_options\":{},\"max_tokens\":5,"), 0, -1,
		      "{\"model\":\"gpt-x\",\"stream_options\":{},\"max_tokens\":5," HELLO "}");
}

static void a_stream_is_asked_for_its_usage(void)
{
	check_request(ASKS("\"stream\":true,"), 0, -1,
		      "{\"model\":\"gpt-x\",\"stream\":true," HELLO ",\"stream_options\":{\"include_usage\":true}}");
	check_request(ASKS("\"stream\":true,\"stream_options\":null,"), 0, -1,
		      "{\"model\":\"gpt-x\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," HELLO "}");
	check_request(ASKS("\"stream\":true,\"stream_options\":{\"a\":1},"), 0, -1,
		      "{\"model\":\"gpt-x\",\"stream\":true,\"stream_options\":{\"a\":1,\"include_usage\":true}," HELLO "}");
	check_request(ASKS("\"stream\":true,\"stream_options\":{\"include_usage\":false},"), 0, -1,
		      "{\"model\":\"gpt-x\",\"stream\":true,\"stream_options\":{\"include_usage\":true}," HELLO "}");
	check_request(ASKS("\"stream\":true,\"stream_options\":{\"include_usage\":true},"), QUIRK_NO_STREAM_OPTIONS, -1,
		      "{\"model\":\"gpt-x\",\"stream\":true," HELLO "}");
}

static void what_is_meant_for_us_does_not_go_on(void)
{
	check_request(ASKS("\"usage\":{\"include\":true},"), 0, -1, "{\"model\":\"gpt-x\"," HELLO "}");
	check_request(ASKS("\"usage\":{\"include\":true},"), QUIRK_KNOWS_USAGE_INCLUDE, -1,
		      "{\"model\":\"gpt-x\",\"usage\":{\"include\":true}," HELLO "}");
	check_request(ASKS("\"metadata\":{\"tags\":[\"a\"]},"), 0, -1, "{\"model\":\"gpt-x\"," HELLO "}");
	check_request(ASKS("\"metadata\":{\"tags\":[\"a\"],\"b\":\"c\"},"), 0, -1,
		      "{\"model\":\"gpt-x\",\"metadata\":{\"b\":\"c\"}," HELLO "}");
	check_request(ASKS("\"metadata\":{\"tags\":\"a\"},"), 0, -1,
		      "{\"model\":\"gpt-x\",\"metadata\":{\"tags\":\"a\"}," HELLO "}");
}

static void a_ceiling_on_the_output_is_enforced(void)
{
	check_request(ASKS(""), 0, 100, "{\"model\":\"gpt-x\"," HELLO ",\"max_tokens\":100}");
	check_request(ASKS(""), QUIRK_MAX_COMPLETION_TOKENS, 100,
		      "{\"model\":\"gpt-x\"," HELLO ",\"max_completion_tokens\":100}");
	check_request(ASKS("\"max_tokens\":500,"), 0, 100, "{\"model\":\"gpt-x\",\"max_tokens\":100," HELLO "}");
	check_request(ASKS("\"max_tokens\":50,"), 0, 100, "{\"model\":\"gpt-x\",\"max_tokens\":50," HELLO "}");
	check_request(ASKS("\"max_tokens\":null,"), 0, 100, "{\"model\":\"gpt-x\",\"max_tokens\":100," HELLO "}");
}

#define HEAD "\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"gpt-x-1\","
#define USAGE_8_5 "\"prompt_tokens\":8,\"completion_tokens\":5,\"total_tokens\":13"
#define WHOLE(usage)                                                                               \
	" {" HEAD "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"hello there\"},"       \
	"\"finish_reason\":\"length\"}]" usage ",\"new\":[1.0]}\n"

static void a_whole_answer_is_handed_on_byte_for_byte(void)
{
	const char *answer = WHOLE(",\"usage\":{" USAGE_8_5 "}");

	check_answer(ASKS(""), answer, 1500, answer);
	CHECK_INT(x.outcome.usage.count[USAGE_INPUT], 8);
	CHECK_INT(x.outcome.usage.count[USAGE_OUTPUT], 5);
	CHECK_INT(x.outcome.usage.source[USAGE_OUTPUT], USAGE_REPORTED);
	CHECK_INT(x.outcome.usage.source[USAGE_CACHE_READ], USAGE_NONE);
	CHECK_INT(x.outcome.finish, FINISH_LENGTH);
	CHECK_TEXT(x.outcome.model, "gpt-x-1");
	CHECK_TEXT(x.outcome.upstream_id, "c1");
	CHECK_INT(x.outcome.text_bytes, 11);
}

static void usage_that_nobody_reports_is_estimated(void)
{
	check_answer(ASKS(""), WHOLE(""), COST_UNKNOWN, WHOLE(""));
	CHECK_INT(x.outcome.usage.source[USAGE_INPUT], USAGE_ESTIMATED);
	CHECK_INT(x.outcome.usage.source[USAGE_OUTPUT], USAGE_ESTIMATED);
	CHECK_INT(x.outcome.usage.count[USAGE_OUTPUT], 2);
	CHECK(x.outcome.usage.count[USAGE_INPUT] > 0);
}

static void the_cost_stands_in_the_usage_of_who_asks_for_it(void)
{
	const char *asks = ASKS("\"usage\":{\"include\":true},");

	check_answer(asks, "{\"choices\":[{\"message\":{}}],\"usage\":{" USAGE_8_5 "}}", 129000,
		     "{\"choices\":[{\"message\":{}}],\"usage\":{" USAGE_8_5
		     ",\"cost\":0.000129,\"cost_details\":{\"upstream_inference_cost\":0.000129}}}");
	check_answer(asks, "{\"choices\":[{\"message\":{}}],\"usage\":{\"cost\":7," USAGE_8_5 "}}", 1,
		     "{\"choices\":[{\"message\":{}}],\"usage\":{" USAGE_8_5
		     ",\"cost\":0.000000001,\"cost_details\":{\"upstream_inference_cost\":0.000000001}}}");
	check_answer(asks, "{\"choices\":[{\"message\":{}}],\"usage\":{\"cost\":7," USAGE_8_5 "}}", COST_UNKNOWN,
		     "{\"choices\":[{\"message\":{}}],\"usage\":{\"cost\":7," USAGE_8_5 "}}");
	CHECK_INT(x.outcome.usage.provider_cost_nusd, 7 * NUSD_PER_USD);
	check_answer(asks, "{\"choices\":[{\"message\":{}}],\"usage\":{" USAGE_8_5 "}}", COST_UNKNOWN,
		     "{\"choices\":[{\"message\":{}}],\"usage\":{" USAGE_8_5
		     ",\"cost\":null,\"cost_details\":{\"upstream_inference_cost\":null}}}");
}

static void what_is_no_answer_is_refused(void)
{
	check_refused(ASKS(""), "", "", "empty");
	check_refused(ASKS(""), "<html>", "", "not valid JSON");
	check_refused(ASKS(""), "{\"choices\":[", "", "not valid JSON");
	check_refused(ASKS(""), "{\"error\":{\"message\":\"over\\u001bloaded\"}}", "", "over\\x1bloaded");
	check_refused(ASKS(""), "{\"error\":\"busy\"}", "", "busy");
	check_refused(ASKS(""), "{\"choices\":[{\"index\":0,\"error\":{\"message\":\"gone\"}}]}", "", "gone");
	check_refused(ASKS(""), "{\"choices\":[]}", "", "no choices");
	check_refused(ASKS(""), "{\"id\":\"x\"}", "", "no choices");
	check_refused(ASKS(""), "[]", "", "expected an object");
}

static void an_answer_cut_short_is_refused(void)
{
	begin(ASKS(""), 0, -1);
	CHECK_INT(interpreter_feed(x.it, "{}", 2, &x.out, &x.err), 0);
	CHECK_INT(interpreter_end(x.it, false, &x.outcome, &x.err), ERR_INVALID);
	CHECK(!x.outcome.complete);
	finish();
}

#define STREAM ASKS("\"stream\":true,")
#define STREAM_USAGE ASKS("\"stream\":true,\"stream_options\":{\"include_usage\":true},")
#define CHUNK(delta, finish) "{" HEAD "\"choices\":[{\"index\":0,\"delta\":{" delta "},\"finish_reason\":" finish "}]}"
#define EVENT(data) "data: " data "\n\n"
#define DONE EVENT("[DONE]")
#define TEXTS                                                                                      \
	": PROCESSING\n\n" EVENT(CHUNK("\"role\":\"assistant\",\"content\":\"\"", "null"))         \
		EVENT(CHUNK("\"content\":\"hello\"", "null")) EVENT(CHUNK("", "\"stop\""))
#define USAGE_CHUNK(more) "{" HEAD "\"choices\":[],\"usage\":{" USAGE_8_5 more "}}"

static void usage_nobody_asked_for_is_taken_out_of_a_stream(void)
{
	check_answer(STREAM, TEXTS EVENT(USAGE_CHUNK("")) DONE, 1500, TEXTS DONE);
	CHECK_INT(x.outcome.usage.count[USAGE_INPUT], 8);
	CHECK_INT(x.outcome.usage.source[USAGE_INPUT], USAGE_REPORTED);
	CHECK_INT(x.outcome.finish, FINISH_STOP);
	CHECK_INT(x.outcome.text_bytes, 5);
	CHECK_TEXT(x.outcome.model, "gpt-x-1");
}

static void usage_that_was_asked_for_comes_with_its_cost(void)
{
	check_answer(STREAM_USAGE, TEXTS EVENT(USAGE_CHUNK("")) DONE, 1500,
		     TEXTS EVENT(USAGE_CHUNK(
			     ",\"cost\":0.0000015,\"cost_details\":{\"upstream_inference_cost\":0.0000015}")) DONE);
}

static void a_chunk_of_ours_was_created_when_the_rest_of_its_stream_was(void)
{
	CHECK_INT(answer_in_pieces(STREAM_USAGE, TEXTS DONE, 7), 0);
	interpreter_end(x.it, true, &x.outcome, &x.err);
	interpreter_close(x.it, 1500, &x.out);
	CHECK(strstr(x.out.data, "\"created\":1,\"model\":\"gpt-x-1\",\"choices\":[],\"usage\"") != NULL);
	finish();
}

static void nothing_but_the_tail_waits_for_the_end(void)
{
	CHECK_INT(answer_in_pieces(STREAM_USAGE, TEXTS EVENT(USAGE_CHUNK("")) DONE, 7), 0);
	CHECK_TEXT(x.out.data, TEXTS);
	finish();
}

static void usage_beside_the_last_text_is_the_last_word(void)
{
	const char *finish_chunk = "{\"choices\":[{\"delta\":{\"content\":\"!\"},\"finish_reason\":\"stop\"}],"
				   "\"usage\":{" USAGE_8_5 "}}";
	char answer[2000], want[2000];

	snprintf(answer, sizeof(answer), "%sdata: %s\n\n%s", TEXTS, finish_chunk, DONE);
	check_answer(STREAM, answer, 1500, answer);
	CHECK_INT(x.outcome.usage.count[USAGE_OUTPUT], 5);
	snprintf(want, sizeof(want), "%sdata: %.*s,\"cost\":2,\"cost_details\":{\"upstream_inference_cost\":2}}}\n\n%s",
		 TEXTS, (int)strlen(finish_chunk) - 2, finish_chunk, DONE);
	check_answer(STREAM_USAGE, answer, 2 * NUSD_PER_USD, want);
}

static void usage_in_every_chunk_is_replaced_and_never_added(void)
{
#define RUNNING(text, n, finish)                                                                   \
	EVENT("{\"choices\":[{\"delta\":{\"content\":\"" text "\"},\"finish_reason\":" finish      \
	      "}],\"usage\":{\"prompt_tokens\":8,\"completion_tokens\":" n "}}")
	const char *answer = RUNNING("a", "1", "null") RUNNING("b", "2", "null") RUNNING("c", "3", "\"stop\"");

	check_answer(STREAM, answer, 0, RUNNING("a", "1", "null") RUNNING("b", "2", "null")
		     RUNNING("c", "3", "\"stop\"") DONE);
	CHECK_INT(x.outcome.usage.count[USAGE_OUTPUT], 3);
}

static void a_client_that_asks_for_usage_gets_the_estimate_where_there_is_none(void)
{
	const char *text = EVENT("{\"choices\":[{\"delta\":{\"content\":\"12345678\"},\"finish_reason\":\"stop\"}]}");

	CHECK_INT(answer_in_pieces(STREAM_USAGE, text, 5), 0);
	interpreter_close(x.it, COST_UNKNOWN, &x.out);
	CHECK(strncmp(x.out.data, text, strlen(text)) == 0);
	CHECK(strstr(x.out.data, "\"choices\":[],\"usage\":{\"prompt_tokens\":") != NULL);
	CHECK(strstr(x.out.data, "\"completion_tokens\":2,") != NULL);
	CHECK(strstr(x.out.data, "\"cost\":null,") != NULL);
	CHECK(strstr(x.out.data, "}\n\n" DONE) != NULL);
	finish();
}

static void a_stream_that_lacks_its_mark_gets_one(void)
{
	check_answer(STREAM, TEXTS, 0, TEXTS DONE);
	check_answer(STREAM, "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", 0,
		     "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" DONE);
}

static void a_stream_with_other_line_ends_keeps_them(void)
{
	const char *answer = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\r\n\r\n"
			     "data: [DONE]\r\n\r\n";

	check_answer(STREAM, answer, 0, answer);
}

static void a_stream_that_is_none_is_refused(void)
{
	check_refused(STREAM, "", "", "empty");
	check_refused(STREAM, DONE, "", "no answer");
	check_refused(STREAM, "data: rubbish\n\n", "", "not valid JSON");
	check_refused(STREAM, "<html>\n", "", "no answer");
	check_refused(STREAM, "{\"error\":{\"message\":\"busy\"}}", "", "busy");
	check_refused(STREAM, EVENT("{\"error\":{\"message\":\"busy\"}}") DONE, "", "busy");
	check_refused(STREAM, TEXTS "event: error\n" EVENT("{\"error\":{\"message\":\"busy\"}}"), TEXTS, "busy");
}

static void a_stream_cut_before_its_end_is_refused_and_estimated(void)
{
	const char *begun = EVENT("{\"choices\":[{\"delta\":{\"content\":\"12345678\"},\"finish_reason\":null}]}");

	check_refused(STREAM, begun, begun, "cut");
	CHECK_INT(answer_in_pieces(STREAM, begun, 9), ERR_INVALID);
	CHECK_INT(x.outcome.usage.source[USAGE_OUTPUT], USAGE_ESTIMATED);
	CHECK_INT(x.outcome.usage.count[USAGE_OUTPUT], 2);
	CHECK(!x.outcome.complete);
	finish();
}

/* A strict budget has reserved for so many, and a page of rubbish is no answer of a million tokens. */
static void an_estimate_is_never_more_than_was_asked_for(void)
{
	static char page[20000];
	const char *asks = ASKS("\"max_tokens\":40,\"n\":2,");

	memset(page, 'x', sizeof(page) - 1);
	CHECK_INT(answer_in_pieces(asks, page, sizeof(page)), ERR_INVALID);
	CHECK_INT(x.outcome.usage.count[USAGE_OUTPUT], 80);
	finish();
	begin(ASKS(""), 0, 100);
	interpreter_feed(x.it, page, sizeof(page) - 1, &x.out, &x.err);
	interpreter_end(x.it, true, &x.outcome, &x.err);
	CHECK_INT(x.outcome.usage.count[USAGE_OUTPUT], 100);
	finish();
}

static void a_stream_answered_with_json_becomes_a_stream(void)
{
	CHECK_INT(answer_in_pieces(STREAM_USAGE, WHOLE(",\"usage\":{" USAGE_8_5 "}") + 1, 10), 0);
	interpreter_close(x.it, 2, &x.out);
	CHECK_TEXT(interpreter_content_type(x.it), "text/event-stream");
	CHECK(strstr(x.out.data, "\"delta\":{\"content\":\"hello there\"},\"finish_reason\":null}") != NULL);
	CHECK(strstr(x.out.data, "\"delta\":{},\"finish_reason\":\"length\"}") != NULL);
	CHECK(strstr(x.out.data, "\"choices\":[],\"usage\":{" USAGE_8_5 ",\"cost\":0.000000002,") != NULL);
	CHECK(strstr(x.out.data, DONE) != NULL);
	finish();
}

CHECK_MAIN(TEST(only_the_model_is_replaced), TEST(a_stream_is_asked_for_its_usage),
	   TEST(what_is_meant_for_us_does_not_go_on), TEST(a_ceiling_on_the_output_is_enforced),
	   TEST(a_whole_answer_is_handed_on_byte_for_byte), TEST(usage_that_nobody_reports_is_estimated),
	   TEST(the_cost_stands_in_the_usage_of_who_asks_for_it), TEST(what_is_no_answer_is_refused),
	   TEST(an_answer_cut_short_is_refused), TEST(usage_nobody_asked_for_is_taken_out_of_a_stream),
	   TEST(usage_that_was_asked_for_comes_with_its_cost), TEST(a_chunk_of_ours_was_created_when_the_rest_of_its_stream_was), TEST(nothing_but_the_tail_waits_for_the_end),
	   TEST(usage_beside_the_last_text_is_the_last_word), TEST(usage_in_every_chunk_is_replaced_and_never_added),
	   TEST(a_client_that_asks_for_usage_gets_the_estimate_where_there_is_none),
	   TEST(a_stream_that_lacks_its_mark_gets_one), TEST(a_stream_with_other_line_ends_keeps_them),
	   TEST(a_stream_that_is_none_is_refused), TEST(a_stream_cut_before_its_end_is_refused_and_estimated),
	   TEST(an_estimate_is_never_more_than_was_asked_for),
	   TEST(a_stream_answered_with_json_becomes_a_stream))
