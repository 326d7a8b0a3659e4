/* SPDX-License-Identifier: MIT */
/* SQLite is opened, asked and answered here; the other files of store/ hold the questions. */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/db_private.h"

/* Statements kept per connection; beyond it all that are not in use are dropped, and prepared again
 * when they are asked for. */
#define KEPT_MAX 256

/* Another connection's transaction is milliseconds long; who waits longer than this has met trouble. */
#define BUSY_MS 5000

/* Statements found by the address of their text, so that the busiest are not looked up by all of it. */
#define RECENT 64

struct stmt {
	struct db *db;
	sqlite3_stmt *handle;
	struct stmt *next;      /* another of the same text, for asking again while an answer is being read */
	int num_bound;
	int last_column;        /* columns are mostly read in their order */
	bool in_use;
};

struct db {
	sqlite3 *handle;
	char *path;
	struct map statements;  /* SQL text → struct stmt, owned */
	size_t num_statements;
	struct stmt *recent[RECENT];
	struct map words, marks;        /* db_private.h */
};

#define WRITING (1u << DB_WRITE)
#define READING (1u << DB_READ)

static const struct setting {
	unsigned modes;
	const char *sql;
} settings[] = {
	/* Readers never wait for the writer, nor it for them; a commit is one sequential write. */
	{WRITING, "PRAGMA journal_mode = WAL"},
	/* The journals forget what was committed, and a revoked key must stay revoked: a commit is on
	 * the disk before anyone hears of it.  At the writer's batches that costs a tenth. */
	{WRITING, "PRAGMA synchronous = FULL"},
	{WRITING, "PRAGMA foreign_keys = ON"},
	/* The writer checkpoints in small steps when it is idle; this is the brake for when it does not
	 * run.  Pages of 4 KiB. */
	{WRITING, "PRAGMA wal_autocheckpoint = 16000"},
	/* What a burst made of the log is given back to the disk.  Bytes. */
	{WRITING, "PRAGMA journal_size_limit = 67108864"},
	/* Rollups and secondary indexes are touched at random: keep their hot pages.  Twice as much gains
	 * nothing at 20,000 calls a second.  KiB. */
	{WRITING, "PRAGMA cache_size = -8192"},
	{READING, "PRAGMA cache_size = -4096"},
	{READING, "PRAGMA query_only = ON"},
	/* With mmap a bad sector would be a SIGBUS that ends every call, not an error of one question. */
	{WRITING | READING, "PRAGMA mmap_size = 0"},
};

static enum err_code code_of(int rc)
{
	switch (rc) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return ERR_CONFLICT;
	case SQLITE_CONSTRAINT_CHECK:
	case SQLITE_CONSTRAINT_NOTNULL:
	case SQLITE_CONSTRAINT_FOREIGNKEY:
	case SQLITE_CONSTRAINT_DATATYPE:
		return ERR_INVALID;
	}
	return ERR_SYSTEM;
}

/* "disk I/O error" alone helps nobody.  SQLite does not keep what the system said when a COMMIT fails; errno, which
 * was 0 before, does. */
static int fail(const struct db *db, struct err *err)
{
	int left = errno, extended = sqlite3_extended_errcode(db->handle), said = sqlite3_system_errno(db->handle);
	int cause = said != 0 ? said : left;

	if ((extended & 0xff) == SQLITE_IOERR && cause != 0)
		return err_set(err, ERR_SYSTEM, "database %s: %s: %s", db->path, sqlite3_errmsg(db->handle), strerror(cause));
	return err_set(err, code_of(extended), "database %s: %s", db->path, sqlite3_errmsg(db->handle));
}

/* -- opening ------------------------------------------------------------------------------------ */

/* Only we may read it, and SQLite gives its log the same rights.  Never opened here when it exists:
 * closing a file drops every lock the process has on it, SQLite's among them. */
static int make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST)
		return err_errno(err, "making the database %s", path);
	if (fd >= 0)
		close(fd);
	return 0;
}

