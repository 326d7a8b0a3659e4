/* SPDX-License-Identifier: MIT */
/*
 * db_private.h — what of a connection only store/ may touch.
 */
#ifndef STORE_DB_PRIVATE_H
#define STORE_DB_PRIVATE_H

#include <sqlite3.h>

struct db;
struct map;

sqlite3 *db_handle(struct db *);

/* For who reads columns by their place, hundreds of thousands of times. */
struct stmt;
sqlite3_stmt *stmt_handle(struct stmt *);

/* Words whose ids this connection has met: text → (void *)(intptr_t)id.  Emptied by db_rollback(),
 * since rows made in that transaction are gone. */
struct map *db_words(struct db *);

/* Marks of calls this connection has made (ledger_marks.c), only their keys; emptied likewise. */
struct map *db_marks(struct db *);

/* The functions of functions.c, on each connection.  An SQLite code. */
int functions_register(sqlite3 *);

#endif
