/* SPDX-License-Identifier: MIT */
/* What a call adds to the sums of its minute, hour and day is decided here, once. */
#include "store/ledger_store.h"

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

#define ADD_UP                                                                                     \
	" DO UPDATE SET calls = calls + excluded.calls, errors = errors + excluded.errors,"         \
	" refused = refused + excluded.refused, input = input + excluded.input,"                    \
	" output = output + excluded.output, cache_read = cache_read + excluded.cache_read,"        \
	" cache_write = cache_write + excluded.cache_write, reasoning = reasoning + excluded.reasoning," \
	" cost_nusd = cost_nusd + excluded.cost_nusd, billed_nusd = billed_nusd + excluded.billed_nusd," \
	" unpriced = unpriced + excluded.unpriced, latency = histogram_merge(latency, excluded.latency)," \
	" first_byte = histogram_merge(first_byte, excluded.first_byte)"

#define PUT_WITH_KEY(table)                                                                        \
	"INSERT INTO " table " (at, team_id, key_id, provider_name, model_name, " SUM_COLUMNS ")"   \
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"                            \
	" ON CONFLICT (at, team_id, key_id, provider_name, model_name)" ADD_UP

static const char *const put_sql[] = {
	[ROLLUP_MINUTE] = "INSERT INTO rollup_minute (at, team_id, provider_name, model_name, " SUM_COLUMNS ")"
			  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
			  " ON CONFLICT (at, team_id, provider_name, model_name)" ADD_UP,
	[ROLLUP_HOUR] = PUT_WITH_KEY("rollup_hour"),
	[ROLLUP_DAY] = PUT_WITH_KEY("rollup_day"),
};

int rollup_put(struct db *db, enum rollup_unit unit, int64_t at, int64_t team_id, int64_t key_id, int64_t provider_name,
	       int64_t model_name, const struct rollup_sum *sum, struct err *err)
{
	unsigned char latency[HISTOGRAM_BYTES], first_byte[HISTOGRAM_BYTES];
	struct stmt *s = db_query(db, put_sql[unit], err);

	stmt_bind_int(s, at);
	stmt_bind_int(s, team_id);
	if (unit != ROLLUP_MINUTE)
		stmt_bind_int(s, key_id);
	stmt_bind_int(s, provider_name);
	stmt_bind_int(s, model_name);
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

/* -- windows put together ----------------------------------------------------------------------- */

static const int64_t part_ms[] = {
	[PART_ROWS] = 1,
	[PART_MINUTES] = 60000,
	[PART_HOURS] = 3600000,
	[PART_DAYS] = 86400000,
};

/* Behind the last moment an id can hold, a whole day. */
#define LAST_MS ((ID_EPOCH_MS + (INT64_C(1) << 43)) / 86400000 * 86400000)

int64_t first_id_at(int64_t wall_ms)
{
	return wall_ms < LAST_MS ? id_first_at(wall_ms) : INT64_MAX;
}

static size_t split(int64_t from, int64_t until, int unit, unsigned units, struct part *out)
{
	int64_t first, last;
	size_t n;

	if (from >= until)
		return 0;
	if (unit == PART_ROWS) {
		*out = (struct part){PART_ROWS, first_id_at(from), first_id_at(until)};
		return 1;
	}
	first = (from + part_ms[unit] - 1) / part_ms[unit];
	last = until / part_ms[unit];
	if ((units & 1u << unit) == 0 || first >= last)
		return split(from, until, unit - 1, units, out);
	n = split(from, first * part_ms[unit], unit - 1, units, out);
	out[n++] = (struct part){(enum part_unit)unit, first, last};
	return n + split(last * part_ms[unit], until, unit - 1, units, out + n);
}

size_t window_split(int64_t from_ms, int64_t until_ms, unsigned units, struct part out[PARTS_MAX])
{
	/* No call is older than the first id, a whole day too: open windows are whole days of rollups. */
	int64_t from = from_ms > ID_EPOCH_MS ? from_ms : ID_EPOCH_MS;

	return split(from, until_ms < LAST_MS ? until_ms : LAST_MS, PART_DAYS, units, out);
}

int window_open_end(struct db *db, int64_t *until_ms, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT max(id) AS id FROM calls", err);
	int rc = stmt_step(s, err);

	if (rc > 0 && (stmt_is_null(s, "id") || id_wall_ms(stmt_int(s, "id")) < *until_ms))
		*until_ms = INT64_MAX;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}
