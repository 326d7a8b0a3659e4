/* SPDX-License-Identifier: MIT */
/* view_private.h — what a view owns; for view.c and view_build.c. */
#ifndef ROUTING_VIEW_PRIVATE_H
#define ROUTING_VIEW_PRIVATE_H

#include "base/arena.h"
#include "base/list.h"
#include "routing/view.h"

struct view_parts {
	struct health_table *health;            /* borrowed */
	struct map prices;                      /* "provider/model", or "/model" for anywhere → struct price */
	struct view_budget *budgets;            /* all of them, each with its reference; scopes point into it */
	size_t num_budgets;
	struct limit **limits;                  /* a reference each */
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

#endif
