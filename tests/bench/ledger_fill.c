/* SPDX-License-Identifier: MIT */
/*
 * ledger_fill — calls as many as are wanted go through the ledger's own code into a database, and how
 * fast the writer took them is printed.
 *
 *   ledger_fill DATABASE --calls N --days D       spread evenly over the D days before now
 *   ledger_fill DATABASE --rate N --seconds S     N a second, as they would come now
 *
 * The journal is beside the database.  Each run is repeatable: its chances are drawn from a fixed seed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/money.h"
#include "ledger/histogram.h"
#include "store/batch.h"
#include "store/ledger_store.h"
#include "store/store.h"

#define NUM_TEAMS 50
#define NUM_KEYS 500
#define NUM_MODELS 20
#define NUM_PROVIDERS 6
#define NUM_APPS 12
#define NUM_USERS 2000

#define DAY_MS INT64_C(86400000)
#define RING_BYTES (16 << 20)
/* What waits in the journal before the writer is called: some of its transactions' worth. */
#define GATHER 16000
/* Another maker of ids than any worker. */
#define WHO 63
/* While calls come at a rate, the writer is called this often. */
#define TICK_MS 20

struct fill {
	int64_t calls, days, rate, seconds;
	struct db *db;
	struct journal *journal;
	struct batch *batch;
	struct id_source ids;
	uint64_t position, random, rows, writer_us, processor_us, longest_us;
	struct histogram commits;
	int64_t team_ids[NUM_TEAMS], key_ids[NUM_KEYS];
	struct call_record record;
};

/* -- chance -------------------------------------------------------------------------------------- */

static uint64_t draw(struct fill *f)
{
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return f->random;
}

static int64_t below(struct fill *f, int64_t n)
{
	return (int64_t)(draw(f) % (uint64_t)n);
}

/* Small numbers far more often than large ones. */
static int64_t mostly_small(struct fill *f, int64_t n)
{
	return below(f, below(f, n) + 1);
}

static bool chance(struct fill *f, int64_t per_mille)
{
	return below(f, 1000) < per_mille;
}

/* -- whom calls are for -------------------------------------------------------------------------- */

static int make_providers(struct fill *f, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < NUM_PROVIDERS && rc == 0; i++) {
		char name[32];
		struct provider_row row = {
			.name = name, .kind = (char *)"sim", .state = (char *)"enabled", .state_at = STORE_NONE, .created_at = 1};

		snprintf(name, sizeof(name), "provider%d", i);
		rc = provider_insert(f->db, &row, err);
	}
	return rc;
}

static int make_teams(struct fill *f, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < NUM_TEAMS && rc == 0; i++) {
		char name[32];
		struct team_row row = {
			.name = name, .rpm = STORE_NONE, .tpm = STORE_NONE, .parallel = STORE_NONE, .created_at = 1};

		snprintf(name, sizeof(name), "team%d", i);
		rc = team_insert(f->db, &row, err);
		f->team_ids[i] = row.id;
	}
	return rc;
}

static int make_keys(struct fill *f, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < NUM_KEYS && rc == 0; i++) {
		char name[32], public_id[32];
		struct key_row row = {
			.name = name, .public_id = public_id, .team_id = f->team_ids[i % NUM_TEAMS], .prefix = (char *)"tg-bench",
			.state = (char *)"active", .expires_at = STORE_NONE, .rpm = STORE_NONE, .tpm = STORE_NONE,
			.parallel = STORE_NONE, .revoked_at = STORE_NONE, .created_at = 1};

		snprintf(name, sizeof(name), "key%d", i);
		snprintf(public_id, sizeof(public_id), "key_bench%d", i);
		memcpy(row.hash, public_id, sizeof(public_id));
		rc = key_insert(f->db, &row, err);
		f->key_ids[i] = row.id;
	}
	return rc;
}

/* Those of an earlier run, when there are some: they have the numbers the first run gave them. */
static int make_objects(struct fill *f, struct err *err)
{
	struct key_row key = {0};
	int rc = db_begin(f->db, err);

	if (rc == 0 && key_get(f->db, "key_bench0", &key, NULL) == 0) {
		for (int i = 0; i < NUM_KEYS; i++)
			f->key_ids[i] = key.id + i;
		for (int i = 0; i < NUM_TEAMS; i++)
			f->team_ids[i] = key.team_id + i;
		key_release(&key);
		db_rollback(f->db);
		return 0;
	}
	if (rc == 0)
		rc = make_providers(f, err);
	if (rc == 0)
		rc = make_teams(f, err);
	if (rc == 0)
		rc = make_keys(f, err);
	return rc == 0 ? db_commit(f->db, err) : rc;
}

/* -- one call ------------------------------------------------------------------------------------ */

