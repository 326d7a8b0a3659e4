/* SPDX-License-Identifier: MIT */
/*
 * Answers and streams of Google's dialect are written from the internal form here.
 *
 * A piece of a stream is an answer with a little of the text.  Calls come whole, so a call's arguments
 * are kept until nothing more can come of them; the reason to finish waits for the usage, which is in
 * the same piece.  Google's own client takes a piece without a part for a fault, so there is always one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/gemini.h"

enum { MAX_ARGUMENTS = 16 * 1024 * 1024 };

/* A call whose arguments still come. */
struct open_call {
	int choice;
	unsigned index;
	struct buf head;                /* its part up to the arguments */
	struct buf arguments;           /* plain text */
	struct buf tail;                /* its signature */
	struct open_call *next;
};

/* writing.own */
struct held {
	struct open_call *calls;
	bool finishes;
	int choice;                     /* which one, and why */
	enum finish_reason finish;
};

/* -- parts --------------------------------------------------------------------------------------- */

static void put_text_part(struct buf *out, struct jspan text, bool thought)
{
	buf_puts(out, "{\"text\":");
	if (text.at != NULL)
		put_span(out, text);
	else
		buf_puts(out, "\"\"");
	if (thought)
		buf_puts(out, ",\"thought\":true");
}

static void put_call_head(struct buf *out, struct jspan id, struct jspan name)
{
	buf_puts(out, "{\"functionCall\":{");
	if (span_has_text(id)) {
		buf_puts(out, "\"id\":");
		put_span(out, id);
		buf_putc(out, ',');
	}
	buf_puts(out, "\"name\":");
	put_span(out, name);
	buf_puts(out, ",\"args\":");
}

/* A model may write its arguments over several lines; in a stream a line's end is the event's. */
static void put_on_one_line(struct buf *out, struct jspan json)
{
	for (size_t i = 0; i < json.len; i++)
		buf_putc(out, json.at[i] == '\n' || json.at[i] == '\r' ? ' ' : json.at[i]);
}

void gemini_put_args(struct buf *out, struct jspan arguments)
{
	struct jspan text = jspan_trim(arguments.at, arguments.len);

	if (text.len == 0) {
		buf_puts(out, "{}");
	} else if (jscan_object(text.at, text.len, NULL, 0, NULL) == 0) {
		put_on_one_line(out, text);
	} else {
		buf_puts(out, "{\"arguments\":");
		buf_json_string(out, arguments.at, arguments.len);
		buf_putc(out, '}');
	}
}

static void put_signature(struct buf *out, const struct part *p)
{
	if (p->signature.at != NULL)
		gemini_put_signature(out, &(struct gemini_signature){p->signature, p->id, p->signer, p->encrypted});
}

static void put_part(struct buf *out, const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		put_text_part(out, p->text, false);
		break;
	case PART_REASONING:
		put_text_part(out, p->text, p->signer != SIGNER_GOOGLE || !p->encrypted);
		put_signature(out, p);
		break;
	case PART_TOOL_CALL:
		put_call_head(out, p->id, p->name);
		gemini_put_args(out, p->arguments);
		buf_putc(out, '}');
		if (p->signature.at != NULL)
			gemini_put_signature(out, &(struct gemini_signature){.text = p->signature, .signer = p->signer});
		break;
	case PART_IMAGE:
	case PART_DOCUMENT:
	case PART_TOOL_RESULT:
		put_text_part(out, (struct jspan){0}, false);
		break;
	}
	buf_putc(out, '}');
}

/* -- answers ------------------------------------------------------------------------------------- */

/* What stands behind the candidates; u may be NULL. */
static void put_tail(struct buf *out, const struct writing *w, const struct usage *u)
{
	if (u != NULL) {
		buf_puts(out, ",\"usageMetadata\":");
		gemini_write_usage(u, out);
	}
	buf_puts(out, ",\"modelVersion\":");
	buf_json_string(out, w->model, strlen(w->model));
	buf_puts(out, ",\"responseId\":");
	buf_json_string(out, w->id, strlen(w->id));
	buf_putc(out, '}');
}

