/* SPDX-License-Identifier: MIT */
/* cohere.h — what the files of Cohere's dialect share. */
#ifndef DIALECTS_COHERE_H
#define DIALECTS_COHERE_H

#include "dialects/message.h"

int cohere_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			 struct err *err);
int cohere_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int cohere_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err);

#endif
