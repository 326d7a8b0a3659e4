/* SPDX-License-Identifier: MIT */
/*
 * Requests of Google's dialect are read into the internal form here, but for their contents and what
 * they say of the answer.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"

void gemini_set_place(struct gemini_request *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->place, sizeof(r->place), fmt, ap);
	va_end(ap);
}

int gemini_wrong(struct gemini_request *r, const char *member, const char *expected)
{
	return err_set(r->err, ERR_INVALID, "%s%s%s: expected %s", r->place,
		       r->place[0] != '\0' && member[0] != '\0' ? "." : "", member, expected);
}

void gemini_keep_extra(struct gemini_request *r, const char *member, struct jspan value)
{
	struct extra *e = ARENA_NEW(r->arena, struct extra);
	char name[sizeof(r->place) + MODEL_TEXT];

	snprintf(name, sizeof(name), "%s%s%s", r->place, r->place[0] != '\0' ? "." : "", member);
	e->name = span_from_text(r->arena, name, strlen(name));
	e->value = value;
	e->next = r->c->extras;
	r->c->extras = e;
}

/* -- tools --------------------------------------------------------------------------------------- */

static int read_function(struct gemini_request *r, struct jspan item, struct tool ***end)
{
	struct tool *t = ARENA_NEW(r->arena, struct tool);

	t->name = gemini_said(item, "name");
	t->description = gemini_said(item, "description");
	t->schema = gemini_said(item, "parametersJsonSchema");
	if (t->schema.at == NULL)
		t->schema = gemini_read_schema(r->arena, gemini_said(item, "parameters"));
	if (!span_has_text(t->name))
		return gemini_wrong(r, "name", "a function's name");
	**end = t;
	*end = &t->next;
	return 0;
}

/* One of tools: functions of the client's, and what Google itself can do. */
static int read_tool(struct gemini_request *r, size_t number, struct jspan tool, struct tool ***end)
{
	struct jmember m = {{0}, {0}};
	struct jspan item = {0};
	char name[64];

	while (jspan_next_member(tool, &m)) {
		gemini_set_place(r, "tools[%zu]", number);
		if (!gemini_is_named(m.name, "functionDeclarations")) {
			jspan_copy_cut(m.name, name, sizeof(name));
			if (!jspan_is_null(m.value))
				gemini_keep_extra(r, name, m.value);
			continue;
		}
		item = (struct jspan){0};
		for (size_t i = 0; gemini_next_item(m.value, &item); i++) {
			gemini_set_place(r, "tools[%zu].functionDeclarations[%zu]", number, i);
			if (read_function(r, item, end) < 0)
				return ERR_INVALID;
		}
	}
	return 0;
}

static int read_tools(struct gemini_request *r, struct jspan tools, int unused)
{
	struct tool **end = &r->c->tools;
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; gemini_next_item(tools, &item); i++)
		if (read_tool(r, i, item, &end) < 0)
			return ERR_INVALID;
	return 0;
}

static int read_mode(struct gemini_request *r, struct jspan mode)
{
	static const struct {
		const char *name;
		int number;
		enum tool_choice choice;
	} modes[] = {
		{"MODE_UNSPECIFIED", 0, TOOL_CHOICE_UNSAID}, {"AUTO", 1, TOOL_CHOICE_AUTO}, {"ANY", 2, TOOL_CHOICE_REQUIRED},
		{"NONE", 3, TOOL_CHOICE_NONE},               {"VALIDATED", 4, TOOL_CHOICE_AUTO},
	};
	int64_t number = -1;
	char name[32] = "";

	jspan_int(mode, &number);
	jspan_copy_cut(mode, name, sizeof(name));
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		if (number == modes[i].number || strcasecmp(name, modes[i].name) == 0) {
			r->c->tool_choice = modes[i].choice;
			return 0;
		}
	}
	return mode.at == NULL ? 0 : gemini_wrong(r, "mode", "AUTO, ANY, NONE or VALIDATED");
}

