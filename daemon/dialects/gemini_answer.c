/* SPDX-License-Identifier: MIT */
/*
 * Whole answers of Google's dialect are read into the internal form here.
 *
 * A signature may stand on any part.  On a thought or a call it is theirs; on text it is what the model
 * thought before it said so, and becomes reasoning that only Google can read, behind the text.  Tools
 * that Google runs itself (search, code) mean nothing to other families and are passed over.
 */
#include "base/buf.h"
#include "base/err.h"
#include "dialects/gemini.h"

struct part_list {
	struct arena *arena;
	struct part **end;
	struct reading *reading;
};

static struct part *add_part(struct part_list *list, enum part_kind kind)
{
	struct part *p = ARENA_NEW(list->arena, struct part);

	p->kind = kind;
	*list->end = p;
	list->end = &p->next;
	return p;
}

static void sign(struct part *p, struct jspan signature)
{
	p->signature = signature;
	p->signer = SIGNER_GOOGLE;
}

static void add_call(struct part_list *list, const struct gemini_part *said)
{
	struct part *p = add_part(list, PART_TOOL_CALL);
	char made[GEMINI_ID_TEXT];

	p->id = said->id;
	if (!span_has_text(p->id)) {
		p->id = gemini_make_id(list->reading, said->call, list->reading->num_tool_calls, made);
		p->id.at = arena_copy(list->arena, p->id.at, p->id.len);
	}
	p->name = said->name;
	p->arguments = said->args;
	sign(p, said->signature);
	list->reading->num_tool_calls++;
	reading_count_part(list->reading, p);
}

static void add_text(struct part_list *list, const struct gemini_part *said)
{
	struct part *p;

	if (said->text.at != NULL) {
		p = add_part(list, said->thought ? PART_REASONING : PART_TEXT);
		p->text = said->text;
		reading_count_part(list->reading, p);
		if (said->thought) {
			sign(p, said->signature);
			return;
		}
	}
	if (said->signature.at != NULL) {
		p = add_part(list, PART_REASONING);
		p->encrypted = true;
		sign(p, said->signature);
	}
}

static void read_parts(struct part_list *list, struct jspan parts)
{
	struct jspan item = {0};
	struct gemini_part said;

	while (gemini_next_item(parts, &item)) {
		if (!gemini_read_part(item, &said))
			continue;
		if (said.call.at != NULL)
			add_call(list, &said);
		else
			add_text(list, &said);
	}
}

/* The choice of that index; the pieces of a stream, where they came as one text, add to what is there. */
static struct choice *choice_of(struct answer *a, struct arena *arena, int index)
{
	struct choice **end = &a->choices;

	while (*end != NULL && (*end)->index != index)
		end = &(*end)->next;
	if (*end == NULL) {
		*end = ARENA_NEW(arena, struct choice);
		(*end)->index = index;
	}
	return *end;
}

static bool has_calls(const struct choice *c)
{
	for (const struct part *p = c->parts; p != NULL; p = p->next)
		if (p->kind == PART_TOOL_CALL)
			return true;
	return false;
}

static void add_logprobs(struct choice *c, struct arena *arena, struct jspan result)
{
	struct buf out;

	buf_init(&out, result.len * 8 + 256);
	if (gemini_read_logprobs(result, &out))
		c->logprobs = (struct jspan){arena_copy(arena, out.data, out.len), out.len};
	buf_release(&out);
}

static int read_candidate(struct jspan item, struct arena *arena, struct answer *a, struct err *err)
{
	struct gemini_candidate candidate;
	struct part_list list = {.arena = arena, .reading = &a->reading};
	struct choice *c;

	if (gemini_read_candidate(item, &candidate, err) < 0)
		return ERR_INVALID;
	c = choice_of(a, arena, candidate.index);
	list.end = &c->parts;
	while (*list.end != NULL)
		list.end = &(*list.end)->next;
	read_parts(&list, candidate.parts);
	add_logprobs(c, arena, candidate.logprobs);
	if (candidate.finish != FINISH_NONE)
		c->finish = candidate.finish;
	if (c->finish == FINISH_STOP && has_calls(c))
		c->finish = FINISH_TOOL_CALLS;
	return 0;
}

static int read_piece(struct jspan piece, struct arena *arena, struct answer *ret, struct err *err)
{
	struct jspan item = {0};
	struct gemini_top top;

	if (gemini_read_top(piece.at, piece.len, &ret->reading, &top, err) < 0)
		return ERR_INVALID;
	while (jspan_next_item(top.candidates, &item))
		if (read_candidate(item, arena, ret, err) < 0)
			return ERR_INVALID;
	if (ret->choices == NULL && top.blocked)
		choice_of(ret, arena, 0)->finish = FINISH_CONTENT_FILTER;
	return 0;
}

int gemini_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct jspan whole = jspan_trim(body.at, body.len), item = {0};
	struct reading *r = &ret->reading;

	if (jspan_is_array(whole)) {
		if (jscan_value(whole.at, whole.len, err) < 0)
			return ERR_INVALID;
		while (jspan_next_item(whole, &item))
			if (read_piece(item, arena, ret, err) < 0)
				return ERR_INVALID;
	} else if (read_piece(whole, arena, ret, err) < 0) {
		return ERR_INVALID;
	}
	if (ret->choices == NULL)
		return err_set(err, ERR_INVALID, "the answer has no candidates");
	r->finish = ret->choices->finish;
	gemini_complete_usage(r);
	r->started = r->ended = true;
	return 0;
}
