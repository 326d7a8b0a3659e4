/* SPDX-License-Identifier: MIT */
/*
 * overview_store.h — the questions a dashboard asks again and again: sums since midnight and since
 * the first, the last hour by the minute, who called last.
 *
 * All of them read rollups or one index entry; none scans calls, but for overview_asked(), whose
 * window the caller chooses.  Days and months are UTC.
 */
#ifndef STORE_OVERVIEW_STORE_H
#define STORE_OVERVIEW_STORE_H

#include <stdint.h>

#include "ledger/histogram.h"
#include "store/db.h"

/* What each team or key spent in [from, until), days since 1970; those that spent nothing may be left out. */
enum spend_of { SPEND_OF_TEAMS, SPEND_OF_KEYS };
typedef int spend_each(void *arg, int64_t id, int64_t nusd);
int overview_spend(struct db *, enum spend_of, int64_t from, int64_t until, spend_each *, void *arg,
		   struct err *err);

/* Live keys of each team that has one. */
typedef int count_each(void *arg, int64_t team_id, int64_t num_keys);
int overview_key_counts(struct db *, count_each *, void *arg, struct err *err);

/* Minutes since 1970, [from, until), oldest first. */
struct minute_sum {
	int64_t minute, team_id;
	int64_t calls, errors, cost_nusd;
};
typedef int minute_each(void *arg, const struct minute_sum *);
int overview_minutes(struct db *, int64_t from, int64_t until, minute_each *, void *arg, struct err *err);

/* The same by provider and model, with their histograms: what the pulse begins with. */
struct provider_minute {
	int64_t minute, team_id;
	const char *provider, *model;   /* "" = none; during the call */
	int64_t calls, errors, cost_nusd;
	struct histogram latency, first_byte;
};
typedef int provider_minute_each(void *arg, const struct provider_minute *);
int overview_provider_minutes(struct db *, int64_t from, int64_t until, provider_minute_each *, void *arg,
			      struct err *err);

/* Sum over everything in [from, until) minutes. */
int overview_cost(struct db *, int64_t from, int64_t until, int64_t *ret_nusd, struct err *err);

/* When the key called last, wall ms; 0: never. */
int overview_last_call(struct db *, int64_t key_id, int64_t *ret_ms, struct err *err);

/* Calls that asked for this model since then, and what they cost. */
int overview_asked(struct db *, const char *model, int64_t since_ms, int64_t *ret_calls, int64_t *ret_nusd,
		   struct err *err);
/* All calls since this hour (hours since 1970): whether overview_asked() would be dear. */
int overview_calls_since(struct db *, int64_t hour, int64_t *ret_calls, struct err *err);

/* All calls there ever were. */
int overview_calls(struct db *, int64_t *ret_calls, struct err *err);

/* A copy of the database as it is now; the file must not exist. */
int overview_backup(struct db *, const char *path, struct err *err);

#endif
