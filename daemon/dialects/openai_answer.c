/* SPDX-License-Identifier: MIT */
/*
 * Answers and streams of OpenAI's chat dialect are read into the internal form here, and written
 * from it.
 *
 * Reasoning has no place in OpenAI's own dialect; what others made of it is read (reasoning_content,
 * reasoning, content parts of type thinking), and written as reasoning_content, which most clients
 * know, with reasoning_details beside it as OpenRouter defines them: a client that sends those back
 * keeps signatures intact.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/openai.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

static const struct {
	const char *name;
	enum finish_reason reason;
} finishes[] = {
	/* The first of a reason is how we write it. */
	{"stop", FINISH_STOP},
	{"length", FINISH_LENGTH},
	{"tool_calls", FINISH_TOOL_CALLS},
	{"content_filter", FINISH_CONTENT_FILTER},
	{"function_call", FINISH_TOOL_CALLS},
	{"eos", FINISH_STOP},
	{"error", FINISH_ERROR},
};

static enum finish_reason read_finish(struct jspan s)
{
	for (size_t i = 0; i < ARRAY_LEN(finishes); i++)
		if (jspan_equals(s, finishes[i].name))
			return finishes[i].reason;
	return s.at != NULL && jspan_is_string(s) && s.len > 2 ? FINISH_STOP : FINISH_NONE;
}

/* An answer that does not say why it ended is to a client one that stopped. */
static const char *finish_text(enum finish_reason reason)
{
	for (size_t i = 0; i < ARRAY_LEN(finishes); i++)
		if (finishes[i].reason == reason)
			return finishes[i].name;
	return "stop";
}

enum { ID, NAME_MODEL, CHOICES, USAGE, ERROR, X_GROQ, NUM_TOP };

