/* SPDX-License-Identifier: MIT */
/*
 * OpenAI's legacy completions (POST /v1/completions): a text goes on.
 *
 * Where they are spoken they pass through; elsewhere the prompt is what a user says, and the answer's text is what
 * comes behind it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/interpreter.h"
#include "dialects/openai.h"
#include "dialects/patch.h"
#include "dialects/provider_kind.h"
#include "dialects/scan.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

enum { BYTES_PER_TOKEN = 4 };

enum field {
	MODEL,
	PROMPT,
	STREAM,
	STREAM_OPTIONS,
	USAGE,
	MAX_TOKENS,
	NUM_CHOICES,
	BEST_OF,
	USER,
	METADATA,
	NUM_FIELDS
};

static const char *const field_names[NUM_FIELDS] = {
	[MODEL] = "model",
	[PROMPT] = "prompt",
	[STREAM] = "stream",
	[STREAM_OPTIONS] = "stream_options",
	[USAGE] = "usage",
	[MAX_TOKENS] = "max_tokens",
	[NUM_CHOICES] = "n",
	[BEST_OF] = "best_of",
	[USER] = "user",
	[METADATA] = "metadata",
};

/* Text, a list of texts, the tokens of one or lists of them. */
static int scan_prompt(struct scan *s, struct request_facts *ret, int64_t *ret_prompts)
{
	struct jspan prompt = s->fields[PROMPT].value, item = {0};
	int64_t prompts = 0, tokens = 0, n;

	if (!jspan_is_string(prompt) && !jspan_is_array(prompt))
		return scan_wrong(s, PROMPT, "text, a list of texts, or tokens");
	while (jspan_next_item(prompt, &item)) {
		struct jspan token = {0};

		if (jspan_int(item, &n)) {
			tokens++;
			continue;
		}
		if (!jspan_is_string(item) && !jspan_is_array(item))
			return scan_wrong(s, PROMPT, "text, a list of texts, or tokens");
		prompts++;
		while (jspan_next_item(item, &token))
			tokens++;
	}
	*ret_prompts = prompts > 0 ? prompts : 1;
	ret->input_estimate = tokens > 0 ? tokens : (int64_t)(prompt.len / BYTES_PER_TOKEN) + 1;
	return 0;
}

static int scan_all(struct scan *s, struct request_facts *ret)
{
	int64_t prompts = 1, best_of = 1;
	int r;

	if ((r = scan_model(s, MODEL, ret)) < 0 || (r = scan_prompt(s, ret, &prompts)) < 0 ||
	    (r = scan_bool(s, STREAM, &ret->stream)) < 0 ||
	    (r = scan_switch(s, STREAM_OPTIONS, "include_usage", &ret->wants_usage)) < 0 ||
	    (r = scan_switch(s, USAGE, "include", &ret->wants_cost)) < 0 ||
	    (r = scan_count(s, MAX_TOKENS, INT32_MAX, &ret->max_output)) < 0 ||
	    (r = scan_count(s, NUM_CHOICES, SCAN_MAX_CHOICES, &ret->num_choices)) < 0 ||
	    (r = scan_count(s, BEST_OF, SCAN_MAX_CHOICES, &best_of)) < 0 ||
	    (r = scan_text(s, USER, ret->user, sizeof(ret->user))) < 0)
		return r;
	/* Each of a list of prompts is answered, and of best_of all are generated. */
	ret->num_choices = (best_of > ret->num_choices ? best_of : ret->num_choices) * prompts;
	scan_tags(s->fields[METADATA].value, ret);
	return 0;
}

static int scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			struct err *err)
{
	struct jfield fields[NUM_FIELDS];
	struct scan s = {.fields = fields, .err = err};
	int r;

	scan_name_fields(fields, field_names, NUM_FIELDS);
	r = jscan_object(body, len, fields, NUM_FIELDS, err);
	if (r == 0)
		r = scan_all(&s, ret);
	*ret_param = s.wrong_field;
	return r;
}

