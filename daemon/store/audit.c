/* SPDX-License-Identifier: MIT */
/* Who changed what is written down and read back here; an entry is never changed once its change is over. */
#include <stdlib.h>

#include "base/err.h"
#include "store/store.h"
#include "store/store_private.h"

#define SELECT                                                                                     \
	"SELECT id, at, uid, user_name, pid, via, action, object, before, after, reason, refused FROM audit"

/* Its texts are borrowed until the next step. */
static void read_row(struct stmt *s, struct audit_row *r)
{
	r->id = stmt_int(s, "id");
	r->at = stmt_int(s, "at");
	r->uid = stmt_int(s, "uid");
	r->user_name = row_text(s, "user_name");
	r->pid = stmt_int(s, "pid");
	r->via = row_text(s, "via");
	r->action = row_text(s, "action");
	r->object = row_text(s, "object");
	r->before = row_text(s, "before");
	r->after = row_text(s, "after");
	r->reason = row_text(s, "reason");
	r->refused = row_text(s, "refused");
}

static void own_texts(struct audit_row *r)
{
	row_own(&r->user_name);
	row_own(&r->via);
	row_own(&r->action);
	row_own(&r->object);
	row_own(&r->before);
	row_own(&r->after);
	row_own(&r->reason);
	row_own(&r->refused);
}

void audit_release(struct audit_row *r)
{
	free(r->user_name);
	free(r->via);
	free(r->action);
	free(r->object);
	free(r->before);
	free(r->after);
	free(r->reason);
	free(r->refused);
	*r = (struct audit_row){0};
}

int audit_insert(struct db *db, struct audit_row *r, struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT INTO audit (at, uid, user_name, pid, via, action, object, before, after, reason,"
				  " refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
				  err);
	int rc;

	stmt_bind_int(s, r->at);
	stmt_bind_int(s, r->uid);
	stmt_bind_text(s, r->user_name);
	stmt_bind_int(s, r->pid);
	stmt_bind_text(s, r->via);
	stmt_bind_text(s, r->action);
	stmt_bind_text(s, r->object);
	stmt_bind_text(s, r->before);
	stmt_bind_text(s, r->after);
	stmt_bind_text(s, r->reason);
	stmt_bind_text(s, r->refused);
	rc = stmt_run(s, err);
	if (rc == 0)
		r->id = db_last_id(db);
	return rc;
}

int audit_go_on(struct db *db, int64_t id, const char *before, const char *after, struct err *err)
{
	struct stmt *s = db_query(db, "UPDATE audit SET before = ?, after = ? WHERE id = ?", err);

	stmt_bind_text(s, before);
	stmt_bind_text(s, after);
	stmt_bind_int(s, id);
	return stmt_run(s, err);
}

int audit_list(struct db *db, const char *object, const char *action, const char *who, int64_t before_id, int limit,
	       audit_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(db,
				  SELECT " WHERE (? = 0 OR id < ?) AND object = coalesce(?, object)"
					 " AND action = coalesce(?, action) AND (user_name = ? OR ? IS NULL)"
					 " ORDER BY id DESC LIMIT ?",
				  err);
	struct audit_row row;
	int rc;

	stmt_bind_int(s, before_id);
	stmt_bind_int(s, before_id);
	stmt_bind_text(s, object);
	stmt_bind_text(s, action);
	stmt_bind_text(s, who);
	stmt_bind_text(s, who);
	stmt_bind_int(s, limit);
	while ((rc = stmt_step(s, err)) > 0) {
		read_row(s, &row);
		rc = each(arg, &row);
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

int audit_get(struct db *db, int64_t id, struct audit_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, SELECT " WHERE id = ?", err);
	int rc;

	stmt_bind_int(s, id);
	rc = stmt_step(s, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no audit entry %lld", (long long)id);
	if (rc < 0)
		return rc;
	read_row(s, ret);
	own_texts(ret);
	stmt_reset(s);
	return 0;
}
