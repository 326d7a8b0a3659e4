/* SPDX-License-Identifier: MIT */
/* difference.h — what a change changed, for people to read. */
#ifndef MODEL_DIFFERENCE_H
#define MODEL_DIFFERENCE_H

#include <jansson.h>
#include <stdbool.h>

struct buf;

/*
 * A value without JSON's signs: nothing is "-", a list "a, b", a chain's tiers "a/b*3, c/d > e/f", an
 * object "latency 350ms, rate 90".  As it came: whoever draws it cleans it.
 */
void value_say(const json_t *, struct buf *out);

/* before or after is NULL or null where there was, or is, nothing. */
typedef void each_member(void *arg, const char *name, const json_t *before, const json_t *after, bool differs);

/* Members that differ first, then the others; those that are nothing on both sides are left out. */
void difference_each(const json_t *before, const json_t *after, each_member *, void *arg);

/* "state: enabled -> disabled, rpm: 600 -> 100"; "created"; "removed". */
void difference_say(const json_t *before, const json_t *after, struct buf *out);

#endif
