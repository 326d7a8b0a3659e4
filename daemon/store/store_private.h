/* SPDX-License-Identifier: MIT */
/* store_private.h — what the table families of store/ share. */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/db.h"

/* A column as a row's text: borrowed until the next step, or (row_own) the row's own. */
char *row_text(struct stmt *, const char *column);
/* INT64_MIN for NULL is STORE_NONE already; this is for columns that are true or false. */
bool row_bool(struct stmt *, const char *column);
/* Makes a borrowed text the row's own; NULL stays NULL. */
void row_own(char **text);

/* ERR_NOT_FOUND: no team "serch"; did you mean search?  names_sql asks for the column "name" of what
 * there is. */
int not_found(struct db *, const char *what, const char *name, const char *names_sql, struct err *err);

/* After an UPDATE … WHERE id = ? AND revision = ?: 0 when it found its row, else ERR_CONFLICT or, when
 * the row is gone, ERR_NOT_FOUND.  revision_sql asks for "revision" by id. */
int check_revision(struct db *, const char *what, const char *name, int64_t id, int64_t revision,
		   const char *revision_sql, struct err *err);

#endif
