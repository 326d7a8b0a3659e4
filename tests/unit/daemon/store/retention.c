/* SPDX-License-Identifier: MIT */
#include "store/retention.h"

#include <stdlib.h>

#include "../ledger/random_record.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "budget/window.h"
#include "check.h"
#include "store/batch.h"
#include "store/horizons.h"
#include "store/ledger_private.h"
#include "store/overview_store.h"
#include "store/reprice.h"
#include "store/store.h"
#include "temporary.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS INT64_C(86400000)
/* No boundary of anything. */
#define FIRST_MS INT64_C(1780012345678)
#define MANY 4000

static const char *const providers[] = {"openai", "anthropic", "vllm"};
static const char *const models[] = {"gpt-5", "claude"};
static const char *const asked[] = {"smart", "cheap"};
static const char *const apps[] = {"", "cron"};

/* A ledger whose calls come through a journal, as a daemon's do, and what went in. */
struct world {
	struct db *db;
	struct journal *journal;
	struct batch *batch;
	uint64_t position;
	struct id_source ids, late_ids;
	int64_t now_ms;
	struct retention_ages ages;
	struct retention *retention;
	struct call_record *records;    /* MANY */
	int num;
};

#define PICK(list) list[random_below((int64_t)ARRAY_LEN(list))]

static void make_world(struct world *w, struct retention_ages ages)
{
	struct err err = {0};

	*w = (struct world){.now_ms = FIRST_MS, .ages = ages, .late_ids.who = 7};
	w->records = calloc(MANY, sizeof(*w->records));
	w->db = db_open(temporary_path("t.db"), DB_WRITE, &err);
	CHECK_INT(db_migrate(w->db, &err), 0);
	CHECK_INT(db_exec(w->db,
			  "INSERT INTO teams (id, name, created_at) VALUES (1, 'web', 0), (2, 'search', 0);"
			  "INSERT INTO keys (id, public_id, team_id, name, hash, prefix, created_at) VALUES"
			  " (1, 'key_a', 1, 'ci', x'01', 'sk', 0), (2, 'key_b', 1, 'prod', x'02', 'sk', 0),"
			  " (3, 'key_c', 2, 'ci', x'03', 'sk', 0);"
			  "INSERT INTO providers (id, name, kind, created_at) VALUES (11, 'openai', 'openai', 0),"
			  " (12, 'anthropic', 'anthropic', 0), (13, 'vllm', 'openai', 0)",
			  &err), 0);
	w->journal = journal_open(temporary_path("journal"), 1 << 20, 64, &err);
	w->batch = batch_new(w->db, &w->journal, 1);
	w->retention = retention_new(w->db, &w->ages);
	CHECK_TEXT(err.text, "");
}

static void free_world(struct world *w)
{
	retention_free(w->retention);
	batch_free(w->batch);
	journal_close(w->journal);
	db_close(w->db);
	free(w->records);
}

static void commit(struct world *w)
{
	struct err err = {0};
	uint64_t rows;

	while (w->position < journal_head(w->journal)) {
		CHECK_INT(batch_write(w->batch, &w->position, &rows, &err), 0);
		journal_release(w->journal, w->position);
	}
	CHECK_TEXT(err.text, "");
}

static void random_call(struct call_record *r, int64_t id)
{
	random_record(r);
	r->id = id;
	r->key_id = 1 + random_below(3);
	r->team_id = r->key_id <= 2 ? 1 : 2;
	r->price_id = 0;
	copy_text(r->asked, sizeof(r->asked), PICK(asked));
	copy_text(r->provider, sizeof(r->provider), PICK(providers));
	copy_text(r->model, sizeof(r->model), PICK(models));
	copy_text(r->app, sizeof(r->app), PICK(apps));
	r->error[0] = r->user[0] = r->session[0] = r->remote[0] = r->tags[0] = '\0';
	r->status = random_below(4) == 0 ? 429 : 200;
	r->num_entries = r->num_attempts = 1 + (unsigned)random_below(2);
	for (unsigned i = 0; i < r->num_entries; i++) {
		copy_text(r->attempts[i].provider, sizeof(r->attempts[i].provider), PICK(providers));
		copy_text(r->attempts[i].model, sizeof(r->attempts[i].model), PICK(models));
		r->attempts[i].error[0] = '\0';
	}
}

