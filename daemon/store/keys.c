/* SPDX-License-Identifier: MIT */
/* Keys are listed, found by whatever people call them, made and changed here. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "store/store.h"
#include "store/store_private.h"

#define SELECT                                                                                     \
	"SELECT k.id AS id, k.public_id AS public_id, k.team_id AS team_id, t.name AS team_name, k.name AS name,"       \
	" k.hash AS hash, k.prefix AS prefix, k.state AS state, k.state_reason AS state_reason,"                         \
	" k.expires_at AS expires_at, k.models AS models, k.rpm AS rpm, k.tpm AS tpm, k.parallel AS parallel,"           \
	" k.note AS note, k.previous_hash AS previous_hash, k.previous_until AS previous_until,"                         \
	" k.revision AS revision, k.created_at AS created_at, k.revoked_at AS revoked_at"                                \
	" FROM keys k JOIN teams t ON t.id = k.team_id"

static bool read_hash(struct stmt *s, const char *column, unsigned char ret[HASH_BYTES])
{
	size_t len;
	const void *data = stmt_blob(s, column, &len);

	memset(ret, 0, HASH_BYTES);
	if (data == NULL || len != HASH_BYTES)
		return false;
	memcpy(ret, data, HASH_BYTES);
	return true;
}

/* Its texts are borrowed until the next step. */
static void read_row(struct stmt *s, struct key_row *r)
{
	r->id = stmt_int(s, "id");
	r->public_id = row_text(s, "public_id");
	r->team_id = stmt_int(s, "team_id");
	r->team_name = row_text(s, "team_name");
	r->name = row_text(s, "name");
	read_hash(s, "hash", r->hash);
	r->prefix = row_text(s, "prefix");
	r->state = row_text(s, "state");
	r->state_reason = row_text(s, "state_reason");
	r->expires_at = stmt_int(s, "expires_at");
	r->models = row_text(s, "models");
	r->rpm = stmt_int(s, "rpm");
	r->tpm = stmt_int(s, "tpm");
	r->parallel = stmt_int(s, "parallel");
	r->note = row_text(s, "note");
	r->has_previous = read_hash(s, "previous_hash", r->previous_hash);
	r->previous_until = stmt_int(s, "previous_until");
	r->revision = stmt_int(s, "revision");
	r->created_at = stmt_int(s, "created_at");
	r->revoked_at = stmt_int(s, "revoked_at");
}

static void own_texts(struct key_row *r)
{
	row_own(&r->public_id);
	row_own(&r->team_name);
	row_own(&r->name);
	row_own(&r->prefix);
	row_own(&r->state);
	row_own(&r->state_reason);
	row_own(&r->models);
	row_own(&r->note);
}

void key_release(struct key_row *r)
{
	free(r->public_id);
	free(r->team_name);
	free(r->name);
	free(r->prefix);
	free(r->state);
	free(r->state_reason);
	free(r->models);
	free(r->note);
	*r = (struct key_row){0};
}

int key_list(struct db *db, key_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(db, SELECT " ORDER BY k.id", err);
	struct key_row row;
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

/* How many rows there are, the first of them (owned) in *ret. */
static int read_first(struct stmt *s, struct key_row *ret, struct err *err)
{
	int rc, n = 0;

	while ((rc = stmt_step(s, err)) > 0) {
		if (n++ > 0)
			continue;
		read_row(s, ret);
		own_texts(ret);
	}
	if (rc < 0 && n > 0)
		key_release(ret);
	return rc < 0 ? rc : n;
}

static int find_by_id(struct db *db, const char *id, struct key_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, SELECT " WHERE k.public_id = ?", err);

	stmt_bind_text(s, id);
	return read_first(s, ret, err);
}

static int find_by_name(struct db *db, const char *name, struct key_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, SELECT " WHERE k.name = ? AND k.state <> 'revoked'", err);

	stmt_bind_text(s, name);
	return read_first(s, ret, err);
}

