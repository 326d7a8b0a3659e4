/* SPDX-License-Identifier: MIT */
/*
 * listing.h — a list of the admin API, of which only what is looked at is fetched.
 *
 * The daemon sorts, filters and counts; here is a window of at most a thousand rows around what is
 * drawn.  What the daemon cannot filter by is left out here, of the rows that are here.
 */
#ifndef MODEL_LISTING_H
#define MODEL_LISTING_H

#include "model/filter.h"
#include "model/session.h"

enum paging {
	PAGING_OFFSET,          /* limit and offset, with a total */
	PAGING_NEWEST,          /* newest first without a total: more are asked for towards the end */
};

struct listing {
	struct resource resource;
	const char *base;       /* "/v1/teams"; borrowed for good */
	enum paging paging;
	char *extra;            /* owned: "&team=x", fixed by the screen; may be NULL */
	const char *sort;       /* borrowed; NULL: as compare says, or the daemon's own order */
	bool descending;
	/* An order the daemon has no name for, over the rows that are here.  May be NULL. */
	int (*compare)(const json_t *, const json_t *);
	struct filter filter;
	size_t offset, limit;
	/* Of what was fetched last: */
	uint64_t version;
	size_t fetched_offset, total;
	size_t *rows;           /* owned: those of the window that match */
	size_t num_rows;
};

void listing_init(struct listing *, struct session *, const char *base, enum paging, enum refresh);
void listing_release(struct listing *);

/* After sort, filter or extra were changed. */
void listing_changed(struct listing *);
void listing_set_extra(struct listing *, const char *extra);

/* Called while drawing: rows first to first + count are looked at. */
void listing_use(struct listing *, size_t first, size_t count);

size_t listing_count(struct listing *);
/* Borrowed; NULL where it was not fetched. */
json_t *listing_row(struct listing *, size_t i);
/* Before the first answer. */
bool listing_is_empty_yet(const struct listing *);

#endif
