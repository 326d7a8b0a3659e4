/* SPDX-License-Identifier: MIT */
#include "store/reprice.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/money.h"
#include "fresh.h"
#include "ledger/record.h"
#include "store/ledger_store.h"

/* A moment that is no boundary of anything. */
#define FIRST_MS INT64_C(1780012345678)
#define EVERY_MS 7000

static int64_t num_calls;

static void put_rollups(struct db *db, const struct call_record *r)
{
	const struct rollup_cell cell = {0, r->team_id, r->key_id, name_intern(db, r->provider, &err),
					 name_intern(db, r->model, &err)};
	struct rollup_sum *sum = xcalloc(1, sizeof(*sum));

	rollup_add(sum, r);
	CHECK_INT(rollup_put_all(db, id_wall_ms(r->id), &cell, sum, &err), 0);
	free(sum);
}

static void add_call(struct db *db, const char *model, int64_t input, int64_t cost_nusd, int64_t price_id, uint8_t flags)
{
	struct call_record *r = xcalloc(1, sizeof(*r));

	r->id = id_first_at(FIRST_MS + num_calls * EVERY_MS) + num_calls;
	num_calls++;
	r->team_id = r->key_id = 1;
	copy_text(r->asked, sizeof(r->asked), "smart");
	copy_text(r->provider, sizeof(r->provider), "up");
	copy_text(r->model, sizeof(r->model), model);
	r->status = 200;
	r->flags = flags;
	r->first_byte_us = -1;
	r->price_id = price_id;
	usage_init(&r->usage);
	if (input >= 0) {
		usage_set(&r->usage, USAGE_INPUT, input, USAGE_REPORTED);
		usage_set(&r->usage, USAGE_OUTPUT, 0, USAGE_REPORTED);
	}
	r->usage.provider_cost_nusd = 77;
	r->cost_nusd = r->billed_nusd = cost_nusd;
	CHECK_INT(ledger_insert(db, r, &err), 1);
	put_rollups(db, r);
	free(r);
}

static struct db *open_ledger(void)
{
	struct db *db = fresh_db();
	struct key_row key = fresh_key_row(fresh_team(db, "web"), "key_a", "ci", 'a');

	num_calls = 0;
	CHECK_INT(key_insert(db, &key, &err), 0);
	return db;
}

static void print_problem(void *arg, const char *text)
{
	(void)arg;
	printf("# %s\n", text);
}

static int64_t one(struct db *db, const char *sql)
{
	struct stmt *s = db_query(db, sql, &err);
	int64_t n = stmt_step(s, &err) > 0 ? stmt_int(s, "n") : -1;

	stmt_reset(s);
	return n;
}

/* What a page said it would cost twice its input's tokens. */
static void charge_two_a_token(struct reprice_page *page)
{
	for (size_t i = 0; i < page->num; i++) {
		int64_t cost = 2 * usage_get(&page->calls[i].usage, USAGE_INPUT);

		page->calls[i].is = (struct charge){cost, cost + 1, 9};
	}
}

/* Calls that were written, by pages, each in a transaction. */
static size_t reprice_all(struct db *db, const struct reprice_query *q)
{
	struct reprice_page *page = xcalloc(1, sizeof(*page));
	size_t written = 0;

	reprice_page_init(page);
	do {
		CHECK_INT(reprice_read(db, q, page, &err), 0);
		charge_two_a_token(page);
		CHECK_INT(db_begin(db, &err), 0);
		CHECK_INT(reprice_write(db, page, &err), 0);
		CHECK_INT(db_commit(db, &err), 0);
		for (size_t i = 0; i < page->num; i++)
			written += page->calls[i].written;
	} while (!page->at_end);
	reprice_page_release(page);
	free(page);
	return written;
}

static void rows_and_rollups_move_together_over_many_pages(void)
{
	const struct reprice_query unpriced = {.from_ms = 0, .until_ms = INT64_MAX}, all = {0, INT64_MAX, true, NULL, NULL, NULL};
	struct db *db = open_ledger();

	CHECK_INT(db_begin(db, &err), 0);
	for (int i = 0; i < 3 * REPRICE_PAGE + 17; i++)
		add_call(db, i % 2 == 0 ? "m" : "n", 10 + i, i % 3 == 0 ? COST_UNKNOWN : 5, 1, 0);
	CHECK_INT(db_commit(db, &err), 0);
	CHECK_INT((int)reprice_all(db, &unpriced), REPRICE_PAGE + 6);
	CHECK_INT(ledger_check(db, print_problem, NULL, &err), 0);
	CHECK_INT(one(db, "SELECT sum(unpriced) AS n FROM rollup_hour"), 0);
	CHECK_INT((int)reprice_all(db, &unpriced), 0);
	CHECK_INT((int)reprice_all(db, &all), 2 * REPRICE_PAGE + 11);
	CHECK_INT(ledger_check(db, print_problem, NULL, &err), 0);
	CHECK_INT(one(db, "SELECT sum(cost_nusd) AS n FROM rollup_day"), one(db, "SELECT sum(2 * input) AS n FROM calls"));
	CHECK_INT(one(db, "SELECT sum(billed_nusd - cost_nusd) AS n FROM rollup_minute"), num_calls);
	CHECK_INT(one(db, "SELECT sum(billed_nusd - cost_nusd) AS n FROM rollup_hour_key"), num_calls);
	CHECK_INT(one(db, "SELECT count(*) AS n FROM calls WHERE price_id <> 9 OR provider_cost_nusd <> 77"), 0);
	CHECK_INT((int)reprice_all(db, &all), 0);
	db_close(db);
}

