/* SPDX-License-Identifier: MIT */
/* Recorded answers of Bedrock's Converse, whole and streamed, become OpenAI's: whole, byte by byte and cut at random. */
#include "recorded.h"
#include "said.h"

/* What only its author can read stands in base 64 here. */
static void gather_redacted(struct said *s, const json_t *content)
{
	const char *text = text_at(content, "redactedContent");

	EXPECT(base64_decode(text, strlen(text), &s->signatures));
}

static void gather_block(struct said *s, const json_t *block)
{
	const json_t *call = json_object_get(block, "toolUse"), *reasoning = json_object_get(block, "reasoningContent");
	const json_t *thought = json_object_get(reasoning, "reasoningText"), *item;
	size_t i;

	buf_puts(&s->text, text_at(block, "text"));
	json_array_foreach(json_object_get(json_object_get(block, "citationsContent"), "content"), i, item)
		buf_puts(&s->text, text_at(item, "text"));
	buf_puts(&s->reasoning, text_at(thought, "text"));
	buf_puts(&s->signatures, text_at(thought, "signature"));
	gather_redacted(s, reasoning);
	if (call != NULL && strcmp(text_at(call, "type"), "server_tool_use") != 0) {
		char *input = json_dumps(json_object_get(call, "input"), 0);

		add_call(s, text_at(call, "toolUseId"), text_at(call, "name"));
		add_arguments(s, input);
		free(input);
	}
}

