/* SPDX-License-Identifier: MIT */
/*
 * Streams of OpenAI's Responses dialect are read into events of the internal form here.
 *
 * An item of the output is added, its pieces come as deltas, and it is done; then the whole response
 * comes once more with its usage.  Where somebody sends no deltas, the item as it is done is what was
 * said; where no items either, the response's output.  Items of tools that the provider runs itself
 * mean nothing to others and are passed over.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/responses.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

/* More items than any answer has. */
enum { MAX_ITEMS = 10000 };

enum item_kind {
	ITEM_OTHER,
	ITEM_MESSAGE,
	ITEM_REASONING,
	ITEM_CALL,
};

/* How an item's text is said.  Where the same comes in two ways, the first is taken. */
enum way {
	WAY_NONE,                       /* nothing yet */
	WAY_TEXT,
	WAY_SUMMARY,
	WAY_CONTENT,
	WAY_ARGUMENTS,
	WAY_AT_ONCE,
};

struct item {
	int64_t output_index;
	enum item_kind kind;
	unsigned index;                 /* which call, or which reasoning */
	enum way way;                   /* in which its pieces come */
};

/* reading.own */
struct items {
	size_t count, size;
	struct item list[];
};

struct event_reader {
	struct reading *reading;
	const struct event_sink *sink;
	struct jspan data;              /* the event's object */
	struct err *err;
};

void responses_release_reading(struct reading *r)
{
	free(r->own);
	r->own = NULL;
}

static void emit(struct event_reader *e, struct stream_event event)
{
	struct reading *r = e->reading;

	if (!(r->started_choices & 1) && event.kind != EVENT_START) {
		const struct stream_event start = {.kind = EVENT_START};

		r->started_choices |= 1;
		reading_emit(r, e->sink, &start);
	}
	r->started_choices |= 1;
	reading_emit(r, e->sink, &event);
}

/* Items. */

static struct item *add_item(struct event_reader *e, int64_t output_index, enum item_kind kind)
{
	struct items *items = e->reading->own;
	size_t count = items != NULL ? items->count : 0;
	struct item *item;

	if (count == MAX_ITEMS)
		return NULL;
	if (items == NULL || count == items->size) {
		size_t size = count > 0 ? 2 * count : 8;

		items = xrealloc(items, 1, sizeof(*items) + size * sizeof(items->list[0]));
		items->size = size;
		e->reading->own = items;
	}
	item = &items->list[count];
	*item = (struct item){.output_index = output_index, .kind = kind};
	items->count = count + 1;
	return item;
}

/* The item an event is about; the last one is nearly always it. */
static struct item *find_item(struct event_reader *e)
{
	struct items *items = e->reading->own;
	int64_t output_index;

	if (items == NULL || !jspan_int(said(e->data, "output_index"), &output_index))
		return NULL;
	for (size_t i = items->count; i-- > 0;)
		if (items->list[i].output_index == output_index)
			return &items->list[i];
	return NULL;
}

static enum item_kind kind_of(struct jspan type)
{
	if (jspan_equals(type, "message"))
		return ITEM_MESSAGE;
	if (jspan_equals(type, "reasoning"))
		return ITEM_REASONING;
	return jspan_equals(type, "function_call") ? ITEM_CALL : ITEM_OTHER;
}

static struct item *start_item(struct event_reader *e, int64_t output_index, struct jspan object)
{
	struct reading *r = e->reading;
	struct item *item = add_item(e, output_index, kind_of(said(object, "type")));

	if (item == NULL)
		return NULL;
	if (item->kind == ITEM_REASONING)
		item->index = r->num_reasonings++;
	if (item->kind == ITEM_CALL) {
		item->index = r->num_tool_calls++;
		emit(e, (struct stream_event){.kind = EVENT_TOOL_CALL, .index = item->index,
					      .id = said(object, "call_id"), .name = said(object, "name")});
	}
	return item;
}

static void emit_piece(struct event_reader *e, struct item *item, enum stream_event_kind kind, enum way way,
		       struct jspan text)
{
	if (!span_has_text(text))
		return;
	if (item->way == WAY_NONE)
		item->way = way;
	if (item->way == way)
		emit(e, (struct stream_event){.kind = kind, .index = item->index, .text = text,
					      .signer = kind == EVENT_REASONING ? SIGNER_OPENAI : SIGNER_UNSAID});
}

/* An item that was not said in pieces. */
static void emit_whole(struct event_reader *e, struct item *item, struct jspan object)
{
	static const enum stream_event_kind kinds[] = {
		[PART_TEXT] = EVENT_TEXT,
		[PART_REFUSAL] = EVENT_REFUSAL,
		[PART_REASONING] = EVENT_REASONING,
	};
	struct part *parts = NULL;
	struct arena arena;

	arena_init(&arena);
	responses_read_item(object, &arena, &parts);
	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (p->kind != PART_TOOL_CALL)
			emit_piece(e, item, kinds[p->kind], WAY_AT_ONCE, p->text);
		else if (p->arguments.len > 0)
			emit_piece(e, item, EVENT_ARGUMENTS, WAY_AT_ONCE, said(object, "arguments"));
		else
			emit_piece(e, item, EVENT_ARGUMENTS, WAY_AT_ONCE, (struct jspan){"\"{}\"", 4});
	}
	arena_release(&arena);
}

