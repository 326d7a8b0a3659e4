/* SPDX-License-Identifier: MIT */
/* Providers are listed, found, made, changed and removed here. */
#include <stdlib.h>

#include "base/err.h"
#include "store/store.h"
#include "store/store_private.h"

#define COLUMNS                                                                                    \
	"id, name, kind, base_url, credential, state, state_reason, state_by, state_at, models, options, revision, "     \
	"created_at"

/* Its texts are borrowed until the next step. */
static void read_row(struct stmt *s, struct provider_row *r)
{
	r->id = stmt_int(s, "id");
	r->name = row_text(s, "name");
	r->kind = row_text(s, "kind");
	r->base_url = row_text(s, "base_url");
	r->credential = row_text(s, "credential");
	r->state = row_text(s, "state");
	r->state_reason = row_text(s, "state_reason");
	r->state_by = row_text(s, "state_by");
	r->state_at = stmt_int(s, "state_at");
	r->models = row_text(s, "models");
	r->options = row_text(s, "options");
	r->revision = stmt_int(s, "revision");
	r->created_at = stmt_int(s, "created_at");
}

static void own_texts(struct provider_row *r)
{
	row_own(&r->name);
	row_own(&r->kind);
	row_own(&r->base_url);
	row_own(&r->credential);
	row_own(&r->state);
	row_own(&r->state_reason);
	row_own(&r->state_by);
	row_own(&r->models);
	row_own(&r->options);
}

void provider_release(struct provider_row *r)
{
	free(r->name);
	free(r->kind);
	free(r->base_url);
	free(r->credential);
	free(r->state);
	free(r->state_reason);
	free(r->state_by);
	free(r->models);
	free(r->options);
	*r = (struct provider_row){0};
}

int provider_list(struct db *db, provider_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT " COLUMNS " FROM providers ORDER BY name", err);
	struct provider_row row;
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

int provider_get(struct db *db, const char *name, struct provider_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT " COLUMNS " FROM providers WHERE name = ?", err);
	int rc;

	stmt_bind_text(s, name);
	rc = stmt_step(s, err);
	if (rc == 0)
		return not_found(db, "provider", name, "SELECT name FROM providers", err);
	if (rc < 0)
		return rc;
	read_row(s, ret);
	own_texts(ret);
	stmt_reset(s);
	return 0;
}

/* The columns a person can change, in the order of both statements below. */
static void bind_values(struct stmt *s, const struct provider_row *r)
{
	stmt_bind_text(s, r->name);
	stmt_bind_text(s, r->kind);
	stmt_bind_text(s, r->base_url);
	stmt_bind_text(s, r->credential);
	stmt_bind_text(s, r->state);
	stmt_bind_text(s, r->state_reason);
	stmt_bind_text(s, r->state_by);
	stmt_bind_int(s, r->state_at);
	stmt_bind_text(s, r->models);
	stmt_bind_text(s, r->options);
}

static int run_write(struct stmt *s, const struct provider_row *r, struct err *err)
{
	int rc = stmt_run(s, err);

	if (rc == ERR_CONFLICT)
		return err_set(err, ERR_CONFLICT, "a provider \"%s\" exists already", r->name);
	return rc;
}

int provider_insert(struct db *db, struct provider_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT INTO providers (name, kind, base_url, credential, state, state_reason, state_by,"
				  " state_at, models, options, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				  err);
	int rc;

	bind_values(s, r);
	stmt_bind_int(s, r->created_at);
	rc = run_write(s, r, err);
	if (rc < 0)
		return rc;
	r->id = db_last_id(db);
	r->revision = 1;
	return 0;
}

int provider_update(struct db *db, const struct provider_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "UPDATE providers SET name = ?, kind = ?, base_url = ?, credential = ?, state = ?,"
				  " state_reason = ?, state_by = ?, state_at = ?, models = ?, options = ?,"
				  " revision = revision + 1 WHERE id = ? AND revision = ?",
				  err);
	int rc;

	bind_values(s, r);
	stmt_bind_int(s, r->id);
	stmt_bind_int(s, r->revision);
	rc = run_write(s, r, err);
	if (rc < 0)
		return rc;
	return check_revision(db, "provider", r->name, r->id, r->revision,
			      "SELECT revision FROM providers WHERE id = ?", err);
}

int provider_delete(struct db *db, int64_t id, struct err *err)
{
	struct stmt *s = db_query(db, "DELETE FROM providers WHERE id = ?", err);
	int rc;

	stmt_bind_int(s, id);
	rc = stmt_run(s, err);
	if (rc < 0)
		return rc;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "no provider with id %lld", (long long)id);
	return budget_delete_others(db, "provider", id, NULL, NULL, err);
}
