/* SPDX-License-Identifier: MIT */
/*
 * plan.h — which target a call tries next.
 *
 * Tiers in order; within a tier a weighted draw without replacement among the targets that are on
 * and not cooling.  Each target at most 1 + retries times.  When every target that is on is
 * cooling, the one that has cooled longest is tried rather than none.  Everything passed over is
 * said, with why.
 */
#ifndef ROUTING_PLAN_H
#define ROUTING_PLAN_H

#include "ledger/record.h"
#include "routing/view.h"

#define PLAN_TARGETS 32

struct plan {
	const struct view_chain *chain;         /* borrowed */
	size_t tier;
	uint64_t random;                        /* state of the draw; seeded by the call's id */
	uint8_t tries[PLAN_TARGETS];            /* by position in the chain, tiers one after the other */
	bool over[PLAN_TARGETS];                /* not again */
	bool desperate;                         /* only cooling targets are left: take them */
};

/* Where a target was passed over. */
typedef void plan_skip(void *arg, const struct view_target *, enum attempt_reason);

/* ERR_INVALID when the chain has more than PLAN_TARGETS targets (chains are checked on writing). */
void plan_init(struct plan *, const struct view_chain *, int64_t call_id);

/* The next target, or NULL when none is left.  skip (may be NULL) hears of each that is passed over. */
const struct view_target *plan_next(struct plan *, uint64_t now_us, plan_skip *skip, void *arg);

/* After a failed attempt: try this target again next (if its retries allow), or never again. */
void plan_retry(struct plan *, const struct view_target *);
void plan_drop(struct plan *, const struct view_target *);

#endif
