/* SPDX-License-Identifier: MIT */
/*
 * The messages of a request of OpenAI's chat dialect are written from the internal form here.
 *
 * A tool's result is text there: pictures and files that a tool gave follow in a message of the user's, behind
 * the results of the whole turn.  That a tool failed is said in its text.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "dialects/openai.h"
#include "dialects/provider_kind.h"

/* Parts. */

static bool is_content(const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		return p->text.at != NULL;
	case PART_IMAGE:
	case PART_DOCUMENT:
		return true;
	case PART_TOOL_CALL:
	case PART_TOOL_RESULT:
	case PART_REASONING:
		break;
	}
	return false;
}

static bool is_media(const struct part *p)
{
	return p->kind == PART_IMAGE || p->kind == PART_DOCUMENT;
}

static void put_data_url(struct buf *out, const struct part *p)
{
	buf_puts(out, "\"data:");
	buf_add(out, p->media_type.at, p->media_type.len);
	buf_puts(out, ";base64,");
	buf_add(out, p->base64.at, p->base64.len);
	buf_putc(out, '"');
}

/* Mistral reads documents by their URL, of whichever kind. */
static void put_document_url(struct openai_writer *w, const struct part *p)
{
	buf_puts(w->out, "{\"type\":\"document_url\"");
	if (p->title.at != NULL)
		put_member(w->out, "document_name", p->title);
	buf_puts(w->out, ",\"document_url\":");
	if (p->url.at != NULL)
		put_span(w->out, p->url);
	else
		put_data_url(w->out, p);
}

static int put_document(struct openai_writer *w, const struct part *p)
{
	if (w->target->quirks & QUIRK_MISTRALS_WORDS) {
		put_document_url(w, p);
		return 0;
	}
	if (p->url.at != NULL)
		return err_set(w->err, ERR_INVALID,
			       "messages: chat completions take a document by its bytes, not by its URL");
	buf_puts(w->out, "{\"type\":\"file\",\"file\":{\"filename\":");
	if (p->title.at != NULL)
		put_span(w->out, p->title);
	else
		buf_puts(w->out, "\"document\"");
	buf_puts(w->out, ",\"file_data\":");
	put_data_url(w->out, p);
	buf_putc(w->out, '}');
	return 0;
}

static void put_image(struct openai_writer *w, const struct part *p)
{
	buf_puts(w->out, "{\"type\":\"image_url\",\"image_url\":{\"url\":");
	if (p->url.at != NULL)
		put_span(w->out, p->url);
	else
		put_data_url(w->out, p);
	buf_putc(w->out, '}');
}

/* The caller knows that the part is content. */
static int put_part(struct openai_writer *w, const struct part *p)
{
	if (p->kind == PART_DOCUMENT) {
		if (put_document(w, p) < 0)
			return ERR_INVALID;
	} else if (p->kind == PART_IMAGE) {
		put_image(w, p);
	} else {
		buf_puts(w->out, "{\"type\":\"text\"");
		put_member(w->out, "text", p->text);
	}
	if (w->target->quirks & QUIRK_KNOWS_CACHE_CONTROL)
		put_member(w->out, "cache_control", p->cache);
	buf_putc(w->out, '}');
	return 0;
}

/* One text is a string, as it is understood anywhere; more is a list. */
static int put_content(struct openai_writer *w, const struct part *parts)
{
	const struct part *first = NULL;
	unsigned n = 0;

	for (const struct part *p = parts; p != NULL; p = p->next)
		if (is_content(p) && n++ == 0)
			first = p;
	if (n == 0) {
		buf_puts(w->out, "\"\"");
		return 0;
	}
	if (n == 1 && !is_media(first) && !(w->target->quirks & QUIRK_KNOWS_CACHE_CONTROL && first->cache.at != NULL)) {
		put_span(w->out, first->text);
		return 0;
	}
	n = 0;
	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (!is_content(p))
			continue;
		buf_putc(w->out, n++ == 0 ? '[' : ',');
		if (put_part(w, p) < 0)
			return ERR_INVALID;
	}
	buf_putc(w->out, ']');
	return 0;
}

/* Messages. */

static void begin_message(struct openai_writer *w, const char *role)
{
	buf_printf(w->out, "%s{\"role\":\"%s\"", w->num_messages++ > 0 ? "," : "", role);
}

static bool has_content(const struct part *p)
{
	while (p != NULL && !is_content(p))
		p = p->next;
	return p != NULL;
}

static int put_said(struct openai_writer *w, const struct message *m, const char *role)
{
	if (!has_content(m->parts))
		return 0;
	begin_message(w, role);
	buf_puts(w->out, ",\"content\":");
	if (put_content(w, m->parts) < 0)
		return ERR_INVALID;
	buf_putc(w->out, '}');
	return 0;
}