static int connect_file(struct db *db, enum db_mode mode, struct err *err)
{
	/* Readers too: whoever comes first to a WAL has to make its index.  query_only holds them. */
	int rc = sqlite3_open_v2(db->path, &db->handle,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (rc != SQLITE_OK)
		return err_set(err, ERR_SYSTEM, "opening the database %s: %s", db->path, sqlite3_errstr(rc));
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	if (functions_register(db->handle) != SQLITE_OK)
		return fail(db, err);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		rc = (settings[i].modes & 1u << mode) != 0 ? db_exec(db, settings[i].sql, err) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

struct db *db_open(const char *path, enum db_mode mode, struct err *err)
{
	struct db *db;

	if (mode == DB_WRITE && make_file(path, err) < 0)
		return NULL;
	db = xcalloc(1, sizeof(*db));
	db->path = xstrdup(path);
	map_init(&db->statements);
	map_init(&db->words);
	map_init(&db->marks);
	if (connect_file(db, mode, err) < 0) {
		db_close(db);
		return NULL;
	}
	return db;
}

static void drop_chain(struct stmt *s)
{
	while (s != NULL) {
		struct stmt *next = s->next;

		sqlite3_finalize(s->handle);
		free(s);
		s = next;
	}
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (const struct map_entry *e = map_next(&db->statements, NULL); e != NULL;
	     e = map_next(&db->statements, e))
		drop_chain(e->value);
	map_release(&db->statements);
	map_release(&db->words);
	map_release(&db->marks);
	sqlite3_close_v2(db->handle);
	free(db->path);
	free(db);
}

const char *db_path(const struct db *db)
{
	return db->path;
}

sqlite3 *db_handle(struct db *db)
{
	return db->handle;
}

struct map *db_words(struct db *db)
{
	return &db->words;
}

struct map *db_marks(struct db *db)
{
	return &db->marks;
}

/* -- transactions ------------------------------------------------------------------------------- */

int db_exec(struct db *db, const char *sql, struct err *err)
{
	errno = 0;
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(db, err);
}

int db_begin(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN IMMEDIATE", err);
}

int db_commit(struct db *db, struct err *err)
{
	return db_exec(db, "COMMIT", err);
}

void db_rollback(struct db *db)
{
	for (const struct map_entry *e = map_next(&db->statements, NULL); e != NULL;
	     e = map_next(&db->statements, e))
		for (struct stmt *s = e->value; s != NULL; s = s->next)
			stmt_reset(s);
	/* SQLite has rolled back by itself after some failures. */
	if (!sqlite3_get_autocommit(db->handle))
		db_exec(db, "ROLLBACK", NULL);
	map_release(&db->words);
	map_release(&db->marks);
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}

/* -- statements --------------------------------------------------------------------------------- */

static bool chain_is_idle(const struct stmt *s)
{
	for (; s != NULL; s = s->next)
		if (s->in_use)
			return false;
	return true;
}

static void drop_idle(struct db *db)
{
	struct map kept;

	map_init(&kept);
	memset(db->recent, 0, sizeof(db->recent));
	db->num_statements = 0;
	for (const struct map_entry *e = map_next(&db->statements, NULL); e != NULL;
	     e = map_next(&db->statements, e)) {
		if (chain_is_idle(e->value)) {
			drop_chain(e->value);
			continue;
		}
		map_put(&kept, e->key, e->key_len, e->value);
		for (const struct stmt *s = e->value; s != NULL; s = s->next)
			db->num_statements++;
	}
	map_release(&db->statements);
	db->statements = kept;
}

static struct stmt *prepare(struct db *db, const char *sql, struct err *err)
{
	struct stmt *s = xcalloc(1, sizeof(*s));

	s->db = db;
	if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->handle, NULL) != SQLITE_OK) {
		fail(db, err);
		free(s);
		return NULL;
	}
	if (db->num_statements >= KEPT_MAX)
		drop_idle(db);
	db->num_statements++;
	s->next = map_get_text(&db->statements, sql);
	map_put_text(&db->statements, sql, s);
	return s;
}

/* An address may hold another text by now, and a statement may be in use. */
static bool is_still(const struct stmt *s, const char *sql)
{
	return s != NULL && !s->in_use && strcmp(sqlite3_sql(s->handle), sql) == 0;
}

