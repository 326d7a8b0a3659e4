/* SPDX-License-Identifier: MIT */
/*
 * arena.h — many small things with one lifetime, freed at once.
 *
 * For trees read out of a text: their size is a small multiple of the text's, and the text has a
 * ceiling.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena {
	struct arena_block *blocks;     /* owned; the newest first */
};

void arena_init(struct arena *a);
void arena_release(struct arena *a);    /* everything taken from it is gone; it is usable again */

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));

/* A copy of these bytes, with a NUL behind them. */
char *arena_copy(struct arena *a, const void *data, size_t len) __attribute__((returns_nonnull));

#define ARENA_NEW(arena, type) ((type *)arena_alloc(arena, sizeof(type)))

#endif