static struct call_record *call_at(struct world *w, int64_t wall_ms)
{
	struct call_record *r = &w->records[w->num++];
	bool is_late = wall_ms < w->now_ms - DAY_MS;

	random_call(r, id_next(is_late ? &w->late_ids : &w->ids, wall_ms));
	if (is_late)
		w->late_ids.last = 0;
	journal_append(w->journal, journal_admit(w->journal), r);
	return r;
}

/* -- budgets ------------------------------------------------------------------------------------- */

static const struct {
	const char *scope;
	int64_t scope_id;
	const char *model, *window;
	int64_t offset_min;
} budgets[] = {
	{"team", 1, "", "month", 330},     {"team", 1, "smart", "month", 330}, {"team", 2, "", "week", -210},
	{"team", 2, "cheap", "total", 0},  {"key", 1, "", "month", 345},       {"key", 2, "", "year", -570},
	{"key", 3, "smart", "week", 0},    {"provider", 11, "", "week", 15},   {"provider", 12, "", "month", 0},
	{"provider", 13, "cheap", "year", 60}, {"gateway", 0, "", "total", 0}, {"gateway", 0, "", "month", 825},
	{"gateway", 0, "smart", "week", 30}, {"gateway", 0, "smart", "day", 30}, {"gateway", 0, "", "hour", 45},
};

static void put_budgets(struct world *w)
{
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(budgets); i++) {
		struct budget_row row = {
			.scope = budgets[i].scope, .scope_id = budgets[i].scope_id, .model = (char *)budgets[i].model,
			.amount_nusd = 1, .window = (char *)budgets[i].window, .utc_offset_min = budgets[i].offset_min};

		CHECK_INT(budget_put(w->db, &row, &err), 0);
	}
	CHECK_TEXT(err.text, "");
}

static bool is_in_scope(const struct call_record *r, size_t i)
{
	if (budgets[i].model[0] != '\0' && strcmp(r->asked, budgets[i].model) != 0)
		return false;
	if (strcmp(budgets[i].scope, "team") == 0)
		return r->team_id == budgets[i].scope_id;
	if (strcmp(budgets[i].scope, "key") == 0)
		return r->key_id == budgets[i].scope_id;
	if (strcmp(budgets[i].scope, "provider") == 0)
		return strcmp(r->provider, providers[budgets[i].scope_id - 11]) == 0;
	return true;
}

static void budget_window(const struct world *w, size_t i, int64_t *from, int64_t *until)
{
	struct window window = {.utc_offset_min = (int)budgets[i].offset_min};

	CHECK(window_parse(budgets[i].window, &window.kind));
	window_bounds(window, w->now_ms, from, until);
}

static void budgets_are_what_went_in(struct world *w)
{
	for (size_t i = 0; i < ARRAY_LEN(budgets); i++) {
		int64_t from, until, got = -1, want = 0, since = -1;
		struct err err = {0};

		budget_window(w, i, &from, &until);
		for (int n = 0; n < w->num; n++) {
			const struct call_record *r = &w->records[n];
			int64_t at = id_wall_ms(r->id);

			if (at >= from && at < until && r->cost_nusd != COST_UNKNOWN && is_in_scope(r, i))
				want += r->cost_nusd;
		}
		CHECK_INT(ledger_spent(w->db, budgets[i].scope, budgets[i].scope_id, budgets[i].model, from, until, &got, &err), 0);
		CHECK_INT(got, want);
		CHECK_INT(ledger_spent_since(w->db, budgets[i].scope, budgets[i].scope_id, budgets[i].model, from, &since, &err), 0);
		CHECK_INT(since, from);
	}
}

