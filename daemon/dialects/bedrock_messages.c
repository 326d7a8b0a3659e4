/* SPDX-License-Identifier: MIT */
/*
 * The system's words and the messages of a Bedrock request are written from the internal form here.
 *
 * A block is an object with one member, which is its kind.  Messages of one side that follow each other are
 * one message; results of tools are the user's.  A cachePoint is a block of its own, behind what is cached.
 */
#include <inttypes.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "dialects/anthropic.h"
#include "dialects/bedrock.h"

/* Bedrock refuses longer ids of calls, and such with other characters than these. */
enum { MAX_ID = 64, ID_KEPT = MAX_ID - 17 };
static const char id_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

struct message_writer {
	const struct bedrock_family *family;
	struct buf *out;
	struct err *err;
	unsigned documents;             /* how many there were: each needs a name of its own */
};

/* -- what can be said ---------------------------------------------------------------------------- */

/* Whitespace in JSON strings is itself or an escape of two characters. */
static bool is_blank(struct jspan text)
{
	if (!jspan_is_string(text))
		return true;
	for (size_t i = 1; i + 1 < text.len; i++) {
		if (text.at[i] == '\\' && strchr("ntrf", text.at[i + 1]) != NULL)
			i++;
		else if (text.at[i] != ' ')
			return false;
	}
	return true;
}

bool bedrock_takes(const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		return !is_blank(p->text);
	case PART_REASONING:
		return span_has_text(p->signature) && (p->signer == SIGNER_ANTHROPIC || p->signer == SIGNER_UNSAID);
	case PART_IMAGE:
	case PART_DOCUMENT:
	case PART_TOOL_CALL:
	case PART_TOOL_RESULT:
		return true;
	}
	return false;
}

/* -- parts --------------------------------------------------------------------------------------- */

/* Ids made elsewhere may be too long or have other characters; the same id always becomes the same. */
static void put_id(struct buf *out, struct jspan id)
{
	char text[256], hex[HASH_HEX];
	unsigned char hash[HASH_BYTES];
	size_t len;

	jspan_copy_cut(id, text, sizeof(text));
	len = strlen(text);
	if (len > MAX_ID) {
		hash_sha256(id.at, id.len, hash);
		hash_hex(hash, hex);
		text[ID_KEPT] = '-';
		copy_text(text + ID_KEPT + 1, MAX_ID - ID_KEPT, hex);
	}
	for (char *p = text; *p != '\0'; p++)
		if (strchr(id_characters, *p) == NULL)
			*p = '_';
	buf_json_string(out, len > 0 ? text : "_", len > 0 ? strlen(text) : 1);
}

static void put_call(struct buf *out, const struct part *p)
{
	buf_puts(out, "\"toolUse\":{\"toolUseId\":");
	put_id(out, p->id);
	put_member(out, "name", p->name);
	buf_puts(out, ",\"input\":");
	anthropic_put_input(out, p->arguments);
	buf_putc(out, '}');
}

/* What only its author can read is the bytes of that text in base 64 here. */
static void put_redacted(struct buf *out, struct jspan signature)
{
	struct buf text;

	buf_init(&text, signature.len);
	jspan_text(signature, &text);
	buf_puts(out, "\"redactedContent\":\"");
	base64_encode(text.data, text.len, out);
	buf_putc(out, '"');
	buf_release(&text);
}

static void put_reasoning(struct buf *out, const struct part *p)
{
	buf_puts(out, "\"reasoningContent\":{");
	if (p->encrypted) {
		put_redacted(out, p->signature);
	} else {
		buf_puts(out, "\"reasoningText\":{\"text\":");
		buf_add(out, p->text.at != NULL ? p->text.at : "\"\"", p->text.at != NULL ? p->text.len : 2);
		put_member(out, "signature", p->signature);
		buf_putc(out, '}');
	}
	buf_putc(out, '}');
}

/* -- pictures and documents ---------------------------------------------------------------------- */

