/* SPDX-License-Identifier: MIT */
/* chain_ask.h — the dialogs over a chain's draft: a target, writing it, taking back. */
#ifndef SCREENS_CHAIN_ASK_H
#define SCREENS_CHAIN_ASK_H

#include <jansson.h>

#include "app/app.h"
#include "model/draft.h"

/* A form for one row; row == num_targets is a new one. */
void chain_ask_target(struct screen *, struct draft *, size_t row);

/*
 * Writes the draft: at once when the daemon's dry run has no warning, after a box when it has.  When
 * somebody else wrote in between a box shows both.  live is what the daemon shows now; may be NULL.
 */
void chain_ask_write(struct screen *, struct draft *, const json_t *live);

/* The draft, when there is one; otherwise the newest version. */
void chain_ask_undo(struct screen *, struct draft *);

#endif