/* Members of a whole answer and of a chunk alike. */
static int read_top(const char *text, size_t len, struct jfield f[NUM_TOP], struct reading *r, struct err *err)
{
	static const char *const names[NUM_TOP] = {"id", "model", "choices", "usage", "error", "x_groq"};
	struct jfield groq = {.name = "usage"};

	for (int i = 0; i < NUM_TOP; i++)
		f[i] = (struct jfield){.name = names[i]};
	r->usage_at = (struct jspan){0};
	r->usage_alone = false;
	if (jscan_object(text, len, f, NUM_TOP, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	if (span_has_text(f[ID].value))
		jspan_copy_cut(f[ID].value, r->id, sizeof(r->id));
	if (span_has_text(f[NAME_MODEL].value))
		jspan_copy_cut(f[NAME_MODEL].value, r->model, sizeof(r->model));
	if (openai_read_usage(f[USAGE].value, &r->usage))
		r->usage_at = f[USAGE].value;
	else if (jspan_fields(f[X_GROQ].value, &groq, 1))
		openai_read_usage(groq.value, &r->usage);
	return 0;
}

enum { INDEX, MESSAGE, DELTA, FINISH, CHOICE_ERROR, NUM_CHOICE };

/* Members of a choice; its index defaults to 0. */
static int read_choice(struct jspan item, struct jfield f[NUM_CHOICE], int *ret_index, struct err *err)
{
	static const char *const names[NUM_CHOICE] = {"index", "message", "delta", "finish_reason", "error"};
	int64_t index = 0;

	for (int i = 0; i < NUM_CHOICE; i++)
		f[i] = (struct jfield){.name = names[i]};
	if (!jspan_fields(item, f, NUM_CHOICE))
		return err_set(err, ERR_INVALID, "choices: expected objects");
	if (!jspan_is_null(f[CHOICE_ERROR].value))
		return upstream_error_inside(f[CHOICE_ERROR].value, err);
	jspan_int(f[INDEX].value, &index);
	*ret_index = index >= 0 && index < 64 ? (int)index : 63;
	return 0;
}

enum { CONTENT, REASONING, REASONING_CONTENT, REASONING_DETAILS, REFUSAL, TOOL_CALLS, FUNCTION_CALL, NUM_MESSAGE };

/* Members of a message and of a delta alike. */
static bool read_message(struct jspan message, struct jfield f[NUM_MESSAGE])
{
	static const char *const names[NUM_MESSAGE] = {
		"content", "reasoning", "reasoning_content", "reasoning_details",
		"refusal", "tool_calls", "function_call"};

	for (int i = 0; i < NUM_MESSAGE; i++)
		f[i] = (struct jfield){.name = names[i]};
	return jspan_fields(message, f, NUM_MESSAGE);
}

enum { CALL_INDEX, CALL_ID, CALL_FUNCTION, CALL_NAME, CALL_ARGUMENTS, NUM_CALL };

static void read_call(struct jspan item, struct jspan ret[NUM_CALL])
{
	struct jfield f[] = {{.name = "index"}, {.name = "id"}, {.name = "function"}};
	struct jfield g[] = {{.name = "name"}, {.name = "arguments"}};

	memset(ret, 0, NUM_CALL * sizeof(*ret));
	if (!jspan_fields(item, f, 3))
		return;
	for (int i = 0; i < 3; i++)
		ret[i] = f[i].value;
	if (!jspan_fields(f[CALL_FUNCTION].value, g, 2))
		return;
	ret[CALL_NAME] = g[0].value;
	ret[CALL_ARGUMENTS] = g[1].value;
}

/*
 * The texts of a content, which is a string or a list of parts; Mistral's thinking parts have lists
 * of parts in them.  walk is called for each text.
 */
static void each_text(struct jspan content, bool thinking, void (*walk)(void *, bool, struct jspan), void *arg)
{
	struct jspan part = {0};

	if (span_has_text(content))
		walk(arg, thinking, content);
	while (jspan_next_item(content, &part)) {
		struct jfield f[] = {{.name = "text"}, {.name = "thinking"}};

		if (!jspan_fields(part, f, 2))
			continue;
		if (span_has_text(f[0].value))
			walk(arg, thinking, f[0].value);
		if (!thinking)
			each_text(f[1].value, true, walk, arg);
	}
}

static struct jspan reasoning_of(const struct jfield f[NUM_MESSAGE])
{
	return span_has_text(f[REASONING_CONTENT].value) ? f[REASONING_CONTENT].value : f[REASONING].value;
}

/* Snowflake sends reasoning in reasoning_details alone. */
static struct jspan reasoning_details_of(const struct jfield f[NUM_MESSAGE])
{
	return span_has_text(reasoning_of(f)) ? (struct jspan){0} : f[REASONING_DETAILS].value;
}

/* Whole answers. */

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

static void add_text_part(void *arg, bool thinking, struct jspan text)
{
	struct part_list *list = arg;

	reading_count_part(list->reading, add_part(list, thinking ? PART_REASONING : PART_TEXT, text));
}

static void add_call_part(struct part_list *list, struct jspan item)
{
	struct part *p = add_part(list, PART_TOOL_CALL, (struct jspan){0});
	struct jspan call[NUM_CALL];
	struct buf text;

	read_call(item, call);
	p->id = call[CALL_ID];
	p->name = call[CALL_NAME];
	if (jspan_is_string(call[CALL_ARGUMENTS])) {
		buf_init(&text, call[CALL_ARGUMENTS].len);
		jspan_text(call[CALL_ARGUMENTS], &text);
		p->arguments = (struct jspan){arena_copy(list->arena, text.data, text.len), text.len};
		buf_release(&text);
	} else if (jspan_is_object(call[CALL_ARGUMENTS])) {
		p->arguments = call[CALL_ARGUMENTS];
	}
	reading_count_part(list->reading, p);
}

static void read_parts(struct part_list *list, struct jspan message)
{
	struct jfield f[NUM_MESSAGE];
	struct jspan item = {0};

	if (!read_message(message, f))
		return;
	if (span_has_text(reasoning_of(f)))
		add_text_part(list, true, reasoning_of(f));
	each_text(reasoning_details_of(f), true, add_text_part, list);
	each_text(f[CONTENT].value, false, add_text_part, list);
	if (span_has_text(f[REFUSAL].value))
		reading_count_part(list->reading, add_part(list, PART_REFUSAL, f[REFUSAL].value));
	while (jspan_next_item(f[TOOL_CALLS].value, &item))
		add_call_part(list, item);
	list->reading->text_bytes += (int64_t)f[FUNCTION_CALL].value.len;
}

int openai_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct reading *r = &ret->reading;
	struct choice **end = &ret->choices;
	struct jfield top[NUM_TOP], f[NUM_CHOICE];
	struct jspan item = {0};

	if (read_top(body.at, body.len, top, r, err) < 0)
		return ERR_INVALID;
	while (jspan_next_item(top[CHOICES].value, &item)) {
		struct choice *c = ARENA_NEW(arena, struct choice);
		struct part_list list = {arena, &c->parts, r};

		if (read_choice(item, f, &c->index, err) < 0)
			return ERR_INVALID;
		read_parts(&list, f[MESSAGE].value);
		c->finish = read_finish(f[FINISH].value);
		if (r->finish == FINISH_NONE)
			r->finish = c->finish;
		*end = c;
		end = &c->next;
	}
	if (ret->choices == NULL)
		return err_set(err, ERR_INVALID, "the answer has no choices");
	r->started = r->ended = true;
	return 0;
}

static void put_reasoning_detail(struct buf *out, const struct part *p, unsigned index)
{
	if (index > 0)
		buf_putc(out, ',');
	if (p->encrypted)
		buf_puts(out, "{\"type\":\"reasoning.encrypted\"");
	else
		buf_puts(out, "{\"type\":\"reasoning.text\"");
	put_member(out, "text", p->text);
	put_member(out, p->encrypted ? "data" : "signature", p->signature);
	buf_printf(out, ",\"format\":\"anthropic-claude-v1\",\"index\":%u}", index);
}

static void put_reasoning(struct buf *out, const struct part *parts)
{
	struct buf text;
	unsigned n = 0;

	buf_init(&text, out->max);
	if (parts_join_text(parts, PART_REASONING, &text) > 0)
		buf_printf(out, ",\"reasoning_content\":%s", text.data);
	buf_release(&text);
	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (p->kind != PART_REASONING || (p->signature.at == NULL && n == 0))
			continue;
		if (n == 0)
			buf_puts(out, ",\"reasoning_details\":[");
		put_reasoning_detail(out, p, n++);
	}
	if (n > 0)
		buf_putc(out, ']');
}

