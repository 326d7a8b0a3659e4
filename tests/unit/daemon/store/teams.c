/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static int count_names(void *arg, const struct team_row *row)
{
	char *names = arg;
	size_t len = strlen(names);

	snprintf(names + len, 200 - len, "%s%s", len > 0 ? " " : "", row->name);
	return 0;
}

static void a_team_comes_back_as_it_was_put(void)
{
	struct db *db = fresh_db();
	struct team_row in = {.name = (char *)"search", .blocked = true, .blocked_reason = (char *)"unpaid",
			      .models = (char *)"[\"smart\"]", .rpm = 600, .tpm = STORE_NONE, .parallel = 5,
			      .markup_ppm = 50000, .allow_unpriced = true, .note = (char *)"n", .created_at = 123};
	struct team_row out, by_id;

	CHECK_INT(team_insert(db, &in, &err), 0);
	CHECK_INT(team_get(db, "search", &out, &err), 0);
	CHECK_INT(out.id, in.id);
	CHECK(out.blocked && out.allow_unpriced);
	CHECK_TEXT(out.blocked_reason, "unpaid");
	CHECK_TEXT(out.models, "[\"smart\"]");
	CHECK_INT(out.rpm, 600);
	CHECK(out.tpm == STORE_NONE && out.deleted_at == STORE_NONE);
	CHECK_INT(out.parallel, 5);
	CHECK_INT(out.markup_ppm, 50000);
	CHECK_INT(out.revision, 1);
	CHECK_INT(out.created_at, 123);
	CHECK_INT(team_get_by_id(db, in.id, &by_id, &err), 0);
	CHECK_TEXT(by_id.note, "n");
	team_release(&out);
	team_release(&by_id);
	db_close(db);
}

static void an_unknown_team_is_told_what_it_may_have_meant(void)
{
	struct db *db = fresh_db();
	struct team_row row;

	fresh_team(db, "search");
	CHECK_INT(team_get(db, "serch", &row, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "no team \"serch\"; did you mean search?");
	CHECK_INT(team_get(db, "billing", &row, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "no team \"billing\"");
	CHECK_INT(team_get_by_id(db, 99, &row, &err), ERR_NOT_FOUND);
	db_close(db);
}

static void two_teams_cannot_have_one_name(void)
{
	struct db *db = fresh_db();
	struct team_row row = {.name = (char *)"search", .created_at = 1, .rpm = 1, .tpm = 1, .parallel = 1};

	fresh_team(db, "search");
	CHECK_INT(team_insert(db, &row, &err), ERR_CONFLICT);
	CHECK_TEXT(err.text, "a team \"search\" exists already");
	db_close(db);
}

static void a_change_of_an_older_revision_is_refused(void)
{
	struct db *db = fresh_db();
	struct team_row row;

	fresh_team(db, "search");
	CHECK_INT(team_get(db, "search", &row, &err), 0);
	row.rpm = 7;
	CHECK_INT(team_update(db, &row, &err), 0);
	row.rpm = 8;
	CHECK_INT(team_update(db, &row, &err), ERR_CONFLICT);
	CHECK_TEXT(err.text, "team search was changed meanwhile: it is at revision 2, not 1");
	row.id = 99;
	CHECK_INT(team_update(db, &row, &err), ERR_NOT_FOUND);
	team_release(&row);
	CHECK_INT(team_get(db, "search", &row, &err), 0);
	CHECK_INT(row.rpm, 7);
	CHECK_INT(row.revision, 2);
	team_release(&row);
	db_close(db);
}

static void a_deleted_team_frees_its_name_and_takes_keys_and_budgets_along(void)
{
	struct db *db = fresh_db();
	int64_t id = fresh_team(db, "web"), other = fresh_team(db, "search");
	struct key_row key = fresh_key_row(id, "key_1", "ci", 1), back;
	struct budget_row budget = {.scope = "team", .scope_id = id, .amount_nusd = 5, .window = (char *)"day"};
	struct budget_row of_key = {.scope = "key", .amount_nusd = 5, .window = (char *)"day"};
	char names[200] = "", all[200] = "";
	struct stmt *s;

	CHECK_INT(key_insert(db, &key, &err), 0);
	of_key.scope_id = key.id;
	CHECK_INT(budget_put(db, &budget, &err), 0);
	CHECK_INT(budget_put(db, &of_key, &err), 0);
	budget.scope_id = other;
	CHECK_INT(budget_put(db, &budget, &err), 0);
	CHECK_INT(team_delete(db, id, 5000, &err), 0);
	CHECK_INT(team_list(db, false, count_names, names, &err), 0);
	CHECK_TEXT(names, "search");
	CHECK_INT(team_list(db, true, count_names, all, &err), 0);
	CHECK_TEXT(all, "search web~deleted-1");
	CHECK_INT(key_get(db, "key_1", &back, &err), 0);
	CHECK_TEXT(back.state, "revoked");
	CHECK_INT(back.revoked_at, 5000);
	key_release(&back);
	s = db_query(db, "SELECT count(*) AS n FROM budgets", &err);
	CHECK_INT(stmt_step(s, &err), 1);
	CHECK_INT(stmt_int(s, "n"), 1);
	stmt_reset(s);
	CHECK_INT(team_delete(db, id, 6000, &err), ERR_NOT_FOUND);
	CHECK(fresh_team(db, "web") != id);
	db_close(db);
}

static int stop_at_first(void *arg, const struct team_row *row)
{
	(void)row;
	return ++*(int *)arg;
}

static void a_walk_ends_where_it_is_told_to(void)
{
	struct db *db = fresh_db();
	int visited = 0;

	fresh_team(db, "a");
	fresh_team(db, "b");
	CHECK_INT(team_list(db, false, stop_at_first, &visited, &err), 1);
	CHECK_INT(visited, 1);
	db_close(db);
}

CHECK_MAIN(TEST(a_team_comes_back_as_it_was_put), TEST(an_unknown_team_is_told_what_it_may_have_meant),
	   TEST(two_teams_cannot_have_one_name), TEST(a_change_of_an_older_revision_is_refused),
	   TEST(a_deleted_team_frees_its_name_and_takes_keys_and_budgets_along), TEST(a_walk_ends_where_it_is_told_to))
