/* SPDX-License-Identifier: MIT */
/*
 * The prices that hold at one time are picked out of all there are here, and found again by name:
 *
 *   1. what somebody set for this provider and model, else for the model anywhere;
 *   2. what the catalogue says of a provider of that name and model, else of a provider of that kind;
 *   3. the same two for the model's name without its date ("gpt-5-mini-2025-08-07" is a gpt-5-mini).
 */
#include "routing/price_book.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config/chain_spec.h"
#include "store/store.h"

struct reader {
	struct price_book *book;
	int64_t at_ms;
	struct price *price;            /* of the rows read last; NULL: none of them holds */
	char name[CHAIN_TARGET_TEXT];   /* "provider/model" */
	int64_t from_at;
};

void price_book_init(struct price_book *book)
{
	map_init(&book->prices);
	map_init(&book->catalogue);
	arena_init(&book->arena);
}

void price_book_release(struct price_book *book)
{
	map_release(&book->prices);
	map_release(&book->catalogue);
	arena_release(&book->arena);
}

/* -- reading ------------------------------------------------------------------------------------- */

/* How names of models end that say only which release is meant; 9 is any digit. */
static const char *const release_endings[] = {"-9999-99-99", "-99999999", "@99999999", "-latest"};

static void add_tier(struct price *p, const struct price_row *row)
{
	struct price_tier *tier;

	if (p->num_tiers == PRICE_TIERS)
		return;
	tier = &p->tiers[p->num_tiers++];
	tier->id = row->id;
	tier->above_input = row->above_input;
	memcpy(tier->nusd_per_m, row->nusd_per_m, sizeof(tier->nusd_per_m));
	tier->request_nusd = row->request_nusd;
}

/* Rows come by model, provider, date and tier: a later date that has begun takes an earlier one's place. */
static int read_row(void *arg, const struct price_row *row)
{
	struct reader *r = arg;
	char name[CHAIN_TARGET_TEXT];

	if (row->from_at > r->at_ms)
		return 0;
	if (snprintf(name, sizeof(name), "%s/%s", row->provider, row->model) >= (int)sizeof(name))
		return 0;
	if (row->above_input == 0) {
		r->price = ARENA_NEW(&r->book->arena, struct price);
		r->from_at = row->from_at;
		memcpy(r->name, name, sizeof(name));
		map_put_text(price_is_catalogue(row) ? &r->book->catalogue : &r->book->prices, name, r->price);
	} else if (r->price == NULL || r->from_at != row->from_at || strcmp(r->name, name) != 0) {
		/* A tier of a price without a beginning says nothing about calls below it. */
		return 0;
	}
	add_tier(r->price, row);
	return 0;
}

int price_book_read(struct price_book *book, struct db *db, int64_t at_ms, bool in_use, struct err *err)
{
	struct reader r = {.book = book, .at_ms = at_ms};

	return in_use ? price_list_in_use(db, read_row, &r, err) : price_list(db, read_row, &r, err);
}

/* -- finding one again --------------------------------------------------------------------------- */

static const struct price *look_up(const struct map *prices, const char *provider, const char *model, size_t len)
{
	char name[CHAIN_TARGET_TEXT];

	if (snprintf(name, sizeof(name), "%s/%.*s", provider, (int)len, model) >= (int)sizeof(name))
		return NULL;
	return map_get_text(prices, name);
}

/* model: the first len bytes of it. */
static const struct price *find(const struct price_book *book, const char *provider, const char *kind, const char *model,
				size_t len)
{
	const struct price *price = look_up(&book->prices, provider, model, len);

	if (price == NULL)
		price = look_up(&book->prices, "", model, len);
	if (price == NULL)
		price = look_up(&book->catalogue, provider, model, len);
	if (price == NULL && kind != NULL)
		price = look_up(&book->catalogue, kind, model, len);
	return price;
}

static bool ends_like(const char *text, size_t len, const char *ending)
{
	size_t n = strlen(ending);

	if (len <= n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = text[len - n + i];

		if (ending[i] == '9' ? !isdigit((unsigned char)c) : c != ending[i])
			return false;
	}
	return true;
}

static size_t length_without_release(const char *model)
{
	size_t len = strlen(model);

	for (size_t i = 0; i < ARRAY_LEN(release_endings); i++)
		if (ends_like(model, len, release_endings[i]))
			return len - strlen(release_endings[i]);
	return len;
}

const struct price *price_book_find(const struct price_book *book, const char *provider, const char *kind, const char *model)
{
	size_t len = strlen(model), without = length_without_release(model);
	const struct price *price = find(book, provider, kind, model, len);

	return price != NULL || without == len ? price : find(book, provider, kind, model, without);
}
