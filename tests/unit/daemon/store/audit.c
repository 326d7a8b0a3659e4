/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static int64_t put(struct db *db, const char *who, const char *action, const char *object)
{
	struct audit_row row = {.at = 5, .uid = who != NULL ? 1000 : STORE_NONE, .pid = STORE_NONE, .user_name = (char *)who,
				.via = (char *)"cli", .action = (char *)action, .object = (char *)object,
				.before = (char *)"{}", .reason = (char *)"because"};

	CHECK_INT(audit_insert(db, &row, &err), 0);
	return row.id;
}

static int add_id(void *arg, const struct audit_row *row)
{
	*(int64_t *)arg = *(int64_t *)arg * 10 + row->id;
	return 0;
}

static int64_t listed(struct db *db, const char *object, const char *action, const char *who, int64_t before, int limit)
{
	int64_t ids = 0;

	CHECK_INT(audit_list(db, object, action, who, before, limit, add_id, &ids, &err), 0);
	return ids;
}

static void an_entry_comes_back_as_it_was_put(void)
{
	struct db *db = fresh_db();
	int64_t id = put(db, NULL, "provider.disable", "provider openai");
	struct audit_row row;

	CHECK_INT(audit_get(db, id, &row, &err), 0);
	CHECK(row.uid == STORE_NONE && row.pid == STORE_NONE && row.user_name == NULL && row.after == NULL);
	CHECK_TEXT(row.action, "provider.disable");
	CHECK_TEXT(row.object, "provider openai");
	CHECK_TEXT(row.before, "{}");
	CHECK_TEXT(row.reason, "because");
	CHECK_INT(row.at, 5);
	audit_release(&row);
	CHECK_INT(audit_get(db, 99, &row, &err), ERR_NOT_FOUND);
	db_close(db);
}

static void entries_are_listed_newest_first_and_by_what_is_asked(void)
{
	struct db *db = fresh_db();

	put(db, "anna", "key.revoke", "key key_1");
	put(db, NULL, "key.revoke", "key key_2");
	put(db, "ben", "team.update", "team web");
	put(db, "anna", "team.update", "team web");
	CHECK_INT(listed(db, NULL, NULL, NULL, 0, 100), 4321);
	CHECK_INT(listed(db, NULL, NULL, NULL, 0, 2), 43);
	CHECK_INT(listed(db, NULL, NULL, NULL, 3, 100), 21);
	CHECK_INT(listed(db, "team web", NULL, NULL, 0, 100), 43);
	CHECK_INT(listed(db, NULL, "key.revoke", NULL, 0, 100), 21);
	CHECK_INT(listed(db, NULL, NULL, "anna", 0, 100), 41);
	CHECK_INT(listed(db, "team web", "team.update", "ben", 0, 100), 3);
	db_close(db);
}

CHECK_MAIN(TEST(an_entry_comes_back_as_it_was_put), TEST(entries_are_listed_newest_first_and_by_what_is_asked))
