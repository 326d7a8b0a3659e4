/* SPDX-License-Identifier: MIT */
/* Recorded answers of Gemini, of both of its hosts: to its own clients, and to OpenAI's. */
#include "recorded.h"
#include "said.h"

static bool is_array_stream(void)
{
	return strcmp(text_at(entry, "body_kind"), "jsonarray") == 0;
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
	size_t i;

	json_array_foreach(json_object_get(json_object_get(candidate, "content"), "parts"), i, part)
		gather_part(s, part);
	if (json_object_get(candidate, "finishReason") != NULL)
		*finish = json_incref(json_object_get(candidate, "finishReason"));
	else if (json_object_get(piece, "promptFeedback") != NULL)
		*finish = json_string("SAFETY");
}

static void gather_gemini(struct said *s, json_t **finish)
{
	const char *at = body;
	const json_t *piece;
	json_t *all;
	size_t len, i;

	*finish = NULL;
	if (strcmp(text_at(entry, "body_kind"), "sse") == 0) {
		for (; next_block(at, &len) != NULL; at += len) {
			json_t *data = block_data(at, len);

			gather_piece(s, data, finish);
			json_decref(data);
		}
		return;
	}
	all = json_loads(body, 0, NULL);
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
	gather_gemini(&want, &finish);
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
	gather_gemini(&want, &reason);
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
						  TEST(recorded_errors_are_understood)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
