/* SPDX-License-Identifier: MIT */
#include "store/migrate.h"

#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "check.h"
#include "schema.h"
#include "store/db.h"
#include "temporary.h"

#define FILE_OF(name, text) {name, text, sizeof(text) - 1}

static const struct schema_file first[] = {
	FILE_OF("0001-a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT) STRICT; INSERT INTO a VALUES (1, 'x')"),
	FILE_OF("openapi.json", "{}"),
	{NULL, NULL, 0},
};
static const struct schema_file both[] = {
	FILE_OF("0001-a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT) STRICT; INSERT INTO a VALUES (1, 'x')"),
	FILE_OF("0002-b.sql", "CREATE TABLE b (a INTEGER REFERENCES a(id)) STRICT; ALTER TABLE a ADD COLUMN y TEXT"),
	{NULL, NULL, 0},
};
static const struct schema_file broken[] = {
	FILE_OF("0001-a.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY, x TEXT) STRICT; INSERT INTO a VALUES (1, 'x')"),
	FILE_OF("0002-b.sql", "CREATE TABLE b (x TEXT); CREATE TABLE a (x TEXT)"),
	{NULL, NULL, 0},
};

static struct db *opened(const char *path)
{
	struct err err = {0};
	struct db *db = db_open(path, DB_WRITE, &err);

	CHECK_TEXT(err.text, "");
	return db;
}

static int64_t number(struct db *db, const char *sql)
{
	struct err err = {0};
	struct stmt *s = db_query(db, sql, &err);
	int64_t n = stmt_step(s, &err) > 0 ? stmt_int(s, "n") : -1;

	CHECK_TEXT(err.text, "");
	stmt_reset(s);
	return n;
}

/* Every table, index and its SQL, in order. */
static void dump(struct db *db, struct buf *out)
{
	struct err err = {0};
	struct stmt *s = db_query(db, "SELECT type || ' ' || name || ' ' || ifnull(sql, '') AS line FROM sqlite_schema"
				      " ORDER BY type, name", &err);

	while (stmt_step(s, &err) > 0) {
		buf_puts(out, stmt_text(s, "line"));
		buf_puts(out, "\n");
	}
	CHECK_TEXT(err.text, "");
}

static bool exists(const char *path, const char *suffix)
{
	char name[600];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) == 0;
}

static void an_empty_file_gets_every_table_and_no_copy(void)
{
	struct err err = {0};
	struct db *db = opened(temporary_path("t.db"));

	CHECK_INT(db_migrate(db, &err), 0);
	CHECK_TEXT(err.text, "");
	CHECK(number(db, "SELECT count(*) AS n FROM sqlite_schema WHERE name IN ('teams', 'calls', 'audit')") == 3);
	CHECK(number(db, "SELECT user_version AS n FROM pragma_user_version") >= 1);
	CHECK_INT(number(db, "SELECT foreign_keys AS n FROM pragma_foreign_keys"), 1);
	CHECK(!exists(db_path(db), ".version-0"));
	CHECK_INT(db_migrate(db, &err), 0);
	db_close(db);
}

static void a_migrated_database_equals_a_fresh_one(void)
{
	struct err err = {0};
	struct db *old = opened(temporary_path("old.db")), *fresh = opened(temporary_path("new.db"));
	struct buf a, b;

	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	CHECK_INT(migrate_to(old, first, &err), 0);
	CHECK_INT(migrate_to(old, both, &err), 0);
	CHECK_INT(migrate_to(fresh, both, &err), 0);
	dump(old, &a);
	dump(fresh, &b);
	CHECK(a.len > 0);
	CHECK_TEXT(a.data, b.data);
	CHECK_INT(number(old, "SELECT count(*) AS n FROM a WHERE x = 'x' AND y IS NULL"), 1);
	buf_release(&a);
	buf_release(&b);
	db_close(old);
	db_close(fresh);
}

static void a_copy_is_kept_before_an_upgrade(void)
{
	struct err err = {0};
	struct db *db = opened(temporary_path("t.db")), *copy;
	char name[600];

	snprintf(name, sizeof(name), "%s.version-1", db_path(db));
	CHECK_INT(migrate_to(db, first, &err), 0);
	CHECK(!exists(db_path(db), ".version-1"));
	CHECK_INT(migrate_to(db, both, &err), 0);
	copy = opened(name);
	CHECK_INT(number(copy, "SELECT user_version AS n FROM pragma_user_version"), 1);
	CHECK_INT(number(copy, "SELECT count(*) AS n FROM a"), 1);
	db_close(copy);
	db_close(db);
}

static void a_newer_database_is_refused_in_words(void)
{
	struct err err = {0};
	struct db *db = opened(temporary_path("t.db"));

	CHECK_INT(migrate_to(db, both, &err), 0);
	CHECK_INT(migrate_to(db, first, &err), ERR_INVALID);
	CHECK(strstr(err.text, "written by a newer tollgated (its version is 2, this program knows 1)") != NULL);
	CHECK_INT(number(db, "SELECT user_version AS n FROM pragma_user_version"), 2);
	db_close(db);
}

static void a_step_that_fails_leaves_the_version_before_it(void)
{
	struct err err = {0};
	struct db *db = opened(temporary_path("t.db"));

	CHECK_INT(migrate_to(db, first, &err), 0);
	CHECK(migrate_to(db, broken, &err) < 0);
	CHECK(strstr(err.text, "applying 0002-b.sql: ") == err.text);
	CHECK_INT(number(db, "SELECT user_version AS n FROM pragma_user_version"), 1);
	CHECK_INT(number(db, "SELECT count(*) AS n FROM sqlite_schema WHERE name = 'b'"), 0);
	err = (struct err){0};
	CHECK_INT(migrate_to(db, both, &err), 0);
	db_close(db);
}

static void somebody_elses_database_is_left_alone(void)
{
	struct err err = {0};
	struct db *db = opened(temporary_path("t.db"));

	CHECK_INT(db_exec(db, "CREATE TABLE theirs (x)", &err), 0);
	CHECK_INT(db_migrate(db, &err), ERR_INVALID);
	CHECK(strstr(err.text, "is a database of another program") != NULL);
	CHECK_INT(number(db, "SELECT count(*) AS n FROM sqlite_schema"), 1);
	db_close(db);
}

CHECK_MAIN(TEST(an_empty_file_gets_every_table_and_no_copy), TEST(a_migrated_database_equals_a_fresh_one),
	   TEST(a_copy_is_kept_before_an_upgrade), TEST(a_newer_database_is_refused_in_words),
	   TEST(a_step_that_fails_leaves_the_version_before_it), TEST(somebody_elses_database_is_left_alone))
