/* SPDX-License-Identifier: MIT */
/*
 * Answers and streams of Cohere's dialect are read into the internal form here.
 *
 * What it means to do with its tools (tool_plan) is reasoning.  Its counts have a preamble in them that
 * nobody is charged for: billed_units are what the cost is made of.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/cohere.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

static enum finish_reason read_finish(struct jspan reason)
{
	static const struct {
		const char *name;
		enum finish_reason reason;
	} reasons[] = {
		{"COMPLETE", FINISH_STOP},
		{"STOP_SEQUENCE", FINISH_STOP},
		{"TOOL_CALL", FINISH_TOOL_CALLS},
		{"MAX_TOKENS", FINISH_LENGTH},
		{"ERROR_LIMIT", FINISH_LENGTH},
		{"ERROR_TOXIC", FINISH_CONTENT_FILTER},
		{"ERROR", FINISH_ERROR},
		{"TIMEOUT", FINISH_ERROR},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (jspan_equals(reason, reasons[i].name))
			return reasons[i].reason;
	return span_has_text(reason) ? FINISH_STOP : FINISH_NONE;
}

static void read_count(struct usage *u, enum usage_field field, struct jspan object, const char *name)
{
	int64_t n;

	if (jspan_int(jspan_member(object, name), &n))
		usage_set(u, field, n, USAGE_REPORTED);
}

static void read_usage(struct usage *u, struct jspan usage)
{
	enum { BILLED, TOKENS, CACHED, N };
	struct jfield f[N] = {{.name = "billed_units"}, {.name = "tokens"}, {.name = "cached_tokens"}};
	int64_t n;

	if (!jspan_fields(usage, f, N))
		return;
	read_count(u, USAGE_INPUT, f[TOKENS].value, "input_tokens");
	read_count(u, USAGE_OUTPUT, f[TOKENS].value, "output_tokens");
	read_count(u, USAGE_BILLED_INPUT, f[BILLED].value, "input_tokens");
	read_count(u, USAGE_BILLED_OUTPUT, f[BILLED].value, "output_tokens");
	if (jspan_int(f[CACHED].value, &n))
		usage_set(u, USAGE_CACHE_READ, n, USAGE_REPORTED);
}

/* -- whole answers ------------------------------------------------------------------------------- */

struct part_list {
	struct arena *arena;
	struct part **end;
	struct reading *reading;
};

static struct part *add_part(struct part_list *list, enum part_kind kind, struct jspan text)
{
	struct part *p = ARENA_NEW(list->arena, struct part);

	p->kind = kind;
	p->text = text;
	*list->end = p;
	list->end = &p->next;
	return p;
}

static void add_text(struct part_list *list, enum part_kind kind, struct jspan text)
{
	if (span_has_text(text))
		reading_count_part(list->reading, add_part(list, kind, text));
}

static void add_call(struct part_list *list, struct jspan call)
{
	struct part *p = add_part(list, PART_TOOL_CALL, (struct jspan){0});
	struct jspan function = said(call, "function"), arguments = said(function, "arguments");
	struct buf text;

	p->id = said(call, "id");
	p->name = said(function, "name");
	buf_init(&text, arguments.len + 1);
	jspan_text(arguments, &text);
	p->arguments = (struct jspan){arena_copy(list->arena, text.data, text.len), text.len};
	buf_release(&text);
	reading_count_part(list->reading, p);
}

static void read_message(struct part_list *list, struct jspan message)
{
	struct jspan content = said(message, "content"), calls = said(message, "tool_calls"), item = {0};

	add_text(list, PART_REASONING, said(message, "tool_plan"));
	while (jspan_next_item(content, &item)) {
		if (jspan_equals(said(item, "type"), "thinking"))
			add_text(list, PART_REASONING, said(item, "thinking"));
		else
			add_text(list, PART_TEXT, said(item, "text"));
	}
	item = (struct jspan){0};
	while (jspan_next_item(calls, &item))
		add_call(list, item);
}

int cohere_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	enum { ID, MESSAGE, FINISH, USAGE, N };
	struct jfield f[N] = {{.name = "id"}, {.name = "message"}, {.name = "finish_reason"}, {.name = "usage"}};
	struct choice *choice = ARENA_NEW(arena, struct choice);
	struct reading *r = &ret->reading;
	struct part_list list = {arena, &choice->parts, r};

	if (jscan_object(body.at, body.len, f, N, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_object(f[MESSAGE].value))
		return jspan_is_string(f[MESSAGE].value) ? upstream_error_inside(body, err)
							 : err_set(err, ERR_INVALID, "the answer has no message");
	jspan_copy_cut(f[ID].value, r->id, sizeof(r->id));
	read_message(&list, f[MESSAGE].value);
	read_usage(&r->usage, f[USAGE].value);
	r->finish = choice->finish = read_finish(f[FINISH].value);
	r->started = r->ended = true;
	ret->choices = choice;
	return 0;
}

