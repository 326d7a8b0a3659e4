/* SPDX-License-Identifier: MIT */
/* Recorded responses pass through and are answered to clients of chat; recorded messages and chats are answered as responses. */
#include "recorded.h"
#include "said.h"

static char *recorded_request(bool with_cost)
{
	json_t *request = json_deep_copy(json_object_get(json_object_get(recording, "request"), "body"));
	char *text;

	if (with_cost)
		json_object_set_new(request, "usage", json_pack("{s:b}", "include", 1));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	return text;
}

/* The output of the response, as the stream ends with it or the answer is. */
static json_t *recorded_response(void)
{
	const char *at = body;
	json_t *found = NULL;
	size_t len;

	if (!json_is_true(json_object_get(entry, "stream")))
		return json_loads(body, 0, NULL);
	for (; next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len), *response = json_object_get(data, "response");

		if (json_is_object(json_object_get(response, "usage"))) {
			json_decref(found);
			found = json_incref(response);
		}
		json_decref(data);
	}
	return found;
}

static void check_finish(enum finish_reason got, const json_t *response)
{
	const char *reason = text_at(json_object_get(response, "incomplete_details"), "reason");
	bool calls = false;
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(response, "output"), i, item)
		calls = calls || strcmp(text_at(item, "type"), "function_call") == 0;
	if (strcmp(reason, "content_filter") == 0)
		EXPECT(got == FINISH_CONTENT_FILTER);
	else if (*reason != '\0')
		EXPECT(got == FINISH_LENGTH);
	else if (strncmp(text_at(response, "status"), "complete", 8) == 0)
		EXPECT(got == (calls ? FINISH_TOOL_CALLS : FINISH_STOP));
	else
		EXPECT(got == FINISH_NONE);
}

static void check_cost(const struct buf *out, const json_t *response)
{
	static const char ours[] = "\"cost\":0.0000015,";

	if (json_is_object(json_object_get(response, "usage")))
		EXPECT(strstr(out->data, ours) != NULL);
}

static void try_pass_through(bool with_cost)
{
	char *request = recorded_request(with_cost);
	json_t *response = recorded_response();
	struct run r;

	run_every_way(&r, &openai_responses, &openai_responses, request);
	EXPECT(r.result == 0);
	if (r.result != 0)
		printf("# %s\n", r.err.text);
	if (with_cost)
		check_cost(&r.out, response);
	else
		EXPECT(strcmp(r.out.data, body) == 0);
	check_usage(&r.outcome.usage);
	check_finish(r.outcome.finish, response);
	buf_release(&r.out);
	json_decref(response);
	free(request);
}

/* The chat of a client whose provider answers so. */

/* What is encrypted is encrypted once more at the end of a stream, so the items count as they are done. */
static void gather_recorded(struct said *s, bool stream, const json_t *response)
{
	const char *at = body;
	size_t len;

	if (!stream)
		gather_response(s, response);
	for (; stream && next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len);

		if (strcmp(text_at(data, "type"), "response.output_item.done") == 0)
			gather_output_item(s, json_object_get(data, "item"));
		json_decref(data);
	}
}

static void try_for_chat_client(bool with_usage)
{
	bool stream = json_is_true(json_object_get(entry, "stream"));
	json_t *response = recorded_response();
	char request[300];
	struct said want, got;
	const char *finish;
	struct run r;

	snprintf(request, sizeof(request), "{\"model\":\"c\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s%s}",
		 stream ? ",\"stream\":true" : "",
		 stream && with_usage ? ",\"stream_options\":{\"include_usage\":true}" : "");
	run_every_way(&r, &openai_chat, &openai_responses, request);
	said_init(&want);
	said_init(&got);
	gather_recorded(&want, stream, response);
	finish = gather_openai(&got, r.out.data, stream);
	EXPECT(r.result == 0);
	EXPECT(strcmp(want.text.data, got.text.data) == 0);
	EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
	EXPECT(strcmp(want.signatures.data, got.signatures.data) == 0);
	EXPECT(same_calls(want.calls, got.calls));
	EXPECT(strcmp(finish, finish_reason_name(r.outcome.finish)) == 0);
	EXPECT(!stream || (strstr(r.out.data, "\"prompt_tokens\"") != NULL) == with_usage);
	check_usage(&r.outcome.usage);
	check_finish(r.outcome.finish, response);
	said_release(&want);
	said_release(&got);
	buf_release(&r.out);
	json_decref(response);
}

/* A client that speaks Responses, whose provider answers in another way. */

