/* SPDX-License-Identifier: MIT */
/*
 * figures.h — what teams and keys have spent, read once for a whole list; and where it is heading.
 */
#ifndef ADMIN_FIGURES_H
#define ADMIN_FIGURES_H

#include <jansson.h>
#include <stdint.h>

#include "base/map.h"
#include "store/overview_store.h"

struct admin;
struct budget_state;
struct err;

struct figures {
	struct admin *admin;
	enum spend_of of;
	struct map sums;                /* id → struct sum, owned */
};

/* The days of this month that are over, which change only by calls that were still open at midnight
 * (and by reprice, which forgets it): read again once a minute. */
struct spend_cache {
	int64_t from, until;            /* days since 1970 */
	int64_t read_ms;                /* 0: not read */
	struct map sums;                /* id → int64_t, owned */
};
void spend_cache_forget(struct spend_cache *);

/* figures_release() is fine after a failure, too. */
int figures_read(struct figures *, struct admin *, enum spend_of, struct err *err);
void figures_release(struct figures *);

/* Teams: num_keys, spent_today_usd, spent_month_usd, usd_per_hour.  Keys: the last two. */
void figures_add(const struct figures *, int64_t id, json_t *object);
int64_t figures_today(const struct figures *, int64_t id);

/* The gateway's own sums. */
void figures_total(const struct figures *, int64_t *ret_today_nusd, int64_t *ret_month_nusd);

/* Where a budget is heading. */
struct projection {
	int64_t projected_nusd;         /* at the window's end; COST_UNKNOWN: it has none */
	int64_t ends_ms;                /* when it is used up; 0: not in this window */
};

/*
 * The next hour goes on as the last ten minutes did (rate), what follows as the window so far did
 * (pace = spent / elapsed; a window younger than a thirtieth of itself counts as that old, or the
 * first call of a month would project a fortune):
 *
 *   projected = spent + rate × min(left, 1 h) + pace × max(left − 1 h, 0)
 *
 * and ends_ms is where that line meets the amount.
 */
struct projection figures_project(const struct budget_state *, int64_t nusd_per_hour, int64_t now_ms);

#endif
