/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static int64_t put(struct db *db, const char *scope, int64_t scope_id, const char *model, const char *window,
		   int64_t amount)
{
	struct budget_row row = {.scope = scope, .scope_id = scope_id, .model = (char *)model, .amount_nusd = amount,
				 .window = (char *)window, .mode = (char *)"strict", .created_at = 3};

	CHECK_INT(budget_put(db, &row, &err), 0);
	return row.id;
}

static int note(void *arg, const struct budget_row *row)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 200 - len, "%s%s/%s:%lld%s", len > 0 ? " " : "", row->scope, row->window,
		 (long long)row->amount_nusd, row->model);
	return 0;
}

static void a_budget_is_changed_when_it_is_put_again(void)
{
	struct db *db = fresh_db();
	char seen[200] = "";
	int64_t id = put(db, "team", 1, "", "month", 5);

	CHECK_INT(put(db, "team", 1, NULL, "month", 7), id);
	CHECK(put(db, "team", 1, "gpt-5", "month", 8) != id);
	CHECK(put(db, "team", 1, "", "day", 9) != id);
	put(db, "gateway", 0, "", "day", 1);
	CHECK_INT(budget_list_of(db, "team", 1, note, seen, &err), 0);
	CHECK_TEXT(seen, "team/month:7 team/month:8gpt-5 team/day:9");
	seen[0] = '\0';
	CHECK_INT(budget_list(db, note, seen, &err), 0);
	CHECK_TEXT(seen, "gateway/day:1 team/day:9 team/month:7 team/month:8gpt-5");
	db_close(db);
}

static void budgets_are_deleted_one_by_one_or_all_but_one(void)
{
	struct db *db = fresh_db();
	char seen[200] = "";
	int64_t id = put(db, "team", 1, "", "month", 5);

	put(db, "team", 1, "", "day", 6);
	put(db, "team", 1, "gpt-5", "day", 7);
	put(db, "team", 2, "", "day", 8);
	CHECK_INT(budget_delete(db, id, &err), 0);
	CHECK_INT(budget_delete(db, id, &err), ERR_NOT_FOUND);
	CHECK_INT(budget_delete_others(db, "team", 1, "day", "", &err), 0);
	CHECK_INT(budget_list(db, note, seen, &err), 0);
	CHECK_TEXT(seen, "team/day:6 team/day:8");
	CHECK_INT(budget_delete_others(db, "team", 1, NULL, NULL, &err), 0);
	seen[0] = '\0';
	CHECK_INT(budget_list(db, note, seen, &err), 0);
	CHECK_TEXT(seen, "team/day:8");
	db_close(db);
}

static void a_window_that_is_none_is_refused(void)
{
	struct db *db = fresh_db();
	struct budget_row row = {.scope = "team", .scope_id = 1, .window = (char *)"fortnight"};

	CHECK_INT(budget_put(db, &row, &err), ERR_INVALID);
	db_close(db);
}

CHECK_MAIN(TEST(a_budget_is_changed_when_it_is_put_again), TEST(budgets_are_deleted_one_by_one_or_all_but_one),
	   TEST(a_window_that_is_none_is_refused))
