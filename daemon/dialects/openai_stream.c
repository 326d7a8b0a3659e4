/* SPDX-License-Identifier: MIT */
/* Streams of OpenAI's chat dialect are read into events of the internal form here, and written from them. */
#include "base/buf.h"
#include "base/err.h"
#include "dialects/openai.h"
#include "dialects/sse.h"

/* More calls at once than anybody makes. */
enum { MAX_CALL_INDEX = 1000 };

struct chunk {
	struct reading *reading;
	const struct event_sink *sink;
	int choice;
	struct jspan logprobs;          /* of the choice; none once they are handed out */
};

static void emit(struct chunk *chunk, struct stream_event event)
{
	event.choice = chunk->choice;
	reading_emit(chunk->reading, chunk->sink, &event);
}

static void emit_text(void *arg, bool thinking, struct jspan text)
{
	struct chunk *chunk = arg;
	struct stream_event event = {.kind = thinking ? EVENT_REASONING : EVENT_TEXT, .text = text};

	if (!thinking) {
		event.logprobs = chunk->logprobs;
		chunk->logprobs = (struct jspan){0};
	}
	emit(chunk, event);
}

/*
 * A call's first delta has its id and name; those behind it have its index, or nothing that says
 * which call they belong to: then it is the last.
 */
static void emit_call(struct chunk *chunk, struct openai_call call)
{
	bool begins = span_has_text(call.name);
	struct reading *r = chunk->reading;
	char made[OPENAI_ID_TEXT];
	int64_t index;

	if (!jspan_int(call.index, &index) || index < 0 || index > MAX_CALL_INDEX)
		index = begins || r->num_tool_calls == 0 ? r->num_tool_calls : r->num_tool_calls - 1;
	if (begins && index >= r->num_tool_calls) {
		r->num_tool_calls = (unsigned)index + 1;
		if (!span_has_text(call.id))
			call.id = openai_make_id(r, (unsigned)index, made);
		emit(chunk, (struct stream_event){.kind = EVENT_TOOL_CALL, .index = (unsigned)index,
						  .id = call.id, .name = call.name});
	}
	if (span_has_text(call.arguments))
		emit(chunk, (struct stream_event){.kind = EVENT_ARGUMENTS, .index = (unsigned)index,
						  .text = call.arguments});
}

/*
 * Pieces of reasoning are told apart by their signatures.  reading.block says whose the piece is that has none yet;
 * OpenAI shows a summary and signs it with what it summarises.
 */
static void emit_detail(struct chunk *chunk, struct jspan item)
{
	struct reading *r = chunk->reading;
	struct openai_detail d;
	int open;

	openai_read_detail(item, &d);
	open = 1 + (int)d.signer;
	if (r->block != open && (d.text.at != NULL || d.signature.at != NULL)) {
		r->num_reasonings++;
		r->block = d.text.at != NULL ? open : 0;
	}
	if (d.text.at != NULL)
		emit(chunk, (struct stream_event){.kind = EVENT_REASONING, .index = r->num_reasonings - 1,
						  .text = d.text, .signer = d.signer});
	if (d.signature.at == NULL)
		return;
	emit(chunk, (struct stream_event){.kind = d.encrypted && r->block == 0 ? EVENT_ENCRYPTED : EVENT_SIGNATURE,
					  .index = r->num_reasonings - 1, .text = d.signature, .id = d.id,
					  .signer = d.signer});
	r->block = 0;
}

static void emit_delta(struct chunk *chunk, struct jspan delta)
{
	struct openai_said said;
	struct jspan item = {0}, detail = {0};
	struct openai_call call;

	if (!openai_read_said(delta, &said))
		return;
	while (jspan_next_item(said.details, &detail))
		emit_detail(chunk, detail);
	openai_each_text(&said, emit_text, chunk);
	if (span_has_text(said.refusal))
		emit(chunk, (struct stream_event){.kind = EVENT_REFUSAL, .text = said.refusal});
	while (jspan_next_item(said.tool_calls, &item)) {
		openai_read_call(item, &call);
		emit_call(chunk, call);
	}
	if (openai_read_function_call(said.function_call, &call))
		emit_call(chunk, call);
}

static void emit_choice(struct chunk *chunk, const struct openai_choice *choice)
{
	struct reading *r = chunk->reading;
	uint64_t bit = UINT64_C(1) << choice->index;

	chunk->choice = choice->index;
	if (!(r->started_choices & bit)) {
		r->started_choices |= bit;
		emit(chunk, (struct stream_event){.kind = EVENT_START});
	}
	chunk->logprobs = choice->logprobs;
	emit_delta(chunk, choice->delta);
	if (chunk->logprobs.at != NULL)
		emit_text(chunk, false, (struct jspan){"\"\"", 2});
	/* Some say it twice. */
	if (choice->finish != FINISH_NONE && !(r->finished_choices & bit)) {
		r->finished_choices |= bit;
		emit(chunk, (struct stream_event){.kind = EVENT_FINISH, .finish = choice->finish});
	}
}

