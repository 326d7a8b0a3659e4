/* SPDX-License-Identifier: MIT */
/*
 * health.h — how a target has been doing, and the breaker that keeps calls away from it.
 *
 * Closed: calls go there.  After `failures` consecutive failures, or half of at least ten calls
 * within 30 s failing, it opens: the target cools for a while that doubles up to five minutes
 * (or for as long as the provider's retry-after says).  Then half open: one call tries; success
 * closes it, failure opens it again.  Failures that are the caller's own (400) do not count.
 *
 * Lives as long as any live view names the target, and longer: a change of a chain forgets nothing.
 * Used by all workers at once.
 */
#ifndef ROUTING_HEALTH_H
#define ROUTING_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

struct health;
struct health_table;

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct health_state {
	enum breaker_state breaker;
	int64_t cooling_ms;             /* left, when open */
	unsigned consecutive_failures;
	int64_t open_calls;             /* attempts in flight */
	uint64_t ok, failed;            /* since start */
	int64_t last_ok_ms, last_failure_ms;    /* wall; 0: never */
	char last_error[121];
};

struct health_table *health_table_new(void);
void health_table_free(struct health_table *);
/* The one for "provider/model", made when absent; lives as long as the table. */
struct health *health_get(struct health_table *, const char *target);

/* Whether a call may go there now.  Half open: true for one caller at a time, who must report. */
bool health_admits(struct health *, uint64_t now_us, int64_t *ret_cooling_ms);
/* As above without taking the half-open place: for explain and screens. */
void health_read(struct health *, uint64_t now_us, struct health_state *ret);

/* Exactly one health_end() for each health_begin().  counts false: the failure was not the target's. */
void health_begin(struct health *);
void health_end(struct health *, uint64_t now_us, int64_t wall_ms, bool ok, bool counts,
		int64_t retry_after_ms, const char *error);
void health_clear(struct health *);     /* closes the breaker by hand */
const char *breaker_state_name(enum breaker_state);

#endif