static void put_calls(struct buf *out, const struct part *parts)
{
	unsigned n = 0;

	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (p->kind != PART_TOOL_CALL)
			continue;
		buf_puts(out, n++ == 0 ? ",\"tool_calls\":[" : ",");
		buf_puts(out, "{\"id\":");
		put_span(out, p->id);
		buf_puts(out, ",\"type\":\"function\",\"function\":{\"name\":");
		put_span(out, p->name);
		buf_puts(out, ",\"arguments\":");
		buf_json_string(out, p->arguments.at != NULL ? p->arguments.at : "{}",
				p->arguments.at != NULL ? p->arguments.len : 2);
		buf_puts(out, "}}");
	}
	if (n > 0)
		buf_putc(out, ']');
}

static void put_choice(struct buf *out, const struct choice *c)
{
	buf_printf(out, "{\"index\":%d,\"message\":{\"role\":\"assistant\",\"content\":", c->index);
	if (parts_join_text(c->parts, PART_TEXT, out) == 0)
		buf_puts(out, "null");
	buf_puts(out, ",\"refusal\":");
	if (parts_join_text(c->parts, PART_REFUSAL, out) == 0)
		buf_puts(out, "null");
	put_reasoning(out, c->parts);
	put_calls(out, c->parts);
	buf_printf(out, "},\"logprobs\":null,\"finish_reason\":\"%s\"}", finish_text(c->finish));
}

static void put_head(struct buf *out, const struct writing *w, const char *object)
{
	buf_puts(out, "{\"id\":");
	buf_json_string(out, w->id, strlen(w->id));
	buf_printf(out, ",\"object\":\"%s\",\"created\":%" PRId64 ",\"model\":", object, w->created_s);
	buf_json_string(out, w->model, strlen(w->model));
	buf_puts(out, ",\"choices\":[");
}

void openai_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	put_head(out, w, "chat.completion");
	for (const struct choice *c = a->choices; c != NULL; c = c->next) {
		put_choice(out, c);
		if (c->next != NULL)
			buf_putc(out, ',');
	}
	buf_puts(out, "],\"usage\":");
	openai_write_usage(&a->reading.usage, w->wants_cost, cost_nusd, out);
	buf_putc(out, '}');
}

/* Streams. */

struct chunk {
	struct reading *reading;
	const struct event_sink *sink;
	int choice;
};

static void emit(struct chunk *chunk, struct stream_event event)
{
	event.choice = chunk->choice;
	reading_emit(chunk->reading, chunk->sink, &event);
}

static void emit_text(void *arg, bool thinking, struct jspan text)
{
	emit(arg, (struct stream_event){.kind = thinking ? EVENT_REASONING : EVENT_TEXT, .text = text});
}

/*
 * A call's first delta has its id and name; those behind it have its index, or nothing that says
 * which call they belong to: then it is the last.
 */
static void emit_call(struct chunk *chunk, struct jspan item)
{
	struct reading *r = chunk->reading;
	struct jspan call[NUM_CALL];
	int64_t index;
	bool begins;

	read_call(item, call);
	begins = span_has_text(call[CALL_NAME]);
	if (!jspan_int(call[CALL_INDEX], &index) || index < 0 || index > 1000)
		index = begins || r->num_tool_calls == 0 ? r->num_tool_calls : r->num_tool_calls - 1;
	if (begins && index >= r->num_tool_calls) {
		r->num_tool_calls = (unsigned)index + 1;
		emit(chunk, (struct stream_event){.kind = EVENT_TOOL_CALL, .index = (unsigned)index,
						  .id = call[CALL_ID], .name = call[CALL_NAME]});
	}
	if (span_has_text(call[CALL_ARGUMENTS]))
		emit(chunk, (struct stream_event){.kind = EVENT_ARGUMENTS, .index = (unsigned)index,
						  .text = call[CALL_ARGUMENTS]});
}