static void end_item(struct event_reader *e, struct item *item, struct jspan object)
{
	struct jspan encrypted = said(object, "encrypted_content");

	if (item->way == WAY_NONE)
		emit_whole(e, item, object);
	if (item->kind == ITEM_REASONING && span_has_text(encrypted))
		emit(e, (struct stream_event){.kind = item->way != WAY_NONE ? EVENT_SIGNATURE : EVENT_ENCRYPTED,
					      .index = item->index, .text = encrypted, .id = said(object, "id"),
					      .signer = SIGNER_OPENAI});
}

/* Events. */

static int on_response(struct event_reader *e)
{
	struct responses_top top;

	if (responses_read_top(said(e->data, "response"), e->reading, &top, e->err) < 0)
		return ERR_INVALID;
	if (!(e->reading->started_choices & 1))
		emit(e, (struct stream_event){.kind = EVENT_START});
	return 0;
}

static void emit_output(struct event_reader *e, struct jspan output)
{
	struct jspan object = {0};

	for (int64_t i = 0; jspan_next_item(output, &object); i++) {
		struct item *item = start_item(e, i, object);

		if (item != NULL)
			end_item(e, item, object);
	}
}

static int on_end(struct event_reader *e)
{
	struct stream_event finish = {.kind = EVENT_FINISH};
	struct reading *r = e->reading;
	struct responses_top top;

	if (responses_read_top(said(e->data, "response"), r, &top, e->err) < 0)
		return ERR_INVALID;
	if (r->ended)
		return 0;
	if (r->own == NULL)
		emit_output(e, top.output);
	finish.finish = top.finish == FINISH_STOP && r->num_tool_calls > 0 ? FINISH_TOOL_CALLS : top.finish;
	if (finish.finish == FINISH_NONE)
		finish.finish = FINISH_STOP;
	emit(e, finish);
	r->ended = true;
	return 0;
}

static int on_failed(struct event_reader *e)
{
	struct jspan response = said(e->data, "response");
	struct responses_top top;

	/* Its usage counts all the same. */
	if (responses_read_top(response, e->reading, &top, e->err) < 0)
		return ERR_INVALID;
	return upstream_error_inside(said(response, "error"), e->err);
}

static int on_error(struct event_reader *e)
{
	struct jspan error = said(e->data, "error");

	return upstream_error_inside(error.at != NULL ? error : e->data, e->err);
}

static int on_item_added(struct event_reader *e)
{
	int64_t output_index;

	if (jspan_int(said(e->data, "output_index"), &output_index))
		start_item(e, output_index, said(e->data, "item"));
	return 0;
}

static int on_item_done(struct event_reader *e)
{
	struct item *item = find_item(e);

	if (item == NULL && on_item_added(e) == 0)
		item = find_item(e);
	if (item != NULL)
		end_item(e, item, said(e->data, "item"));
	return 0;
}

/* Deltas: of which items, and what they are. */
static const struct delta {
	const char *type;
	enum item_kind kind;
	enum stream_event_kind event;
	enum way way;
} deltas[] = {
	{"response.output_text.delta", ITEM_MESSAGE, EVENT_TEXT, WAY_TEXT},
	{"response.refusal.delta", ITEM_MESSAGE, EVENT_REFUSAL, WAY_TEXT},
	{"response.reasoning_summary_text.delta", ITEM_REASONING, EVENT_REASONING, WAY_SUMMARY},
	{"response.reasoning_text.delta", ITEM_REASONING, EVENT_REASONING, WAY_CONTENT},
	{"response.function_call_arguments.delta", ITEM_CALL, EVENT_ARGUMENTS, WAY_ARGUMENTS},
};

/* What goes to the provider's own tools was generated as well. */
static void take_delta(struct event_reader *e, struct jspan type)
{
	struct jspan delta = said(e->data, "delta");
	struct item *item = delta.at != NULL ? find_item(e) : NULL;

	for (size_t i = 0; item != NULL && i < ARRAY_LEN(deltas); i++) {
		if (item->kind == deltas[i].kind && jspan_equals(type, deltas[i].type)) {
			emit_piece(e, item, deltas[i].event, deltas[i].way, delta);
			return;
		}
	}
	e->reading->text_bytes += (int64_t)jspan_text_len(delta);
}

static const struct {
	const char *type;
	int (*read)(struct event_reader *);
} types[] = {
	{"response.output_item.added", on_item_added},
	{"response.output_item.done", on_item_done},
	{"response.created", on_response},
	{"response.in_progress", on_response},
	{"response.queued", on_response},
	{"response.completed", on_end},
	{"response.incomplete", on_end},
	{"response.failed", on_failed},
	{"error", on_error},
};

int responses_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
			 struct err *err)
{
	struct jfield type = {.name = "type"};
	struct event_reader e = {.reading = r, .sink = sink, .err = err};

	r->usage_at = (struct jspan){0};
	r->usage_alone = false;
	if (!event->has_data || sse_data_is(event, "[DONE]"))
		return 0;
	e.data = jspan_trim(event->data, event->data_len);
	if (jscan_object(e.data.at, e.data.len, &type, 1, err) < 0)
		return ERR_INVALID;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (jspan_equals(type.value, types[i].type))
			return types[i].read(&e);
	take_delta(&e, type.value);
	/* Some send errors without saying what they are. */
	return type.value.at == NULL && said(e.data, "error").at != NULL ? on_error(&e) : 0;
}
