/* SPDX-License-Identifier: MIT */
/*
 * Requests of OpenAI's Responses dialect are read into the internal form here, but for their input.
 *
 * What a provider of another family would have to remember (an earlier response, a conversation, a
 * stored prompt) is refused, and so are tools that OpenAI runs itself.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "dialects/responses.h"

/* An extra is what the target refuses by this name, or leaves out when told to. */
static int keep_as(struct openai_request *r, const char *name, struct jspan value)
{
	return openai_keep_extra(r, span_from_text(r->arena, name, strlen(name)), value);
}

static int refuse_state(struct openai_request *r, struct jspan value, int unused)
{
	(void)value, (void)unused;
	return err_set(r->err, ERR_INVALID,
		       "%s: only the provider that keeps it knows what it means; send all of the input instead", r->member);
}

/* Tools. */

static int read_tools(struct openai_request *r, struct jspan value, int unused)
{
	struct tool **end = &r->c->tools;
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; jspan_next_item(value, &item); i++) {
		struct tool *t = ARENA_NEW(r->arena, struct tool);

		openai_set_place(r, "tools[%zu]", i);
		if (!jspan_equals(said(item, "type"), "function")) {
			openai_set_place(r, "tools[%zu].type", i);
			keep_as(r, r->place, said(item, "type"));
			continue;
		}
		if (!span_has_text(said(item, "name")))
			return openai_wrong(r, "name", "a string");
		t->name = said(item, "name");
		t->description = said(item, "description");
		t->schema = said(item, "parameters");
		jspan_bool(said(item, "strict"), &t->strict);
		t->cache = said(item, "cache_control");
		*end = t;
		end = &t->next;
	}
	return 0;
}

static bool is_listed(struct jspan tools, struct jspan name)
{
	struct jspan item = {0};
	char text[256];

	if (!jspan_copy(name, text, sizeof(text)))
		return false;
	while (jspan_next_item(tools, &item))
		if (jspan_equals(said(item, "name"), text))
			return true;
	return false;
}

/* Of the tools only these may be called: the others might as well not be there. */
static void keep_allowed(struct conversation *c, struct jspan allowed)
{
	struct tool **at = &c->tools;

	while (*at != NULL) {
		if (is_listed(allowed, (*at)->name))
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
}

static int read_tool_choice(struct openai_request *r, struct jspan value)
{
	struct jspan type = said(value, "type");

	r->place[0] = '\0';
	if (value.at == NULL || openai_read_choice_word(value, &r->c->tool_choice))
		return 0;
	if (jspan_equals(type, "function") && span_has_text(said(value, "name"))) {
		r->c->tool_choice = TOOL_CHOICE_NAMED;
		r->c->tool_name = said(value, "name");
		return 0;
	}
	if (!jspan_equals(type, "allowed_tools"))
		return type.at != NULL ? keep_as(r, "tool_choice", value)
				       : openai_wrong(r, "tool_choice", "auto, none, required or which tool");
	if (!openai_read_choice_word(said(value, "mode"), &r->c->tool_choice))
		return openai_wrong(r, "tool_choice.mode", "auto or required");
	keep_allowed(r->c, said(value, "tools"));
	return 0;
}

/* What the answer should be like. */

static int read_format(struct openai_request *r, struct jspan format)
{
	struct jspan type = said(format, "type");

	if (type.at == NULL || jspan_equals(type, "text"))
		return 0;
	r->c->format = FORMAT_JSON;
	if (jspan_equals(type, "json_object"))
		return 0;
	r->c->format = FORMAT_SCHEMA;
	r->c->format_name = said(format, "name");
	r->c->format_schema = said(format, "schema");
	if (!jspan_equals(type, "json_schema") || !jspan_is_object(r->c->format_schema))
		return openai_wrong(r, "text.format", "text, json_object or a json_schema with its schema");
	return 0;
}

static int read_text(struct openai_request *r, struct jspan value, int unused)
{
	struct jspan verbosity = said(value, "verbosity");

	(void)unused;
	if (!jspan_is_object(value))
		return openai_wrong(r, "text", "an object");
	if (verbosity.at != NULL && !jspan_equals(verbosity, "medium"))
		keep_as(r, "text.verbosity", verbosity);
	return read_format(r, said(value, "format"));
}

/* Most of what may be included belongs to tools that are not here; reasoning always comes as its author has it. */
static int read_include(struct openai_request *r, struct jspan value, int unused)
{
	struct jspan item = {0};

	(void)unused;
	while (jspan_next_item(value, &item))
		if (jspan_equals(item, "message.output_text.logprobs"))
			return keep_as(r, "include", value);
	return 0;
}

static int read_top_logprobs(struct openai_request *r, struct jspan value, int unused)
{
	int64_t n;

	(void)unused;
	return jspan_int(value, &n) && n == 0 ? 0 : keep_as(r, "top_logprobs", value);
}

static int read_truncation(struct openai_request *r, struct jspan value, int unused)
{
	(void)unused;
	return jspan_equals(value, "disabled") ? 0 : keep_as(r, "truncation", value);
}

static const struct openai_member members[] = {
	{"input", responses_read_input, 0},
	{"tools", read_tools, 0},
	{"parallel_tool_calls", openai_read_parallel, 0},
	{"max_output_tokens", openai_read_max_output, 0},
	{"temperature", openai_read_param, PARAM_TEMPERATURE},
	{"top_p", openai_read_param, PARAM_TOP_P},
	{"top_k", openai_read_param, PARAM_TOP_K},
	{"seed", openai_read_param, PARAM_SEED},
	{"frequency_penalty", openai_read_param, PARAM_FREQUENCY_PENALTY},
	{"presence_penalty", openai_read_param, PARAM_PRESENCE_PENALTY},
	{"user", openai_read_param, PARAM_USER},
	{"text", read_text, 0},
	{"reasoning", openai_read_reasoning, 0},
	{"include", read_include, 0},
	{"top_logprobs", read_top_logprobs, 0},
	{"truncation", read_truncation, 0},
	{"previous_response_id", refuse_state, 0},
	{"conversation", refuse_state, 0},
	{"prompt", refuse_state, 0},
	{"instructions", NULL, 0},
	{"tool_choice", NULL, 0},
	{"model", NULL, 0},
	{"stream", NULL, 0},
	{"stream_options", NULL, 0},
	{"usage", NULL, 0},
	{"metadata", NULL, 0},
	{"store", NULL, 0},
	{"max_tool_calls", NULL, 0},
	{"prompt_cache_key", NULL, 0},
	{"prompt_cache_retention", NULL, 0},
	{"prompt_cache_options", NULL, 0},
	{"safety_identifier", NULL, 0},
};

/* Instructions stand before all of the input. */
static int read_instructions(struct openai_request *r, struct jspan text)
{
	struct message *m;

	r->place[0] = '\0';
	if (text.at == NULL)
		return 0;
	if (!jspan_is_string(text))
		return openai_wrong(r, "instructions", "a string");
	m = ARENA_NEW(r->arena, struct message);
	m->role = ROLE_SYSTEM;
	m->parts = ARENA_NEW(r->arena, struct part);
	m->parts->kind = PART_TEXT;
	m->parts->text = text;
	m->next = r->c->messages;
	r->c->messages = m;
	return 0;
}

int responses_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct openai_request r = {.arena = arena, .c = ret, .err = err};

	if (openai_read_members(&r, body, members, ARRAY_LEN(members)) < 0 ||
	    read_tool_choice(&r, said(body, "tool_choice")) < 0)
		return ERR_INVALID;
	return read_instructions(&r, said(body, "instructions"));
}
