/* SPDX-License-Identifier: MIT */
/*
 * Requests of OpenAI's chat dialect are read into the internal form here, but for their messages.
 *
 * Beyond OpenAI's own members: random_seed and tool_choice any as Mistral's clients say it, cache_control on
 * messages, parts and tools, reasoning: {effort, max_tokens, enabled} and reasoning_details as OpenRouter
 * defines them, thinking as Anthropic does.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/openai.h"

void openai_set_place(struct openai_request *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->place, sizeof(r->place), fmt, ap);
	va_end(ap);
}

int openai_wrong(struct openai_request *r, const char *member, const char *expected)
{
	return err_set(r->err, ERR_INVALID, "%s%s%s: expected %s", r->place,
		       r->place[0] != '\0' && member[0] != '\0' ? "." : "", member, expected);
}

/* Tools. */

static int read_tools(struct openai_request *r, struct jspan value, int unused)
{
	struct tool **end = &r->c->tools;
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; jspan_next_item(value, &item); i++) {
		struct jspan function = said(item, "function");
		struct tool *t = ARENA_NEW(r->arena, struct tool);

		openai_set_place(r, "tools[%zu]", i);
		if (!jspan_equals(said(item, "type"), "function") || !span_has_text(said(function, "name")))
			return openai_wrong(r, "", "a function with a name; other providers know no other tools");
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

bool openai_read_choice_word(struct jspan word, enum tool_choice *ret)
{
	static const struct {
		const char *name;
		enum tool_choice choice;
	} words[] = {{"auto", TOOL_CHOICE_AUTO}, {"none", TOOL_CHOICE_NONE}, {"required", TOOL_CHOICE_REQUIRED},
		     {"any", TOOL_CHOICE_REQUIRED}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (jspan_equals(word, words[i].name)) {
			*ret = words[i].choice;
			return true;
		}
	}
	return false;
}

static int read_tool_choice(struct openai_request *r, struct jspan value, int unused)
{
	(void)unused;
	if (openai_read_choice_word(value, &r->c->tool_choice))
		return 0;
	r->c->tool_choice = TOOL_CHOICE_NAMED;
	r->c->tool_name = said(said(value, "function"), "name");
	return span_has_text(r->c->tool_name) ? 0 : openai_wrong(r, "tool_choice", "auto, none, required or a function's name");
}

int openai_read_parallel(struct openai_request *r, struct jspan value, int unused)
{
	bool parallel = true;

	(void)unused;
	if (!jspan_bool(value, &parallel))
		return openai_wrong(r, "parallel_tool_calls", "true or false");
	r->c->one_tool_at_a_time = !parallel;
	return 0;
}

/* What the answer should be like. */

int openai_read_param(struct openai_request *r, struct jspan value, int param)
{
	r->c->params[param] = value;
	return 0;
}

/* max_tokens and its younger name max_completion_tokens: the lower one counts where both are said. */
int openai_read_max_output(struct openai_request *r, struct jspan value, int unused)
{
	int64_t n;

	(void)unused;
	if (!jspan_int(value, &n) || n < 1)
		return openai_wrong(r, r->member, "a whole number from 1");
	if (r->c->max_output < 0 || n < r->c->max_output)
		r->c->max_output = n;
	return 0;
}

static int read_response_format(struct openai_request *r, struct jspan value, int unused)
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
		return openai_wrong(r, "response_format", "text, json_object or a json_schema with its schema");
	return 0;
}

static int read_effort(struct openai_request *r, struct jspan value, int unused)
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
	return openai_wrong(r, "reasoning_effort", "none, minimal, low, medium, high or xhigh");
}

int openai_read_reasoning(struct openai_request *r, struct jspan value, int unused)
{
	struct jspan effort = said(value, "effort");
	bool enabled = true;
	int64_t budget;

	(void)unused;
	if (!jspan_is_object(value))
		return openai_wrong(r, "reasoning", "an object");
	if (effort.at != NULL && read_effort(r, effort, 0) < 0)
		return ERR_INVALID;
	if (jspan_int(said(value, "max_tokens"), &budget) && budget > 0)
		r->c->reasoning_budget = budget;
	if (jspan_bool(said(value, "enabled"), &enabled) && effort.at == NULL && r->c->reasoning_budget < 0)
		r->c->effort = enabled ? EFFORT_MEDIUM : EFFORT_NONE;
	r->c->reasoning_field = "reasoning";
	return 0;
}

static int read_thinking(struct openai_request *r, struct jspan value, int unused)
{
	(void)unused;
	if (!jspan_is_object(value))
		return openai_wrong(r, "thinking", "an object");
	r->c->reasoning_field = "thinking";
	/* DeepSeek's and z.ai's switch says no more than this; Anthropic's own object goes on as it is. */
	if (said(value, "budget_tokens").at != NULL || !jspan_equals(said(value, "type"), "enabled"))
		r->c->thinking = value;
	else if (r->c->effort == EFFORT_UNSAID)
		r->c->effort = EFFORT_MEDIUM;
	return 0;
}

int openai_keep_extra(struct openai_request *r, struct jspan name, struct jspan value)
{
	conversation_add_extra(r->c, r->arena, (struct jmember){name, value});
	return 0;
}

/*
 * Every member we know.  Without a reader: it changes nothing of the answer's text, or the gateway has
 * seen to it.  What is not here is an extra, which the target refuses by name.
 */
static const struct openai_member members[] = {
	{"messages", openai_read_messages, 0},
	{"tools", read_tools, 0},
	{"tool_choice", read_tool_choice, 0},
	{"parallel_tool_calls", openai_read_parallel, 0},
	{"max_tokens", openai_read_max_output, 0},
	{"max_completion_tokens", openai_read_max_output, 0},
	{"temperature", openai_read_param, PARAM_TEMPERATURE},
	{"top_p", openai_read_param, PARAM_TOP_P},
	{"top_k", openai_read_param, PARAM_TOP_K},
	{"stop", openai_read_param, PARAM_STOP},
	{"seed", openai_read_param, PARAM_SEED},
	{"random_seed", openai_read_param, PARAM_SEED},
	{"frequency_penalty", openai_read_param, PARAM_FREQUENCY_PENALTY},
	{"presence_penalty", openai_read_param, PARAM_PRESENCE_PENALTY},
	{"logprobs", openai_read_param, PARAM_LOGPROBS},
	{"top_logprobs", openai_read_param, PARAM_TOP_LOGPROBS},
	{"n", openai_read_param, PARAM_NUM_CHOICES},
	{"user", openai_read_param, PARAM_USER},
	{"response_format", read_response_format, 0},
	{"reasoning_effort", read_effort, 0},
	{"reasoning", openai_read_reasoning, 0},
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

static int read_member(struct openai_request *r, struct jmember m, const struct openai_member *known, size_t n)
{
	r->place[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (!jspan_equals(m.name, known[i].name))
			continue;
		if (known[i].read == NULL || jspan_is_null(m.value))
			return 0;
		r->member = known[i].name;
		return known[i].read(r, m.value, known[i].arg);
	}
	return says_nothing(&m) ? 0 : openai_keep_extra(r, m.name, m.value);
}

int openai_read_members(struct openai_request *r, struct jspan body, const struct openai_member *known, size_t n)
{
	struct jmember m = {{0}, {0}};

	while (jspan_next_member(body, &m))
		if (read_member(r, m, known, n) < 0)
			return ERR_INVALID;
	return 0;
}

int openai_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct openai_request r = {.arena = arena, .c = ret, .err = err};

	return openai_read_members(&r, body, members, ARRAY_LEN(members));
}
