/* SPDX-License-Identifier: MIT */
/*
 * Whole answers of OpenAI's chat dialect are read into the internal form here, and written from it.
 *
 * Reasoning has no place in OpenAI's own dialect; what others made of it is read (reasoning_content,
 * reasoning, content parts of type thinking), and written as reasoning_content, which most clients
 * know, with reasoning_details beside it as OpenRouter defines them: a client that sends those back
 * keeps signatures intact.
 */
#include "base/buf.h"
#include "base/err.h"
#include "dialects/openai.h"

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

static void add_call_part(struct part_list *list, const struct openai_call *call)
{
	struct part *p = add_part(list, PART_TOOL_CALL, (struct jspan){0});
	struct reading *r = list->reading;
	char made[OPENAI_ID_TEXT];

	p->id = call->id;
	if (!span_has_text(call->id)) {
		p->id = openai_make_id(r, r->num_tool_calls, made);
		p->id.at = arena_copy(list->arena, p->id.at, p->id.len);
	}
	r->num_tool_calls++;
	p->name = call->name;
	if (jspan_is_string(call->arguments) || jspan_is_object(call->arguments))
		p->arguments = span_plain(list->arena, call->arguments);
	reading_count_part(r, p);
}

/* What signs a text behind it belongs to that. */
static void add_detail(struct part_list *list, struct jspan item, struct part **open)
{
	struct openai_detail d;
	struct part *p;

	openai_read_detail(item, &d);
	if (d.text.at == NULL && d.signature.at == NULL)
		return;
	p = d.text.at == NULL && *open != NULL && (*open)->signer == d.signer ? *open
									       : add_part(list, PART_REASONING, d.text);
	p->signer = d.signer;
	p->signature = d.signature;
	p->id = d.id;
	p->encrypted = d.encrypted && p->text.at == NULL;
	if (p != *open)
		reading_count_part(list->reading, p);
	*open = d.signature.at == NULL ? p : NULL;
}

static void read_parts(struct part_list *list, struct jspan message)
{
	struct part *open = NULL;
	struct openai_said said;
	struct jspan item = {0}, detail = {0};
	struct openai_call call;

	if (!openai_read_said(message, &said))
		return;
	while (jspan_next_item(said.details, &detail))
		add_detail(list, detail, &open);
	openai_each_text(&said, add_text_part, list);
	if (span_has_text(said.refusal))
		reading_count_part(list->reading, add_part(list, PART_REFUSAL, said.refusal));
	while (jspan_next_item(said.tool_calls, &item)) {
		openai_read_call(item, &call);
		add_call_part(list, &call);
	}
	if (openai_read_function_call(said.function_call, &call) && span_has_text(call.name))
		add_call_part(list, &call);
}

