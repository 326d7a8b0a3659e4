/* SPDX-License-Identifier: MIT */
/* Keys are looked up here, and the key bar is written from the same table. */
#include "input/keymap.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const enum context parents[NUM_CONTEXTS] = {
#define CONTEXT(id, parent) [CONTEXT_##id] = CONTEXT_##parent,
#define BIND(context, key, request, bar)
#include "input/keymap.def"
#undef CONTEXT
#undef BIND
};

static const struct binding bindings[] = {
#define CONTEXT(id, parent)
#define BIND(context, key, request, bar) {CONTEXT_##context, key, REQUEST_##request, bar},
#include "input/keymap.def"
#undef CONTEXT
#undef BIND
};

enum context context_parent(enum context context)
{
	return parents[context];
}

enum request keymap_lookup(enum context context, key_code k)
{
	char name[KEY_TEXT];

	key_format(k, name);
	for (; context != CONTEXT_NONE; context = parents[context])
		for (size_t i = 0; i < ARRAY_LEN(bindings); i++)
			if (bindings[i].context == context && strcmp(bindings[i].key, name) == 0)
				return bindings[i].request;
	return REQUEST_NONE;
}

/* Whether a context between this one and the binding's own says what its key does. */
static bool is_shadowed(enum context context, const struct binding *b)
{
	for (; context != b->context; context = parents[context])
		for (size_t i = 0; i < ARRAY_LEN(bindings); i++)
			if (bindings[i].context == context && strcmp(bindings[i].key, b->key) == 0)
				return true;
	return false;
}

const struct binding *keymap_next(enum context context, const struct binding *b)
{
	enum context from = b != NULL ? b->context : context;
	size_t i = b != NULL ? (size_t)(b - bindings) + 1 : 0;

	for (; from != CONTEXT_NONE; from = parents[from], i = 0)
		for (; i < ARRAY_LEN(bindings); i++)
			if (bindings[i].context == from && !is_shadowed(context, &bindings[i]))
				return &bindings[i];
	return NULL;
}

const char *keymap_key_of(enum context context, enum request r)
{
	const struct binding *b = NULL;

	while ((b = keymap_next(context, b)) != NULL)
		if (b->request == r)
			return b->key;
	return NULL;
}

static int write_word(char *out, size_t size, const struct binding *b, bool refused)
{
	return snprintf(out, size, refused ? "(%s %s)" : "%s %s", b->key, b->bar);
}

const char *keymap_bar(enum context context, int width, bool (*refused)(void *arg, enum request), void *arg,
		       char *out, size_t size)
{
	const struct binding *b = NULL, *help = NULL;
	int len = 0, reserve = 0;
	char word[64];

	while ((b = keymap_next(context, b)) != NULL)
		if (b->request == REQUEST_HELP && b->bar[0] != '\0')
			help = b;
	if (help != NULL)
		reserve = write_word(word, sizeof(word), help, false) + 2;
	out[0] = '\0';
	while ((b = keymap_next(context, b)) != NULL) {
		int word_len, gap = len > 0 ? 2 : 0;

		if (b->bar[0] == '\0' || b == help)
			continue;
		word_len = write_word(word, sizeof(word), b, refused != NULL && refused(arg, b->request));
		if (len + gap + word_len + reserve > width || (size_t)(len + gap + word_len) >= size)
			continue;
		len += snprintf(out + len, size - (size_t)len, "%*s%s", gap, "", word);
	}
	if (help != NULL && len + reserve - (len > 0 ? 0 : 2) <= width && (size_t)(len + reserve) < size) {
		write_word(word, sizeof(word), help, false);
		snprintf(out + len, size - (size_t)len, "%*s%s", len > 0 ? 2 : 0, "", word);
	}
	return out;
}