static uint32_t number_at(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void gather_frame(struct said *s, const json_t *data)
{
	const json_t *delta = json_object_get(data, "delta"), *reasoning = json_object_get(delta, "reasoningContent");
	const json_t *call = json_object_get(json_object_get(data, "start"), "toolUse");

	if (call != NULL)
		add_call(s, text_at(call, "toolUseId"), text_at(call, "name"));
	buf_puts(&s->text, text_at(delta, "text"));
	buf_puts(&s->reasoning, text_at(reasoning, "text"));
	buf_puts(&s->signatures, text_at(reasoning, "signature"));
	gather_redacted(s, reasoning);
	if (json_object_get(delta, "toolUse") != NULL)
		add_arguments(s, text_at(json_object_get(delta, "toolUse"), "input"));
}

static void gather_converse(struct said *s, bool stream)
{
	json_t *data, *block;
	size_t i;

	if (!stream) {
		data = json_loads(body, 0, NULL);
		json_array_foreach(json_object_get(json_object_get(json_object_get(data, "output"), "message"), "content"),
				   i, block)
			gather_block(s, block);
		json_decref(data);
		return;
	}
	for (size_t at = 0; at + 16 <= body_len; at += number_at(body + at)) {
		size_t total = number_at(body + at), headers = number_at(body + at + 4);

		data = json_loadb(body + at + 12 + headers, total - headers - 16, 0, NULL);
		gather_frame(s, data);
		json_decref(data);
	}
}

static void check_finish(enum finish_reason got)
{
	static const struct {
		const char *name;
		enum finish_reason reason;
	} known[] = {{"end_turn", FINISH_STOP}, {"tool_use", FINISH_TOOL_CALLS}, {"max_tokens", FINISH_LENGTH},
		     {"guardrail_intervened", FINISH_CONTENT_FILTER}};
	const char *want = json_string_value(json_array_get(json_object_get(entry, "finish_reasons"), 0));
	bool found = false;

	for (size_t i = 0; want != NULL && i < ARRAY_LEN(known); i++)
		found = found || (strcmp(want, known[i].name) == 0 && got == known[i].reason);
	EXPECT(found);
}

static void check_translated(const struct run *r, bool stream, bool with_usage)
{
	struct said want, got;
	const char *finish;

	said_init(&want);
	said_init(&got);
	gather_converse(&want, stream);
	finish = gather_openai(&got, r->out.data, stream);
	EXPECT(r->result == 0);
	EXPECT(strcmp(want.text.data, got.text.data) == 0);
	EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
	EXPECT(strcmp(want.signatures.data, got.signatures.data) == 0);
	EXPECT(same_calls(want.calls, got.calls));
	EXPECT(strcmp(finish, finish_reason_name(r->outcome.finish)) == 0);
	EXPECT(!stream || (strstr(r->out.data, "\"prompt_tokens\"") != NULL) == with_usage);
	EXPECT(!stream || strcmp(r->out.data + r->out.len - 14, "data: [DONE]\n\n") == 0);
	check_usage(&r->outcome.usage);
	check_finish(r->outcome.finish);
	said_release(&want);
	said_release(&got);
}

static void try_translated(bool with_usage)
{
	bool stream = json_is_true(json_object_get(entry, "stream"));
	char request[300];
	struct run r;

	snprintf(request, sizeof(request), "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s%s}",
		 stream ? ",\"stream\":true" : "",
		 stream && with_usage ? ",\"stream_options\":{\"include_usage\":true}" : "");
	run_every_way(&r, &openai_chat, &bedrock, request);
	if (has_feature("error_event_in_stream")) {
		EXPECT(r.result == ERR_INVALID);
		EXPECT(r.out.len == 0);
		EXPECT(strstr(r.err.text, "validationException: ") != NULL);
	} else {
		check_translated(&r, stream, with_usage);
	}
	buf_release(&r.out);
}

static void try_converse(void)
{
	try_translated(false);
	try_translated(true);
}

static void try_converse_error(void)
{
	try_error(&bedrock);
}

static void recorded_answers_become_openais(void)
{
	each_entry("converse", true, try_converse);
}

static void recorded_streams_become_openais(void)
{
	each_entry("converse-stream", true, try_converse);
}

static void recorded_errors_are_understood(void)
{
	each_entry("converse", false, try_converse_error);
}

/* Claude in Anthropic's own words, which InvokeModel wraps: what comes out is what would come from Anthropic. */

static void unwrap_stream(struct buf *out)
{
	for (size_t at = 0; at + 16 <= body_len; at += number_at(body + at)) {
		size_t total = number_at(body + at), headers = number_at(body + at + 4);
		json_t *data = json_loadb(body + at + 12 + headers, total - headers - 16, 0, NULL), *event;
		struct buf plain;

		buf_init(&plain, MAX_OUT);
		EXPECT(base64_decode(text_at(data, "bytes"), strlen(text_at(data, "bytes")), &plain));
		event = json_loads(plain.data, 0, NULL);
		buf_printf(out, "event: %s\ndata: %s\n\n", text_at(event, "type"), plain.data);
		json_decref(event);
		json_decref(data);
		buf_release(&plain);
	}
}

static bool is_claude(void)
{
	const json_t *request = json_object_get(recording, "request");

	return strstr(text_at(request, "path"), "anthropic.claude") != NULL &&
	       json_object_get(json_object_get(request, "body"), "messages") != NULL;
}

static size_t num_claude;

static void try_claude(void)
{
	bool stream = json_is_true(json_object_get(entry, "stream"));
	struct buf want;
	char request[200];
	struct run r;

	if (!is_claude())
		return;
	num_claude++;
	snprintf(request, sizeof(request), "{\"model\":\"c\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}",
		 stream ? ",\"stream\":true" : "");
	run_every_way(&r, &anthropic, &anthropic_bedrock, request);
	buf_init(&want, MAX_OUT);
	if (stream)
		unwrap_stream(&want);
	else
		buf_add(&want, body, body_len);
	EXPECT(r.result == 0);
	EXPECT(strcmp(r.out.data, want.data) == 0);
	check_usage(&r.outcome.usage);
	buf_release(&want);
	buf_release(&r.out);
}

static void recorded_answers_of_claude_pass_through(void)
{
	num_claude = 0;
	each_entry("invoke", true, try_claude);
	each_entry("invoke-with-response-stream", true, try_claude);
	CHECK(num_claude >= 10);
}

static void try_count(void)
{
	static const char request[] = "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
	json_t *answer, *got;
	struct run r;

	run_every_way(&r, &anthropic_count, &bedrock_count, request);
	EXPECT(r.result == 0);
	answer = json_loads(body, 0, NULL);
	got = json_loads(r.out.data, 0, NULL);
	EXPECT(json_equal(json_object_get(got, "input_tokens"), json_object_get(answer, "inputTokens")));
	check_count(&r.outcome.usage, USAGE_INPUT, json_object_get(entry, "usage"), "input_tokens");
	json_decref(answer);
	json_decref(got);
	buf_release(&r.out);
}

static void recorded_counts_are_answered(void)
{
	each_entry("count-tokens", true, try_count);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_answers_become_openais),
						  TEST(recorded_streams_become_openais),
						  TEST(recorded_errors_are_understood),
						  TEST(recorded_answers_of_claude_pass_through),
						  TEST(recorded_counts_are_answered)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