static void add_attempt(struct fill *f, struct call_record *r, int64_t provider, enum attempt_reason reason, int status)
{
	struct attempt_record *a = &r->attempts[r->num_entries++];

	snprintf(a->provider, sizeof(a->provider), "provider%lld", (long long)provider);
	copy_text(a->model, sizeof(a->model), r->model);
	copy_text(r->provider, sizeof(r->provider), a->provider);
	a->reason = (uint8_t)reason;
	a->status = status;
	a->start_us = r->total_us;
	a->first_byte_us = reason == ATTEMPT_OK ? 150000 + mostly_small(f, 1500000) : -1;
	a->total_us = reason == ATTEMPT_OK ? a->first_byte_us + mostly_small(f, 20000000) : 20000 + mostly_small(f, 400000);
	a->error[0] = '\0';
	if (reason != ATTEMPT_OK)
		copy_text(a->error, sizeof(a->error), "rate limit reached, try again in 12 s");
	r->num_attempts++;
	r->total_us += a->total_us;
}

/* Most calls of a key go to its own model, and each model has a provider and one to fall back to. */
static void choose_route(struct fill *f, struct call_record *r)
{
	int64_t key = mostly_small(f, NUM_KEYS), model = (key * 7 + (chance(f, 250) ? mostly_small(f, 4) : 0)) % NUM_MODELS;
	int64_t provider = model % NUM_PROVIDERS, other = (provider + 1) % NUM_PROVIDERS;

	r->key_id = f->key_ids[key];
	r->team_id = f->team_ids[key % NUM_TEAMS];
	snprintf(r->asked, sizeof(r->asked), chance(f, 700) ? "model%lld" : "chain%lld", (long long)model);
	if (chance(f, 30)) {
		r->result = CALL_REFUSED;
		r->status = chance(f, 500) ? 402 : 429;
		return;
	}
	snprintf(r->model, sizeof(r->model), "model%lld", (long long)model);
	if (chance(f, 40)) {
		add_attempt(f, r, provider, ATTEMPT_RATE_LIMITED, 429);
		provider = other;
	}
	if (chance(f, 10)) {
		add_attempt(f, r, provider, ATTEMPT_SERVER_ERROR, 500);
		r->result = CALL_FAILED;
		r->status = 502;
		return;
	}
	add_attempt(f, r, provider, ATTEMPT_OK, 200);
	r->result = chance(f, 10) ? CALL_ABORTED : CALL_ANSWERED;
	r->status = 200;
}

static void charge(struct fill *f, struct call_record *r)
{
	int64_t input = 50 + mostly_small(f, 12000), output = 1 + mostly_small(f, 1500);

	usage_init(&r->usage);
	r->usage.provider_cost_nusd = COST_UNKNOWN;
	r->cost_nusd = r->billed_nusd = 0;
	if (r->result != CALL_ANSWERED && r->result != CALL_ABORTED)
		return;
	usage_set(&r->usage, USAGE_INPUT, input, USAGE_REPORTED);
	usage_set(&r->usage, USAGE_OUTPUT, output, USAGE_REPORTED);
	if (chance(f, 300))
		usage_set(&r->usage, USAGE_CACHE_READ, input / 2, USAGE_REPORTED);
	r->price_id = 1;
	r->cost_nusd = input * 2500 + output * 10000;
	r->billed_nusd = r->cost_nusd + r->cost_nusd / 20;
}

static void label(struct fill *f, struct call_record *r)
{
	snprintf(r->app, sizeof(r->app), "app%lld", (long long)mostly_small(f, NUM_APPS));
	snprintf(r->remote, sizeof(r->remote), "10.0.0.%lld", (long long)below(f, 40));
	if (chance(f, 500))
		snprintf(r->user, sizeof(r->user), "user%lld", (long long)mostly_small(f, NUM_USERS));
	if (chance(f, 300))
		snprintf(r->session, sizeof(r->session), "ses_%08llx", (unsigned long long)(draw(f) >> 32));
	if (chance(f, 200))
		copy_text(r->tags, sizeof(r->tags), "batch,night");
}

static void make_call(struct fill *f, int64_t wall_ms)
{
	struct call_record *r = &f->record;

	memset(r, 0, offsetof(struct call_record, attempts));
	r->id = id_next(&f->ids, wall_ms);
	r->first_byte_us = -1;
	choose_route(f, r);
	r->upstream_us = r->total_us;
	r->gateway_us = 40 + mostly_small(f, 300);
	r->total_us += r->gateway_us;
	if (r->status == 200) {
		r->first_byte_us = r->attempts[r->num_entries - 1].start_us + r->attempts[r->num_entries - 1].first_byte_us;
		r->finish = FINISH_STOP;
	} else {
		copy_text(r->error, sizeof(r->error), r->status == 402 ? "budget_exceeded" : r->status == 429 ? "rate_limited" : "upstream_error");
	}
	r->flags = chance(f, 600) ? CALL_STREAM : 0;
	charge(f, r);
	label(f, r);
}

/* -- writing them -------------------------------------------------------------------------------- */

