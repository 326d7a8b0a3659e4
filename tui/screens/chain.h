/* SPDX-License-Identifier: MIT */
/* chain.h — one chain, opened from the list that keeps its draft. */
#ifndef SCREENS_CHAIN_H
#define SCREENS_CHAIN_H

#include "app/app.h"
#include "model/draft.h"

extern const struct screen_ops chain_screen;

/* What the chain screen edits, and the row under its cursor. */
struct draft *chain_draft(const struct screen *);
size_t chain_row(const struct screen *);

/* Borrowed: the draft belongs to the list below and outlives the screen. */
struct chain_open {
	struct draft *draft;
	const json_t *chain;    /* as the list shows it now */
};

#endif
