/* SPDX-License-Identifier: MIT */
/*
 * price_book.h — what models cost at one time, found by name.
 *
 * A live view has the book of the time it was built; whoever charges a call afterwards reads the book of the
 * time of the call.
 */
#ifndef ROUTING_PRICE_BOOK_H
#define ROUTING_PRICE_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/map.h"
#include "ledger/price.h"

struct db;
struct err;

struct price_book {
	struct map prices;              /* "provider/model", or "/model" for anywhere → struct price */
	struct map catalogue;           /* the same of the prices that came with the program */
	struct arena arena;
};

void price_book_init(struct price_book *);
void price_book_release(struct price_book *);           /* it is usable again */

/* Fills an empty book with what holds at at_ms.  in_use: without what the catalogue says of providers that are
 * not there. */
int price_book_read(struct price_book *, struct db *, int64_t at_ms, bool in_use, struct err *err);

/* kind: the provider's, NULL where it is not known.  The model is also found under its name without a date.
 * NULL: unknown. */
const struct price *price_book_find(const struct price_book *, const char *provider, const char *kind, const char *model);

#endif