/* What other programs took of the machine is not in it. */
static uint64_t processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int drain(struct fill *f, struct err *err)
{
	while (f->position < journal_head(f->journal)) {
		uint64_t rows = 0, began = clock_mono_us(), began_processor = processor_us(), took;
		int rc = batch_write(f->batch, &f->position, &rows, err);

		if (rc < 0)
			return rc;
		took = clock_mono_us() - began;
		f->rows += rows;
		f->writer_us += took;
		f->processor_us += processor_us() - began_processor;
		f->longest_us = took > f->longest_us ? took : f->longest_us;
		histogram_add(&f->commits, (int64_t)took);
		journal_release(f->journal, f->position);
	}
	return 0;
}

static int append(struct fill *f, int64_t wall_ms, struct err *err)
{
	struct journal_slot *slot = journal_admit(f->journal);

	if (slot == NULL && drain(f, err) < 0)
		return err->code;
	if (slot == NULL)
		slot = journal_admit(f->journal);
	if (slot == NULL)
		return err_set(err, ERR_FULL, "an empty journal has no room");
	make_call(f, wall_ms);
	journal_append(f->journal, slot, &f->record);
	return 0;
}

static int fill_days(struct fill *f, struct err *err)
{
	int64_t until = clock_wall_ms(), from = until - f->days * DAY_MS;
	int rc = 0;

	for (int64_t i = 0; i < f->calls && rc == 0; i++) {
		rc = append(f, from + (int64_t)((double)(until - from) * (double)i / (double)f->calls), err);
		if (rc == 0 && i % GATHER == GATHER - 1)
			rc = drain(f, err);
	}
	return rc == 0 ? drain(f, err) : rc;
}

static int fill_at_rate(struct fill *f, struct err *err)
{
	uint64_t began = clock_mono_us(), until = began + (uint64_t)f->seconds * 1000000;
	int64_t appended = 0;
	int rc = 0;

	while (rc == 0 && clock_mono_us() < until) {
		int64_t due = (int64_t)(clock_mono_us() - began) * f->rate / 1000000;

		for (; appended < due && rc == 0; appended++)
			rc = append(f, clock_wall_ms(), err);
		if (rc == 0)
			rc = drain(f, err);
		usleep(TICK_MS * 1000);
	}
	return rc;
}

static int open_all(struct fill *f, const char *path, struct err *err)
{
	char *journal = xasprintf("%s.fill", path);
	int64_t stored = 0;

	f->db = db_open(path, DB_WRITE, err);
	if (f->db != NULL && db_migrate(f->db, err) == 0 && make_objects(f, err) == 0)
		f->journal = journal_open(journal, RING_BYTES, GATHER, err);
	free(journal);
	if (f->journal == NULL || journal_position_get(f->db, journal_id(f->journal), &stored, err) < 0)
		return -1;
	f->position = journal_tail(f->journal);
	f->batch = batch_new(f->db, &f->journal, 1);
	return 0;
}

static double a_second(uint64_t rows, uint64_t us)
{
	return us > 0 ? (double)rows * 1e6 / (double)us : 0;
}

static void print_figures(const struct fill *f)
{
	printf("%llu rows, %.0f a second of writer time, %.0f a second of its processor time\n", (unsigned long long)f->rows,
	       a_second(f->rows, f->writer_us), a_second(f->rows, f->processor_us));
	printf("a transaction takes %.1f ms (p99 %.1f, longest %.1f)\n",
	       (double)histogram_percentile(&f->commits, 500) / 1000, (double)histogram_percentile(&f->commits, 990) / 1000,
	       (double)f->longest_us / 1000);
}

static bool parse(struct fill *f, int argc, char **argv)
{
	static const struct option longs[] = {{"calls", required_argument, NULL, 'c'}, {"days", required_argument, NULL, 'd'},
					      {"rate", required_argument, NULL, 'r'}, {"seconds", required_argument, NULL, 's'},
					      {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		int64_t *const into = c == 'c' ? &f->calls : c == 'd' ? &f->days : c == 'r' ? &f->rate : c == 's' ? &f->seconds : NULL;

		if (into == NULL)
			return false;
		*into = atoll(optarg);
	}
	return optind == argc - 1 && (f->calls > 0) != (f->rate > 0) && f->days > 0 && f->seconds > 0;
}

int main(int argc, char **argv)
{
	static struct fill f = {.days = 30, .seconds = 10, .random = 88172645463325252u, .ids.who = WHO};
	struct err err = {0};
	int rc;

	if (!parse(&f, argc, argv)) {
		fprintf(stderr, "usage: ledger_fill DATABASE (--calls N [--days D] | --rate N [--seconds S])\n");
		return 2;
	}
	rc = open_all(&f, argv[optind], &err);
	if (rc == 0)
		rc = f.rate > 0 ? fill_at_rate(&f, &err) : fill_days(&f, &err);
	if (rc == 0)
		print_figures(&f);
	else
		fprintf(stderr, "ledger_fill: %s\n", err.text);
	batch_free(f.batch);
	journal_close(f.journal);
	db_close(f.db);
	return rc == 0 ? 0 : 1;
}
