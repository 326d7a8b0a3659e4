/* SPDX-License-Identifier: MIT */
/*
 * map.h — bytes to pointer.
 *
 * Open addressing, linear probing, a keyed hash (so that strangers cannot choose collisions).
 * The map copies its keys and borrows its values.  Reading is safe from many threads as long as
 * none writes, which is how the live view uses it.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct map_entry {
	char *key;      /* owned; NULL in a free place */
	size_t key_len;
	void *value;    /* borrowed */
};

struct map {
	struct map_entry *entries;
	size_t size;    /* a power of two, or 0 */
	size_t count;
};

void map_init(struct map *m);
void map_release(struct map *m);

/* Replaces what was there and returns it, or NULL. */
void *map_put(struct map *m, const void *key, size_t key_len, void *value);
void *map_get(const struct map *m, const void *key, size_t key_len);
void *map_remove(struct map *m, const void *key, size_t key_len);

void *map_put_text(struct map *m, const char *key, void *value);
void *map_get_text(const struct map *m, const char *key);

/* In no particular order: for (e = map_next(m, NULL); e; e = map_next(m, e)).  The map must not change meanwhile. */
const struct map_entry *map_next(const struct map *m, const struct map_entry *e);

#endif
