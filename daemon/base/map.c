/* SPDX-License-Identifier: MIT */
/* A hash table from bytes to pointers. */
#include "base/map.h"

#include <pthread.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static unsigned char hash_key[crypto_shorthash_KEYBYTES];
static pthread_once_t hash_once = PTHREAD_ONCE_INIT;

static void hash_setup(void)
{
	if (sodium_init() < 0)
		abort();
	randombytes_buf(hash_key, sizeof(hash_key));
}

static size_t hash(const void *key, size_t len)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t h;

	crypto_shorthash(out, key, len, hash_key);
	memcpy(&h, out, sizeof(h));
	return (size_t)h;
}

void map_init(struct map *m)
{
	pthread_once(&hash_once, hash_setup);
	*m = (struct map){0};
}

void map_release(struct map *m)
{
	for (size_t i = 0; i < m->size; i++)
		free(m->entries[i].key);
	free(m->entries);
	*m = (struct map){0};
}

/* The place of the key, or the free place where it would go.  size > 0. */
static struct map_entry *find(const struct map *m, const void *key, size_t len)
{
	size_t i = hash(key, len) & (m->size - 1);

	while (m->entries[i].key != NULL) {
		const struct map_entry *e = &m->entries[i];

		if (e->key_len == len && memcmp(e->key, key, len) == 0)
			break;
		i = (i + 1) & (m->size - 1);
	}
	return &m->entries[i];
}

static void resize(struct map *m)
{
	struct map old = *m;

	m->size = old.size > 0 ? old.size * 2 : 16;
	m->entries = xcalloc(m->size, sizeof(*m->entries));
	for (size_t i = 0; i < old.size; i++) {
		struct map_entry *e = &old.entries[i];

		if (e->key != NULL)
			*find(m, e->key, e->key_len) = *e;
	}
	free(old.entries);
}

void *map_put(struct map *m, const void *key, size_t len, void *value)
{
	struct map_entry *e;
	void *before;

	if (m->count * 4 >= m->size * 3)
		resize(m);
	e = find(m, key, len);
	if (e->key != NULL) {
		before = e->value;
		e->value = value;
		return before;
	}
	e->key = xmalloc(len + 1);
	memcpy(e->key, key, len);
	e->key[len] = '\0';
	e->key_len = len;
	e->value = value;
	m->count++;
	return NULL;
}

void *map_get(const struct map *m, const void *key, size_t len)
{
	return m->count > 0 ? find(m, key, len)->value : NULL;
}

void *map_remove(struct map *m, const void *key, size_t len)
{
	struct map_entry *gone, *e;
	void *value;

	if (m->count == 0 || (gone = find(m, key, len))->key == NULL)
		return NULL;
	value = gone->value;
	free(gone->key);
	*gone = (struct map_entry){0};
	m->count--;
	/* Those behind it may have been pushed past this place: put each back where it belongs. */
	for (size_t i = (size_t)(gone - m->entries);;) {
		struct map_entry moved;

		i = (i + 1) & (m->size - 1);
		e = &m->entries[i];
		if (e->key == NULL)
			return value;
		moved = *e;
		*e = (struct map_entry){0};
		*find(m, moved.key, moved.key_len) = moved;
	}
}

void *map_put_text(struct map *m, const char *key, void *value)
{
	return map_put(m, key, strlen(key), value);
}

void *map_get_text(const struct map *m, const char *key)
{
	return map_get(m, key, strlen(key));
}

const struct map_entry *map_next(const struct map *m, const struct map_entry *e)
{
	size_t i = e == NULL ? 0 : (size_t)(e - m->entries) + 1;

	for (; i < m->size; i++)
		if (m->entries[i].key != NULL)
			return &m->entries[i];
	return NULL;
}
