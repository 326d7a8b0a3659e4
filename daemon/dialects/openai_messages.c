/* SPDX-License-Identifier: MIT */
/* The messages of OpenAI's chat dialect are read into the internal form here. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/openai.h"

/* Parts of messages. */

static struct part *add_part(struct openai_request *r, struct part ***end, enum part_kind kind)
{
	struct part *p = ARENA_NEW(r->arena, struct part);

	p->kind = kind;
	**end = p;
	*end = &p->next;
	return p;
}

static int read_text_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	struct jspan text = said(part, "text");

	if (!jspan_is_string(text))
		return openai_wrong(r, "text", "a string");
	add_part(r, end, PART_TEXT)->text = text;
	return 0;
}

static int read_refusal_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	add_part(r, end, PART_REFUSAL)->text = said(part, "refusal");
	return 0;
}

static int read_image_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	struct jspan image = said(part, "image_url");
	struct jspan url = jspan_is_object(image) ? said(image, "url") : image;
	struct part *p;

	if (!span_has_text(url))
		return openai_wrong(r, "image_url.url", "a URL");
	p = add_part(r, end, PART_IMAGE);
	if (url.len > 6 && strncmp(url.at, "\"data:", 6) != 0)
		p->url = url;
	else if (!span_split_data_url(url, r->arena, &p->media_type, &p->base64))
		return openai_wrong(r, "image_url.url", "https://… or data:TYPE;base64,…");
	return 0;
}

static int read_file_part(struct openai_request *r, struct jspan part, struct part ***end)
{
	struct jspan file = said(part, "file"), data = said(file, "file_data");
	struct part *p;

	if (!span_has_text(data))
		return openai_wrong(r, "file.file_data", "data:TYPE;base64,… (an id means something to its provider only)");
	p = add_part(r, end, PART_DOCUMENT);
	p->title = said(file, "filename");
	if (!span_split_data_url(data, r->arena, &p->media_type, &p->base64))
		return openai_wrong(r, "file.file_data", "data:TYPE;base64,…");
	return 0;
}

static const struct {
	const char *type;
	int (*read)(struct openai_request *, struct jspan part, struct part ***end);
} part_types[] = {
	{"text", read_text_part},
	{"image_url", read_image_part},
	{"file", read_file_part},
	{"refusal", read_refusal_part},
};

static int read_part(struct openai_request *r, struct jspan item, struct part ***end)
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
	return openai_wrong(r, "type", "text, image_url, file or refusal, which other providers understand too");
}

/* A string, a list of parts, or nothing. */
static int read_content(struct openai_request *r, size_t message, struct jspan content, struct part ***end)
{
	struct jspan item = {0};

	if (jspan_is_string(content)) {
		add_part(r, end, PART_TEXT)->text = content;
		return 0;
	}
	if (content.at != NULL && !jspan_is_array(content))
		return openai_wrong(r, "content", "a string or a list of parts");
	for (size_t i = 0; jspan_next_item(content, &item); i++) {
		openai_set_place(r, "messages[%zu].content[%zu]", message, i);
		if (read_part(r, item, end) < 0)
			return ERR_INVALID;
	}
	openai_set_place(r, "messages[%zu]", message);
	return 0;
}

/* Messages. */

/* The piece of reasoning that a detail belongs to: the last, or one more.  Pieces of one reasoning, as a
 * client collected them from a stream, become one again. */
struct detail_reader {
	struct openai_request *request;
	struct part ***end;
	struct part *open;
	int64_t index;
};

static struct part *detail_part(struct detail_reader *d, struct jspan item, enum signer signer)
{
	int64_t index = 0;

	jspan_int(said(item, "index"), &index);
	if (d->open == NULL || index != d->index || d->open->signer != signer || d->open->signature.at != NULL) {
		d->open = add_part(d->request, d->end, PART_REASONING);
		d->open->signer = signer;
	}
	d->index = index;
	return d->open;
}

static void read_detail(struct detail_reader *d, struct jspan item)
{
	struct jspan type = said(item, "type");
	enum signer signer;
	struct part *p;

	if (!signer_of_format(said(item, "format"), &signer))
		return;
	if (jspan_equals(type, "reasoning.text")) {
		p = detail_part(d, item, signer);
		p->text = span_join(d->request->arena, p->text, said(item, "text"));
		p->signature = said(item, "signature");
	} else if (jspan_equals(type, "reasoning.summary")) {
		p = detail_part(d, item, signer);
		p->text = span_join(d->request->arena, p->text, said(item, "summary"));
	} else if (jspan_equals(type, "reasoning.encrypted")) {
		/* Beside OpenAI's summary stands what it summarises; elsewhere it stands alone. */
		if (signer != SIGNER_OPENAI)
			d->open = NULL;
		p = detail_part(d, item, signer);
		p->encrypted = p->text.at == NULL;
		p->signature = said(item, "data");
		p->id = said(item, "id");
	}
}

