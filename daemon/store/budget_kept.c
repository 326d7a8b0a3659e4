/* SPDX-License-Identifier: MIT */
/* Sums that budgets need of calls and rollups about to be deleted are kept here. */
#include "store/budget_kept.h"

#include "base/err.h"
#include "budget/window.h"
#include "store/ledger_private.h"
#include "store/store.h"

/* Longer than any window that begins off a day's boundary. */
#define LONGEST_WINDOW_MS (INT64_C(367) * 86400000)

int budget_kept_get(struct db *db, const char *scope, int64_t scope_id, const char *model, int64_t from_ms,
		    struct budget_kept *ret, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT counted_at, until_at, nusd FROM budget_kept"
				  " WHERE scope = ? AND scope_id = ? AND model = ? AND from_at = ?",
				  err);
	int rc;

	stmt_bind_text(s, scope);
	stmt_bind_int(s, scope_id);
	stmt_bind_text(s, model);
	stmt_bind_int(s, from_ms);
	rc = stmt_step(s, err);
	if (rc > 0)
		*ret = (struct budget_kept){true, stmt_int(s, "counted_at"), stmt_int(s, "until_at"), stmt_int(s, "nusd")};
	else
		*ret = (struct budget_kept){false, from_ms, from_ms, 0};
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

static int put(struct db *db, const struct budget_row *b, int64_t from_ms, const struct budget_kept *kept, struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT OR REPLACE INTO budget_kept (scope, scope_id, model, from_at, counted_at, until_at, nusd)"
				  " VALUES (?, ?, ?, ?, ?, ?, ?)",
				  err);

	stmt_bind_text(s, b->scope);
	stmt_bind_int(s, b->scope_id);
	stmt_bind_text(s, b->model);
	stmt_bind_int(s, from_ms);
	stmt_bind_int(s, kept->counted_ms);
	stmt_bind_int(s, kept->until_ms);
	stmt_bind_int(s, kept->nusd);
	return stmt_run(s, err);
}

/* What is about to happen to the ledger. */
struct loss {
	struct db *db;
	const struct horizons *before, *after;  /* after: of edges */
	int64_t until_ms;                       /* of calls */
	int64_t now_ms;
	struct err *err;
};

static int64_t window_begin(const struct budget_row *b, int64_t now_ms)
{
	struct window window = {.utc_offset_min = (int)b->utc_offset_min};
	int64_t from_ms, until_ms;

	window_parse(b->window, &window.kind);
	window_bounds(window, now_ms, &from_ms, &until_ms);
	return from_ms;
}

/* Keeps what the budget's scope spent from where it was kept already until then. */
static int keep(const struct loss *loss, const struct budget_row *b, int64_t from_ms, struct budget_kept *kept,
		int64_t until_ms)
{
	int rc = spent_between(loss->db, loss->before, b->scope, b->scope_id, b->model, kept->until_ms, until_ms,
			       &kept->nusd, loss->err);

	kept->until_ms = until_ms;
	return rc == 0 ? put(loss->db, b, from_ms, kept, loss->err) : rc;
}

static int keep_calls(void *arg, const struct budget_row *b)
{
	const struct loss *loss = arg;
	int64_t from_ms = window_begin(b, loss->now_ms), gone_ms = loss->before->of[HORIZON_CALLS].gone_ms;
	struct budget_kept kept;
	int rc;

	if (b->model[0] == '\0' || from_ms >= loss->until_ms)
		return 0;
	rc = budget_kept_get(loss->db, b->scope, b->scope_id, b->model, from_ms, &kept, loss->err);
	if (rc == 0 && kept.until_ms < gone_ms)
		kept = (struct budget_kept){true, gone_ms, gone_ms, 0};
	return rc == 0 && kept.until_ms < loss->until_ms ? keep(loss, b, from_ms, &kept, loss->until_ms) : rc;
}

int budget_kept_calls(struct db *db, const struct horizons *h, int64_t until_ms, int64_t now_ms, struct err *err)
{
	struct loss loss = {.db = db, .before = h, .until_ms = until_ms, .now_ms = now_ms, .err = err};
	int rc = budget_list(db, keep_calls, &loss, err);
	struct stmt *s;

	if (rc < 0)
		return rc;
	/* Of windows that are over and budgets that are gone: it would be a gap from here on. */
	s = db_query(db, "DELETE FROM budget_kept WHERE model <> '' AND until_at < ?", err);
	stmt_bind_int(s, until_ms);
	return stmt_run(s, err);
}

static int keep_edge(void *arg, const struct budget_row *b)
{
	const struct loss *loss = arg;
	int64_t from_ms = window_begin(b, loss->now_ms), cell_ms, until_ms;
	unsigned units = spent_units(b->scope);
	struct budget_kept kept;
	int rc;

	if (b->model[0] != '\0')
		return 0;
	rc = budget_kept_get(loss->db, b->scope, b->scope_id, b->model, from_ms, &kept, loss->err);
	if (rc < 0)
		return rc;
	cell_ms = window_cell_ms(loss->after, units, units, kept.until_ms);
	until_ms = (kept.until_ms + cell_ms - 1) / cell_ms * cell_ms;
	return until_ms > kept.until_ms ? keep(loss, b, from_ms, &kept, until_ms) : 0;
}

int budget_kept_edges(struct db *db, const struct horizons *before, const struct horizons *after, int64_t now_ms,
		      struct err *err)
{
	struct loss loss = {.db = db, .before = before, .after = after, .now_ms = now_ms, .err = err};
	int rc = budget_list(db, keep_edge, &loss, err);
	struct stmt *s;

	if (rc < 0)
		return rc;
	s = db_query(db, "DELETE FROM budget_kept WHERE model = '' AND from_at < ?", err);
	stmt_bind_int(s, now_ms - LONGEST_WINDOW_MS);
	return stmt_run(s, err);
}

int budget_kept_correct(struct db *db, int64_t wall_ms, const struct rollup_cell *call, const char *asked, int64_t nusd,
			struct err *err)
{
	struct stmt *s = db_query(db,
				  "UPDATE budget_kept SET nusd = nusd + ?1 WHERE from_at <= ?2 AND until_at > ?2 AND model IN ('', ?3)"
				  " AND CASE scope WHEN 'team' THEN scope_id = ?4 WHEN 'key' THEN scope_id = ?5 WHEN 'provider' THEN"
				  " scope_id = (SELECT p.id FROM providers p JOIN names n ON n.name = p.name WHERE n.id = ?6) ELSE 1 END",
				  err);

	stmt_bind_int(s, nusd);
	stmt_bind_int(s, wall_ms);
	stmt_bind_text(s, asked);
	stmt_bind_int(s, call->team_id);
	stmt_bind_int(s, call->key_id);
	stmt_bind_int(s, call->provider_name);
	return stmt_run(s, err);
}
