/* SPDX-License-Identifier: MIT */
/*
 * The response object of OpenAI's Responses dialect and the items of its output are written here.
 *
 * A response repeats what was asked: those members come from the request as they stand there.
 */
#include "dialects/responses_output.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/mem.h"

/* More items than any answer has; what is kept of one answer at most. */
enum { MAX_ITEMS = 10000, MAX_KEPT = 64 * 1024 * 1024 };

/* Ids of items have a small alphabet and a length that clients and providers check. */
enum { MAX_BASE = 40, RANDOM_ID = 24 };

static void make_ids(struct output *o, const char *id)
{
	size_t n = 0;

	for (; *id != '\0' && n < MAX_BASE; id++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", *id) != NULL)
			o->base[n++] = *id;
	o->base[n] = '\0';
	if (n == 0)
		id_random(o->base, "", RANDOM_ID);
	copy_text(o->id, sizeof(o->id), strncmp(o->base, "resp_", 5) == 0 ? "" : "resp_");
	memcpy(o->id + strlen(o->id), o->base, strlen(o->base) + 1);
}

struct output *output_new(const struct writing *w)
{
	struct output *o = xcalloc(1, sizeof(*o));

	make_ids(o, w->id);
	o->created_s = w->created_s;
	o->room = MAX_KEPT;
	return o;
}

static void free_item(struct output_item *item)
{
	for (unsigned i = 0; i < item->num_parts; i++)
		buf_release(&item->parts[i].text);
	buf_release(&item->encrypted);
	buf_release(&item->call_id);
	buf_release(&item->name);
	free(item);
}

void output_free(struct output *o)
{
	if (o == NULL)
		return;
	for (unsigned i = 0; i < o->num_items; i++)
		free_item(o->items[i]);
	free(o->items);
	free(o);
}

struct output_item *output_add(struct output *o, enum output_kind kind, unsigned index)
{
	struct output_item *item;

	if (o->num_items == MAX_ITEMS)
		return NULL;
	if (o->num_items == o->size) {
		o->size = o->size > 0 ? 2 * o->size : 8;
		o->items = xrealloc(o->items, o->size, sizeof(struct output_item *));
	}
	item = xcalloc(1, sizeof(*item));
	item->kind = kind;
	item->place = o->num_items;
	item->index = index;
	item->status = "in_progress";
	buf_init(&item->encrypted, MAX_KEPT);
	buf_init(&item->call_id, MAX_KEPT);
	buf_init(&item->name, MAX_KEPT);
	o->items[o->num_items++] = item;
	return item;
}

struct output_part *output_add_part(struct output_item *item, bool refusal)
{
	struct output_part *part = &item->parts[item->num_parts++];

	part->refusal = refusal;
	buf_init(&part->text, MAX_KEPT);
	return part;
}

void output_keep(struct output *o, struct buf *to, const char *text, size_t len)
{
	if (len > o->room)
		return;
	o->room -= len;
	buf_add(to, text, len);
}

/* Items. */

void output_put_id(struct buf *out, const struct output *o, const struct output_item *item)
{
	static const char *const prefixes[] = {
		[OUTPUT_REASONING] = RESPONSES_REASONING,
		[OUTPUT_MESSAGE] = "msg_tg_",
		[OUTPUT_CALL] = "fc_tg_",
	};

	buf_printf(out, "\"%s%s_%u\"", prefixes[item->kind], o->base, item->place);
}

static void put_text(struct buf *out, const struct output_part *part, bool with_text)
{
	buf_putc(out, '"');
	if (with_text && part != NULL)
		buf_add(out, part->text.data, part->text.len);
	buf_putc(out, '"');
}

void output_put_part(struct buf *out, const struct output_item *item, const struct output_part *part, bool with_text)
{
	if (item->kind == OUTPUT_REASONING)
		buf_puts(out, "{\"type\":\"summary_text\",\"text\":");
	else if (part->refusal)
		buf_puts(out, "{\"type\":\"refusal\",\"refusal\":");
	else
		buf_puts(out, "{\"type\":\"output_text\",\"annotations\":[],\"logprobs\":[],\"text\":");
	put_text(out, part, with_text);
	buf_putc(out, '}');
}

static void put_parts(struct buf *out, const struct output_item *item)
{
	buf_putc(out, '[');
	for (unsigned i = 0; i < item->num_parts; i++) {
		if (i > 0)
			buf_putc(out, ',');
		output_put_part(out, item, &item->parts[i], true);
	}
	buf_putc(out, ']');
}

static void put_string(struct buf *out, const struct buf *json)
{
	if (json->len > 0)
		buf_add(out, json->data, json->len);
	else
		buf_puts(out, "\"\"");
}

static void put_call(struct buf *out, const struct output *o, const struct output_item *item)
{
	buf_printf(out, ",\"type\":\"function_call\",\"status\":\"%s\",\"arguments\":", item->status);
	put_text(out, item->num_parts > 0 ? &item->parts[0] : NULL, true);
	buf_puts(out, ",\"call_id\":");
	if (item->call_id.len > 2)
		buf_add(out, item->call_id.data, item->call_id.len);
	else
		output_put_id(out, o, item);
	buf_puts(out, ",\"name\":");
	put_string(out, &item->name);
}

void output_put_item(struct buf *out, const struct output *o, const struct output_item *item)
{
	buf_puts(out, "{\"id\":");
	output_put_id(out, o, item);
	switch (item->kind) {
	case OUTPUT_REASONING:
		buf_puts(out, ",\"type\":\"reasoning\",\"summary\":");
		put_parts(out, item);
		if (item->encrypted.len > 0) {
			buf_puts(out, ",\"encrypted_content\":");
			put_string(out, &item->encrypted);
		}
		break;
	case OUTPUT_MESSAGE:
		buf_printf(out, ",\"type\":\"message\",\"status\":\"%s\",\"role\":\"assistant\",\"content\":", item->status);
		put_parts(out, item);
		break;
	case OUTPUT_CALL:
		put_call(out, o, item);
		break;
	}
	buf_putc(out, '}');
}

/* The response. */

/* How an answer that ended so is called. */
static const struct {
	const char *status, *reason, *event;
} ends[] = {
	[FINISH_NONE] = {"completed", NULL, "response.completed"},
	[FINISH_STOP] = {"completed", NULL, "response.completed"},
	[FINISH_LENGTH] = {"incomplete", "max_output_tokens", "response.incomplete"},
	[FINISH_TOOL_CALLS] = {"completed", NULL, "response.completed"},
	[FINISH_CONTENT_FILTER] = {"incomplete", "content_filter", "response.incomplete"},
	[FINISH_ERROR] = {"failed", NULL, "response.failed"},
};

const char *output_end_event(enum finish_reason finish)
{
	return ends[finish].event;
}

/* What a response repeats of its request, and what it says where that says nothing. */
static const struct {
	const char *name, *otherwise;
} echoes[] = {
	{"background", "false"},
	{"instructions", "null"},
	{"max_output_tokens", "null"},
	{"max_tool_calls", "null"},
	{"metadata", "{}"},
	{"parallel_tool_calls", "true"},
	{"previous_response_id", "null"},
	{"prompt_cache_key", "null"},
	{"reasoning", "{\"effort\":null,\"summary\":null}"},
	{"safety_identifier", "null"},
	{"service_tier", "\"default\""},
	{"store", "false"},
	{"temperature", "1"},
	{"text", "{\"format\":{\"type\":\"text\"}}"},
	{"tool_choice", "\"auto\""},
	{"tools", "[]"},
	{"top_logprobs", "0"},
	{"top_p", "1"},
	{"truncation", "\"disabled\""},
	{"user", "null"},
};

static void put_echoes(struct buf *out, struct jspan request)
{
	struct jfield f[ARRAY_LEN(echoes)];

	for (size_t i = 0; i < ARRAY_LEN(echoes); i++)
		f[i] = (struct jfield){.name = echoes[i].name};
	jspan_fields(request, f, ARRAY_LEN(echoes));
	for (size_t i = 0; i < ARRAY_LEN(echoes); i++) {
		buf_printf(out, ",\"%s\":", echoes[i].name);
		if (jspan_is_null(f[i].value))
			buf_puts(out, echoes[i].otherwise);
		else
			put_span(out, f[i].value);
	}
}

/* Nothing is kept here: what was asked to be stored is not, and the answer says so. */
static void put_state(struct buf *out, enum finish_reason finish, bool over)
{
	const char *reason = over ? ends[finish].reason : NULL;

	buf_printf(out, ",\"status\":\"%s\"", over ? ends[finish].status : "in_progress");
	if (over && finish == FINISH_ERROR)
		buf_puts(out, ",\"error\":{\"code\":\"server_error\",\"message\":\"the model's provider broke off with an error\"}");
	else
		buf_puts(out, ",\"error\":null");
	if (reason != NULL)
		buf_printf(out, ",\"incomplete_details\":{\"reason\":\"%s\"}", reason);
	else
		buf_puts(out, ",\"incomplete_details\":null");
}

void output_put_response(struct buf *out, const struct writing *w, const struct output *o, enum finish_reason finish,
			 const struct usage *usage, int64_t cost_nusd)
{
	buf_printf(out, "{\"id\":\"%s\",\"object\":\"response\",\"created_at\":%" PRId64, o->id, o->created_s);
	put_state(out, finish, usage != NULL);
	buf_puts(out, ",\"model\":");
	buf_json_string(out, w->model, strlen(w->model));
	buf_puts(out, ",\"output\":[");
	for (unsigned i = 0; usage != NULL && i < o->num_items; i++) {
		if (i > 0)
			buf_putc(out, ',');
		output_put_item(out, o, o->items[i]);
	}
	buf_putc(out, ']');
	put_echoes(out, w->request);
	buf_puts(out, ",\"usage\":");
	if (usage != NULL)
		responses_write_usage(usage, w->wants_cost, cost_nusd, out);
	else
		buf_puts(out, "null");
	buf_putc(out, '}');
}

/* Clients expect the details, known or not. */
void responses_write_usage(const struct usage *u, bool with_cost, int64_t cost_nusd, struct buf *out)
{
	int64_t input = usage_get(u, USAGE_INPUT), output = usage_get(u, USAGE_OUTPUT);

	buf_printf(out, "{\"input_tokens\":%" PRId64 ",\"input_tokens_details\":{\"cached_tokens\":%" PRId64, input,
		   usage_get(u, USAGE_CACHE_READ));
	if (u->source[USAGE_CACHE_WRITE_5M] != USAGE_NONE || u->source[USAGE_CACHE_WRITE_1H] != USAGE_NONE)
		buf_printf(out, ",\"cache_write_tokens\":%" PRId64,
			   usage_get(u, USAGE_CACHE_WRITE_5M) + usage_get(u, USAGE_CACHE_WRITE_1H));
	buf_printf(out, "},\"output_tokens\":%" PRId64 ",\"output_tokens_details\":{\"reasoning_tokens\":%" PRId64
		   "},\"total_tokens\":%" PRId64, output, usage_get(u, USAGE_REASONING), input + output);
	if (with_cost) {
		buf_putc(out, ',');
		openai_write_cost(cost_nusd, out);
	}
	buf_putc(out, '}');
}
