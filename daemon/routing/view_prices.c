/* SPDX-License-Identifier: MIT */
/* The prices that hold when a view is built are picked out of all there are here. */
#include <stdio.h>
#include <string.h>

#include "config/chain_spec.h"
#include "routing/view_private.h"
#include "store/store.h"

struct reader {
	struct view *view;
	struct price *price;            /* of the rows read last; NULL: none of them holds */
	char name[CHAIN_TARGET_TEXT];   /* "provider/model" */
	int64_t from_at;
};

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

	if (row->from_at > r->view->built_ms)
		return 0;
	if (snprintf(name, sizeof(name), "%s/%s", row->provider, row->model) >= (int)sizeof(name))
		return 0;
	if (row->above_input == 0) {
		r->price = ARENA_NEW(&r->view->parts->arena, struct price);
		r->from_at = row->from_at;
		memcpy(r->name, name, sizeof(name));
		map_put_text(&r->view->parts->prices, name, r->price);
	} else if (r->price == NULL || r->from_at != row->from_at || strcmp(r->name, name) != 0) {
		/* A tier of a price without a beginning says nothing about calls below it. */
		return 0;
	}
	add_tier(r->price, row);
	return 0;
}

int view_read_prices(struct view *v, struct db *db, struct err *err)
{
	struct reader r = {.view = v};

	return price_list(db, read_row, &r, err);
}
