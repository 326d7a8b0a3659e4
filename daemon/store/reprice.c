/* SPDX-License-Identifier: MIT */
/* Calls are read with what they cost, and get another cost with all the sums they are part of, here. */
#include "store/reprice.h"

#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/money.h"
#include "ledger/record.h"
#include "store/budget_kept.h"
#include "store/ledger_private.h"
#include "store/ledger_store.h"

#define MINUTE_MS INT64_C(60000)

void reprice_page_init(struct reprice_page *page)
{
	memset(page, 0, sizeof(*page));
	arena_init(&page->arena);
}

void reprice_page_release(struct reprice_page *page)
{
	arena_release(&page->arena);
	page->num = 0;
}

/* -- reading ------------------------------------------------------------------------------------- */

static const char *keep_text(struct reprice_page *page, struct stmt *s, const char *column)
{
	const char *text = stmt_text(s, column);

	return text != NULL ? arena_copy(&page->arena, text, strlen(text)) : "";
}

static int64_t number(struct stmt *s, const char *column)
{
	return stmt_is_null(s, column) ? 0 : stmt_int(s, column);
}

static void read_call(struct reprice_page *page, struct stmt *s)
{
	struct charged_call *call = &page->calls[page->num++];

	call->id = stmt_int(s, "id");
	call->team_id = stmt_int(s, "team_id");
	call->key_id = stmt_int(s, "key_id");
	call->provider_name = number(s, "provider_name");
	call->model_name = number(s, "model_name");
	call->team = keep_text(page, s, "team");
	call->asked = keep_text(page, s, "asked");
	call->provider = keep_text(page, s, "provider");
	call->model = keep_text(page, s, "model");
	call->markup_ppm = number(s, "markup_ppm");
	ledger_read_usage(s, &call->usage);
	call->was = (struct charge){stmt_int(s, "cost_nusd"), stmt_int(s, "billed_nusd"), number(s, "price_id")};
	call->is = call->was;
	call->has_price = call->written = false;
}

/* Where a page ends: rows are counted, not matches, so that none takes long. */
static int find_end(struct db *db, int64_t after_id, int64_t until_id, int64_t *ret_last_id, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT id FROM calls WHERE id > ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?", err);
	int rc;

	stmt_bind_int(s, after_id);
	stmt_bind_int(s, until_id);
	stmt_bind_int(s, REPRICE_PAGE - 1);
	rc = stmt_step(s, err);
	if (rc > 0)
		*ret_last_id = stmt_int(s, "id");
	stmt_reset(s);
	return rc;
}

/* A cost of 0 that no price led to is that of a call nobody could charge for. */
#define SELECT                                                                                     \
	"SELECT c.*, t.name AS team, t.markup_ppm, a.name AS asked, p.name AS provider, m.name AS model FROM calls c " \
	"LEFT JOIN teams t ON t.id = c.team_id LEFT JOIN names a ON a.id = c.asked_name "           \
	"LEFT JOIN names p ON p.id = c.provider_name LEFT JOIN names m ON m.id = c.model_name "     \
	"WHERE c.id > ?1 AND c.id <= ?2 AND (c.input IS NOT NULL OR c.output IS NOT NULL) "         \
	"AND (c.cost_nusd IS NULL OR (?3 AND (c.cost_nusd > 0 OR c.price_id IS NOT NULL))) AND c.flags & ?4 = 0 " \
	"AND (?5 IS NULL OR t.name = ?5) AND (?6 IS NULL OR p.name = ?6) AND (?7 IS NULL OR m.name = ?7) ORDER BY c.id"

static int read_calls(struct db *db, const struct reprice_query *q, int64_t after_id, struct reprice_page *page,
		      struct err *err)
{
	struct stmt *s = db_query(db, SELECT, err);
	int rc;

	stmt_bind_int(s, after_id);
	stmt_bind_int(s, page->last_id);
	stmt_bind_int(s, q->all);
	stmt_bind_int(s, CALL_CACHED);
	stmt_bind_text(s, q->team);
	stmt_bind_text(s, q->provider);
	stmt_bind_text(s, q->model);
	while ((rc = stmt_step(s, err)) > 0)
		read_call(page, s);
	stmt_reset(s);
	return rc;
}

