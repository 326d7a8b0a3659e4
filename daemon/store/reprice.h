/* SPDX-License-Identifier: MIT */
/* reprice.h — calls whose cost was unknown are charged by prices that came later. */
#ifndef STORE_REPRICE_H
#define STORE_REPRICE_H

#include <stdint.h>

#include "dialects/usage.h"
#include "store/db.h"

struct err;

/* A row that used tokens at an unknown cost. */
struct unpriced_call {
	int64_t id, team_id, key_id;
	int64_t provider_name, model_name;      /* names(id) */
	const char *provider, *model;           /* borrowed during the call */
	struct usage usage;
};

/* Says what it costs; false: still unknown. */
typedef bool reprice_cost(void *arg, const struct unpriced_call *, int64_t *ret_cost_nusd, int64_t *ret_billed_nusd,
			  int64_t *ret_price_id);

struct repriced {
	int64_t calls, still_unknown, cost_nusd;
};

/* Rows of [from, until), their rollups with them, inside the caller's transaction; at most max calls.
 * model: only calls that this one answered; NULL: all. */
int ledger_reprice(struct db *, int64_t from_ms, int64_t until_ms, const char *model, int64_t max,
		   reprice_cost *cost, void *arg, struct repriced *ret, struct err *err);

#endif
