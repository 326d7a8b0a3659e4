/* SPDX-License-Identifier: MIT */
/*
 * reprice_sums.h — what calls cost before and after they are priced anew, in all, by model and by team.
 */
#ifndef ADMIN_REPRICE_SUMS_H
#define ADMIN_REPRICE_SUMS_H

#include <jansson.h>
#include <stdbool.h>

struct charged_call;
struct reprice_sums;

struct reprice_sums *reprice_sums_new(void);
void reprice_sums_free(struct reprice_sums *);          /* NULL is fine */

/* has_price: a price held when the call was made.  Without one it stays as it is. */
void reprice_sums_add(struct reprice_sums *, const struct charged_call *, bool has_price);

/* Adds the members schema/README.md names to an answer: repriced, …, models, teams. */
void reprice_sums_show(const struct reprice_sums *, json_t *answer);

/* For the audit: {calls, cost_usd, billed_usd, unpriced} of what is repriced, before and after.  New references. */
json_t *reprice_sums_before(const struct reprice_sums *);
json_t *reprice_sums_after(const struct reprice_sums *);

#endif
