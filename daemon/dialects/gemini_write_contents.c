/* SPDX-License-Identifier: MIT */
/*
 * The contents of a request of Google's dialect are written from the internal form here.
 *
 * There are two sides, user and model; what one says in a row is one content, except that the results of
 * tools stand alone.  A result names its function, not only its call, and is an object.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"
#include "dialects/interpreter.h"

/* What stands in for the signature of a call that Google's models did not make, or whose client lost it:
 * since Gemini 3 they refuse a call without one. */
static const char no_signature[] = ",\"thoughtSignature\":\"skip_thought_signature_validator\"";

/* -- media --------------------------------------------------------------------------------------- */

static const char *type_of_url(struct jspan url, const char *otherwise)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{".png", "image/png"},   {".jpg", "image/jpeg"},  {".jpeg", "image/jpeg"}, {".webp", "image/webp"},
		{".gif", "image/gif"},   {".heic", "image/heic"}, {".heif", "image/heif"}, {".pdf", "application/pdf"},
		{".txt", "text/plain"},  {".csv", "text/csv"},    {".html", "text/html"},  {".mp3", "audio/mp3"},
		{".wav", "audio/wav"},   {".mp4", "video/mp4"},   {".mov", "video/mov"},   {".webm", "video/webm"},
	};
	size_t len = url.len - 2;
	const char *text = url.at + 1, *query = memchr(text, '?', len);

	if (query != NULL)
		len = (size_t)(query - text);
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		size_t n = strlen(types[i].ending);

		if (len > n && strncasecmp(text + len - n, types[i].ending, n) == 0)
			return types[i].type;
	}
	return otherwise;
}

static void put_media(struct buf *out, const struct part *p)
{
	buf_puts(out, p->url.at != NULL ? "\"fileData\":{\"mimeType\":\"" : "\"inlineData\":{\"mimeType\":\"");
	if (p->media_type.at != NULL)
		buf_add(out, p->media_type.at, p->media_type.len);
	else if (p->url.at != NULL)
		buf_puts(out, type_of_url(p->url, p->kind == PART_IMAGE ? "image/jpeg" : "application/pdf"));
	buf_putc(out, '"');
	if (p->url.at != NULL) {
		put_member(out, "fileUri", p->url);
	} else {
		buf_puts(out, ",\"data\":\"");
		buf_add(out, p->base64.at, p->base64.len);
		buf_putc(out, '"');
	}
	buf_putc(out, '}');
}

static bool is_media(const struct part *p)
{
	return p->kind == PART_IMAGE || p->kind == PART_DOCUMENT;
}

/* -- results of tools ---------------------------------------------------------------------------- */

/* The function whose call this was: the latest of that id before the result's message. */
static struct jspan function_of(const struct gemini_writer *w, const struct message *before, const struct part *result)
{
	struct jspan name = {0};

	for (const struct message *m = w->c->messages; m != NULL && m != before; m = m->next)
		for (const struct part *p = m->parts; p != NULL; p = p->next)
			if (p->kind == PART_TOOL_CALL && p->id.len == result->id.len &&
			    memcmp(p->id.at, result->id.at, p->id.len) == 0)
				name = p->name;
	return name;
}

/* A text that is an object is the response as it is; other text is its output, or its error. */
static void put_response(struct buf *out, const struct part *result)
{
	struct buf joined, plain;
	struct jspan text;

	buf_init(&joined, out->max);
	buf_init(&plain, out->max);
	if (parts_join_text(result->parts, PART_TEXT, &joined) > 0)
		jspan_text((struct jspan){joined.data, joined.len}, &plain);
	text = jspan_trim(plain.data, plain.len);
	if (!result->failed && text.len > 0 && *text.at == '{' && jscan_object(text.at, text.len, NULL, 0, NULL) == 0) {
		buf_add(out, text.at, text.len);
	} else {
		buf_puts(out, result->failed ? "{\"error\":" : "{\"output\":");
		buf_puts(out, joined.len > 0 ? joined.data : "\"\"");
		buf_putc(out, '}');
	}
	buf_release(&joined);
	buf_release(&plain);
}