/* -- spend and proof ----------------------------------------------------------------------------- */

static void sum_items(const json_t *items, int64_t *calls, int64_t *nusd)
{
	json_t *item;
	size_t i;

	*calls = *nusd = 0;
	json_array_foreach((json_t *)items, i, item) {
		*calls += json_int_peek(item, "calls", 0);
		*nusd += json_money_peek(item, "cost_usd");
	}
}

static void sum_records(const struct world *w, const struct spend_query *q, int64_t from, int64_t until, int64_t *calls, int64_t *nusd)
{
	*calls = *nusd = 0;
	for (int n = 0; n < w->num; n++) {
		const struct call_record *r = &w->records[n];
		int64_t at = id_wall_ms(r->id);

		if (at < from || at >= until || (q->team != NULL && r->team_id != 1))
			continue;
		++*calls;
		*nusd += r->cost_nusd != COST_UNKNOWN ? r->cost_nusd : 0;
	}
}

/* The window that was summed is the one asked for, rounded outward at most a day, or begins at the horizon. */
static void spend_is_what_went_in(struct world *w)
{
	static const char *const by[] = {NULL, "team", "key", "model", "provider", "app"};
	static const char *const bucket[] = {NULL, NULL, "minute", "hour", "day"};
	static const int64_t units[] = {1, MINUTE_MS, HOUR_MS, DAY_MS};
	struct horizons h;
	struct err err = {0};

	CHECK_INT(horizons_get(w->db, &h, &err), 0);
	for (int i = 0; i < 12; i++) {
		struct spend_reach reach = {0};
		struct spend_query q = {.by = {PICK(by)}, .bucket = PICK(bucket), .reach = &reach};
		int64_t a = FIRST_MS + random_below(w->now_ms - FIRST_MS + 1), b = FIRST_MS + random_below(w->now_ms - FIRST_MS + 1);
		int64_t unit = PICK(units), calls, nusd, want_calls, want_nusd;
		bool by_app = q.by[0] != NULL && strcmp(q.by[0], "app") == 0;
		json_t *items;

		q.team = random_below(4) == 0 ? "web" : NULL;
		q.from_ms = (a < b ? a : b) / unit * unit;
		q.until_ms = i % 3 == 0 ? w->now_ms + 1 : (a < b ? b : a) / unit * unit;
		items = ledger_spend(w->db, &q, &err);
		CHECK_TEXT(err.text, "");
		sum_items(items, &calls, &nusd);
		if (q.from_ms < q.until_ms) {
			sum_records(w, &q, reach.from_ms, reach.until_ms, &want_calls, &want_nusd);
			CHECK_INT(calls, want_calls);
			CHECK_INT(nusd, want_nusd);
			if (by_app && q.from_ms < h.of[HORIZON_CALLS].from_ms) {
				CHECK_INT(reach.rows_ms, h.of[HORIZON_CALLS].from_ms);
				CHECK_INT(reach.from_ms, reach.rows_ms);
			} else {
				CHECK_INT(reach.rows_ms, 0);
				CHECK(reach.from_ms <= q.from_ms && reach.from_ms > q.from_ms - DAY_MS);
				CHECK(reach.until_ms >= q.until_ms && reach.until_ms < q.until_ms + DAY_MS);
			}
			if (q.from_ms >= h.of[HORIZON_CALLS].from_ms)
				CHECK(reach.from_ms == q.from_ms && reach.until_ms == q.until_ms && reach.buckets_ms == 0);
		}
		json_decref(items);
	}
}

static void note_problem(void *arg, const char *text)
{
	char *first = arg;

	if (*first == '\0')
		copy_text(first, 512, text);
}

static void the_proof_holds(struct world *w)
{
	char first[512] = "";
	struct err err = {0};

	CHECK_INT(ledger_check(w->db, note_problem, first, &err), 0);
	CHECK_TEXT(first, "");
	CHECK_TEXT(err.text, "");
}

