/* SPDX-License-Identifier: MIT */
/*
 * The contents of a request of Google's dialect are read into the internal form here.
 *
 * A client that collected a stream sends its pieces back as they came, so what the model said in a row
 * becomes one message again, its texts one text.  Calls and their results may lack ids: then a result
 * belongs to the first call of its function that has none yet.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"

/* A call that no result came for yet. */
struct gemini_call {
	const struct part *part;
	struct gemini_call *next;
};

/* -- messages ------------------------------------------------------------------------------------ */

/* The message that goes on, or a new one. */
static struct message *message_of(struct gemini_request *r, enum role role)
{
	if (r->last == NULL || r->last->role != role || role == ROLE_TOOL) {
		struct message *m = ARENA_NEW(r->arena, struct message);

		m->role = role;
		if (r->last != NULL)
			r->last->next = m;
		else
			r->first = m;
		r->last = m;
		r->last_part = NULL;
	}
	return r->last;
}

static struct part *add_part(struct gemini_request *r, enum role role, enum part_kind kind)
{
	struct message *m = message_of(r, role);
	struct part *p = ARENA_NEW(r->arena, struct part);

	p->kind = kind;
	if (r->last_part != NULL)
		r->last_part->next = p;
	else
		m->parts = p;
	r->last_part = p;
	return p;
}

/* -- text and thoughts --------------------------------------------------------------------------- */

/* What the piece goes on with: the model's text, or a thought that nobody signed yet. */
static struct part *open_part(const struct gemini_request *r, enum role role, enum part_kind kind)
{
	struct part *last = r->last_part;

	if (role != ROLE_ASSISTANT || r->last == NULL || r->last->role != role || last == NULL || last->kind != kind ||
	    last->signature.at != NULL)
		return NULL;
	return last;
}

static void add_text(struct gemini_request *r, enum role role, enum part_kind kind, struct jspan text)
{
	struct part *p = open_part(r, role, kind);

	if (!span_has_text(text))
		return;
	if (p == NULL)
		p = add_part(r, role, kind);
	p->text = span_join(r->arena, p->text, text);
}

/* Of a thought it is that thought's, unless it is all there is; on text it is what the model thought before. */
static void add_signature(struct gemini_request *r, enum role role, bool thought, struct jspan text)
{
	struct gemini_signature s;
	struct part *p = NULL;

	gemini_read_signature(text, r->arena, &s);
	if (thought && !s.encrypted)
		p = open_part(r, role, PART_REASONING);
	if (p == NULL) {
		p = add_part(r, role, PART_REASONING);
		p->encrypted = !thought || s.encrypted || s.signer == SIGNER_GOOGLE;
	}
	p->signature = s.text;
	p->signer = s.signer;
	p->id = s.id;
}

static int read_text(struct gemini_request *r, enum role role, struct jspan part)
{
	struct jspan text = gemini_said(part, "text"), signature = gemini_said(part, "thoughtSignature");
	bool thought = false;

	if (!jspan_is_string(text))
		return gemini_wrong(r, "text", "a string");
	jspan_bool(gemini_said(part, "thought"), &thought);
	if (role == ROLE_USER && !span_has_text(text))
		add_part(r, role, PART_TEXT)->text = text; /* who says nothing says so */
	add_text(r, role, thought ? PART_REASONING : PART_TEXT, text);
	if (span_has_text(signature))
		add_signature(r, role, thought, signature);
	return 0;
}

/* -- media --------------------------------------------------------------------------------------- */

/* Characters without quotes, the base64 in the alphabet that others read. */
static struct jspan bare(struct gemini_request *r, struct jspan string, bool is_base64)
{
	struct jspan text = span_plain(r->arena, string);
	char *copy;

	if (!is_base64 || (memchr(text.at, '-', text.len) == NULL && memchr(text.at, '_', text.len) == NULL))
		return text;
	copy = arena_copy(r->arena, text.at, text.len);
	for (size_t i = 0; i < text.len; i++)
		copy[i] = copy[i] == '-' ? '+' : copy[i] == '_' ? '/' : copy[i];
	return (struct jspan){copy, text.len};
}

/* What goes into a JSON string again as it is. */
static bool is_plain(struct jspan s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '"' || s.at[i] == '\\' || (unsigned char)s.at[i] < 0x20)
			return false;
	return true;
}

static bool begins(struct jspan text, const char *prefix)
{
	return text.len >= strlen(prefix) && memcmp(text.at, prefix, strlen(prefix)) == 0;
}

/* Only Google knows what was uploaded to it. */
static bool is_googles(struct jspan uri)
{
	static const char *const places[] = {"\"https://generativelanguage.googleapis.com/", "\"gs://", "\"files/"};

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (begins(uri, places[i]))
			return true;
	return false;
}