/* What the pieces of a stream add up to, an item for each of the output. */
static json_t *collect_stream(const char *text)
{
	json_t *items = json_array(), *last = NULL;
	json_int_t number = 0;
	const char *at = text;
	size_t len;

	for (; next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len), *item;
		const char *type = text_at(data, "type"), *delta = text_at(data, "delta"), *dot;
		char member[64];

		EXPECT(json_is_object(data) && strncmp(at, "event: ", 7) == 0 && strncmp(at + 7, type, strlen(type)) == 0);
		EXPECT(json_integer_value(json_object_get(data, "sequence_number")) == number++);
		item = json_array_get(items, (size_t)json_integer_value(json_object_get(data, "output_index")));
		dot = strrchr(type, '.');
		if (strcmp(type, "response.output_item.added") == 0) {
			EXPECT(json_integer_value(json_object_get(data, "output_index")) == (json_int_t)json_array_size(items));
			json_array_append_new(items, json_object());
		} else if (strcmp(type, "response.output_item.done") == 0) {
			json_object_set(item, "done", json_object_get(data, "item"));
		} else if (dot != NULL && strcmp(dot, ".delta") == 0) {
			snprintf(member, sizeof(member), "%.*s", (int)(dot - type), type);
			json_object_set_new(item, member, json_sprintf("%s%s", text_at(item, member), delta));
		} else if (dot != NULL && strcmp(dot, ".done") == 0 && json_object_get(data, "part") == NULL) {
			snprintf(member, sizeof(member), "%.*s", (int)(dot - type), type);
			EXPECT(strcmp(text_at(item, member),
				      json_object_get(data, "text") != NULL	 ? text_at(data, "text")
				      : json_object_get(data, "refusal") != NULL ? text_at(data, "refusal")
										 : text_at(data, "arguments")) == 0);
		}
		if (strcmp(type, "response.completed") == 0 || strcmp(type, "response.incomplete") == 0) {
			json_decref(last);
			last = json_incref(json_object_get(data, "response"));
		}
		json_decref(data);
	}
	EXPECT(json_is_object(last) && json_array_size(items) == json_array_size(json_object_get(last, "output")));
	for (size_t i = 0; i < json_array_size(items); i++)
		EXPECT(json_equal(json_object_get(json_array_get(items, i), "done"),
				  json_array_get(json_object_get(last, "output"), i)));
	json_decref(items);
	return last;
}

static void check_response(const json_t *response, const struct run *r)
{
	static const char *const members[] = {"id", "object", "created_at", "status", "error", "incomplete_details", "model",
					      "output", "usage", "tools", "tool_choice", "metadata", "instructions",
					      "parallel_tool_calls", "temperature", "top_p", "text"};
	const json_t *usage = json_object_get(response, "usage");
	bool cut = r->outcome.finish == FINISH_LENGTH || r->outcome.finish == FINISH_CONTENT_FILTER;

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		EXPECT(json_object_get(response, members[i]) != NULL);
	EXPECT(strcmp(text_at(response, "status"), cut ? "incomplete" : "completed") == 0);
	EXPECT(json_integer_value(json_object_get(usage, "input_tokens")) == usage_get(&r->outcome.usage, USAGE_INPUT));
	EXPECT(json_integer_value(json_object_get(usage, "output_tokens")) == usage_get(&r->outcome.usage, USAGE_OUTPUT));
}

/* What signatures of others look like to these clients. */
static void expect_signatures(const struct said *want, const struct said *got)
{
	static const char *const marks[] = {"anthropic-claude-v1:", "google-gemini-v1:", "xai-responses-v1:", "encrypted:"};
	struct buf plain;
	const char *at = got->signatures.data;

	buf_init(&plain, MAX_OUT);
	while (*at != '\0') {
		size_t i = 0;

		while (i < ARRAY_LEN(marks) && strncmp(at, marks[i], strlen(marks[i])) != 0)
			i++;
		if (i < ARRAY_LEN(marks))
			at += strlen(marks[i]);
		else
			buf_putc(&plain, *at++);
	}
	EXPECT(strcmp(plain.data, want->signatures.data) == 0);
	buf_release(&plain);
}

/* A call without an id gets one. */
static void take_made_up_ids(json_t *want, const json_t *got)
{
	json_t *call;
	size_t i;

	json_array_foreach(want, i, call) {
		json_t *id = json_array_get(json_array_get(got, i), 0);

		if (json_string_length(json_array_get(call, 0)) > 0)
			continue;
		EXPECT(json_string_length(id) > 5);
		json_array_set(call, 0, id);
	}
}

static void try_for_responses_client(const struct dialect *target, void (*gather)(struct said *, bool stream))
{
	bool stream = json_is_true(json_object_get(entry, "stream"));
	struct said want, got;
	json_t *response;
	char request[300];
	struct run r;

	snprintf(request, sizeof(request), "{\"model\":\"c\",\"input\":\"hi\"%s}", stream ? ",\"stream\":true" : "");
	run_every_way(&r, &openai_responses, target, request);
	said_init(&want);
	said_init(&got);
	gather(&want, stream);
	EXPECT(r.result == 0 || has_feature("error_event_in_stream"));
	if (r.result == 0) {
		response = stream ? collect_stream(r.out.data) : json_loads(r.out.data, 0, NULL);
		gather_response(&got, response);
		EXPECT(strcmp(want.text.data, got.text.data) == 0);
		EXPECT(strcmp(want.reasoning.data, got.reasoning.data) == 0);
		take_made_up_ids(want.calls, got.calls);
		EXPECT(same_calls(want.calls, got.calls));
		expect_signatures(&want, &got);
		check_response(response, &r);
		check_usage(&r.outcome.usage);
		json_decref(response);
	}
	said_release(&want);
	said_release(&got);
	buf_release(&r.out);
}

