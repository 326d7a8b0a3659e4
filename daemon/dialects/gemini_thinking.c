/* SPDX-License-Identifier: MIT */
/*
 * How Google's models think, and how they are asked to, is known and decided here.
 *
 * Since Gemini 3 there are levels; before, a budget of tokens, which newer models still take.  What an
 * effort comes to is as Google's own OpenAI endpoint has it.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/gemini.h"
#include "dialects/interpreter.h"

enum thinking {
	THINKS_NOT,
	THINKS_BY_BUDGET,
	THINKS_BY_LEVEL,
};

/* By the beginning of the model's name, first match wins; what is newer than this table is the last. */
static const struct model_facts {
	const char *prefix;
	enum thinking thinking;
	int64_t min_budget, max_budget;         /* tokens */
	bool can_stop;                          /* thinking can be switched off, or nearly */
	bool has_medium;                        /* among its levels */
} models[] = {
	{"gemini-3-pro", THINKS_BY_LEVEL, 128, 32768, false, false},
	{"gemini-3.1-pro", THINKS_BY_LEVEL, 128, 32768, false, true},
	{"gemini-2.5-pro", THINKS_BY_BUDGET, 128, 32768, false, false},
	{"gemini-2.5-flash-image", THINKS_NOT, 0, 0, false, false},
	{"gemini-2.5-flash-lite", THINKS_BY_BUDGET, 512, 24576, true, false},
	{"gemini-2.5-", THINKS_BY_BUDGET, 1, 24576, true, false},
	{"gemini-2", THINKS_NOT, 0, 0, false, false},
	{"gemini-1", THINKS_NOT, 0, 0, false, false},
	{"gemma", THINKS_NOT, 0, 0, false, false},
	{"", THINKS_BY_LEVEL, 1, 32768, true, true},
};

static const struct model_facts *facts_of(const char *model)
{
	const struct model_facts *f = models;

	while (strncmp(model, f->prefix, strlen(f->prefix)) != 0)
		f++;
	return f;
}

bool gemini_checks_signatures(const char *model)
{
	return facts_of(model)->thinking == THINKS_BY_LEVEL;
}

/* What the client wants, from whichever of the three ways it said it. */
struct wish {
	enum effort effort;             /* UNSAID where a budget is */
	int64_t budget;                 /* -1 where an effort is */
};

static bool read_wish(const struct conversation *c, struct wish *ret)
{
	struct jspan type = said(c->thinking, "type");

	*ret = (struct wish){c->effort, c->reasoning_budget};
	if (jspan_equals(type, "disabled"))
		ret->effort = EFFORT_NONE;
	else if (c->thinking.at != NULL && !jspan_int(said(c->thinking, "budget_tokens"), &ret->budget))
		ret->effort = EFFORT_MEDIUM;
	if (ret->budget == 0)
		ret->effort = EFFORT_NONE;
	if (ret->effort == EFFORT_NONE)
		ret->budget = -1;
	else if (ret->budget > 0)
		ret->effort = EFFORT_UNSAID;
	return ret->effort != EFFORT_UNSAID || ret->budget >= 0;
}

static const char *level_name(const struct model_facts *facts, enum effort effort)
{
	switch (effort) {
	case EFFORT_NONE:
	case EFFORT_MINIMAL:
		return facts->can_stop ? "minimal" : "low";
	case EFFORT_LOW:
		return "low";
	case EFFORT_MEDIUM:
		return facts->has_medium ? "medium" : "high";
	case EFFORT_UNSAID:
	case EFFORT_HIGH:
	case EFFORT_XHIGH:
		break;
	}
	return "high";
}

static int64_t budget_of(enum effort effort)
{
	switch (effort) {
	case EFFORT_NONE:
		return 0;
	case EFFORT_MINIMAL:
	case EFFORT_LOW:
		return 1024;
	case EFFORT_MEDIUM:
		return 8192;
	case EFFORT_UNSAID:
	case EFFORT_HIGH:
	case EFFORT_XHIGH:
		break;
	}
	return 24576;
}

static int64_t fit_budget(const struct model_facts *facts, int64_t budget)
{
	if (budget == 0)
		return 0;
	if (budget < facts->min_budget)
		return facts->min_budget;
	return budget > facts->max_budget ? facts->max_budget : budget;
}

static const char *why_not(const struct model_facts *facts, const struct wish *wish)
{
	if (facts->thinking == THINKS_NOT)
		return wish->effort == EFFORT_NONE ? NULL : "this model does not reason";
	if (wish->effort == EFFORT_NONE && !facts->can_stop)
		return "this model always reasons";
	return NULL;
}

int gemini_put_thinking(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			struct err *err)
{
	const struct model_facts *facts = facts_of(target->model);
	struct wish wish;
	const char *why;

	if (!read_wish(c, &wish))
		return 0;
	why = why_not(facts, &wish);
	if (why != NULL)
		return refuse_field(target->drop_params || c->reasoning_optional, err, c->reasoning_field, why);
	if (facts->thinking == THINKS_NOT)
		return 0;
	buf_puts(out, "\"thinkingConfig\":{");
	if (facts->thinking == THINKS_BY_LEVEL && wish.budget < 0)
		buf_printf(out, "\"thinkingLevel\":\"%s\"", level_name(facts, wish.effort));
	else
		buf_printf(out, "\"thinkingBudget\":%" PRId64,
			   fit_budget(facts, wish.budget >= 0 ? wish.budget : budget_of(wish.effort)));
	buf_puts(out, wish.effort == EFFORT_NONE ? "}," : ",\"includeThoughts\":true},");
	return 0;
}
