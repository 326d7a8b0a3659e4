/* SPDX-License-Identifier: MIT */
/* Words that repeat in every row get their numbers here, and journals their positions; the newest call is found. */
#include "store/ledger_store.h"

#include "base/err.h"
#include "base/map.h"
#include "store/db_private.h"

/* Words a connection remembers; when there are more it starts over.  Models and apps are met again
 * at once, users and addresses are too many to keep. */
#define WORDS_MAX 8192

static int find_or_make(struct db *db, const char *name, int64_t *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT id FROM names WHERE name = ?", err);
	int rc;

	stmt_bind_text(s, name);
	rc = stmt_step(s, err);
	if (rc > 0)
		*ret = stmt_int(s, "id");
	stmt_reset(s);
	if (rc != 0)
		return rc;
	s = db_query(db, "INSERT INTO names (name) VALUES (?)", err);
	stmt_bind_text(s, name);
	rc = stmt_run(s, err);
	*ret = db_last_id(db);
	return rc;
}

int64_t name_intern(struct db *db, const char *name, struct err *err)
{
	struct map *words = db_words(db);
	int64_t id;
	int rc;

	if (*name == '\0')
		return 0;
	id = (intptr_t)map_get_text(words, name);
	if (id != 0)
		return id;
	rc = find_or_make(db, name, &id, err);
	if (rc < 0)
		return rc;
	if (words->count >= WORDS_MAX)
		map_release(words);
	map_put_text(words, name, (void *)(intptr_t)id);
	return id;
}

int ledger_newest_id(struct db *db, int64_t *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT max(id) AS id FROM calls", err);
	int rc = stmt_step(s, err);

	*ret = rc > 0 && !stmt_is_null(s, "id") ? stmt_int(s, "id") : 0;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int journal_position_get(struct db *db, const char *journal, int64_t *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT position FROM journal_positions WHERE journal = ?", err);
	int rc;

	stmt_bind_text(s, journal);
	rc = stmt_step(s, err);
	if (rc >= 0)
		*ret = rc > 0 ? stmt_int(s, "position") : 0;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int journal_position_put(struct db *db, const char *journal, int64_t position, struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT INTO journal_positions (journal, position) VALUES (?, ?)"
				  " ON CONFLICT DO UPDATE SET position = excluded.position",
				  err);

	stmt_bind_text(s, journal);
	stmt_bind_int(s, position);
	return stmt_run(s, err);
}
