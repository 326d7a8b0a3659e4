/* SPDX-License-Identifier: MIT */
/*
 * feed.h — the newest calls, the one that ended last first, as far as they match a filter.
 *
 * Three sources become one list: what the event stream told of, the newest that the daemon has, and the newest
 * that it finds by the filter.  Held, the rows stay where they are and what comes in is only counted.
 */
#ifndef MODEL_FEED_H
#define MODEL_FEED_H

#include "model/filter.h"
#include "model/session.h"

struct buf;

struct feed {
	struct session *session;
	struct resource recent;         /* the newest, at most limit */
	unsigned limit;
	struct resource found;          /* the newest that match what the daemon can filter by */
	struct filter filter;
	json_t **rows;                  /* owned, each with a reference */
	size_t num_rows;
	bool held;
	bool stale;                     /* the filter changed */
	bool asked;                     /* answers to a question of ours are under way */
	uint64_t seen;                  /* of the tail, when the rows were made */
	uint64_t recent_version, found_version;
	uint64_t second_us, second_seen;        /* when this second began, and with how many */
	bool busy;                      /* more came in the last second than a person can follow */
};

void feed_init(struct feed *, struct session *);
void feed_release(struct feed *);

void feed_set_filter(struct feed *, const struct filter *);
void feed_hold(struct feed *, bool held);

/* Called while drawing, with the last row that is looked at: takes in what is new, unless held. */
void feed_use(struct feed *, size_t last);

/* Before the first answer. */
bool feed_is_empty_yet(const struct feed *);
/* Matching calls that came since the rows were made. */
uint64_t feed_waiting(const struct feed *);
/* "&team=x&model=y": what the spend of these calls can be asked by, too. */
void feed_spend_query(const struct feed *, struct buf *out);

#endif