static int put_result(struct gemini_writer *w, const struct message *m, const struct part *p)
{
	struct jspan name = function_of(w, m, p);
	unsigned n = 0;

	if (name.at == NULL)
		name = p->name;
	if (!span_has_text(name))
		return err_set(w->err, ERR_INVALID,
			       "messages: a tool's result belongs to no call before it; send the call as well");
	buf_puts(w->out, "{\"functionResponse\":{\"name\":");
	put_span(w->out, name);
	if (span_has_text(p->id))
		put_member(w->out, "id", p->id);
	buf_puts(w->out, ",\"response\":");
	put_response(w->out, p);
	for (const struct part *inner = p->parts; w->media_in_results && inner != NULL; inner = inner->next) {
		if (!is_media(inner))
			continue;
		buf_puts(w->out, n++ == 0 ? ",\"parts\":[{" : ",{");
		put_media(w->out, inner);
		buf_putc(w->out, '}');
	}
	buf_puts(w->out, n > 0 ? "]}}" : "}}");
	return 0;
}

/* -- parts --------------------------------------------------------------------------------------- */

static bool is_googles(const struct part *p)
{
	return p->signature.at != NULL && (p->signer == SIGNER_GOOGLE || p->signer == SIGNER_UNSAID);
}

/* Reasoning nobody but Google can read belongs to the text it led to: before it, where its client keeps
 * the order, else behind. */
static bool is_of_text(const struct part *p)
{
	return p->kind == PART_REASONING && p->encrypted && is_googles(p);
}

static bool is_text(const struct part *p)
{
	return (p->kind == PART_TEXT || p->kind == PART_REFUSAL) && span_has_text(p->text);
}

/* The signature that stands on a text: of the reasoning that follows it, or that opened its message. */
static const struct part *reasoning_of(const struct message *m, const struct part *text)
{
	const struct part *before = NULL;

	if (text->next != NULL && is_of_text(text->next))
		return text->next;
	for (const struct part *p = m->parts; p != text; p = p->next) {
		if (is_text(p))
			return NULL;
		if (is_of_text(p))
			before = p;
	}
	return before;
}

static bool has_own_text(const struct message *m, const struct part *reasoning)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next)
		if (is_text(p) && reasoning_of(m, p) == reasoning)
			return true;
	return false;
}

/* Whether a part of a message can be said to Google at all, and is no part of another. */
static bool takes(const struct message *m, const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		return is_text(p);
	case PART_REASONING:
		return is_googles(p) && !(p->encrypted && has_own_text(m, p));
	case PART_IMAGE:
	case PART_DOCUMENT:
	case PART_TOOL_CALL:
	case PART_TOOL_RESULT:
		return true;
	}
	return false;
}

static void put_signature(struct buf *out, const struct part *signed_part)
{
	if (signed_part != NULL)
		put_member(out, "thoughtSignature", signed_part->signature);
}

/* The first call of a step is the one whose signature is asked for. */
static bool is_first_call(const struct message *m, const struct part *call)
{
	const struct part *p = m->parts;

	while (p->kind != PART_TOOL_CALL)
		p = p->next;
	return p == call;
}

static void put_call(struct gemini_writer *w, const struct message *m, const struct part *p)
{
	buf_puts(w->out, "{\"functionCall\":{\"name\":");
	put_span(w->out, p->name);
	if (span_has_text(p->id))
		put_member(w->out, "id", p->id);
	buf_puts(w->out, ",\"args\":");
	gemini_put_args(w->out, p->arguments);
	buf_putc(w->out, '}');
	if (is_googles(p))
		put_signature(w->out, p);
	else if (w->signs_calls && is_first_call(m, p))
		buf_puts(w->out, no_signature);
	buf_putc(w->out, '}');
}

static int put_part(struct gemini_writer *w, const struct message *m, const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		buf_puts(w->out, "{\"text\":");
		put_span(w->out, p->text);
		put_signature(w->out, reasoning_of(m, p));
		buf_putc(w->out, '}');
		break;
	case PART_REASONING:
		buf_puts(w->out, "{\"text\":");
		buf_add(w->out, p->text.at != NULL ? p->text.at : "\"\"", p->text.at != NULL ? p->text.len : 2);
		buf_puts(w->out, p->encrypted ? "" : ",\"thought\":true");
		put_signature(w->out, p);
		buf_putc(w->out, '}');
		break;
	case PART_IMAGE:
	case PART_DOCUMENT:
		buf_putc(w->out, '{');
		put_media(w->out, p);
		buf_putc(w->out, '}');
		break;
	case PART_TOOL_CALL:
		put_call(w, m, p);
		break;
	case PART_TOOL_RESULT:
		return put_result(w, m, p);
	}
	return 0;
}