static void emit_delta(struct chunk *chunk, struct jspan delta)
{
	struct jfield f[NUM_MESSAGE];
	struct jspan item = {0};

	if (!read_message(delta, f))
		return;
	if (span_has_text(reasoning_of(f)))
		emit_text(chunk, true, reasoning_of(f));
	each_text(reasoning_details_of(f), true, emit_text, chunk);
	each_text(f[CONTENT].value, false, emit_text, chunk);
	if (span_has_text(f[REFUSAL].value))
		emit(chunk, (struct stream_event){.kind = EVENT_REFUSAL, .text = f[REFUSAL].value});
	while (jspan_next_item(f[TOOL_CALLS].value, &item))
		emit_call(chunk, item);
	chunk->reading->text_bytes += (int64_t)f[FUNCTION_CALL].value.len;
}

static void emit_choice(struct chunk *chunk, const struct jfield f[NUM_CHOICE])
{
	struct reading *r = chunk->reading;
	enum finish_reason finish = read_finish(f[FINISH].value);
	uint64_t bit = UINT64_C(1) << chunk->choice;

	if (!(r->started_choices & bit)) {
		r->started_choices |= bit;
		emit(chunk, (struct stream_event){.kind = EVENT_START});
	}
	emit_delta(chunk, f[DELTA].value);
	/* Some say it twice. */
	if (finish != FINISH_NONE && !(r->finished_choices & bit)) {
		r->finished_choices |= bit;
		emit(chunk, (struct stream_event){.kind = EVENT_FINISH, .finish = finish});
	}
}

int openai_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
		      struct err *err)
{
	struct chunk chunk = {.reading = r, .sink = sink};
	struct jfield top[NUM_TOP], f[NUM_CHOICE];
	struct jspan item = {0};
	bool choices = false;

	r->usage_at = (struct jspan){0};
	r->usage_alone = false;
	if (!event->has_data)
		return 0;
	if (sse_data_is(event, "[DONE]")) {
		r->ended = true;
		return 0;
	}
	if (read_top(event->data, event->data_len, top, r, err) < 0)
		return ERR_INVALID;
	for (; jspan_next_item(top[CHOICES].value, &item); choices = true) {
		if (read_choice(item, f, &chunk.choice, err) < 0)
			return ERR_INVALID;
		emit_choice(&chunk, f);
	}
	r->usage_alone = r->usage_at.at != NULL && !choices;
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
	buf_printf(out, ",\"format\":\"anthropic-claude-v1\",\"index\":%u}]", e->index);
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
		put_delta_detail(out, e, "reasoning.text", "text");
		break;
	case EVENT_SIGNATURE:
		put_delta_detail(out, e, "reasoning.text", "signature");
		break;
	case EVENT_ENCRYPTED:
		put_delta_detail(out, e, "reasoning.encrypted", "data");
		break;
	case EVENT_REFUSAL:
		put_delta_text(out, "refusal", e->text);
		break;
	case EVENT_TOOL_CALL:
		buf_printf(out, "\"tool_calls\":[{\"index\":%u,\"id\":", e->index);
		put_span(out, e->id);
		buf_puts(out, ",\"type\":\"function\",\"function\":{\"name\":");
		put_span(out, e->name);
		buf_puts(out, ",\"arguments\":\"\"}}]");
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
	put_head(out, w, "chat.completion.chunk");
	buf_printf(out, "{\"index\":%d,\"delta\":{", event->choice);
	put_delta(out, event);
	if (event->kind == EVENT_FINISH)
		buf_printf(out, "},\"finish_reason\":\"%s\"}]}\n\n", finish_text(event->finish));
	else
		buf_puts(out, "},\"finish_reason\":null}]}\n\n");
}

void openai_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark,
		      struct buf *out)
{
	if (u != NULL && (w->wants_usage || w->wants_cost)) {
		buf_puts(out, "data: ");
		put_head(out, w, "chat.completion.chunk");
		buf_puts(out, "],\"usage\":");
		openai_write_usage(u, true, cost_nusd, out);
		buf_puts(out, "}\n\n");
	}
	if (with_mark)
		buf_puts(out, "data: [DONE]\n\n");
}
