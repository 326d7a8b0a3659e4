/* SPDX-License-Identifier: MIT */
#include "store/ledger_store.h"

#include <stdlib.h>

#include "../ledger/random_record.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "check.h"
#include "store/store.h"
#include "temporary.h"

/* Two and a half days from a moment that is no boundary of anything. */
#define FIRST_MS INT64_C(1780012345678)
#define SPAN_MS (INT64_C(60) * 3600 * 1000)
#define MANY 3000

static const char *const providers[] = {"", "openai", "anthropic", "vllm"};
static const char *const models[] = {"", "gpt-5", "claude", "llama", "embed"};
static const char *const asked[] = {"smart", "cheap", "claude"};
static const char *const apps[] = {"", "opencode", "cron"};
static const char *const tags[] = {"", "a", "b", "a,b"};

/* The records a test put in, to be summed up by hand. */
static struct call_record *records;

static struct db *make_database(void)
{
	struct err err = {0};
	struct db *db = db_open(temporary_path("t.db"), DB_WRITE, &err);

	CHECK_INT(db_migrate(db, &err), 0);
	CHECK_INT(db_exec(db,
			  "INSERT INTO teams (id, name, created_at) VALUES (1, 'web', 0), (2, 'search', 0), (3, 'old~deleted-3', 0);"
			  "INSERT INTO keys (id, public_id, team_id, name, hash, prefix, created_at) VALUES"
			  " (1, 'key_a', 1, 'ci', x'01', 'sk', 0), (2, 'key_b', 1, 'prod', x'02', 'sk', 0),"
			  " (3, 'key_c', 2, 'ci', x'03', 'sk', 0), (4, 'key_d', 3, 'x', x'04', 'sk', 0);"
			  "INSERT INTO providers (id, name, kind, created_at) VALUES (11, 'openai', 'openai', 0),"
			  " (12, 'anthropic', 'anthropic', 0), (13, 'vllm', 'openai', 0), (14, 'unused', 'openai', 0);"
			  "INSERT INTO prices (id, model, input_nusd_per_m, output_nusd_per_m, source, created_at)"
			  " VALUES (7, 'claude', 3000000000, 15000000000, 'test', 0)",
			  &err), 0);
	CHECK_TEXT(err.text, "");
	return db;
}

static void put_rollups(struct db *db, const struct call_record *r)
{
	struct rollup_sum *sum = calloc(1, sizeof(*sum));
	struct err err = {0};
	struct rollup_cell cell = {0, r->team_id, r->key_id, name_intern(db, r->provider, &err),
				   name_intern(db, r->model, &err)};

	rollup_add(sum, r);
	CHECK_INT(rollup_put_all(db, id_wall_ms(r->id), &cell, sum, &err), 0);
	CHECK_TEXT(err.text, "");
	free(sum);
}

static void insert(struct db *db, const struct call_record *r)
{
	struct err err = {0};

	CHECK_INT(ledger_insert(db, r, &err), 1);
	CHECK_TEXT(err.text, "");
	put_rollups(db, r);
}

#define PICK(list) list[random_below((int64_t)ARRAY_LEN(list))]

static void random_call(struct call_record *r, int64_t id)
{
	random_record(r);
	r->id = id;
	r->key_id = 1 + random_below(4);
	r->team_id = r->key_id <= 2 ? 1 : r->key_id - 1;
	r->price_id = 0;
	copy_text(r->asked, sizeof(r->asked), PICK(asked));
	copy_text(r->provider, sizeof(r->provider), PICK(providers));
	copy_text(r->model, sizeof(r->model), PICK(models));
	copy_text(r->app, sizeof(r->app), PICK(apps));
	copy_text(r->tags, sizeof(r->tags), PICK(tags));
	r->error[0] = r->user[0] = r->session[0] = r->remote[0] = '\0';
	r->num_entries = 1 + (unsigned)random_below(3);
	for (unsigned i = 0; i < r->num_entries; i++) {
		random_attempt(&r->attempts[i]);
		copy_text(r->attempts[i].provider, sizeof(r->attempts[i].provider), PICK(providers));
		copy_text(r->attempts[i].model, sizeof(r->attempts[i].model), PICK(models));
		r->attempts[i].error[0] = '\0';
	}
	r->status = random_below(4) == 0 ? 429 : 200;
}

