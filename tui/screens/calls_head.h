/* SPDX-License-Identifier: MIT */
/* calls_head.h — the line above the calls: how many a minute, and how many of those below ended badly. */
#ifndef SCREENS_CALLS_HEAD_H
#define SCREENS_CALLS_HEAD_H

#include "app/app.h"
#include "model/feed.h"

struct calls_head {
	struct resource spend;          /* by the minute, of the same filter */
	int64_t asked_s;                /* when it was fetched last */
};

void calls_head_open(struct calls_head *, struct session *);
void calls_head_close(struct calls_head *);
void calls_head_set_filter(struct calls_head *, const struct feed *);
void calls_head_draw(struct calls_head *, const struct feed *, struct area);

#endif
