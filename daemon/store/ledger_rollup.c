/* SPDX-License-Identifier: MIT */
/* What a call adds to the sums of its minute, hour and day is decided here, once. */
#include "store/ledger_store.h"

#include <stdio.h>

#include "base/err.h"
#include "base/id.h"
#include "base/money.h"
#include "store/ledger_private.h"

/*
 * The rules, for every reader of a rollup:
 *
 *   calls       every row, whatever became of the call
 *   errors      failed and interrupted ones: those that were ours or a provider's to answer
 *   refused     by us; neither errors nor answers.  Who left (aborted) is neither of the three
 *   tokens      what is known, reported or estimated, of every row
 *   cost        the sum of what is known; billed likewise
 *   unpriced    rows that used tokens at an unknown cost: what the sum of costs leaves out
 *   latency     answered calls only: a refusal takes microseconds and a timeout its deadline, and
 *               neither says how fast a model is.  first_byte: of those, where a byte went out
 */
void rollup_add(struct rollup_sum *sum, const struct call_record *r)
{
	const struct usage *u = &r->usage;
	int64_t input = usage_get(u, USAGE_INPUT), output = usage_get(u, USAGE_OUTPUT);

	sum->calls++;
	sum->errors += r->result == CALL_FAILED || r->result == CALL_INTERRUPTED;
	sum->refused += r->result == CALL_REFUSED;
	sum->input += input;
	sum->output += output;
	sum->cache_read += usage_get(u, USAGE_CACHE_READ);
	sum->cache_write += usage_get(u, USAGE_CACHE_WRITE_5M) + usage_get(u, USAGE_CACHE_WRITE_1H);
	sum->reasoning += usage_get(u, USAGE_REASONING);
	if (r->cost_nusd != COST_UNKNOWN)
		sum->cost_nusd += r->cost_nusd;
	if (r->billed_nusd != COST_UNKNOWN)
		sum->billed_nusd += r->billed_nusd;
	sum->unpriced += r->cost_nusd == COST_UNKNOWN && input + output > 0;
	if (r->result != CALL_ANSWERED)
		return;
	histogram_add(&sum->latency, r->total_us);
	if (r->first_byte_us >= 0)
		histogram_add(&sum->first_byte, r->first_byte_us);
}

void rollup_merge(struct rollup_sum *into, const struct rollup_sum *sum)
{
	into->calls += sum->calls;
	into->errors += sum->errors;
	into->refused += sum->refused;
	into->input += sum->input;
	into->output += sum->output;
	into->cache_read += sum->cache_read;
	into->cache_write += sum->cache_write;
	into->reasoning += sum->reasoning;
	into->cost_nusd += sum->cost_nusd;
	into->billed_nusd += sum->billed_nusd;
	into->unpriced += sum->unpriced;
	histogram_merge(&into->latency, &sum->latency);
	histogram_merge(&into->first_byte, &sum->first_byte);
}

/* In the order of enum rollup: the first that knows enough is the one to ask. */
static const struct {
	const char *table;
	enum part_unit unit;
	unsigned knows;
} rollups[] = {
	[ROLLUP_MINUTE] = {"rollup_minute", PART_MINUTES, KNOWS_TEAM | KNOWS_TARGET},
	[ROLLUP_HOUR_TEAM] = {"rollup_hour_team", PART_HOURS, KNOWS_TEAM},
	[ROLLUP_HOUR_TARGET] = {"rollup_hour_target", PART_HOURS, KNOWS_TARGET},
	[ROLLUP_HOUR_KEY] = {"rollup_hour_key", PART_HOURS, KNOWS_TEAM | KNOWS_KEY},
	[ROLLUP_HOUR] = {"rollup_hour", PART_HOURS, KNOWS_TEAM | KNOWS_KEY | KNOWS_TARGET},
	[ROLLUP_DAY_TEAM] = {"rollup_day_team", PART_DAYS, KNOWS_TEAM},
	[ROLLUP_DAY_TARGET] = {"rollup_day_target", PART_DAYS, KNOWS_TARGET},
	[ROLLUP_DAY_KEY] = {"rollup_day_key", PART_DAYS, KNOWS_TEAM | KNOWS_KEY},
	[ROLLUP_DAY] = {"rollup_day", PART_DAYS, KNOWS_TEAM | KNOWS_KEY | KNOWS_TARGET},
};

