/* SPDX-License-Identifier: MIT */
/*
 * budgets.h — the budgets of a team, key, provider or the gateway, in bodies and in answers.
 *
 * A body says `budget`: "500/month" (null: none), with `budget_mode`, for the one that nearly
 * everybody has; or `budgets`, a list of objects, for all of them at once.
 */
#ifndef ADMIN_BUDGETS_H
#define ADMIN_BUDGETS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "budget/budget.h"

struct admin;
struct change;
struct db;
struct err;

/* What the change's body says about the budgets of this scope. */
int budgets_write(const struct change *, const char *scope, int64_t scope_id, struct err *err);

/* Adds `budget` and `budget_mode`, or `budgets` where these do not suffice, as a body has them. */
int budgets_add_body(struct db *, const char *scope, int64_t scope_id, json_t *object, struct err *err);

/* The list as GET shows it, with what is spent and reserved; NULL on failure. */
json_t *budgets_show(struct admin *, const char *scope, int64_t scope_id, struct err *err);

/* The budget of all models that is nearest to its end. */
struct leading_budget {
	bool found;
	struct budget_state state;
	char window[8];                 /* "month" */
};
int budgets_leading(struct admin *, const char *scope, int64_t scope_id, int64_t now_ms,
		    struct leading_budget *ret, struct err *err);

#endif
