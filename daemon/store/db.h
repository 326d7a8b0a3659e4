/* SPDX-License-Identifier: MIT */
/*
 * db.h — SQLite with typed binding, columns by name, and one way to open it.
 *
 * A struct db is one connection, used by one thread.  Statements are prepared once and kept.
 * SQL text stands in store/ only (a lint sees to it).
 *
 *   struct stmt *s = db_query(db, "SELECT name FROM teams WHERE id = ?", err);
 *   stmt_bind_int(s, id);                            in the order of the ?s
 *   while ((rc = stmt_step(s, err)) > 0) … stmt_text(s, "name") …
 *   stmt_reset(s);
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct db;
struct stmt;

enum db_mode {
	DB_WRITE,       /* WAL, foreign keys on, waits for other writers */
	DB_READ,        /* read only */
};

struct db *db_open(const char *path, enum db_mode, struct err *err);
void db_close(struct db *);
const char *db_path(const struct db *);

/* Applies what of schema/ the file lacks, each file one transaction, a copy of the database beside
 * it first when it held something; refuses a newer one in words. */
int db_migrate(struct db *, struct err *err);

int db_begin(struct db *, struct err *err);             /* BEGIN IMMEDIATE */
int db_commit(struct db *, struct err *err);
void db_rollback(struct db *);                          /* fine when none is open */
int db_exec(struct db *, const char *sql, struct err *err);
int64_t db_last_id(const struct db *);
int64_t db_changes(const struct db *);

/* A kept statement with nothing bound, by its text; another one while that is being read.  NULL on
 * failure, which may be bound and stepped all the same: the step then fails, so that checking its
 * result is enough.  Reset it when leaving before its last row. */
struct stmt *db_query(struct db *, const char *sql, struct err *err);

void stmt_bind_int(struct stmt *, int64_t n);           /* INT64_MIN binds NULL */
void stmt_bind_text(struct stmt *, const char *text);   /* NULL binds NULL; borrowed until reset */
void stmt_bind_blob(struct stmt *, const void *data, size_t len);
void stmt_bind_null(struct stmt *);

/* 1 a row, 0 no more, < 0: ERR_CONFLICT when a row of that name exists, ERR_INVALID when a value is not allowed. */
int stmt_step(struct stmt *, struct err *err);
int stmt_run(struct stmt *, struct err *err);           /* step to the end, reset */
void stmt_reset(struct stmt *);

int64_t stmt_int(struct stmt *, const char *column);    /* NULL → INT64_MIN */
const char *stmt_text(struct stmt *, const char *column);       /* NULL → NULL; until the next step */
const void *stmt_blob(struct stmt *, const char *column, size_t *ret_len);
bool stmt_is_null(struct stmt *, const char *column);

#endif