int openai_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct reading *r = &ret->reading;
	struct choice **end = &ret->choices;
	struct jspan choices, item = {0};
	struct openai_choice read;

	if (openai_read_top(body.at, body.len, r, &choices, err) < 0)
		return ERR_INVALID;
	while (jspan_next_item(choices, &item)) {
		struct choice *c = ARENA_NEW(arena, struct choice);
		struct part_list list = {arena, &c->parts, r};

		if (openai_read_choice(item, &read, err) < 0)
			return ERR_INVALID;
		read_parts(&list, read.message);
		c->index = read.index;
		c->finish = read.finish;
		c->logprobs = read.logprobs;
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

void openai_end_detail(struct buf *out, enum signer signer, struct jspan id, unsigned index)
{
	put_member(out, "id", id);
	buf_printf(out, ",\"format\":\"%s\",\"index\":%u}", signer_format(signer), index);
}

/* OpenAI shows a summary, and beside it what it summarises, for its own eyes. */
static void put_summary_detail(struct buf *out, const struct part *p, unsigned index)
{
	if (p->text.at != NULL) {
		buf_puts(out, "{\"type\":\"reasoning.summary\"");
		put_member(out, "summary", p->text);
		openai_end_detail(out, p->signer, (struct jspan){0}, index);
	}
	if (p->signature.at != NULL) {
		buf_puts(out, p->text.at != NULL ? ",{\"type\":\"reasoning.encrypted\"" : "{\"type\":\"reasoning.encrypted\"");
		put_member(out, "data", p->signature);
		openai_end_detail(out, p->signer, p->id, index);
	}
}

static void put_reasoning_detail(struct buf *out, const struct part *p, unsigned index)
{
	if (index > 0)
		buf_putc(out, ',');
	if (p->signer == SIGNER_OPENAI) {
		put_summary_detail(out, p, index);
		return;
	}
	if (p->encrypted)
		buf_puts(out, "{\"type\":\"reasoning.encrypted\"");
	else
		buf_puts(out, "{\"type\":\"reasoning.text\"");
	put_member(out, "text", p->text);
	put_member(out, p->encrypted ? "data" : "signature", p->signature);
	openai_end_detail(out, p->signer, p->id, index);
}

void openai_put_reasoning_text(struct buf *out, const struct part *parts)
{
	struct buf text;

	buf_init(&text, out->max);
	if (parts_join_text(parts, PART_REASONING, &text) > 0)
		buf_printf(out, ",\"reasoning_content\":%s", text.data);
	buf_release(&text);
}

void openai_put_call_signature(struct buf *out, struct jspan signature)
{
	buf_puts(out, ",\"extra_content\":{\"google\":{\"thought_signature\":");
	put_span(out, signature);
	buf_puts(out, "}}");
}

void openai_put_call_detail(struct buf *out, struct jspan id, struct jspan signature, enum signer signer)
{
	buf_puts(out, "{\"type\":\"reasoning.encrypted\",\"data\":");
	put_span(out, signature);
	put_member(out, "id", id);
	buf_printf(out, ",\"format\":\"%s\"}", signer_format(signer));
}

/* Whether a part is one of reasoning_details; text without a signature only behind one that has it. */
static bool is_detail(const struct part *p, unsigned before)
{
	if (p->kind == PART_TOOL_CALL)
		return p->signature.at != NULL;
	return p->kind == PART_REASONING && (p->signature.at != NULL || (before > 0 && p->text.at != NULL));
}

void openai_put_reasoning_details(struct buf *out, const struct part *parts)
{
	unsigned n = 0;

	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (!is_detail(p, n))
			continue;
		if (n == 0)
			buf_puts(out, ",\"reasoning_details\":[");
		if (p->kind == PART_REASONING) {
			put_reasoning_detail(out, p, n++);
			continue;
		}
		if (n++ > 0)
			buf_putc(out, ',');
		openai_put_call_detail(out, p->id, p->signature, p->signer);
	}
	if (n > 0)
		buf_putc(out, ']');
}

void openai_put_calls(struct buf *out, const struct part *parts, bool with_signatures)
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
		buf_putc(out, '}');
		if (with_signatures && p->signer == SIGNER_GOOGLE && p->signature.at != NULL)
			openai_put_call_signature(out, p->signature);
		buf_putc(out, '}');
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
	openai_put_reasoning_text(out, c->parts);
	openai_put_reasoning_details(out, c->parts);
	openai_put_calls(out, c->parts, true);
	buf_puts(out, "},\"logprobs\":");
	put_span(out, c->logprobs);
	buf_printf(out, ",\"finish_reason\":\"%s\"}", openai_finish_text(c->finish));
}

void openai_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	openai_put_head(out, w, "chat.completion");
	for (const struct choice *c = a->choices; c != NULL; c = c->next) {
		put_choice(out, c);
		if (c->next != NULL)
			buf_putc(out, ',');
	}
	buf_puts(out, "],\"usage\":");
	openai_write_usage(&a->reading.usage, w->wants_cost, cost_nusd, out);
	buf_putc(out, '}');
}
