/* SPDX-License-Identifier: MIT */
/* attempt_private.h — what attempt.c, upstream.c and relay.c say to one another. */
#ifndef GATEWAY_ATTEMPT_PRIVATE_H
#define GATEWAY_ATTEMPT_PRIVATE_H

#include "gateway/attempt.h"

struct buf;
struct err;

/* attempt.c: the live attempt is over, its times, health and row taken down. */
void attempt_conclude(struct call *, enum attempt_reason, const char *error);
/* attempt.c: it failed: the next target, or an error in-band when bytes have gone out.  error may
 * stand in a buffer of the attempt. */
void attempt_fail(struct call *, enum attempt_reason, const char *error);
/* attempt.c: empties it; gives memory back that a large call needed. */
void attempt_shrink(struct buf *);

/* upstream.c: sends what attempt.body holds, at once or when its provider's token has come; its callbacks go
 * on from there. */
int attempt_send(struct call *, struct err *err);
void attempt_on_timer(struct loop_timer *);

/* endpoint.c: where the live attempt's target is asked; NULL: nowhere. */
const struct endpoint *endpoint_choose(const struct call *);
/* endpoint.c: what is missing there if this one is, too. */
unsigned endpoint_missing(const struct attempt *);
/* endpoint.c: its answer was that there is nothing at this endpoint. */
bool endpoint_is_missing(const struct attempt *, const char *error);
/* endpoint.c: that, and there is another to ask. */
bool endpoint_has_other(const struct call *, const char *error);

/* relay.c: attempt.out goes to the client; the first bytes begin the answer. */
void attempt_relay(struct call *);
/* relay.c: the answer is complete: settles the call, then lets its last bytes go. */
void attempt_finish(struct call *);

#endif
