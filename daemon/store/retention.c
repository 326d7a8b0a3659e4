/* SPDX-License-Identifier: MIT */
/*
 * Calls, marks and rollups that are old enough are deleted here, in slices whose size follows the
 * time they take.
 *
 * To let one more table grow old: its statements in rollup_tables[], or a function as for calls.
 */
#include "store/retention.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/budget_kept.h"
#include "store/ledger_marks.h"
#include "store/ledger_private.h"

#define DAY_MS INT64_C(86400000)

/* What a slice should take: less than half of what others may have to wait, as the next one may be twice as
 * slow.  Each touches the beginning of every key's part of an index, so that shorter ones cost more in all. */
#define SLICE_US 25000
#define ROWS_FIRST 256
#define ROWS_LEAST 16
#define ROWS_MOST 20000

struct retention {
	struct db *db;
	struct retention_ages ages;
	int64_t rows[HORIZON_NUM];      /* in the next slice of each, by what the last ones took */
	int64_t key_id;                 /* the last key that was looked at */
	struct mark mark;               /* the kind whose marks come next */
};

struct retention *retention_new(struct db *db, const struct retention_ages *ages)
{
	struct retention *r = xcalloc(1, sizeof(*r));

	r->db = db;
	r->ages = *ages;
	for (size_t i = 0; i < HORIZON_NUM; i++)
		r->rows[i] = ROWS_FIRST;
	return r;
}

void retention_free(struct retention *r)
{
	free(r);
}

