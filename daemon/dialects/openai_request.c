/* SPDX-License-Identifier: MIT */
/*
 * Requests of OpenAI's chat dialect are read into the internal form here.
 *
 * Beyond OpenAI's own members: cache_control on messages, parts and tools, reasoning: {effort,
 * max_tokens, enabled} and reasoning_details as OpenRouter defines them, thinking as Anthropic does.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/openai.h"

struct request_reader {
	struct arena *arena;
	struct conversation *c;
	struct err *err;
	char place[96];                 /* "messages[2].content[0]": where a complaint is about */
};

static void set_place(struct request_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void set_place(struct request_reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->place, sizeof(r->place), fmt, ap);
	va_end(ap);
}

static int wrong(struct request_reader *r, const char *member, const char *expected)
{
	return err_set(r->err, ERR_INVALID, "%s%s%s: expected %s", r->place,
		       r->place[0] != '\0' && member[0] != '\0' ? "." : "", member, expected);
}

/* Parts of messages. */

static struct part *add_part(struct request_reader *r, struct part ***end, enum part_kind kind)
{
	struct part *p = ARENA_NEW(r->arena, struct part);

	p->kind = kind;
	**end = p;
	*end = &p->next;
	return p;
}

static int read_text_part(struct request_reader *r, struct jspan part, struct part ***end)
{
	struct jspan text = said(part, "text");

	if (!jspan_is_string(text))
		return wrong(r, "text", "a string");
	add_part(r, end, PART_TEXT)->text = text;
	return 0;
}

static int read_refusal_part(struct request_reader *r, struct jspan part, struct part ***end)
{
	add_part(r, end, PART_REFUSAL)->text = said(part, "refusal");
	return 0;
}

static int read_image_part(struct request_reader *r, struct jspan part, struct part ***end)
{
	struct jspan image = said(part, "image_url");
	struct jspan url = jspan_is_object(image) ? said(image, "url") : image;
	struct part *p;

	if (!span_has_text(url))
		return wrong(r, "image_url.url", "a URL");
	p = add_part(r, end, PART_IMAGE);
	if (url.len > 6 && strncmp(url.at, "\"data:", 6) != 0)
		p->url = url;
	else if (!span_split_data_url(url, r->arena, &p->media_type, &p->base64))
		return wrong(r, "image_url.url", "https://… or data:TYPE;base64,…");
	return 0;
}

static int read_file_part(struct request_reader *r, struct jspan part, struct part ***end)
{
	struct jspan file = said(part, "file"), data = said(file, "file_data");
	struct part *p;

	if (!span_has_text(data))
		return wrong(r, "file.file_data", "data:TYPE;base64,… (an id means something to its provider only)");
	p = add_part(r, end, PART_DOCUMENT);
	p->title = said(file, "filename");
	if (!span_split_data_url(data, r->arena, &p->media_type, &p->base64))
		return wrong(r, "file.file_data", "data:TYPE;base64,…");
	return 0;
}

static const struct {
	const char *type;
	int (*read)(struct request_reader *, struct jspan part, struct part ***end);
} part_types[] = {
	{"text", read_text_part},
	{"image_url", read_image_part},
	{"file", read_file_part},
	{"refusal", read_refusal_part},
};

static int read_part(struct request_reader *r, struct jspan item, struct part ***end)
{
	struct jspan type = said(item, "type");
	struct part **at = *end;

	for (size_t i = 0; i < ARRAY_LEN(part_types); i++) {
		if (!jspan_equals(type, part_types[i].type))
			continue;
		if (part_types[i].read(r, item, end) < 0)
			return ERR_INVALID;
		(*at)->cache = said(item, "cache_control");
		return 0;
	}
	return wrong(r, "type", "text, image_url, file or refusal, which other providers understand too");
}

/* A string, a list of parts, or nothing. */
static int read_content(struct request_reader *r, size_t message, struct jspan content, struct part ***end)
{
	struct jspan item = {0};

	if (jspan_is_string(content)) {
		add_part(r, end, PART_TEXT)->text = content;
		return 0;
	}
	if (content.at != NULL && !jspan_is_array(content))
		return wrong(r, "content", "a string or a list of parts");
	for (size_t i = 0; jspan_next_item(content, &item); i++) {
		set_place(r, "messages[%zu].content[%zu]", message, i);
		if (read_part(r, item, end) < 0)
			return ERR_INVALID;
	}
	set_place(r, "messages[%zu]", message);
	return 0;
}

/* Messages. */

