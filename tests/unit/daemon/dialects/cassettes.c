/* SPDX-License-Identifier: MIT */
/* Recorded chat completions pass through, and recorded messages are translated for clients that speak OpenAI's chat. */
#include "recorded.h"
#include "said.h"

#define COST_TEXT ",\"cost\":0.0000015,\"cost_details\":{\"upstream_inference_cost\":0.0000015}"

/* The recorded request as an OpenAI client would send it: with its own stream_options or without. */
static char *recorded_request(bool with_usage)
{
	json_t *request = json_deep_copy(json_object_get(json_object_get(recording, "request"), "body"));
	char *text;

	json_object_del(request, "stream_options");
	json_object_del(request, "usage");
	if (with_usage)
		json_object_set_new(request, "stream_options", json_pack("{s:b}", "include_usage", 1));
	if (!json_is_string(json_object_get(request, "model")))
		json_object_set_new(request, "model", json_string("deployment"));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

static bool is_usage_alone(const char *block, size_t len)
{
	json_t *data = block_data(block, len);
	const json_t *usage = json_object_get(data, "usage"), *choices = json_object_get(data, "choices");
	bool alone = json_is_object(usage) && json_is_integer(json_object_get(usage, "prompt_tokens")) &&
		     json_array_size(choices) == 0;

	json_decref(data);
	return alone;
}

static void expected_stream(struct buf *out, bool with_usage)
{
	const char *at = body;
	size_t len;

	for (; next_block(at, &len) != NULL; at += len)
		if (with_usage || !is_usage_alone(at, len))
			buf_add(out, at, len);
	if (strstr(body, "data: [DONE]") == NULL && strstr(body, "data:[DONE]") == NULL)
		buf_puts(out, "data: [DONE]\n\n");
}

static void check_finish(enum finish_reason got)
{
	const json_t *reasons = json_object_get(entry, "finish_reasons");
	const char *want = json_string_value(json_array_get(reasons, 0));
	static const struct {
		const char *name;
		enum finish_reason reason;
	} known[] = {{"stop", FINISH_STOP}, {"eos", FINISH_STOP}, {"end_turn", FINISH_STOP}, {"stop_sequence", FINISH_STOP},
		     {"length", FINISH_LENGTH}, {"max_tokens", FINISH_LENGTH}, {"tool_calls", FINISH_TOOL_CALLS},
		     {"tool_use", FINISH_TOOL_CALLS}, {"function_call", FINISH_TOOL_CALLS},
		     {"content_filter", FINISH_CONTENT_FILTER}};

	for (size_t i = 0; want != NULL && i < ARRAY_LEN(known); i++)
		if (strcmp(want, known[i].name) == 0)
			EXPECT(got == known[i].reason);
	if (want == NULL)
		EXPECT(got == FINISH_NONE);
}

/* The output without our cost in its last usage; what a provider said of its own is gone then too. */
static void check_with_cost(const struct run *r, const struct buf *want)
{
	const char *cost = strstr(r->out.data, COST_TEXT);
	struct buf rest;

	/* Groq's own x_groq is not what a client asks for. */
	if (strstr(body, "\"usage\":{\"prompt_tokens\"") == NULL || strstr(body, "\"x_groq\":{\"usage\"") != NULL)
		return;
	EXPECT(cost != NULL);
	if (cost == NULL || strstr(body, "\"cost\"") != NULL)
		return;
	buf_init(&rest, MAX_OUT);
	buf_add(&rest, r->out.data, (size_t)(cost - r->out.data));
	buf_puts(&rest, cost + strlen(COST_TEXT));
	EXPECT(strcmp(rest.data, want->data) == 0);
	buf_release(&rest);
}

static void try_pass_through(bool with_usage)
{
	char *request = recorded_request(with_usage);
	bool stream = json_is_true(json_object_get(entry, "stream"));
	struct buf want;
	struct run r;

	run_every_way(&r, &openai_chat, &openai_chat, request);
	buf_init(&want, MAX_OUT);
	if (stream)
		expected_stream(&want, with_usage);
	else
		buf_add(&want, body, body_len);
	if (has_feature("error_event_in_stream")) {
		EXPECT(r.result == ERR_INVALID);
		EXPECT(strncmp(r.out.data, want.data, r.out.len) == 0);
	} else {
		EXPECT(r.result == 0);
		if (r.result != 0)
			printf("# %s\n", r.err.text);
		if (stream && with_usage)
			check_with_cost(&r, &want);
		else
			EXPECT(strcmp(r.out.data, want.data) == 0);
		check_usage(&r.outcome.usage);
		check_finish(r.outcome.finish);
	}
	buf_release(&want);
	buf_release(&r.out);
	free(request);
}

static void try_translated(bool with_usage)
{
	bool stream = json_is_true(json_object_get(entry, "stream"));
	char request[300];
	struct said want, got;
	const char *finish;
	struct run r;

	snprintf(request, sizeof(request), "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s%s}",
		 stream ? ",\"stream\":true" : "",
		 stream && with_usage ? ",\"stream_options\":{\"include_usage\":true}" : "");
	run_every_way(&r, &openai_chat, &anthropic, request);
	said_init(&want);
	said_init(&got);
	gather_anthropic(&want, stream);
	finish = gather_openai(&got, r.out.data, stream);
	EXPECT(r.result == 0);
	EXPECT(strcmp(want.text.data, got.text.data) == 0);
	EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
	EXPECT(strcmp(want.signatures.data, got.signatures.data) == 0);
	EXPECT(same_calls(want.calls, got.calls));
	EXPECT(strcmp(finish, finish_reason_name(r.outcome.finish)) == 0);
	EXPECT(!stream || (strstr(r.out.data, "\"prompt_tokens\"") != NULL) == with_usage);
	EXPECT(!stream || strcmp(r.out.data + r.out.len - 14, "data: [DONE]\n\n") == 0);
	check_usage(&r.outcome.usage);
	check_finish(r.outcome.finish);
	said_release(&want);
	said_release(&got);
	buf_release(&r.out);
}

static void try_chat(void)
{
	try_pass_through(false);
	if (json_is_true(json_object_get(entry, "stream")))
		try_pass_through(true);
}

static void try_messages(void)
{
	try_translated(false);
	try_translated(true);
}

static void try_chat_error(void)
{
	try_error(&openai_chat);
}

static void try_messages_error(void)
{
	try_error(&anthropic);
}

static void recorded_chat_passes_through(void)
{
	each_entry("chat.completions", true, try_chat);
}

static void recorded_messages_are_translated(void)
{
	each_entry("messages", true, try_messages);
}

static void recorded_errors_are_understood(void)
{
	each_entry("chat.completions", false, try_chat_error);
	each_entry("messages", false, try_messages_error);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_chat_passes_through),
						  TEST(recorded_messages_are_translated),
						  TEST(recorded_errors_are_understood)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
