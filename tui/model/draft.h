/* SPDX-License-Identifier: MIT */
/*
 * draft.h — a chain as it is being edited: nothing of it is live before it is written.
 *
 * Rows in the order of their tiers; tiers are 1, 2, 3 … without gaps.  Targets of one tier share the
 * load, the next tier is the fallback.
 */
#ifndef MODEL_DRAFT_H
#define MODEL_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRAFT_TARGETS 32
#define DRAFT_TEXT 256

struct draft_target {
	char name[DRAFT_TEXT];
	int tier, weight;
};

struct draft {
	char chain[DRAFT_TEXT];
	int64_t version;                /* of the chain it was made from */
	struct draft_target base[DRAFT_TARGETS];        /* as they were */
	size_t num_base;
	struct draft_target targets[DRAFT_TARGETS];
	size_t num_targets;
};

/* From a chain as the admin API shows it. */
void draft_load(struct draft *, const json_t *chain);
bool draft_is_changed(const struct draft *);
/* As it was when it was loaded. */
void draft_reset(struct draft *);

/*
 * Alone in its tier a target changes places with the tier before or after; out of several it steps
 * into a tier of its own.  Each returns the row it is on now.
 */
size_t draft_move(struct draft *, size_t row, bool down);
/* A tier one beyond the last makes a new one. */
size_t draft_set(struct draft *, size_t row, int tier, int weight);
/* False when it is full or has the target already. */
bool draft_add(struct draft *, const char *target, int tier, int weight);
void draft_remove(struct draft *, size_t row);

/* The body of a PUT; a new reference. */
json_t *draft_body(const struct draft *);
/* "a/b*3, c/d > e/f".  Returns out. */
const char *draft_text(const struct draft *, char *out, size_t size);

#endif