static int read_tool_config(struct gemini_request *r, struct jspan config, int unused)
{
	struct jspan calling = gemini_said(config, "functionCallingConfig");
	struct jmember m = {{0}, {0}};
	bool on = true;
	char name[64];

	(void)unused;
	gemini_set_place(r, "toolConfig");
	while (jspan_next_member(config, &m)) {
		if (gemini_is_named(m.name, "functionCallingConfig") || jspan_is_null(m.value) ||
		    (jspan_bool(m.value, &on) && !on))
			continue;
		jspan_copy_cut(m.name, name, sizeof(name));
		gemini_keep_extra(r, name, m.value);
	}
	gemini_set_place(r, "toolConfig.functionCallingConfig");
	r->allowed = gemini_said(calling, "allowedFunctionNames");
	return read_mode(r, gemini_said(calling, "mode"));
}

static bool is_allowed(struct jspan allowed, struct jspan name)
{
	struct jspan item = {0};

	while (gemini_next_item(allowed, &item))
		if (item.len == name.len && memcmp(item.at, name.at, name.len) == 0)
			return true;
	return false;
}

/* One that must be called is named; of several, the others are not there at all. */
static void limit_tools(struct gemini_request *r)
{
	struct tool **at = &r->c->tools;
	struct jspan first = {0}, second;

	if (!jspan_next_item(r->allowed, &first) || r->c->tool_choice == TOOL_CHOICE_NONE)
		return;
	second = first;
	if (!jspan_next_item(r->allowed, &second) && r->c->tool_choice == TOOL_CHOICE_REQUIRED) {
		r->c->tool_choice = TOOL_CHOICE_NAMED;
		r->c->tool_name = first;
		return;
	}
	while (*at != NULL) {
		if (is_allowed(r->allowed, (*at)->name))
			at = &(*at)->next;
		else
			*at = (*at)->next;
	}
}

/* -- the whole ----------------------------------------------------------------------------------- */

/* Where nothing is to be blocked nothing is lost with it. */
static int read_safety(struct gemini_request *r, struct jspan settings, int unused)
{
	struct jspan item = {0};

	(void)unused;
	while (gemini_next_item(settings, &item)) {
		struct jspan threshold = gemini_said(item, "threshold");
		int64_t number = 0;

		jspan_int(threshold, &number);
		if (number != 4 && number != 5 && !jspan_equals(threshold, "BLOCK_NONE") && !jspan_equals(threshold, "OFF")) {
			gemini_keep_extra(r, "safetySettings", settings);
			return 0;
		}
	}
	return 0;
}

/* The prompt's beginning is with Google, and nobody else has it. */
static int read_cached(struct gemini_request *r, struct jspan value, int unused)
{
	(void)unused;
	return span_has_text(value) ? gemini_wrong(r, "cachedContent", "the contents themselves; what is cached at Google is known to it only") : 0;
}

/* Every member we know; without a reader it changes nothing of the answer, or the gateway has seen to it. */
static const struct {
	const char *name;
	int (*read)(struct gemini_request *, struct jspan value, int unused);
} members[] = {
	{"contents", gemini_read_contents},
	{"tools", read_tools},
	{"toolConfig", read_tool_config},
	{"generationConfig", gemini_read_config},
	{"safetySettings", read_safety},
	{"cachedContent", read_cached},
	{"systemInstruction", NULL},    /* read before all others */
	{"model", NULL},
	{"labels", NULL},
	{"store", NULL},
};

static int read_member(struct gemini_request *r, struct jmember m)
{
	char name[64];

	r->place[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		if (!gemini_is_named(m.name, members[i].name))
			continue;
		if (members[i].read == NULL || jspan_is_null(m.value))
			return 0;
		return members[i].read(r, m.value, 0);
	}
	jspan_copy_cut(m.name, name, sizeof(name));
	if (!jspan_is_null(m.value))
		gemini_keep_extra(r, name, m.value);
	return 0;
}

int gemini_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct gemini_request r = {.arena = arena, .c = ret, .err = err};
	struct jmember m = {{0}, {0}};

	if (gemini_read_system(&r, gemini_said(body, "systemInstruction"), 0) < 0)
		return ERR_INVALID;
	while (jspan_next_member(body, &m))
		if (read_member(&r, m) < 0)
			return ERR_INVALID;
	ret->messages = r.first;
	limit_tools(&r);
	return 0;
}
