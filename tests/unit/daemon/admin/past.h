/* SPDX-License-Identifier: MIT */
/* past.h — calls of any age for tests of questions about them: rows and rollups, as the writer makes them. */
#ifndef TESTS_ADMIN_PAST_H
#define TESTS_ADMIN_PAST_H

#include "ask.h"
#include "base/id.h"
#include "base/money.h"
#include "store/ledger_store.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)

struct past_call {
	int64_t at_ms;
	int64_t key_id;                 /* 0: the first */
	const char *model, *app;
	int64_t input, output, cache_read, cost_nusd, total_us;
};

/* Of the first team. */
static inline void past_add(const struct past_call *c)
{
	static int64_t sequence;
	struct call_record *r = xcalloc(1, sizeof(*r));
	struct rollup_sum *sum = xcalloc(1, sizeof(*sum));
	struct err err = {0};
	struct rollup_cell cell;

	r->id = id_first_at(c->at_ms) + ++sequence;
	r->team_id = 1;
	r->key_id = c->key_id != 0 ? c->key_id : 1;
	copy_text(r->asked, sizeof(r->asked), c->model);
	copy_text(r->provider, sizeof(r->provider), "a");
	copy_text(r->model, sizeof(r->model), c->model);
	copy_text(r->app, sizeof(r->app), c->app != NULL ? c->app : "");
	r->status = 200;
	usage_init(&r->usage);
	usage_set(&r->usage, USAGE_INPUT, c->input, USAGE_REPORTED);
	usage_set(&r->usage, USAGE_OUTPUT, c->output, USAGE_REPORTED);
	usage_set(&r->usage, USAGE_CACHE_READ, c->cache_read, USAGE_REPORTED);
	r->cost_nusd = r->billed_nusd = c->cost_nusd;
	r->total_us = c->total_us;
	r->first_byte_us = -1;
	CHECK_INT(ledger_insert(the_admin.db, r, &err), 1);
	rollup_add(sum, r);
	cell = (struct rollup_cell){0, r->team_id, r->key_id, name_intern(the_admin.db, r->provider, &err),
				    name_intern(the_admin.db, r->model, &err)};
	CHECK_INT(rollup_put_all(the_admin.db, c->at_ms, &cell, sum, &err), 0);
	free(sum);
	free(r);
}

/* The team "search" with the keys "ci" and "web". */
static inline void past_open(void)
{
	admin_open();
	ask("POST", "/v1/teams", "{\"name\": \"search\"}");
	ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\"}");
	ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"web\"}");
	CHECK_INT(status, 201);
}

#endif
