/* SPDX-License-Identifier: MIT */
/* Response objects of OpenAI's Responses dialect, and the items of their output, are read here. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/responses.h"
#include "dialects/upstream_error.h"

enum signer responses_signer(struct jspan content, size_t *ret_len)
{
	static const enum signer others[] = {SIGNER_ANTHROPIC, SIGNER_GOOGLE, SIGNER_XAI};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		const char *format = signer_format(others[i]);
		size_t len = strlen(format);

		if (jspan_is_string(content) && content.len > len + 2 && content.at[1 + len] == ':' &&
		    memcmp(content.at + 1, format, len) == 0) {
			*ret_len = len + 1;
			return others[i];
		}
	}
	*ret_len = 0;
	return SIGNER_OPENAI;
}

/* What a status says of an answer; some write "complete". */
static void read_status(struct jspan status, struct jspan reason, struct responses_top *ret)
{
	ret->finish = FINISH_NONE;
	if (jspan_equals(status, "completed") || jspan_equals(status, "complete"))
		ret->finish = FINISH_STOP;
	else if (jspan_equals(status, "incomplete"))
		ret->finish = jspan_equals(reason, "content_filter") ? FINISH_CONTENT_FILTER : FINISH_LENGTH;
	ret->over = ret->finish != FINISH_NONE;
}

int responses_read_top(struct jspan response, struct reading *r, struct responses_top *ret, struct err *err)
{
	enum { ID, MODEL, CREATED, STATUS, DETAILS, ERROR, OUTPUT, USAGE, N };
	struct jfield f[N] = {{.name = "id"}, {.name = "model"}, {.name = "created_at"}, {.name = "status"},
			      {.name = "incomplete_details"}, {.name = "error"}, {.name = "output"}, {.name = "usage"}};

	if (!jspan_fields(response, f, N))
		return err_set(err, ERR_INVALID, "the answer is no response object");
	if (span_has_text(f[ID].value))
		jspan_copy_cut(f[ID].value, r->id, sizeof(r->id));
	if (span_has_text(f[MODEL].value))
		jspan_copy_cut(f[MODEL].value, r->model, sizeof(r->model));
	jspan_int(f[CREATED].value, &r->created_s);
	if (openai_read_usage(f[USAGE].value, &r->usage))
		r->usage_at = f[USAGE].value;
	if (jspan_equals(f[STATUS].value, "failed") || !jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	read_status(f[STATUS].value, said(f[DETAILS].value, "reason"), ret);
	ret->output = f[OUTPUT].value;
	ret->usage = f[USAGE].value;
	return 0;
}

/* Items. */

static struct part *add_part(struct arena *arena, struct part ***end, enum part_kind kind, struct jspan text)
{
	struct part *p = ARENA_NEW(arena, struct part);

	p->kind = kind;
	p->text = text;
	**end = p;
	*end = &p->next;
	return p;
}

static void read_message(struct jspan item, struct arena *arena, struct part **end)
{
	struct jspan content = said(item, "content"), part = {0};

	while (jspan_next_item(content, &part)) {
		struct jfield f[] = {{.name = "text"}, {.name = "refusal"}};

		if (!jspan_fields(part, f, 2))
			continue;
		if (span_has_text(f[0].value))
			add_part(arena, &end, PART_TEXT, f[0].value);
		if (span_has_text(f[1].value))
			add_part(arena, &end, PART_REFUSAL, f[1].value);
	}
}

static struct jspan join_texts(struct jspan parts, struct arena *arena)
{
	struct jspan part = {0}, all = {0};

	while (jspan_next_item(parts, &part))
		if (span_has_text(said(part, "text")))
			all = span_join(arena, all, said(part, "text"));
	return all;
}

/* Models that are shown whole have their reasoning as content, the others a summary. */
static void read_reasoning(struct jspan item, struct arena *arena, struct part **end)
{
	struct jspan text = join_texts(said(item, "summary"), arena), encrypted = said(item, "encrypted_content");
	struct part *p;

	if (text.at == NULL)
		text = join_texts(said(item, "content"), arena);
	if (text.at == NULL && !span_has_text(encrypted))
		return;
	p = add_part(arena, &end, PART_REASONING, text);
	p->id = said(item, "id");
	p->signature = span_has_text(encrypted) ? encrypted : (struct jspan){0};
	p->signer = SIGNER_OPENAI;
	p->encrypted = text.at == NULL;
}

static void read_call(struct jspan item, struct arena *arena, struct part **end)
{
	struct part *p = add_part(arena, &end, PART_TOOL_CALL, (struct jspan){0});

	p->id = said(item, "call_id");
	p->name = said(item, "name");
	p->arguments = span_plain(arena, said(item, "arguments"));
}

void responses_read_item(struct jspan item, struct arena *arena, struct part **end)
{
	static const struct {
		const char *type;
		void (*read)(struct jspan item, struct arena *arena, struct part **end);
	} types[] = {{"message", read_message}, {"reasoning", read_reasoning}, {"function_call", read_call}};
	struct jspan type = said(item, "type");

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (jspan_equals(type, types[i].type))
			types[i].read(item, arena, end);
}

int responses_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct choice *choice = ARENA_NEW(arena, struct choice);
	struct part **end = &choice->parts;
	struct reading *r = &ret->reading;
	struct responses_top top;
	struct jspan item = {0};

	if (jscan_object(body.at, body.len, NULL, 0, err) < 0 ||
	    responses_read_top(jspan_trim(body.at, body.len), r, &top, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_array(top.output))
		return err_set(err, ERR_INVALID, "the answer has no output");
	while (jspan_next_item(top.output, &item)) {
		responses_read_item(item, arena, end);
		for (; *end != NULL; end = &(*end)->next) {
			reading_count_part(r, *end);
			if ((*end)->kind == PART_TOOL_CALL && top.finish == FINISH_STOP)
				top.finish = FINISH_TOOL_CALLS;
		}
	}
	r->finish = choice->finish = top.finish;
	r->started = r->ended = true;
	ret->choices = choice;
	return 0;
}