/* Pieces of one reasoning, as a client collected them from a stream, become one again. */
static struct jspan join_text(struct request_reader *r, struct jspan a, struct jspan b)
{
	char *joined;

	if (a.at == NULL || b.at == NULL)
		return a.at == NULL ? b : a;
	joined = arena_alloc(r->arena, a.len + b.len - 2);
	memcpy(joined, a.at, a.len - 1);
	memcpy(joined + a.len - 1, b.at + 1, b.len - 1);
	return (struct jspan){joined, a.len + b.len - 2};
}

/* Signatures mean something to their author only; what others signed is left out. */
static void read_reasoning_details(struct request_reader *r, struct jspan details, struct part ***end)
{
	struct jspan item = {0};
	struct part *open = NULL;
	int64_t open_index = -1;

	while (jspan_next_item(details, &item)) {
		struct jspan format = said(item, "format");
		int64_t index = 0;

		if (format.at != NULL && !jspan_equals(format, "anthropic-claude-v1"))
			continue;
		jspan_int(said(item, "index"), &index);
		if (jspan_equals(said(item, "type"), "reasoning.encrypted")) {
			open = add_part(r, end, PART_REASONING);
			open->encrypted = true;
			open->signature = said(item, "data");
			open = NULL;
		} else if (jspan_equals(said(item, "type"), "reasoning.text")) {
			if (open == NULL || index != open_index || open->signature.at != NULL)
				open = add_part(r, end, PART_REASONING);
			open_index = index;
			open->text = join_text(r, open->text, said(item, "text"));
			open->signature = said(item, "signature");
		}
	}
}

static struct jspan read_arguments(struct request_reader *r, struct jspan arguments)
{
	struct buf text;
	struct jspan plain;

	if (!jspan_is_string(arguments))
		return arguments;
	buf_init(&text, arguments.len);
	jspan_text(arguments, &text);
	plain = (struct jspan){arena_copy(r->arena, text.data, text.len), text.len};
	buf_release(&text);
	return plain;
}

static int read_calls(struct request_reader *r, size_t message, struct jspan calls, struct part ***end)
{
	struct jspan item = {0};

	for (size_t i = 0; jspan_next_item(calls, &item); i++) {
		struct jspan function = said(item, "function");
		struct part *p;

		set_place(r, "messages[%zu].tool_calls[%zu]", message, i);
		if (!jspan_is_object(function) || !span_has_text(said(function, "name")))
			return wrong(r, "function", "an object with a name; other providers know no other tools");
		if (!span_has_text(said(item, "id")))
			return wrong(r, "id", "a string");
		p = add_part(r, end, PART_TOOL_CALL);
		p->id = said(item, "id");
		p->name = said(function, "name");
		p->arguments = read_arguments(r, said(function, "arguments"));
	}
	return 0;
}

static int read_tool_message(struct request_reader *r, size_t i, struct jspan item, struct part ***end)
{
	struct part *result = add_part(r, end, PART_TOOL_RESULT), **inner = &result->parts;

	result->id = said(item, "tool_call_id");
	if (!span_has_text(result->id))
		return wrong(r, "tool_call_id", "the id of a call");
	result->cache = said(item, "cache_control");
	return read_content(r, i, said(item, "content"), &inner);
}

static int read_said_message(struct request_reader *r, size_t i, struct jspan item, struct part **first)
{
	struct part **end = first;
	struct jspan cache = said(item, "cache_control");

	read_reasoning_details(r, said(item, "reasoning_details"), &end);
	if (read_content(r, i, said(item, "content"), &end) < 0)
		return ERR_INVALID;
	if (span_has_text(said(item, "refusal")))
		add_part(r, &end, PART_REFUSAL)->text = said(item, "refusal");
	if (read_calls(r, i, said(item, "tool_calls"), &end) < 0)
		return ERR_INVALID;
	if (cache.at != NULL && *first != NULL)
		CONTAINER_OF(end, struct part, next)->cache = cache;
	return 0;
}

static const struct {
	const char *name;
	enum role role;
} roles[] = {
	{"system", ROLE_SYSTEM},
	{"developer", ROLE_SYSTEM},
	{"user", ROLE_USER},
	{"assistant", ROLE_ASSISTANT},
	{"tool", ROLE_TOOL},
};

static int read_role(struct request_reader *r, struct jspan role, enum role *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (jspan_equals(role, roles[i].name)) {
			*ret = roles[i].role;
			return 0;
		}
	}
	return wrong(r, "role", "system, developer, user, assistant or tool");
}