/* What Bedrock calls a media type. */
static const struct media {
	enum part_kind kind;
	const char *type, *format;
} media[] = {
	{PART_IMAGE, "image/png", "png"},
	{PART_IMAGE, "image/jpeg", "jpeg"},
	{PART_IMAGE, "image/jpg", "jpeg"},
	{PART_IMAGE, "image/gif", "gif"},
	{PART_IMAGE, "image/webp", "webp"},
	{PART_DOCUMENT, "application/pdf", "pdf"},
	{PART_DOCUMENT, "text/plain", "txt"},
	{PART_DOCUMENT, "text/csv", "csv"},
	{PART_DOCUMENT, "text/html", "html"},
	{PART_DOCUMENT, "text/markdown", "md"},
	{PART_DOCUMENT, "application/msword", "doc"},
	{PART_DOCUMENT, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
	{PART_DOCUMENT, "application/vnd.ms-excel", "xls"},
	{PART_DOCUMENT, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
};

/* Text has characters behind its type: "text/plain; charset=utf-8". */
static const char *format_of(const struct part *p)
{
	for (size_t i = 0; i < ARRAY_LEN(media); i++) {
		size_t len = strlen(media[i].type);

		if (media[i].kind == p->kind && p->media_type.len >= len && memcmp(p->media_type.at, media[i].type, len) == 0 &&
		    (p->media_type.len == len || p->media_type.at[len] == ';'))
			return media[i].format;
	}
	return NULL;
}

/* Letters, digits, single spaces, hyphens and brackets: anything else would be refused. */
static void put_document_name(struct message_writer *w, struct jspan title)
{
	static const char others[] = "-()[]";
	char text[128], *to = text;

	if (!jspan_is_string(title) || !jspan_copy_cut(title, text, sizeof(text)))
		text[0] = '\0';
	for (const char *p = text; *p != '\0'; p++) {
		bool plain = (*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
			     strchr(others, *p) != NULL;

		if (plain)
			*to++ = *p;
		else if (to > text && to[-1] != ' ' && to[-1] != '-')
			*to++ = *p == ' ' ? ' ' : '-';
	}
	while (to > text && to[-1] == ' ')
		to--;
	*to = '\0';
	if (to == text)
		buf_printf(w->out, "\"document-%u\"", w->documents);
	else
		buf_json_string(w->out, text, (size_t)(to - text));
}

/* Only what lies with AWS itself is taken by its address. */
static bool put_source(struct buf *out, const struct part *p)
{
	static const char s3[] = "\"s3://";

	buf_puts(out, ",\"source\":{");
	if (p->url.at == NULL) {
		buf_puts(out, "\"bytes\":\"");
		buf_add(out, p->base64.at, p->base64.len);
		buf_puts(out, "\"}");
		return true;
	}
	if (p->url.len < sizeof(s3) || memcmp(p->url.at, s3, sizeof(s3) - 1) != 0)
		return false;
	buf_puts(out, "\"s3Location\":{\"uri\":");
	put_span(out, p->url);
	buf_puts(out, "}}");
	return true;
}

/* The format of what lies elsewhere shows in its name only. */
static const char *format_of_url(const struct part *p)
{
	for (size_t i = 0; i < ARRAY_LEN(media); i++) {
		size_t len = strlen(media[i].format);
		const char *end = p->url.at + p->url.len - 1;

		if (media[i].kind == p->kind && p->url.len > len + 3 && memcmp(end - len, media[i].format, len) == 0 &&
		    end[-(ptrdiff_t)len - 1] == '.')
			return media[i].format;
	}
	return p->kind == PART_IMAGE ? "jpeg" : "pdf";
}

static int put_media(struct message_writer *w, const struct part *p)
{
	const char *format = p->url.at == NULL ? format_of(p) : format_of_url(p);
	const char *what = p->kind == PART_IMAGE ? "image" : "document";

	if (format == NULL)
		return err_set(w->err, ERR_INVALID, "messages: Bedrock takes no %s of type %.*s", what,
			       (int)(p->media_type.len < 80 ? p->media_type.len : 80), p->media_type.at);
	buf_printf(w->out, "\"%s\":{\"format\":\"%s\"", what, format);
	if (p->kind == PART_DOCUMENT) {
		w->documents++;
		buf_puts(w->out, ",\"name\":");
		put_document_name(w, p->title);
	}
	if (!put_source(w->out, p))
		return err_set(w->err, ERR_INVALID, "messages: Bedrock takes no %s by its URL; send its bytes", what);
	buf_putc(w->out, '}');
	return 0;
}

/* -- blocks -------------------------------------------------------------------------------------- */

static int put_blocks(struct message_writer *w, const struct part *parts, bool in_result, unsigned *n);

static int put_result(struct message_writer *w, const struct part *p)
{
	unsigned n = 0;

	buf_puts(w->out, "\"toolResult\":{\"toolUseId\":");
	put_id(w->out, p->id);
	buf_puts(w->out, ",\"content\":[");
	if (put_blocks(w, p->parts, true, &n) < 0)
		return ERR_INVALID;
	buf_puts(w->out, p->failed ? "],\"status\":\"error\"}" : "]}");
	return 0;
}

static int put_block(struct message_writer *w, const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		buf_puts(w->out, "\"text\":");
		put_span(w->out, p->text);
		break;
	case PART_IMAGE:
	case PART_DOCUMENT:
		return put_media(w, p);
	case PART_TOOL_CALL:
		put_call(w->out, p);
		break;
	case PART_TOOL_RESULT:
		return put_result(w, p);
	case PART_REASONING:
		put_reasoning(w->out, p);
		break;
	}
	return 0;
}

void bedrock_put_cache_point(struct buf *out, const struct bedrock_family *family, struct jspan cache)
{
	struct jspan ttl = said(cache, "ttl");

	if (cache.at == NULL || !family->caches)
		return;
	buf_puts(out, ",{\"cachePoint\":{\"type\":\"default\"");
	put_member(out, "ttl", ttl);
	buf_puts(out, "}}");
}

/* Inside a result there is no place for one: then it stands behind the result. */
static struct jspan cache_of(const struct part *p)
{
	struct jspan cache = p->cache;

	for (const struct part *inner = p->parts; inner != NULL && cache.at == NULL; inner = inner->next)
		cache = inner->cache;
	return cache;
}

static int put_blocks(struct message_writer *w, const struct part *parts, bool in_result, unsigned *n)
{
	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (!bedrock_takes(p))
			continue;
		buf_puts(w->out, (*n)++ > 0 ? ",{" : "{");
		if (put_block(w, p) < 0)
			return ERR_INVALID;
		buf_putc(w->out, '}');
		if (!in_result)
			bedrock_put_cache_point(w->out, w->family, cache_of(p));
	}
	return 0;
}

/* -- messages ------------------------------------------------------------------------------------ */

static bool has_parts(const struct message *m)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next)
		if (bedrock_takes(p))
			return true;
	return false;
}