static int64_t number(struct world *w, const char *sql)
{
	struct err err = {0};
	struct stmt *s = db_query(w->db, sql, &err);
	int64_t n = stmt_step(s, &err) > 0 ? stmt_int(s, "n") : -1;

	CHECK_TEXT(err.text, "");
	stmt_reset(s);
	return n;
}

static int step(struct world *w)
{
	struct err err = {0};
	int rc = retention_step(w->retention, w->now_ms, &err);

	CHECK_TEXT(err.text, "");
	return rc;
}

static void finish(struct world *w)
{
	int steps = 0;

	while (step(w) == 1 && steps++ < 10000)
		;
	CHECK(steps < 10000);
}

/* -- tests --------------------------------------------------------------------------------------- */

/* Sixty days go by; calls come, some of them late, and slices are cut at any time and interrupted. */
static void live(struct retention_ages ages)
{
	struct world w;

	make_world(&w, ages);
	put_budgets(&w);
	for (int round = 0; round < 120; round++) {
		w.now_ms += random_below(DAY_MS);
		for (int i = 0; i < 25; i++)
			call_at(&w, w.now_ms - random_below(HOUR_MS));
		if (round % 3 == 0)
			call_at(&w, FIRST_MS + random_below(w.now_ms - FIRST_MS));
		commit(&w);
		budgets_are_what_went_in(&w);
		for (int64_t i = random_below(6); i > 0; i--) {
			step(&w);
			budgets_are_what_went_in(&w);
			spend_is_what_went_in(&w);
		}
		if (round % 8 == 0)
			the_proof_holds(&w);
		if (round % 10 == 0) {
			retention_free(w.retention);
			w.retention = retention_new(w.db, &w.ages);
		}
	}
	finish(&w);
	CHECK(number(&w, "SELECT count(*) AS n FROM calls") < w.num / 2);
	budgets_are_what_went_in(&w);
	spend_is_what_went_in(&w);
	the_proof_holds(&w);
	free_world(&w);
}

static void budgets_and_spend_stay_what_they_were_while_calls_grow_old(void)
{
	live((struct retention_ages){.calls_ms = 9 * DAY_MS, .minutes_ms = 4 * DAY_MS, .hours_ms = 25 * DAY_MS});
}

static void so_they_do_when_minutes_outlive_calls_and_hours(void)
{
	live((struct retention_ages){.calls_ms = 3 * DAY_MS, .minutes_ms = 12 * DAY_MS, .hours_ms = 5 * DAY_MS});
}

static void so_they_do_when_only_calls_are_deleted(void)
{
	live((struct retention_ages){.calls_ms = 2 * DAY_MS});
}

/* Thirty days of calls, one every half hour. */
static void make_month(struct world *w, struct retention_ages ages)
{
	make_world(w, ages);
	for (int i = 0; i < 30 * 48; i++) {
		w->now_ms += HOUR_MS / 2;
		call_at(w, w->now_ms);
		if (i % 40 == 0)
			commit(w);
	}
	commit(w);
}

static void nothing_is_deleted_that_is_young_enough_or_kept_for_ever(void)
{
	struct world w;

	make_month(&w, (struct retention_ages){.calls_ms = 40 * DAY_MS});
	CHECK_INT(step(&w), 0);
	CHECK_INT(number(&w, "SELECT max(from_at) AS n FROM horizons"), 0);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM calls"), w.num);
	free_world(&w);
}