/* -- streams ------------------------------------------------------------------------------------- */

struct event_reader {
	struct reading *reading;
	const struct event_sink *sink;
};

static void emit(struct event_reader *e, struct stream_event event)
{
	reading_emit(e->reading, e->sink, &event);
}

static void emit_text(struct event_reader *e, enum stream_event_kind kind, struct jspan text)
{
	if (span_has_text(text))
		emit(e, (struct stream_event){.kind = kind, .text = text});
}

static void start_message(struct event_reader *e, struct jspan data, struct jspan message)
{
	(void)message;
	jspan_copy_cut(said(data, "id"), e->reading->id, sizeof(e->reading->id));
	emit(e, (struct stream_event){.kind = EVENT_START});
}

static void read_plan(struct event_reader *e, struct jspan data, struct jspan message)
{
	(void)data;
	emit_text(e, EVENT_REASONING, said(message, "tool_plan"));
}

static void read_content(struct event_reader *e, struct jspan data, struct jspan message)
{
	struct jspan content = said(message, "content");

	(void)data;
	emit_text(e, EVENT_REASONING, said(content, "thinking"));
	emit_text(e, EVENT_TEXT, said(content, "text"));
}

static void read_arguments(struct event_reader *e, struct jspan data, struct jspan message)
{
	struct jspan text = said(said(said(message, "tool_calls"), "function"), "arguments");

	(void)data;
	if (e->reading->num_tool_calls > 0 && span_has_text(text)) {
		e->reading->block = 1;
		emit(e, (struct stream_event){.kind = EVENT_ARGUMENTS, .index = e->reading->num_tool_calls - 1, .text = text});
	}
}

/* Calls come one behind the other: .block says whether the one that is open has said any arguments. */
static void start_call(struct event_reader *e, struct jspan data, struct jspan message)
{
	struct jspan call = said(message, "tool_calls");

	e->reading->block = 0;
	emit(e, (struct stream_event){.kind = EVENT_TOOL_CALL, .index = e->reading->num_tool_calls++, .id = said(call, "id"),
				      .name = said(said(call, "function"), "name")});
	read_arguments(e, data, message);
}

/* A call without arguments has to say so: elsewhere they are a text that is parsed. */
static void end_call(struct event_reader *e, struct jspan data, struct jspan message)
{
	(void)data;
	(void)message;
	if (e->reading->block == 0 && e->reading->num_tool_calls > 0)
		emit(e, (struct stream_event){.kind = EVENT_ARGUMENTS, .index = e->reading->num_tool_calls - 1,
					      .text = {"\"{}\"", 4}});
	e->reading->block = 1;
}

static void end_message(struct event_reader *e, struct jspan data, struct jspan message)
{
	struct jspan delta = said(data, "delta");
	enum finish_reason finish = read_finish(said(delta, "finish_reason"));

	(void)message;
	read_usage(&e->reading->usage, said(delta, "usage"));
	if (finish != FINISH_NONE)
		emit(e, (struct stream_event){.kind = EVENT_FINISH, .finish = finish});
}

static const struct {
	const char *type;
	void (*read)(struct event_reader *, struct jspan data, struct jspan message);
} event_types[] = {
	{"content-delta", read_content},
	{"content-start", read_content},
	{"tool-call-delta", read_arguments},
	{"tool-call-start", start_call},
	{"tool-call-end", end_call},
	{"tool-plan-delta", read_plan},
	{"message-start", start_message},
	{"message-end", end_message},
};

int cohere_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err)
{
	struct jspan data = jspan_trim(event->data, event->data_len);
	struct jfield f[] = {{.name = "type"}, {.name = "delta"}, {.name = "message"}};
	struct event_reader e = {r, sink};

	if (!event->has_data)
		return 0;
	if (sse_data_is(event, "[DONE]")) {
		r->ended = true;
		return 0;
	}
	if (jscan_object(data.at, data.len, f, ARRAY_LEN(f), err) < 0)
		return ERR_INVALID;
	if (f[0].value.at == NULL && jspan_is_string(f[2].value))
		return upstream_error_inside(data, err);
	for (size_t i = 0; i < ARRAY_LEN(event_types); i++)
		if (jspan_equals(f[0].value, event_types[i].type))
			event_types[i].read(&e, data, said(f[1].value, "message"));
	return 0;
}
