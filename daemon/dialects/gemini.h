/* SPDX-License-Identifier: MIT */
/*
 * gemini.h — what the files of Google's dialect share.
 *
 * gemini.c looks at requests and writes errors; gemini_answer.c and gemini_stream.c read answers, with
 * what they have in common in gemini_members.c; gemini_usage.c counts.
 *
 * Google reads every name in two spellings, responseSchema and response_schema, and one thing where a
 * list belongs; so do we.
 */
#ifndef DIALECTS_GEMINI_H
#define DIALECTS_GEMINI_H

#include "dialects/message.h"

/* The candidates of one answer are told apart up to this many; what is beyond counts as the last. */
#define GEMINI_CHOICES 64

/* Whether a member has that name, in either spelling; name is the one of JSON: "responseSchema". */
bool gemini_is_named(struct jspan member, const char *name);

/* A member of an object in either spelling; none where it is absent or null. */
struct jspan gemini_said(struct jspan object, const char *name);

/* Walks a list, or the one thing that stands for it: item starts zeroed; false at the end. */
bool gemini_next_item(struct jspan list, struct jspan *item);

/* Reads usageMetadata; false (and *u untouched) when it has no counts. */
bool gemini_read_usage(struct jspan object, struct usage *u);

/* Appends usageMetadata. */
void gemini_write_usage(const struct usage *u, struct buf *out);

/* An answer, or a piece of a stream, without what is in its candidates. */
struct gemini_top {
	struct jspan candidates;
	bool blocked;                   /* the prompt was: there are no candidates */
};

/* ERR_INVALID when the text is not JSON, or an error. */
int gemini_read_top(const char *text, size_t len, struct reading *r, struct gemini_top *ret, struct err *err);

struct gemini_candidate {
	int index;
	struct jspan parts;
	enum finish_reason finish;      /* STOP also where it stopped to call tools */
};

int gemini_read_candidate(struct jspan item, struct gemini_candidate *ret, struct err *err);

/* A part of what the model says; spans that are not there are none. */
struct gemini_part {
	struct jspan text;
	struct jspan signature;
	bool thought;
	struct jspan call, id, name, args;      /* functionCall, and its members */
};

bool gemini_read_part(struct jspan item, struct gemini_part *ret);

#define GEMINI_ID_TEXT 48
/* An id, as a JSON string, for an answer's n-th call where the model gave it none: the same whenever it is read. */
struct jspan gemini_make_id(const struct reading *r, struct jspan call, unsigned n, char out[GEMINI_ID_TEXT]);

const char *gemini_finish_text(enum finish_reason reason);

int gemini_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int gemini_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err);
int gemini_read_element(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err);
void gemini_release_reading(struct reading *r);

#endif