int reprice_read(struct db *db, const struct reprice_query *q, struct reprice_page *page, struct err *err)
{
	int64_t first_id = first_id_at(q->from_ms), until_id = first_id_at(q->until_ms);
	int64_t after_id = page->last_id < first_id ? first_id - 1 : page->last_id;
	int rc;

	reprice_page_release(page);
	page->last_id = until_id - 1;
	rc = find_end(db, after_id, until_id, &page->last_id, err);
	page->at_end = rc == 0;
	return rc < 0 ? rc : read_calls(db, q, after_id, page, err);
}

/* -- writing ------------------------------------------------------------------------------------- */

/* What a page adds to each minute of each caller: calls of a page are neighbours, so there are few. */
struct corrections {
	struct map places;              /* struct rollup_cell of a minute → struct rollup_correction in the arena */
	struct arena *arena;
};

static int64_t known(int64_t nusd)
{
	return nusd != COST_UNKNOWN ? nusd : 0;
}

static void add_correction(struct corrections *all, const struct charged_call *call)
{
	const struct rollup_cell cell = {id_wall_ms(call->id) / MINUTE_MS, call->team_id, call->key_id, call->provider_name,
					 call->model_name};
	bool had_tokens = usage_get(&call->usage, USAGE_INPUT) + usage_get(&call->usage, USAGE_OUTPUT) > 0;
	struct rollup_correction *by = map_get(&all->places, &cell, sizeof(cell));

	if (by == NULL) {
		by = ARENA_NEW(all->arena, struct rollup_correction);
		map_put(&all->places, &cell, sizeof(cell), by);
	}
	by->cost_nusd = money_add(by->cost_nusd, known(call->is.cost_nusd) - known(call->was.cost_nusd));
	by->billed_nusd = money_add(by->billed_nusd, known(call->is.billed_nusd) - known(call->was.billed_nusd));
	by->unpriced -= had_tokens && call->was.cost_nusd == COST_UNKNOWN;
}

/* Only while it is as it was read. */
static int write_row(struct db *db, struct charged_call *call, struct err *err)
{
	struct stmt *s = db_query(db,
				  "UPDATE calls SET cost_nusd = ?, billed_nusd = ?, price_id = ? "
				  "WHERE id = ? AND cost_nusd IS ? AND billed_nusd IS ?",
				  err);
	int rc;

	stmt_bind_int(s, call->is.cost_nusd);
	stmt_bind_int(s, call->is.billed_nusd);
	stmt_bind_int(s, call->is.price_id != 0 ? call->is.price_id : INT64_MIN);
	stmt_bind_int(s, call->id);
	stmt_bind_int(s, call->was.cost_nusd);
	stmt_bind_int(s, call->was.billed_nusd);
	rc = stmt_run(s, err);
	call->written = rc == 0 && db_changes(db) > 0;
	return rc;
}

static int write_rollups(struct db *db, const struct corrections *all, struct err *err)
{
	int rc = 0;

	for (const struct map_entry *e = map_next(&all->places, NULL); e != NULL && rc == 0; e = map_next(&all->places, e)) {
		const struct rollup_correction *by = e->value;
		struct rollup_cell cell;

		memcpy(&cell, e->key, sizeof(cell));
		rc = rollup_correct_all(db, cell.at * MINUTE_MS, &cell, by, err);
		/* Budgets of one model sum up the rows themselves; others may have kept their sum of them. */
		if (rc == 0)
			rc = budget_kept_correct(db, cell.at * MINUTE_MS, &cell, "", by->cost_nusd, err);
	}
	return rc;
}

int reprice_write(struct db *db, struct reprice_page *page, struct err *err)
{
	struct corrections all = {.arena = &page->arena};
	int rc = 0;

	map_init(&all.places);
	for (size_t i = 0; i < page->num && rc == 0; i++) {
		struct charged_call *call = &page->calls[i];

		if (!charge_differs(&call->is, &call->was))
			continue;
		rc = write_row(db, call, err);
		if (call->written)
			add_correction(&all, call);
	}
	if (rc == 0)
		rc = write_rollups(db, &all, err);
	map_release(&all.places);
	return rc;
}