static int read_messages(struct request_reader *r, struct jspan value, int unused)
{
	struct message **end = &r->c->messages;
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; jspan_next_item(value, &item); i++) {
		struct message *m = ARENA_NEW(r->arena, struct message);
		struct part **parts = &m->parts;
		int result;

		set_place(r, "messages[%zu]", i);
		if (read_role(r, said(item, "role"), &m->role) < 0)
			return ERR_INVALID;
		result = m->role == ROLE_TOOL ? read_tool_message(r, i, item, &parts)
					      : read_said_message(r, i, item, parts);
		if (result < 0)
			return result;
		*end = m;
		end = &m->next;
	}
	return 0;
}

/* Tools. */

static int read_tools(struct request_reader *r, struct jspan value, int unused)
{
	struct tool **end = &r->c->tools;
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; jspan_next_item(value, &item); i++) {
		struct jspan function = said(item, "function");
		struct tool *t = ARENA_NEW(r->arena, struct tool);

		set_place(r, "tools[%zu]", i);
		if (!jspan_equals(said(item, "type"), "function") || !span_has_text(said(function, "name")))
			return wrong(r, "", "a function with a name; other providers know no other tools");
		t->name = said(function, "name");
		t->description = said(function, "description");
		t->schema = said(function, "parameters");
		jspan_bool(said(function, "strict"), &t->strict);
		t->cache = said(item, "cache_control");
		*end = t;
		end = &t->next;
	}
	return 0;
}

static int read_tool_choice(struct request_reader *r, struct jspan value, int unused)
{
	static const struct {
		const char *name;
		enum tool_choice choice;
	} words[] = {{"auto", TOOL_CHOICE_AUTO}, {"none", TOOL_CHOICE_NONE}, {"required", TOOL_CHOICE_REQUIRED}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (jspan_equals(value, words[i].name)) {
			r->c->tool_choice = words[i].choice;
			return 0;
		}
	}
	r->c->tool_choice = TOOL_CHOICE_NAMED;
	r->c->tool_name = said(said(value, "function"), "name");
	return span_has_text(r->c->tool_name) ? 0 : wrong(r, "tool_choice", "auto, none, required or a function's name");
}

static int read_parallel(struct request_reader *r, struct jspan value, int unused)
{
	bool parallel = true;

	(void)unused;
	if (!jspan_bool(value, &parallel))
		return wrong(r, "parallel_tool_calls", "true or false");
	r->c->one_tool_at_a_time = !parallel;
	return 0;
}

/* What the answer should be like. */

static int read_param(struct request_reader *r, struct jspan value, int param)
{
	r->c->params[param] = value;
	return 0;
}

/* max_tokens and its younger name max_completion_tokens: the lower one counts where both are said. */
static int read_max_output(struct request_reader *r, struct jspan value, int unused)
{
	int64_t n;

	(void)unused;
	if (!jspan_int(value, &n) || n < 1)
		return wrong(r, "max_tokens", "a whole number from 1");
	if (r->c->max_output < 0 || n < r->c->max_output)
		r->c->max_output = n;
	return 0;
}

static int read_response_format(struct request_reader *r, struct jspan value, int unused)
{
	struct jspan type = said(value, "type"), schema = said(value, "json_schema");

	(void)unused;
	if (jspan_equals(type, "text"))
		return 0;
	r->c->format = FORMAT_JSON;
	if (jspan_equals(type, "json_object"))
		return 0;
	r->c->format = FORMAT_SCHEMA;
	r->c->format_name = said(schema, "name");
	r->c->format_schema = said(schema, "schema");
	if (!jspan_equals(type, "json_schema") || !jspan_is_object(r->c->format_schema))
		return wrong(r, "response_format", "text, json_object or a json_schema with its schema");
	return 0;
}

static int read_effort(struct request_reader *r, struct jspan value, int unused)
{
	static const struct {
		const char *name;
		enum effort effort;
	} words[] = {{"none", EFFORT_NONE}, {"minimal", EFFORT_MINIMAL}, {"low", EFFORT_LOW},
		     {"medium", EFFORT_MEDIUM}, {"high", EFFORT_HIGH}, {"xhigh", EFFORT_XHIGH}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (jspan_equals(value, words[i].name)) {
			r->c->effort = words[i].effort;
			r->c->reasoning_field = "reasoning_effort";
			return 0;
		}
	}
	return wrong(r, "reasoning_effort", "none, minimal, low, medium, high or xhigh");
}

