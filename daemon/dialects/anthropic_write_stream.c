/* SPDX-License-Identifier: MIT */
/*
 * Streams of Anthropic's dialect are written from events of the internal form here.
 *
 * An answer is a row of blocks there, each begun and ended; events of the internal form say what they belong to, and a
 * block ends when something else comes.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/anthropic.h"

/* What block is open: writing.block is one of these, and for reasoning also which piece (PIECE × its index). */
enum {
	NO_BLOCK,
	IN_TEXT,
	IN_THINKING,
	IN_SIGNED,                      /* thinking, and its signature came */
	IN_CALL,
	PIECE = 8,
};

/* Calls beyond share the last place. */
#define NUM_CALLS 64

/* What writing.own is. */
struct stream_state {
	bool refuses, has_calls;
	unsigned block_of[NUM_CALLS];   /* each call's, for arguments that come when the next call has begun */
};

static void begin_event(struct buf *out, const char *type)
{
	buf_printf(out, "event: %s\ndata: {\"type\":\"%s\"", type, type);
}

static void end_event(struct buf *out)
{
	buf_puts(out, "}\n\n");
}

static void begin_delta(struct buf *out, unsigned block, const char *type, const char *name)
{
	begin_event(out, "content_block_delta");
	buf_printf(out, ",\"index\":%u,\"delta\":{\"type\":\"%s\",\"%s\":", block, type, name);
}

/* What is inside the event's own object ends, and so does the event. */
static void end_inner(struct buf *out)
{
	buf_putc(out, '}');
	end_event(out);
}

/* Thinking that nobody signed says so. */
static void close_block(struct writing *w, struct buf *out)
{
	if (w->block % PIECE == IN_THINKING) {
		begin_delta(out, w->num_blocks - 1, "signature_delta", "signature");
		anthropic_put_signature(out, (struct jspan){0}, SIGNER_UNSAID, (struct jspan){0}, false);
		end_inner(out);
	}
	if (w->block != NO_BLOCK) {
		begin_event(out, "content_block_stop");
		buf_printf(out, ",\"index\":%u", w->num_blocks - 1);
		end_event(out);
	}
	w->block = NO_BLOCK;
}

/* Up to the inside of the new block. */
static void begin_block(struct writing *w, int block, const char *type, struct buf *out)
{
	close_block(w, out);
	w->block = block;
	begin_event(out, "content_block_start");
	buf_printf(out, ",\"index\":%u,\"content_block\":{\"type\":\"%s\"", w->num_blocks++, type);
}

static void put_delta(const struct writing *w, const char *type, const char *name, struct jspan text, struct buf *out)
{
	begin_delta(out, w->num_blocks - 1, type, name);
	put_span(out, text);
	end_inner(out);
}