static int put_system(struct message_writer *w, const struct conversation *c)
{
	unsigned n = 0;

	for (const struct message *m = c->messages; m != NULL; m = m->next) {
		if (m->role != ROLE_SYSTEM || !has_parts(m))
			continue;
		for (const struct part *p = m->parts; p != NULL; p = p->next)
			if (p->kind != PART_TEXT)
				return err_set(w->err, ERR_INVALID, "messages: Bedrock takes nothing but text from the system");
		if (n == 0)
			buf_puts(w->out, "\"system\":[");
		if (put_blocks(w, m->parts, false, &n) < 0)
			return ERR_INVALID;
	}
	if (n > 0)
		buf_puts(w->out, "],");
	return 0;
}

static const char *side_of(const struct message *m)
{
	return m->role == ROLE_ASSISTANT ? "assistant" : "user";
}

int bedrock_put_messages(const struct conversation *c, const struct bedrock_family *family, struct buf *out,
			 struct err *err)
{
	struct message_writer w = {.family = family, .out = out, .err = err};
	const char *side = NULL;
	unsigned n = 0;

	if (put_system(&w, c) < 0)
		return ERR_INVALID;
	buf_puts(out, "\"messages\":[");
	for (const struct message *m = c->messages; m != NULL; m = m->next) {
		if (m->role == ROLE_SYSTEM || !has_parts(m))
			continue;
		if (side != side_of(m)) {
			if (side != NULL)
				buf_puts(out, "]},");
			side = side_of(m);
			buf_printf(out, "{\"role\":\"%s\",\"content\":[", side);
			n = 0;
		}
		if (put_blocks(&w, m->parts, false, &n) < 0)
			return ERR_INVALID;
	}
	if (side == NULL)
		return err_set(err, ERR_INVALID, "messages: Bedrock needs one that is not the system's");
	buf_puts(out, "]}]");
	return 0;
}