static void what_is_old_is_gone_with_all_that_belongs_to_it(void)
{
	struct world w;
	int64_t from_ms, last_ms = 0, was_ms = 0;
	struct err err = {0};

	make_month(&w, (struct retention_ages){.calls_ms = 10 * DAY_MS, .minutes_ms = 10 * DAY_MS, .hours_ms = 10 * DAY_MS});
	from_ms = (w.now_ms - 10 * DAY_MS) / DAY_MS * DAY_MS;
	CHECK_INT(overview_last_call(w.db, 1, &was_ms, &err), 0);
	finish(&w);
	CHECK_INT(number(&w, "SELECT min(from_at) AS n FROM horizons"), from_ms);
	CHECK_INT(number(&w, "SELECT min(gone_at) AS n FROM horizons"), from_ms);
	CHECK(number(&w, "SELECT min(call_ms(id)) AS n FROM calls") >= from_ms);
	CHECK(number(&w, "SELECT min(call_ms(call_id)) AS n FROM attempts") >= from_ms);
	CHECK(number(&w, "SELECT min(at) AS n FROM call_marks") >= first_id_at(from_ms) >> 34);
	CHECK(number(&w, "SELECT min(at) AS n FROM rollup_minute") >= from_ms / MINUTE_MS);
	CHECK(number(&w, "SELECT min(at) AS n FROM rollup_hour") >= from_ms / HOUR_MS);
	CHECK_INT(number(&w, "SELECT min(at) AS n FROM rollup_day"), id_wall_ms(w.records[0].id) / DAY_MS);
	CHECK_INT(number(&w, "SELECT sum(calls) AS n FROM rollup_day"), w.num);
	the_proof_holds(&w);
	CHECK_INT(overview_last_call(w.db, 1, &last_ms, &err), 0);
	CHECK_INT(last_ms, was_ms);
	/* Of a key whose calls are all gone it is still known when it was used. */
	w.now_ms += 11 * DAY_MS;
	finish(&w);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM calls"), 0);
	CHECK_INT(overview_last_call(w.db, 1, &last_ms, &err), 0);
	CHECK_INT(last_ms, was_ms);
	the_proof_holds(&w);
	free_world(&w);
}

static void slices_are_small_and_answers_ignore_what_is_still_to_go(void)
{
	struct world w;
	int64_t left, before, from_ms;
	struct call_query q = {.until_ms = INT64_MAX, .result = -1, .limit = 5000};
	struct err err = {0};
	json_t *calls;

	make_month(&w, (struct retention_ages){.calls_ms = 3 * DAY_MS});
	CHECK_INT(step(&w), 1);
	from_ms = number(&w, "SELECT from_at AS n FROM horizons WHERE unit = 'calls'");
	CHECK_INT(from_ms, (w.now_ms - 3 * DAY_MS) / DAY_MS * DAY_MS);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM calls"), w.num);
	q.ret_rows_ms = &before;
	calls = ledger_calls(w.db, &q, &err);
	left = (int64_t)json_array_size(calls);
	CHECK_INT(before, from_ms);
	CHECK(left > 3 * 48 && left <= 4 * 48);
	json_decref(calls);
	CHECK_INT(step(&w), 1);         /* keys */
	CHECK_INT(step(&w), 1);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM calls"), w.num - 256);
	the_proof_holds(&w);
	finish(&w);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM calls"), left);
	free_world(&w);
}

static void a_call_that_is_gone_is_said_to_be_too_old(void)
{
	struct world w;
	struct err err = {0};

	make_month(&w, (struct retention_ages){.calls_ms = 3 * DAY_MS});
	finish(&w);
	CHECK(ledger_call(w.db, w.records[0].id, &err) == NULL);
	CHECK_INT(err.code, ERR_NOT_FOUND);
	CHECK(strstr(err.text, "such calls are deleted (retention)") != NULL);
	CHECK(ledger_call(w.db, w.records[w.num - 1].id + 1, &err) == NULL);
	CHECK(strstr(err.text, "calls of unknown keys have no row") != NULL);
	free_world(&w);
}