/* MANY calls in the order of time, more of them on boundaries than chance would put there. */
static struct db *make_full(void)
{
	struct db *db = make_database();
	struct id_source ids = {0};
	struct err err = {0};

	free(records);
	records = calloc(MANY, sizeof(*records));
	CHECK_INT(db_begin(db, &err), 0);
	for (int64_t i = 0; i < MANY; i++) {
		int64_t ms = FIRST_MS + SPAN_MS * i / MANY;

		if (random_below(10) == 0)
			ms = ms / 3600000 * 3600000 - random_below(2);
		random_call(&records[i], id_next(&ids, ms));
		insert(db, &records[i]);
	}
	CHECK_INT(db_commit(db, &err), 0);
	return db;
}

/* -- summing by hand ---------------------------------------------------------------------------- */

static bool is_within(const struct call_record *r, int64_t from, int64_t until)
{
	int64_t ms = id_wall_ms(r->id);

	return ms >= from && ms < until;
}

/* A window with ends on and off the boundaries of minutes, hours and days. */
static void random_window(int64_t *ret_from, int64_t *ret_until)
{
	static const int64_t units[] = {1, 60000, 3600000, 86400000};
	int64_t a = FIRST_MS + random_below(SPAN_MS), b = FIRST_MS + random_below(SPAN_MS);
	int64_t unit_a = PICK(units), unit_b = PICK(units);

	a = a / unit_a * unit_a;
	b = b / unit_b * unit_b;
	*ret_from = a < b ? a : b;
	*ret_until = a < b ? b : a;
	if (random_below(20) == 0)
		*ret_from = 0, *ret_until = INT64_MAX;
}

static bool is_in_scope(const struct call_record *r, const char *scope, int64_t id, const char *model)
{
	if (*model != '\0' && strcmp(r->asked, model) != 0)
		return false;
	if (strcmp(scope, "team") == 0)
		return r->team_id == id;
	if (strcmp(scope, "key") == 0)
		return r->key_id == id;
	if (strcmp(scope, "provider") == 0)
		return strcmp(r->provider, id == 14 ? "unused" : providers[id - 10]) == 0;
	return true;
}

static void spent_equals_the_sum_of_rows_for_every_scope_and_window(void)
{
	static const struct {
		const char *scope;
		int64_t first, num;
	} scopes[] = {{"team", 1, 3}, {"key", 1, 4}, {"provider", 11, 4}, {"gateway", 0, 1}};
	struct db *db = make_full();

	for (int i = 0; i < 400; i++) {
		size_t s = (size_t)random_below(4);
		int64_t id = scopes[s].first + random_below(scopes[s].num), from, until, got = -1, want = 0;
		const char *model = random_below(4) == 0 ? PICK(asked) : "";
		struct err err = {0};

		random_window(&from, &until);
		for (int r = 0; r < MANY; r++)
			if (is_within(&records[r], from, until) && records[r].cost_nusd != COST_UNKNOWN &&
			    is_in_scope(&records[r], scopes[s].scope, id, model))
				want += records[r].cost_nusd;
		CHECK_INT(ledger_spent(db, scopes[s].scope, id, model, from, until, &got, &err), 0);
		CHECK_INT(got, want);
	}
	db_close(db);
}

static void a_scope_nobody_knows_is_an_error(void)
{
	struct db *db = make_database();
	struct err err = {0};
	int64_t got = 5;

	CHECK_INT(ledger_spent(db, "planet", 1, "", 0, INT64_MAX, &got, &err), ERR_INVALID);
	CHECK_INT(ledger_spent(db, "gateway", 0, "never-asked", 0, INT64_MAX, &got, &err), 0);
	CHECK_INT(got, 0);
	db_close(db);
}

