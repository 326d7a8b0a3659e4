/* SPDX-License-Identifier: MIT */
#include "store/db.h"

#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "check.h"
#include "temporary.h"

static struct db *fresh(void)
{
	struct err err = {0};
	struct db *db = db_open(temporary_path("t.db"), DB_WRITE, &err);

	CHECK_TEXT(err.text, "");
	CHECK_INT(db_exec(db, "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT UNIQUE, c BLOB)", &err), 0);
	return db;
}

static int insert(struct db *db, int64_t a, const char *b, struct err *err)
{
	struct stmt *s = db_query(db, "INSERT INTO t (a, b, c) VALUES (?, ?, ?)", err);

	stmt_bind_int(s, a);
	stmt_bind_text(s, b);
	stmt_bind_blob(s, "x\0y", 3);
	return stmt_run(s, err);
}

static void what_is_bound_comes_back(void)
{
	struct err err = {0};
	struct db *db = fresh();
	struct stmt *s;
	size_t len;

	CHECK_INT(insert(db, INT64_MAX, "one", &err), 0);
	CHECK_INT(db_last_id(db), 1);
	CHECK_INT(insert(db, INT64_MIN, NULL, &err), 0);
	s = db_query(db, "SELECT a, b, c FROM t ORDER BY id", &err);
	CHECK_INT(stmt_step(s, &err), 1);
	CHECK_TEXT(stmt_text(s, "b"), "one");
	CHECK(stmt_int(s, "a") == INT64_MAX);
	CHECK(memcmp(stmt_blob(s, "c", &len), "x\0y", 3) == 0 && len == 3);
	CHECK_INT(stmt_step(s, &err), 1);
	CHECK(stmt_int(s, "a") == INT64_MIN && stmt_is_null(s, "a"));
	CHECK(stmt_text(s, "b") == NULL);
	CHECK_INT(stmt_step(s, &err), 0);
	db_close(db);
}

static void a_question_may_be_asked_while_its_answer_is_read(void)
{
	struct err err = {0};
	struct db *db = fresh();
	struct stmt *outer, *inner;

	insert(db, 1, "one", &err);
	insert(db, 2, "two", &err);
	outer = db_query(db, "SELECT a FROM t ORDER BY id", &err);
	CHECK_INT(stmt_step(outer, &err), 1);
	inner = db_query(db, "SELECT a FROM t ORDER BY id", &err);
	CHECK_INT(stmt_step(inner, &err), 1);
	CHECK_INT(stmt_step(inner, &err), 1);
	CHECK_INT(stmt_int(inner, "a"), 2);
	stmt_reset(inner);
	CHECK_INT(stmt_int(outer, "a"), 1);
	CHECK_INT(stmt_step(outer, &err), 1);
	CHECK_INT(stmt_int(outer, "a"), 2);
	stmt_reset(outer);
	db_close(db);
}

static void thousands_of_different_statements_stay_bounded_and_work(void)
{
	struct err err = {0};
	struct db *db = fresh();
	struct stmt *held;

	insert(db, 7, "seven", &err);
	held = db_query(db, "SELECT a FROM t", &err);
	CHECK_INT(stmt_step(held, &err), 1);
	for (int i = 0; i < 2000; i++) {
		char sql[64];
		struct stmt *s;

		snprintf(sql, sizeof(sql), "SELECT a + %d AS n FROM t", i);
		s = db_query(db, sql, &err);
		if (stmt_step(s, &err) != 1 || stmt_int(s, "n") != 7 + i)
			CHECK(!"statement answered wrongly");
		stmt_reset(s);
	}
	CHECK_INT(stmt_int(held, "a"), 7);
	stmt_reset(held);
	db_close(db);
}

static void a_rollback_ends_what_was_being_read(void)
{
	struct err err = {0};
	struct db *db = fresh();
	struct stmt *s;

	CHECK_INT(db_begin(db, &err), 0);
	insert(db, 1, "one", &err);
	s = db_query(db, "SELECT count(*) AS n FROM t", &err);
	CHECK_INT(stmt_step(s, &err), 1);
	db_rollback(db);
	db_rollback(db);
	s = db_query(db, "SELECT count(*) AS n FROM t", &err);
	CHECK_INT(stmt_step(s, &err), 1);
	CHECK_INT(stmt_int(s, "n"), 0);
	stmt_reset(s);
	db_close(db);
}