const char *rollup_table(enum part_unit unit, unsigned knows)
{
	for (size_t i = 0; i < ROLLUP_NUM; i++)
		if (rollups[i].unit == unit && (knows & ~rollups[i].knows) == 0)
			return rollups[i].table;
	return NULL;
}

unsigned rollup_units(unsigned knows)
{
	unsigned units = 0;

	for (size_t i = 0; i < ROLLUP_NUM; i++)
		if ((knows & ~rollups[i].knows) == 0)
			units |= 1u << rollups[i].unit;
	return units;
}

bool rollup_is_kept(enum rollup rollup, const struct horizons *h, int64_t at)
{
	return at * part_ms[rollups[rollup].unit] >= part_since(h, rollups[rollup].unit);
}

/* -- cells -------------------------------------------------------------------------------------- */

struct rollup_cell rollup_cell_of(enum rollup rollup, int64_t wall_ms, const struct rollup_cell *call)
{
	unsigned knows = rollups[rollup].knows;

	return (struct rollup_cell){
		.at = wall_ms / part_ms[rollups[rollup].unit],
		.team_id = knows & KNOWS_TEAM ? call->team_id : 0,
		.key_id = knows & KNOWS_KEY ? call->key_id : 0,
		.provider_name = knows & KNOWS_TARGET ? call->provider_name : 0,
		.model_name = knows & KNOWS_TARGET ? call->model_name : 0,
	};
}

#define PUT(table, key, places)                                                                    \
	"INSERT INTO " table " (" key ", " SUM_COLUMNS ") VALUES (" places ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" \
	" ON CONFLICT (" key ") DO UPDATE SET"                                                      \
	" calls = calls + excluded.calls, errors = errors + excluded.errors,"                       \
	" refused = refused + excluded.refused, input = input + excluded.input,"                    \
	" output = output + excluded.output, cache_read = cache_read + excluded.cache_read,"        \
	" cache_write = cache_write + excluded.cache_write, reasoning = reasoning + excluded.reasoning," \
	" cost_nusd = cost_nusd + excluded.cost_nusd, billed_nusd = billed_nusd + excluded.billed_nusd," \
	" unpriced = unpriced + excluded.unpriced, latency = histogram_merge(latency, excluded.latency)," \
	" first_byte = histogram_merge(first_byte, excluded.first_byte)"
#define PUT_TEAM(table) PUT(table, "at, team_id", "?, ?")
#define PUT_TARGET(table) PUT(table, "at, provider_name, model_name", "?, ?, ?")
#define PUT_KEY(table) PUT(table, "at, team_id, key_id", "?, ?, ?")
#define PUT_ALL(table) PUT(table, "at, team_id, key_id, provider_name, model_name", "?, ?, ?, ?, ?")

static const char *const put_sql[] = {
	[ROLLUP_MINUTE] = PUT("rollup_minute", "at, team_id, provider_name, model_name", "?, ?, ?, ?"),
	[ROLLUP_HOUR_TEAM] = PUT_TEAM("rollup_hour_team"),
	[ROLLUP_HOUR_TARGET] = PUT_TARGET("rollup_hour_target"),
	[ROLLUP_HOUR_KEY] = PUT_KEY("rollup_hour_key"),
	[ROLLUP_HOUR] = PUT_ALL("rollup_hour"),
	[ROLLUP_DAY_TEAM] = PUT_TEAM("rollup_day_team"),
	[ROLLUP_DAY_TARGET] = PUT_TARGET("rollup_day_target"),
	[ROLLUP_DAY_KEY] = PUT_KEY("rollup_day_key"),
	[ROLLUP_DAY] = PUT_ALL("rollup_day"),
};

