/* SPDX-License-Identifier: MIT */
/* Recorded answers of Gemini, of both of its hosts: to its own clients, and to OpenAI's. */
#include "recorded.h"
#include "said.h"

static bool is_array_stream(void)
{
	return strcmp(text_at(entry, "body_kind"), "jsonarray") == 0;
}

static bool is_event_stream(void)
{
	return strcmp(text_at(entry, "body_kind"), "sse") == 0;
}

static const struct dialect *dialect_of_entry(void)
{
	return is_array_stream() ? &gemini_array : &gemini;
}

static void gather_part(struct said *s, const json_t *part)
{
	const json_t *call = json_object_get(part, "functionCall");

	if (json_is_true(json_object_get(part, "thought")))
		buf_puts(&s->reasoning, text_at(part, "text"));
	else
		buf_puts(&s->text, text_at(part, "text"));
	if (call != NULL) {
		char *args = json_dumps(json_object_get(call, "args"), 0);

		add_call(s, text_at(call, "id"), text_at(call, "name"));
		add_arguments(s, args);
		free(args);
	}
	if (part != NULL && (call != NULL || json_object_get(part, "text") != NULL))
		buf_puts(&s->signatures, text_at(part, "thoughtSignature"));
}

/* Whatever its finish reason was, of the last candidate that has one. */
static void gather_piece(struct said *s, const json_t *piece, json_t **finish)
{
	const json_t *candidate = json_array_get(json_object_get(piece, "candidates"), 0), *part;
	json_t *reason = json_incref(json_object_get(candidate, "finishReason"));
	size_t i;

	json_array_foreach(json_object_get(json_object_get(candidate, "content"), "parts"), i, part)
		gather_part(s, part);
	if (reason == NULL && json_object_get(piece, "promptFeedback") != NULL)
		reason = json_string("SAFETY");
	if (reason != NULL) {
		json_decref(*finish);
		*finish = reason;
	}
}

/* text: events, where they are; else an answer or a list of them. */
static void gather_gemini(struct said *s, const char *text, bool events, json_t **finish)
{
	const char *at = text;
	const json_t *piece;
	json_t *all;
	size_t len, i;

	*finish = NULL;
	if (events) {
		for (; next_block(at, &len) != NULL; at += len) {
			json_t *data = block_data(at, len);

			gather_piece(s, data, finish);
			json_decref(data);
		}
		return;
	}
	all = json_loads(text, 0, NULL);
	EXPECT(all != NULL);
	if (json_is_object(all))
		gather_piece(s, all, finish);
	json_array_foreach(all, i, piece)
		gather_piece(s, piece, finish);
	json_decref(all);
}

static enum finish_reason meaning_of(const json_t *finish, const struct said *s)
{
	const char *word = json_is_string(finish) ? json_string_value(finish) : "";

	if (strcmp(word, "MAX_TOKENS") == 0 || json_integer_value(finish) == 2)
		return FINISH_LENGTH;
	if (strcmp(word, "SAFETY") == 0 || strcmp(word, "MODEL_ARMOR") == 0)
		return FINISH_CONTENT_FILTER;
	return json_array_size(s->calls) > 0 ? FINISH_TOOL_CALLS : FINISH_STOP;
}

/* Where the recorded call has no id, ours is some id, and no other call's. */
static void lend_ids(struct said *want, const struct said *got)
{
	json_t *call, *ids = json_object();
	size_t i;

	json_array_foreach(want->calls, i, call) {
		json_t *id = json_array_get(json_array_get(got->calls, i), 0);

		if (json_string_length(json_array_get(call, 0)) > 0 || !json_is_string(id))
			continue;
		EXPECT(json_string_length(id) > 4);
		EXPECT(json_object_get(ids, json_string_value(id)) == NULL);
		json_object_set_new(ids, json_string_value(id), json_true());
		json_array_set(call, 0, id);
	}
	json_decref(ids);
}

/* Two recordings count what was generated and not the prompt; the index then knows no usage, and we do. */
static void check_gemini_usage(const struct usage *u)
{
	if (json_is_object(json_object_get(entry, "usage")) || strstr(body, "candidatesTokenCount") == NULL) {
		check_usage(u);
		return;
	}
	EXPECT(strstr(body, "promptTokenCount") == NULL);
	EXPECT(u->source[USAGE_INPUT] == USAGE_ESTIMATED);
	EXPECT(u->source[USAGE_OUTPUT] == USAGE_REPORTED);
}

