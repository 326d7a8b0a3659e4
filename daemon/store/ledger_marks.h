/* SPDX-License-Identifier: MIT */
/*
 * ledger_marks.h — marks: among the calls of some 17 seconds there is one of that kind.
 *
 * They take the place of an index for each filter of a list of calls (schema/0002-call-marks.sql).
 */
#ifndef STORE_LEDGER_MARKS_H
#define STORE_LEDGER_MARKS_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct call_query;
struct db;
struct err;
struct stmt;

/* Bits of a call's id below those that a mark knows: 2^14 ms. */
#define MARK_SHIFT 34

/* Values are stored. */
enum mark_kind { MARK_MODEL = 1, MARK_PROVIDER, MARK_APP, MARK_STATUS, MARK_CLASS, MARK_RESULT };

/* What of a call has marks; numbers of words, 0: none. */
struct marked {
	int64_t asked, model, provider, app;
	int status, result;
};

/* Inside the transaction that inserts the call. */
int marks_put(struct db *, int64_t id, const struct marked *, struct err *err);

struct mark {
	enum mark_kind kind;
	int64_t value;
};

/* The marks all calls of a list have; the first leads.  None: the list is read from the rows, by the
 * index of those that were not answered well where only such are asked for. */
#define MARKS_MAX 5
struct mark_set {
	struct mark mark[MARKS_MAX];
	unsigned num;
	const char *index;      /* of calls; NULL: SQLite's choice */
};

/* Calls with ids above low and below high. */
int marks_of_query(struct db *, const struct call_query *, int64_t low, int64_t high, struct mark_set *ret,
		   struct err *err);

/* The parts of SELECT … FROM calls AS c … WHERE … that find them, and their parameters. */
void marks_put_from(struct buf *sql, const struct mark_set *);
void marks_put_conditions(struct buf *sql, const struct mark_set *);
void marks_bind(struct stmt *, const struct mark_set *, int64_t low, int64_t high);

#endif