static void what_nobody_could_charge_for_or_a_cache_answered_stays_as_it_is(void)
{
	const struct reprice_query all = {0, INT64_MAX, true, NULL, NULL, NULL};
	struct db *db = open_ledger();

	add_call(db, "m", -1, 0, 0, 0);                         /* refused: it used nothing */
	add_call(db, "m", -1, COST_UNKNOWN, 0, 0);              /* failed, and nobody knows what it used */
	add_call(db, "m", 10, 0, 0, 0);                         /* no price led to this 0 */
	add_call(db, "m", 10, 5, 1, CALL_CACHED);
	add_call(db, "m", 10, 0, 1, CALL_ESTIMATED);            /* its price was 0 */
	CHECK_INT((int)reprice_all(db, &all), 1);
	CHECK_INT(one(db, "SELECT sum(cost_nusd) AS n FROM calls"), 25);
	CHECK_INT(one(db, "SELECT flags AS n FROM calls ORDER BY id DESC LIMIT 1"), CALL_ESTIMATED);
	CHECK_INT(ledger_check(db, print_problem, NULL, &err), 0);
	db_close(db);
}

static void only_calls_that_are_asked_for_are_charged(void)
{
	const int64_t third_ms = FIRST_MS + 2 * EVERY_MS;
	const struct reprice_query window = {.from_ms = third_ms, .until_ms = third_ms + 1};
	const struct reprice_query model = {.from_ms = 0, .until_ms = INT64_MAX, .model = "n"};
	const struct reprice_query nobody = {.from_ms = 0, .until_ms = INT64_MAX, .team = "search"};
	const struct reprice_query elsewhere = {.from_ms = 0, .until_ms = INT64_MAX, .provider = "down"};
	struct db *db = open_ledger();

	for (int i = 0; i < 6; i++)
		add_call(db, i % 2 == 0 ? "m" : "n", 10, COST_UNKNOWN, 0, 0);
	CHECK_INT((int)reprice_all(db, &nobody), 0);
	CHECK_INT((int)reprice_all(db, &elsewhere), 0);
	CHECK_INT((int)reprice_all(db, &window), 1);
	CHECK_INT((int)reprice_all(db, &model), 3);
	CHECK_INT(one(db, "SELECT sum(unpriced) AS n FROM rollup_minute"), 2);
	CHECK_INT(ledger_check(db, print_problem, NULL, &err), 0);
	db_close(db);
}

static void a_page_that_is_written_twice_or_late_counts_once(void)
{
	const struct reprice_query all = {0, INT64_MAX, true, NULL, NULL, NULL};
	struct reprice_page *page = xcalloc(1, sizeof(*page));
	struct db *db = open_ledger();

	for (int i = 0; i < 4; i++)
		add_call(db, "m", 10, COST_UNKNOWN, 0, 0);
	reprice_page_init(page);
	CHECK_INT(reprice_read(db, &all, page, &err), 0);
	CHECK_INT((int)page->num, 4);
	charge_two_a_token(page);
	/* Meanwhile age has taken one, and its rollup of the minute with it. */
	CHECK_INT(db_exec(db, "DELETE FROM calls WHERE id = (SELECT min(id) FROM calls)", &err), 0);
	CHECK_INT(db_exec(db, "DELETE FROM rollup_minute WHERE at = (SELECT min(at) FROM rollup_minute)", &err), 0);
	CHECK_INT(reprice_write(db, page, &err), 0);
	CHECK(!page->calls[0].written && page->calls[3].written);
	CHECK_INT(reprice_write(db, page, &err), 0);
	CHECK(!page->calls[3].written);
	CHECK_INT(one(db, "SELECT sum(cost_nusd) AS n FROM calls"), 60);
	CHECK_INT(one(db, "SELECT sum(cost_nusd) AS n FROM rollup_day"), 60);
	CHECK_INT(one(db, "SELECT count(*) AS n FROM rollup_minute WHERE calls = 0"), 0);
	reprice_page_release(page);
	free(page);
	db_close(db);
}

CHECK_MAIN(TEST(rows_and_rollups_move_together_over_many_pages),
	   TEST(what_nobody_could_charge_for_or_a_cache_answered_stays_as_it_is),
	   TEST(only_calls_that_are_asked_for_are_charged), TEST(a_page_that_is_written_twice_or_late_counts_once))