/* The number a statement answers with; `none` where there is none.  Its parameters are bound. */
static int one_number(struct stmt *s, int64_t none, int64_t *ret, struct err *err)
{
	int rc = stmt_step(s, err);

	*ret = rc > 0 && !stmt_is_null(s, "n") ? stmt_int(s, "n") : none;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

static int run_range(struct db *db, const char *sql, int64_t from, int64_t until, struct err *err)
{
	struct stmt *s = db_query(db, sql, err);

	stmt_bind_int(s, from);
	stmt_bind_int(s, until);
	return stmt_run(s, err);
}

/* -- horizons ------------------------------------------------------------------------------------ */

static const struct {
	size_t age;                     /* its offset in struct retention_ages */
	const char *oldest;             /* the oldest there is, as n */
	int64_t unit_ms;                /* of n; 0: an id */
} aging[] = {
	/* What is known of keys by their calls is noted before, marks go after the calls they lead to. */
	[HORIZON_KEYS] = {offsetof(struct retention_ages, calls_ms), "SELECT min(id) AS n FROM calls", 0},
	[HORIZON_CALLS] = {offsetof(struct retention_ages, calls_ms), "SELECT min(id) AS n FROM calls", 0},
	[HORIZON_MARKS] = {offsetof(struct retention_ages, calls_ms), "SELECT min(id) AS n FROM calls", 0},
	[HORIZON_MINUTES] = {offsetof(struct retention_ages, minutes_ms), "SELECT min(at) AS n FROM rollup_minute", 60000},
	[HORIZON_HOURS] = {offsetof(struct retention_ages, hours_ms), "SELECT min(at) AS n FROM rollup_hour_team", 3600000},
};

/* Where the horizon should be now, when there is something behind it; else where it is. */
static int find_target(struct retention *r, enum horizon horizon, int64_t now_ms, int64_t *from_ms, struct err *err)
{
	int64_t age_ms = *(const int64_t *)((const char *)&r->ages + aging[horizon].age), oldest;
	int64_t target_ms = (now_ms - age_ms) / DAY_MS * DAY_MS;
	int rc;

	if (age_ms == 0 || target_ms <= *from_ms)
		return 0;
	rc = one_number(db_query(r->db, aging[horizon].oldest, err), INT64_MAX, &oldest, err);
	if (rc < 0 || oldest == INT64_MAX)
		return rc;
	oldest = aging[horizon].unit_ms == 0 ? id_wall_ms(oldest) : oldest * aging[horizon].unit_ms;
	if (oldest < target_ms)
		*from_ms = target_ms;
	return 0;
}

static void tell_horizon(enum horizon horizon, int64_t from_ms)
{
	static const char *const what[HORIZON_NUM] = {
		[HORIZON_CALLS] = "calls", [HORIZON_MINUTES] = "sums of minutes", [HORIZON_HOURS] = "sums of hours"};
	char at[CLOCK_TEXT];

	if (what[horizon] != NULL)
		log_info("%s from before %s are deleted, days keep their sums", what[horizon], clock_format(from_ms, at));
}

/* From the first key and kind of mark again. */
static void start_over(struct retention *r)
{
	r->key_id = 0;
	r->mark = (struct mark){0};
}

static int write_horizons(struct retention *r, const struct horizons *before, const struct horizons *after,
			  int64_t now_ms, struct err *err)
{
	int rc = budget_kept_edges(r->db, before, after, now_ms, err);

	for (int i = 0; i < HORIZON_NUM && rc == 0; i++)
		if (after->of[i].from_ms != before->of[i].from_ms)
			rc = horizon_put(r->db, (enum horizon)i, after->of[i].from_ms, after->of[i].gone_ms, err);
	if (rc == 0)
		rc = db_commit(r->db, err);
	for (int i = 0; i < HORIZON_NUM && rc == 0; i++)
		if (after->of[i].from_ms != before->of[i].from_ms)
			tell_horizon((enum horizon)i, after->of[i].from_ms);
	return rc;
}

/* 1 when one has moved. */
static int move_horizons(struct retention *r, const struct horizons *before, int64_t now_ms, struct err *err)
{
	struct horizons after = *before;
	bool moves = false;
	int rc = 0;

	for (int i = 0; i < HORIZON_NUM && rc == 0; i++) {
		rc = find_target(r, (enum horizon)i, now_ms, &after.of[i].from_ms, err);
		moves |= after.of[i].from_ms != before->of[i].from_ms;
	}
	if (rc < 0 || !moves)
		return rc;
	/* Those before were done for an older horizon. */
	start_over(r);
	rc = db_begin(r->db, err);
	if (rc == 0)
		rc = write_horizons(r, before, &after, now_ms, err);
	if (rc < 0)
		db_rollback(r->db);
	return rc < 0 ? rc : 1;
}

/* -- slices -------------------------------------------------------------------------------------- */

/* Each does its part of what lies behind that horizon, from gone_ms on, and says how far it came in *gone_ms. */
typedef int delete_slice(struct retention *, const struct horizons *, int64_t now_ms, int64_t *gone_ms, struct err *err);

/* Keys whose newest call will go; a slice of keys at a time. */
static int note_keys(struct retention *r, const struct horizons *h, int64_t now_ms, int64_t *gone_ms, struct err *err)
{
	struct stmt *s = db_query(r->db, "SELECT id AS n FROM keys WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?", err);
	int64_t last_id;
	int rc;

	(void)now_ms;
	stmt_bind_int(s, r->key_id);
	stmt_bind_int(s, r->rows[HORIZON_KEYS]);
	rc = one_number(s, INT64_MAX, &last_id, err);
	if (rc < 0)
		return rc;
	s = db_query(r->db,
		     "INSERT OR REPLACE INTO key_last_gone (key_id, call_id) SELECT id, last FROM"
		     " (SELECT k.id AS id, (SELECT max(c.id) FROM calls AS c WHERE c.key_id = k.id) AS last FROM keys AS k"
		     " WHERE k.id > ? AND k.id <= ?) WHERE last < ?",
		     err);
	stmt_bind_int(s, r->key_id);
	stmt_bind_int(s, last_id);
	stmt_bind_int(s, first_id_at(h->of[HORIZON_KEYS].from_ms));
	r->key_id = last_id;
	if (last_id == INT64_MAX)
		*gone_ms = h->of[HORIZON_KEYS].from_ms;
	return stmt_run(s, err);
}

static const char *const call_deletes[] = {
	"DELETE FROM attempts WHERE call_id >= ? AND call_id < ?",
	"DELETE FROM calls WHERE id >= ? AND id < ?",
};

/* Whole milliseconds: up to there everything is gone. */
static int find_call_end(struct retention *r, int64_t from_ms, int64_t until_ms, int64_t *ret_ms, struct err *err)
{
	struct stmt *s = db_query(r->db, "SELECT id AS n FROM calls WHERE id >= ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?", err);
	int64_t id;
	int rc;

	stmt_bind_int(s, first_id_at(from_ms));
	stmt_bind_int(s, first_id_at(until_ms));
	stmt_bind_int(s, r->rows[HORIZON_CALLS]);
	rc = one_number(s, INT64_MAX, &id, err);
	*ret_ms = id == INT64_MAX ? until_ms : id_wall_ms(id) > from_ms ? id_wall_ms(id) : from_ms + 1;
	return rc;
}

static int delete_calls(struct retention *r, const struct horizons *h, int64_t now_ms, int64_t *gone_ms, struct err *err)
{
	int64_t from_ms = *gone_ms;
	int rc = find_call_end(r, from_ms, h->of[HORIZON_CALLS].from_ms, gone_ms, err);

	if (rc == 0)
		rc = budget_kept_calls(r->db, h, *gone_ms, now_ms, err);
	for (size_t i = 0; i < ARRAY_LEN(call_deletes) && rc == 0; i++)
		rc = run_range(r->db, call_deletes[i], first_id_at(from_ms), first_id_at(*gone_ms), err);
	return rc;
}

/* The first kind of mark behind this one; kind 0: there is none. */
static int next_mark(struct retention *r, struct mark *mark, struct err *err)
{
	struct stmt *s = db_query(r->db,
				  "SELECT what, value FROM call_marks WHERE (what, value) > (?, ?) ORDER BY what, value LIMIT 1",
				  err);
	int rc;

	stmt_bind_int(s, (int64_t)mark->kind);
	stmt_bind_int(s, mark->value);
	rc = stmt_step(s, err);
	*mark = (struct mark){0};
	if (rc > 0)
		*mark = (struct mark){(enum mark_kind)stmt_int(s, "what"), stmt_int(s, "value")};
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

static int delete_marks_of(struct retention *r, const struct mark *mark, int64_t until, int64_t *room, struct err *err)
{
	/* The oldest come first in the key, so the inner question reads no more than are deleted. */
	struct stmt *s = db_query(r->db,
				  "DELETE FROM call_marks WHERE what = ?1 AND value = ?2 AND at < ifnull((SELECT at FROM call_marks"
				  " WHERE what = ?1 AND value = ?2 AND at < ?3 ORDER BY at LIMIT 1 OFFSET ?4), ?3)",
				  err);
	int rc;

	stmt_bind_int(s, (int64_t)mark->kind);
	stmt_bind_int(s, mark->value);
	stmt_bind_int(s, until);
	stmt_bind_int(s, *room);
	rc = stmt_run(s, err);
	/* To look for a kind takes as long as to delete a few. */
	*room -= db_changes(r->db) + 4;
	return rc;
}

/* Kind by kind: the next slice goes on with the one at which this one ended. */
static int delete_marks(struct retention *r, const struct horizons *h, int64_t now_ms, int64_t *gone_ms, struct err *err)
{
	int64_t until = first_id_at(h->of[HORIZON_MARKS].from_ms) >> MARK_SHIFT, room = r->rows[HORIZON_MARKS];
	int rc = 0;

	(void)now_ms;
	if (r->mark.kind == 0)
		rc = next_mark(r, &r->mark, err);
	while (rc == 0 && r->mark.kind != 0 && room > 0) {
		rc = delete_marks_of(r, &r->mark, until, &room, err);
		if (rc == 0 && room > 0)
			rc = next_mark(r, &r->mark, err);
	}
	if (rc == 0 && r->mark.kind == 0)
		*gone_ms = h->of[HORIZON_MARKS].from_ms;
	return rc;
}

/* The first says how much a slice takes; the others have at most as many cells. */
static const struct {
	const char *end;
	const char *deletes[4];
	int64_t unit_ms;
} rollup_tables[] = {
	[HORIZON_MINUTES] = {"SELECT at AS n FROM rollup_minute WHERE at >= ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?",
			     {"DELETE FROM rollup_minute WHERE at >= ? AND at < ?"}, 60000},
	[HORIZON_HOURS] = {"SELECT at AS n FROM rollup_hour WHERE at >= ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?",
			   {"DELETE FROM rollup_hour WHERE at >= ? AND at < ?",
			    "DELETE FROM rollup_hour_team WHERE at >= ? AND at < ?",
			    "DELETE FROM rollup_hour_target WHERE at >= ? AND at < ?",
			    "DELETE FROM rollup_hour_key WHERE at >= ? AND at < ?"}, 3600000},
};

static int delete_cells(struct retention *r, enum horizon horizon, int64_t until_ms, int64_t *gone_ms, struct err *err)
{
	int64_t unit_ms = rollup_tables[horizon].unit_ms, from = *gone_ms / unit_ms, end;
	struct stmt *s = db_query(r->db, rollup_tables[horizon].end, err);
	int rc;

	stmt_bind_int(s, from);
	stmt_bind_int(s, until_ms / unit_ms);
	stmt_bind_int(s, r->rows[horizon]);
	rc = one_number(s, until_ms / unit_ms, &end, err);
	if (end == from)
		end++;
	for (size_t i = 0; i < ARRAY_LEN(rollup_tables[horizon].deletes) && rc == 0; i++)
		if (rollup_tables[horizon].deletes[i] != NULL)
			rc = run_range(r->db, rollup_tables[horizon].deletes[i], from, end, err);
	*gone_ms = end * unit_ms;
	return rc;
}

static int delete_minutes(struct retention *r, const struct horizons *h, int64_t now_ms, int64_t *gone_ms, struct err *err)
{
	(void)now_ms;
	return delete_cells(r, HORIZON_MINUTES, h->of[HORIZON_MINUTES].from_ms, gone_ms, err);
}

static int delete_hours(struct retention *r, const struct horizons *h, int64_t now_ms, int64_t *gone_ms, struct err *err)
{
	(void)now_ms;
	return delete_cells(r, HORIZON_HOURS, h->of[HORIZON_HOURS].from_ms, gone_ms, err);
}

static delete_slice *const slices[] = {
	[HORIZON_KEYS] = note_keys,
	[HORIZON_CALLS] = delete_calls,
	[HORIZON_MARKS] = delete_marks,
	[HORIZON_MINUTES] = delete_minutes,
	[HORIZON_HOURS] = delete_hours,
};

/* At most twice as many as before: one fast slice proves little. */
static void learn(struct retention *r, enum horizon horizon, uint64_t took_us)
{
	int64_t rows = r->rows[horizon], most = 2 * rows < ROWS_MOST ? 2 * rows : ROWS_MOST;

	rows = rows * SLICE_US / (int64_t)(took_us > 0 ? took_us : 1);
	r->rows[horizon] = rows < ROWS_LEAST ? ROWS_LEAST : rows > most ? most : rows;
}

static int delete_and_commit(struct retention *r, enum horizon horizon, const struct horizons *h, int64_t now_ms,
			     struct err *err)
{
	int64_t gone_ms = h->of[horizon].gone_ms;
	int rc = db_begin(r->db, err);
	uint64_t began_us = clock_mono_us();

	if (rc == 0)
		rc = slices[horizon](r, h, now_ms, &gone_ms, err);
	if (rc == 0)
		rc = horizon_put(r->db, horizon, h->of[horizon].from_ms, gone_ms, err);
	if (rc == 0)
		rc = db_commit(r->db, err);
	if (rc < 0) {
		db_rollback(r->db);
		start_over(r);
	} else if (gone_ms < h->of[horizon].from_ms) {
		/* The last one has fewer rows and proves nothing. */
		learn(r, horizon, clock_mono_us() - began_us);
	}
	return rc;
}

/* Nobody waits for the disk to have it: what power takes back, the next run deletes again. */
static int run_slice(struct retention *r, enum horizon horizon, const struct horizons *h, int64_t now_ms, struct err *err)
{
	int rc = db_exec(r->db, "PRAGMA synchronous = NORMAL", err);

	if (rc == 0)
		rc = delete_and_commit(r, horizon, h, now_ms, err);
	if (db_exec(r->db, "PRAGMA synchronous = FULL", rc == 0 ? err : NULL) < 0 && rc == 0)
		rc = ERR_SYSTEM;
	return rc == 0 ? 1 : rc;
}

int retention_step(struct retention *r, int64_t now_ms, struct err *err)
{
	struct horizons h;
	int rc = horizons_get(r->db, &h, err);

	if (rc == 0)
		rc = move_horizons(r, &h, now_ms, err);
	if (rc != 0)
		return rc;
	for (int i = 0; i < HORIZON_NUM; i++)
		if (h.of[i].gone_ms < h.of[i].from_ms)
			return run_slice(r, (enum horizon)i, &h, now_ms, err);
	return 0;
}