/* Fills in a part by inlineData or fileData. */
static int read_source(struct gemini_request *r, struct jspan source, bool inlined, struct part *p)
{
	struct jspan type = gemini_said(source, "mimeType"), data = gemini_said(source, "data");
	struct jspan uri = gemini_said(source, "fileUri");

	if (inlined && (!jspan_is_string(type) || !jspan_is_string(data)))
		return gemini_wrong(r, "inlineData", "a mimeType and data");
	if (!inlined && !span_has_text(uri))
		return gemini_wrong(r, "fileData.fileUri", "a URI");
	if (!inlined && is_googles(uri))
		return gemini_wrong(r, "fileData.fileUri", "a URL that everybody can read; what was uploaded to Google is known to it only");
	if (jspan_is_string(type))
		p->media_type = bare(r, type, false);
	if (inlined)
		p->base64 = bare(r, data, true);
	else
		p->url = uri;
	p->kind = begins(p->media_type, "image/") ? PART_IMAGE : PART_DOCUMENT;
	p->title = gemini_said(source, "displayName");
	if (!is_plain(p->media_type) || !is_plain(p->base64))
		return gemini_wrong(r, "inlineData", "a media type and base64");
	return 0;
}

/* Sound and films have no place in the internal form; name: of the member they are in. */
static bool is_unknown_media(struct gemini_request *r, const char *name, struct jspan source)
{
	char type[MODEL_TEXT];

	if (!jspan_copy(gemini_said(source, "mimeType"), type, sizeof(type)) ||
	    (strncmp(type, "audio/", 6) != 0 && strncmp(type, "video/", 6) != 0))
		return false;
	gemini_keep_extra(r, name, source);
	return true;
}

static int read_media(struct gemini_request *r, enum role role, struct jspan source, bool inlined)
{
	if (is_unknown_media(r, inlined ? "inlineData" : "fileData", source))
		return 0;
	return read_source(r, source, inlined, add_part(r, role, PART_DOCUMENT));
}

static int read_inline(struct gemini_request *r, enum role role, struct jspan part)
{
	return read_media(r, role, gemini_said(part, "inlineData"), true);
}

static int read_file(struct gemini_request *r, enum role role, struct jspan part)
{
	return read_media(r, role, gemini_said(part, "fileData"), false);
}

/* -- calls and results --------------------------------------------------------------------------- */

static int read_call(struct gemini_request *r, enum role role, struct jspan part)
{
	struct jspan object = gemini_said(part, "functionCall"), args = gemini_said(object, "args");
	struct gemini_call *call = ARENA_NEW(r->arena, struct gemini_call), **end = &r->open_calls;
	struct gemini_signature s;
	struct part *p;
	char id[32];

	if (role != ROLE_ASSISTANT)
		return gemini_wrong(r, "functionCall", "the model to say it");
	p = add_part(r, role, PART_TOOL_CALL);
	p->id = gemini_said(object, "id");
	p->name = gemini_said(object, "name");
	p->arguments = jspan_is_object(args) ? args : (struct jspan){"{}", 2};
	if (!span_has_text(p->name))
		return gemini_wrong(r, "functionCall.name", "a function's name");
	if (!span_has_text(p->id)) {
		snprintf(id, sizeof(id), "call_%u", r->num_calls);
		p->id = span_from_text(r->arena, id, strlen(id));
	}
	r->num_calls++;
	gemini_read_signature(gemini_said(part, "thoughtSignature"), r->arena, &s);
	p->signature = s.text;
	p->signer = s.signer;
	call->part = p;
	while (*end != NULL)
		end = &(*end)->next;
	*end = call;
	return 0;
}