/* The value a call has in a dimension, as the answer names it. */
static const char *value_of(const struct call_record *r, const char *dimension)
{
	static const char *const teams[] = {NULL, "web", "search", "old~deleted-3"};
	static const char *const keys[] = {NULL, "ci", "prod", "ci", "x"};

	if (strcmp(dimension, "team") == 0)
		return teams[r->team_id];
	if (strcmp(dimension, "key") == 0)
		return keys[r->key_id];
	if (strcmp(dimension, "model") == 0)
		return r->model;
	if (strcmp(dimension, "provider") == 0)
		return r->provider;
	return r->app;
}

static bool matches(const struct call_record *r, const struct spend_query *q, const json_t *item)
{
	for (int i = 0; i < 2; i++) {
		const char *want = q->by[i] != NULL ? json_text_peek(item, q->by[i]) : NULL;

		if (q->by[i] != NULL && strcmp(value_of(r, q->by[i]), want != NULL ? want : "") != 0)
			return false;
	}
	if (q->team != NULL && strcmp(value_of(r, "team"), q->team) != 0)
		return false;
	if (q->model != NULL && strcmp(r->model, q->model) != 0)
		return false;
	return true;
}

static int64_t bucket_length(const char *bucket)
{
	return bucket == NULL ? INT64_MAX : *bucket == 'm' ? 60000 : *bucket == 'h' ? 3600000 : 86400000;
}

/* What the item should say, summed from the records. */
static void sum_item(const struct spend_query *q, const json_t *item, struct rollup_sum *sum)
{
	int64_t length = bucket_length(q->bucket), at = json_time_peek(item, "at");

	memset(sum, 0, sizeof(*sum));
	for (int i = 0; i < MANY; i++) {
		const struct call_record *r = &records[i];
		const char *key_id = json_text_peek(item, "key_id");

		if (!is_within(r, q->from_ms, q->until_ms) || !matches(r, q, item))
			continue;
		if (q->bucket != NULL && id_wall_ms(r->id) / length * length != at)
			continue;
		if (key_id != NULL && key_id[4] - 'a' + 1 != r->key_id)
			continue;
		rollup_add(sum, r);
	}
}

static bool item_is_right(const json_t *item, const struct rollup_sum *sum)
{
	return json_int_peek(item, "calls", -1) == sum->calls && json_int_peek(item, "errors", -1) == sum->errors &&
	       json_int_peek(item, "refused", -1) == sum->refused && json_int_peek(item, "input", -1) == sum->input &&
	       json_int_peek(item, "output", -1) == sum->output &&
	       json_int_peek(item, "cache_read", -1) == sum->cache_read &&
	       json_int_peek(item, "reasoning", -1) == sum->reasoning &&
	       json_int_peek(item, "unpriced", -1) == sum->unpriced &&
	       json_money_peek(item, "cost_usd") == sum->cost_nusd &&
	       json_money_peek(item, "billed_usd") == sum->billed_nusd &&
	       json_int_peek(item, "p50_us", INT64_MIN) == histogram_percentile(&sum->latency, 500) &&
	       json_int_peek(item, "p95_us", INT64_MIN) == histogram_percentile(&sum->latency, 950) &&
	       json_int_peek(item, "first_byte_p50_us", INT64_MIN) == histogram_percentile(&sum->first_byte, 500);
}

static int64_t calls_within(const struct spend_query *q)
{
	int64_t calls = 0;

	for (int i = 0; i < MANY; i++)
		calls += is_within(&records[i], q->from_ms, q->until_ms) &&
			 (q->team == NULL || strcmp(value_of(&records[i], "team"), q->team) == 0) &&
			 (q->model == NULL || strcmp(records[i].model, q->model) == 0);
	return calls;
}

