/* SPDX-License-Identifier: MIT */
/* Facts about the database that are no rows elsewhere are kept here. */
#include "base/err.h"
#include "base/mem.h"
#include "store/store.h"

int meta_get(struct db *db, const char *name, char **ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT value FROM meta WHERE name = ?", err);
	int rc;

	stmt_bind_text(s, name);
	rc = stmt_step(s, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the database says nothing about \"%s\"", name);
	if (rc < 0)
		return rc;
	*ret = xstrdup(stmt_text(s, "value"));
	stmt_reset(s);
	return 0;
}

int meta_put(struct db *db, const char *name, const char *value, struct err *err)
{
	struct stmt *s = db_query(
		db, "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
		err);

	stmt_bind_text(s, name);
	stmt_bind_text(s, value);
	return stmt_run(s, err);
}
