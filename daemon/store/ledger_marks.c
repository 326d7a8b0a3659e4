/* SPDX-License-Identifier: MIT */
/*
 * Marks say among which calls there is one of some kind; they are made with the rows and, for the
 * first page of a rare kind, read instead of them, here.
 *
 * To find calls by one more thing: a kind of mark, made in marks_put() and asked for in asked_marks().
 */
#include "store/ledger_marks.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/db_private.h"
#include "store/ledger_store.h"

/* Marks a connection remembers to have made; when there are more it starts over. */
#define MADE_MAX 4096

/* A kind with this many marks is no rare one. */
#define MANY_MARKS 512

/* A status, or a class of them. */
static bool status_is_not_ok(int64_t status)
{
	return status / 100 != 2 && status != 2;
}

/* -- making them -------------------------------------------------------------------------------- */

static int put(struct db *db, enum mark_kind kind, int64_t value, int64_t at, struct err *err)
{
	const int64_t key[] = {(int64_t)kind, value, at};
	struct map *made = db_marks(db);
	struct stmt *s;

	if (map_get(made, key, sizeof(key)) != NULL)
		return 0;
	if (made->count >= MADE_MAX)
		map_release(made);
	s = db_query(db, "INSERT OR IGNORE INTO call_marks (what, value, at) VALUES (?, ?, ?)", err);
	for (size_t i = 0; i < ARRAY_LEN(key); i++)
		stmt_bind_int(s, key[i]);
	map_put(made, key, sizeof(key), made);
	return stmt_run(s, err);
}

int marks_put(struct db *db, int64_t id, const struct marked *m, struct err *err)
{
	const struct {
		enum mark_kind kind;
		int64_t value;
		bool wanted;
	} all[] = {
		{MARK_MODEL, m->asked, m->asked != 0},
		{MARK_MODEL, m->model, m->model != 0},
		{MARK_PROVIDER, m->provider, m->provider != 0},
		{MARK_APP, m->app, m->app != 0},
		{MARK_STATUS, m->status, status_is_not_ok(m->status)},
		{MARK_CLASS, m->status / 100, status_is_not_ok(m->status)},
		{MARK_RESULT, m->result, m->result != CALL_ANSWERED},
	};
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(all) && rc == 0; i++)
		if (all[i].wanted)
			rc = put(db, all[i].kind, all[i].value, id >> MARK_SHIFT, err);
	return rc;
}

/* -- asking for them ---------------------------------------------------------------------------- */

