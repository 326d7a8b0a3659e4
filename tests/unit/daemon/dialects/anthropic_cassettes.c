/* SPDX-License-Identifier: MIT */
/* Recorded answers, to clients that speak Anthropic's messages: of Anthropic itself, and of all who speak OpenAI's chat. */
#include "recorded.h"
#include "said.h"

static bool is_stream(void)
{
	return json_is_true(json_object_get(entry, "stream"));
}

/* The recorded request; Vertex has its model in the path. */
static char *recorded_request(void)
{
	json_t *request = json_deep_copy(json_object_get(json_object_get(recording, "request"), "body"));
	char *text;

	if (!json_is_string(json_object_get(request, "model")))
		json_object_set_new(request, "model", json_string("m"));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

static enum finish_reason meaning_of(const char *word)
{
	static const struct {
		const char *name;
		enum finish_reason reason;
	} known[] = {{"end_turn", FINISH_STOP}, {"stop_sequence", FINISH_STOP}, {"pause_turn", FINISH_STOP},
		     {"tool_use", FINISH_TOOL_CALLS}, {"max_tokens", FINISH_LENGTH}, {"refusal", FINISH_CONTENT_FILTER}};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(word, known[i].name) == 0)
			return known[i].reason;
	return FINISH_NONE;
}

static void try_pass_through(void)
{
	const json_t *reasons = json_object_get(entry, "finish_reasons");
	const char *word = json_string_value(json_array_get(reasons, 0));
	char *request = recorded_request();
	struct run r;

	run_every_way(&r, &anthropic, &anthropic, request);
	EXPECT(r.result == 0);
	if (r.result != 0)
		printf("# %s\n", r.err.text);
	EXPECT(r.out.len == body_len && memcmp(r.out.data, body, body_len) == 0);
	check_usage(&r.outcome.usage);
	EXPECT(r.outcome.finish == meaning_of(word != NULL ? word : ""));
	buf_release(&r.out);
	free(request);
}

/* Whether the recorded answer refused, in OpenAI's own member for it. */
static bool refused;

/* -- chat completions, as an Anthropic client reads them -------------------------------------------- */

static void gather_parts(struct said *s, const json_t *content, bool thinking)
{
	const json_t *part;
	size_t i;

	if (json_is_string(content))
		buf_puts(thinking ? &s->reasoning : &s->text, json_string_value(content));
	json_array_foreach(content, i, part) {
		buf_puts(thinking ? &s->reasoning : &s->text, text_at(part, "text"));
		gather_parts(s, json_object_get(part, "thinking"), true);
	}
}

static void gather_chat_call(struct said *s, const json_t *item)
{
	const json_t *function = json_object_get(item, "function"), *arguments = json_object_get(function, "arguments");
	const char *name = text_at(function, "name");

	if (*name != '\0')
		add_call(s, text_at(item, "id"), name);
	add_arguments(s, json_is_string(arguments) ? json_string_value(arguments) : "");
}

static void gather_chat_message(struct said *s, const json_t *message)
{
	const char *reasoning = text_at(message, "reasoning_content");
	const json_t *item;
	json_t *calls;
	size_t i;

	if (*reasoning == '\0')
		reasoning = text_at(message, "reasoning");
	buf_puts(&s->reasoning, reasoning);
	json_array_foreach(json_object_get(message, "reasoning_details"), i, item) {
		buf_puts(&s->signatures, text_at(item, "signature"));
		buf_puts(&s->signatures, text_at(item, "data"));
		if (*reasoning == '\0') {
			buf_puts(&s->reasoning, text_at(item, "text"));
			buf_puts(&s->reasoning, text_at(item, "summary"));
		}
	}
	gather_parts(s, json_object_get(message, "content"), false);
	buf_puts(&s->text, text_at(message, "refusal"));
	refused = refused || text_at(message, "refusal")[0] != '\0';
	calls = calls_of(message);
	json_array_foreach(calls, i, item)
		gather_chat_call(s, item);
	json_decref(calls);
}

