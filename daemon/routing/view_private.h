/* SPDX-License-Identifier: MIT */
/* view_private.h — what a view owns; for view.c and view_build.c. */
#ifndef ROUTING_VIEW_PRIVATE_H
#define ROUTING_VIEW_PRIVATE_H

#include "base/arena.h"
#include "base/list.h"
#include "routing/price_book.h"
#include "routing/view.h"

struct db;
struct err;

struct view_parts {
	struct health_table *health;            /* borrowed */
	struct price_book prices;               /* what holds when the view is built */
	struct view_budget *budgets;            /* all of them, with a reference each; scopes point into it; owned */
	size_t num_budgets;
	struct limit **limits;                  /* a reference each; owned */
	size_t num_limits;
	struct list secrets;                    /* of struct view_secret: wiped when the view is freed */
	struct arena arena;                     /* everything else */
};

struct view_secret {
	struct list_node node;
	char *text;
};

/* A view without contents, built_ms and generation 0. */
struct view *view_new(struct health_table *);

/* A copy that lives as long as the view; NULL gives NULL. */
char *view_strdup(struct view *, const char *text);

/* A chain of one target in memory of its own, as view_chain_free() frees it. */
struct view_chain *view_chain_of_one(const struct view *, const struct view_provider *, const char *model);

/* Fills in provider, price and health of a target whose name is set. */
void view_bind_target(const struct view *, struct view_target *);

/* -- counters: view_counters.c -- */

struct view_registry {
	struct health_table *health;            /* borrowed */
	char *home;                             /* owned; NULL: none */
	uint64_t generation;                    /* of the view built last */
	struct map budgets;                     /* id → struct budget, a reference each */
	struct map limits;                      /* whose → struct limit, a reference each */
};

/* Whose a limit or a budget is. */
enum view_owner { OWNER_TEAM, OWNER_KEY, OWNER_PROVIDER, OWNER_GATEWAY };

/* What a new view will make of the counters.  Nothing that calls can see changes before
 * counters_commit(), so a view that cannot be built leaves no trace. */
struct counters_draft;

struct counters_draft *counters_draft_new(struct view_registry *, struct view *);
void counters_draft_free(struct counters_draft *);

/* Reads all budgets and restores those seen for the first time. */
int counters_read_budgets(struct counters_draft *, struct db *, struct err *err);
/* Those of one owner, as an array inside the view. */
struct view_budget *counters_budgets(const struct counters_draft *, enum view_owner, int64_t id, size_t *ret_num);
/* The owner's limit, NULL when none of the three is set (STORE_NONE). */
struct limit *counters_limit(struct counters_draft *, enum view_owner, int64_t id, int64_t rpm, int64_t tpm,
			     int64_t parallel);
/* Amounts and limits hold from here on; counters that the view does not name are forgotten. */
void counters_commit(struct counters_draft *);

#endif
