/* SPDX-License-Identifier: MIT */
/* Budgets are listed, put and removed here; what is spent of them is the ledger's to say. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/store.h"
#include "store/store_private.h"

#define COLUMNS "id, scope, scope_id, model, amount_nusd, window, utc_offset_min, mode, created_at"

/* The text as a literal that outlives the row. */
static const char *scope_literal(const char *scope)
{
	static const char *const scopes[] = {"team", "key", "provider", "gateway"};

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (strcmp(scopes[i], scope) == 0)
			return scopes[i];
	return "";
}

/* Its texts but scope are borrowed until the next step. */
static void read_row(struct stmt *s, struct budget_row *r)
{
	r->id = stmt_int(s, "id");
	r->scope = scope_literal(stmt_text(s, "scope"));
	r->scope_id = stmt_int(s, "scope_id");
	r->model = row_text(s, "model");
	r->amount_nusd = stmt_int(s, "amount_nusd");
	r->window = row_text(s, "window");
	r->utc_offset_min = stmt_int(s, "utc_offset_min");
	r->mode = row_text(s, "mode");
	r->created_at = stmt_int(s, "created_at");
}

void budget_row_release(struct budget_row *r)
{
	free(r->model);
	free(r->window);
	free(r->mode);
	*r = (struct budget_row){0};
}

static int walk(struct stmt *s, budget_each *each, void *arg, struct err *err)
{
	struct budget_row row;
	int rc;

	while ((rc = stmt_step(s, err)) > 0) {
		read_row(s, &row);
		rc = each(arg, &row);
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

int budget_list(struct db *db, budget_each *each, void *arg, struct err *err)
{
	/* The order of the index there is, so that nothing is sorted. */
	return walk(db_query(db, "SELECT " COLUMNS " FROM budgets ORDER BY scope, scope_id, model, window", err), each, arg,
		    err);
}

int budget_list_of(struct db *db, const char *scope, int64_t scope_id, budget_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT " COLUMNS " FROM budgets WHERE scope = ? AND scope_id = ? ORDER BY id", err);

	stmt_bind_text(s, scope);
	stmt_bind_int(s, scope_id);
	return walk(s, each, arg, err);
}

int budget_put(struct db *db, struct budget_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT INTO budgets (scope, scope_id, model, amount_nusd, window, utc_offset_min, mode,"
				  " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
				  " ON CONFLICT (scope, scope_id, model, window) DO UPDATE SET amount_nusd ="
				  " excluded.amount_nusd, utc_offset_min = excluded.utc_offset_min, mode = excluded.mode"
				  " RETURNING id, created_at",
				  err);
	int rc;

	stmt_bind_text(s, r->scope);
	stmt_bind_int(s, r->scope_id);
	stmt_bind_text(s, r->model != NULL ? r->model : "");
	stmt_bind_int(s, r->amount_nusd);
	stmt_bind_text(s, r->window);
	stmt_bind_int(s, r->utc_offset_min);
	stmt_bind_text(s, r->mode != NULL ? r->mode : "standard");
	stmt_bind_int(s, r->created_at);
	rc = stmt_step(s, err);
	if (rc <= 0)
		return rc;
	r->id = stmt_int(s, "id");
	r->created_at = stmt_int(s, "created_at");
	return stmt_run(s, err);
}

int budget_delete(struct db *db, int64_t id, struct err *err)
{
	struct stmt *s = db_query(db, "DELETE FROM budgets WHERE id = ?", err);
	int rc;

	stmt_bind_int(s, id);
	rc = stmt_run(s, err);
	if (rc < 0)
		return rc;
	return db_changes(db) > 0 ? 0 : err_set(err, ERR_NOT_FOUND, "no budget with id %lld", (long long)id);
}

int budget_delete_others(struct db *db, const char *scope, int64_t scope_id, const char *keep_window,
			 const char *keep_model, struct err *err)
{
	/* Nothing equals NULL: without a window, or with one and no model, the comparison keeps none. */
	struct stmt *s = db_query(db,
				  "DELETE FROM budgets WHERE scope = ? AND scope_id = ?"
				  " AND NOT coalesce(window = ? AND model = ?, 0)",
				  err);

	stmt_bind_text(s, scope);
	stmt_bind_int(s, scope_id);
	stmt_bind_text(s, keep_window);
	stmt_bind_text(s, keep_model);
	return stmt_run(s, err);
}
