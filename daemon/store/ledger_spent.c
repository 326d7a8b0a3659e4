/* SPDX-License-Identifier: MIT */
/* What a budget's scope has spent in a window is added up here, from rollups and, at the edges, rows. */
#include "store/ledger_store.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/ledger_private.h"

/* Whose calls; each with one parameter, the scope's id. */
static const struct scope {
	const char *name;
	const char *condition;
	unsigned knows;         /* what a rollup has to know to tell */
} scopes[] = {
	{"team", "team_id = ?", KNOWS_TEAM},
	{"key", "key_id = ?", KNOWS_KEY},
	{"provider",
	 "provider_name = (SELECT n.id FROM names n JOIN providers p ON p.name = n.name WHERE p.id = ?)", KNOWS_TARGET},
	{"gateway", "? IS NOT NULL", 0},
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

int ledger_spent(struct db *db, const char *scope_name, int64_t scope_id, const char *model, int64_t from_ms,
		 int64_t until_ms, int64_t *ret_nusd, struct err *err)
{
	const struct scope *scope = NULL;
	struct part parts[PARTS_MAX];
	int64_t sum = 0;
	size_t num;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (strcmp(scopes[i].name, scope_name) == 0)
			scope = &scopes[i];
	if (scope == NULL)
		return err_set(err, ERR_INVALID, "no budget scope is called \"%s\"", scope_name);
	/* Rollups do not know what was asked for. */
	num = window_split(from_ms, until_ms, *model != '\0' ? 0 : rollup_units(scope->knows), parts);
	for (size_t i = 0; i < num && rc == 0; i++)
		rc = add_part(db, scope, scope_id, model, &parts[i], &sum, err);
	if (rc == 0)
		*ret_nusd = sum;
	return rc;
}