static void spend_equals_the_sum_of_rows_by_anything_in_any_window(void)
{
	static const char *const by[] = {NULL, "team", "key", "model", "provider", "app"};
	static const char *const bucket[] = {NULL, NULL, "minute", "hour", "day"};
	struct rollup_sum *sum = calloc(1, sizeof(*sum));
	struct db *db = make_full();

	for (int i = 0; i < 150; i++) {
		struct spend_query q = {.by = {PICK(by), NULL}, .bucket = PICK(bucket)};
		int64_t calls = 0, wrong = 0;
		struct err err = {0};
		json_t *items, *item;
		size_t n;

		if (q.by[0] != NULL)
			q.by[1] = PICK(by);
		if (q.by[1] != NULL && strcmp(q.by[0], q.by[1]) == 0)
			q.by[1] = NULL;
		q.team = random_below(4) == 0 ? "web" : NULL;
		q.model = random_below(4) == 0 ? "claude" : NULL;
		random_window(&q.from_ms, &q.until_ms);
		/* Behind the newest call, as windows up to now are. */
		if (i % 8 == 0)
			q.until_ms = FIRST_MS + SPAN_MS + i * 10000;
		items = ledger_spend(db, &q, &err);
		CHECK_TEXT(err.text, "");
		json_array_foreach(items, n, item) {
			calls += json_int_peek(item, "calls", 0);
			/* By the minute there are thousands of items: some of them. */
			if (n % 16 != 0 && json_array_size(items) > 100)
				continue;
			sum_item(&q, item, sum);
			wrong += !item_is_right(item, sum);
		}
		CHECK_INT(wrong, 0);
		CHECK_INT(calls, calls_within(&q));
		json_decref(items);
	}
	free(sum);
	db_close(db);
}

static void a_call_with_two_tags_counts_in_both_and_once_in_all(void)
{
	struct spend_query q = {.by = {"tag", NULL}, .until_ms = INT64_MAX}, all = {.until_ms = INT64_MAX};
	int64_t a = 0, b = 0, none = 0;
	struct err err = {0};
	struct db *db = make_full();
	json_t *items = ledger_spend(db, &q, &err), *item;
	size_t n;

	CHECK_TEXT(err.text, "");
	for (int i = 0; i < MANY; i++) {
		a += records[i].tags[0] == 'a';
		b += strchr(records[i].tags, 'b') != NULL;
		none += records[i].tags[0] == '\0';
	}
	CHECK_INT(json_array_size(items), 3);
	json_array_foreach(items, n, item) {
		const char *tag = json_text_peek(item, "tag");

		CHECK_INT(json_int_peek(item, "calls", -1), tag == NULL ? none : *tag == 'a' ? a : b);
	}
	json_decref(items);
	items = ledger_spend(db, &all, &err);
	CHECK_INT(json_array_size(items), 1);
	CHECK_INT(json_int_peek(json_array_get(items, 0), "calls", -1), MANY);
	json_decref(items);
	db_close(db);
}

static void spend_keeps_the_dearest_and_refuses_words_it_does_not_know(void)
{
	struct spend_query q = {.by = {"model", "team"}, .until_ms = INT64_MAX, .limit = 3};
	struct err err = {0};
	struct db *db = make_full();
	json_t *items = ledger_spend(db, &q, &err);

	CHECK_INT(json_array_size(items), 3);
	for (size_t i = 1; i < json_array_size(items); i++)
		CHECK(json_money_peek(json_array_get(items, i - 1), "cost_usd") >=
		      json_money_peek(json_array_get(items, i), "cost_usd"));
	json_decref(items);
	q.by[0] = "colour";
	CHECK(ledger_spend(db, &q, &err) == NULL);
	CHECK(strstr(err.text, "\"colour\" is none of team, key") != NULL);
	q.by[0] = NULL;
	q.bucket = "fortnight";
	CHECK(ledger_spend(db, &q, &err) == NULL);
	CHECK(strstr(err.text, "\"fortnight\" is none of minute") != NULL);
	q = (struct spend_query){.from_ms = 5, .until_ms = 5};
	items = ledger_spend(db, &q, &err);
	CHECK_INT(json_array_size(items), 0);
	json_decref(items);
	db_close(db);
}

/* -- calls -------------------------------------------------------------------------------------- */