/* The texts of a result as one string. */
static void put_result_text(struct openai_writer *w, const struct part *result)
{
	static const char error[] = "Error: ";
	unsigned n = 0;

	buf_putc(w->out, '"');
	if (result->failed)
		buf_puts(w->out, error);
	for (const struct part *p = result->parts; p != NULL; p = p->next) {
		if (p->kind != PART_TEXT || p->text.len < 2)
			continue;
		if (n++ > 0)
			buf_puts(w->out, "\\n");
		buf_add(w->out, p->text.at + 1, p->text.len - 2);
	}
	if (n == 0)
		for (const struct part *p = result->parts; p != NULL; p = p->next)
			if (is_media(p)) {
				buf_puts(w->out, "What the tool gave follows.");
				break;
			}
	buf_putc(w->out, '"');
}

static void put_results(struct openai_writer *w, const struct message *m)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next) {
		if (p->kind != PART_TOOL_RESULT)
			continue;
		begin_message(w, "tool");
		put_member(w->out, "tool_call_id", p->id);
		buf_puts(w->out, ",\"content\":");
		put_result_text(w, p);
		buf_putc(w->out, '}');
	}
}

/* "What call_1 gave:", and the pictures and files behind it. */
static int put_result_media(struct openai_writer *w, const struct part *result, unsigned *n)
{
	bool named = false;

	for (const struct part *p = result->parts; p != NULL; p = p->next) {
		if (!is_media(p))
			continue;
		if ((*n)++ == 0) {
			begin_message(w, "user");
			buf_puts(w->out, ",\"content\":[");
		} else {
			buf_putc(w->out, ',');
		}
		if (!named) {
			buf_puts(w->out, "{\"type\":\"text\",\"text\":\"What ");
			if (span_has_text(result->id))
				buf_add(w->out, result->id.at + 1, result->id.len - 2);
			buf_puts(w->out, " gave:\"},");
			named = true;
		}
		if (put_part(w, p) < 0)
			return ERR_INVALID;
	}
	return 0;
}

/* What the tools of one turn gave that is no text; from is the first message of their results. */
static int put_media(struct openai_writer *w, const struct message *from, const struct message *end)
{
	unsigned n = 0;

	for (const struct message *m = from; m != end; m = m->next)
		for (const struct part *p = m->parts; p != NULL; p = p->next)
			if (p->kind == PART_TOOL_RESULT && put_result_media(w, p, &n) < 0)
				return ERR_INVALID;
	if (n > 0)
		buf_puts(w->out, "]}");
	return 0;
}

static bool has_calls(const struct part *p)
{
	while (p != NULL && p->kind != PART_TOOL_CALL)
		p = p->next;
	return p != NULL;
}

static void put_reasoning(struct openai_writer *w, const struct part *parts)
{
	if (w->target->quirks & QUIRK_KNOWS_REASONING_DETAILS)
		openai_put_reasoning_details(w->out, parts);
	if (w->target->quirks & QUIRK_KNOWS_REASONING_CONTENT)
		openai_put_reasoning_text(w->out, parts);
}

/* What a model said before comes from a model: its texts are one, and what it refused is text as well. */
static int put_assistant(struct openai_writer *w, const struct message *m)
{
	unsigned n = 0;

	if (!has_content(m->parts) && !has_calls(m->parts))
		return 0;
	begin_message(w, "assistant");
	buf_puts(w->out, ",\"content\":");
	for (const struct part *p = m->parts; p != NULL; p = p->next) {
		if (is_media(p))
			return err_set(w->err, ERR_INVALID, "messages: chat completions take nothing but text from the assistant");
		if (!is_content(p))
			continue;
		if (n++ == 0)
			buf_putc(w->out, '"');
		buf_add(w->out, p->text.at + 1, p->text.len - 2);
	}
	buf_puts(w->out, n > 0 ? "\"" : "null");
	put_reasoning(w, m->parts);
	openai_put_calls(w->out, m->parts, false);
	buf_putc(w->out, '}');
	return 0;
}

static int put_message(struct openai_writer *w, const struct message *m)
{
	switch (m->role) {
	case ROLE_SYSTEM:
		return put_said(w, m, "system");
	case ROLE_USER:
	case ROLE_TOOL:
		return put_said(w, m, "user");
	case ROLE_ASSISTANT:
		return put_assistant(w, m);
	}
	return 0;
}

static bool has_results(const struct message *m)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next)
		if (p->kind == PART_TOOL_RESULT)
			return true;
	return false;
}

int openai_put_messages(struct openai_writer *w)
{
	const struct message *m = w->c->messages;

	buf_puts(w->out, ",\"messages\":[");
	while (m != NULL) {
		const struct message *first = m;

		for (; m != NULL && has_results(m); m = m->next)
			put_results(w, m);
		if (put_media(w, first, m) < 0)
			return ERR_INVALID;
		for (; first != m; first = first->next)
			if (put_message(w, first) < 0)
				return ERR_INVALID;
		if (m != NULL && put_message(w, m) < 0)
			return ERR_INVALID;
		m = m != NULL ? m->next : NULL;
	}
	if (w->num_messages == 0)
		return err_set(w->err, ERR_INVALID, "messages: there has to be one");
	buf_putc(w->out, ']');
	return 0;
}