int openai_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
		      struct err *err)
{
	struct chunk chunk = {.reading = r, .sink = sink};
	struct jspan choices, item = {0};
	struct openai_choice choice;

	r->usage_at = (struct jspan){0};
	r->usage_alone = false;
	if (!event->has_data)
		return 0;
	if (sse_data_is(event, "[DONE]")) {
		r->ended = true;
		return 0;
	}
	if (openai_read_top(event->data, event->data_len, r, &choices, err) < 0)
		return ERR_INVALID;
	while (jspan_next_item(choices, &item)) {
		if (openai_read_choice(item, &choice, err) < 0)
			return ERR_INVALID;
		emit_choice(&chunk, &choice);
	}
	r->usage_alone = r->usage_at.at != NULL && item.at == NULL;
	return 0;
}

static void put_delta_text(struct buf *out, const char *name, struct jspan text)
{
	buf_printf(out, "\"%s\":", name);
	put_span(out, text);
}

static void put_delta_detail(struct buf *out, const struct stream_event *e, const char *type, const char *name)
{
	buf_printf(out, "\"reasoning_details\":[{\"type\":\"%s\",\"%s\":", type, name);
	put_span(out, e->text);
	openai_end_detail(out, e->signer, e->id, e->index);
	buf_putc(out, ']');
}

static void put_call(struct buf *out, const struct stream_event *e)
{
	bool is_signed = e->signature.at != NULL;

	buf_printf(out, "\"tool_calls\":[{\"index\":%u,\"id\":", e->index);
	put_span(out, e->id);
	buf_puts(out, ",\"type\":\"function\",\"function\":{\"name\":");
	put_span(out, e->name);
	buf_puts(out, ",\"arguments\":\"\"}");
	if (is_signed && e->signer == SIGNER_GOOGLE)
		openai_put_call_signature(out, e->signature);
	buf_puts(out, "}]");
	if (is_signed) {
		buf_puts(out, ",\"reasoning_details\":[");
		openai_put_call_detail(out, e->id, e->signature, e->signer);
		buf_putc(out, ']');
	}
}

static void put_delta(struct buf *out, const struct stream_event *e)
{
	switch (e->kind) {
	case EVENT_START:
		buf_puts(out, "\"role\":\"assistant\",\"content\":\"\"");
		break;
	case EVENT_TEXT:
		put_delta_text(out, "content", e->text);
		break;
	case EVENT_REASONING:
		put_delta_text(out, "reasoning_content", e->text);
		buf_putc(out, ',');
		if (e->signer == SIGNER_OPENAI)
			put_delta_detail(out, e, "reasoning.summary", "summary");
		else
			put_delta_detail(out, e, "reasoning.text", "text");
		break;
	case EVENT_SIGNATURE:
		if (e->signer == SIGNER_OPENAI)
			put_delta_detail(out, e, "reasoning.encrypted", "data");
		else
			put_delta_detail(out, e, "reasoning.text", "signature");
		break;
	case EVENT_ENCRYPTED:
		put_delta_detail(out, e, "reasoning.encrypted", "data");
		break;
	case EVENT_REFUSAL:
		put_delta_text(out, "refusal", e->text);
		break;
	case EVENT_TOOL_CALL:
		put_call(out, e);
		break;
	case EVENT_ARGUMENTS:
		buf_printf(out, "\"tool_calls\":[{\"index\":%u,\"function\":{\"arguments\":", e->index);
		put_span(out, e->text);
		buf_puts(out, "}}]");
		break;
	case EVENT_FINISH:
		break;
	}
}

void openai_write_event(struct writing *w, const struct stream_event *event, struct buf *out)
{
	buf_puts(out, "data: ");
	openai_put_head(out, w, "chat.completion.chunk");
	buf_printf(out, "{\"index\":%d,\"delta\":{", event->choice);
	put_delta(out, event);
	buf_putc(out, '}');
	put_member(out, "logprobs", event->logprobs);
	if (event->kind == EVENT_FINISH)
		buf_printf(out, ",\"finish_reason\":\"%s\"}]}\n\n", openai_finish_text(event->finish));
	else
		buf_puts(out, ",\"finish_reason\":null}]}\n\n");
}

void openai_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark,
		      struct buf *out)
{
	if (u != NULL && (w->wants_usage || w->wants_cost)) {
		buf_puts(out, "data: ");
		openai_put_head(out, w, "chat.completion.chunk");
		buf_puts(out, "],\"usage\":");
		openai_write_usage(u, true, cost_nusd, out);
		buf_puts(out, "}\n\n");
	}
	if (with_mark)
		buf_puts(out, "data: [DONE]\n\n");
}
