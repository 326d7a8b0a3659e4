/* SPDX-License-Identifier: MIT */
/*
 * keymap.h — which key asks for what, by context, from keymap.def.
 *
 * The key bar and the help screen are made from the same rows as the lookup.
 */
#ifndef INPUT_KEYMAP_H
#define INPUT_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "input/key.h"
#include "input/request.h"

enum context {
	CONTEXT_NONE,
#define CONTEXT(id, parent) CONTEXT_##id,
#define BIND(context, key, request, bar)
#include "input/keymap.def"
#undef CONTEXT
#undef BIND
	NUM_CONTEXTS
};

struct binding {
	enum context context;
	const char *key;
	enum request request;
	const char *bar;        /* "" where the bar does not show it */
};

/* REQUEST_NONE where the key means nothing. */
enum request keymap_lookup(enum context context, key_code k);

/* The first key bound to a request here, for messages that name a key; NULL where none is. */
const char *keymap_key_of(enum context context, enum request r);

enum context context_parent(enum context context);

/* All bindings that hold in this context, its own first: for (b = NULL; (b = keymap_next(c, b));). */
const struct binding *keymap_next(enum context context, const struct binding *b);

/*
 * The key bar in at most width cells: "Enter open  a add  ? help".  Whole words only; help stays when
 * others must go.  refused (may be NULL) says which requests cannot be had now: those stand in
 * parentheses.  Returns out.
 */
const char *keymap_bar(enum context context, int width, bool (*refused)(void *arg, enum request), void *arg,
		       char *out, size_t size);

#endif
