/* SPDX-License-Identifier: MIT */
/* Chains are kept here: the current version of each, and every one there ever was. */
#include <stdlib.h>

#include "base/err.h"
#include "store/store.h"
#include "store/store_private.h"

#define CURRENT "SELECT name, spec, version, updated_at, NULL AS who, NULL AS reason FROM chains"
#define HISTORY "SELECT name, spec, version, at AS updated_at, who, reason FROM chain_history"

/* Its texts are borrowed until the next step. */
static void read_row(struct stmt *s, struct chain_row *r)
{
	r->name = row_text(s, "name");
	r->spec = row_text(s, "spec");
	r->version = stmt_int(s, "version");
	r->updated_at = stmt_int(s, "updated_at");
	r->who = row_text(s, "who");
	r->reason = row_text(s, "reason");
}

static void own_texts(struct chain_row *r)
{
	row_own(&r->name);
	row_own(&r->spec);
	row_own(&r->who);
	row_own(&r->reason);
}

void chain_release(struct chain_row *r)
{
	free(r->name);
	free(r->spec);
	free(r->who);
	free(r->reason);
	*r = (struct chain_row){0};
}

static int walk(struct stmt *s, chain_each *each, void *arg, struct err *err)
{
	struct chain_row row;
	int rc;

	while ((rc = stmt_step(s, err)) > 0) {
		read_row(s, &row);
		rc = each(arg, &row);
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

/* 1 when there was one, 0 when not. */
static int read_one(struct stmt *s, struct chain_row *ret, struct err *err)
{
	int rc = stmt_step(s, err);

	if (rc > 0) {
		read_row(s, ret);
		own_texts(ret);
	}
	stmt_reset(s);
	return rc;
}

int chain_list(struct db *db, chain_each *each, void *arg, struct err *err)
{
	return walk(db_query(db, CURRENT " ORDER BY name", err), each, arg, err);
}

int chain_get(struct db *db, const char *name, struct chain_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, CURRENT " WHERE name = ?", err);
	int rc;

	stmt_bind_text(s, name);
	rc = read_one(s, ret, err);
	if (rc == 0)
		return not_found(db, "chain", name, "SELECT name FROM chains", err);
	return rc < 0 ? rc : 0;
}

int chain_history(struct db *db, const char *name, chain_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(db, HISTORY " WHERE name = ? ORDER BY version DESC", err);

	stmt_bind_text(s, name);
	return walk(s, each, arg, err);
}

int chain_get_version(struct db *db, const char *name, int64_t version, struct chain_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, HISTORY " WHERE name = ? AND version = ?", err);
	int rc;

	stmt_bind_text(s, name);
	stmt_bind_int(s, version);
	rc = read_one(s, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "chain %s has no version %lld", name, (long long)version);
	return rc < 0 ? rc : 0;
}

/* -- writing -- */

/* Of the chain as it is, 0 when there is none; and the last there ever was. */
static int read_versions(struct db *db, const char *name, int64_t *ret_current, int64_t *ret_last, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT coalesce((SELECT version FROM chains WHERE name = ?), 0) AS current,"
				  " coalesce((SELECT max(version) FROM chain_history WHERE name = ?), 0) AS last",
				  err);
	int rc;

	stmt_bind_text(s, name);
	stmt_bind_text(s, name);
	rc = stmt_step(s, err);
	if (rc <= 0)
		return rc;
	*ret_current = stmt_int(s, "current");
	*ret_last = stmt_int(s, "last");
	stmt_reset(s);
	return 0;
}

static int check_expected(struct db *db, const char *name, const char *spec, int64_t expect, int64_t current,
			  struct err *err)
{
	if (current == 0 && (spec == NULL || expect > 0))
		return not_found(db, "chain", name, "SELECT name FROM chains", err);
	if (expect < 0 || expect == current)
		return 0;
	if (expect == 0)
		return err_set(err, ERR_CONFLICT, "a chain \"%s\" exists already, at version %lld", name,
			       (long long)current);
	return err_set(err, ERR_CONFLICT, "chain %s was changed meanwhile: it is at version %lld, not %lld", name,
		       (long long)current, (long long)expect);
}

static int write_current(struct db *db, const char *name, const char *spec, int64_t version, int64_t now_ms,
			 struct err *err)
{
	struct stmt *s;

	if (spec == NULL) {
		s = db_query(db, "DELETE FROM chains WHERE name = ?", err);
		stmt_bind_text(s, name);
		return stmt_run(s, err);
	}
	s = db_query(db,
		     "INSERT INTO chains (name, spec, version, updated_at) VALUES (?, ?, ?, ?)"
		     " ON CONFLICT (name) DO UPDATE SET spec = excluded.spec, version = excluded.version,"
		     " updated_at = excluded.updated_at",
		     err);
	stmt_bind_text(s, name);
	stmt_bind_text(s, spec);
	stmt_bind_int(s, version);
	stmt_bind_int(s, now_ms);
	return stmt_run(s, err);
}

int chain_write(struct db *db, const char *name, const char *spec, int64_t expect, const char *who, const char *reason,
		int64_t now_ms, int64_t *ret_version, struct err *err)
{
	int64_t current = 0, last = 0;
	struct stmt *s;
	int rc;

	if ((rc = read_versions(db, name, &current, &last, err)) < 0 ||
	    (rc = check_expected(db, name, spec, expect, current, err)) < 0 ||
	    (rc = write_current(db, name, spec, last + 1, now_ms, err)) < 0)
		return rc;
	s = db_query(db, "INSERT INTO chain_history (name, version, spec, who, reason, at) VALUES (?, ?, ?, ?, ?, ?)", err);
	stmt_bind_text(s, name);
	stmt_bind_int(s, last + 1);
	stmt_bind_text(s, spec);
	stmt_bind_text(s, who);
	stmt_bind_text(s, reason);
	stmt_bind_int(s, now_ms);
	rc = stmt_run(s, err);
	if (rc == 0)
		*ret_version = last + 1;
	return rc;
}