static void adapt_max_output(struct jspan body, struct jspan said_max, int64_t ceiling, struct patch *p)
{
	int64_t n;

	if (ceiling < 0 || (jspan_int(said_max, &n) && n <= ceiling))
		return;
	if (said_max.at != NULL)
		buf_printf(patch_replace(p, said_max), "%" PRId64, ceiling);
	else
		buf_printf(patch_insert(p, body, true), "\"max_tokens\":%" PRId64, ceiling);
}

static void adapt_request(struct jspan body, const struct request_facts *facts,
			  const struct interpreter_target *target, struct patch *p)
{
	struct jfield fields[NUM_FIELDS];
	const char *gone[4] = {NULL};
	size_t n = 0;

	buf_json_string(patch_replace(p, facts->model), target->model, strlen(target->model));
	scan_name_fields(fields, field_names, NUM_FIELDS);
	jspan_fields(body, fields, NUM_FIELDS);
	if (facts->stream && !(target->quirks & QUIRK_NO_STREAM_OPTIONS))
		openai_adapt_stream_options(body, fields[STREAM_OPTIONS].value, p);
	else if (facts->stream)
		gone[n++] = field_names[STREAM_OPTIONS];
	if (!(target->quirks & QUIRK_KNOWS_USAGE_INCLUDE))
		gone[n++] = field_names[USAGE];
	if (scan_adapt_metadata(fields[METADATA].value, p))
		gone[n++] = field_names[METADATA];
	patch_remove(p, body, gone);
	adapt_max_output(body, fields[MAX_TOKENS].value, target->max_output, p);
}

/* A request as a conversation. */

static int read_prompt(struct openai_request *r, struct jspan prompt, int unused)
{
	struct jspan item = {0}, text = prompt;
	size_t n = 0;

	(void)unused;
	while (jspan_next_item(prompt, &item)) {
		text = item;
		n++;
	}
	if (n > 1 || !jspan_is_string(text))
		return openai_wrong(r, "prompt", "one text: who is asked here knows neither lists nor tokens");
	r->c->messages = ARENA_NEW(r->arena, struct message);
	r->c->messages->role = ROLE_USER;
	r->c->messages->parts = ARENA_NEW(r->arena, struct part);
	r->c->messages->parts->kind = PART_TEXT;
	r->c->messages->parts->text = text;
	return 0;
}

static int read_best_of(struct openai_request *r, struct jspan value, int unused)
{
	static const char name[] = "best_of";
	int64_t n;

	(void)unused;
	return jspan_int(value, &n) && n == 1 ? 0 : openai_keep_extra(r, span_from_text(r->arena, name, sizeof(name) - 1), value);
}

/* suffix, echo, logprobs and what else is not here are refused by name. */
static const struct openai_member members[] = {
	{"prompt", read_prompt, 0},
	{"max_tokens", openai_read_max_output, 0},
	{"temperature", openai_read_param, PARAM_TEMPERATURE},
	{"top_p", openai_read_param, PARAM_TOP_P},
	{"top_k", openai_read_param, PARAM_TOP_K},
	{"stop", openai_read_param, PARAM_STOP},
	{"seed", openai_read_param, PARAM_SEED},
	{"frequency_penalty", openai_read_param, PARAM_FREQUENCY_PENALTY},
	{"presence_penalty", openai_read_param, PARAM_PRESENCE_PENALTY},
	{"n", openai_read_param, PARAM_NUM_CHOICES},
	{"user", openai_read_param, PARAM_USER},
	{"best_of", read_best_of, 0},
	{"model", NULL, 0},
	{"stream", NULL, 0},
	{"stream_options", NULL, 0},
	{"usage", NULL, 0},
	{"metadata", NULL, 0},
};

static int read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct openai_request r = {.arena = arena, .c = ret, .err = err};

	return openai_read_members(&r, body, members, ARRAY_LEN(members));
}

/* Answers. */

static struct jspan text_of(struct jspan item)
{
	struct jspan text = said(item, "text");

	return span_has_text(text) ? text : (struct jspan){0};
}

