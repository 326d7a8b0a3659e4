/* SPDX-License-Identifier: MIT */
/*
 * budget.h — amounts that calls reserve from at admission and settle at their end.
 *
 * A struct budget outlives the live views that name it, so that a change of the configuration loses
 * no count.  All workers use it at once; admission and settlement are a few instructions under a
 * lock of its own.  A call counts in the window in which it was admitted, as its ledger row does.
 *
 * standard: admits while spent + expected in flight (this call included) stays within the amount,
 * and one call alone while anything is left.
 * strict: the same with the most a call can cost, so settled spend never passes the amount.
 */
#ifndef BUDGET_BUDGET_H
#define BUDGET_BUDGET_H

#include "budget/window.h"

enum budget_scope { BUDGET_TEAM, BUDGET_KEY, BUDGET_PROVIDER, BUDGET_GATEWAY };
enum budget_mode { BUDGET_STANDARD, BUDGET_STRICT };

struct budget;

/* How a budget stands, read at once. */
struct budget_state {
	int64_t amount_nusd, spent_nusd, reserved_nusd;
	int64_t from_ms, until_ms;              /* its window now */
	uint64_t changes;                       /* reservations and settlements so far */
};

/* Held by a call between admission and settlement. */
struct reservation {
	struct budget *budget;                  /* NULL: none */
	int64_t amount_nusd;
	int64_t window_from_ms;
};

struct budget *budget_new(int64_t id, enum budget_scope, struct window, enum budget_mode, int64_t amount_nusd);
struct budget *budget_ref(struct budget *);
void budget_unref(struct budget *);             /* NULL is fine */

int64_t budget_id(const struct budget *);
enum budget_scope budget_scope(const struct budget *);
enum budget_mode budget_mode(const struct budget *);
struct window budget_window(const struct budget *);

/* Changes while calls are in flight; what is spent and reserved stays. */
void budget_set_amount(struct budget *, int64_t amount_nusd, enum budget_mode);
/* What the ledger says was spent in the window that holds now_ms; at start, before calls come. */
void budget_restore(struct budget *, int64_t now_ms, int64_t spent_nusd);

/* Makes the spent amount what the ledger says, unless a call reserved or settled since *seen was read or
 * is open; false then.  For calls that were admitted before this budget was in force. */
bool budget_correct(struct budget *, const struct budget_state *seen, int64_t spent_nusd);

/* A call that was admitted at at_ms, and has settled, costs so much more (or less) than was said then.  Nothing
 * happens where its window is over. */
void budget_adjust(struct budget *, int64_t at_ms, int64_t more_nusd);

/* False, with nothing changed, when the amount does not suffice.  amount_nusd >= 0. */
bool budget_reserve(struct budget *, int64_t amount_nusd, int64_t now_ms, struct reservation *ret);
/* Turns what was held into what was spent; 0 for a call that cost nothing or an unknown amount, never
 * COST_UNKNOWN.  A reservation of no budget (or settled already) is left alone. */
void budget_settle(struct reservation *, int64_t cost_nusd);

void budget_read(struct budget *, int64_t now_ms, struct budget_state *ret);
const char *budget_scope_name(enum budget_scope);       /* "team" */

#endif