static struct stmt *find_or_prepare(struct db *db, const char *sql, struct err *err)
{
	struct stmt *s = map_get_text(&db->statements, sql);

	while (s != NULL && s->in_use)
		s = s->next;
	return s != NULL ? s : prepare(db, sql, err);
}

struct stmt *db_query(struct db *db, const char *sql, struct err *err)
{
	size_t place = (uintptr_t)sql / 16 % RECENT;
	struct stmt *s = db->recent[place];

	if (!is_still(s, sql))
		s = db->recent[place] = find_or_prepare(db, sql, err);
	if (s == NULL)
		return NULL;
	sqlite3_clear_bindings(s->handle);
	s->num_bound = 0;
	s->last_column = -1;
	s->in_use = true;
	return s;
}

/* A value that does not fit its statement is a slip in store/, not something the world did. */
static void bound(struct stmt *s, int rc)
{
	assert(rc == SQLITE_OK);
	(void)s;
	(void)rc;
}

void stmt_bind_int(struct stmt *s, int64_t n)
{
	if (s == NULL)
		return;
	if (n == INT64_MIN)
		stmt_bind_null(s);
	else
		bound(s, sqlite3_bind_int64(s->handle, ++s->num_bound, n));
}

void stmt_bind_text(struct stmt *s, const char *text)
{
	if (s != NULL)
		bound(s, sqlite3_bind_text(s->handle, ++s->num_bound, text, -1, SQLITE_STATIC));
}

void stmt_bind_blob(struct stmt *s, const void *data, size_t len)
{
	/* Without a pointer SQLite would bind NULL; nothing is a blob too. */
	if (s != NULL)
		bound(s, sqlite3_bind_blob64(s->handle, ++s->num_bound, data != NULL ? data : "", len, SQLITE_STATIC));
}

void stmt_bind_null(struct stmt *s)
{
	if (s != NULL)
		bound(s, sqlite3_bind_null(s->handle, ++s->num_bound));
}

int stmt_step(struct stmt *s, struct err *err)
{
	int rc;

	if (s == NULL)
		return ERR_SYSTEM;
	errno = 0;
	rc = sqlite3_step(s->handle);
	s->last_column = -1;
	if (rc == SQLITE_ROW)
		return 1;
	if (rc != SQLITE_DONE)
		rc = fail(s->db, err);
	else
		rc = 0;
	/* At once, so that no snapshot is held by who forgets. */
	stmt_reset(s);
	return rc;
}

int stmt_run(struct stmt *s, struct err *err)
{
	int rc;

	while ((rc = stmt_step(s, err)) > 0)
		;
	return rc;
}

sqlite3_stmt *stmt_handle(struct stmt *s)
{
	return s->handle;
}

void stmt_reset(struct stmt *s)
{
	if (s == NULL || !s->in_use)
		return;
	sqlite3_reset(s->handle);
	s->in_use = false;
}

/* -- columns ------------------------------------------------------------------------------------ */

static int find_column(struct stmt *s, const char *name)
{
	int count = sqlite3_column_count(s->handle);

	for (int i = 1; i <= count; i++) {
		int at = (s->last_column + i) % count;

		if (strcmp(sqlite3_column_name(s->handle, at), name) == 0)
			return s->last_column = at;
	}
	assert(!"no such column");
	return -1;
}

int64_t stmt_int(struct stmt *s, const char *column)
{
	int at = find_column(s, column);

	return sqlite3_column_type(s->handle, at) == SQLITE_NULL ? INT64_MIN : sqlite3_column_int64(s->handle, at);
}

const char *stmt_text(struct stmt *s, const char *column)
{
	return (const char *)sqlite3_column_text(s->handle, find_column(s, column));
}

const void *stmt_blob(struct stmt *s, const char *column, size_t *ret_len)
{
	int at = find_column(s, column);
	const void *data = sqlite3_column_blob(s->handle, at);

	*ret_len = (size_t)sqlite3_column_bytes(s->handle, at);
	return data;
}

bool stmt_is_null(struct stmt *s, const char *column)
{
	return sqlite3_column_type(s->handle, find_column(s, column)) == SQLITE_NULL;
}
