/* SPDX-License-Identifier: MIT */
/*
 * price_dates.h — prices as they follow each other: which one holds, and how a new date begins.
 *
 * The rows of one date are one price: a base and its tiers.  Whoever begins a new date with one of
 * them takes the others over, or they would be gone.
 */
#ifndef STORE_PRICE_DATES_H
#define STORE_PRICE_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

struct err;

/* The row that holds for exactly this provider ("" = any), model and tier then; 0: none. */
int price_holding(struct db *, const char *provider, const char *model, int64_t above_input, int64_t at_ms,
		  int64_t *ret_id, struct err *err);

/* When the next price comes into force, wall ms; INT64_MAX: none is waiting. */
int price_next(struct db *, int64_t now_ms, int64_t *ret_ms, struct err *err);

/* The newest date that has begun of this provider and model, and when somebody last spoke about it;
 * *ret_from INT64_MIN: there is none. */
int price_newest(struct db *, const char *provider, const char *model, int64_t at_ms, int64_t *ret_from,
		 int64_t *ret_created, struct err *err);

/* Whether anybody has priced exactly this provider and model, the catalogue aside.  above_input -1: any tier. */
int price_is_set(struct db *, const char *provider, const char *model, int64_t above_input, bool *ret,
		 struct err *err);

/* Forgets what the catalogue says of the time after after_ms, which must not have begun: no call was charged by
 * it. */
int price_drop_announced(struct db *, const char *provider, const char *model, int64_t after_ms, struct err *err);

/* Copies what the date before from_ms says of the other tiers to from_ms, where nothing is said yet, as said by
 * whoever put the row of above_input there. */
int price_carry(struct db *, const char *provider, const char *model, int64_t above_input, int64_t from_ms,
		struct err *err);

#endif