static bool call_matches(const struct call_record *r, const struct call_query *q)
{
	static const char *const keys[] = {NULL, "key_a", "key_b", "key_c", "key_d"};

	return is_within(r, q->from_ms, q->until_ms) &&
	       (q->team == NULL || strcmp(value_of(r, "team"), q->team) == 0) &&
	       (q->key == NULL || strcmp(keys[r->key_id], q->key) == 0 || strcmp(value_of(r, "key"), q->key) == 0) &&
	       (q->provider == NULL || strcmp(r->provider, q->provider) == 0) &&
	       (q->app == NULL || strcmp(r->app, q->app) == 0) &&
	       (q->model == NULL || strcmp(r->model, q->model) == 0 || strcmp(r->asked, q->model) == 0) &&
	       (q->status == 0 || r->status == q->status || r->status / 100 == q->status) &&
	       (q->result < 0 || r->result == q->result);
}

/* Pages through the whole answer; every call of it once, newest first. */
static void page_through(struct db *db, struct call_query *q)
{
	int64_t wanted = 0, seen = 0, last = INT64_MAX;

	for (int i = 0; i < MANY; i++)
		wanted += call_matches(&records[i], q);
	for (q->limit = 100;;) {
		struct err err = {0};
		json_t *items = ledger_calls(db, q, &err), *item;
		size_t n;

		CHECK_TEXT(err.text, "");
		json_array_foreach(items, n, item) {
			int64_t id = 0;

			CHECK(id_parse(json_text_peek(item, "id"), &id));
			CHECK(id < last);
			last = id;
			seen++;
		}
		n = json_array_size(items);
		json_decref(items);
		if (n < q->limit)
			break;
		q->before_id = last;
	}
	CHECK_INT(seen, wanted);
}

static void calls_are_listed_newest_first_page_by_page_by_any_filter(void)
{
	struct db *db = make_full();

	for (int i = 0; i < 60; i++) {
		struct call_query q = {.until_ms = INT64_MAX, .result = -1};

		random_window(&q.from_ms, &q.until_ms);
		q.team = random_below(3) == 0 ? "web" : NULL;
		q.key = random_below(3) == 0 ? (random_below(2) ? "key_b" : "ci") : NULL;
		q.model = random_below(3) == 0 ? "claude" : NULL;
		q.provider = random_below(3) == 0 ? "vllm" : NULL;
		q.app = random_below(4) == 0 ? "cron" : NULL;
		q.status = random_below(3) == 0 ? (random_below(2) ? 429 : 2) : 0;
		q.result = random_below(3) == 0 ? (int)random_below(5) : -1;
		page_through(db, &q);
	}
	db_close(db);
}

static void calls_after_an_id_are_only_newer_ones(void)
{
	struct db *db = make_full();
	struct call_query q = {.until_ms = INT64_MAX, .result = -1, .after_id = records[MANY - 4].id, .limit = 100};
	struct err err = {0};
	json_t *items = ledger_calls(db, &q, &err);
	char id[ID_TEXT];

	CHECK_INT(json_array_size(items), 3);
	CHECK_TEXT(json_text_peek(json_array_get(items, 2), "id"), id_format(records[MANY - 3].id, id));
	json_decref(items);
	q.team = "nobody";
	items = ledger_calls(db, &q, &err);
	CHECK_INT(json_array_size(items), 0);
	json_decref(items);
	db_close(db);
}

static struct call_record *detailed(void)
{
	static struct call_record r;

