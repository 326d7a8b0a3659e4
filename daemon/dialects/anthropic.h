/* SPDX-License-Identifier: MIT */
/* anthropic.h — what the files of Anthropic's dialect share. */
#ifndef DIALECTS_ANTHROPIC_H
#define DIALECTS_ANTHROPIC_H

#include "dialects/message.h"

int anthropic_write_request(const struct conversation *c, const struct interpreter_target *target,
			    struct buf *out, struct err *err);

int anthropic_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int anthropic_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
			 struct err *err);

#endif
