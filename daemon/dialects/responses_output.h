/* SPDX-License-Identifier: MIT */
/*
 * responses_output.h — an answer as OpenAI's Responses dialect has it: a response and the items of its
 * output, gathered piece by piece.
 *
 * A stream says everything twice: in pieces, and whole when each thing is done.  So what is said is
 * kept, up to a ceiling; a whole answer is gathered the same way, and both end with the same object.
 */
#ifndef DIALECTS_RESPONSES_OUTPUT_H
#define DIALECTS_RESPONSES_OUTPUT_H

#include "base/buf.h"
#include "dialects/responses.h"

#define RESPONSES_ID_TEXT 64

enum output_kind {
	OUTPUT_REASONING,
	OUTPUT_MESSAGE,
	OUTPUT_CALL,
};

/* A message's content, a reasoning's summary, a call's arguments. */
struct output_part {
	bool refusal;
	struct buf text;                /* JSON, without the quotes around it */
};

/* A message has text and may have a refusal; others have one part at most. */
#define OUTPUT_PARTS 2

struct output_item {
	enum output_kind kind;
	unsigned place;                 /* in the output */
	unsigned index;                 /* which call, which reasoning: as events have it */
	bool done;
	const char *status;             /* static: "in_progress", … */
	struct output_part parts[OUTPUT_PARTS];
	unsigned num_parts;
	struct buf encrypted;           /* of a reasoning: a JSON string, or empty */
	struct buf call_id, name;       /* of a call: JSON strings */
};

/* writing.own */
struct output {
	char id[RESPONSES_ID_TEXT + 8]; /* "resp_…" */
	char base[RESPONSES_ID_TEXT];   /* what ids of items are made of */
	int64_t created_s;
	int choice;                     /* of the provider's, where there are several: the first */
	int64_t sequence;               /* of the next event */
	size_t room;                    /* bytes that may still be kept */
	struct output_item **items;     /* owned */
	unsigned num_items, size;
};

struct output *output_new(const struct writing *w);
void output_free(struct output *o);

/* NULL when there are more than any answer has. */
struct output_item *output_add(struct output *o, enum output_kind kind, unsigned index);
struct output_part *output_add_part(struct output_item *item, bool refusal);

/* A JSON string, or its inside, is kept, as far as there is room. */
void output_keep(struct output *o, struct buf *to, const char *text, size_t len);

void output_put_id(struct buf *out, const struct output *o, const struct output_item *item);
void output_put_part(struct buf *out, const struct output_item *item, const struct output_part *part, bool with_text);
void output_put_item(struct buf *out, const struct output *o, const struct output_item *item);

/* The whole response object; usage NULL while it is under way. */
void output_put_response(struct buf *out, const struct writing *w, const struct output *o, enum finish_reason finish,
			 const struct usage *usage, int64_t cost_nusd);

/* "response.completed": the event that a stream ends with. */
const char *output_end_event(enum finish_reason finish);

#endif