	r = (struct call_record){
		.id = id_first_at(FIRST_MS), .team_id = 1, .key_id = 2, .asked = "smart", .provider = "anthropic",
		.model = "claude", .status = 200, .flags = CALL_STREAM | CALL_ESTIMATED, .finish = FINISH_STOP,
		.cost_nusd = 3000 * 1000 + 15000 * 20, .billed_nusd = COST_UNKNOWN, .price_id = 7, .total_us = 4100000,
		.first_byte_us = -1, .upstream_us = 4000000, .gateway_us = 800, .app = "opencode", .tags = "a,b",
		.num_attempts = 2, .num_entries = 2};
	usage_init(&r.usage);
	usage_set(&r.usage, USAGE_INPUT, 1000, USAGE_REPORTED);
	usage_set(&r.usage, USAGE_INPUT_AUDIO, 12, USAGE_REPORTED);
	usage_set(&r.usage, USAGE_OUTPUT, 20, USAGE_ESTIMATED);
	r.usage.provider_cost_nusd = 3300001;
	r.attempts[0] = (struct attempt_record){.provider = "openai", .model = "gpt-5", .reason = ATTEMPT_SERVER_ERROR,
						.status = 503, .start_us = 10, .first_byte_us = -1, .total_us = 90,
						.error = "overloaded"};
	r.attempts[1] = (struct attempt_record){.provider = "anthropic", .model = "claude", .status = 200,
						.start_us = 100, .first_byte_us = 50, .total_us = 4000000};
	return &r;
}

static void one_call_tells_everything_that_was_recorded(void)
{
	struct db *db = make_database();
	struct err err = {0};
	json_t *call, *part, *entry;

	insert(db, detailed());
	call = ledger_call(db, id_first_at(FIRST_MS), &err);
	CHECK_TEXT(err.text, "");
	CHECK_TEXT(json_text_peek(call, "at"), "2026-05-28T23:52:25.678Z");
	CHECK_TEXT(json_text_peek(call, "team"), "web");
	CHECK_TEXT(json_text_peek(call, "key"), "prod");
	CHECK_TEXT(json_text_peek(call, "key_id"), "key_b");
	CHECK_TEXT(json_text_peek(call, "asked"), "smart");
	CHECK_TEXT(json_text_peek(call, "result"), "answered");
	CHECK_TEXT(json_text_peek(call, "finish"), "stop");
	CHECK_TEXT(json_text_peek(call, "cost_usd"), "0.0033");
	CHECK(json_is_null(json_object_get(call, "billed_usd")));
	CHECK(json_is_null(json_object_get(call, "first_byte_us")));
	CHECK(json_is_null(json_object_get(call, "cache_read")));
	CHECK(json_is_null(json_object_get(call, "error")));
	CHECK_TEXT(json_text_peek(call, "provider_cost_usd"), "0.003300001");
	CHECK(json_is_true(json_object_get(call, "stream")) && json_is_false(json_object_get(call, "simulated")));
	CHECK_TEXT(json_text_peek(json_object_get(call, "usage_sources"), "output"), "estimated");
	CHECK_TEXT(json_text_peek(json_object_get(call, "usage_sources"), "input_audio"), "reported");
	CHECK_TEXT(json_text_peek(json_object_get(call, "usage_sources"), "cache_read"), "none");
	CHECK_INT(json_array_size(json_object_get(call, "cost_parts")), 2);
	part = json_array_get(json_object_get(call, "cost_parts"), 1);
	CHECK_TEXT(json_text_peek(part, "unit"), "output");
	CHECK_TEXT(json_text_peek(part, "usd_per_million"), "15");
	CHECK_TEXT(json_text_peek(part, "cost_usd"), "0.0003");
	CHECK_INT(json_array_size(json_object_get(call, "entries")), 2);
	entry = json_array_get(json_object_get(call, "entries"), 0);
	CHECK_TEXT(json_text_peek(entry, "target"), "openai/gpt-5");
	CHECK_TEXT(json_text_peek(entry, "reason"), "server_error");
	CHECK_TEXT(json_text_peek(entry, "error"), "overloaded");
	CHECK(json_is_true(json_object_get(entry, "made")));
	CHECK_INT(json_int_peek(entry, "status", 0), 503);
	json_decref(call);
	CHECK(ledger_call(db, 5, &err) == NULL);
	CHECK_INT(err.code, ERR_NOT_FOUND);
	db_close(db);
}