static void gather_chat_piece(struct said *s, const json_t *piece)
{
	const json_t *choice;
	size_t i;

	json_array_foreach(json_object_get(piece, "choices"), i, choice) {
		if (json_number_value(json_object_get(choice, "index")) != 0)
			continue;
		/* Some put all that was said so far beside each delta. */
		gather_chat_message(s, json_object_get(choice, is_stream() ? "delta" : "message"));
	}
}

static void gather_chat(struct said *s)
{
	const char *at = body;
	size_t len;

	refused = false;
	if (*body == '{' || !is_stream()) {
		json_t *all = json_loads(body, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);

		gather_chat_piece(s, all);
		json_decref(all);
		return;
	}
	for (; next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len);

		gather_chat_piece(s, data);
		json_decref(data);
	}
}

/* What a client built on Anthropic's documentation would refuse. */
static const char *check_stream(const char *text)
{
	static char reason[32];
	const char *at = text;
	size_t len, blocks = 0;
	bool open = false, stopped = false;

	reason[0] = '\0';
	for (; next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len);
		const char *type = text_at(data, "type");
		json_int_t index = json_integer_value(json_object_get(data, "index"));
		char line[64];

		snprintf(line, sizeof(line), "event: %s\n", type);
		EXPECT(strncmp(at, line, strlen(line)) == 0);
		EXPECT((at == text) == (strcmp(type, "message_start") == 0));
		EXPECT(!stopped);
		if (strcmp(type, "content_block_start") == 0) {
			EXPECT(!open && index == (json_int_t)blocks++);
			open = true;
		} else if (strcmp(type, "content_block_delta") == 0) {
			EXPECT(open && index == (json_int_t)blocks - 1);
		} else if (strcmp(type, "content_block_stop") == 0) {
			EXPECT(open && index == (json_int_t)blocks - 1);
			open = false;
		} else if (strcmp(type, "message_delta") == 0) {
			EXPECT(!open && reason[0] == '\0');
			copy_text(reason, sizeof(reason), text_at(json_object_get(data, "delta"), "stop_reason"));
		}
		stopped = strcmp(type, "message_stop") == 0;
		json_decref(data);
	}
	EXPECT(stopped);
	return reason;
}

static const char *check_whole(const char *text)
{
	static char reason[32];
	json_t *answer = json_loads(text, 0, NULL);

	EXPECT(strcmp(text_at(answer, "type"), "message") == 0 && strcmp(text_at(answer, "role"), "assistant") == 0);
	EXPECT(json_is_integer(json_object_get(json_object_get(answer, "usage"), "input_tokens")));
	copy_text(reason, sizeof(reason), text_at(answer, "stop_reason"));
	json_decref(answer);
	return reason;
}

static const char *expected_reason(const struct run *r, const struct said *want)
{
	static const char *const words[] = {
		[FINISH_NONE] = "end_turn", [FINISH_STOP] = "end_turn", [FINISH_LENGTH] = "max_tokens",
		[FINISH_TOOL_CALLS] = "tool_use", [FINISH_CONTENT_FILTER] = "refusal", [FINISH_ERROR] = "end_turn"};
	bool stops = r->outcome.finish == FINISH_STOP || r->outcome.finish == FINISH_NONE;

	/* A forced tool "stops" at OpenAI; and what it refuses stands in a member of its own. */
	if (stops && json_array_size(want->calls) > 0)
		return "tool_use";
	if (stops && refused)
		return "refusal";
	return words[r->outcome.finish];
}

/* An empty object is what no arguments are; what is none stands in one. */
static void tidy_arguments(struct said *s)
{
	json_t *call;
	size_t i;

	json_array_foreach(s->calls, i, call) {
		const char *arguments = json_string_value(json_array_get(call, 2));
		json_t *read = json_loads(arguments, 0, NULL), *wrapped;
		char *text;

		if (*arguments == '\0')
			json_array_set_new(call, 2, json_string("{}"));
		else if (!json_is_object(read)) {
			wrapped = json_pack("{s:s}", "arguments", arguments);
			text = json_dumps(wrapped, 0);
			json_array_set_new(call, 2, json_string(text));
			free(text);
			json_decref(wrapped);
		}
		json_decref(read);
	}
}