static void start(struct writing *w, struct buf *out)
{
	if (w->begun)
		return;
	w->begun = true;
	w->own = xcalloc(1, sizeof(struct stream_state));
	begin_event(out, "message_start");
	buf_puts(out, ",\"message\":{\"id\":");
	buf_json_string(out, w->id, strlen(w->id));
	buf_puts(out, ",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
	buf_json_string(out, w->model, strlen(w->model));
	/* The counts come with the end. */
	buf_puts(out, ",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
		      "\"usage\":{\"input_tokens\":0,\"output_tokens\":0}");
	end_inner(out);
}

static void put_text(struct writing *w, struct jspan text, struct buf *out)
{
	if (w->block != IN_TEXT) {
		begin_block(w, IN_TEXT, "text", out);
		buf_puts(out, ",\"text\":\"\"");
		end_inner(out);
	}
	put_delta(w, "text_delta", "text", text, out);
}

static int piece(int block, unsigned index)
{
	return block + PIECE * (int)(index % 1000000);
}

static void open_thinking(struct writing *w, unsigned index, struct buf *out)
{
	if (w->block == piece(IN_THINKING, index))
		return;
	begin_block(w, piece(IN_THINKING, index), "thinking", out);
	buf_puts(out, ",\"thinking\":\"\",\"signature\":\"\"");
	end_inner(out);
}

static void put_thinking(struct writing *w, const struct stream_event *e, struct buf *out)
{
	open_thinking(w, e->index, out);
	put_delta(w, "thinking_delta", "thinking", e->text, out);
}

static void put_signature(struct writing *w, const struct stream_event *e, struct jspan signature, bool of_call,
			  struct buf *out)
{
	open_thinking(w, e->index, out);
	begin_delta(out, w->num_blocks - 1, "signature_delta", "signature");
	anthropic_put_signature(out, signature, e->signer, of_call ? (struct jspan){0} : e->id, of_call);
	end_inner(out);
	w->block = piece(IN_SIGNED, e->index);
}

static void put_redacted(struct writing *w, const struct stream_event *e, struct buf *out)
{
	begin_block(w, IN_SIGNED, "redacted_thinking", out);
	buf_puts(out, ",\"data\":");
	anthropic_put_signature(out, e->text, e->signer, e->id, false);
	end_inner(out);
	close_block(w, out);
}

static unsigned *block_of_call(struct writing *w, unsigned index)
{
	struct stream_state *state = w->own;

	return &state->block_of[index < NUM_CALLS ? index : NUM_CALLS - 1];
}

static void start_call(struct writing *w, const struct stream_event *e, struct buf *out)
{
	struct stream_state *state = w->own;

	state->has_calls = true;
	if (e->signature.at != NULL) {
		close_block(w, out);
		put_signature(w, e, e->signature, true, out);
	}
	begin_block(w, IN_CALL, "tool_use", out);
	buf_puts(out, ",\"id\":");
	put_span(out, e->id);
	buf_puts(out, ",\"name\":");
	put_span(out, e->name);
	buf_puts(out, ",\"input\":{}");
	end_inner(out);
	*block_of_call(w, e->index) = w->num_blocks - 1;
}

static void put_arguments(struct writing *w, const struct stream_event *e, struct buf *out)
{
	begin_delta(out, *block_of_call(w, e->index), "input_json_delta", "partial_json");
	put_span(out, e->text);
	end_inner(out);
}

static bool says_something(const struct stream_event *e)
{
	switch (e->kind) {
	case EVENT_TEXT:
	case EVENT_REASONING:
	case EVENT_SIGNATURE:
	case EVENT_ENCRYPTED:
	case EVENT_REFUSAL:
	case EVENT_ARGUMENTS:
		return span_has_text(e->text);
	case EVENT_START:
	case EVENT_TOOL_CALL:
	case EVENT_FINISH:
		break;
	}
	return true;
}

/* Anthropic's clients cannot ask for more than one choice. */
void anthropic_write_event(struct writing *w, const struct stream_event *e, struct buf *out)
{
	struct stream_state *state;

	if (e->choice != 0 || !says_something(e))
		return;
	start(w, out);
	state = w->own;
	switch (e->kind) {
	case EVENT_START:
		break;
	case EVENT_REFUSAL:
		state->refuses = true;
		put_text(w, e->text, out);
		break;
	case EVENT_TEXT:
		put_text(w, e->text, out);
		break;
	case EVENT_REASONING:
		put_thinking(w, e, out);
		break;
	case EVENT_SIGNATURE:
		put_signature(w, e, e->text, false, out);
		break;
	case EVENT_ENCRYPTED:
		put_redacted(w, e, out);
		break;
	case EVENT_TOOL_CALL:
		start_call(w, e, out);
		break;
	case EVENT_ARGUMENTS:
		put_arguments(w, e, out);
		break;
	case EVENT_FINISH:
		w->finish = e->finish;
		break;
	}
}

/* A stream that passed through lacks nothing but its mark. */
void anthropic_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out)
{
	const struct stream_state *state = w->own;

	(void)cost_nusd;
	if (w->begun && u != NULL) {
		close_block(w, out);
		begin_event(out, "message_delta");
		buf_printf(out, ",\"delta\":{\"stop_reason\":\"%s\",\"stop_sequence\":null},\"usage\":",
			   anthropic_stop_reason(anthropic_finish(w->finish, state->has_calls, state->refuses)));
		anthropic_write_usage(u, out);
		end_event(out);
	}
	if (with_mark) {
		begin_event(out, "message_stop");
		end_event(out);
	}
}

void anthropic_release_writing(struct writing *w)
{
	free(w->own);
	w->own = NULL;
}
