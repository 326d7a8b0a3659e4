/* SPDX-License-Identifier: MIT */
/*
 * health.h — how a target has been doing, and the breaker that keeps calls away from it.
 *
 * Closed: calls go there.  After HEALTH_FAILURES consecutive failures, or half of at least ten calls
 * within 30 s failing, it opens: the target cools, for 5 s at first, twice as long each time it fails
 * again, up to five minutes.  A failure with a retry-after opens it at once, for as long as that says
 * (five minutes at most).  Then half open: one call tries; success closes it, failure opens it again.
 * Failures that are the caller's own (400) do not count.
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

#define HEALTH_FAILURES 3
#define HEALTH_COOLING_MS INT64_C(5000)
#define HEALTH_COOLING_MAX_MS INT64_C(300000)
/* Targets a table tells apart; what callers name beyond that is judged together per provider. */
#define HEALTH_TARGETS 4096

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct health_state {
	enum breaker_state breaker;
	int64_t cooling_ms;             /* left, when open */
	int64_t cooled_ms;              /* since it opened, when open or half open */
	unsigned consecutive_failures;
	int64_t open_calls;             /* attempts in flight */
	uint64_t ok, failed;            /* since start */
	int64_t last_ok_ms, last_failure_ms;    /* wall; 0: never */
	char last_error[121];
};

struct health_table *health_table_new(void);
void health_table_free(struct health_table *);
/* The one for "provider/model", made when absent; lives as long as the table.  From any thread. */
struct health *health_get(struct health_table *, const char *target);
/* Every target there is; each() must not ask the table. From any thread. */
void health_each(struct health_table *, void (*each)(void *arg, const char *target, struct health *), void *arg);

/* Whether a call may go there now; *ret_cooling_ms (may be NULL) says how long not, 0 when that is for
 * another call to find out.  Half open: true for one caller at a time, who is to begin at once; a
 * place that nobody begins in is given to the next after a second. */
bool health_admits(struct health *, uint64_t now_us, int64_t *ret_cooling_ms);
/* Open, so that health_admits() would say no; takes no place. */
bool health_is_cooling(struct health *, uint64_t now_us);
/* A call is about to go there although it cools, as nothing else is left: a success closes it. */
void health_force(struct health *, uint64_t now_us);
/* For explain and screens; changes nothing. */
void health_read(struct health *, uint64_t now_us, struct health_state *ret);

/* Exactly one health_end() for each health_begin().  counts false: the failure was not the target's.
 * retry_after_ms: 0 when the provider did not say.  error is cut to fit; NULL is fine. */
void health_begin(struct health *);
void health_end(struct health *, uint64_t now_us, int64_t wall_ms, bool ok, bool counts,
		int64_t retry_after_ms, const char *error);
/* Which of the provider's endpoints answered that they are not there, while another served the target: a bit
 * each, believed for HEALTH_MISSING_US. */
#define HEALTH_MISSING_US UINT64_C(600000000)
void health_note_missing(struct health *, unsigned endpoints, uint64_t now_us);
unsigned health_missing(const struct health *, uint64_t now_us);

void health_clear(struct health *);     /* closes the breaker by hand */
const char *breaker_state_name(enum breaker_state);

#endif
