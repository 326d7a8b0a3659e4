/* SPDX-License-Identifier: MIT */
/*
 * bedrock.h — what the files of Amazon Bedrock's dialect (Converse, ConverseStream) share.
 *
 * It is a target's only: nobody's client speaks it to us.
 */
#ifndef DIALECTS_BEDROCK_H
#define DIALECTS_BEDROCK_H

#include "dialects/message.h"

/* How models of a family are asked to reason: each has its own words, in additionalModelRequestFields. */
enum bedrock_reasoning {
	BEDROCK_REASONS_NOT,
	BEDROCK_REASONS_CLAUDE,         /* as Anthropic has it: thinking, output_config */
	BEDROCK_REASONS_NOVA,           /* reasoningConfig: {type: enabled, maxReasoningEffort} */
	BEDROCK_REASONS_OPENAI,         /* reasoning_effort */
	BEDROCK_REASONS_CONFIG,         /* reasoning_config: "high" */
};

/* What differs between the families of models behind one API. */
struct bedrock_family {
	const char *word;               /* in a model's name */
	enum bedrock_reasoning reasoning;
	const char *top_k[2];           /* what stands before and behind it in additionalModelRequestFields; NULL: it has none */
	bool caches;                    /* takes cachePoint */
	bool strict;                    /* takes strict tools */
};

/* By a model's id or the ARN of its inference profile; never NULL. */
const struct bedrock_family *bedrock_family_of(const char *model);

/* Whether a part can be said at all: no text that is blank, no reasoning nobody signed. */
bool bedrock_takes(const struct part *p);

void bedrock_read_error(const char *body, size_t len, struct upstream_error *ret);

int bedrock_put_messages(const struct conversation *c, const struct bedrock_family *family, struct buf *out,
			 struct err *err);

/* Appends {"cachePoint": …} where cache asks for one and the family knows it, with a comma before it. */
void bedrock_put_cache_point(struct buf *out, const struct bedrock_family *family, struct jspan cache);

int bedrock_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			  struct err *err);

/* CountTokens: a conversation's input, and the one number that is its answer. */
int bedrock_write_count_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
				struct err *err);
int bedrock_read_count(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);

int bedrock_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int bedrock_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
		       struct err *err);

#endif
