/* SPDX-License-Identifier: MIT */
/* Streams that become responses, and responses that are streamed in unusual ways. */
#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "dialects/interpreter.h"

static struct buf out;                  /* what the client got last */
static struct outcome outcome;
static struct err err;

/* Events of a provider, as a client of the other dialect gets them; each event on a line of its own. */
static int stream(const struct dialect *client, const struct dialect *target_dialect, const char *const *events)
{
	struct interpreter_target target = {.dialect = target_dialect, .model = "m", .max_output = -1};
	const char *body = client == &openai_responses
				   ? "{\"model\":\"x\",\"input\":\"hi\",\"stream\":true}"
				   : "{\"model\":\"x\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream\":true}";
	struct request_facts facts;
	const char *param;
	struct interpreter *it;
	int r = 0;

	buf_release(&out);
	buf_init(&out, 1 << 20);
	request_facts_init(&facts);
	CHECK(client->scan_request(body, strlen(body), &facts, &param, &err) == 0);
	it = interpreter_new(client, body, strlen(body), &facts, &target);
	for (; *events != NULL && r == 0; events++) {
		r = interpreter_feed(it, "data: ", 6, &out, &err);
		r = r < 0 ? r : interpreter_feed(it, *events, strlen(*events), &out, &err);
		r = r < 0 ? r : interpreter_feed(it, "\n\n", 2, &out, &err);
	}
	if (interpreter_end(it, true, &outcome, r == 0 ? &err : NULL) < 0)
		r = ERR_INVALID;
	if (r == 0)
		interpreter_close(it, 0, &out);
	interpreter_free(it);
	return r;
}

static bool says(const char *text)
{
	return strstr(out.data, text) != NULL;
}

/* The response that the stream ends with; to be freed. */
static json_t *last_response(const char *type)
{
	char head[64];
	const char *at;
	json_t *data, *response;

	snprintf(head, sizeof(head), "event: %s\ndata: ", type);
	at = strstr(out.data, head);
	CHECK(at != NULL);
	data = at != NULL ? json_loads(at + strlen(head), JSON_DISABLE_EOF_CHECK, NULL) : NULL;
	response = json_incref(json_object_get(data, "response"));
	json_decref(data);
	return response;
}

#define CHAT(delta, finish) "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{" delta "},\"finish_reason\":" finish "}]}"
#define CALL(index, rest) "\"tool_calls\":[{\"index\":" index "," rest "}]"

static void calls_whose_arguments_come_in_turn_stay_apart(void)
{
	static const char *const events[] = {
		CHAT("\"role\":\"assistant\"", "null"),
		CHAT(CALL("0", "\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}"), "null"),
		CHAT(CALL("1", "\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}"), "null"),
		CHAT(CALL("0", "\"function\":{\"arguments\":\"{\\\"x\\\"\"}"), "null"),
		CHAT(CALL("1", "\"function\":{\"arguments\":\"[2]\"}"), "null"),
		CHAT(CALL("0", "\"function\":{\"arguments\":\":1}\"}"), "null"),
		CHAT("", "\"tool_calls\""), "[DONE]", NULL};
	json_t *response, *output;

	CHECK(stream(&openai_responses, &openai_chat, events) == 0);
	response = last_response("response.completed");
	output = json_object_get(response, "output");
	CHECK(json_array_size(output) == 2);
	CHECK_TEXT(json_string_value(json_object_get(json_array_get(output, 0), "arguments")), "{\"x\":1}");
	CHECK_TEXT(json_string_value(json_object_get(json_array_get(output, 1), "arguments")), "[2]");
	CHECK_TEXT(json_string_value(json_object_get(json_array_get(output, 1), "call_id")), "b");
	json_decref(response);
}

static void an_answer_cut_for_its_length_is_incomplete(void)
{
	static const char *const events[] = {CHAT("\"content\":\"Once\"", "null"), CHAT("", "\"length\""), "[DONE]", NULL};
	json_t *response;

	CHECK(stream(&openai_responses, &openai_chat, events) == 0);
	response = last_response("response.incomplete");
	CHECK_TEXT(json_string_value(json_object_get(json_object_get(response, "incomplete_details"), "reason")),
		   "max_output_tokens");
	CHECK_TEXT(json_string_value(json_object_get(json_array_get(json_object_get(response, "output"), 0), "status")),
		   "incomplete");
	json_decref(response);
}

