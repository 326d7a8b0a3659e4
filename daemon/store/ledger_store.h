/* SPDX-License-Identifier: MIT */
/*
 * ledger_store.h — the questions there are about calls and spend, and how records become rows.
 *
 * The writer is the only one that inserts; everybody else reads.
 */
#ifndef STORE_LEDGER_STORE_H
#define STORE_LEDGER_STORE_H

#include <jansson.h>

#include "ledger/histogram.h"
#include "ledger/record.h"
#include "store/db.h"

/* -- writing: inside the writer's transaction -- */
/* 1 when the row is new, 0 when it was there already (replay), negative on failure. */
int ledger_insert(struct db *, const struct call_record *, struct err *err);

/* A cell of a rollup, summed in memory over a batch. */
struct rollup_sum {
	int64_t calls, errors, refused, input, output, cache_read, cache_write, reasoning;
	int64_t cost_nusd, billed_nusd, unpriced;
	struct histogram latency, first_byte;
};
/* What is summed up: by minute without keys; by hour and day by team, by target (provider and model), by
 * key, by everything.  The smaller of the same length come first. */
enum rollup {
	ROLLUP_MINUTE,
	ROLLUP_HOUR_TEAM, ROLLUP_HOUR_TARGET, ROLLUP_HOUR_KEY, ROLLUP_HOUR,
	ROLLUP_DAY_TEAM, ROLLUP_DAY_TARGET, ROLLUP_DAY_KEY, ROLLUP_DAY,
	ROLLUP_NUM
};
/* Whose sums a cell holds; at: minutes, hours or days since 1970.  What the rollup does not know is 0. */
struct rollup_cell {
	int64_t at, team_id, key_id, provider_name, model_name;
};
/* The cell in which a call of that moment and of the others of `call` counts; call's own `at` is not read. */
struct rollup_cell rollup_cell_of(enum rollup, int64_t wall_ms, const struct rollup_cell *call);
/* Adds the record to the sum, by the one set of rules. */
void rollup_add(struct rollup_sum *, const struct call_record *);
void rollup_merge(struct rollup_sum *into, const struct rollup_sum *);
/* Adds the sum to the row of this cell. */
int rollup_put(struct db *, enum rollup, const struct rollup_cell *, const struct rollup_sum *, struct err *err);
/* The same for the cell of each rollup, as rollup_cell_of() finds it. */
int rollup_put_all(struct db *, int64_t wall_ms, const struct rollup_cell *call, const struct rollup_sum *, struct err *err);
/* What became of the money of calls that are summed up already. */
struct rollup_correction {
	int64_t cost_nusd, billed_nusd, unpriced;       /* to be added */
};
/* Corrects those cells.  One that has been given up by age is left alone: a correction makes no cell. */
int rollup_correct_all(struct db *, int64_t wall_ms, const struct rollup_cell *call, const struct rollup_correction *,
		       struct err *err);
/* The id of a word, made when absent; "" is 0. */
int64_t name_intern(struct db *, const char *name, struct err *err);

/* Of all calls; 0: there are none. */
int ledger_newest_id(struct db *, int64_t *ret, struct err *err);

int journal_position_get(struct db *, const char *journal, int64_t *ret, struct err *err);      /* 0 when absent */
int journal_position_put(struct db *, const char *journal, int64_t position, struct err *err);

/* -- asking -- */
/* What rows say was spent from from_ms to until_ms; whole hours from rollups, the edges from calls.
 * scope as in budgets; model "" = all, else calls that asked for it (from rows).  Where a budget's
 * window begins, what has been deleted since counts too. */
int ledger_spent(struct db *, const char *scope, int64_t scope_id, const char *model, int64_t from_ms,
		 int64_t until_ms, int64_t *ret_nusd, struct err *err);

/* From when on ledger_spent() knows: from_ms, or later where calls were deleted before there was a budget
 * to keep their sum for. */
int ledger_spent_since(struct db *, const char *scope, int64_t scope_id, const char *model, int64_t from_ms,
		       int64_t *ret_ms, struct err *err);

/* The same, without a model, for every team or key (scope) that has spent anything.  One reading for all of
 * them: at the start there may be thousands of budgets.  What was kept of deleted calls is not in it:
 * *ret_exact says whether the ledger reaches back that far. */
typedef void spent_each(void *arg, int64_t scope_id, int64_t nusd);
int ledger_spent_each(struct db *, const char *scope, int64_t from_ms, int64_t until_ms, spent_each *each, void *arg,
		      bool *ret_exact, struct err *err);

struct spend_query {
	const char *by[2];              /* "team", "key", "model", "provider", "app", "tag", "user"; NULL: none */
	const char *bucket;             /* "minute", "hour", "day", or NULL: the whole window */
	int64_t from_ms, until_ms;
	const char *team, *key, *model, *provider;      /* filters; NULL: any */
	unsigned limit;                 /* rows, by cost; 0: all */
	struct spend_reach *reach;      /* filled when it is not NULL */
};
/* What of a question the ledger can still answer: old calls, minutes and hours are deleted. */
struct spend_reach {
	int64_t from_ms, until_ms;      /* the window that was summed up */
	int64_t rows_ms;                /* only rows can tell, and they begin here; 0: all of the window */
	int64_t buckets_ms;             /* what comes before this is in longer buckets than asked for; 0: nothing */
};
/* A list of objects, shapes as in schema/README.md "spend". New reference. */
json_t *ledger_spend(struct db *, const struct spend_query *, struct err *err);

struct call_query {
	const char *team, *key, *model, *provider, *app;        /* NULL: any */
	int64_t from_ms, until_ms;      /* 0, INT64_MAX: open */
	int status;                     /* 0: any; 402; or a class: 4, 5 */
	int result;                     /* enum call_result; -1: any */
	int64_t before_id;              /* keyset: only older ones; 0: from the newest */
	int64_t after_id;               /* only newer ones */
	unsigned limit;
	int64_t *ret_rows_ms;           /* NULL, or: from_ms is older than the oldest call, of then; 0: it is not */
};
/* Newest first; shapes as in schema/README.md "call". */
json_t *ledger_calls(struct db *, const struct call_query *, struct err *err);
/* One call with its attempts and cost parts; NULL with ERR_NOT_FOUND. */
json_t *ledger_call(struct db *, int64_t id, struct err *err);

/* Proves what section 7 promises: rows = rollups, per cell, to the nano-dollar; attempts belong to
 * calls; names resolve.  Calls problem() for each offence, at most 20 a kind; returns how many kinds
 * of offence there were, or a negative code. */
int ledger_check(struct db *, void (*problem)(void *arg, const char *text), void *arg, struct err *err);

#endif
