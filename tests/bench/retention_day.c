/* SPDX-License-Identifier: MIT */
/*
 * retention_day — what is older than some days is deleted from a database as the writer does it, slice
 * by slice, and what it took is printed.
 *
 *   retention_day DATABASE --keep DAYS [--budgets N]     N budgets of one model each, which must not lose
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "ledger/histogram.h"
#include "store/db_private.h"
#include "store/retention.h"
#include "store/store.h"

#define DAY_MS INT64_C(86400000)
/* As the writer's own. */
#define CHECKPOINT_PAGES 2000

struct figures {
	struct histogram slices;
	uint64_t num, wall_us, processor_us, longest_us, checkpoints, checkpoint_us, longest_checkpoint_us;
	int log_pages;
};

static uint64_t processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int note_pages(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct figures *f = arg;

	(void)handle;
	(void)name;
	f->log_pages = pages;
	return SQLITE_OK;
}

static int64_t count_calls(struct db *db)
{
	struct stmt *s = db_query(db, "SELECT count(*) AS n FROM calls", NULL);
	int64_t n = stmt_step(s, NULL) > 0 ? stmt_int(s, "n") : 0;

	stmt_reset(s);
	return n;
}

static int put_budgets(struct db *db, int num, struct err *err)
{
	int rc = db_begin(db, err);

	for (int i = 0; i < num && rc == 0; i++) {
		char model[32];
		struct budget_row row = {.scope = i % 2 == 0 ? "team" : "key", .scope_id = 1 + i / 40, .model = model,
					 .amount_nusd = 1, .window = (char *)"total", .created_at = 1};

		snprintf(model, sizeof(model), "model%d", i % 40 / 2);
		rc = budget_put(db, &row, err);
	}
	return rc == 0 ? db_commit(db, err) : rc;
}

static void checkpoint(struct db *db, struct figures *f, int *done_pages)
{
	uint64_t began_us = clock_mono_us(), took_us;

	if (f->log_pages >= *done_pages && f->log_pages - *done_pages < CHECKPOINT_PAGES)
		return;
	sqlite3_wal_checkpoint_v2(db_handle(db), NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	*done_pages = f->log_pages;
	took_us = clock_mono_us() - began_us;
	f->checkpoints++;
	f->checkpoint_us += took_us;
	f->longest_checkpoint_us = took_us > f->longest_checkpoint_us ? took_us : f->longest_checkpoint_us;
}

static int run(struct db *db, const struct retention_ages *ages, struct figures *f, struct err *err)
{
	struct retention *r = retention_new(db, ages);
	int done_pages = 0, rc;

	do {
		uint64_t began_us = clock_mono_us(), began_processor_us = processor_us(), took_us;

		rc = retention_step(r, clock_wall_ms(), err);
		took_us = clock_mono_us() - began_us;
		f->num++;
		f->wall_us += took_us;
		f->processor_us += processor_us() - began_processor_us;
		f->longest_us = took_us > f->longest_us ? took_us : f->longest_us;
		histogram_add(&f->slices, (int64_t)took_us);
		checkpoint(db, f, &done_pages);
	} while (rc > 0);
	retention_free(r);
	return rc;
}

static void print_figures(const struct figures *f, int64_t calls)
{
	double wall = (double)f->wall_us / 1e6, processor = (double)f->processor_us / 1e6;

	printf("%lld calls deleted in %llu slices: %.2f s, %.2f s of processor time\n", (long long)calls,
	       (unsigned long long)f->num, wall, processor);
	printf("a day of 333,000 calls: %.2f s, %.2f s of processor time\n", wall * 333000 / (double)calls,
	       processor * 333000 / (double)calls);
	printf("a slice takes %.1f ms (p99 %.1f, longest %.1f)\n", (double)histogram_percentile(&f->slices, 500) / 1000,
	       (double)histogram_percentile(&f->slices, 990) / 1000, (double)f->longest_us / 1000);
	printf("%llu checkpoints between them: %.2f s (longest %.1f ms)\n", (unsigned long long)f->checkpoints,
	       (double)f->checkpoint_us / 1e6, (double)f->longest_checkpoint_us / 1000);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{"keep", required_argument, NULL, 'k'}, {"budgets", required_argument, NULL, 'b'}, {NULL, 0, NULL, 0}};
	static struct figures f;
	struct retention_ages ages = {0};
	struct err err = {0};
	struct db *db;
	int64_t before;
	int c, budgets = 0;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'k')
			ages.calls_ms = ages.minutes_ms = ages.hours_ms = atoll(optarg) * DAY_MS;
		else if (c == 'b')
			budgets = atoi(optarg);
	}
	if (optind != argc - 1 || ages.calls_ms <= 0) {
		fprintf(stderr, "usage: retention_day DATABASE --keep DAYS [--budgets N]\n");
		return 2;
	}
	db = db_open(argv[optind], DB_WRITE, &err);
	if (db == NULL || put_budgets(db, budgets, &err) < 0)
		goto out;
	sqlite3_wal_hook(db_handle(db), note_pages, &f);
	before = count_calls(db);
	if (run(db, &ages, &f, &err) == 0)
		print_figures(&f, before - count_calls(db));
out:
	if (err.code != ERR_NONE)
		fprintf(stderr, "retention_day: %s\n", err.text);
	db_close(db);
	return err.code == ERR_NONE ? 0 : 1;
}
