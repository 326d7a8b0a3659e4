/* SPDX-License-Identifier: MIT */
/*
 * corrections.h — budgets that began while calls were open are brought to what the ledger says.
 *
 * A new budget starts from the ledger, but calls that were admitted before it was in force settle
 * without it.  The counters of such budgets are made equal to the ledger whenever they are at rest,
 * until that has happened after every such call was over.
 */
#ifndef ADMIN_CORRECTIONS_H
#define ADMIN_CORRECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "loop/loop.h"

struct admin;

struct corrections {
	struct loop_timer timer;
	struct list waiting;            /* of struct correction, those that waited longest first */
};

void corrections_init(struct admin *);
void corrections_release(struct admin *);

/* Budgets that were made at since_ms or later. */
void corrections_begin(struct admin *, int64_t since_ms);

#endif
