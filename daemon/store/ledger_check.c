/* SPDX-License-Identifier: MIT */
/*
 * The ledger is proven here: rows are summed anew and compared with every cell of every rollup,
 * and whatever refers to something is followed.
 *
 * Each check is one statement that answers with a line for each offence; no line means all is well.
 * They read one snapshot, so calls may go on meanwhile.  To add one: a row of checks[].
 */
#include "store/ledger_store.h"

#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/ledger_private.h"

#define OFFENCES_TOLD 20

#define SUM_WHERE(column, side) "ifnull(sum(" column ") FILTER (WHERE " side "), 0)"

/* A sum as rows have it less the same as the rollup has it. */
#define LESS(column) "sum(CASE WHEN is_rollup THEN -" column " ELSE " column " END)"
#define HISTOGRAMS_DIFFER(column)                                                                  \
	"histogram_sum(" column ") FILTER (WHERE is_rollup) IS NOT histogram_sum(" column ") FILTER (WHERE NOT is_rollup)"

/* Cells and rows side by side, grouped by cell: one sort, and a side that is missing differs too.
 * team, key, provider, model: the column, or 0 where the rollup has none. */
#define COMPARE(unit, table, ms, team, key, provider, model)                                                              \
	"SELECT '" unit " ' || at || ', team ' || team_id || ', key ' || key_id || ', '"            \
	" || ifnull((SELECT name FROM names WHERE id = provider), '-') || '/'"                      \
	" || ifnull((SELECT name FROM names WHERE id = model), '-')"                                \
	" || ': rows say ' || " SUM_WHERE("calls", "NOT is_rollup") " || ' calls and '"             \
	" || " SUM_WHERE("cost_nusd", "NOT is_rollup") " || ' nano-dollars, the rollup '"           \
	" || " SUM_WHERE("calls", "is_rollup") " || ' and ' || " SUM_WHERE("cost_nusd", "is_rollup") " AS line FROM" \
	" (SELECT 1 AS is_rollup, at, " team " AS team_id, " key " AS key_id, " provider " AS provider, " model " AS model, " \
	SUM_COLUMNS " FROM " table                                                                  \
	" UNION ALL SELECT 0, call_ms(id) / " ms ", " team ", " key ", ifnull(" provider ", 0), ifnull(" model ", 0), " \
	SUMS_OF_A_CALL " FROM calls)"                                                               \
	" GROUP BY at, team_id, key_id, provider, model HAVING " LESS("calls") " <> 0 OR " LESS("errors") " <> 0 OR " \
	LESS("refused") " <> 0 OR " LESS("input") " <> 0 OR " LESS("output") " <> 0 OR " LESS("cache_read") " <> 0 OR " \
	LESS("cache_write") " <> 0 OR " LESS("reasoning") " <> 0 OR " LESS("cost_nusd") " <> 0 OR "     \
	LESS("billed_nusd") " <> 0 OR " LESS("unpriced") " <> 0 OR " HISTOGRAMS_DIFFER("latency") " OR " \
	HISTOGRAMS_DIFFER("first_byte")

#define NOT_A_WORD(column) column " NOT IN (SELECT id FROM names)"

