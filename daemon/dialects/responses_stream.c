/* SPDX-License-Identifier: MIT */
/*
 * Streams of OpenAI's Responses dialect are written from events of the internal form here, and whole
 * answers through them.
 *
 * An item is done when another begins, calls only at the end: some providers send the arguments of
 * several calls in turn.
 */
#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "dialects/responses_output.h"

struct stream {
	struct writing *writing;
	struct output *output;
	struct buf *out;
};

/* Events. */

static void begin_event(struct stream *s, const char *type)
{
	buf_printf(s->out, "event: %s\ndata: {\"type\":\"%s\",\"sequence_number\":%" PRId64, type, type,
		   s->output->sequence++);
}

static void end_event(struct stream *s)
{
	buf_puts(s->out, "}\n\n");
}

static void put_response_event(struct stream *s, const char *type, const struct usage *usage, int64_t cost_nusd)
{
	begin_event(s, type);
	buf_puts(s->out, ",\"response\":");
	output_put_response(s->out, s->writing, s->output, s->writing->finish, usage, cost_nusd);
	end_event(s);
}

static void put_item_event(struct stream *s, const char *type, const struct output_item *item)
{
	begin_event(s, type);
	buf_printf(s->out, ",\"output_index\":%u,\"item\":", item->place);
	output_put_item(s->out, s->output, item);
	end_event(s);
}

/* Everything about a piece of an item up to what it says. */
static void begin_piece(struct stream *s, const char *type, const struct output_item *item, unsigned part)
{
	begin_event(s, type);
	buf_puts(s->out, ",\"item_id\":");
	output_put_id(s->out, s->output, item);
	buf_printf(s->out, ",\"output_index\":%u", item->place);
	if (item->kind != OUTPUT_CALL)
		buf_printf(s->out, ",\"%s\":%u", item->kind == OUTPUT_MESSAGE ? "content_index" : "summary_index", part);
}

static void put_part_event(struct stream *s, const struct output_item *item, unsigned part, bool done)
{
	static const char *const types[][2] = {
		[OUTPUT_REASONING] = {"response.reasoning_summary_part.added", "response.reasoning_summary_part.done"},
		[OUTPUT_MESSAGE] = {"response.content_part.added", "response.content_part.done"},
	};

	begin_piece(s, types[item->kind][done], item, part);
	buf_puts(s->out, ",\"part\":");
	output_put_part(s->out, item, &item->parts[part], done);
	end_event(s);
}

/* How pieces and the whole of what is said are called. */
struct words {
	const char *delta, *done;
	const char *whole;              /* the member of the latter */
	bool logprobs;
};

static const struct words *words_of(const struct output_item *item, const struct output_part *part)
{
	static const struct words summary = {"response.reasoning_summary_text.delta",
					     "response.reasoning_summary_text.done", "text", false};
	static const struct words text = {"response.output_text.delta", "response.output_text.done", "text", true};
	static const struct words refusal = {"response.refusal.delta", "response.refusal.done", "refusal", false};
	static const struct words arguments = {"response.function_call_arguments.delta",
					       "response.function_call_arguments.done", "arguments", false};

	switch (item->kind) {
	case OUTPUT_REASONING:
		return &summary;
	case OUTPUT_CALL:
		return &arguments;
	case OUTPUT_MESSAGE:
		break;
	}
	return part->refusal ? &refusal : &text;
}

static void put_delta(struct stream *s, struct output_item *item, unsigned part, struct jspan text)
{
	const struct words *words = words_of(item, &item->parts[part]);

	output_keep(s->output, &item->parts[part].text, text.at + 1, text.len - 2);
	begin_piece(s, words->delta, item, part);
	buf_puts(s->out, ",\"delta\":");
	put_span(s->out, text);
	if (words->logprobs)
		buf_puts(s->out, ",\"logprobs\":[]");
	end_event(s);
}

