/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static struct provider_row openai(void)
{
	return (struct provider_row){
		.name = (char *)"openai", .kind = (char *)"openai", .credential = (char *)"env:OPENAI_API_KEY",
		.state = (char *)"enabled", .state_at = STORE_NONE, .models = (char *)"[\"gpt-5\"]", .created_at = 9};
}

static void a_provider_comes_back_as_it_was_put(void)
{
	struct db *db = fresh_db();
	struct provider_row in = openai(), out;

	CHECK_INT(provider_insert(db, &in, &err), 0);
	CHECK_INT(provider_get(db, "openai", &out, &err), 0);
	CHECK_INT(out.id, in.id);
	CHECK_TEXT(out.kind, "openai");
	CHECK_TEXT(out.credential, "env:OPENAI_API_KEY");
	CHECK_TEXT(out.state, "enabled");
	CHECK_TEXT(out.models, "[\"gpt-5\"]");
	CHECK(out.base_url == NULL && out.options == NULL && out.state_at == STORE_NONE);
	CHECK_INT(out.revision, 1);
	provider_release(&out);
	CHECK_INT(provider_get(db, "opena", &out, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "no provider \"opena\"; did you mean openai?");
	CHECK_INT(provider_insert(db, &in, &err), ERR_CONFLICT);
	CHECK_TEXT(err.text, "a provider \"openai\" exists already");
	db_close(db);
}

static void a_state_is_one_of_three(void)
{
	struct db *db = fresh_db();
	struct provider_row row = openai();

	CHECK_INT(provider_insert(db, &row, &err), 0);
	row.state = (char *)"draining";
	row.state_by = (char *)"anna";
	row.state_at = 12;
	CHECK_INT(provider_update(db, &row, &err), 0);
	row.revision++;
	row.state = (char *)"sleeping";
	CHECK_INT(provider_update(db, &row, &err), ERR_INVALID);
	row.state = (char *)"enabled";
	row.revision = 1;
	CHECK_INT(provider_update(db, &row, &err), ERR_CONFLICT);
	CHECK_TEXT(err.text, "provider openai was changed meanwhile: it is at revision 2, not 1");
	CHECK_INT(provider_get(db, "openai", &row, &err), 0);
	CHECK_TEXT(row.state, "draining");
	CHECK_TEXT(row.state_by, "anna");
	provider_release(&row);
	db_close(db);
}

static int count(void *arg, const struct budget_row *row)
{
	(void)row;
	++*(int *)arg;
	return 0;
}

static void a_deleted_provider_takes_its_budgets_along(void)
{
	struct db *db = fresh_db();
	struct provider_row row = openai();
	struct budget_row budget = {.scope = "provider", .amount_nusd = 5, .window = (char *)"day"};
	int budgets = 0;

	CHECK_INT(provider_insert(db, &row, &err), 0);
	budget.scope_id = row.id;
	CHECK_INT(budget_put(db, &budget, &err), 0);
	CHECK_INT(provider_delete(db, row.id, &err), 0);
	CHECK_INT(provider_delete(db, row.id, &err), ERR_NOT_FOUND);
	CHECK_INT(budget_list(db, count, &budgets, &err), 0);
	CHECK_INT(budgets, 0);
	db_close(db);
}

static int first_name(void *arg, const struct provider_row *row)
{
	*(char *)arg = row->name[0];
	return 1;
}

static void providers_are_listed_by_name(void)
{
	struct db *db = fresh_db();
	struct provider_row row = openai();
	char first = 0;

	CHECK_INT(provider_insert(db, &row, &err), 0);
	row.name = (char *)"anthropic";
	CHECK_INT(provider_insert(db, &row, &err), 0);
	CHECK_INT(provider_list(db, first_name, &first, &err), 1);
	CHECK_INT(first, 'a');
	db_close(db);
}

CHECK_MAIN(TEST(a_provider_comes_back_as_it_was_put), TEST(a_state_is_one_of_three),
	   TEST(a_deleted_provider_takes_its_budgets_along), TEST(providers_are_listed_by_name))
