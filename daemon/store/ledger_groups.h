/* SPDX-License-Identifier: MIT */
/*
 * ledger_groups.h — cells of rollups and rows of calls, added up in memory by when, whom and what.
 */
#ifndef STORE_LEDGER_GROUPS_H
#define STORE_LEDGER_GROUPS_H

#include "base/map.h"
#include "store/ledger_store.h"

/* Groups of one answer, 2.4 KiB each. */
#define GROUPS_MAX 100000

/* An id of nothing: no second dimension, no app. */
#define GROUP_NONE INT64_MIN

struct group {
	int64_t at_ms;          /* when its bucket began; 0: there is one for the whole window */
	int64_t of[2];          /* ids of what it is grouped by; of a tag its number */
	struct rollup_sum sum;
};

struct groups {
	int64_t bucket_ms;      /* 0: the whole window is one */
	struct map by_key;      /* at_ms and of[] → struct group, owned */
	struct map numbers;     /* tag → its number, from 1 */
	char **words;           /* by number less one; owned */
	size_t num_words;
	struct group *last;     /* cells of one group mostly follow each other */
};

void groups_init(struct groups *, int64_t bucket_ms);
void groups_release(struct groups *);

/* Adds all that s answers with: `at` (times unit_ms is when it began; an id of a call when unit_ms is 0),
 * two dimensions, SUM_COLUMNS.  ERR_FULL when there are too many. */
struct stmt;
int groups_add_all(struct groups *, struct stmt *s, int64_t unit_ms, struct err *err);

/* The text of a tag's number. */
const char *groups_word(const struct groups *, int64_t number);

/* The dearest first, at most limit (0: all), and of those the earliest first.  The list is the caller's. */
struct group **groups_sort(const struct groups *, size_t limit, size_t *ret_num);

#endif
