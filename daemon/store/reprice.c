/* SPDX-License-Identifier: MIT */
/* Calls of unknown cost get one, and so do the sums they are part of, here. */
#include "store/reprice.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/ledger_private.h"
#include "store/ledger_store.h"

/* Read in pages, so that no row is changed under the statement that reads it. */
#define PAGE 500

struct page {
	struct unpriced_call calls[PAGE];
	size_t num;
	int64_t last_id;
};

static void read_call(struct stmt *s, struct unpriced_call *ret)
{
	const char *provider = stmt_text(s, "provider"), *model = stmt_text(s, "model");

	ret->id = stmt_int(s, "id");
	ret->team_id = stmt_int(s, "team_id");
	ret->key_id = stmt_int(s, "key_id");
	ret->provider_name = stmt_is_null(s, "provider_name") ? 0 : stmt_int(s, "provider_name");
	ret->model_name = stmt_is_null(s, "model_name") ? 0 : stmt_int(s, "model_name");
	ret->provider = xstrdup(provider != NULL ? provider : "");
	ret->model = xstrdup(model != NULL ? model : "");
	ledger_read_usage(s, &ret->usage);
}

static void page_clear(struct page *page)
{
	for (size_t i = 0; i < page->num; i++) {
		free((char *)page->calls[i].provider);
		free((char *)page->calls[i].model);
	}
	page->num = 0;
}

static int read_page(struct db *db, int64_t until_id, const char *model, struct page *page, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT c.*, p.name AS provider, m.name AS model FROM calls c "
				  "LEFT JOIN names p ON p.id = c.provider_name LEFT JOIN names m ON m.id = c.model_name "
				  "WHERE c.id > ?1 AND c.id < ?2 AND c.cost_nusd IS NULL "
				  "AND ifnull(c.input, 0) + ifnull(c.output, 0) > 0 AND (?3 IS NULL OR m.name = ?3) "
				  "ORDER BY c.id LIMIT ?4",
				  err);
	int rc;

	page_clear(page);
	if (s == NULL)
		return err->code;
	stmt_bind_int(s, page->last_id);
	stmt_bind_int(s, until_id);
	stmt_bind_text(s, model);
	stmt_bind_int(s, PAGE);
	while ((rc = stmt_step(s, err)) > 0) {
		read_call(s, &page->calls[page->num]);
		page->last_id = page->calls[page->num++].id;
	}
	stmt_reset(s);
	return rc;
}

static int write_row(struct db *db, int64_t id, int64_t cost_nusd, int64_t billed_nusd, int64_t price_id,
		     struct err *err)
{
	struct stmt *s = db_query(db, "UPDATE calls SET cost_nusd = ?, billed_nusd = ?, price_id = ? WHERE id = ?", err);

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, cost_nusd);
	stmt_bind_int(s, billed_nusd);
	stmt_bind_int(s, price_id != 0 ? price_id : INT64_MIN);
	stmt_bind_int(s, id);
	return stmt_run(s, err);
}

static int charge(struct db *db, const struct unpriced_call *call, reprice_cost *cost, void *arg,
		  struct rollup_sum *sum, struct repriced *ret, struct err *err)
{
	const struct rollup_cell cell = {0, call->team_id, call->key_id, call->provider_name, call->model_name};
	int64_t cost_nusd = COST_UNKNOWN, billed_nusd = COST_UNKNOWN, price_id = 0;
	int rc;

	if (!cost(arg, call, &cost_nusd, &billed_nusd, &price_id)) {
		ret->still_unknown++;
		return 0;
	}
	sum->cost_nusd = cost_nusd;
	sum->billed_nusd = billed_nusd;
	sum->unpriced = -1;
	rc = write_row(db, call->id, cost_nusd, billed_nusd, price_id, err);
	if (rc == 0)
		rc = rollup_put_all(db, id_wall_ms(call->id), &cell, sum, err);
	ret->calls++;
	ret->cost_nusd = money_add(ret->cost_nusd, cost_nusd);
	return rc;
}

int ledger_reprice(struct db *db, int64_t from_ms, int64_t until_ms, const char *model, int64_t max,
		   reprice_cost *cost, void *arg, struct repriced *ret, struct err *err)
{
	struct page *page = xcalloc(1, sizeof(*page));
	struct rollup_sum *sum = xcalloc(1, sizeof(*sum));
	int rc = 0;

	memset(ret, 0, sizeof(*ret));
	page->last_id = first_id_at(from_ms) - 1;
	do {
		rc = read_page(db, first_id_at(until_ms), model, page, err);
		for (size_t i = 0; rc == 0 && i < page->num; i++)
			rc = charge(db, &page->calls[i], cost, arg, sum, ret, err);
	} while (rc == 0 && page->num == PAGE && ret->calls + ret->still_unknown < max);
	page_clear(page);
	free(page);
	free(sum);
	return rc;
}
