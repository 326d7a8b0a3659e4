/* SPDX-License-Identifier: MIT */
/*
 * Answers and streams of Bedrock's Converse are read into the internal form here.
 *
 * A stream is messageStart, then for each block contentBlockStart (only where the block is a tool's),
 * deltas and contentBlockStop, then messageStop, and metadata with the usage behind it.  Blocks of tools
 * that AWS runs itself mean nothing to other families and are passed over.
 */
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/bedrock.h"
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
		{"tool_use", FINISH_TOOL_CALLS},
		{"max_tokens", FINISH_LENGTH},
		{"model_context_window_exceeded", FINISH_LENGTH},
		{"guardrail_intervened", FINISH_CONTENT_FILTER},
		{"content_filtered", FINISH_CONTENT_FILTER},
		{"malformed_model_output", FINISH_ERROR},
		{"malformed_tool_use", FINISH_ERROR},
	};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (jspan_equals(reason, reasons[i].name))
			return reasons[i].reason;
	return span_has_text(reason) ? FINISH_STOP : FINISH_NONE;
}

/* -- usage --------------------------------------------------------------------------------------- */

static bool set_if_said(struct usage *u, enum usage_field field, struct jspan count)
{
	int64_t n;

	if (!jspan_int(count, &n))
		return false;
	usage_set(u, field, n, USAGE_REPORTED);
	return true;
}

/* How long writes live is said in a list: [{"inputTokens", "ttl": "1h"}, …]. */
static void read_cache_details(struct usage *u, struct jspan details)
{
	int64_t written = usage_get(u, USAGE_CACHE_WRITE_5M), hour = 0, n;
	struct jspan item = {0};

	while (jspan_next_item(details, &item))
		if (jspan_equals(jspan_member(item, "ttl"), "1h") && jspan_int(jspan_member(item, "inputTokens"), &n))
			hour += n;
	if (hour <= 0)
		return;
	hour = hour < written ? hour : written;
	usage_set(u, USAGE_CACHE_WRITE_1H, hour, USAGE_REPORTED);
	usage_set(u, USAGE_CACHE_WRITE_5M, written - hour, USAGE_REPORTED);
}

/* Cached tokens are counted beside inputTokens, not in it; reasoning is never told from the rest. */
static void read_usage(struct usage *u, struct jspan object)
{
	enum { INPUT, OUTPUT, CACHE_READ, CACHE_WRITE, CACHE_DETAILS, N };
	struct jfield f[N] = {{.name = "inputTokens"}, {.name = "outputTokens"}, {.name = "cacheReadInputTokens"},
			      {.name = "cacheWriteInputTokens"}, {.name = "cacheDetails"}};
	int64_t uncached;

	if (!jspan_fields(object, f, N))
		return;
	set_if_said(u, USAGE_OUTPUT, f[OUTPUT].value);
	set_if_said(u, USAGE_CACHE_READ, f[CACHE_READ].value);
	if (set_if_said(u, USAGE_CACHE_WRITE_5M, f[CACHE_WRITE].value))
		read_cache_details(u, f[CACHE_DETAILS].value);
	if (jspan_int(f[INPUT].value, &uncached))
		usage_set(u, USAGE_INPUT,
			  uncached + usage_get(u, USAGE_CACHE_READ) + usage_get(u, USAGE_CACHE_WRITE_5M) +
				  usage_get(u, USAGE_CACHE_WRITE_1H),
			  USAGE_REPORTED);
}

/* -- reasoning ----------------------------------------------------------------------------------- */

/* What only its author can read is bytes here, in base 64, and elsewhere the text those are: as a JSON
 * string in out. */
static struct jspan read_redacted(struct jspan content, struct buf *out)
{
	struct buf encoded, plain;

	buf_init(&encoded, content.len);
	buf_init(&plain, content.len + 4);
	jspan_text(content, &encoded);
	if (base64_decode(encoded.data, encoded.len, &plain) && plain.len > 0)
		buf_json_string(out, plain.data, plain.len);
	buf_release(&encoded);
	buf_release(&plain);
	return out->len > 0 ? (struct jspan){out->data, out->len} : content;
}

/* -- whole answers ------------------------------------------------------------------------------- */

struct part_list {
	struct arena *arena;
	struct part **end;
	struct reading *reading;
};

static void add_part(struct part_list *list, struct part part)
{
	struct part *p = ARENA_NEW(list->arena, struct part);

	*p = part;
	reading_count_part(list->reading, p);
	*list->end = p;
	list->end = &p->next;
}

static void add_text(struct part_list *list, struct jspan text)
{
	if (span_has_text(text))
		add_part(list, (struct part){.kind = PART_TEXT, .text = text});
}

