/* SPDX-License-Identifier: MIT */
/* said.h — what an answer says, gathered from the JSON of a dialect without the code under test; behind recorded.h. */
#ifndef TESTS_SAID_H
#define TESTS_SAID_H

struct said {
	struct buf text, reasoning, signatures;
	json_t *calls;                  /* [[id, name, "arguments"], …] */
};

static inline void said_init(struct said *s)
{
	buf_init(&s->text, MAX_OUT);
	buf_init(&s->reasoning, MAX_OUT);
	buf_init(&s->signatures, MAX_OUT);
	s->calls = json_array();
}

static inline void said_release(struct said *s)
{
	buf_release(&s->text);
	buf_release(&s->reasoning);
	buf_release(&s->signatures);
	json_decref(s->calls);
}

static inline void add_call(struct said *s, const char *id, const char *name)
{
	json_array_append_new(s->calls, json_pack("[s,s,s]", id, name, ""));
}

static inline void add_arguments(struct said *s, const char *more)
{
	json_t *call = json_array_get(s->calls, json_array_size(s->calls) - 1);
	const char *old = json_string_value(json_array_get(call, 2));

	if (old != NULL && *more != '\0')
		json_array_set_new(call, 2, json_sprintf("%s%s", old, more));
}

static inline void gather_anthropic_block(struct said *s, const json_t *block)
{
	const char *type = text_at(block, "type");

	if (strcmp(type, "tool_use") == 0)
		add_call(s, text_at(block, "id"), text_at(block, "name"));
	if (strcmp(type, "tool_use") == 0 && json_object_size(json_object_get(block, "input")) > 0) {
		char *input = json_dumps(json_object_get(block, "input"), 0);

		add_arguments(s, input);
		free(input);
	}
	if (strcmp(type, "text") == 0)
		buf_puts(&s->text, text_at(block, "text"));
	if (strcmp(type, "thinking") == 0) {
		buf_puts(&s->reasoning, text_at(block, "thinking"));
		buf_puts(&s->signatures, text_at(block, "signature"));
	}
	if (strcmp(type, "redacted_thinking") == 0)
		buf_puts(&s->signatures, text_at(block, "data"));
}

static inline void gather_anthropic(struct said *s, bool stream)
{
	const char *at = body;
	bool in_call = false;
	json_t *answer, *block;
	size_t len, i;

	if (!stream) {
		answer = json_loads(body, 0, NULL);
		json_array_foreach(json_object_get(answer, "content"), i, block)
			gather_anthropic_block(s, block);
		json_decref(answer);
	}
	for (; stream && next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len), *delta = json_object_get(data, "delta");

		block = json_object_get(data, "content_block");
		if (block != NULL) {
			in_call = strcmp(text_at(block, "type"), "tool_use") == 0;
			gather_anthropic_block(s, block);
		}
		buf_puts(&s->text, text_at(delta, "text"));
		buf_puts(&s->reasoning, text_at(delta, "thinking"));
		buf_puts(&s->signatures, text_at(delta, "signature"));
		if (in_call)
			add_arguments(s, text_at(delta, "partial_json"));
		json_decref(data);
	}
}

/* The calls of a message: its tools', or the one function's of old.  New reference. */
static inline json_t *calls_of(const json_t *message)
{
	json_t *old = json_object_get(message, "function_call");

	if (text_at(old, "name")[0] != '\0' || text_at(old, "arguments")[0] != '\0')
		return json_pack("[{s:O}]", "function", old);
	return json_incref(json_object_get(message, "tool_calls"));
}

