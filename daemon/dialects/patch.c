/* SPDX-License-Identifier: MIT */
/* Places in a text are noted and changed here. */
#include "dialects/patch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MAX_ADDED = 1024 * 1024 };

void patch_init(struct patch *p)
{
	p->edits = p->few;
	p->size = ARRAY_LEN(p->few);
	p->count = 0;
	buf_init(&p->added, MAX_ADDED);
}

void patch_release(struct patch *p)
{
	buf_release(&p->added);
	if (p->edits != p->few)
		free(p->edits);
	p->edits = p->few;
	p->size = ARRAY_LEN(p->few);
	p->count = 0;
}

/* False when there are as many as there may be. */
static bool make_room(struct patch *p)
{
	unsigned size = p->size * 2 < PATCH_MAX_EDITS ? p->size * 2 : PATCH_MAX_EDITS;

	if (p->count < p->size)
		return true;
	if (p->count == PATCH_MAX_EDITS)
		return false;
	p->edits = xrealloc(p->edits != p->few ? p->edits : NULL, size, sizeof(p->edits[0]));
	if (p->size == ARRAY_LEN(p->few))
		memcpy(p->edits, p->few, sizeof(p->few));
	p->size = size;
	return true;
}

/* The edit noted last gets what was added since. */
static void close_edit(struct patch *p)
{
	if (p->count > 0)
		p->edits[p->count - 1].len = p->added.len - p->edits[p->count - 1].from;
}

struct buf *patch_replace(struct patch *p, struct jspan span)
{
	close_edit(p);
	if (!make_room(p)) {
		p->added.failed = true; /* a text from outside may ask for more; apply says so */
		return &p->added;
	}
	p->edits[p->count++] = (struct patch_edit){.at = span.at, .cut = span.len, .from = p->added.len};
	return &p->added;
}

static bool is_named(struct jspan name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (jspan_equals(name, *names))
			return true;
	return false;
}

static const char *end_of(struct jspan s)
{
	return s.at + s.len;
}

static void cut(struct patch *p, const char *from, const char *to)
{
	patch_replace(p, (struct jspan){from, (size_t)(to - from)});
}

/* Members that go are cut in runs, each with the comma behind it or, at the end, the one before it. */
size_t patch_remove(struct patch *p, struct jspan object, const char *const *names)
{
	struct jmember m = {0};
	const char *kept_end = NULL, *run = NULL, *run_end = NULL;
	size_t kept = 0;

	while (jspan_next_member(object, &m)) {
		if (is_named(m.name, names)) {
			if (run == NULL)
				run = m.name.at;
			run_end = end_of(m.value);
			continue;
		}
		if (run != NULL)
			cut(p, run, m.name.at);
		run = NULL;
		kept_end = end_of(m.value);
		kept++;
	}
	if (run != NULL)
		cut(p, kept_end != NULL ? kept_end : run, run_end);
	return kept;
}

void patch_remove_items(struct patch *p, struct jspan array, bool (*goes)(struct jspan item))
{
	const char *kept_end = NULL, *run = NULL, *run_end = NULL;
	struct jspan item = {0};

	while (jspan_next_item(array, &item)) {
		if (goes(item)) {
			if (run == NULL)
				run = item.at;
			run_end = end_of(item);
			continue;
		}
		if (run != NULL)
			cut(p, run, item.at);
		run = NULL;
		kept_end = end_of(item);
	}
	if (run != NULL)
		cut(p, kept_end != NULL ? kept_end : run, run_end);
}

struct buf *patch_insert(struct patch *p, struct jspan object, bool has_members)
{
	struct buf *added = patch_replace(p, (struct jspan){end_of(object) - 1, 0});

	if (has_members)
		buf_putc(added, ',');
	return added;
}

/* Few edits: sorted by insertion, which keeps the order of those at one place. */
static void sort(struct patch *p)
{
	for (unsigned i = 1; i < p->count; i++) {
		struct patch_edit e = p->edits[i];
		unsigned j = i;

		for (; j > 0 && p->edits[j - 1].at > e.at; j--)
			p->edits[j] = p->edits[j - 1];
		p->edits[j] = e;
	}
}

bool patch_apply(struct patch *p, const char *text, size_t len, struct buf *out)
{
	const char *at = text, *end = text + len;

	if (p->added.failed)
		return false;
	close_edit(p);
	sort(p);
	for (unsigned i = 0; i < p->count; i++) {
		const struct patch_edit *e = &p->edits[i];

		assert(e->at >= at && e->at + e->cut <= end);
		buf_add(out, at, (size_t)(e->at - at));
		buf_add(out, p->added.data + e->from, e->len);
		at = e->at + e->cut;
	}
	buf_add(out, at, (size_t)(end - at));
	return !out->failed;
}