/* "team/name" */
static int find_in_team(struct db *db, const char *path, struct key_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, SELECT " WHERE t.name || '/' || k.name = ? AND k.state <> 'revoked'", err);

	stmt_bind_text(s, path);
	return read_first(s, ret, err);
}

int key_get(struct db *db, const char *id_or_name, struct key_row *ret, struct err *err)
{
	bool path = strchr(id_or_name, '/') != NULL;
	int rc = find_by_id(db, id_or_name, ret, err);

	if (rc == 0)
		rc = path ? find_in_team(db, id_or_name, ret, err) : find_by_name(db, id_or_name, ret, err);
	if (rc == 0)
		return not_found(db, "key", id_or_name,
				 path ? "SELECT t.name || '/' || k.name AS name FROM keys k JOIN teams t ON t.id = k.team_id"
					" WHERE k.state <> 'revoked'"
				      : "SELECT name FROM keys WHERE state <> 'revoked'",
				 err);
	if (rc > 1) {
		key_release(ret);
		return err_set(err, ERR_INVALID, "%d keys are called %s: say which, by team/%s or by its id", rc, id_or_name,
			       id_or_name);
	}
	return rc < 0 ? rc : 0;
}

/* The columns that change, in the order of both statements below. */
static void bind_values(struct stmt *s, const struct key_row *r)
{
	stmt_bind_text(s, r->name);
	stmt_bind_blob(s, r->hash, HASH_BYTES);
	stmt_bind_text(s, r->prefix);
	stmt_bind_text(s, r->state);
	stmt_bind_text(s, r->state_reason);
	stmt_bind_int(s, r->expires_at);
	stmt_bind_text(s, r->models);
	stmt_bind_int(s, r->rpm);
	stmt_bind_int(s, r->tpm);
	stmt_bind_int(s, r->parallel);
	stmt_bind_text(s, r->note);
	if (r->has_previous)
		stmt_bind_blob(s, r->previous_hash, HASH_BYTES);
	else
		stmt_bind_null(s);
	stmt_bind_int(s, r->has_previous ? r->previous_until : STORE_NONE);
	stmt_bind_int(s, r->revoked_at);
}

static int run_write(struct stmt *s, const struct key_row *r, struct err *err)
{
	int rc = stmt_run(s, err);

	if (rc == ERR_CONFLICT)
		return err_set(err, ERR_CONFLICT, "team %s has a key \"%s\" already",
			       r->team_name != NULL ? r->team_name : "", r->name);
	return rc;
}

int key_insert(struct db *db, struct key_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT INTO keys (name, hash, prefix, state, state_reason, expires_at, models, rpm, tpm,"
				  " parallel, note, previous_hash, previous_until, revoked_at, public_id, team_id, created_at)"
				  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				  err);
	int rc;

	bind_values(s, r);
	stmt_bind_text(s, r->public_id);
	stmt_bind_int(s, r->team_id);
	stmt_bind_int(s, r->created_at);
	rc = run_write(s, r, err);
	if (rc < 0)
		return rc;
	r->id = db_last_id(db);
	r->revision = 1;
	return 0;
}

int key_update(struct db *db, const struct key_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "UPDATE keys SET name = ?, hash = ?, prefix = ?, state = ?, state_reason = ?, expires_at = ?,"
				  " models = ?, rpm = ?, tpm = ?, parallel = ?, note = ?, previous_hash = ?,"
				  " previous_until = ?, revoked_at = ?, revision = revision + 1 WHERE id = ? AND revision = ?",
				  err);
	int rc;

	bind_values(s, r);
	stmt_bind_int(s, r->id);
	stmt_bind_int(s, r->revision);
	rc = run_write(s, r, err);
	if (rc < 0)
		return rc;
	return check_revision(db, "key", r->public_id, r->id, r->revision, "SELECT revision FROM keys WHERE id = ?", err);
}
