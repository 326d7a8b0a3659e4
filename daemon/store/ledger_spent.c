/* SPDX-License-Identifier: MIT */
/* What a budget's scope has spent in a window is added up here: what was kept of it, rollups and, at the edges, rows. */
#include "store/ledger_store.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/budget_kept.h"
#include "store/ledger_private.h"

/* Whose calls; each with one parameter, the scope's id. */
static const struct scope {
	const char *name;
	const char *condition;
	unsigned knows;         /* what a rollup has to know to tell */
	const char *column;     /* its id; NULL: not there as such */
} scopes[] = {
	{"team", "team_id = ?", KNOWS_TEAM, "team_id"},
	{"key", "key_id = ?", KNOWS_KEY, "key_id"},
	{"provider",
	 "provider_name = (SELECT n.id FROM names n JOIN providers p ON p.name = n.name WHERE p.id = ?)", KNOWS_TARGET, NULL},
	{"gateway", "? IS NOT NULL", 0, NULL},
};

static int add_part(struct db *db, const struct scope *scope, int64_t scope_id, const char *model, const struct part *part,
		    int64_t *sum, struct err *err)
{
	bool is_rows = part->unit == PART_ROWS;
	const char *at = is_rows ? "id" : "at";
	char sql[512];
	struct stmt *s;
	int rc;

	snprintf(sql, sizeof(sql), "SELECT ifnull(sum(cost_nusd), 0) AS cost FROM %s WHERE %s >= ? AND %s < ? AND %s%s",
		 is_rows ? "calls" : rollup_table(part->unit, scope->knows), at, at, scope->condition,
		 *model != '\0' ? " AND asked_name = (SELECT id FROM names WHERE name = ?)" : "");
	s = db_query(db, sql, err);
	stmt_bind_int(s, part->from);
	stmt_bind_int(s, part->until);
	stmt_bind_int(s, scope_id);
	if (*model != '\0')
		stmt_bind_text(s, model);
	rc = stmt_step(s, err);
	if (rc > 0)
		*sum = money_add(*sum, stmt_int(s, "cost"));
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

static const struct scope *find_scope(const char *name, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (strcmp(scopes[i].name, name) == 0)
			return &scopes[i];
	err_set(err, ERR_INVALID, "no budget scope is called \"%s\"", name);
	return NULL;
}

unsigned spent_units(const char *scope_name)
{
	const struct scope *scope = find_scope(scope_name, NULL);

	return scope != NULL ? rollup_units(scope->knows) : 0;
}

/* Rollups do not know what was asked for: a model is summed from all the rows there are. */
static size_t split_window(const struct horizons *h, const struct scope *scope, const char *model, struct span window,
			   struct part parts[PARTS_MAX])
{
	unsigned units = rollup_units(scope->knows);

	if (*model == '\0')
		return window_split(h, units, units, &window, parts);
	if (window.from_ms < h->of[HORIZON_CALLS].gone_ms)
		window.from_ms = h->of[HORIZON_CALLS].gone_ms;
	parts[0] = (struct part){PART_ROWS, first_id_at(window.from_ms), first_id_at(window.until_ms)};
	return window.from_ms < window.until_ms;
}

int spent_between(struct db *db, const struct horizons *h, const char *scope_name, int64_t scope_id, const char *model,
		  int64_t from_ms, int64_t until_ms, int64_t *sum, struct err *err)
{
	const struct scope *scope = find_scope(scope_name, err);
	struct part parts[PARTS_MAX];
	size_t num;
	int rc = 0;

	if (scope == NULL)
		return ERR_INVALID;
	num = split_window(h, scope, model, (struct span){from_ms, until_ms}, parts);
	for (size_t i = 0; i < num && rc == 0; i++)
		rc = add_part(db, scope, scope_id, model, &parts[i], sum, err);
	return rc;
}

static int sum_up(struct db *db, const char *scope, int64_t scope_id, const char *model, int64_t from_ms,
		  int64_t until_ms, int64_t *ret_nusd, struct err *err)
{
	struct budget_kept kept;
	struct horizons horizons;
	int rc = horizons_get(db, &horizons, err);

	if (rc == 0)
		rc = budget_kept_get(db, scope, scope_id, model, from_ms, &kept, err);
	if (rc == 0 && kept.until_ms < until_ms)
		rc = spent_between(db, &horizons, scope, scope_id, model, kept.until_ms, until_ms, &kept.nusd, err);
	if (rc == 0)
		*ret_nusd = kept.nusd;
	return rc;
}

/* One snapshot, whether or not the caller has a transaction of its own. */
int ledger_spent(struct db *db, const char *scope, int64_t scope_id, const char *model, int64_t from_ms,
		 int64_t until_ms, int64_t *ret_nusd, struct err *err)
{
	int rc = db_exec(db, "SAVEPOINT spent", err);

	if (rc < 0)
		return rc;
	rc = sum_up(db, scope, scope_id, model, from_ms, until_ms, ret_nusd, err);
	db_exec(db, "RELEASE spent", NULL);
	return rc;
}

static int each_of_part(struct db *db, const struct scope *scope, const struct part *part, spent_each *each, void *arg,
			struct err *err)
{
	bool is_rows = part->unit == PART_ROWS;
	const char *at = is_rows ? "id" : "at";
	char sql[256];
	struct stmt *s;
	int rc;

	/* NOT INDEXED, as the index of keys would group all calls there are. */
	snprintf(sql, sizeof(sql), "SELECT %s AS who, sum(cost_nusd) AS cost FROM %s NOT INDEXED WHERE %s >= ? AND %s < ? GROUP BY 1",
		 scope->column, is_rows ? "calls" : rollup_table(part->unit, scope->knows), at, at);
	s = db_query(db, sql, err);
	stmt_bind_int(s, part->from);
	stmt_bind_int(s, part->until);
	while ((rc = stmt_step(s, err)) > 0)
		if (!stmt_is_null(s, "cost"))
			each(arg, stmt_int(s, "who"), stmt_int(s, "cost"));
	return rc;
}

static int sum_up_each(struct db *db, const struct scope *scope, struct span window, spent_each *each, void *arg,
		       bool *ret_exact, struct err *err)
{
	struct horizons horizons;
	struct part parts[PARTS_MAX];
	size_t num;
	int rc = horizons_get(db, &horizons, err);

	if (rc < 0)
		return rc;
	*ret_exact = true;
	for (int i = 0; i < HORIZON_NUM; i++)
		*ret_exact &= window.from_ms >= horizons.of[i].from_ms;
	num = *ret_exact ? split_window(&horizons, scope, "", window, parts) : 0;
	for (size_t i = 0; i < num && rc == 0; i++)
		rc = each_of_part(db, scope, &parts[i], each, arg, err);
	return rc;
}

int ledger_spent_each(struct db *db, const char *scope_name, int64_t from_ms, int64_t until_ms, spent_each *each, void *arg,
		      bool *ret_exact, struct err *err)
{
	const struct scope *scope = find_scope(scope_name, err);
	int rc;

	*ret_exact = false;
	if (scope == NULL || scope->column == NULL)
		return scope == NULL ? ERR_INVALID : 0;
	rc = db_exec(db, "SAVEPOINT spent", err);
	if (rc < 0)
		return rc;
	rc = sum_up_each(db, scope, (struct span){from_ms, until_ms}, each, arg, ret_exact, err);
	db_exec(db, "RELEASE spent", NULL);
	return rc;
}

int ledger_spent_since(struct db *db, const char *scope, int64_t scope_id, const char *model, int64_t from_ms,
		       int64_t *ret_ms, struct err *err)
{
	struct budget_kept kept;
	struct horizons horizons;
	int rc = horizons_get(db, &horizons, err);

	if (rc == 0)
		rc = budget_kept_get(db, scope, scope_id, model, from_ms, &kept, err);
	if (rc < 0)
		return rc;
	*ret_ms = kept.counted_ms;
	if (!kept.is_there && *model != '\0' && from_ms < horizons.of[HORIZON_CALLS].gone_ms)
		*ret_ms = horizons.of[HORIZON_CALLS].gone_ms;
	return 0;
}