static void bind_cell(struct stmt *s, const struct rollup_cell *cell, unsigned knows)
{
	stmt_bind_int(s, cell->at);
	if (knows & KNOWS_TEAM)
		stmt_bind_int(s, cell->team_id);
	if (knows & KNOWS_KEY)
		stmt_bind_int(s, cell->key_id);
	if (knows & KNOWS_TARGET) {
		stmt_bind_int(s, cell->provider_name);
		stmt_bind_int(s, cell->model_name);
	}
}

int rollup_put(struct db *db, enum rollup rollup, const struct rollup_cell *cell, const struct rollup_sum *sum,
	       struct err *err)
{
	unsigned char latency[HISTOGRAM_BYTES], first_byte[HISTOGRAM_BYTES];
	struct stmt *s = db_query(db, put_sql[rollup], err);

	bind_cell(s, cell, rollups[rollup].knows);
	stmt_bind_int(s, sum->calls);
	stmt_bind_int(s, sum->errors);
	stmt_bind_int(s, sum->refused);
	stmt_bind_int(s, sum->input);
	stmt_bind_int(s, sum->output);
	stmt_bind_int(s, sum->cache_read);
	stmt_bind_int(s, sum->cache_write);
	stmt_bind_int(s, sum->reasoning);
	stmt_bind_int(s, sum->cost_nusd);
	stmt_bind_int(s, sum->billed_nusd);
	stmt_bind_int(s, sum->unpriced);
	stmt_bind_blob(s, latency, histogram_pack(&sum->latency, latency));
	stmt_bind_blob(s, first_byte, histogram_pack(&sum->first_byte, first_byte));
	return stmt_run(s, err);
}

int rollup_put_all(struct db *db, int64_t wall_ms, const struct rollup_cell *call, const struct rollup_sum *sum,
		   struct err *err)
{
	struct horizons horizons;
	int rc = horizons_get(db, &horizons, err);

	for (int i = 0; i < ROLLUP_NUM && rc == 0; i++) {
		struct rollup_cell cell = rollup_cell_of((enum rollup)i, wall_ms, call);

		if (rollup_is_kept((enum rollup)i, &horizons, cell.at))
			rc = rollup_put(db, (enum rollup)i, &cell, sum, err);
	}
	return rc;
}

/* -- money that changes afterwards --------------------------------------------------------------- */

static int correct(struct db *db, enum rollup rollup, const struct rollup_cell *cell, const struct rollup_correction *by,
		   struct err *err)
{
	unsigned knows = rollups[rollup].knows;
	struct stmt *s;
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "UPDATE %s SET cost_nusd = cost_nusd + ?, billed_nusd = billed_nusd + ?, unpriced = unpriced + ?"
		 " WHERE at = ?%s%s%s",
		 rollups[rollup].table, knows & KNOWS_TEAM ? " AND team_id = ?" : "", knows & KNOWS_KEY ? " AND key_id = ?" : "",
		 knows & KNOWS_TARGET ? " AND provider_name = ? AND model_name = ?" : "");
	s = db_query(db, sql, err);
	stmt_bind_int(s, by->cost_nusd);
	stmt_bind_int(s, by->billed_nusd);
	stmt_bind_int(s, by->unpriced);
	bind_cell(s, cell, knows);
	return stmt_run(s, err);
}

int rollup_correct_all(struct db *db, int64_t wall_ms, const struct rollup_cell *call, const struct rollup_correction *by,
		       struct err *err)
{
	int rc = 0;

	for (int i = 0; i < ROLLUP_NUM && rc == 0; i++) {
		struct rollup_cell cell = rollup_cell_of((enum rollup)i, wall_ms, call);

		rc = correct(db, (enum rollup)i, &cell, by, err);
	}
	return rc;
}