static void put_choice(struct buf *out, const struct choice *c)
{
	buf_puts(out, "{\"content\":{\"parts\":[");
	for (const struct part *p = c->parts; p != NULL; p = p->next) {
		put_part(out, p);
		if (p->next != NULL)
			buf_putc(out, ',');
	}
	if (c->parts == NULL)
		buf_puts(out, "{\"text\":\"\"}");
	buf_puts(out, "],\"role\":\"model\"}");
	gemini_put_logprobs(out, c->logprobs);
	buf_printf(out, ",\"finishReason\":\"%s\",\"index\":%d}", gemini_finish_text(c->finish), c->index);
}

void gemini_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	(void)cost_nusd;
	buf_puts(out, "{\"candidates\":[");
	for (const struct choice *c = a->choices; c != NULL; c = c->next) {
		put_choice(out, c);
		if (c->next != NULL)
			buf_putc(out, ',');
	}
	buf_putc(out, ']');
	put_tail(out, w, &a->reading.usage);
}

/* -- streams ------------------------------------------------------------------------------------- */

/* What stands around a piece: an event, or an element of the array. */
enum wrapping { IN_EVENTS, IN_ARRAY };

static void begin_piece(struct writing *w, struct buf *out)
{
	if (w->block == IN_EVENTS)
		buf_puts(out, "data: ");
	else
		buf_puts(out, w->begun ? ",\r\n" : "[");
	buf_puts(out, "{\"candidates\":[{\"content\":{\"parts\":[");
	w->begun = true;
}

static void end_piece_with(struct writing *w, int choice, const char *finish, struct jspan logprobs,
			   const struct usage *u, struct buf *out)
{
	buf_puts(out, "],\"role\":\"model\"}");
	gemini_put_logprobs(out, logprobs);
	if (finish != NULL)
		buf_printf(out, ",\"finishReason\":\"%s\"", finish);
	buf_printf(out, ",\"index\":%d}]", choice);
	put_tail(out, w, u);
	if (w->block == IN_EVENTS)
		buf_puts(out, "\r\n\r\n");
}

static void end_piece(struct writing *w, int choice, const char *finish, const struct usage *u, struct buf *out)
{
	end_piece_with(w, choice, finish, (struct jspan){0}, u, out);
}

static void write_text(struct writing *w, const struct stream_event *e, bool thought, struct buf *out)
{
	begin_piece(w, out);
	put_text_part(out, e->text, thought);
	buf_putc(out, '}');
	end_piece_with(w, e->choice, NULL, e->logprobs, NULL, out);
}

static void write_signature(struct writing *w, const struct stream_event *e, struct buf *out)
{
	bool encrypted = e->kind == EVENT_ENCRYPTED;

	begin_piece(w, out);
	put_text_part(out, (struct jspan){0}, !encrypted || e->signer != SIGNER_GOOGLE);
	gemini_put_signature(out, &(struct gemini_signature){e->text, e->id, e->signer, encrypted});
	buf_putc(out, '}');
	end_piece(w, e->choice, NULL, NULL, out);
}

static void open_call(struct held *held, const struct stream_event *e)
{
	struct open_call *call = xcalloc(1, sizeof(*call)), **end = &held->calls;

	call->choice = e->choice;
	call->index = e->index;
	buf_init(&call->head, MAX_ARGUMENTS);
	buf_init(&call->arguments, MAX_ARGUMENTS);
	buf_init(&call->tail, MAX_ARGUMENTS);
	put_call_head(&call->head, e->id, e->name);
	if (e->signature.at != NULL)
		gemini_put_signature(&call->tail, &(struct gemini_signature){.text = e->signature, .signer = e->signer});
	while (*end != NULL)
		end = &(*end)->next;
	*end = call;
}

static void add_arguments(struct held *held, const struct stream_event *e)
{
	struct open_call *call = held->calls;

	while (call != NULL && (call->choice != e->choice || call->index != e->index))
		call = call->next;
	if (call != NULL)
		jspan_text(e->text, &call->arguments);
}