static void try_pass_through(void)
{
	char *request = json_dumps(json_object_get(json_object_get(recording, "request"), "body"), JSON_COMPACT);
	struct said want;
	json_t *finish;
	struct run r;

	run_every_way(&r, dialect_of_entry(), dialect_of_entry(), request);
	EXPECT(r.result == 0);
	if (r.result != 0)
		printf("# %s\n", r.err.text);
	EXPECT(r.out.len == body_len && strcmp(r.out.data, body) == 0);
	check_gemini_usage(&r.outcome.usage);
	said_init(&want);
	gather_gemini(&want, body, is_event_stream(), &finish);
	EXPECT(r.outcome.finish == meaning_of(finish, &want));
	said_release(&want);
	json_decref(finish);
	buf_release(&r.out);
	free(request);
}

static void check_said(const struct run *r, bool stream)
{
	struct said want, got;
	const char *finish;
	json_t *reason;

	said_init(&want);
	said_init(&got);
	gather_gemini(&want, body, is_event_stream(), &reason);
	finish = gather_openai(&got, r->out.data, stream);
	lend_ids(&want, &got);
	EXPECT(strcmp(want.text.data, got.text.data) == 0);
	EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
	EXPECT(strcmp(want.signatures.data, got.signatures.data) == 0);
	EXPECT(same_calls(want.calls, got.calls));
	EXPECT(strcmp(finish, finish_reason_name(meaning_of(reason, &want))) == 0);
	said_release(&want);
	said_release(&got);
	json_decref(reason);
}

static void try_translated(const struct dialect *target)
{
	bool stream = json_is_true(json_object_get(entry, "stream"));
	char request[300];
	struct run r;

	snprintf(request, sizeof(request), "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}",
		 stream ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "");
	run_every_way(&r, &openai_chat, target, request);
	EXPECT(r.result == 0);
	if (r.result != 0)
		printf("# %s\n", r.err.text);
	check_said(&r, stream);
	check_gemini_usage(&r.outcome.usage);
	buf_release(&r.out);
}

static void try_answer(void)
{
	try_pass_through();
	try_translated(&gemini);
	if (is_array_stream())
		try_translated(&gemini_array);
}

/* -- answers of others, to Google's clients ------------------------------------------------------- */

static bool same_meaning(const char *theirs, const json_t *ours)
{
	const char *word = json_string_value(ours);

	if (word == NULL)
		return false;
	if (strcmp(theirs, "length") == 0)
		return strcmp(word, "MAX_TOKENS") == 0;
	if (strcmp(theirs, "content_filter") == 0)
		return strcmp(word, "SAFETY") == 0;
	return strcmp(theirs, "error") == 0 || strcmp(word, "STOP") == 0;
}

/* Arguments that are no object, as models write them now and then, are kept as text in one. */
static bool same_calls_as_objects(const json_t *want, const json_t *got)
{
	const json_t *call;
	size_t i;

	json_array_foreach(want, i, call) {
		const char *text = json_string_value(json_array_get(call, 2));
		json_t *args = json_loads(text != NULL ? text : "", 0, NULL);
		bool object = json_is_object(args) || *text == '\0';

		json_decref(args);
		if (!object)
			return json_array_size(want) == json_array_size(got);
	}
	return same_calls(want, got);
}

static void gather_text(struct said *s, const json_t *content)
{
	const json_t *item;
	size_t i;

	if (json_is_string(content))
		buf_puts(&s->text, json_string_value(content));
	json_array_foreach(content, i, item)
		buf_puts(&s->text, text_at(item, "text"));
}

static void gather_call(struct said *s, const json_t *item)
{
	const json_t *function = json_object_get(item, "function"), *index = json_object_get(item, "index");
	size_t n = json_array_size(s->calls), at = (size_t)json_integer_value(index);
	const char *name = text_at(function, "name");
	json_t *call;

	if (!json_is_integer(index))
		at = *name != '\0' ? n : n - 1;
	if (*name != '\0' && at >= n)
		add_call(s, text_at(item, "id"), name);
	call = json_array_get(s->calls, at);
	if (call != NULL)
		json_array_set_new(call, 2, json_sprintf("%s%s", json_string_value(json_array_get(call, 2)), text_at(function, "arguments")));
}

