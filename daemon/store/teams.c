/* SPDX-License-Identifier: MIT */
/* Teams are listed, found, made, changed and put away here. */
#include <stdlib.h>

#include "base/err.h"
#include "store/store.h"
#include "store/store_private.h"

#define COLUMNS                                                                                    \
	"id, name, blocked, blocked_reason, models, rpm, tpm, parallel, markup_ppm, allow_unpriced, note, revision, "    \
	"created_at, deleted_at"

/* Its texts are borrowed until the next step. */
static void read_row(struct stmt *s, struct team_row *r)
{
	r->id = stmt_int(s, "id");
	r->name = row_text(s, "name");
	r->blocked = row_bool(s, "blocked");
	r->blocked_reason = row_text(s, "blocked_reason");
	r->models = row_text(s, "models");
	r->rpm = stmt_int(s, "rpm");
	r->tpm = stmt_int(s, "tpm");
	r->parallel = stmt_int(s, "parallel");
	r->markup_ppm = stmt_int(s, "markup_ppm");
	r->allow_unpriced = row_bool(s, "allow_unpriced");
	r->note = row_text(s, "note");
	r->revision = stmt_int(s, "revision");
	r->created_at = stmt_int(s, "created_at");
	r->deleted_at = stmt_int(s, "deleted_at");
}

static void own_texts(struct team_row *r)
{
	row_own(&r->name);
	row_own(&r->blocked_reason);
	row_own(&r->models);
	row_own(&r->note);
}

void team_release(struct team_row *r)
{
	free(r->name);
	free(r->blocked_reason);
	free(r->models);
	free(r->note);
	*r = (struct team_row){0};
}

int team_list(struct db *db, bool with_deleted, team_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(
		db, "SELECT " COLUMNS " FROM teams WHERE deleted_at IS NULL OR ? ORDER BY name", err);
	struct team_row row;
	int rc;

	stmt_bind_int(s, with_deleted);
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
static int read_one(struct stmt *s, struct team_row *ret, struct err *err)
{
	int rc = stmt_step(s, err);

	if (rc > 0) {
		read_row(s, ret);
		own_texts(ret);
	}
	stmt_reset(s);
	return rc;
}

int team_get(struct db *db, const char *name, struct team_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT " COLUMNS " FROM teams WHERE name = ? AND deleted_at IS NULL", err);
	int rc;

	stmt_bind_text(s, name);
	rc = read_one(s, ret, err);
	if (rc == 0)
		return not_found(db, "team", name, "SELECT name FROM teams WHERE deleted_at IS NULL", err);
	return rc < 0 ? rc : 0;
}

int team_get_by_id(struct db *db, int64_t id, struct team_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT " COLUMNS " FROM teams WHERE id = ?", err);
	int rc;

	stmt_bind_int(s, id);
	rc = read_one(s, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no team with id %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

/* The columns a person can change, in the order of both statements below. */
static void bind_values(struct stmt *s, const struct team_row *r)
{
	stmt_bind_text(s, r->name);
	stmt_bind_int(s, r->blocked);
	stmt_bind_text(s, r->blocked_reason);
	stmt_bind_text(s, r->models);
	stmt_bind_int(s, r->rpm);
	stmt_bind_int(s, r->tpm);
	stmt_bind_int(s, r->parallel);
	stmt_bind_int(s, r->markup_ppm);
	stmt_bind_int(s, r->allow_unpriced);
	stmt_bind_text(s, r->note);
}

static int run_write(struct stmt *s, const struct team_row *r, struct err *err)
{
	int rc = stmt_run(s, err);

	if (rc == ERR_CONFLICT)
		return err_set(err, ERR_CONFLICT, "a team \"%s\" exists already", r->name);
	return rc;
}

int team_insert(struct db *db, struct team_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT INTO teams (name, blocked, blocked_reason, models, rpm, tpm, parallel, markup_ppm,"
				  " allow_unpriced, note, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				  err);
	int rc;

	bind_values(s, r);
	stmt_bind_int(s, r->created_at);
	rc = run_write(s, r, err);
	if (rc < 0)
		return rc;
	r->id = db_last_id(db);
	r->revision = 1;
	r->deleted_at = STORE_NONE;
	return 0;
}

int team_update(struct db *db, const struct team_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "UPDATE teams SET name = ?, blocked = ?, blocked_reason = ?, models = ?, rpm = ?, tpm = ?,"
				  " parallel = ?, markup_ppm = ?, allow_unpriced = ?, note = ?, revision = revision + 1"
				  " WHERE id = ? AND revision = ?",
				  err);
	int rc;

	bind_values(s, r);
	stmt_bind_int(s, r->id);
	stmt_bind_int(s, r->revision);
	rc = run_write(s, r, err);
	if (rc < 0)
		return rc;
	return check_revision(db, "team", r->name, r->id, r->revision, "SELECT revision FROM teams WHERE id = ?", err);
}

static int revoke_keys(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	struct stmt *s = db_query(db,
				  "UPDATE keys SET state = 'revoked', state_reason = 'team deleted', revoked_at = ?,"
				  " revision = revision + 1 WHERE team_id = ? AND state <> 'revoked'",
				  err);

	stmt_bind_int(s, now_ms);
	stmt_bind_int(s, id);
	return stmt_run(s, err);
}

static int delete_budgets(struct db *db, int64_t id, struct err *err)
{
	struct stmt *s = db_query(db,
				  "DELETE FROM budgets WHERE (scope = 'team' AND scope_id = ?) OR (scope = 'key' AND scope_id"
				  " IN (SELECT id FROM keys WHERE team_id = ?))",
				  err);

	stmt_bind_int(s, id);
	stmt_bind_int(s, id);
	return stmt_run(s, err);
}

int team_delete(struct db *db, int64_t id, int64_t now_ms, struct err *err)
{
	struct stmt *s = db_query(db,
				  "UPDATE teams SET name = name || '~deleted-' || id, deleted_at = ?, revision = revision + 1"
				  " WHERE id = ? AND deleted_at IS NULL",
				  err);
	int rc;

	stmt_bind_int(s, now_ms);
	stmt_bind_int(s, id);
	rc = stmt_run(s, err);
	if (rc < 0)
		return rc;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "no team with id %lld", (long long)id);
	rc = revoke_keys(db, id, now_ms, err);
	return rc < 0 ? rc : delete_budgets(db, id, err);
}
