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

/* From when on all of these units are there. */
#define SINCE(units) "(SELECT max(from_at) FROM horizons WHERE unit IN (" units "))"
#define GONE(unit) "(SELECT gone_at FROM horizons WHERE unit = '" unit "')"

/* What a cell is of. */
#define TARGET "ifnull(provider_name, 0) AS provider, ifnull(model_name, 0) AS model"
#define NO_TARGET "0 AS provider, 0 AS model"
#define OF_TEAM "team_id, 0 AS key_id, " NO_TARGET
#define OF_TARGET "0 AS team_id, 0 AS key_id, " TARGET
#define OF_KEY "team_id, key_id, " NO_TARGET
#define OF_TEAM_AND_TARGET "team_id, 0 AS key_id, " TARGET
#define OF_ALL "team_id, key_id, " TARGET

/* One of two sides. */
#define SIDE(is_rollup, at, of, sums, from)                                                        \
	"SELECT " is_rollup " AS is_rollup, " at " AS at, " of ", " sums " FROM " from

/* The sides grouped by cell: one sort, and a side that is missing differs too. */
#define DIFFERENCES(unit, others, rollup, other)                                                   \
	"SELECT '" unit " ' || at || ', team ' || team_id || ', key ' || key_id || ', '"            \
	" || ifnull((SELECT name FROM names WHERE id = provider), '-') || '/'"                      \
	" || ifnull((SELECT name FROM names WHERE id = model), '-')"                                \
	" || ': " others " say ' || " SUM_WHERE("calls", "NOT is_rollup") " || ' calls and '"       \
	" || " SUM_WHERE("cost_nusd", "NOT is_rollup") " || ' nano-dollars, the rollup '"           \
	" || " SUM_WHERE("calls", "is_rollup") " || ' and ' || " SUM_WHERE("cost_nusd", "is_rollup") " AS line FROM" \
	" (" rollup " UNION ALL " other ")"                                                         \
	" GROUP BY at, team_id, key_id, provider, model HAVING " LESS("calls") " <> 0 OR " LESS("errors") " <> 0 OR " \
	LESS("refused") " <> 0 OR " LESS("input") " <> 0 OR " LESS("output") " <> 0 OR " LESS("cache_read") " <> 0 OR " \
	LESS("cache_write") " <> 0 OR " LESS("reasoning") " <> 0 OR " LESS("cost_nusd") " <> 0 OR "     \
	LESS("billed_nusd") " <> 0 OR " LESS("unpriced") " <> 0 OR " HISTOGRAMS_DIFFER("latency") " OR " \
	HISTOGRAMS_DIFFER("first_byte")

/* Cells against rows, as far back as both go. */
#define COMPARE(unit, table, ms, since, of)                                                        \
	DIFFERENCES(unit, "rows", SIDE("1", "at", of, SUM_COLUMNS, table " WHERE at >= " since " / " ms), \
		    SIDE("0", "call_ms(id) / " ms, of, SUMS_OF_A_CALL, "calls WHERE id >= first_call_id(" since ")"))

/* Cells against smaller or finer ones, of the time before that. */
#define BEFORE_CALLS(ms, since) " WHERE at >= " since " / " ms " AND at < " SINCE("'calls'") " / " ms
#define COMPARE_CELLS(unit, table, ms, other, other_ms, since, of)                                 \
	DIFFERENCES(unit, other, SIDE("1", "at", of, SUM_COLUMNS, table BEFORE_CALLS(ms, since)),   \
		    SIDE("0", "at * " other_ms " / " ms, of, SUM_COLUMNS, other BEFORE_CALLS(other_ms, since)))

#define MINUTE_MS "60000"
#define HOUR_MS "3600000"
#define DAY_MS "86400000"
#define COMPARE_HOURS(table, of) COMPARE("hour", table, HOUR_MS, SINCE("'calls', 'hours'"), of)
#define COMPARE_DAYS(table, of) COMPARE("day", table, DAY_MS, SINCE("'calls'"), of)
#define COMPARE_OLD_HOURS(table, of)                                                               \
	COMPARE_CELLS("hour", table, HOUR_MS, "rollup_hour", HOUR_MS, SINCE("'hours'"), of)