/* The number of a word; 0: no call has it. */
static int find_word(struct db *db, const char *name, int64_t *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT id FROM names WHERE name = ?", err);
	int rc;

	stmt_bind_text(s, name);
	rc = stmt_step(s, err);
	*ret = rc > 0 ? stmt_int(s, "id") : 0;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

/* How many marks there are in the window, as far as it matters. */
static int count_marks(struct db *db, const struct mark *mark, int64_t low, int64_t high, int64_t *ret, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT count(*) AS n FROM (SELECT 1 FROM call_marks WHERE what = ? AND value = ?"
				  " AND at >= ? AND at <= ? LIMIT ?)",
				  err);
	int rc;

	stmt_bind_int(s, (int64_t)mark->kind);
	stmt_bind_int(s, mark->value);
	stmt_bind_int(s, low >> MARK_SHIFT);
	stmt_bind_int(s, high >> MARK_SHIFT);
	stmt_bind_int(s, MANY_MARKS);
	rc = stmt_step(s, err);
	if (rc > 0)
		*ret = stmt_int(s, "n");
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

static int asked_marks(struct db *db, const struct call_query *q, struct mark_set *set, struct err *err)
{
	const struct {
		const char *text;
		enum mark_kind kind;
	} words[] = {{q->app, MARK_APP}, {q->model, MARK_MODEL}, {q->provider, MARK_PROVIDER}};
	int rc = 0;

	set->num = 0;
	for (size_t i = 0; i < ARRAY_LEN(words) && rc == 0; i++) {
		if (words[i].text == NULL)
			continue;
		set->mark[set->num].kind = words[i].kind;
		rc = find_word(db, words[i].text, &set->mark[set->num++].value, err);
	}
	if (q->status != 0 && status_is_not_ok(q->status))
		set->mark[set->num++] = (struct mark){q->status < 10 ? MARK_CLASS : MARK_STATUS, q->status};
	if (q->result > CALL_ANSWERED)
		set->mark[set->num++] = (struct mark){MARK_RESULT, q->result};
	return rc;
}

/* Whether all calls of the list are in the indexes of those that were not answered well. */
static bool is_of_not_ok(const struct call_query *q)
{
	return q->result > CALL_ANSWERED || (q->status != 0 && status_is_not_ok(q->status));
}

/* The rarest leads; returns how many marks it has, as far as it matters. */
static int put_rarest_first(struct db *db, struct mark_set *set, int64_t low, int64_t high, int64_t *ret, struct err *err)
{
	int rc = 0;

	*ret = MANY_MARKS;
	for (unsigned i = 0; i < set->num && rc == 0; i++) {
		struct mark mark = set->mark[i];
		int64_t n = 0;

		rc = count_marks(db, &mark, low, high, &n, err);
		if (n >= *ret)
			continue;
		*ret = n;
		set->mark[i] = set->mark[0];
		set->mark[0] = mark;
	}
	return rc;
}

/* Of the calls that a mark leads to, those of one key or team alone.  A name may be several keys'. */
static const char *owner_index(const struct call_query *q)
{
	if (q->key != NULL)
		return strncmp(q->key, "key_", 4) == 0 ? "calls_key" : NULL;
	return q->team != NULL ? "calls_team" : NULL;
}

int marks_of_query(struct db *db, const struct call_query *q, int64_t low, int64_t high, struct mark_set *ret,
		   struct err *err)
{
	bool has_owner = q->team != NULL || q->key != NULL, not_ok = is_of_not_ok(q);
	int64_t fewest;
	int rc = asked_marks(db, q, ret, err);

	if (rc == 0)
		rc = put_rarest_first(db, ret, low, high, &fewest, err);
	ret->index = NULL;
	if (not_ok && has_owner)
		ret->index = q->key != NULL ? "calls_not_ok_key" : "calls_not_ok_team";
	else if (not_ok && rc == 0 && fewest == MANY_MARKS)
		ret->index = "calls_not_ok";
	/* A team or a key has an index of its own, which is better than marks that are everywhere. */
	if (ret->index != NULL || (has_owner && rc == 0 && fewest == MANY_MARKS))
		ret->num = 0;
	if (ret->num > 0)
		ret->index = owner_index(q);
	return rc;
}

void marks_put_from(struct buf *sql, const struct mark_set *set)
{
	if (set->num > 0)
		buf_puts(sql, " FROM call_marks AS m CROSS JOIN calls AS c");
	else
		buf_puts(sql, " FROM calls AS c");
	if (set->index != NULL)
		buf_printf(sql, " INDEXED BY %s", set->index);
}

/* One lower and one upper bound, so that there is no choosing the worse of two. */
void marks_put_conditions(struct buf *sql, const struct mark_set *set)
{
	if (set->num == 0) {
		buf_puts(sql, " WHERE c.id > ? AND c.id < ?");
		/* What is asked for implies it, and SQLite is to see that the index has it all. */
		if (set->index != NULL)
			buf_puts(sql, " AND (c.status / 100 <> 2 OR c.result <> 0)");
		return;
	}
	buf_printf(sql, " WHERE c.id > max(?, (m.at << %d) - 1) AND c.id < min(?, (m.at + 1) << %d)", MARK_SHIFT, MARK_SHIFT);
	buf_puts(sql, " AND m.at >= ? AND m.at <= ? AND m.what = ? AND m.value = ?");
	for (unsigned i = 1; i < set->num; i++)
		buf_puts(sql, " AND EXISTS (SELECT 1 FROM call_marks WHERE what = ? AND value = ? AND at = m.at)");
}

void marks_bind(struct stmt *s, const struct mark_set *set, int64_t low, int64_t high)
{
	stmt_bind_int(s, low);
	stmt_bind_int(s, high);
	if (set->num == 0)
		return;
	stmt_bind_int(s, low >> MARK_SHIFT);
	stmt_bind_int(s, high >> MARK_SHIFT);
	for (unsigned i = 0; i < set->num; i++) {
		stmt_bind_int(s, (int64_t)set->mark[i].kind);
		stmt_bind_int(s, set->mark[i].value);
	}
}