static inline void gather_openai_message(struct said *s, const json_t *message)
{
	const json_t *item;
	size_t i;

	buf_puts(&s->text, text_at(message, "content"));
	buf_puts(&s->text, text_at(message, "refusal"));
	buf_puts(&s->reasoning, text_at(message, "reasoning_content"));
	json_array_foreach(json_object_get(message, "reasoning_details"), i, item) {
		buf_puts(&s->signatures, text_at(item, "signature"));
		buf_puts(&s->signatures, text_at(item, "data"));
	}
	json_array_foreach(json_object_get(message, "tool_calls"), i, item) {
		const json_t *function = json_object_get(item, "function"), *index = json_object_get(item, "index");

		if (json_object_get(item, "id") != NULL)
			add_call(s, text_at(item, "id"), text_at(function, "name"));
		EXPECT(index == NULL || (size_t)json_integer_value(index) + 1 == json_array_size(s->calls));
		add_arguments(s, text_at(function, "arguments"));
	}
}

static inline json_t *choice_of(const json_t *data)
{
	return json_array_get(json_object_get(data, "choices"), 0);
}

/* Returns the answer's finish reason, borrowed from a static buffer. */
static inline const char *gather_openai(struct said *s, const char *text, bool stream)
{
	static char finish[32];
	const char *at = text;
	size_t len, chunks = 0;

	finish[0] = '\0';
	for (; stream && next_block(at, &len) != NULL; at += len) {
		json_t *data = block_data(at, len), *choice = choice_of(data);

		if (json_is_object(data) && chunks++ == 0)
			EXPECT(strcmp(text_at(json_object_get(choice, "delta"), "role"), "assistant") == 0);
		EXPECT(finish[0] == '\0' || choice == NULL);
		gather_openai_message(s, json_object_get(choice, "delta"));
		if (text_at(choice, "finish_reason")[0] != '\0')
			copy_text(finish, sizeof(finish), text_at(choice, "finish_reason"));
		json_decref(data);
	}
	if (!stream) {
		json_t *data = json_loads(text, 0, NULL), *choice = choice_of(data);

		EXPECT(data != NULL);
		gather_openai_message(s, json_object_get(choice, "message"));
		copy_text(finish, sizeof(finish), text_at(choice, "finish_reason"));
		json_decref(data);
	}
	return finish;
}

static inline bool same_calls(const json_t *a, const json_t *b)
{
	bool same = json_array_size(a) == json_array_size(b);
	const json_t *call;
	size_t i;

	json_array_foreach(a, i, call) {
		const json_t *other = json_array_get(b, i);
		const char *left = json_string_value(json_array_get(call, 2));
		const char *right = json_string_value(json_array_get(other, 2));
		json_t *x = json_loads(left != NULL && *left != '\0' ? left : "{}", 0, NULL);
		json_t *y = json_loads(right != NULL ? right : "", 0, NULL);

		same = same && json_equal(json_array_get(call, 0), json_array_get(other, 0)) &&
		       json_equal(json_array_get(call, 1), json_array_get(other, 1)) &&
		       (x != NULL ? json_equal(x, y) : strcmp(left, right) == 0);
		json_decref(x);
		json_decref(y);
	}
	return same;
}

/* Responses: an item of the output. */
static inline void gather_output_item(struct said *s, const json_t *item)
{
	const char *type = text_at(item, "type");
	const json_t *part;
	bool summary = json_array_size(json_object_get(item, "summary")) > 0;
	size_t i;

	if (strcmp(type, "message") == 0)
		json_array_foreach(json_object_get(item, "content"), i, part) {
			buf_puts(&s->text, text_at(part, "text"));
			buf_puts(&s->text, text_at(part, "refusal"));
		}
	if (strcmp(type, "reasoning") == 0) {
		json_array_foreach(json_object_get(item, summary ? "summary" : "content"), i, part)
			buf_puts(&s->reasoning, text_at(part, "text"));
		buf_puts(&s->signatures, text_at(item, "encrypted_content"));
	}
	if (strcmp(type, "function_call") == 0) {
		add_call(s, text_at(item, "call_id"), text_at(item, "name"));
		add_arguments(s, text_at(item, "arguments"));
	}
}

static inline void gather_response(struct said *s, const json_t *response)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(response, "output"), i, item)
		gather_output_item(s, item);
}

#endif