static void an_answer_that_does_not_say_why_it_ended_is_completed(void)
{
	static const char *const events[] = {CHAT("\"content\":\"Once\"", "null"), "[DONE]", NULL};
	json_t *response;

	CHECK(stream(&openai_responses, &openai_chat, events) == 0);
	CHECK(says("response.output_item.done"));
	response = last_response("response.completed");
	CHECK_TEXT(json_string_value(json_object_get(response, "id")), "resp_c");
	json_decref(response);
}

static void a_call_without_arguments_has_an_empty_object_of_them(void)
{
	static const char *const events[] = {
		CHAT(CALL("0", "\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}"), "null"),
		CHAT("", "\"tool_calls\""), "[DONE]", NULL};

	CHECK(stream(&openai_responses, &openai_chat, events) == 0);
	CHECK(says("\"type\":\"response.function_call_arguments.delta\"") && says("\"delta\":\"{}\""));
	CHECK(says("\"name\":\"f\",\"arguments\":\"{}\"}"));
}

#define CREATED "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":\"gpt\",\"created_at\":5,\"status\":\"in_progress\",\"output\":[]}}"
#define MESSAGE "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hello\"}]}"
#define CALLED "{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}"
#define COMPLETED(output) "{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"model\":\"gpt\",\"status\":\"completed\",\"output\":[" output "],\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}}"

static void items_that_come_whole_are_heard(void)
{
	static const char *const events[] = {
		CREATED, "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":" MESSAGE "}",
		"{\"type\":\"response.output_item.added\",\"output_index\":1,\"item\":" CALLED "}",
		"{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":" CALLED "}", COMPLETED(MESSAGE "," CALLED), NULL};

	CHECK(stream(&openai_chat, &openai_responses, events) == 0);
	CHECK(says("\"content\":\"Hello\"") && says("\"name\":\"f\"") && says("\"arguments\":\"{\\\"a\\\":1}\""));
	CHECK(outcome.finish == FINISH_TOOL_CALLS && outcome.usage.count[USAGE_OUTPUT] == 2);
}

static void a_response_that_comes_at_its_end_alone_is_heard(void)
{
	static const char *const events[] = {CREATED, COMPLETED(MESSAGE), NULL};

	CHECK(stream(&openai_chat, &openai_responses, events) == 0);
	CHECK(says("\"content\":\"Hello\"") && outcome.finish == FINISH_STOP);
}

static void what_is_not_known_is_passed_over(void)
{
	static const char *const events[] = {
		CREATED, "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"web_search_call\"}}",
		"{\"type\":\"response.web_search_call.searching\",\"output_index\":0}",
		"{\"type\":\"response.new_thing.delta\",\"output_index\":0,\"delta\":\"hm\"}",
		"{\"type\":\"response.output_item.done\",\"output_index\":1,\"item\":" MESSAGE "}", COMPLETED(MESSAGE), "[DONE]", NULL};

	CHECK(stream(&openai_chat, &openai_responses, events) == 0);
	CHECK(says("\"content\":\"Hello\"") && !says("hm"));
}

static void a_failure_in_a_stream_is_an_error(void)
{
	static const char *const failed[] = {
		CREATED, "{\"type\":\"response.failed\",\"response\":{\"status\":\"failed\",\"error\":{\"code\":\"x\",\"message\":\"out of luck\"},"
			 "\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}", NULL};
	static const char *const wrong[] = {CREATED, "{\"type\":\"error\",\"code\":\"x\",\"message\":\"no more\"}", NULL};

	CHECK(stream(&openai_chat, &openai_responses, failed) == ERR_INVALID);
	CHECK(strstr(err.text, "out of luck") != NULL && outcome.usage.count[USAGE_INPUT] == 3);
	CHECK(stream(&openai_chat, &openai_responses, wrong) == ERR_INVALID);
	CHECK(strstr(err.text, "no more") != NULL);
}

static void a_stream_without_its_end_was_cut(void)
{
	static const char *const events[] = {
		CREATED, "{\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":" MESSAGE "}", NULL};

	CHECK(stream(&openai_chat, &openai_responses, events) == ERR_INVALID);
	CHECK(stream(&openai_responses, &openai_responses, events) == ERR_INVALID);
	buf_release(&out);
}

CHECK_MAIN(TEST(calls_whose_arguments_come_in_turn_stay_apart), TEST(an_answer_cut_for_its_length_is_incomplete),
	   TEST(an_answer_that_does_not_say_why_it_ended_is_completed),
	   TEST(a_call_without_arguments_has_an_empty_object_of_them), TEST(items_that_come_whole_are_heard),
	   TEST(a_response_that_comes_at_its_end_alone_is_heard), TEST(what_is_not_known_is_passed_over),
	   TEST(a_failure_in_a_stream_is_an_error), TEST(a_stream_without_its_end_was_cut))