/* The signatures without our marks of whose they are: "tollgate.1.WHOSE.ID." */
static void forget_marks(struct buf *signatures)
{
	static const char mark[] = "tollgate.1.";
	struct buf bare;
	char *at = signatures->data, *next;

	buf_init(&bare, MAX_OUT);
	for (; (next = strstr(at, mark)) != NULL; at = next) {
		buf_add(&bare, at, (size_t)(next - at));
		next = strchr(next + strlen(mark), '.') + 1;
		next = strchr(next, '.') + 1;
	}
	buf_puts(&bare, at);
	buf_clear(signatures);
	buf_puts(signatures, bare.data);
	buf_release(&bare);
}

/* As an Anthropic client sees what came out. */
static void gather_out(struct said *s, struct run *r)
{
	char *recorded = body;

	body = r->out.data;
	gather_anthropic(s, is_stream());
	body = recorded;
}

/* Where the recorded call has no id, ours is some id. */
static void lend_ids(struct said *want, const struct said *got)
{
	json_t *call;
	size_t i;

	json_array_foreach(want->calls, i, call) {
		json_t *id = json_array_get(json_array_get(got->calls, i), 0);

		EXPECT(json_string_length(id) > 0);
		if (json_string_length(json_array_get(call, 0)) == 0 && id != NULL)
			json_array_set(call, 0, id);
	}
}

static void check_translated(struct run *r)
{
	struct said want, got;
	const char *reason;

	said_init(&want);
	said_init(&got);
	gather_chat(&want);
	gather_out(&got, r);
	reason = is_stream() ? check_stream(r->out.data) : check_whole(r->out.data);
	lend_ids(&want, &got);
	forget_marks(&got.signatures);
	tidy_arguments(&got);
	if (!is_stream())
		tidy_arguments(&want);
	EXPECT(strcmp(want.text.data, got.text.data) == 0);
	EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
	EXPECT(strcmp(want.signatures.data, got.signatures.data) == 0);
	EXPECT(same_calls(want.calls, got.calls));
	EXPECT(strcmp(reason, expected_reason(r, &want)) == 0);
	check_usage(&r->outcome.usage);
	said_release(&want);
	said_release(&got);
}

static void try_chat(void)
{
	char request[200];
	struct run r;

	snprintf(request, sizeof(request),
		 "{\"model\":\"c\",\"max_tokens\":99999,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}",
		 is_stream() ? ",\"stream\":true" : "");
	run_every_way(&r, &anthropic, &openai_chat, request);
	EXPECT((r.result == ERR_INVALID) == has_feature("error_event_in_stream"));
	if (r.result == 0)
		check_translated(&r);
	else if (!has_feature("error_event_in_stream"))
		printf("# %s\n", r.err.text);
	buf_release(&r.out);
}

static void try_count(void)
{
	char *request = recorded_request();
	struct run r;

	run_every_way(&r, &anthropic_count, &anthropic_count, request);
	EXPECT(r.result == 0);
	EXPECT(r.out.len == body_len && memcmp(r.out.data, body, body_len) == 0);
	check_count(&r.outcome.usage, USAGE_INPUT, json_object_get(entry, "usage"), "input_tokens");
	EXPECT(r.outcome.usage.source[USAGE_OUTPUT] == USAGE_NONE);
	buf_release(&r.out);
	free(request);
}

static void recorded_messages_pass_through(void)
{
	each_entry("messages", true, try_pass_through);
	each_few("rawPredict", true, try_pass_through);
	each_few("streamRawPredict", true, try_pass_through);
}

static void recorded_counts_pass_through(void)
{
	each_few("messages.count_tokens", true, try_count);
}

static void recorded_chat_is_translated(void)
{
	each_entry("chat.completions", true, try_chat);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_messages_pass_through), TEST(recorded_counts_pass_through),
						  TEST(recorded_chat_is_translated)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