static void a_record_that_is_there_is_left_alone(void)
{
	struct db *db = make_database();
	struct err err = {0};
	json_t *call;

	insert(db, detailed());
	detailed()->status = 500;
	CHECK_INT(ledger_insert(db, detailed(), &err), 0);
	CHECK_INT(ledger_insert(db, detailed(), &err), 0);
	call = ledger_call(db, id_first_at(FIRST_MS), &err);
	CHECK_INT(json_array_size(json_object_get(call, "entries")), 2);
	json_decref(call);
	db_close(db);
}

static void words_get_one_number_each_also_after_a_rollback(void)
{
	struct db *db = make_database();
	struct err err = {0};
	int64_t kept, lost;

	CHECK_INT(name_intern(db, "", &err), 0);
	kept = name_intern(db, "kept", &err);
	CHECK_INT(name_intern(db, "kept", &err), kept);
	CHECK_INT(db_begin(db, &err), 0);
	lost = name_intern(db, "lost", &err);
	CHECK(lost > 0 && lost != kept);
	db_rollback(db);
	CHECK_INT(name_intern(db, "other", &err), lost);
	CHECK(name_intern(db, "lost", &err) != lost);
	CHECK_INT(name_intern(db, "kept", &err), kept);
	db_close(db);
}

/* -- the proof ---------------------------------------------------------------------------------- */

struct problems {
	int count;
	char first[512];
};

static void note_problem(void *arg, const char *text)
{
	struct problems *p = arg;

	if (p->count++ == 0)
		copy_text(p->first, sizeof(p->first), text);
}

static void a_sound_ledger_is_proven(void)
{
	struct problems problems = {0};
	struct err err = {0};
	struct db *db = make_full();

	CHECK_INT(ledger_check(db, note_problem, &problems, &err), 0);
	CHECK_TEXT(problems.first, "");
	CHECK_TEXT(err.text, "");
	db_close(db);
}

/* What 0003 and its followers make, unmade. */
static const char before_0003[] =
	"DROP TABLE horizons; DROP TABLE budget_kept; DROP TABLE key_last_gone;"
	"DROP TABLE rollup_hour_team; DROP TABLE rollup_hour_target; DROP TABLE rollup_hour_key;"
	"DROP TABLE rollup_day_team; DROP TABLE rollup_day_target; DROP TABLE rollup_day_key;"
	"DROP INDEX calls_not_ok; DROP INDEX calls_not_ok_team; DROP INDEX calls_not_ok_key;"
	"DROP INDEX calls_key; CREATE INDEX calls_key ON calls(key_id, id);"
	"DROP INDEX calls_team; CREATE INDEX calls_team ON calls(team_id, id); PRAGMA user_version = 2";

static void rollups_that_came_later_sum_up_what_was_there_before_them(void)
{
	struct problems problems = {0};
	struct err err = {0};
	struct db *db = make_full();

	CHECK_INT(db_exec(db, before_0003, &err), 0);
	CHECK_INT(db_migrate(db, &err), 0);
	CHECK_INT(ledger_check(db, note_problem, &problems, &err), 0);
	CHECK_TEXT(problems.first, "");
	CHECK_TEXT(err.text, "");
	db_close(db);
}

