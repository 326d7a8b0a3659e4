/* SPDX-License-Identifier: MIT */
/*
 * corrections.h — budgets that began while calls were open are brought to what the ledger says.
 *
 * A new budget starts from the ledger, but calls that were admitted before it was in force settle
 * without it; a call that is charged afterwards (reprice) was settled without its cost.  Such
 * counters are made equal to the ledger whenever they are at rest, until every such call is over.
 */
#ifndef ADMIN_CORRECTIONS_H
#define ADMIN_CORRECTIONS_H

#include <stdbool.h>

struct admin;

void corrections_init(struct admin *);

/* For a while from now on: young budgets, or all of them. */
void corrections_begin(struct admin *, bool all);

#endif