static bool same(struct jspan a, struct jspan b)
{
	return b.at != NULL && a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

/* The first open call of that id or that name, which then is no open one any more; NULL: none. */
static const struct part *take_call(struct gemini_request *r, struct jspan id, struct jspan name)
{
	struct gemini_call **at = &r->open_calls, *found;

	while (*at != NULL && !same((*at)->part->id, id) && !same((*at)->part->name, name))
		at = &(*at)->next;
	found = *at;
	if (found == NULL)
		return NULL;
	*at = found->next;
	return found->part;
}

/* {"output": "text"} and {"error": "text"}, which Google names so, are a text; anything else is what it is. */
static struct jspan result_text(struct gemini_request *r, struct jspan response, bool *ret_failed)
{
	struct jspan output = said(response, "output"), error = said(response, "error");
	struct jmember m = {{0}, {0}};
	bool alone = jspan_next_member(response, &m) && !jspan_next_member(response, &m);

	*ret_failed = alone && error.at != NULL;
	if (alone && jspan_is_string(output))
		return output;
	if (alone && jspan_is_string(error))
		return error;
	return span_from_text(r->arena, response.at, response.len);
}

static int read_result_media(struct gemini_request *r, struct jspan parts, struct part **end)
{
	struct jspan item = {0};

	while (gemini_next_item(parts, &item)) {
		struct jspan inlined = gemini_said(item, "inlineData"), file = gemini_said(item, "fileData");
		struct part *p;

		if (is_unknown_media(r, "functionResponse.parts", inlined.at != NULL ? inlined : file))
			continue;
		p = ARENA_NEW(r->arena, struct part);
		if (read_source(r, inlined.at != NULL ? inlined : file, inlined.at != NULL, p) < 0)
			return ERR_INVALID;
		*end = p;
		end = &p->next;
	}
	return 0;
}

static int read_result(struct gemini_request *r, enum role role, struct jspan part)
{
	struct jspan object = gemini_said(part, "functionResponse"), response = gemini_said(object, "response");
	struct jspan id = gemini_said(object, "id"), name = gemini_said(object, "name");
	const struct part *call = take_call(r, id, (struct jspan){0});
	struct part *p, *text;

	(void)role;
	if (call == NULL)
		call = take_call(r, (struct jspan){0}, name);
	if (call == NULL && !span_has_text(id))
		return gemini_wrong(r, "functionResponse", "the answer to a functionCall before it, with its name or id");
	p = add_part(r, ROLE_TOOL, PART_TOOL_RESULT);
	p->id = call != NULL ? call->id : id;
	p->name = name;
	text = ARENA_NEW(r->arena, struct part);
	text->kind = PART_TEXT;
	text->text = response.at != NULL ? result_text(r, response, &p->failed) : (struct jspan){"\"\"", 2};
	p->parts = text;
	return read_result_media(r, gemini_said(object, "parts"), &text->next);
}

/* -- contents ------------------------------------------------------------------------------------ */

/* What a part is, by the member it has. */
static const struct {
	const char *name;
	int (*read)(struct gemini_request *, enum role role, struct jspan part);
} part_kinds[] = {
	{"text", read_text},
	{"inlineData", read_inline},
	{"fileData", read_file},
	{"functionCall", read_call},
	{"functionResponse", read_result},
};

/* Beside what a part is; nothing of it changes what the part says. */
static bool is_modifier(struct jspan name)
{
	static const char *const names[] = {"thought", "thoughtSignature", "partMetadata"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (gemini_is_named(name, names[i]))
			return true;
	return false;
}

static int read_part(struct gemini_request *r, enum role role, struct jspan part)
{
	struct jmember m = {{0}, {0}};
	char name[64];

	if (!jspan_is_object(part))
		return gemini_wrong(r, "", "an object");
	while (jspan_next_member(part, &m)) {
		size_t i = 0;

		if (is_modifier(m.name) || jspan_is_null(m.value))
			continue;
		while (i < ARRAY_LEN(part_kinds) && !gemini_is_named(m.name, part_kinds[i].name))
			i++;
		if (i == ARRAY_LEN(part_kinds)) {
			jspan_copy_cut(m.name, name, sizeof(name));
			gemini_keep_extra(r, name, m.value);
		} else if (part_kinds[i].read(r, role, part) < 0) {
			return ERR_INVALID;
		}
	}
	return 0;
}

/* Of the content at the place that was set. */
static int read_parts(struct gemini_request *r, enum role role, struct jspan parts)
{
	struct jspan item = {0};
	char content[sizeof(r->place)];

	copy_text(content, sizeof(content), r->place);
	for (size_t i = 0; gemini_next_item(parts, &item); i++) {
		gemini_set_place(r, "%.60s.parts[%zu]", content, i);
		if (read_part(r, role, item) < 0)
			return ERR_INVALID;
	}
	return 0;
}

static int read_role(struct gemini_request *r, struct jspan role, enum role *ret)
{
	*ret = ROLE_USER;
	if (jspan_is_null(role) || jspan_equals(role, "user") || jspan_equals(role, "function"))
		return 0;
	*ret = ROLE_ASSISTANT;
	return jspan_equals(role, "model") ? 0 : gemini_wrong(r, "role", "user or model");
}

int gemini_read_contents(struct gemini_request *r, struct jspan contents, int unused)
{
	struct jspan item = {0};
	enum role role;

	(void)unused;
	for (size_t i = 0; gemini_next_item(contents, &item); i++) {
		gemini_set_place(r, "contents[%zu]", i);
		if (read_role(r, gemini_said(item, "role"), &role) < 0 ||
		    read_parts(r, role, gemini_said(item, "parts")) < 0)
			return ERR_INVALID;
	}
	return 0;
}

int gemini_read_system(struct gemini_request *r, struct jspan instruction, int unused)
{
	(void)unused;
	if (jspan_is_string(instruction)) {
		add_text(r, ROLE_SYSTEM, PART_TEXT, instruction);
		return 0;
	}
	gemini_set_place(r, "systemInstruction");
	return read_parts(r, ROLE_SYSTEM, gemini_said(instruction, "parts"));
}
