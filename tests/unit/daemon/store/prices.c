/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static struct price_row price(const char *provider, const char *model, int64_t from_at, int64_t above_input)
{
	struct price_row row = {.provider = (char *)provider, .model = (char *)model, .from_at = from_at,
				.above_input = above_input, .request_nusd = STORE_NONE, .source = (char *)"admin",
				.created_at = 4};

	for (int i = 0; i < USAGE_NUM_PRICED; i++)
		row.nusd_per_m[i] = 100 + i;
	return row;
}

static void every_unit_comes_back_in_its_place(void)
{
	struct db *db = fresh_db();
	struct price_row in = price("openai", "gpt-5", 10, 20), out;

	in.nusd_per_m[USAGE_REASONING] = STORE_NONE;
	CHECK_INT(price_put(db, &in, &err), 0);
	CHECK_INT(price_get_by_id(db, in.id, &out, &err), 0);
	CHECK(memcmp(in.nusd_per_m, out.nusd_per_m, sizeof(in.nusd_per_m)) == 0);
	CHECK_TEXT(out.provider, "openai");
	CHECK_TEXT(out.model, "gpt-5");
	CHECK_INT(out.from_at, 10);
	CHECK_INT(out.above_input, 20);
	CHECK(out.request_nusd == STORE_NONE);
	CHECK_TEXT(out.source, "admin");
	price_release(&out);
	db_close(db);
}

/* The columns are asked for by name here, so that a slip in their order is seen. */
static void units_stand_in_the_columns_of_their_names(void)
{
	struct db *db = fresh_db();
	struct price_row in = price("", "gpt-5", 0, 0);
	struct stmt *s;

	CHECK_INT(price_put(db, &in, &err), 0);
	s = db_query(db, "SELECT * FROM prices", &err);
	CHECK_INT(stmt_step(s, &err), 1);
	CHECK_INT(stmt_int(s, "input_nusd_per_m"), 100 + USAGE_INPUT);
	CHECK_INT(stmt_int(s, "output_nusd_per_m"), 100 + USAGE_OUTPUT);
	CHECK_INT(stmt_int(s, "cache_read_nusd_per_m"), 100 + USAGE_CACHE_READ);
	CHECK_INT(stmt_int(s, "cache_write_5m_nusd_per_m"), 100 + USAGE_CACHE_WRITE_5M);
	CHECK_INT(stmt_int(s, "cache_write_1h_nusd_per_m"), 100 + USAGE_CACHE_WRITE_1H);
	CHECK_INT(stmt_int(s, "input_audio_nusd_per_m"), 100 + USAGE_INPUT_AUDIO);
	CHECK_INT(stmt_int(s, "input_image_nusd_per_m"), 100 + USAGE_INPUT_IMAGE);
	CHECK_INT(stmt_int(s, "reasoning_nusd_per_m"), 100 + USAGE_REASONING);
	CHECK_INT(stmt_int(s, "output_audio_nusd_per_m"), 100 + USAGE_OUTPUT_AUDIO);
	CHECK_INT(stmt_int(s, "output_image_nusd_per_m"), 100 + USAGE_OUTPUT_IMAGE);
	stmt_reset(s);
	db_close(db);
}

static void a_price_that_changes_gets_a_new_id_and_the_same_keeps_its_own(void)
{
	struct db *db = fresh_db();
	struct price_row row = price("", "gpt-5", 0, 0), gone;
	int64_t id;

	CHECK_INT(price_put(db, &row, &err), 0);
	id = row.id;
	CHECK_INT(price_put(db, &row, &err), 0);
	CHECK_INT(row.id, id);
	row.nusd_per_m[USAGE_OUTPUT]++;
	CHECK_INT(price_put(db, &row, &err), 0);
	CHECK(row.id != id);
	CHECK_INT(price_get_by_id(db, id, &gone, &err), ERR_NOT_FOUND);
	db_close(db);
}

static int note(void *arg, const struct price_row *row)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 200 - len, "%s%s/%s@%lld>%lld", len > 0 ? " " : "", row->provider, row->model,
		 (long long)row->from_at, (long long)row->above_input);
	return 0;
}

static void prices_are_listed_by_model_provider_date_and_tier(void)
{
	struct db *db = fresh_db();
	struct price_row rows[] = {price("x", "b", 0, 0), price("", "b", 5, 0), price("", "b", 0, 200), price("", "b", 0, 0),
				   price("x", "a", 0, 0)};
	char seen[200] = "";

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_INT(price_put(db, &rows[i], &err), 0);
	CHECK_INT(price_list(db, note, seen, &err), 0);
	CHECK_TEXT(seen, "x/a@0>0 /b@0>0 /b@0>200 /b@5>0 x/b@0>0");
	db_close(db);
}

CHECK_MAIN(TEST(every_unit_comes_back_in_its_place), TEST(units_stand_in_the_columns_of_their_names),
	   TEST(a_price_that_changes_gets_a_new_id_and_the_same_keeps_its_own),
	   TEST(prices_are_listed_by_model_provider_date_and_tier))
