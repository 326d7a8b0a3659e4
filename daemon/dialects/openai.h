/* SPDX-License-Identifier: MIT */
/*
 * openai.h — what the files of the OpenAI chat dialect share.
 *
 * openai_chat.c looks at requests and writes errors, openai_request.c and openai_answer.c go from and
 * to the internal form, openai_usage.c knows how each vendor counts.
 */
#ifndef DIALECTS_OPENAI_H
#define DIALECTS_OPENAI_H

#include "dialects/message.h"

/* Reads a usage object; false (and *u untouched) when it has no counts yet. */
bool openai_read_usage(struct jspan object, struct usage *u);

/* Appends a usage object; cost_nusd goes in where with_cost. */
void openai_write_usage(const struct usage *u, bool with_cost, int64_t cost_nusd, struct buf *out);

/* Appends "cost":…,"cost_details":{…}; unknown is null. */
void openai_write_cost(int64_t cost_nusd, struct buf *out);

int openai_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err);

int openai_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
void openai_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);
int openai_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
		      struct err *err);
void openai_write_event(struct writing *w, const struct stream_event *event, struct buf *out);
void openai_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark,
		      struct buf *out);

#endif