static void add_reasoning(struct part_list *list, struct jspan reasoning)
{
	struct jspan text = said(reasoning, "reasoningText"), redacted = said(reasoning, "redactedContent");
	struct part part = {.kind = PART_REASONING, .signer = SIGNER_ANTHROPIC};
	struct buf plain;

	if (text.at != NULL) {
		part.text = said(text, "text");
		part.signature = said(text, "signature");
		add_part(list, part);
	}
	if (!span_has_text(redacted))
		return;
	buf_init(&plain, redacted.len * 6 + 2);
	part.text = (struct jspan){0};
	part.encrypted = true;
	part.signature = read_redacted(redacted, &plain);
	part.signature.at = arena_copy(list->arena, part.signature.at, part.signature.len);
	add_part(list, part);
	buf_release(&plain);
}

static void add_block(struct part_list *list, struct jspan block)
{
	enum { TEXT, TOOL_USE, REASONING, CITATIONS, N };
	struct jfield f[N] = {{.name = "text"}, {.name = "toolUse"}, {.name = "reasoningContent"},
			      {.name = "citationsContent"}};
	struct jspan item = {0};

	if (!jspan_fields(block, f, N))
		return;
	add_text(list, f[TEXT].value);
	if (jspan_is_object(f[REASONING].value))
		add_reasoning(list, f[REASONING].value);
	while (jspan_next_item(said(f[CITATIONS].value, "content"), &item))
		add_text(list, said(item, "text"));
	if (jspan_is_object(f[TOOL_USE].value) && !jspan_equals(said(f[TOOL_USE].value, "type"), "server_tool_use"))
		add_part(list, (struct part){
				       .kind = PART_TOOL_CALL,
				       .id = said(f[TOOL_USE].value, "toolUseId"),
				       .name = said(f[TOOL_USE].value, "name"),
				       .arguments = said(f[TOOL_USE].value, "input"),
			       });
}

int bedrock_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	enum { OUTPUT, STOP_REASON, USAGE, N };
	struct jfield f[N] = {{.name = "output"}, {.name = "stopReason"}, {.name = "usage"}};
	struct choice *choice = ARENA_NEW(arena, struct choice);
	struct part_list list = {arena, &choice->parts, &ret->reading};
	struct jspan content, block = {0};
	struct reading *r = &ret->reading;

	if (jscan_object(body.at, body.len, f, N, err) < 0)
		return ERR_INVALID;
	content = said(said(f[OUTPUT].value, "message"), "content");
	if (!jspan_is_array(content))
		return err_set(err, ERR_INVALID, "the answer has no content");
	while (jspan_next_item(content, &block))
		add_block(&list, block);
	read_usage(&r->usage, f[USAGE].value);
	r->finish = choice->finish = read_finish(f[STOP_REASON].value);
	r->started = r->ended = true;
	ret->choices = choice;
	return 0;
}

int bedrock_read_count(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct jfield count = {.name = "inputTokens"};
	int64_t n;

	(void)arena;
	if (jscan_object(body.at, body.len, &count, 1, err) < 0)
		return ERR_INVALID;
	if (!jspan_int(count.value, &n) || n < 0)
		return err_set(err, ERR_INVALID, "the answer has no inputTokens");
	usage_set(&ret->reading.usage, USAGE_INPUT, n, USAGE_REPORTED);
	ret->reading.started = ret->reading.ended = true;
	return 0;
}

/* -- streams ------------------------------------------------------------------------------------- */

/* What the block being read is. */
enum block {
	IN_NOTHING,
	IN_TEXT,
	IN_REASONING,
	IN_CALL,                        /* none of its arguments came yet */
	IN_ARGUMENTS,
	IN_FOREIGN,                     /* nothing of it is for us */
};

struct event_reader {
	struct reading *reading;
	const struct event_sink *sink;
};

static void emit(struct event_reader *e, enum stream_event_kind kind, unsigned index, struct jspan text)
{
	struct stream_event event = {.kind = kind, .index = index, .text = text};

	if (kind == EVENT_REASONING || kind == EVENT_SIGNATURE || kind == EVENT_ENCRYPTED)
		event.signer = SIGNER_ANTHROPIC;
	reading_emit(e->reading, e->sink, &event);
}

static void emit_arguments(struct event_reader *e, struct jspan text)
{
	e->reading->block = IN_ARGUMENTS;
	emit(e, EVENT_ARGUMENTS, e->reading->num_tool_calls - 1, text);
}

static void start_message(struct event_reader *e, struct jspan data)
{
	(void)data;
	emit(e, EVENT_START, 0, (struct jspan){0});
}