/* Chat as many vendors speak it: content and reasoning as text or lists of parts, under several names. */

static void gather_content(struct said *s, const json_t *content, bool thinking)
{
	const json_t *part;
	size_t i;

	if (json_is_string(content))
		buf_puts(thinking ? &s->reasoning : &s->text, json_string_value(content));
	json_array_foreach(content, i, part) {
		buf_puts(thinking ? &s->reasoning : &s->text, text_at(part, "text"));
		gather_content(s, json_object_get(part, "thinking"), true);
	}
}

static void gather_recorded_calls(struct said *s, const json_t *calls)
{
	const json_t *item;
	size_t i;

	json_array_foreach(calls, i, item) {
		const json_t *function = json_object_get(item, "function"), *arguments = json_object_get(function, "arguments");
		const json_t *index = json_object_get(item, "index");
		char *text = json_is_object(arguments) ? json_dumps(arguments, 0) : NULL;

		if (text_at(function, "name")[0] != '\0' &&
		    (!json_is_integer(index) || (size_t)json_integer_value(index) >= json_array_size(s->calls)))
			add_call(s, text_at(item, "id"), text_at(function, "name"));
		add_arguments(s, text != NULL ? text : text_at(function, "arguments"));
		free(text);
	}
}

static void gather_recorded_message(struct said *s, const json_t *message)
{
	static const char *const names[] = {"reasoning_content", "reasoning"};
	const json_t *detail;
	bool found = false;
	json_t *calls;
	size_t i;

	for (i = 0; !found && i < ARRAY_LEN(names); i++) {
		found = text_at(message, names[i])[0] != '\0';
		buf_puts(&s->reasoning, text_at(message, names[i]));
	}
	json_array_foreach(json_object_get(message, "reasoning_details"), i, detail) {
		buf_puts(&s->signatures, text_at(detail, "signature"));
		buf_puts(&s->signatures, text_at(detail, "data"));
		if (!found) {
			buf_puts(&s->reasoning, text_at(detail, "text"));
			buf_puts(&s->reasoning, text_at(detail, "summary"));
		}
	}
	gather_content(s, json_object_get(message, "content"), false);
	buf_puts(&s->text, text_at(message, "refusal"));
	calls = calls_of(message);
	gather_recorded_calls(s, calls);
	json_decref(calls);
}

/* Of several choices the first: there is but one in a response. */
static void gather_recorded_choice(struct said *s, const json_t *data, const char *member)
{
	const json_t *choice;
	size_t i;

	json_array_foreach(json_object_get(data, "choices"), i, choice) {
		if (json_number_value(json_object_get(choice, "index")) == 0)
			gather_recorded_message(s, json_object_get(choice, member));
	}
}

static void gather_recorded_chat(struct said *s, bool stream)
{
	const char *at = body;
	json_t *data;
	size_t len;

	if (!stream) {
		/* Some numbers in there are larger than any whole number is. */
		data = json_loads(body, JSON_DECODE_INT_AS_REAL, NULL);
		gather_recorded_choice(s, data, "message");
		json_decref(data);
	}
	for (; stream && next_block(at, &len) != NULL; at += len) {
		data = block_data(at, len);
		gather_recorded_choice(s, data, "delta");
		json_decref(data);
	}
}

static void try_chats(void)
{
	try_for_responses_client(&openai_chat, gather_recorded_chat);
}

static void try_messages(void)
{
	try_for_responses_client(&anthropic, gather_anthropic);
}

static void try_responses(void)
{
	try_pass_through(false);
	try_pass_through(true);
	try_for_chat_client(false);
	try_for_chat_client(true);
}

static void try_responses_error(void)
{
	try_error(&openai_responses);
}

static void recorded_responses_pass_through_and_are_translated(void)
{
	each_entry("responses", true, try_responses);
}

static void recorded_messages_become_responses(void)
{
	each_entry("messages", true, try_messages);
}

static void recorded_chats_become_responses(void)
{
	each_entry("chat.completions", true, try_chats);
}

static void recorded_errors_are_understood(void)
{
	each_entry("responses", false, try_responses_error);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(recorded_responses_pass_through_and_are_translated),
						  TEST(recorded_messages_become_responses),
						  TEST(recorded_chats_become_responses),
						  TEST(recorded_errors_are_understood)};

	return run_recorded(tests, ARRAY_LEN(tests));
}
