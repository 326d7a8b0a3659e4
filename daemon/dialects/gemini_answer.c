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
	unsigned calls;
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
	list->calls++;
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

static int read_candidate(struct jspan item, struct arena *arena, struct reading *r, struct choice *c,
			  struct err *err)
{
	struct part_list list = {.arena = arena, .end = &c->parts, .reading = r};
	struct gemini_candidate candidate;

	if (gemini_read_candidate(item, &candidate, err) < 0)
		return ERR_INVALID;
	read_parts(&list, candidate.parts);
	c->index = candidate.index;
	c->finish = candidate.finish;
	if (c->finish == FINISH_STOP && list.calls > 0)
		c->finish = FINISH_TOOL_CALLS;
	return 0;
}

int gemini_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct reading *r = &ret->reading;
	struct choice **end = &ret->choices;
	struct jspan item = {0};
	struct gemini_top top;

	if (gemini_read_top(body.at, body.len, r, &top, err) < 0)
		return ERR_INVALID;
	while (jspan_next_item(top.candidates, &item)) {
		struct choice *c = ARENA_NEW(arena, struct choice);

		if (read_candidate(item, arena, r, c, err) < 0)
			return ERR_INVALID;
		*end = c;
		end = &c->next;
	}
	if (ret->choices == NULL && top.blocked) {
		ret->choices = ARENA_NEW(arena, struct choice);
		ret->choices->finish = FINISH_CONTENT_FILTER;
	}
	if (ret->choices == NULL)
		return err_set(err, ERR_INVALID, "the answer has no candidates");
	r->finish = ret->choices->finish;
	r->started = r->ended = true;
	return 0;
}
