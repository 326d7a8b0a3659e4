/* SPDX-License-Identifier: MIT */
/*
 * ledger_private.h — what the files of the ledger share: how windows are put together from rollups
 * and rows, and what a cell of a rollup says of a row, in SQL.
 */
#ifndef STORE_LEDGER_PRIVATE_H
#define STORE_LEDGER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dialects/usage.h"
#include "store/horizons.h"
#include "store/ledger_store.h"

#define USAGE_NUM_COLUMNS 6
extern const enum usage_field usage_columns[USAGE_NUM_COLUMNS];
bool usage_has_column(enum usage_field);

/* The usage of a row of calls, as it was in its record. */
struct stmt;
void ledger_read_usage(struct stmt *, struct usage *ret);

/* Columns of a rollup behind its key, in the order of struct rollup_sum. */
#define SUM_COLUMNS                                                                                \
	"calls, errors, refused, input, output, cache_read, cache_write, reasoning, cost_nusd, billed_nusd, unpriced, " \
	"latency, first_byte"

/* What one row of calls adds to each of them: rollup_add() in SQL.  A duration counts as a histogram
 * of one (functions.c).  tests/unit/daemon/store/ledger_store.c holds the two together. */
#define SUMS_OF_A_CALL                                                                             \
	"1 AS calls, result IN (2, 4) AS errors, result = 1 AS refused, ifnull(input, 0) AS input, " \
	"ifnull(output, 0) AS output, ifnull(cache_read, 0) AS cache_read, " \
	"ifnull(cache_write_5m, 0) + ifnull(cache_write_1h, 0) AS cache_write, ifnull(reasoning, 0) AS reasoning, " \
	"ifnull(cost_nusd, 0) AS cost_nusd, ifnull(billed_nusd, 0) AS billed_nusd, " \
	"cost_nusd IS NULL AND ifnull(input, 0) + ifnull(output, 0) > 0 AS unpriced, " \
	"CASE WHEN result = 0 THEN total_us END AS latency, CASE WHEN result = 0 THEN first_byte_us END AS first_byte"

/* What a question is about, as bits: what it groups by and what it filters by. */
enum rollup_knows { KNOWS_TEAM = 1, KNOWS_KEY = 2, KNOWS_TARGET = 4 };

/* A window as whole days, hours and minutes of rollups, and rows of calls at what is left. */
enum part_unit { PART_ROWS, PART_MINUTES, PART_HOURS, PART_DAYS };

/* The smallest rollup of that unit which knows all that is asked; NULL: none does. */
const char *rollup_table(enum part_unit, unsigned knows);
/* Units that have such a rollup, a bit for each: what window_split() takes. */
unsigned rollup_units(unsigned knows);

/* How long a cell of it is. */
extern const int64_t part_ms[PART_DAYS + 1];
/* Since when there are cells of it. */
int64_t part_since(const struct horizons *, enum part_unit);
/* Whether there still are cells of that time: whole days go, so one is there or not. */
bool rollup_is_kept(enum rollup, const struct horizons *, int64_t at);

/* From one `at` of a rollup (parameter) until another: each looked up by itself, so that of the key's next
 * columns only what is asked for is read.  Open ends stop at what there is. */
#define EACH_AT(table)                                                                             \
	"(WITH RECURSIVE each(n) AS (VALUES (?) UNION ALL SELECT n + 1 FROM each WHERE n + 1 < min(?," \
	" (SELECT max(at) + 1 FROM " table "))) SELECT n FROM each) CROSS JOIN " table " ON at = n"

struct part {
	enum part_unit unit;
	int64_t from, until;    /* ids for PART_ROWS, else the rollup's own `at` */
};

/* Two at each end of each unit and what lies between; or, with horizons inside, fewer at each end. */
#define PARTS_MAX 10

struct span {
	int64_t from_ms, until_ms;
};

/*
 * A window put together from what there is.  units: a bit for each unit that may be used; rows always
 * may.  Where horizons leave none of them, the finest of `coarser` is used instead, and the ends of the
 * window move outward to its cells; where there is none of those either, the window begins at the
 * horizon.  *window becomes what was summed.  Returns how many parts.
 */
size_t window_split(const struct horizons *, unsigned units, unsigned coarser, struct span *window,
		    struct part out[PARTS_MAX]);

/* How long the finest cell is that can be used of that moment. */
int64_t window_cell_ms(const struct horizons *, unsigned units, unsigned coarser, int64_t at_ms);

/* A window that ends behind the newest call may as well never end: it is then whole days of rollups up
 * to now.  Holds for one snapshot, so the question must be asked in the same transaction. */
int window_open_end(struct db *, int64_t *until_ms, struct err *err);

/* Calls from then on have at least this id; INT64_MAX for times no id can hold. */
int64_t first_id_at(int64_t wall_ms);

/* Adds to *sum what a scope spent, as ledger_spent() does, of what is there now. */
int spent_between(struct db *, const struct horizons *, const char *scope, int64_t scope_id, const char *model,
		  int64_t from_ms, int64_t until_ms, int64_t *sum, struct err *err);
/* Units whose rollups can tell, a bit for each. */
unsigned spent_units(const char *scope);

#endif
