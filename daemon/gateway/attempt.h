/* SPDX-License-Identifier: MIT */
/*
 * attempt.h — one try of a call at one target: build, send, judge, relay.
 */
#ifndef GATEWAY_ATTEMPT_H
#define GATEWAY_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "budget/budget.h"
#include "dialects/interpreter.h"
#include "gateway/google_token.h"
#include "gateway/outgoing.h"
#include "ledger/record.h"
#include "loop/loop.h"

struct call;
struct endpoint;
struct fetch;
struct sim;
struct view_target;

#define ATTEMPT_RESERVATIONS 4

struct attempt {
	bool live;
	const struct view_target *target;       /* of the call's chain */
	const struct endpoint *endpoint;        /* where it is asked */
	unsigned missing;                       /* endpoints of the provider that answered this call that they are not there */
	bool goes_on;                           /* this one has, and another is asked instead */
	struct interpreter *interpreter;
	struct fetch *fetch;                    /* one of the two, while it runs */
	struct sim *sim;
	struct loop_timer timer;                /* first byte, then idle */
	struct buf body;                        /* what is sent upstream */
	struct outgoing outgoing;               /* where to, and the headers */
	struct google_wait token;               /* before that, where its provider's credential is a Google account */
	struct buf out;                         /* what the client gets of one feed */
	struct buf error_body;                  /* of an answer that is no 2xx, to its ceiling */
	int status;                             /* HTTP; 0: no head yet */
	int64_t retry_after_ms;                 /* as its answer asks; 0: it does not */
	bool client_is_full;                    /* until httpd's drained() */
	uint64_t started_us, first_byte_us;     /* monotonic; 0: not yet */
	struct reservation reservations[ATTEMPT_RESERVATIONS];  /* on the provider's budgets */
	unsigned num_reservations;
	struct outcome outcome;                 /* after interpreter_end */
	bool has_outcome;
};

void attempt_init(struct attempt *);
void attempt_release(struct attempt *);         /* not live any more */
/* As after init, but for the memory of its buffers: the next call's.  Not live any more. */
void attempt_reset(struct attempt *);

/* Asks the next target of the plan, and the next when that cannot even be asked; answers the client
 * when none is left.  Called when the call is admitted and after each failed attempt. */
void attempt_next(struct call *);

/* Ends the live attempt without a verdict on its target: the client left, or the deadline passed.
 * What was delivered stays in attempt.outcome. */
void attempt_cancel(struct call *, enum attempt_reason, const char *error);

/* The client takes more: goes on reading from upstream. */
void attempt_resume(struct call *);

#endif
