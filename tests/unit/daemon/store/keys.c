/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static void a_key_comes_back_as_it_was_put(void)
{
	struct db *db = fresh_db();
	struct key_row in = fresh_key_row(fresh_team(db, "search"), "key_1", "ci", 7), out;

	in.expires_at = 99;
	in.models = (char *)"[\"smart\"]";
	in.rpm = 3;
	in.note = (char *)"n";
	in.has_previous = true;
	memset(in.previous_hash, 9, HASH_BYTES);
	in.previous_until = 77;
	CHECK_INT(key_insert(db, &in, &err), 0);
	CHECK_INT(key_get(db, "key_1", &out, &err), 0);
	CHECK_INT(out.id, in.id);
	CHECK_TEXT(out.team_name, "search");
	CHECK_TEXT(out.name, "ci");
	CHECK(memcmp(out.hash, in.hash, HASH_BYTES) == 0);
	CHECK(out.has_previous && memcmp(out.previous_hash, in.previous_hash, HASH_BYTES) == 0);
	CHECK_INT(out.previous_until, 77);
	CHECK_INT(out.expires_at, 99);
	CHECK_INT(out.rpm, 3);
	CHECK(out.tpm == STORE_NONE && out.revoked_at == STORE_NONE);
	CHECK_TEXT(out.state, "active");
	CHECK_TEXT(out.models, "[\"smart\"]");
	CHECK_TEXT(out.note, "n");
	CHECK(out.state_reason == NULL);
	key_release(&out);
	db_close(db);
}

static int64_t put_key(struct db *db, int64_t team, const char *id, const char *name, char byte)
{
	struct key_row row = fresh_key_row(team, id, name, byte);

	CHECK_INT(key_insert(db, &row, &err), 0);
	return row.id;
}

static void expect_found(struct db *db, const char *name, int64_t id)
{
	struct key_row row;

	CHECK_INT(key_get(db, name, &row, &err), 0);
	CHECK_INT(row.id, id);
	key_release(&row);
}

static void a_key_is_found_by_id_by_name_and_by_team_and_name(void)
{
	struct db *db = fresh_db();
	int64_t search = fresh_team(db, "search"), web = fresh_team(db, "web");
	int64_t ci = put_key(db, search, "key_1", "ci", 1), other = put_key(db, web, "key_2", "ci", 2);
	int64_t prod = put_key(db, web, "key_3", "prod", 3);
	struct key_row row;

	expect_found(db, "key_1", ci);
	expect_found(db, "prod", prod);
	expect_found(db, "search/ci", ci);
	expect_found(db, "web/ci", other);
	CHECK_INT(key_get(db, "ci", &row, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "2 keys are called ci: say which, by team/ci or by its id");
	CHECK_INT(key_get(db, "prd", &row, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "no key \"prd\"; did you mean prod?");
	CHECK_INT(key_get(db, "web/cj", &row, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "no key \"web/cj\"; did you mean web/ci?");
	db_close(db);
}

static void a_revoked_key_is_found_by_id_alone_and_frees_its_name(void)
{
	struct db *db = fresh_db();
	int64_t team = fresh_team(db, "search"), id = put_key(db, team, "key_1", "ci", 1), next;
	struct key_row row;

	CHECK_INT(key_get(db, "ci", &row, &err), 0);
	free(row.state);
	row.state = xstrdup("revoked");
	row.revoked_at = 5;
	CHECK_INT(key_update(db, &row, &err), 0);
	key_release(&row);
	CHECK_INT(key_get(db, "ci", &row, &err), ERR_NOT_FOUND);
	expect_found(db, "key_1", id);
	next = put_key(db, team, "key_2", "ci", 2);
	expect_found(db, "ci", next);
	db_close(db);
}

static void a_team_has_one_live_key_of_a_name(void)
{
	struct db *db = fresh_db();
	int64_t team = fresh_team(db, "search");
	struct key_row row = fresh_key_row(team, "key_2", "ci", 2);

	put_key(db, team, "key_1", "ci", 1);
	row.team_name = (char *)"search";
	CHECK_INT(key_insert(db, &row, &err), ERR_CONFLICT);
	CHECK_TEXT(err.text, "team search has a key \"ci\" already");
	db_close(db);
}

static void a_change_of_an_older_revision_is_refused(void)
{
	struct db *db = fresh_db();
	struct key_row row;

	put_key(db, fresh_team(db, "search"), "key_1", "ci", 1);
	CHECK_INT(key_get(db, "ci", &row, &err), 0);
	CHECK_INT(key_update(db, &row, &err), 0);
	CHECK_INT(key_update(db, &row, &err), ERR_CONFLICT);
	CHECK_TEXT(err.text, "key key_1 was changed meanwhile: it is at revision 2, not 1");
	key_release(&row);
	db_close(db);
}

static void a_key_of_no_team_is_refused(void)
{
	struct db *db = fresh_db();
	struct key_row row = fresh_key_row(42, "key_1", "ci", 1);

	CHECK_INT(key_insert(db, &row, &err), ERR_INVALID);
	db_close(db);
}

static int add_ids(void *arg, const struct key_row *row)
{
	*(int64_t *)arg = *(int64_t *)arg * 10 + row->id;
	return 0;
}

static void keys_are_listed_in_the_order_they_were_made(void)
{
	struct db *db = fresh_db();
	int64_t team = fresh_team(db, "search"), ids = 0;

	put_key(db, team, "key_b", "b", 1);
	put_key(db, team, "key_a", "a", 2);
	CHECK_INT(key_list(db, add_ids, &ids, &err), 0);
	CHECK_INT(ids, 12);
	db_close(db);
}

CHECK_MAIN(TEST(a_key_comes_back_as_it_was_put), TEST(a_key_is_found_by_id_by_name_and_by_team_and_name),
	   TEST(a_revoked_key_is_found_by_id_alone_and_frees_its_name), TEST(a_team_has_one_live_key_of_a_name),
	   TEST(a_change_of_an_older_revision_is_refused), TEST(a_key_of_no_team_is_refused),
	   TEST(keys_are_listed_in_the_order_they_were_made))
