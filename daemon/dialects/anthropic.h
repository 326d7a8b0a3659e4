/* SPDX-License-Identifier: MIT */
/* anthropic.h — what the files of Anthropic's dialect share. */
#ifndef DIALECTS_ANTHROPIC_H
#define DIALECTS_ANTHROPIC_H

#include "dialects/message.h"

int anthropic_write_request(const struct conversation *c, const struct interpreter_target *target,
			    struct buf *out, struct err *err);

/* Whether a part can be said to Anthropic at all: it refuses empty text, and reasoning nobody signed. */
bool anthropic_takes(const struct part *p);

enum thinking_style {
	THINKS_NOT,
	THINKS_BY_BUDGET,               /* thinking: {type: enabled, budget_tokens} */
	THINKS_BY_EFFORT,               /* thinking: {type: adaptive}, output_config: {effort} */
};

/* How a model is to think about a conversation, and how much it may put out in all. */
struct anthropic_thinking {
	enum thinking_style style;
	int64_t budget;                 /* tokens, part of max_tokens */
	const char *effort;             /* "low", "medium", "high" */
	int64_t max_tokens;
};

int anthropic_decide_thinking(const struct conversation *c, const struct interpreter_target *target,
			      struct anthropic_thinking *ret, struct err *err);

int anthropic_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int anthropic_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
			 struct err *err);

#endif
