/* SPDX-License-Identifier: MIT */
/*
 * ledger_why.h — what a team spent in one window, taken apart so that two windows can be compared.
 *
 * Whole hours are read from their rollup and the ends of a window from rows of calls, as are apps and
 * minutes, which no rollup knows by key.  [from_ms, until_ms) throughout.
 */
#ifndef STORE_LEDGER_WHY_H
#define STORE_LEDGER_WHY_H

#include <stddef.h>
#include <stdint.h>

#include "store/db.h"

/* unpriced: calls that used tokens at an unknown cost, which cost_nusd leaves out. */
struct why_sum {
	int64_t calls, input, output, cache_read, cost_nusd, unpriced;
};

/* A key and what answered it: names(id), 0 for none. */
struct why_pair {
	int64_t key_id, model_name;
};

/* The same pair comes once for each part of the window. */
typedef int why_pair_each(void *arg, const struct why_pair *, const struct why_sum *);
int why_pairs(struct db *, int64_t team_id, int64_t from_ms, int64_t until_ms, why_pair_each *, void *arg,
	      struct err *err);

/* The pair's cost by app, 1000 at most, the dearest; "" where calls named none. */
typedef int why_app_each(void *arg, const char *app, int64_t cost_nusd);
int why_apps(struct db *, const struct why_pair *, int64_t from_ms, int64_t until_ms, why_app_each *, void *arg,
	     struct err *err);

/* Adds the pair's cost to the minutes of the clock, from the one that holds from_ms. */
int why_minutes(struct db *, const struct why_pair *, int64_t from_ms, int64_t until_ms, int64_t *nusd, size_t num,
		struct err *err);

/* When the team's first call that is still there was; INT64_MAX when there is none. */
int why_first(struct db *, int64_t team_id, int64_t *ret_ms, struct err *err);

/* Texts are owned by the caller, NULL where there is no name. */
struct why_names {
	char *key, *key_id, *model;
};
int why_names_get(struct db *, const struct why_pair *, struct why_names *ret, struct err *err);
void why_names_release(struct why_names *);

#endif
