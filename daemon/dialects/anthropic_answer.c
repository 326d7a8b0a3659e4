/* SPDX-License-Identifier: MIT */
/*
 * Answers and streams of Anthropic's dialect are read into the internal form here.
 *
 * A stream is message_start, then for each block content_block_start, deltas and content_block_stop,
 * then message_delta and message_stop; ping may come anywhere.  Blocks of tools that Anthropic runs
 * itself (web search and such) mean nothing to other families and are passed over.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/anthropic.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

static enum finish_reason read_finish(struct jspan reason)
{
	static const struct {
		const char *name;
		enum finish_reason reason;
	} reasons[] = {
		{"end_turn", FINISH_STOP},
		{"stop_sequence", FINISH_STOP},
		{"pause_turn", FINISH_STOP},
		{"tool_use", FINISH_TOOL_CALLS},
		{"max_tokens", FINISH_LENGTH},
		{"model_context_window_exceeded", FINISH_LENGTH},
		{"refusal", FINISH_CONTENT_FILTER},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (jspan_equals(reason, reasons[i].name))
			return reasons[i].reason;
	return span_has_text(reason) ? FINISH_STOP : FINISH_NONE;
}

/* Usage. */

static void set_if_said(struct usage *u, enum usage_field field, struct jspan count)
{
	int64_t n;

	if (jspan_int(count, &n))
		usage_set(u, field, n, USAGE_REPORTED);
}

/* Writes are split by how long they live where the answer says so; else they are of the short kind. */
static void read_cache_writes(struct usage *u, struct jspan total, struct jspan split)
{
	int64_t written, hour = 0;

	set_if_said(u, USAGE_CACHE_WRITE_5M, said(split, "ephemeral_5m_input_tokens"));
	set_if_said(u, USAGE_CACHE_WRITE_1H, said(split, "ephemeral_1h_input_tokens"));
	if (!jspan_int(total, &written))
		return;
	hour = usage_get(u, USAGE_CACHE_WRITE_1H);
	usage_set(u, USAGE_CACHE_WRITE_5M, written - (hour < written ? hour : written), USAGE_REPORTED);
}

/* What is said replaces what was said before; cached tokens are counted beside input_tokens, not in it.
 * The output a stream begins with is not what it ends with, so it does not count. */
static void read_usage(struct reading *r, struct jspan object, bool at_start)
{
	enum { INPUT, CACHE_READ, CACHE_WRITE, CACHE_SPLIT, OUTPUT, DETAILS, N };
	struct jfield f[N] = {{.name = "input_tokens"}, {.name = "cache_read_input_tokens"},
			      {.name = "cache_creation_input_tokens"}, {.name = "cache_creation"},
			      {.name = "output_tokens"}, {.name = "output_tokens_details"}};
	struct usage *u = &r->usage;

	if (!jspan_fields(object, f, N))
		return;
	set_if_said(u, USAGE_CACHE_READ, f[CACHE_READ].value);
	read_cache_writes(u, f[CACHE_WRITE].value, f[CACHE_SPLIT].value);
	if (jspan_int(f[INPUT].value, &r->uncached_input) || u->source[USAGE_INPUT] == USAGE_REPORTED)
		usage_set(u, USAGE_INPUT,
			  r->uncached_input + usage_get(u, USAGE_CACHE_READ) + usage_get(u, USAGE_CACHE_WRITE_5M) +
				  usage_get(u, USAGE_CACHE_WRITE_1H),
			  USAGE_REPORTED);
	if (at_start)
		return;
	set_if_said(u, USAGE_OUTPUT, f[OUTPUT].value);
	set_if_said(u, USAGE_REASONING, said(f[DETAILS].value, "thinking_tokens"));
}

static void read_names(struct reading *r, struct jspan id, struct jspan model)
{
	if (span_has_text(id))
		jspan_copy_cut(id, r->id, sizeof(r->id));
	if (span_has_text(model))
		jspan_copy_cut(model, r->model, sizeof(r->model));
}

/* Whole answers. */

enum { BLOCK_TYPE, BLOCK_TEXT, BLOCK_THINKING, BLOCK_SIGNATURE, BLOCK_DATA, BLOCK_ID, BLOCK_NAME, BLOCK_INPUT, NUM_BLOCK };

static bool read_block(struct jspan block, struct jfield f[NUM_BLOCK])
{
	static const char *const names[NUM_BLOCK] = {"type", "text", "thinking", "signature",
						     "data", "id", "name", "input"};

	for (int i = 0; i < NUM_BLOCK; i++)
		f[i] = (struct jfield){.name = names[i]};
	return jspan_fields(block, f, NUM_BLOCK);
}

