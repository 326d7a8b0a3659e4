/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static int write_chain(struct db *db, const char *name, const char *spec, int64_t expect, int64_t *version)
{
	return chain_write(db, name, spec, expect, "anna", "because", 1000, version, &err);
}

static void each_write_is_a_version(void)
{
	struct db *db = fresh_db();
	struct chain_row row;
	int64_t version = 0;

	CHECK_INT(write_chain(db, "smart", "{1}", 0, &version), 0);
	CHECK_INT(version, 1);
	CHECK_INT(write_chain(db, "smart", "{2}", 1, &version), 0);
	CHECK_INT(write_chain(db, "smart", "{3}", -1, &version), 0);
	CHECK_INT(version, 3);
	CHECK_INT(chain_get(db, "smart", &row, &err), 0);
	CHECK_TEXT(row.spec, "{3}");
	CHECK_INT(row.version, 3);
	CHECK_INT(row.updated_at, 1000);
	CHECK(row.who == NULL);
	chain_release(&row);
	CHECK_INT(chain_get_version(db, "smart", 2, &row, &err), 0);
	CHECK_TEXT(row.spec, "{2}");
	CHECK_TEXT(row.who, "anna");
	CHECK_TEXT(row.reason, "because");
	chain_release(&row);
	CHECK_INT(chain_get_version(db, "smart", 9, &row, &err), ERR_NOT_FOUND);
	db_close(db);
}

static void a_write_over_another_version_is_refused(void)
{
	struct db *db = fresh_db();
	int64_t version = 0;

	CHECK_INT(write_chain(db, "smart", "{1}", 3, &version), ERR_NOT_FOUND);
	CHECK_INT(write_chain(db, "smart", "{1}", 0, &version), 0);
	CHECK_INT(write_chain(db, "smart", "{2}", 0, &version), ERR_CONFLICT);
	CHECK_TEXT(err.text, "a chain \"smart\" exists already, at version 1");
	CHECK_INT(write_chain(db, "smart", "{2}", 7, &version), ERR_CONFLICT);
	CHECK_TEXT(err.text, "chain smart was changed meanwhile: it is at version 1, not 7");
	CHECK_INT(version, 1);
	db_close(db);
}

static int add_version(void *arg, const struct chain_row *row)
{
	*(int64_t *)arg = *(int64_t *)arg * 100 + row->version * 10 + (row->spec == NULL);
	return 0;
}

static void a_deleted_chain_keeps_its_history_and_goes_on_counting(void)
{
	struct db *db = fresh_db();
	struct chain_row row;
	int64_t version = 0, seen = 0;

	CHECK_INT(write_chain(db, "smart", "{1}", 0, &version), 0);
	CHECK_INT(write_chain(db, "smart", NULL, 1, &version), 0);
	CHECK_INT(version, 2);
	CHECK_INT(write_chain(db, "smart", NULL, -1, &version), ERR_NOT_FOUND);
	CHECK_INT(chain_get(db, "smart", &row, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "no chain \"smart\"");
	CHECK_INT(write_chain(db, "smart", "{3}", 0, &version), 0);
	CHECK_INT(version, 3);
	CHECK_INT(chain_history(db, "smart", add_version, &seen, &err), 0);
	CHECK_INT(seen, 302110);
	seen = 0;
	CHECK_INT(chain_list(db, add_version, &seen, &err), 0);
	CHECK_INT(seen, 30);
	db_close(db);
}

CHECK_MAIN(TEST(each_write_is_a_version), TEST(a_write_over_another_version_is_refused),
	   TEST(a_deleted_chain_keeps_its_history_and_goes_on_counting))