static void start_block(struct event_reader *e, struct jspan data)
{
	struct jspan start = said(data, "start"), call = said(start, "toolUse");
	struct stream_event event = {.kind = EVENT_TOOL_CALL};
	struct jmember any = {{0}, {0}};

	e->reading->block = IN_NOTHING;
	if (!jspan_next_member(start, &any))
		return;
	e->reading->block = IN_FOREIGN;
	if (!jspan_is_object(call) || jspan_equals(said(call, "type"), "server_tool_use"))
		return;
	e->reading->block = IN_CALL;
	event.index = e->reading->num_tool_calls++;
	event.id = said(call, "toolUseId");
	event.name = said(call, "name");
	reading_emit(e->reading, e->sink, &event);
}

static void read_reasoning(struct event_reader *e, struct jspan reasoning)
{
	enum { TEXT, SIGNATURE, REDACTED, N };
	struct jfield f[N] = {{.name = "text"}, {.name = "signature"}, {.name = "redactedContent"}};
	struct reading *r = e->reading;
	struct buf plain;

	if (!jspan_fields(reasoning, f, N))
		return;
	if (r->block != IN_REASONING)
		r->num_reasonings++;
	r->block = IN_REASONING;
	if (span_has_text(f[TEXT].value))
		emit(e, EVENT_REASONING, r->num_reasonings - 1, f[TEXT].value);
	if (span_has_text(f[SIGNATURE].value))
		emit(e, EVENT_SIGNATURE, r->num_reasonings - 1, f[SIGNATURE].value);
	if (!span_has_text(f[REDACTED].value))
		return;
	buf_init(&plain, f[REDACTED].value.len * 6 + 2);
	emit(e, EVENT_ENCRYPTED, r->num_reasonings - 1, read_redacted(f[REDACTED].value, &plain));
	buf_release(&plain);
}

static void read_delta(struct event_reader *e, struct jspan data)
{
	enum { TEXT, TOOL_USE, REASONING, N };
	struct jfield f[N] = {{.name = "text"}, {.name = "toolUse"}, {.name = "reasoningContent"}};
	struct reading *r = e->reading;
	struct jspan input;

	if (r->block == IN_FOREIGN || !jspan_fields(said(data, "delta"), f, N))
		return;
	input = said(f[TOOL_USE].value, "input");
	if (jspan_is_object(f[REASONING].value))
		read_reasoning(e, f[REASONING].value);
	else if (f[TEXT].value.at != NULL)
		r->block = IN_TEXT;
	if (span_has_text(f[TEXT].value))
		emit(e, EVENT_TEXT, 0, f[TEXT].value);
	if ((r->block == IN_CALL || r->block == IN_ARGUMENTS) && span_has_text(input))
		emit_arguments(e, input);
}

/* A call without arguments has to say so: elsewhere they are a text that is parsed. */
static void stop_block(struct event_reader *e, struct jspan data)
{
	(void)data;
	if (e->reading->block == IN_CALL)
		emit_arguments(e, (struct jspan){"\"{}\"", 4});
	e->reading->block = IN_NOTHING;
}

static void stop_message(struct event_reader *e, struct jspan data)
{
	struct stream_event event = {.kind = EVENT_FINISH, .finish = read_finish(said(data, "stopReason"))};

	if (event.finish != FINISH_NONE && e->reading->finish == FINISH_NONE)
		reading_emit(e->reading, e->sink, &event);
}

static void read_metadata(struct event_reader *e, struct jspan data)
{
	read_usage(&e->reading->usage, said(data, "usage"));
	e->reading->ended = true;
}

static const struct {
	const char *name;
	void (*read)(struct event_reader *, struct jspan data);
} event_types[] = {
	{"contentBlockDelta", read_delta},
	{"contentBlockStart", start_block},
	{"contentBlockStop", stop_block},
	{"messageStart", start_message},
	{"messageStop", stop_message},
	{"metadata", read_metadata},
};

/* An exception inside a 200: {"message": …}, or nothing but its name. */
static int refuse(const struct sse_event *event, struct err *err)
{
	struct upstream_error e;

	upstream_error_read(event->data, event->data_len, &e);
	return err_set(err, ERR_INVALID, "an error inside the answer: %.*s%s%s",
		       (int)(event->name_len < sizeof(e.type) ? event->name_len : sizeof(e.type)), event->name,
		       e.message[0] != '\0' ? ": " : "", e.message);
}

int bedrock_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
		       struct err *err)
{
	struct event_reader e = {r, sink};
	struct jspan data;

	if (event->is_error)
		return refuse(event, err);
	if (jscan_object(event->data, event->data_len, NULL, 0, err) < 0)
		return ERR_INVALID;
	data = jspan_trim(event->data, event->data_len);
	for (size_t i = 0; i < ARRAY_LEN(event_types); i++)
		if (sse_name_is(event, event_types[i].name))
			event_types[i].read(&e, data);
	return 0;
}