static void close_call(struct held *held, struct open_call *call)
{
	struct open_call **at = &held->calls;

	while (*at != call)
		at = &(*at)->next;
	*at = call->next;
	buf_release(&call->head);
	buf_release(&call->arguments);
	buf_release(&call->tail);
	free(call);
}

static struct open_call *call_of(const struct held *held, int choice)
{
	struct open_call *call = held->calls;

	while (call != NULL && call->choice != choice)
		call = call->next;
	return call;
}

/* The choice goes on with something else: its calls are complete. */
static void flush_calls(struct writing *w, struct held *held, int choice, struct buf *out)
{
	struct open_call *call = call_of(held, choice);

	if (call == NULL)
		return;
	begin_piece(w, out);
	while (call != NULL) {
		buf_add(out, call->head.data, call->head.len);
		gemini_put_args(out, (struct jspan){call->arguments.data, call->arguments.len});
		buf_putc(out, '}');
		buf_add(out, call->tail.data, call->tail.len);
		buf_putc(out, '}');
		close_call(held, call);
		call = call_of(held, choice);
		if (call != NULL)
			buf_putc(out, ',');
	}
	end_piece(w, choice, NULL, NULL, out);
}

static void write_finish(struct writing *w, struct held *held, const struct usage *u, struct buf *out)
{
	begin_piece(w, out);
	buf_puts(out, "{\"text\":\"\"}");
	end_piece(w, held->choice, gemini_finish_text(held->finish), u, out);
	held->finishes = false;
}

static void finish_choice(struct writing *w, struct held *held, const struct stream_event *e, struct buf *out)
{
	if (held->finishes)
		write_finish(w, held, NULL, out);
	held->finishes = true;
	held->choice = e->choice;
	held->finish = e->finish;
}

void gemini_write_event(struct writing *w, const struct stream_event *event, struct buf *out)
{
	struct held *held = w->own;

	if (held == NULL)
		w->own = held = xcalloc(1, sizeof(*held));
	if (event->kind != EVENT_TOOL_CALL && event->kind != EVENT_ARGUMENTS)
		flush_calls(w, held, event->choice, out);
	switch (event->kind) {
	case EVENT_START:
		break;
	case EVENT_TEXT:
	case EVENT_REFUSAL:
		write_text(w, event, false, out);
		break;
	case EVENT_REASONING:
		write_text(w, event, true, out);
		break;
	case EVENT_SIGNATURE:
	case EVENT_ENCRYPTED:
		write_signature(w, event, out);
		break;
	case EVENT_TOOL_CALL:
		open_call(held, event);
		break;
	case EVENT_ARGUMENTS:
		add_arguments(held, event);
		break;
	case EVENT_FINISH:
		finish_choice(w, held, event, out);
		break;
	}
}

void gemini_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out)
{
	struct held *held = w->own;

	(void)cost_nusd;
	/* Not everybody says why it ended. */
	while (held != NULL && held->calls != NULL)
		flush_calls(w, held, held->calls->choice, out);
	if (held != NULL && !held->finishes)
		finish_choice(w, held, &(struct stream_event){.kind = EVENT_FINISH, .finish = FINISH_STOP}, out);
	if (held != NULL)
		write_finish(w, held, u, out);
	if (with_mark && w->block == IN_ARRAY)
		buf_puts(out, "\n]");
}

void gemini_write_element(struct writing *w, const struct stream_event *event, struct buf *out)
{
	w->block = IN_ARRAY;
	gemini_write_event(w, event, out);
}

void gemini_write_last_element(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark,
			       struct buf *out)
{
	w->block = IN_ARRAY;
	gemini_write_end(w, u, cost_nusd, with_mark, out);
}

void gemini_release_writing(struct writing *w)
{
	struct held *held = w->own;

	while (held != NULL && held->calls != NULL)
		close_call(held, held->calls);
	free(held);
	w->own = NULL;
}