/* Such a budget cannot know what it would have counted, says so, and stays with what it counts. */
static void a_budget_of_a_model_counts_from_where_calls_were_when_it_came(void)
{
	struct budget_row row = {.scope = "gateway", .model = (char *)"smart", .amount_nusd = 1, .window = (char *)"total"};
	int64_t gone_ms, since, spent, want = 0;
	struct err err = {0};
	struct world w;

	make_month(&w, (struct retention_ages){.calls_ms = 12 * DAY_MS});
	finish(&w);
	gone_ms = number(&w, "SELECT gone_at AS n FROM horizons WHERE unit = 'calls'");
	CHECK_INT(budget_put(w.db, &row, &err), 0);
	for (int i = 0; i < w.num; i++)
		if (id_wall_ms(w.records[i].id) >= gone_ms && strcmp(w.records[i].asked, "smart") == 0 &&
		    w.records[i].cost_nusd != COST_UNKNOWN)
			want += w.records[i].cost_nusd;
	for (int i = 0; i < 3; i++) {
		CHECK_INT(ledger_spent(w.db, "gateway", 0, "smart", 0, INT64_MAX, &spent, &err), 0);
		CHECK_INT(spent, want);
		CHECK_INT(ledger_spent_since(w.db, "gateway", 0, "smart", 0, &since, &err), 0);
		CHECK_INT(since, gone_ms);
		w.now_ms += 4 * DAY_MS;
		finish(&w);
	}
	CHECK(want > 0);
	the_proof_holds(&w);
	free_world(&w);
}

/* Everything costs something else now. */
static void charge_anew(struct world *w)
{
	const struct reprice_query q = {.until_ms = w->now_ms + 1, .all = true};
	struct reprice_page *page = calloc(1, sizeof(*page));
	struct err err = {0};

	reprice_page_init(page);
	do {
		CHECK_INT(reprice_read(w->db, &q, page, &err), 0);
		for (size_t i = 0; i < page->num; i++) {
			page->calls[i].is = (struct charge){1000003 + (int64_t)i, 7, 0};
			for (int n = 0; n < w->num; n++)
				if (w->records[n].id == page->calls[i].id)
					w->records[n].cost_nusd = page->calls[i].is.cost_nusd;
		}
		CHECK_INT(db_begin(w->db, &err), 0);
		CHECK_INT(reprice_write(w->db, page, &err), 0);
		CHECK_INT(db_commit(w->db, &err), 0);
	} while (!page->at_end);
	CHECK_TEXT(err.text, "");
	reprice_page_release(page);
	free(page);
}

static void calls_that_are_charged_anew_count_in_what_was_kept(void)
{
	struct world w;

	make_month(&w, (struct retention_ages){.calls_ms = 25 * DAY_MS, .minutes_ms = 2 * DAY_MS, .hours_ms = 20 * DAY_MS});
	put_budgets(&w);
	finish(&w);
	charge_anew(&w);
	the_proof_holds(&w);
	budgets_are_what_went_in(&w);
	w.now_ms += 3 * DAY_MS;
	finish(&w);
	budgets_are_what_went_in(&w);
	the_proof_holds(&w);
	free_world(&w);
}

/* A late record behind every horizon is no row and no minute, and still counts in its day. */
static void late_records_make_no_cell_that_would_disagree(void)
{
	struct world w;
	int64_t calls, minutes, hours;

	make_month(&w, (struct retention_ages){.calls_ms = 5 * DAY_MS, .minutes_ms = 5 * DAY_MS, .hours_ms = 5 * DAY_MS});
	put_budgets(&w);
	finish(&w);
	calls = number(&w, "SELECT count(*) AS n FROM calls");
	minutes = number(&w, "SELECT count(*) AS n FROM rollup_minute");
	hours = number(&w, "SELECT count(*) AS n FROM rollup_hour");
	for (int i = 0; i < 38; i++)
		call_at(&w, FIRST_MS + i * 15 * HOUR_MS);
	commit(&w);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM calls"), calls);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM rollup_minute"), minutes);
	CHECK_INT(number(&w, "SELECT count(*) AS n FROM rollup_hour"), hours);
	CHECK_INT(number(&w, "SELECT sum(calls) AS n FROM rollup_day"), w.num);
	budgets_are_what_went_in(&w);
	the_proof_holds(&w);
	free_world(&w);
}

