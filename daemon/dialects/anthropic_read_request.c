/* SPDX-License-Identifier: MIT */
/*
 * Requests of Anthropic's dialect are read into the internal form here, but for their messages.
 *
 * What only saves time or money (cache_control, service_tier, context_management, labels) goes without a word where
 * the target has nothing like it; what changes the answer is kept, and refused by name where it cannot be said.
 * Thinking is permission to think: a model that cannot goes without.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "dialects/anthropic.h"

int anthropic_wrong(struct anthropic_request *r, const char *member, const char *expected)
{
	return err_set(r->err, ERR_INVALID, "%s%s%s: expected %s", r->place,
		       r->place[0] != '\0' && member[0] != '\0' ? "." : "", member, expected);
}

void anthropic_set_place(struct anthropic_request *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->place, sizeof(r->place), fmt, ap);
	va_end(ap);
}

void anthropic_keep_extra(struct anthropic_request *r, struct jspan member, struct jspan value)
{
	struct extra *e = ARENA_NEW(r->arena, struct extra);
	char name[64], path[200];

	jspan_copy_cut(member, name, sizeof(name));
	snprintf(path, sizeof(path), "%s%s%s", r->place, r->place[0] != '\0' ? "." : "", name);
	e->name = span_from_text(r->arena, path, strlen(path));
	e->value = value;
	e->next = r->c->extras;
	r->c->extras = e;
}

/* Values that say no more than their absence. */
static bool says_nothing(struct jspan value)
{
	bool on = true;

	if (jspan_is_null(value) || (jspan_bool(value, &on) && !on))
		return true;
	return value.len == 2 && (*value.at == '{' || *value.at == '[');
}

int anthropic_read_members(struct anthropic_request *r, struct jspan object, const struct anthropic_member *known)
{
	struct jmember m = {{0}, {0}};

	while (jspan_next_member(object, &m)) {
		const struct anthropic_member *k = known;

		while (k->name != NULL && !jspan_equals(m.name, k->name))
			k++;
		if (k->name == NULL) {
			if (!says_nothing(m.value))
				anthropic_keep_extra(r, m.name, m.value);
		} else if (k->read != NULL && !jspan_is_null(m.value) && k->read(r, m.value, k->arg) < 0) {
			return ERR_INVALID;
		}
	}
	return 0;
}

/* Tools. */

static int read_strict(struct anthropic_request *r, struct jspan value, int unused)
{
	(void)unused;
	return jspan_bool(value, &r->tool->strict) ? 0 : anthropic_wrong(r, "strict", "true or false");
}

/* Called by the model itself is how everybody has it. */
static int read_callers(struct anthropic_request *r, struct jspan value, int unused)
{
	static const char direct[] = "\"direct\"";
	struct jspan item = {0};

	(void)unused;
	while (jspan_next_item(value, &item))
		if (item.len != sizeof(direct) - 1 || memcmp(item.at, direct, item.len) != 0) {
			anthropic_keep_extra(r, (struct jspan){"\"allowed_callers\"", 17}, value);
			return 0;
		}
	return 0;
}

/* Without a reader: read elsewhere, or it changes nothing of the answer. */
static const struct anthropic_member tool_members[] = {
	{"name", NULL, 0}, {"description", NULL, 0}, {"input_schema", NULL, 0}, {"type", NULL, 0},
	{"cache_control", NULL, 0}, {"defer_loading", NULL, 0}, {"eager_input_streaming", NULL, 0},
	{"strict", read_strict, 0}, {"allowed_callers", read_callers, 0}, {NULL, NULL, 0},
};

/* Tools that Anthropic runs, or has trained its models for, mean nothing to others. */
static int read_tool(struct anthropic_request *r, struct jspan item, struct tool ***end)
{
	struct jspan type = said(item, "type");
	struct tool *t;

	if (type.at != NULL && !jspan_equals(type, "custom")) {
		anthropic_keep_extra(r, type, item);
		return 0;
	}
	if (!span_has_text(said(item, "name")))
		return anthropic_wrong(r, "name", "the name of a tool");
	t = r->tool = ARENA_NEW(r->arena, struct tool);
	t->name = said(item, "name");
	t->description = said(item, "description");
	t->schema = said(item, "input_schema");
	t->cache = said(item, "cache_control");
	**end = t;
	*end = &t->next;
	return anthropic_read_members(r, item, tool_members);
}

static int read_tools(struct anthropic_request *r, struct jspan value, int unused)
{
	struct tool **end = &r->c->tools;
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; jspan_next_item(value, &item); i++) {
		anthropic_set_place(r, "tools[%zu]", i);
		if (read_tool(r, item, &end) < 0)
			return ERR_INVALID;
	}
	r->place[0] = '\0';
	return 0;
}

static int read_tool_choice(struct anthropic_request *r, struct jspan value, int unused)
{
	static const struct {
		const char *name;
		enum tool_choice choice;
	} words[] = {{"auto", TOOL_CHOICE_AUTO}, {"none", TOOL_CHOICE_NONE}, {"any", TOOL_CHOICE_REQUIRED},
		     {"tool", TOOL_CHOICE_NAMED}};
	struct jspan type = said(value, "type");

	(void)unused;
	jspan_bool(said(value, "disable_parallel_tool_use"), &r->c->one_tool_at_a_time);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!jspan_equals(type, words[i].name))
			continue;
		r->c->tool_choice = words[i].choice;
		if (words[i].choice != TOOL_CHOICE_NAMED)
			return 0;
		r->c->tool_name = said(value, "name");
		return span_has_text(r->c->tool_name) ? 0 : anthropic_wrong(r, "tool_choice.name", "the name of a tool");
	}
	return anthropic_wrong(r, "tool_choice", "an object of type auto, any, tool or none");
}

