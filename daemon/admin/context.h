/* SPDX-License-Identifier: MIT */
/*
 * context.h — what the files of admin/ share: the thread's state, and the index over the live view.
 *
 * Everything here belongs to the admin thread; only the pulse and the feed of the events may be
 * reached from elsewhere, by functions that say so.
 */
#ifndef ADMIN_CONTEXT_H
#define ADMIN_CONTEXT_H

#include <jansson.h>
#include <pthread.h>

#include "admin/admin.h"
#include "admin/corrections.h"
#include "admin/figures.h"
#include "base/map.h"
#include "loop/httpd.h"
#include "loop/loop.h"
#include "store/db.h"

struct admin_request;
struct events;
struct fetch_pool;
struct pulse;

/* Objects of the current view by their numbers, rebuilt when the view is another one. */
struct view_index {
	uint64_t generation;            /* of the view it was made from; 0: none yet */
	struct map teams, keys;         /* int64_t id → struct view_team, struct view_key */
	struct map budgets;             /* int64_t id → struct budget */
};

/* Sums that rarely change, kept so that a dashboard's questions stay cheap. */
struct overview_cache {
	int64_t quarter;                /* the 15 minutes the last element stands for; 0: none yet */
	int64_t spent_nusd[96];         /* of 15 minutes each, oldest first */
};

struct admin {
	struct admin_options options;
	struct loop *loop;
	struct httpd *httpd;
	struct fetch_pool *fetches;
	struct db *db;
	struct pulse *pulse;
	struct events *events;
	struct view_index index;
	struct overview_cache overview;
	struct spend_cache spend[2];    /* by enum spend_of */
	int64_t started_ms;
	struct loop_timer next_price;   /* a price with a date comes into force: a new view */
	struct corrections corrections;
	json_t *seeds;                  /* by family, what the configuration names (seeds.h); NULL: nothing */
	unsigned num_jobs;              /* threads that will post to the loop */
	struct loop_task quit;          /* posted by admin_stop() */
	bool stopping;
	pthread_t thread;
	bool drained;                   /* the thread has ended; of whoever stops it */
};

/* Sends the answer that is in the request; for functions that answer later. */
void admin_send(struct admin_request *);

/* The last thing a job does on the admin thread. */
void admin_job_ended(struct admin *);

/* After each new view: when the next one is due by itself. */
void admin_watch_prices(struct admin *);

/* NULL where there is no publisher (before workers run). */
const struct view *admin_view(const struct admin *);
int64_t admin_generation(const struct admin *);         /* 0 without a view */

/* So that whoever asks after an answer finds its row; waits 200 ms at most, false when that was not enough. */
bool admin_flush(struct admin *);

/* Sums over the workers. */
struct admin_counts {
	int64_t open, calls, errors, unauthenticated;
};
void admin_count(const struct admin *, struct admin_counts *ret);

/* NULL: not in the current view. */
const struct view_team *index_team(struct admin *, int64_t team_id);
const struct view_key *index_key(struct admin *, int64_t key_id);
struct budget *index_budget(struct admin *, int64_t budget_id);
void index_release(struct view_index *);

#endif
