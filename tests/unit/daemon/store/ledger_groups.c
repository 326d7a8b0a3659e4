/* SPDX-License-Identifier: MIT */
#include "store/ledger_groups.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/id.h"
#include "check.h"
#include "temporary.h"

/* Cells: at, two dimensions, calls; each costs ten times its calls and took 100 µs. */
#define CELLS(values)                                                                              \
	"SELECT column1, column2, column3, column4, 0, 0, 0, 0, 0, 0, 0, column4 * 10, 0, 0, 100, NULL" \
	" FROM (VALUES " values ")"

static struct db *open_database(void)
{
	struct err err = {0};
	struct db *db = db_open(temporary_path("t.db"), DB_WRITE, &err);

	CHECK_TEXT(err.text, "");
	return db;
}

static int add(struct groups *g, struct db *db, const char *sql, int64_t unit_ms)
{
	struct err err = {0};
	int rc = groups_add_all(g, db_query(db, sql, &err), unit_ms, &err);

	CHECK_TEXT(err.text, "");
	return rc;
}

static void cells_of_the_same_bucket_and_dimensions_are_one_group(void)
{
	struct db *db = open_database();
	struct groups g;
	struct group **list;
	size_t num;

	groups_init(&g, 3600000);
	CHECK_INT(add(&g, db, CELLS("(59, 1, 7, 2), (60, 1, 7, 3), (61, 1, 7, 4), (61, 2, NULL, 1)"), 60000), 0);
	CHECK_INT(add(&g, db, CELLS("(1, 1, 7, 30)"), 3600000), 0);
	list = groups_sort(&g, 0, &num);
	CHECK_INT(num, 3);
	CHECK_INT(list[0]->at_ms, 0);
	CHECK_INT(list[0]->sum.calls, 2);
	CHECK_INT(list[1]->at_ms, 3600000);
	CHECK_INT(list[1]->of[0], 1);
	CHECK_INT(list[1]->sum.calls, 37);
	CHECK_INT(list[1]->sum.cost_nusd, 370);
	CHECK_INT(list[1]->sum.latency.total, 3);
	CHECK_INT(list[1]->sum.first_byte.total, 0);
	CHECK_INT(list[2]->of[1], GROUP_NONE);
	free(list);
	groups_release(&g);
	db_close(db);
}

static void the_dearest_are_kept_and_told_in_the_order_of_time(void)
{
	struct db *db = open_database();
	struct groups g;
	struct group **list;
	size_t num;

	groups_init(&g, 60000);
	add(&g, db, CELLS("(1, 4, 0, 5), (2, 1, 0, 9), (2, 2, 0, 1), (3, 3, 0, 7), (3, 2, 0, 7)"), 60000);
	list = groups_sort(&g, 3, &num);
	CHECK_INT(num, 3);
	CHECK_INT(list[0]->sum.calls, 9);
	CHECK_INT(list[1]->of[0], 2);
	CHECK_INT(list[2]->of[0], 3);
	free(list);
	groups_release(&g);
	db_close(db);
}

static void words_have_numbers_and_the_whole_window_is_one_bucket(void)
{
	struct db *db = open_database();
	struct groups g;
	struct group **list;
	size_t num;

	groups_init(&g, 0);
	add(&g, db, CELLS("(1, 'a', 0, 1), (9000, 'b', 0, 2), (20, 'a', 0, 4), (30, 'c', 0, 1), (31, NULL, 0, 1)"), 60000);
	list = groups_sort(&g, 2, &num);
	CHECK_INT(num, 2);
	CHECK_TEXT(groups_word(&g, list[0]->of[0]), "a");
	CHECK_INT(list[0]->sum.calls, 5);
	CHECK_TEXT(groups_word(&g, list[1]->of[0]), "b");
	CHECK_INT(list[1]->at_ms, 0);
	CHECK(groups_word(&g, GROUP_NONE) == NULL);
	free(list);
	groups_release(&g);
	db_close(db);
}

static void rows_are_placed_by_their_ids(void)
{
	struct db *db = open_database();
	struct groups g;
	struct group **list;
	struct err err = {0};
	struct stmt *s = db_query(db, "SELECT ?, 1, NULL, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 100, 20", &err);
	size_t num;

	groups_init(&g, 86400000);
	stmt_bind_int(s, id_first_at(INT64_C(1780012345678)));
	CHECK_INT(groups_add_all(&g, s, 0, &err), 0);
	list = groups_sort(&g, 0, &num);
	CHECK_INT(num, 1);
	CHECK_INT(list[0]->at_ms, INT64_C(1780012345678) / 86400000 * 86400000);
	CHECK_INT(list[0]->sum.first_byte.total, 1);
	free(list);
	groups_release(&g);
	db_close(db);
}

static void an_answer_with_too_many_lines_is_refused_in_words(void)
{
	struct db *db = open_database();
	struct err err = {0};
	struct groups g;

	groups_init(&g, 60000);
	CHECK_INT(groups_add_all(&g,
				 db_query(db,
					  "WITH RECURSIVE n(at) AS (VALUES (0) UNION ALL SELECT at + 1 FROM n WHERE at < 100000)"
					  " SELECT at, 1, NULL, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL FROM n",
					  &err),
				 60000, &err),
		  ERR_FULL);
	CHECK(strstr(err.text, "more than 100000 lines; ask for less time") != NULL);
	CHECK_INT(g.by_key.count, GROUPS_MAX);
	groups_release(&g);
	db_close(db);
}

CHECK_MAIN(TEST(cells_of_the_same_bucket_and_dimensions_are_one_group),
	   TEST(the_dearest_are_kept_and_told_in_the_order_of_time),
	   TEST(words_have_numbers_and_the_whole_window_is_one_bucket), TEST(rows_are_placed_by_their_ids),
	   TEST(an_answer_with_too_many_lines_is_refused_in_words))