static const struct check {
	const char *what;
	const char *sql;
} checks[] = {
	{"the database file is damaged",
	 "SELECT quick_check AS line FROM pragma_quick_check WHERE quick_check <> 'ok'"},
	{"rows and rollups of minutes differ",
	 COMPARE("minute", "rollup_minute", "60000", "team_id", "0", "provider_name", "model_name")},
	{"rows and rollups of hours of teams differ",
	 COMPARE("hour", "rollup_hour_team", "3600000", "team_id", "0", "0", "0")},
	{"rows and rollups of hours of targets differ",
	 COMPARE("hour", "rollup_hour_target", "3600000", "0", "0", "provider_name", "model_name")},
	{"rows and rollups of hours of keys differ",
	 COMPARE("hour", "rollup_hour_key", "3600000", "team_id", "key_id", "0", "0")},
	{"rows and rollups of hours differ",
	 COMPARE("hour", "rollup_hour", "3600000", "team_id", "key_id", "provider_name", "model_name")},
	{"rows and rollups of days of teams differ",
	 COMPARE("day", "rollup_day_team", "86400000", "team_id", "0", "0", "0")},
	{"rows and rollups of days of targets differ",
	 COMPARE("day", "rollup_day_target", "86400000", "0", "0", "provider_name", "model_name")},
	{"rows and rollups of days of keys differ",
	 COMPARE("day", "rollup_day_key", "86400000", "team_id", "key_id", "0", "0")},
	{"rows and rollups of days differ",
	 COMPARE("day", "rollup_day", "86400000", "team_id", "key_id", "provider_name", "model_name")},
	{"attempts of no call",
	 "SELECT 'attempt ' || seq || ' of call ' || call_id AS line FROM attempts"
	 " WHERE call_id NOT IN (SELECT id FROM calls)"},
	/* Of an interrupted call nobody knows them. */
	{"calls whose attempts are missing",
	 "SELECT 'call ' || id || ' made ' || num_attempts AS line FROM calls"
	 " WHERE num_attempts > 0 AND result <> 4 AND NOT EXISTS (SELECT 1 FROM attempts WHERE call_id = calls.id)"},
	{"calls that refer to words that are not there",
	 "SELECT 'call ' || id AS line FROM calls WHERE " NOT_A_WORD("asked_name") " OR " NOT_A_WORD("provider_name") " OR "
	 NOT_A_WORD("model_name") " OR " NOT_A_WORD("error_name") " OR " NOT_A_WORD("app_name") " OR "
	 NOT_A_WORD("user_name") " OR " NOT_A_WORD("remote_name")},
	{"attempts that refer to words that are not there",
	 "SELECT 'attempt ' || seq || ' of call ' || call_id AS line FROM attempts WHERE (provider_name <> 0 AND "
	 NOT_A_WORD("provider_name") ") OR (model_name <> 0 AND " NOT_A_WORD("model_name") ")"},
	{"lists would not find calls of a kind",
	 "SELECT 'mark ' || what || ', ' || value || ', ' || at AS line FROM ("
	 "SELECT 1 AS what, asked_name AS value, id >> 34 AS at FROM calls WHERE asked_name IS NOT NULL"
	 " UNION SELECT 1, model_name, id >> 34 FROM calls WHERE model_name IS NOT NULL"
	 " UNION SELECT 2, provider_name, id >> 34 FROM calls WHERE provider_name IS NOT NULL"
	 " UNION SELECT 3, app_name, id >> 34 FROM calls WHERE app_name IS NOT NULL"
	 " EXCEPT SELECT what, value, at FROM call_marks)"},
	{"calls of teams or keys that are not there",
	 "SELECT 'call ' || id || ', team ' || team_id || ', key ' || key_id AS line FROM calls"
	 " WHERE team_id NOT IN (SELECT id FROM teams) OR key_id NOT IN (SELECT id FROM keys)"},
};

/* 1 when there were offences, 0 when all is well. */
static int run_check(struct db *db, const struct check *check, void (*problem)(void *arg, const char *text), void *arg,
		     struct err *err)
{
	struct stmt *s = db_query(db, check->sql, err);
	int told = 0, rc;

	while ((rc = stmt_step(s, err)) > 0 && told < OFFENCES_TOLD) {
		char text[512];

		snprintf(text, sizeof(text), "%s: %s", check->what, stmt_text(s, "line"));
		problem(arg, text);
		told++;
	}
	stmt_reset(s);
	return rc < 0 ? rc : told > 0;
}

int ledger_check(struct db *db, void (*problem)(void *arg, const char *text), void *arg, struct err *err)
{
	int kinds = 0, rc = db_exec(db, "BEGIN", err);

	for (size_t i = 0; i < ARRAY_LEN(checks) && rc >= 0; i++) {
		rc = run_check(db, &checks[i], problem, arg, err);
		kinds += rc > 0;
	}
	db_rollback(db);
	return rc < 0 ? rc : kinds;
}