static void errors_say_which_database_and_what(void)
{
	struct err err = {0};
	struct db *db = fresh();

	CHECK_INT(insert(db, 1, "one", &err), 0);
	CHECK_INT(insert(db, 1, "one", &err), ERR_CONFLICT);
	CHECK(strstr(err.text, "t.db: UNIQUE constraint failed: t.b") != NULL);
	CHECK(db_query(db, "SELECT a FROM nowhere", &err) == NULL);
	CHECK(strstr(err.text, "no such table: nowhere") != NULL);
	CHECK_INT(stmt_run(db_query(db, "SELECT a FROM nowhere", &err), &err), ERR_SYSTEM);
	CHECK(db_open("/nonexistent/t.db", DB_WRITE, &err) == NULL);
	CHECK(strstr(err.text, "making the database /nonexistent/t.db: No such file") != NULL);
	db_close(db);
}

static void readers_see_what_is_committed_and_cannot_write(void)
{
	struct err err = {0};
	struct db *db = fresh(), *reader;
	struct stmt *s;

	insert(db, 1, "one", &err);
	reader = db_open(db_path(db), DB_READ, &err);
	CHECK(reader != NULL);
	CHECK(insert(reader, 2, "two", &err) < 0);
	CHECK_INT(db_begin(db, &err), 0);
	insert(db, 2, "two", &err);
	s = db_query(reader, "SELECT count(*) AS n FROM t", &err);
	CHECK_INT(stmt_step(s, &err), 1);
	CHECK_INT(stmt_int(s, "n"), 1);
	stmt_reset(s);
	CHECK_INT(db_commit(db, &err), 0);
	db_close(reader);
	db_close(db);
	CHECK(db_open(temporary_path("absent.db"), DB_READ, &err) == NULL);
}

static void the_file_is_for_its_owner_alone(void)
{
	struct stat st;
	struct db *db = fresh();

	CHECK_INT(stat(db_path(db), &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	db_close(db);
}

static void histograms_add_up_in_sql(void)
{
	struct err err = {0};
	struct db *db = fresh();
	struct stmt *s = db_query(db,
				  "SELECT histogram_sum(v) = histogram_merge(histogram_merge(3, 5), 5000) AS same,"
				  " length(histogram_merge(NULL, NULL)) AS empty FROM"
				  " (SELECT 3 AS v UNION ALL SELECT NULL UNION ALL SELECT histogram_merge(5, 5000))",
				  &err);

	CHECK_INT(stmt_step(s, &err), 1);
	CHECK_INT(stmt_int(s, "same"), 1);
	CHECK_INT(stmt_int(s, "empty"), 0);
	stmt_reset(s);
	db_close(db);
}

static void tags_become_a_list(void)
{
	struct err err = {0};
	struct db *db = fresh();
	struct stmt *s = db_query(db, "SELECT tags_list('a,b\"c') AS two, tags_list(NULL) AS none", &err);

	CHECK_INT(stmt_step(s, &err), 1);
	CHECK_TEXT(stmt_text(s, "two"), "[\"a\",\"b\\\"c\"]");
	CHECK_TEXT(stmt_text(s, "none"), "[null]");
	stmt_reset(s);
	db_close(db);
}

CHECK_MAIN(TEST(what_is_bound_comes_back), TEST(a_question_may_be_asked_while_its_answer_is_read),
	   TEST(thousands_of_different_statements_stay_bounded_and_work),
	   TEST(a_rollback_ends_what_was_being_read), TEST(errors_say_which_database_and_what),
	   TEST(readers_see_what_is_committed_and_cannot_write), TEST(the_file_is_for_its_owner_alone),
	   TEST(histograms_add_up_in_sql), TEST(tags_become_a_list))
