/* SPDX-License-Identifier: MIT */
/*
 * plan.h — which target a call tries next.
 *
 * Tiers in order; within a tier a weighted draw without replacement among the targets that are on
 * and not cooling.  Each target at most 1 + retries times.  When every target that is on is cooling,
 * those are tried rather than none, the one that has cooled longest first.  What is disabled or
 * draining never is.  Everything passed over is said, with why, once.
 */
#ifndef ROUTING_PLAN_H
#define ROUTING_PLAN_H

#include "config/chain_spec.h"
#include "ledger/record.h"
#include "routing/view.h"

#define PLAN_TARGETS CHAIN_TARGETS

struct plan {
	const struct view_chain *chain;         /* borrowed */
	size_t tier;
	bool entered;                           /* this tier's targets have been looked over */
	bool desperate;                         /* only cooling targets are left: take them */
	bool tried;                             /* a target was returned */
	uint64_t random;                        /* state of the draw; seeded by the call's id */
	const struct view_target *again;        /* to be tried next, as it has retries left */
	/* By position in the chain, tiers one after the other. */
	uint8_t tries[PLAN_TARGETS];
	bool over[PLAN_TARGETS];                /* not again */
	bool cooling[PLAN_TARGETS];             /* passed over for that */
};

/* Where a target was passed over. */
typedef void plan_skip(void *arg, const struct view_target *, enum attempt_reason);

/* The chain has at most PLAN_TARGETS targets: chains are checked when they are written. */
void plan_init(struct plan *, const struct view_chain *, int64_t call_id);

/* The next target, or NULL when none is left.  skip (may be NULL) hears of each that is passed over.
 * A target that is returned is not returned again unless plan_retry() asks for it. */
const struct view_target *plan_next(struct plan *, uint64_t now_us, plan_skip *skip, void *arg);

/* After a failed attempt: try this target again next (if its retries allow), or never again. */
void plan_retry(struct plan *, const struct view_target *);
void plan_drop(struct plan *, const struct view_target *);

#endif