/* Each change spoils what retention left in one way; the check says so in these words. */
static const struct {
	const char *change, *says;
} spoils[] = {
	{"UPDATE rollup_day SET cost_nusd = cost_nusd + 1 WHERE at = 20605", "hours and days differ: day 20605"},
	{"UPDATE rollup_hour SET calls = calls + 1 WHERE at = 20613 * 24 + 3", "minutes and hours differ: hour 494715"},
	{"UPDATE rollup_hour_key SET output = output + 1 WHERE at = 20606 * 24 + 5", "old hours and those of keys differ: hour 494549"},
	{"DELETE FROM rollup_hour_target WHERE at = 20607 * 24 + 5", "old hours and those of targets differ: hour 494573"},
	{"UPDATE rollup_hour_team SET errors = errors + 1 WHERE at = 20607 * 24 + 5", "old hours and those of teams differ: hour 494573"},
	{"UPDATE rollup_day_team SET latency = histogram_merge(latency, 5) WHERE at = 20602", "old days and those of teams differ: day 20602"},
	{"DELETE FROM rollup_day_key WHERE at = 20603", "old days and those of keys differ: day 20603"},
	{"UPDATE rollup_day_target SET input = input + 1 WHERE at = 20604", "old days and those of targets differ: day 20604"},
	{"INSERT INTO calls SELECT 77, team_id, key_id, asked_name, provider_name, model_name, 200, 0, flags, error_name, finish,"
	 " input, output, cache_read, cache_write_5m, cache_write_1h, reasoning, usage_detail, provider_cost_nusd, cost_nusd,"
	 " billed_nusd, price_id, total_us, first_byte_us, upstream_us, gateway_us, 0, NULL, user_name, session, tags,"
	 " remote_name FROM calls LIMIT 1",
	 "something is there that was deleted: call 77"},
	{"INSERT INTO call_marks VALUES (1, 1, 5)", "something is there that was deleted: mark 1, 1, 5"},
	{"INSERT INTO budget_kept VALUES ('gateway', 0, 'smart', 0, 0, 1, 5)", "sums kept for budgets end elsewhere"},
	{"UPDATE horizons SET from_at = 0, gone_at = 0 WHERE unit = 'calls'", "rows and rollups of"},
};

static void each_way_to_spoil_what_is_left_is_found(void)
{
	for (size_t i = 0; i < ARRAY_LEN(spoils); i++) {
		char first[512] = "";
		struct err err = {0};
		struct world w;

		make_month(&w, (struct retention_ages){.calls_ms = 5 * DAY_MS, .minutes_ms = 20 * DAY_MS, .hours_ms = 27 * DAY_MS});
		finish(&w);
		the_proof_holds(&w);
		CHECK_INT(db_exec(w.db, spoils[i].change, &err), 0);
		CHECK(ledger_check(w.db, note_problem, first, &err) >= 1);
		if (strncmp(first, spoils[i].says, strlen(spoils[i].says)) != 0)
			CHECK_TEXT(first, spoils[i].says);
		free_world(&w);
	}
}

CHECK_MAIN(TEST(budgets_and_spend_stay_what_they_were_while_calls_grow_old),
	   TEST(so_they_do_when_minutes_outlive_calls_and_hours), TEST(so_they_do_when_only_calls_are_deleted),
	   TEST(nothing_is_deleted_that_is_young_enough_or_kept_for_ever),
	   TEST(what_is_old_is_gone_with_all_that_belongs_to_it),
	   TEST(slices_are_small_and_answers_ignore_what_is_still_to_go), TEST(a_call_that_is_gone_is_said_to_be_too_old),
	   TEST(a_budget_of_a_model_counts_from_where_calls_were_when_it_came),
	   TEST(calls_that_are_charged_anew_count_in_what_was_kept), TEST(late_records_make_no_cell_that_would_disagree),
	   TEST(each_way_to_spoil_what_is_left_is_found))