/* What the answer should be like. */

static int read_param(struct anthropic_request *r, struct jspan value, int param)
{
	r->c->params[param] = value;
	return 0;
}

static int read_max_tokens(struct anthropic_request *r, struct jspan value, int unused)
{
	(void)unused;
	return jspan_int(value, &r->c->max_output) ? 0 : anthropic_wrong(r, "max_tokens", "a whole number");
}

/* A label for the provider's records.  Agents put JSON there, which no other provider takes for a name: it stays here. */
static int read_user(struct anthropic_request *r, struct jspan value, int unused)
{
	struct jspan user = said(value, "user_id");

	(void)unused;
	if (span_has_text(user) && memchr(user.at, '\\', user.len) == NULL)
		r->c->params[PARAM_USER] = user;
	return 0;
}

static int read_thinking(struct anthropic_request *r, struct jspan value, int unused)
{
	struct jspan type = said(value, "type");

	(void)unused;
	if (jspan_equals(type, "enabled")) {
		if (!jspan_int(said(value, "budget_tokens"), &r->c->reasoning_budget) || r->c->reasoning_budget < 0)
			return anthropic_wrong(r, "thinking.budget_tokens", "a whole number");
	} else if (jspan_equals(type, "adaptive")) {
		if (r->c->effort == EFFORT_UNSAID)
			r->c->effort = EFFORT_MEDIUM;
	} else if (jspan_equals(type, "disabled")) {
		r->c->effort = EFFORT_NONE;
	} else {
		return anthropic_wrong(r, "thinking.type", "enabled, adaptive or disabled");
	}
	return 0;
}

static int read_effort(struct anthropic_request *r, struct jspan value, int unused)
{
	static const struct {
		const char *name;
		enum effort effort;
	} words[] = {{"low", EFFORT_LOW}, {"medium", EFFORT_MEDIUM}, {"high", EFFORT_HIGH}, {"xhigh", EFFORT_XHIGH},
		     {"max", EFFORT_XHIGH}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!jspan_equals(value, words[i].name))
			continue;
		if (r->c->effort != EFFORT_NONE)
			r->c->effort = words[i].effort;
		return 0;
	}
	return anthropic_wrong(r, "output_config.effort", "low, medium, high, xhigh or max");
}

static int read_format(struct anthropic_request *r, struct jspan value, int unused)
{
	(void)unused;
	r->c->format = FORMAT_SCHEMA;
	r->c->format_schema = said(value, "schema");
	if (!jspan_equals(said(value, "type"), "json_schema") || !jspan_is_object(r->c->format_schema))
		return anthropic_wrong(r, "output_config.format", "a json_schema with its schema");
	return 0;
}

static const struct anthropic_member output_members[] = {
	{"effort", read_effort, 0}, {"format", read_format, 0}, {NULL, NULL, 0}};

static int read_output_config(struct anthropic_request *r, struct jspan value, int unused)
{
	int result;

	(void)unused;
	if (!jspan_is_object(value))
		return anthropic_wrong(r, "output_config", "an object");
	anthropic_set_place(r, "output_config");
	result = anthropic_read_members(r, value, output_members);
	r->place[0] = '\0';
	return result;
}

/* Without a reader: the gateway has seen to it, or it changes nothing of the answer. */
static const struct anthropic_member members[] = {
	{"system", anthropic_read_system, 0},
	{"messages", anthropic_read_messages, 0},
	{"max_tokens", read_max_tokens, 0},
	{"temperature", read_param, PARAM_TEMPERATURE},
	{"top_p", read_param, PARAM_TOP_P},
	{"top_k", read_param, PARAM_TOP_K},
	{"stop_sequences", read_param, PARAM_STOP},
	{"tools", read_tools, 0},
	{"tool_choice", read_tool_choice, 0},
	{"metadata", read_user, 0},
	{"thinking", read_thinking, 0},
	{"output_config", read_output_config, 0},
	{"output_format", read_format, 0},
	{"model", NULL, 0},
	{"stream", NULL, 0},
	{"cache_control", NULL, 0},
	{"service_tier", NULL, 0},
	{"speed", NULL, 0},
	{"context_management", NULL, 0},
	{"betas", NULL, 0},
	{"anthropic_beta", NULL, 0},
	{"anthropic_version", NULL, 0},
	{NULL, NULL, 0},
};

/* The system's words come before all messages, wherever they stand in the text. */
int anthropic_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct anthropic_request r = {.arena = arena, .c = ret, .err = err};
	struct message *system = NULL;

	ret->reasoning_optional = true;
	ret->reasoning_field = "thinking";
	r.system_end = &system;
	r.messages_end = &ret->messages;
	if (anthropic_read_members(&r, body, members) < 0)
		return ERR_INVALID;
	*r.system_end = ret->messages;
	ret->messages = system;
	return 0;
}