/* -- contents ------------------------------------------------------------------------------------ */

/* Whose turn it is: what tools gave is the user's, but stands alone. */
enum side { NOBODY, USER, MODEL, TOOLS };

static enum side side_of(const struct message *m, const struct part *p)
{
	if (p->kind == PART_TOOL_RESULT)
		return TOOLS;
	return m->role == ROLE_ASSISTANT ? MODEL : USER;
}

/* Begins a content where the side changes, and a part of it. */
static void begin_part(struct gemini_writer *w, enum side *at, enum side side)
{
	if (*at == side) {
		buf_putc(w->out, ',');
		return;
	}
	buf_printf(w->out, "%s{\"role\":\"%s\",\"parts\":[", *at == NOBODY ? "" : "]},", side == MODEL ? "model" : "user");
	*at = side;
}

/* What tools gave that is no text, for models that take it from the user only. */
static void put_media_behind(struct gemini_writer *w, const struct message *m, enum side *at)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next)
		for (const struct part *inner = p->parts; p->kind == PART_TOOL_RESULT && inner != NULL; inner = inner->next)
			if (is_media(inner)) {
				begin_part(w, at, USER);
				put_part(w, m, inner);
			}
}

static bool has_results(const struct message *m)
{
	for (const struct part *p = m != NULL ? m->parts : NULL; p != NULL; p = p->next)
		if (p->kind == PART_TOOL_RESULT)
			return true;
	return false;
}

static int put_message(struct gemini_writer *w, const struct message *m, bool results, enum side *at)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next) {
		if ((p->kind == PART_TOOL_RESULT) != results || !takes(m, p))
			continue;
		begin_part(w, at, side_of(m, p));
		if (put_part(w, m, p) < 0)
			return ERR_INVALID;
	}
	return 0;
}

/* The results of one turn, in however many messages, come first; what else those messages say, behind. */
static int put_turn(struct gemini_writer *w, const struct message **m, enum side *at)
{
	const struct message *first = *m, *end = first;

	for (; has_results(end); end = end->next)
		if (put_message(w, end, true, at) < 0)
			return ERR_INVALID;
	if (end == first)
		end = first->next;
	*m = end;
	for (; first != end; first = first->next) {
		if (!w->media_in_results)
			put_media_behind(w, first, at);
		if (first->role != ROLE_SYSTEM && put_message(w, first, false, at) < 0)
			return ERR_INVALID;
	}
	return 0;
}

int gemini_put_contents(struct gemini_writer *w)
{
	const struct message *m = w->c->messages;
	enum side at = NOBODY;

	buf_puts(w->out, "\"contents\":[");
	while (m != NULL)
		if (put_turn(w, &m, &at) < 0)
			return ERR_INVALID;
	if (at == NOBODY)
		return err_set(w->err, ERR_INVALID, "messages: Gemini needs one that is not the system's");
	buf_puts(w->out, "]}]");
	return 0;
}

int gemini_put_system(struct gemini_writer *w)
{
	unsigned n = 0;

	for (const struct message *m = w->c->messages; m != NULL; m = m->next) {
		for (const struct part *p = m->role == ROLE_SYSTEM ? m->parts : NULL; p != NULL; p = p->next) {
			if (p->kind != PART_TEXT)
				return err_set(w->err, ERR_INVALID, "messages: Gemini takes nothing but text from the system");
			if (!span_has_text(p->text))
				continue;
			buf_puts(w->out, n++ == 0 ? ",\"systemInstruction\":{\"parts\":[{\"text\":" : ",{\"text\":");
			put_span(w->out, p->text);
			buf_putc(w->out, '}');
		}
	}
	if (n > 0)
		buf_puts(w->out, "]}");
	return 0;
}