/* Each change spoils the ledger in one way; the check says so in these words. */
static const struct {
	const char *change, *says;
} spoils[] = {
	{"UPDATE rollup_hour SET cost_nusd = cost_nusd + 1 WHERE at = (SELECT max(at) FROM rollup_hour)",
	 "rows and rollups of hours differ: hour 49"},
	{"UPDATE rollup_day SET latency = histogram_merge(latency, 5) WHERE at = (SELECT min(at) FROM rollup_day)",
	 "rows and rollups of days differ: day 20"},
	{"DELETE FROM rollup_minute WHERE at = (SELECT min(at) FROM rollup_minute)",
	 "rows and rollups of minutes differ: minute 29666872"},
	{"UPDATE rollup_hour_team SET output = output + 1 WHERE at = (SELECT max(at) FROM rollup_hour_team)",
	 "rows and rollups of hours of teams differ: hour 49"},
	{"DELETE FROM rollup_day_team WHERE at = (SELECT min(at) FROM rollup_day_team)",
	 "rows and rollups of days of teams differ: day 20"},
	{"UPDATE rollup_hour_target SET billed_nusd = billed_nusd - 1 WHERE at = (SELECT max(at) FROM rollup_hour_target)",
	 "rows and rollups of hours of targets differ: hour 49"},
	{"UPDATE rollup_day_target SET latency = histogram_merge(latency, 5) WHERE at = (SELECT min(at) FROM rollup_day_target)",
	 "rows and rollups of days of targets differ: day 20"},
	{"UPDATE rollup_hour_key SET calls = 0 WHERE at = (SELECT max(at) FROM rollup_hour_key)",
	 "rows and rollups of hours of keys differ: hour 49"},
	{"UPDATE rollup_day_key SET first_byte = histogram_merge(first_byte, 5) WHERE at = (SELECT min(at) FROM rollup_day_key)",
	 "rows and rollups of days of keys differ: day 20"},
	{"INSERT INTO rollup_minute SELECT 1, team_id, provider_name, model_name, calls, errors, refused, input, output,"
	 " cache_read, cache_write, reasoning, cost_nusd, billed_nusd, unpriced, latency, first_byte FROM rollup_minute LIMIT 1",
	 "rows and rollups of minutes differ: minute 1, team"},
	{"INSERT INTO attempts SELECT 5, seq, provider_name, model_name, reason, status, start_us, first_byte_us, total_us,"
	 " error FROM attempts LIMIT 1",
	 "attempts of no call: attempt 0 of call 5"},
	{"DELETE FROM attempts WHERE call_id = (SELECT max(id) FROM calls WHERE num_attempts > 0 AND result <> 4)",
	 "calls whose attempts are missing: call "},
	{"UPDATE calls SET user_name = 999 WHERE id = (SELECT max(id) FROM calls)",
	 "calls that refer to words that are not there: call "},
	{"UPDATE attempts SET model_name = 999 WHERE call_id = (SELECT max(call_id) FROM attempts)",
	 "attempts that refer to words that are not there: attempt 0 of call "},
	{"DELETE FROM call_marks WHERE what = 3 AND at = (SELECT max(at) FROM call_marks WHERE what = 3)",
	 "lists would not find calls of a kind: mark 3, "},
	{"DELETE FROM keys WHERE id = 4", "calls of teams or keys that are not there: call "},
};

static void each_way_to_spoil_a_ledger_is_found(void)
{
	struct db *db = make_full();

	for (size_t i = 0; i < ARRAY_LEN(spoils); i++) {
		struct problems problems = {0};
		struct err err = {0};

		CHECK_INT(db_exec(db, spoils[i].change, &err), 0);
		CHECK_INT(ledger_check(db, note_problem, &problems, &err), 1);
		CHECK(problems.count >= 1 && problems.count <= 20);
		if (strncmp(problems.first, spoils[i].says, strlen(spoils[i].says)) != 0)
			CHECK_TEXT(problems.first, spoils[i].says);
		db_close(db);
		db = make_full();
	}
	db_close(db);
}

CHECK_MAIN(TEST(spent_equals_the_sum_of_rows_for_every_scope_and_window), TEST(a_scope_nobody_knows_is_an_error),
	   TEST(spend_equals_the_sum_of_rows_by_anything_in_any_window),
	   TEST(a_call_with_two_tags_counts_in_both_and_once_in_all),
	   TEST(spend_keeps_the_dearest_and_refuses_words_it_does_not_know),
	   TEST(calls_are_listed_newest_first_page_by_page_by_any_filter), TEST(calls_after_an_id_are_only_newer_ones),
	   TEST(one_call_tells_everything_that_was_recorded), TEST(a_record_that_is_there_is_left_alone),
	   TEST(words_get_one_number_each_also_after_a_rollback), TEST(a_sound_ledger_is_proven),
	   TEST(rollups_that_came_later_sum_up_what_was_there_before_them),
	   TEST(each_way_to_spoil_a_ledger_is_found))
