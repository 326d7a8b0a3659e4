/* SPDX-License-Identifier: MIT */
/*
 * budget_kept.h — what current windows of budgets would still have asked of what is deleted.
 *
 * A budget of one model is summed from calls, and one whose window begins inside an hour or a day
 * needs finer units there.  Their sums are kept in the transaction that takes those units away, so
 * that what the ledger says of a budget is the same before and after.
 */
#ifndef STORE_BUDGET_KEPT_H
#define STORE_BUDGET_KEPT_H

#include <stdbool.h>

#include "store/horizons.h"

/* Of the window that begins at a moment: nusd until until_ms; from there on the ledger tells. */
struct budget_kept {
	bool is_there;
	int64_t counted_ms, until_ms, nusd;     /* counted_ms: from when on */
};
/* Where nothing is kept: nothing, from the moment itself. */
int budget_kept_get(struct db *, const char *scope, int64_t scope_id, const char *model, int64_t from_ms,
		    struct budget_kept *ret, struct err *err);

/* Before calls from the horizon's gone_ms until until_ms are deleted: what budgets of one model lose. */
int budget_kept_calls(struct db *, const struct horizons *, int64_t until_ms, int64_t now_ms, struct err *err);
/* Before horizons move: what the others would lose where their windows begin. */
int budget_kept_edges(struct db *, const struct horizons *before, const struct horizons *after, int64_t now_ms,
		      struct err *err);

/* What was spent at a time that is no longer asked for changes by so much after all.  call: whose it is;
 * its `at` is not read.  asked "": what a call of any model asked for is counted elsewhere. */
struct rollup_cell;
int budget_kept_correct(struct db *, int64_t wall_ms, const struct rollup_cell *call, const char *asked, int64_t nusd,
			struct err *err);

#endif