static bool same_text(struct jspan a, struct jspan b)
{
	return a.at != NULL && b.at != NULL && a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* Whether the detail is what a call was signed with; that is the call's. */
static bool is_of_call(struct jspan detail, struct jspan calls)
{
	struct jspan item = {0};

	while (jspan_next_item(calls, &item))
		if (same_text(said(detail, "id"), said(item, "id")))
			return true;
	return false;
}

static void read_reasoning_details(struct openai_request *r, struct jspan details, struct jspan calls, struct part ***end)
{
	struct detail_reader d = {.request = r, .end = end};
	struct jspan item = {0};

	while (jspan_next_item(details, &item))
		if (!is_of_call(item, calls))
			read_detail(&d, item);
}

/* Where it stands as Google's own endpoint for OpenAI's clients has it, or by the call's id among the details. */
static void read_call_signature(struct part *call, struct jspan item, struct jspan details)
{
	struct jspan google = said(said(item, "extra_content"), "google"), detail = {0};

	call->signature = said(google, "thought_signature");
	call->signer = SIGNER_GOOGLE;
	while (call->signature.at == NULL && jspan_next_item(details, &detail))
		if (same_text(said(detail, "id"), call->id) && signer_of_format(said(detail, "format"), &call->signer))
			call->signature = said(detail, "data");
}

static int read_calls(struct openai_request *r, size_t message, struct jspan calls, struct jspan details,
		      struct part ***end)
{
	struct jspan item = {0};

	for (size_t i = 0; jspan_next_item(calls, &item); i++) {
		struct jspan function = said(item, "function");
		struct part *p;

		openai_set_place(r, "messages[%zu].tool_calls[%zu]", message, i);
		if (!jspan_is_object(function) || !span_has_text(said(function, "name")))
			return openai_wrong(r, "function", "an object with a name; other providers know no other tools");
		if (!span_has_text(said(item, "id")))
			return openai_wrong(r, "id", "a string");
		p = add_part(r, end, PART_TOOL_CALL);
		p->id = said(item, "id");
		p->name = said(function, "name");
		p->arguments = span_plain(r->arena, said(function, "arguments"));
		read_call_signature(p, item, details);
	}
	return 0;
}

static int read_tool_message(struct openai_request *r, size_t i, struct jspan item, struct part ***end)
{
	struct part *result = add_part(r, end, PART_TOOL_RESULT), **inner = &result->parts;

	result->id = said(item, "tool_call_id");
	if (!span_has_text(result->id))
		return openai_wrong(r, "tool_call_id", "the id of a call");
	result->cache = said(item, "cache_control");
	return read_content(r, i, said(item, "content"), &inner);
}

/* What no other dialect has, and nobody is to lose unawares. */
static void keep_members(struct openai_request *r, struct jspan item)
{
	static const char *const names[] = {"name", "audio", "function_call"};
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct jspan value = said(item, names[i]);

		if (value.at == NULL || value.len == 2)
			continue;
		snprintf(path, sizeof(path), "%s.%s", r->place, names[i]);
		openai_keep_extra(r, span_from_text(r->arena, path, strlen(path)), value);
	}
}

static int read_said_message(struct openai_request *r, size_t i, struct jspan item, struct part **first)
{
	struct part **end = first;
	struct jspan cache = said(item, "cache_control"), calls = said(item, "tool_calls");
	struct jspan details = said(item, "reasoning_details");

	keep_members(r, item);
	read_reasoning_details(r, details, calls, &end);
	if (read_content(r, i, said(item, "content"), &end) < 0)
		return ERR_INVALID;
	if (span_has_text(said(item, "refusal")))
		add_part(r, &end, PART_REFUSAL)->text = said(item, "refusal");
	if (read_calls(r, i, calls, details, &end) < 0)
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

static int read_role(struct openai_request *r, struct jspan role, enum role *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		if (jspan_equals(role, roles[i].name)) {
			*ret = roles[i].role;
			return 0;
		}
	}
	return openai_wrong(r, "role", "system, developer, user, assistant or tool");
}

int openai_read_messages(struct openai_request *r, struct jspan value, int unused)
{
	struct message **end = &r->c->messages;
	struct jspan item = {0};

	(void)unused;
	for (size_t i = 0; jspan_next_item(value, &item); i++) {
		struct message *m = ARENA_NEW(r->arena, struct message);
		struct part **parts = &m->parts;
		int result;

		openai_set_place(r, "messages[%zu]", i);
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
