/* SPDX-License-Identifier: MIT */
/*
 * patch.h — a text with a few places changed, and everything else left byte for byte.
 *
 * Places are noted first, in any order, and the changed text is written once.  Places must not
 * overlap.
 */
#ifndef DIALECTS_PATCH_H
#define DIALECTS_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/jscan.h"

#define PATCH_MAX_EDITS 16384

struct patch {
	struct patch_edit {
		const char *at;         /* in the text */
		size_t cut;             /* bytes that go */
		size_t from, len;       /* what comes instead, in added */
	} few[24], *edits;              /* edits: few, or on the heap where those are not enough */
	unsigned count, size;
	struct buf added;
};

void patch_init(struct patch *p);
void patch_release(struct patch *p);

/* What stands at span is replaced by what the caller adds to the buffer returned, before the next call. */
struct buf *patch_replace(struct patch *p, struct jspan span);

/* Takes the named members (NULL-terminated) out of an object; returns how many others it has. */
size_t patch_remove(struct patch *p, struct jspan object, const char *const *names);

/* Takes those items out of a list that go; at least one stays. */
void patch_remove_items(struct patch *p, struct jspan array, bool (*goes)(struct jspan item));

/* The caller adds members ("\"n\":1") behind the last of the object, which has others when has_members. */
struct buf *patch_insert(struct patch *p, struct jspan object, bool has_members);

/* False when there were too many places (nothing is written then) or out's ceiling was reached. */
bool patch_apply(struct patch *p, const char *text, size_t len, struct buf *out);

#endif
