/* SPDX-License-Identifier: MIT */
/*
 * How Anthropic's models think, and how much they may put out, is known and decided here.
 *
 * max_tokens counts what is thought and what is said; a budget has to leave room under it.
 */
#include <string.h>

#include "base/err.h"
#include "dialects/anthropic.h"
#include "dialects/interpreter.h"

/* By the beginning of the model's name, first match wins; what is newer than this table is the last. */
static const struct model_facts {
	const char *prefix;
	int64_t default_max;            /* max_tokens has to be said; what we say when the client does not */
	enum thinking_style thinking;
	bool strict;                    /* keeps to the schemas of tools that ask for it */
} models[] = {
	{"claude-3-7-", 16384, THINKS_BY_BUDGET, false},
	{"claude-3-5-", 8192, THINKS_NOT, false},
	{"claude-3-", 4096, THINKS_NOT, false},
	{"claude-haiku-4-5", 16384, THINKS_BY_BUDGET, true},
	{"claude-sonnet-4-5", 16384, THINKS_BY_BUDGET, true},
	{"claude-sonnet-4-0", 16384, THINKS_BY_BUDGET, false},
	{"claude-sonnet-4-2", 16384, THINKS_BY_BUDGET, false},
	{"claude-opus-4-0", 16384, THINKS_BY_BUDGET, false},
	{"claude-opus-4-1", 16384, THINKS_BY_BUDGET, true},
	{"claude-opus-4-2", 16384, THINKS_BY_BUDGET, false},
	{"claude-opus-4-5", 16384, THINKS_BY_BUDGET, true},
	{"", 16384, THINKS_BY_EFFORT, true},
};

/* The least budget Anthropic takes, and what stands for each effort. */
enum { MIN_BUDGET = 1024 };

static const struct {
	int64_t budget;
	const char *name;
} efforts[] = {
	[EFFORT_MINIMAL] = {MIN_BUDGET, "low"},
	[EFFORT_LOW] = {2048, "low"},
	[EFFORT_MEDIUM] = {8192, "medium"},
	[EFFORT_HIGH] = {16384, "high"},
	[EFFORT_XHIGH] = {32768, "high"},
};

static const struct model_facts *facts_of(const char *model)
{
	const struct model_facts *f = models;

	while (strncmp(model, f->prefix, strlen(f->prefix)) != 0)
		f++;
	return f;
}

bool anthropic_is_strict(const char *model)
{
	return facts_of(model)->strict;
}

/* With thinking on, a turn that called tools has to begin with what the model thought; clients of other
 * families seldom keep that.  Then the turn is finished without thinking. */
static bool turn_lacks_reasoning(const struct conversation *c)
{
	const struct message *last_call = NULL;

	for (const struct message *m = c->messages; m != NULL; m = m->next) {
		if (m->role == ROLE_USER)
			last_call = NULL;
		for (const struct part *p = m->parts; p != NULL; p = p->next)
			if (p->kind == PART_TOOL_CALL)
				last_call = m;
	}
	return last_call != NULL && !(last_call->parts->kind == PART_REASONING && anthropic_takes(last_call->parts));
}

/* A budget that leaves a fifth of max_tokens for the answer, or no thinking where that is too little. */
static void fit_budget(struct anthropic_thinking *t)
{
	if (t->budget >= t->max_tokens)
		t->budget = t->max_tokens * 4 / 5;
	if (t->budget < MIN_BUDGET)
		t->style = THINKS_NOT;
}

static void decide_tokens(const struct conversation *c, const struct interpreter_target *target,
			  const struct model_facts *facts, struct anthropic_thinking *t)
{
	bool budgeted = t->style == THINKS_BY_BUDGET;

	t->max_tokens = c->max_output >= 0 ? c->max_output : facts->default_max + (budgeted ? t->budget : 0);
	if (target->max_output >= 0 && t->max_tokens > target->max_output)
		t->max_tokens = target->max_output;
	if (budgeted)
		fit_budget(t);
}

/* Whether this model, in this conversation, can be asked to think; the complaint where it cannot. */
static const char *why_not(const struct conversation *c, const struct model_facts *facts)
{
	if (facts->thinking == THINKS_NOT)
		return "this model does not reason";
	if (c->tool_choice == TOOL_CHOICE_REQUIRED || c->tool_choice == TOOL_CHOICE_NAMED)
		return "Anthropic's models do not reason where a tool is forced";
	return NULL;
}

static void choose_style(const struct conversation *c, const struct model_facts *facts, struct anthropic_thinking *t)
{
	enum effort effort = c->effort > EFFORT_NONE ? c->effort : effort_of_budget(c->reasoning_budget);

	t->style = facts->thinking;
	t->effort = efforts[effort].name;
	t->budget = c->reasoning_budget >= 0 ? c->reasoning_budget : efforts[effort].budget;
	if (t->budget < MIN_BUDGET)
		t->budget = MIN_BUDGET;
}

int anthropic_decide_thinking(const struct conversation *c, const struct interpreter_target *target,
			      struct anthropic_thinking *ret, struct err *err)
{
	const struct model_facts *facts = facts_of(target->model);
	bool asked = c->thinking.at == NULL && (c->reasoning_budget >= 0 || c->effort > EFFORT_NONE);
	const char *why = asked ? why_not(c, facts) : NULL;

	*ret = (struct anthropic_thinking){.style = THINKS_NOT};
	if (why != NULL && refuse_field(target->drop_params || c->reasoning_optional, err, c->reasoning_field, why) < 0)
		return ERR_INVALID;
	if (asked && why == NULL && !turn_lacks_reasoning(c))
		choose_style(c, facts, ret);
	decide_tokens(c, target, facts, ret);
	return 0;
}