static bool read_part(struct jspan block, struct part *p)
{
	struct jfield f[NUM_BLOCK];

	if (!read_block(block, f))
		return false;
	p->text = span_has_text(f[BLOCK_TEXT].value) ? f[BLOCK_TEXT].value : (struct jspan){0};
	p->id = f[BLOCK_ID].value;
	p->name = f[BLOCK_NAME].value;
	if (jspan_equals(f[BLOCK_TYPE].value, "text")) {
		p->kind = PART_TEXT;
	} else if (jspan_equals(f[BLOCK_TYPE].value, "thinking")) {
		p->kind = PART_REASONING;
		p->signer = SIGNER_ANTHROPIC;
		p->text = f[BLOCK_THINKING].value;
		p->signature = f[BLOCK_SIGNATURE].value;
	} else if (jspan_equals(f[BLOCK_TYPE].value, "redacted_thinking")) {
		p->kind = PART_REASONING;
		p->signer = SIGNER_ANTHROPIC;
		p->encrypted = true;
		p->signature = f[BLOCK_DATA].value;
	} else if (jspan_equals(f[BLOCK_TYPE].value, "tool_use")) {
		p->kind = PART_TOOL_CALL;
		p->arguments = f[BLOCK_INPUT].value;
	} else {
		return false;
	}
	return true;
}