static void put_done(struct stream *s, const struct output_item *item, unsigned part)
{
	const struct words *words = words_of(item, &item->parts[part]);
	const struct buf *text = &item->parts[part].text;

	begin_piece(s, words->done, item, part);
	if (item->name.len > 0)
		buf_printf(s->out, ",\"name\":%s", item->name.data);
	buf_printf(s->out, ",\"%s\":\"", words->whole);
	buf_add(s->out, text->data, text->len);
	buf_putc(s->out, '"');
	if (words->logprobs)
		buf_puts(s->out, ",\"logprobs\":[]");
	end_event(s);
}

/* Items. */

/* The part that what is said now belongs to. */
static unsigned open_part(struct stream *s, struct output_item *item, bool refusal)
{
	for (unsigned i = 0; i < item->num_parts; i++)
		if (item->parts[i].refusal == refusal)
			return i;
	output_add_part(item, refusal);
	if (item->kind != OUTPUT_CALL)
		put_part_event(s, item, item->num_parts - 1, false);
	return item->num_parts - 1;
}

static void finish_item(struct stream *s, struct output_item *item, const char *status)
{
	static const struct jspan nothing = {"\"{}\"", 4};

	/* Arguments are a text that is parsed. */
	if (item->kind == OUTPUT_CALL && (item->num_parts == 0 || item->parts[0].text.len == 0))
		put_delta(s, item, open_part(s, item, false), nothing);
	for (unsigned i = 0; i < item->num_parts; i++) {
		put_done(s, item, i);
		if (item->kind != OUTPUT_CALL)
			put_part_event(s, item, i, true);
	}
	item->done = true;
	item->status = status;
	put_item_event(s, "response.output_item.done", item);
}

/* Calls stay open. */
static void finish_others(struct stream *s)
{
	struct output *o = s->output;

	for (unsigned i = 0; i < o->num_items; i++)
		if (!o->items[i]->done && o->items[i]->kind != OUTPUT_CALL)
			finish_item(s, o->items[i], "completed");
}

static struct output_item *last_item(const struct stream *s)
{
	const struct output *o = s->output;

	return o->num_items > 0 && !o->items[o->num_items - 1]->done ? o->items[o->num_items - 1] : NULL;
}

static struct output_item *begin_item(struct stream *s, enum output_kind kind, unsigned index)
{
	finish_others(s);
	return output_add(s->output, kind, index);
}

/* The message or reasoning that goes on, or a new one. */
static struct output_item *item_of(struct stream *s, enum output_kind kind, unsigned index)
{
	struct output_item *item = last_item(s);

	if (item != NULL && item->kind == kind && item->index == index)
		return item;
	item = begin_item(s, kind, index);
	if (item != NULL)
		put_item_event(s, "response.output_item.added", item);
	return item;
}

/* What is said. */

static void say(struct stream *s, enum output_kind kind, bool refusal, const struct stream_event *e)
{
	struct output_item *item = item_of(s, kind, kind == OUTPUT_REASONING ? e->index : 0);

	if (item != NULL && e->text.len >= 2)
		put_delta(s, item, open_part(s, item, refusal), e->text);
}

/* The signature, behind what says whose it is. */
static void sign(struct stream *s, struct output_item *item, const char *what, enum signer signer, struct jspan signature)
{
	struct buf text;

	if (signature.len < 2)
		return;
	buf_init(&text, signature.len + 64);
	buf_putc(&text, '"');
	if (signer != SIGNER_OPENAI && signer != SIGNER_UNSAID)
		buf_printf(&text, "%s:%s", signer_format(signer), what);
	buf_add(&text, signature.at + 1, signature.len - 1);
	buf_clear(&item->encrypted);
	output_keep(s->output, &item->encrypted, text.data, text.len);
	buf_release(&text);
}

static void take_signature(struct stream *s, const struct stream_event *e)
{
	struct output_item *item = item_of(s, OUTPUT_REASONING, e->index);

	if (item != NULL)
		sign(s, item, "", e->signer, e->text);
}

static void take_encrypted(struct stream *s, const struct stream_event *e)
{
	struct output_item *item = begin_item(s, OUTPUT_REASONING, e->index);

	if (item == NULL)
		return;
	sign(s, item, RESPONSES_ENCRYPTED, e->signer, e->text);
	put_item_event(s, "response.output_item.added", item);
}