#define COMPARE_OLD_DAYS(table, of) COMPARE_CELLS("day", table, DAY_MS, "rollup_day", DAY_MS, "0", of)

#define NOT_A_WORD(column) column " NOT IN (SELECT id FROM names)"

static const struct check {
	const char *what;
	const char *sql;
} checks[] = {
	{"the database file is damaged",
	 "SELECT quick_check AS line FROM pragma_quick_check WHERE quick_check <> 'ok'"},
	{"rows and rollups of minutes differ",
	 COMPARE("minute", "rollup_minute", MINUTE_MS, SINCE("'calls', 'minutes'"), OF_TEAM_AND_TARGET)},
	{"rows and rollups of hours of teams differ", COMPARE_HOURS("rollup_hour_team", OF_TEAM)},
	{"rows and rollups of hours of targets differ", COMPARE_HOURS("rollup_hour_target", OF_TARGET)},
	{"rows and rollups of hours of keys differ", COMPARE_HOURS("rollup_hour_key", OF_KEY)},
	{"rows and rollups of hours differ", COMPARE_HOURS("rollup_hour", OF_ALL)},
	{"rows and rollups of days of teams differ", COMPARE_DAYS("rollup_day_team", OF_TEAM)},
	{"rows and rollups of days of targets differ", COMPARE_DAYS("rollup_day_target", OF_TARGET)},
	{"rows and rollups of days of keys differ", COMPARE_DAYS("rollup_day_key", OF_KEY)},
	{"rows and rollups of days differ", COMPARE_DAYS("rollup_day", OF_ALL)},
	{"minutes and hours differ",
	 COMPARE_CELLS("hour", "rollup_hour", HOUR_MS, "rollup_minute", MINUTE_MS, SINCE("'minutes', 'hours'"),
		       OF_TEAM_AND_TARGET)},
	{"hours and days differ",
	 COMPARE_CELLS("day", "rollup_day", DAY_MS, "rollup_hour", HOUR_MS, SINCE("'hours'"), OF_ALL)},
	{"old hours and those of teams differ", COMPARE_OLD_HOURS("rollup_hour_team", OF_TEAM)},
	{"old hours and those of targets differ", COMPARE_OLD_HOURS("rollup_hour_target", OF_TARGET)},
	{"old hours and those of keys differ", COMPARE_OLD_HOURS("rollup_hour_key", OF_KEY)},
	{"old days and those of teams differ", COMPARE_OLD_DAYS("rollup_day_team", OF_TEAM)},
	{"old days and those of targets differ", COMPARE_OLD_DAYS("rollup_day_target", OF_TARGET)},
	{"old days and those of keys differ", COMPARE_OLD_DAYS("rollup_day_key", OF_KEY)},
	{"something is there that was deleted",
	 "SELECT 'call ' || id AS line FROM calls WHERE id < first_call_id(" GONE("calls") ")"
	 " UNION ALL SELECT 'mark ' || what || ', ' || value || ', ' || at FROM call_marks"
	 " WHERE at < first_call_id(" GONE("marks") ") >> 34"
	 " UNION ALL SELECT 'minute ' || at FROM rollup_minute WHERE at < " GONE("minutes") " / " MINUTE_MS
	 " UNION ALL SELECT 'hour ' || at FROM rollup_hour WHERE at < " GONE("hours") " / " HOUR_MS
	 " UNION ALL SELECT 'hour ' || at FROM rollup_hour_team WHERE at < " GONE("hours") " / " HOUR_MS
	 " UNION ALL SELECT 'hour ' || at FROM rollup_hour_target WHERE at < " GONE("hours") " / " HOUR_MS
	 " UNION ALL SELECT 'hour ' || at FROM rollup_hour_key WHERE at < " GONE("hours") " / " HOUR_MS},
	{"sums kept for budgets end elsewhere than calls begin",
	 "SELECT scope || ' ' || scope_id || ', ' || model AS line FROM budget_kept"
	 " WHERE model <> '' AND until_at <> " GONE("calls")},
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
	 " UNION SELECT 4, status, id >> 34 FROM calls WHERE status / 100 <> 2"
	 " UNION SELECT 5, status / 100, id >> 34 FROM calls WHERE status / 100 <> 2"
	 " UNION SELECT 6, result, id >> 34 FROM calls WHERE result <> 0"
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