int anthropic_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	enum { ID, MODEL, CONTENT, STOP_REASON, USAGE, ERROR, N };
	struct jfield f[N] = {{.name = "id"}, {.name = "model"}, {.name = "content"}, {.name = "stop_reason"},
			      {.name = "usage"}, {.name = "error"}};
	struct choice *choice = ARENA_NEW(arena, struct choice);
	struct part **end = &choice->parts;
	struct reading *r = &ret->reading;
	struct jspan block = {0};

	if (jscan_object(body.at, body.len, f, N, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	if (!jspan_is_array(f[CONTENT].value))
		return err_set(err, ERR_INVALID, "the answer has no content");
	while (jspan_next_item(f[CONTENT].value, &block)) {
		struct part *p = ARENA_NEW(arena, struct part);

		if (!read_part(block, p))
			continue;
		reading_count_part(r, p);
		*end = p;
		end = &p->next;
	}
	read_names(r, f[ID].value, f[MODEL].value);
	read_usage(r, f[USAGE].value, false);
	r->usage_at = f[USAGE].value;
	r->finish = choice->finish = read_finish(f[STOP_REASON].value);
	r->started = r->ended = true;
	ret->choices = choice;
	return 0;
}

/* Streams. */

/* What the block being read is. */
enum block {
	IN_OTHER,
	IN_TEXT,
	IN_REASONING,
	IN_CALL,                        /* none of its arguments came yet */
	IN_ARGUMENTS,
};

struct event_reader {
	struct reading *reading;
	const struct event_sink *sink;
};

static void emit(struct event_reader *e, enum stream_event_kind kind, unsigned index, struct jspan text)
{
	struct stream_event event = {.kind = kind, .index = index, .text = text, .signer = SIGNER_ANTHROPIC};

	reading_emit(e->reading, e->sink, &event);
}

static void emit_arguments(struct event_reader *e, struct jspan text)
{
	e->reading->block = IN_ARGUMENTS;
	emit(e, EVENT_ARGUMENTS, e->reading->num_tool_calls - 1, text);
}

static void start_message(struct event_reader *e, struct jspan data)
{
	struct jspan message = said(data, "message");

	read_names(e->reading, said(message, "id"), said(message, "model"));
	read_usage(e->reading, said(message, "usage"), true);
	emit(e, EVENT_START, 0, (struct jspan){0});
}

/* Some who speak this dialect send all the input here; Anthropic itself an empty object. */
static void emit_early_input(struct event_reader *e, struct jspan input)
{
	struct jmember any = {{0}, {0}};
	struct buf text;

	if (!jspan_next_member(input, &any))
		return;
	buf_init(&text, input.len * 6 + 2);
	buf_json_string(&text, input.at, input.len);
	emit_arguments(e, (struct jspan){text.data, text.len});
	buf_release(&text);
}

static void start_call(struct event_reader *e, const struct jfield f[NUM_BLOCK])
{
	struct stream_event event = {
		.kind = EVENT_TOOL_CALL,
		.index = e->reading->num_tool_calls++,
		.id = f[BLOCK_ID].value,
		.name = f[BLOCK_NAME].value,
	};

	e->reading->block = IN_CALL;
	reading_emit(e->reading, e->sink, &event);
	emit_early_input(e, f[BLOCK_INPUT].value);
}

static void start_block(struct event_reader *e, struct jspan data)
{
	struct jfield f[NUM_BLOCK];
	struct reading *r = e->reading;

	r->block = IN_OTHER;
	if (!read_block(said(data, "content_block"), f))
		return;
	if (jspan_equals(f[BLOCK_TYPE].value, "text")) {
		r->block = IN_TEXT;
		if (span_has_text(f[BLOCK_TEXT].value))
			emit(e, EVENT_TEXT, 0, f[BLOCK_TEXT].value);
	} else if (jspan_equals(f[BLOCK_TYPE].value, "thinking")) {
		r->block = IN_REASONING;
		r->num_reasonings++;
	} else if (jspan_equals(f[BLOCK_TYPE].value, "redacted_thinking")) {
		emit(e, EVENT_ENCRYPTED, r->num_reasonings++, f[BLOCK_DATA].value);
	} else if (jspan_equals(f[BLOCK_TYPE].value, "tool_use")) {
		start_call(e, f);
	}
}

static void read_delta(struct event_reader *e, struct jspan data)
{
	enum { TEXT, THINKING, SIGNATURE, PARTIAL_JSON, N };
	struct jfield f[N] = {{.name = "text"}, {.name = "thinking"}, {.name = "signature"}, {.name = "partial_json"}};
	const struct reading *r = e->reading;

	if (!jspan_fields(said(data, "delta"), f, N))
		return;
	if (r->block == IN_TEXT && span_has_text(f[TEXT].value))
		emit(e, EVENT_TEXT, 0, f[TEXT].value);
	else if (r->block == IN_REASONING && span_has_text(f[THINKING].value))
		emit(e, EVENT_REASONING, r->num_reasonings - 1, f[THINKING].value);
	else if (r->block == IN_REASONING && span_has_text(f[SIGNATURE].value))
		emit(e, EVENT_SIGNATURE, r->num_reasonings - 1, f[SIGNATURE].value);
	else if ((r->block == IN_CALL || r->block == IN_ARGUMENTS) && span_has_text(f[PARTIAL_JSON].value))
		emit_arguments(e, f[PARTIAL_JSON].value);
}

/* A call without arguments has to say so: elsewhere they are a text that is parsed. */
static void stop_block(struct event_reader *e, struct jspan data)
{
	(void)data;
	if (e->reading->block == IN_CALL)
		emit_arguments(e, (struct jspan){"\"{}\"", 4});
	e->reading->block = IN_OTHER;
}

static void read_message_delta(struct event_reader *e, struct jspan data)
{
	struct stream_event event = {.kind = EVENT_FINISH};

	e->reading->usage_at = said(data, "usage");
	read_usage(e->reading, e->reading->usage_at, false);
	event.finish = read_finish(said(said(data, "delta"), "stop_reason"));
	if (event.finish != FINISH_NONE && e->reading->finish == FINISH_NONE)
		reading_emit(e->reading, e->sink, &event);
}

static void stop_message(struct event_reader *e, struct jspan data)
{
	(void)data;
	e->reading->ended = true;
}

static const struct {
	const char *type;
	void (*read)(struct event_reader *, struct jspan data);
} event_types[] = {
	{"content_block_delta", read_delta},
	{"content_block_start", start_block},
	{"content_block_stop", stop_block},
	{"message_start", start_message},
	{"message_delta", read_message_delta},
	{"message_stop", stop_message},
};

int anthropic_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
			 struct err *err)
{
	struct jfield f[] = {{.name = "type"}, {.name = "error"}};
	struct jspan data = jspan_trim(event->data, event->data_len);
	struct event_reader e = {r, sink};

	r->usage_at = (struct jspan){0};
	r->usage_alone = false;
	if (!event->has_data)
		return 0;
	if (jscan_object(data.at, data.len, f, 2, err) < 0)
		return ERR_INVALID;
	if (jspan_equals(f[0].value, "error") || !jspan_is_null(f[1].value))
		return upstream_error_inside(f[1].value, err);
	for (size_t i = 0; i < ARRAY_LEN(event_types); i++)
		if (jspan_equals(f[0].value, event_types[i].type))
			event_types[i].read(&e, data);
	return 0;
}
