/* SPDX-License-Identifier: MIT */
/* The newest calls are kept in a ring here. */
#include "model/tail.h"

#include <string.h>

void tail_init(struct tail *t)
{
	memset(t, 0, sizeof(*t));
}

void tail_release(struct tail *t)
{
	for (size_t i = 0; i < TAIL_CALLS; i++)
		json_decref(t->calls[i]);
	tail_init(t);
}

void tail_add(struct tail *t, json_t *call)
{
	json_decref(t->calls[t->next]);
	t->calls[t->next] = json_incref(call);
	t->next = (t->next + 1) % TAIL_CALLS;
	if (t->count < TAIL_CALLS)
		t->count++;
	t->seen++;
}

void tail_skip(struct tail *t, uint64_t calls)
{
	t->seen += calls;
	t->skipped += calls;
}

json_t *tail_peek(const struct tail *t, size_t i)
{
	return i < t->count ? t->calls[(t->next + TAIL_CALLS - 1 - i) % TAIL_CALLS] : NULL;
}