static int read_reasoning(struct request_reader *r, struct jspan value, int unused)
{
	struct jspan effort = said(value, "effort");
	bool enabled = true;
	int64_t budget;

	(void)unused;
	if (!jspan_is_object(value))
		return wrong(r, "reasoning", "an object");
	if (effort.at != NULL && read_effort(r, effort, 0) < 0)
		return ERR_INVALID;
	if (jspan_int(said(value, "max_tokens"), &budget) && budget > 0)
		r->c->reasoning_budget = budget;
	if (jspan_bool(said(value, "enabled"), &enabled) && effort.at == NULL && r->c->reasoning_budget < 0)
		r->c->effort = enabled ? EFFORT_MEDIUM : EFFORT_NONE;
	r->c->reasoning_field = "reasoning";
	return 0;
}

static int read_thinking(struct request_reader *r, struct jspan value, int unused)
{
	(void)unused;
	if (!jspan_is_object(value))
		return wrong(r, "thinking", "an object");
	r->c->thinking = value;
	r->c->reasoning_field = "thinking";
	return 0;
}

static int keep_extra(struct request_reader *r, struct jmember m)
{
	struct extra *e = ARENA_NEW(r->arena, struct extra);

	e->name = m.name;
	e->value = m.value;
	e->next = r->c->extras;
	r->c->extras = e;
	return 0;
}

/*
 * Every member we know.  Without a reader: it changes nothing of the answer's text, or the gateway has
 * seen to it.  What is not here is an extra, which the target refuses by name.
 */
static const struct {
	const char *name;
	int (*read)(struct request_reader *, struct jspan value, int arg);
	int arg;
} members[] = {
	{"messages", read_messages, 0},
	{"tools", read_tools, 0},
	{"tool_choice", read_tool_choice, 0},
	{"parallel_tool_calls", read_parallel, 0},
	{"max_tokens", read_max_output, 0},
	{"max_completion_tokens", read_max_output, 0},
	{"temperature", read_param, PARAM_TEMPERATURE},
	{"top_p", read_param, PARAM_TOP_P},
	{"top_k", read_param, PARAM_TOP_K},
	{"stop", read_param, PARAM_STOP},
	{"seed", read_param, PARAM_SEED},
	{"frequency_penalty", read_param, PARAM_FREQUENCY_PENALTY},
	{"presence_penalty", read_param, PARAM_PRESENCE_PENALTY},
	{"logprobs", read_param, PARAM_LOGPROBS},
	{"top_logprobs", read_param, PARAM_TOP_LOGPROBS},
	{"n", read_param, PARAM_NUM_CHOICES},
	{"user", read_param, PARAM_USER},
	{"response_format", read_response_format, 0},
	{"reasoning_effort", read_effort, 0},
	{"reasoning", read_reasoning, 0},
	{"thinking", read_thinking, 0},
	{"model", NULL, 0},
	{"stream", NULL, 0},
	{"stream_options", NULL, 0},
	{"usage", NULL, 0},
	{"metadata", NULL, 0},
	{"store", NULL, 0},
	{"prompt_cache_key", NULL, 0},
	{"prompt_cache_retention", NULL, 0},
	{"safety_identifier", NULL, 0},
};

/* Values of extras that say no more than their absence. */
static bool says_nothing(const struct jmember *m)
{
	static const struct {
		const char *name, *value;
	} defaults[] = {{"service_tier", "\"auto\""}, {"service_tier", "\"default\""}, {"modalities", "[\"text\"]"},
			{"verbosity", "\"medium\""}};
	bool on = true;

	if (jspan_is_null(m->value) || (jspan_bool(m->value, &on) && !on))
		return true;
	if (m->value.len == 2 && (*m->value.at == '{' || *m->value.at == '['))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		if (jspan_equals(m->name, defaults[i].name) && m->value.len == strlen(defaults[i].value) &&
		    memcmp(m->value.at, defaults[i].value, m->value.len) == 0)
			return true;
	return false;
}

static int read_member(struct request_reader *r, struct jmember m)
{
	r->place[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (!jspan_equals(m.name, members[i].name))
			continue;
		if (members[i].read == NULL || jspan_is_null(m.value))
			return 0;
		return members[i].read(r, m.value, members[i].arg);
	}
	return says_nothing(&m) ? 0 : keep_extra(r, m);
}

int openai_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct request_reader r = {.arena = arena, .c = ret, .err = err};
	struct jmember m = {{0}, {0}};

	while (jspan_next_member(body, &m))
		if (read_member(&r, m) < 0)
			return ERR_INVALID;
	return 0;
}