/* A call's own signature goes before it, as a reasoning that says nothing. */
static void take_call_signature(struct stream *s, const struct stream_event *e)
{
	struct output_item *item = e->signature.at != NULL ? begin_item(s, OUTPUT_REASONING, e->index) : NULL;

	if (item == NULL)
		return;
	sign(s, item, RESPONSES_OF_CALL, e->signer, e->signature);
	put_item_event(s, "response.output_item.added", item);
}

static void take_call(struct stream *s, const struct stream_event *e)
{
	struct output_item *item;

	take_call_signature(s, e);
	item = begin_item(s, OUTPUT_CALL, e->index);
	if (item == NULL)
		return;
	output_keep(s->output, &item->call_id, e->id.at, e->id.len);
	output_keep(s->output, &item->name, e->name.at, e->name.len);
	put_item_event(s, "response.output_item.added", item);
}

static void take_arguments(struct stream *s, const struct stream_event *e)
{
	struct output *o = s->output;

	for (unsigned i = o->num_items; i-- > 0;) {
		if (o->items[i]->kind != OUTPUT_CALL || o->items[i]->index != e->index)
			continue;
		if (!o->items[i]->done && e->text.len > 2)
			put_delta(s, o->items[i], open_part(s, o->items[i], false), e->text);
		return;
	}
}

static void finish_all(struct stream *s)
{
	enum finish_reason finish = s->writing->finish;
	bool cut = finish == FINISH_LENGTH || finish == FINISH_CONTENT_FILTER;
	struct output *o = s->output;

	for (unsigned i = 0; i < o->num_items; i++)
		if (!o->items[i]->done)
			finish_item(s, o->items[i], cut && i + 1 == o->num_items ? "incomplete" : "completed");
}

static void begin(struct stream *s, int choice)
{
	s->output = output_new(s->writing);
	s->output->choice = choice;
	s->writing->own = s->output;
	put_response_event(s, "response.created", NULL, 0);
	put_response_event(s, "response.in_progress", NULL, 0);
}

void responses_write_event(struct writing *w, const struct stream_event *e, struct buf *out)
{
	struct stream s = {w, w->own, out};

	if (s.output == NULL)
		begin(&s, e->choice);
	/* There is but one choice here. */
	if (e->choice != s.output->choice)
		return;
	switch (e->kind) {
	case EVENT_START:
		break;
	case EVENT_TEXT:
		say(&s, OUTPUT_MESSAGE, false, e);
		break;
	case EVENT_REFUSAL:
		say(&s, OUTPUT_MESSAGE, true, e);
		break;
	case EVENT_REASONING:
		say(&s, OUTPUT_REASONING, false, e);
		break;
	case EVENT_SIGNATURE:
		take_signature(&s, e);
		break;
	case EVENT_ENCRYPTED:
		take_encrypted(&s, e);
		break;
	case EVENT_TOOL_CALL:
		take_call(&s, e);
		break;
	case EVENT_ARGUMENTS:
		take_arguments(&s, e);
		break;
	case EVENT_FINISH:
		w->finish = e->finish;
		finish_all(&s);
		break;
	}
}

/* Behind a stream that passed through nothing is missing. */
void responses_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out)
{
	struct stream s = {w, w->own, out};

	if (s.output == NULL || u == NULL || !with_mark)
		return;
	/* Not everybody says that an answer is over. */
	finish_all(&s);
	put_response_event(&s, output_end_event(w->finish), u, cost_nusd);
}

void responses_release_writing(struct writing *w)
{
	output_free(w->own);
	w->own = NULL;
}

/* Whole answers. */

static void gather(void *arg, const struct stream_event *event)
{
	struct buf nowhere;

	buf_init(&nowhere, 0);
	responses_write_event(arg, event, &nowhere);
	buf_release(&nowhere);
}

void responses_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	struct writing whole = *w;
	const struct event_sink sink = {gather, &whole};

	whole.own = NULL;
	answer_replay(a, &sink);
	if (whole.own != NULL)
		output_put_response(out, &whole, whole.own, whole.finish, &a->reading.usage, cost_nusd);
	responses_release_writing(&whole);
}
