/* SPDX-License-Identifier: MIT */
/* tail.h — the newest calls, as the event stream told of them, newest first; older ones drop out. */
#ifndef MODEL_TAIL_H
#define MODEL_TAIL_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define TAIL_CALLS 1000

struct tail {
	json_t *calls[TAIL_CALLS];      /* owned; a ring */
	size_t next;                    /* where the next one goes */
	size_t count;
	uint64_t seen;                  /* all that ever came, those left out included */
	uint64_t skipped;               /* that the daemon left out, as too many */
};

void tail_init(struct tail *);
void tail_release(struct tail *);
void tail_add(struct tail *, json_t *call);     /* takes a reference of its own */
void tail_skip(struct tail *, uint64_t calls);
/* The i-th newest, borrowed; NULL beyond count. */
json_t *tail_peek(const struct tail *, size_t i);

#endif
