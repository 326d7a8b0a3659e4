/* SPDX-License-Identifier: MIT */
/* What is the same for every table family: texts of rows, and saying what was not found or has changed. */
#include "store/store_private.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

/* More names than this are not searched for one that was meant. */
#define NAMES_MAX 2000

char *row_text(struct stmt *s, const char *column)
{
	return (char *)stmt_text(s, column);
}

bool row_bool(struct stmt *s, const char *column)
{
	return stmt_int(s, column) == 1;
}

void row_own(char **text)
{
	if (*text != NULL)
		*text = xstrdup(*text);
}

/* At most NAMES_MAX of them, ending with NULL; to be freed with names_free(). */
static char **names_read(struct db *db, const char *sql)
{
	char **names = xcalloc(NAMES_MAX + 1, sizeof(*names));
	struct stmt *s = db_query(db, sql, NULL);

	for (size_t i = 0; i < NAMES_MAX && stmt_step(s, NULL) > 0; i++)
		names[i] = xstrdup(stmt_text(s, "name"));
	stmt_reset(s);
	return names;
}

static void names_free(char **names)
{
	for (size_t i = 0; names[i] != NULL; i++)
		free(names[i]);
	free(names);
}

int not_found(struct db *db, const char *what, const char *name, const char *names_sql, struct err *err)
{
	char **names = names_read(db, names_sql);
	const char *near = text_suggest(name, (const char *const *)names);

	if (near != NULL)
		err_set(err, ERR_NOT_FOUND, "no %s \"%.200s\"; did you mean %s?", what, name, near);
	else
		err_set(err, ERR_NOT_FOUND, "no %s \"%.200s\"", what, name);
	names_free(names);
	return ERR_NOT_FOUND;
}

int check_revision(struct db *db, const char *what, const char *name, int64_t id, int64_t revision,
		   const char *revision_sql, struct err *err)
{
	struct stmt *s;
	int64_t now;
	int rc;

	if (db_changes(db) > 0)
		return 0;
	s = db_query(db, revision_sql, err);
	stmt_bind_int(s, id);
	rc = stmt_step(s, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "%s %s is not there any more", what, name);
	now = stmt_int(s, "revision");
	stmt_reset(s);
	return err_set(err, ERR_CONFLICT, "%s %s was changed meanwhile: it is at revision %lld, not %lld", what, name,
		       (long long)now, (long long)revision);
}
