/* SPDX-License-Identifier: MIT */
/* What whole answers of Google's dialect and the pieces of its streams have in common is read here. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"
#include "dialects/upstream_error.h"

/* "response_schema" is "responseSchema"; names of members have no escapes. */
bool gemini_is_named(struct jspan member, const char *name)
{
	const char *at = member.at + 1, *end = member.at + member.len - 1;

	for (; at < end && *name != '\0'; at++, name++) {
		bool hump = *at == '_' && at + 1 < end;

		at += hump;
		if (*name != (hump ? toupper((unsigned char)*at) : *at))
			return false;
	}
	return at == end && *name == '\0';
}

struct jspan gemini_said(struct jspan object, const char *name)
{
	struct jmember m = {{0}, {0}};

	while (jspan_next_member(object, &m))
		if (gemini_is_named(m.name, name))
			return jspan_is_null(m.value) ? (struct jspan){0} : m.value;
	return (struct jspan){0};
}

bool gemini_next_item(struct jspan list, struct jspan *item)
{
	if (!jspan_is_object(list))
		return jspan_next_item(list, item);
	if (item->at != NULL)
		return false;
	*item = list;
	return true;
}

/* Finish reasons; to clients that ask for numbers they are numbers (-1: only known by name). */
static const struct {
	const char *name;
	int number;
	enum finish_reason reason;
} finishes[] = {
	/* The first of a reason is how we write it. */
	{"STOP", 1, FINISH_STOP},
	{"MAX_TOKENS", 2, FINISH_LENGTH},
	{"SAFETY", 3, FINISH_CONTENT_FILTER},
	{"OTHER", 5, FINISH_ERROR},
	{"RECITATION", 4, FINISH_CONTENT_FILTER},
	{"LANGUAGE", 6, FINISH_CONTENT_FILTER},
	{"BLOCKLIST", 7, FINISH_CONTENT_FILTER},
	{"PROHIBITED_CONTENT", 8, FINISH_CONTENT_FILTER},
	{"SPII", 9, FINISH_CONTENT_FILTER},
	{"IMAGE_SAFETY", 11, FINISH_CONTENT_FILTER},
	{"IMAGE_PROHIBITED_CONTENT", -1, FINISH_CONTENT_FILTER},
	{"IMAGE_RECITATION", -1, FINISH_CONTENT_FILTER},
	{"MODEL_ARMOR", -1, FINISH_CONTENT_FILTER},
	/* The model's own mistakes, MALFORMED_FUNCTION_CALL and the like, are an end as any other. */
};

static enum finish_reason read_finish(struct jspan s)
{
	int64_t number = 0;

	if (!span_has_text(s) && (!jspan_int(s, &number) || number == 0))
		return FINISH_NONE;
	for (size_t i = 0; i < ARRAY_LEN(finishes); i++)
		if (number == finishes[i].number || jspan_equals(s, finishes[i].name))
			return finishes[i].reason == FINISH_ERROR ? FINISH_STOP : finishes[i].reason;
	return FINISH_STOP;
}

const char *gemini_finish_text(enum finish_reason reason)
{
	for (size_t i = 0; i < ARRAY_LEN(finishes); i++)
		if (finishes[i].reason == reason)
			return finishes[i].name;
	return "STOP";
}

int gemini_read_top(const char *text, size_t len, struct reading *r, struct gemini_top *ret, struct err *err)
{
	enum { CANDIDATES, FEEDBACK, USAGE, MODEL, ID, ERROR, N };
	struct jfield f[N] = {{.name = "candidates"}, {.name = "promptFeedback"}, {.name = "usageMetadata"},
			      {.name = "modelVersion"}, {.name = "responseId"}, {.name = "error"}};

	if (jscan_object(text, len, f, N, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	if (span_has_text(f[ID].value))
		jspan_copy_cut(f[ID].value, r->id, sizeof(r->id));
	if (span_has_text(f[MODEL].value))
		jspan_copy_cut(f[MODEL].value, r->model, sizeof(r->model));
	gemini_read_usage(f[USAGE].value, &r->usage);
	ret->candidates = f[CANDIDATES].value;
	ret->blocked = said(f[FEEDBACK].value, "blockReason").at != NULL;
	return 0;
}

void gemini_complete_usage(struct reading *r)
{
	struct usage *u = &r->usage;

	if (r->finish != FINISH_NONE && r->text_bytes == 0 && u->source[USAGE_INPUT] == USAGE_REPORTED &&
	    u->source[USAGE_OUTPUT] == USAGE_NONE)
		usage_set(u, USAGE_OUTPUT, 0, USAGE_REPORTED);
}

int gemini_read_candidate(struct jspan item, struct gemini_candidate *ret, struct err *err)
{
	struct jfield f[] = {{.name = "index"}, {.name = "content"}, {.name = "finishReason"}, {.name = "logprobsResult"}};
	int64_t index = 0;

	if (!jspan_fields(item, f, 4))
		return err_set(err, ERR_INVALID, "candidates: expected objects");
	jspan_int(f[0].value, &index);
	ret->index = index >= 0 && index < GEMINI_CHOICES ? (int)index : GEMINI_CHOICES - 1;
	ret->parts = said(f[1].value, "parts");
	ret->finish = read_finish(f[2].value);
	ret->logprobs = f[3].value;
	return 0;
}

bool gemini_read_part(struct jspan item, struct gemini_part *ret)
{
	struct jfield f[] = {{.name = "text"}, {.name = "thought"}, {.name = "thoughtSignature"}, {.name = "functionCall"}};
	struct jfield g[] = {{.name = "id"}, {.name = "name"}, {.name = "args"}};

	*ret = (struct gemini_part){.thought = false};
	if (!jspan_fields(item, f, 4))
		return false;
	if (span_has_text(f[0].value))
		ret->text = f[0].value;
	jspan_bool(f[1].value, &ret->thought);
	/* What Google's own tools did is signed, too, and passed over with it. */
	if (span_has_text(f[2].value) && (jspan_is_string(f[0].value) || jspan_is_object(f[3].value)))
		ret->signature = f[2].value;
	if (!jspan_fields(f[3].value, g, 3))
		return true;
	ret->call = f[3].value;
	ret->id = g[0].value;
	ret->name = g[1].value;
	ret->args = jspan_is_object(g[2].value) ? g[2].value : (struct jspan){"{}", 2};
	return true;
}

/* FNV-1a. */
static uint32_t hash_of(struct jspan s)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < s.len; i++)
		h = (h ^ (unsigned char)s.at[i]) * 16777619u;
	return h;
}

struct jspan gemini_make_id(const struct reading *r, struct jspan call, unsigned n, char out[GEMINI_ID_TEXT])
{
	char unique[LABEL_TEXT];
	int len;

	copy_text(unique, sizeof(unique), r->id);
	if (unique[0] == '\0')
		snprintf(unique, sizeof(unique), "%08x", hash_of(call));
	len = snprintf(out, GEMINI_ID_TEXT, "\"call_%.24s_%u\"", unique, n);
	return (struct jspan){out, (size_t)len};
}