static int read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct reading *r = &ret->reading;
	struct choice **end = &ret->choices;
	struct jspan choices, item = {0};
	struct openai_choice read;

	if (openai_read_top(body.at, body.len, r, &choices, err) < 0)
		return ERR_INVALID;
	while (jspan_next_item(choices, &item)) {
		struct choice *c = ARENA_NEW(arena, struct choice);

		if (openai_read_choice(item, &read, err) < 0)
			return ERR_INVALID;
		c->index = read.index;
		c->finish = read.finish;
		c->parts = ARENA_NEW(arena, struct part);
		c->parts->kind = PART_TEXT;
		c->parts->text = text_of(item);
		reading_count_part(r, c->parts);
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

static void emit_choice(struct reading *r, const struct event_sink *sink, const struct openai_choice *choice,
			struct jspan text)
{
	struct stream_event event = {.kind = EVENT_START, .choice = choice->index};
	uint64_t bit = UINT64_C(1) << choice->index;

	if (!(r->started_choices & bit))
		reading_emit(r, sink, &event);
	r->started_choices |= bit;
	event.kind = EVENT_TEXT;
	event.text = text;
	if (text.at != NULL)
		reading_emit(r, sink, &event);
	event = (struct stream_event){.kind = EVENT_FINISH, .choice = choice->index, .finish = choice->finish};
	if (choice->finish != FINISH_NONE && !(r->finished_choices & bit))
		reading_emit(r, sink, &event);
	r->finished_choices |= choice->finish != FINISH_NONE ? bit : 0;
}

static int read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err)
{
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
		emit_choice(r, sink, &choice, text_of(item));
	}
	r->usage_alone = r->usage_at.at != NULL && item.at == NULL;
	return 0;
}

/* What a model refuses with is text, too; of reasoning nobody hears here. */
static void put_texts(struct buf *out, const struct part *parts)
{
	buf_putc(out, '"');
	for (const struct part *p = parts; p != NULL; p = p->next)
		if ((p->kind == PART_TEXT || p->kind == PART_REFUSAL) && p->text.at != NULL)
			buf_add(out, p->text.at + 1, p->text.len - 2);
	buf_putc(out, '"');
}

static void write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	openai_put_head(out, w, "text_completion");
	for (const struct choice *c = a->choices; c != NULL; c = c->next) {
		buf_puts(out, c == a->choices ? "{\"text\":" : ",{\"text\":");
		put_texts(out, c->parts);
		buf_printf(out, ",\"index\":%d,\"logprobs\":null,\"finish_reason\":\"%s\"}", c->index,
			   openai_finish_text(c->finish));
	}
	buf_puts(out, "],\"usage\":");
	openai_write_usage(&a->reading.usage, w->wants_cost, cost_nusd, out);
	buf_putc(out, '}');
}

static void write_event(struct writing *w, const struct stream_event *e, struct buf *out)
{
	bool text = e->kind == EVENT_TEXT || e->kind == EVENT_REFUSAL;

	if (!text && e->kind != EVENT_FINISH)
		return;
	buf_puts(out, "data: ");
	openai_put_head(out, w, "text_completion");
	buf_puts(out, "{\"text\":");
	if (text)
		put_span(out, e->text);
	else
		buf_puts(out, "\"\"");
	buf_printf(out, ",\"index\":%d,\"logprobs\":null,\"finish_reason\":", e->choice);
	if (text)
		buf_puts(out, "null}]}\n\n");
	else
		buf_printf(out, "\"%s\"}]}\n\n", openai_finish_text(e->finish));
}

static void write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out)
{
	if (u != NULL && (w->wants_usage || w->wants_cost)) {
		buf_puts(out, "data: ");
		openai_put_head(out, w, "text_completion");
		buf_puts(out, "],\"usage\":");
		openai_write_usage(u, true, cost_nusd, out);
		buf_puts(out, "}\n\n");
	}
	if (with_mark)
		buf_puts(out, "data: [DONE]\n\n");
}

const struct dialect openai_completions = {
	.name = "openai_completions",
	.scan_request = scan_request,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_request = read_request,
	.read_answer = read_answer,
	.write_answer = write_answer,
	.read_event = read_event,
	.write_event = write_event,
	.write_end = write_end,
	.write_cost = openai_write_cost,
	.write_usage = openai_write_usage,
};