/* The first choice of a recorded chat completion, as its vendor sent it. */
static void gather_chat_piece(struct said *s, const json_t *piece, const char *member)
{
	const json_t *choice, *item, *message;
	json_t *calls;
	size_t i, k;

	json_array_foreach(json_object_get(piece, "choices"), i, choice) {
		if (json_number_value(json_object_get(choice, "index")) != 0)
			continue;
		message = json_object_get(choice, member);
		gather_text(s, json_object_get(message, "content"));
		buf_puts(&s->text, text_at(message, "refusal"));
		calls = calls_of(message);
		json_array_foreach(calls, k, item)
			gather_call(s, item);
		json_decref(calls);
	}
}

static void gather_chat(struct said *s, bool stream)
{
	const char *at = body;
	size_t len;

	if (!stream) {
		json_t *all = json_loadb(body, body_len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);

		gather_chat_piece(s, all, "message");
		json_decref(all);
	}
	for (; stream && next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len);

		gather_chat_piece(s, data, "delta");
		json_decref(data);
	}
}

static void try_as_client(const struct dialect *client, const struct dialect *target)
{
	static const char request[] = "{\"contents\":[{\"parts\":[{\"text\":\"hi\"}]}]}";
	bool stream = json_is_true(json_object_get(entry, "stream"));
	struct said want, got;
	json_t *finish;
	struct run r;

	run_every_way(&r, client, target, request);
	if (has_feature("error_event_in_stream")) {
		EXPECT(r.result == ERR_INVALID);
		buf_release(&r.out);
		return;
	}
	EXPECT(r.result == 0);
	said_init(&want);
	said_init(&got);
	if (target == &anthropic)
		gather_anthropic(&want, stream);
	else
		gather_chat(&want, stream);
	gather_gemini(&got, r.out.data, stream && client == &gemini, &finish);
	EXPECT(strcmp(want.text.data, got.text.data) == 0);
	if (target == &anthropic)
		EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
	lend_ids(&want, &got);
	EXPECT(same_calls_as_objects(want.calls, got.calls));
	EXPECT(same_meaning(finish_reason_name(r.outcome.finish), finish));
	EXPECT(strstr(r.out.data, "\"usageMetadata\"") != NULL);
	said_release(&want);
	said_release(&got);
	json_decref(finish);
	buf_release(&r.out);
}

static void try_messages(void)
{
	try_as_client(&gemini, &anthropic);
	if (json_is_true(json_object_get(entry, "stream")))
		try_as_client(&gemini_array, &anthropic);
}

static void try_chat(void)
{
	try_as_client(&gemini, &openai_chat);
	if (json_is_true(json_object_get(entry, "stream")))
		try_as_client(&gemini_array, &openai_chat);
}

static void recorded_messages_reach_googles_clients(void)
{
	each_entry("messages", true, try_messages);
}

static void recorded_chat_reaches_googles_clients(void)
{
	each_entry("chat.completions", true, try_chat);
}

static void try_count(void)
{
	char *request = json_dumps(json_object_get(json_object_get(recording, "request"), "body"), JSON_COMPACT);
	struct run r;

	run_every_way(&r, &gemini_count, &gemini_count, request);
	EXPECT(r.result == 0);
	EXPECT(strcmp(r.out.data, body) == 0);
	EXPECT(r.outcome.usage.source[USAGE_INPUT] == USAGE_REPORTED && r.outcome.usage.source[USAGE_OUTPUT] == USAGE_NONE);
	check_count(&r.outcome.usage, USAGE_INPUT, json_object_get(entry, "usage"), "input_tokens");
	buf_release(&r.out);
	free(request);
}

static void recorded_counts_pass_through(void)
{
	size_t i;

	json_array_foreach(entries, i, entry) {
		if (strcmp(text_at(entry, "endpoint"), "countTokens") != 0 ||
		    json_integer_value(json_object_get(entry, "status")) != 200)
			continue;
		open_recording();
		try_count();
		close_recording();
	}
}

static void try_gemini_error(void)
{
	try_error(&gemini);
}

static void recorded_answers_pass_through_and_are_translated(void)
{
	each_entry("generateContent", true, try_answer);
}

static void recorded_streams_pass_through_and_are_translated(void)
{
	each_entry("streamGenerateContent", true, try_answer);
}

static void recorded_errors_are_understood(void)
{
	each_entry("generateContent", false, try_gemini_error);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_answers_pass_through_and_are_translated),
						  TEST(recorded_streams_pass_through_and_are_translated),
						  TEST(recorded_messages_reach_googles_clients),
						  TEST(recorded_chat_reaches_googles_clients),
						  TEST(recorded_counts_pass_through), TEST(recorded_errors_are_understood)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
