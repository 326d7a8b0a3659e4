/* SPDX-License-Identifier: MIT */
/*
 * reprice.h — what calls cost is said anew, afterwards.
 *
 * Page by page: reprice_read() reads calls without holding anybody back, the caller says what each costs, and
 * reprice_write() changes the rows of those that cost something else, with every rollup they are part of, inside
 * the caller's transaction.  A row that is no longer as it was read is left alone, so whatever happens between
 * the two, and however often a page is written, rows and rollups stay equal.
 */
#ifndef STORE_REPRICE_H
#define STORE_REPRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dialects/usage.h"
#include "store/db.h"

struct err;

/* Calls of [from, until) that used something; a call that no provider could charge, or that was answered
 * from a cache, costs what it cost. */
struct reprice_query {
	int64_t from_ms, until_ms;
	bool all;                               /* also those that have a cost */
	const char *team, *model, *provider;    /* NULL: any */
};

struct charge {
	int64_t cost_nusd, billed_nusd;         /* COST_UNKNOWN */
	int64_t price_id;                       /* 0: none */
};

/* In money; the same amount by another price is no difference. */
static inline bool charge_differs(const struct charge *a, const struct charge *b)
{
	return a->cost_nusd != b->cost_nusd || a->billed_nusd != b->billed_nusd;
}

struct charged_call {
	int64_t id, team_id, key_id;
	int64_t provider_name, model_name;      /* names(id); 0: none */
	const char *team, *asked, *provider, *model;    /* live as long as the page; "" where there is none */
	int64_t markup_ppm;                     /* of the team, today */
	struct usage usage;
	struct charge was;
	struct charge is;                       /* filled in by the caller; as it was, to begin with */
	bool has_price;                         /* the caller's own */
	bool written;                           /* by reprice_write() */
};

/* Rows looked at in one page: so few that a page is read in two milliseconds and written in ten, when no two of its calls share a sum. */
#define REPRICE_PAGE 250

struct reprice_page {
	struct charged_call calls[REPRICE_PAGE];
	size_t num;
	int64_t last_id;                        /* looked at so far; 0: none */
	bool at_end;
	struct arena arena;
};

void reprice_page_init(struct reprice_page *);
void reprice_page_release(struct reprice_page *);

/* The calls behind last_id; a page may hold none and not be the last. */
int reprice_read(struct db *, const struct reprice_query *, struct reprice_page *, struct err *err);
int reprice_write(struct db *, struct reprice_page *, struct err *err);

#endif
