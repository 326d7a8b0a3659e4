/* SPDX-License-Identifier: MIT */
#include "store/writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "check.h"
#include "store/db.h"
#include "store/ledger_store.h"
#include "temporary.h"

#define RING (256 * 1024)
#define SLOTS 16
#define START_MS INT64_C(1780000000000)

/* A home of its own: a migrated database and two journals. */
struct home {
	char db_path[512], journal_path[2][512];
	struct journal *journals[2];
	struct writer *writer;
	atomic_long told;
	struct id_source ids;
	int64_t from_ms;                /* of calls; 0: START_MS */
	struct retention_ages retention;
};

static void open_journals(struct home *h)
{
	struct err err = {0};

	for (int i = 0; i < 2; i++)
		h->journals[i] = journal_open(h->journal_path[i], RING, SLOTS, &err);
	CHECK_TEXT(err.text, "");
}

static void make_home(struct home *h)
{
	struct err err = {0};
	struct db *db;

	*h = (struct home){0};
	copy_text(h->db_path, sizeof(h->db_path), temporary_path("t.db"));
	for (int i = 0; i < 2; i++)
		copy_text(h->journal_path[i], sizeof(h->journal_path[i]), temporary_path("journal"));
	db = db_open(h->db_path, DB_WRITE, &err);
	CHECK_INT(db_migrate(db, &err), 0);
	db_close(db);
	open_journals(h);
}

static void count_told(void *arg, const struct call_record *records, size_t num)
{
	struct home *h = arg;

	for (size_t i = 0; i < num; i++)
		CHECK(records[i].id != 0);
	atomic_fetch_add(&h->told, (long)num);
}

static void start(struct home *h)
{
	struct writer_options options = {
		.db_path = h->db_path, .journals = h->journals, .num_journals = 2, .committed = count_told, .arg = h,
		.retention = h->retention};
	struct err err = {0};

	h->writer = writer_start(&options, &err);
	CHECK_TEXT(err.text, "");
}

static void close_home(struct home *h)
{
	writer_stop(h->writer);
	for (int i = 0; i < 2; i++)
		journal_close(h->journals[i]);
}

static void fill_record(struct call_record *r, int64_t id)
{
	*r = (struct call_record){
		.id = id, .team_id = 1 + id % 3, .key_id = 1 + id % 5, .asked = "smart", .provider = "anthropic",
		.model = "claude", .status = 200, .cost_nusd = 1000 + id % 7, .billed_nusd = 2000, .total_us = 1500,
		.first_byte_us = 700, .num_attempts = 1, .num_entries = 1};
	usage_init(&r->usage);
	usage_set(&r->usage, USAGE_INPUT, 10, USAGE_REPORTED);
	usage_set(&r->usage, USAGE_OUTPUT, 5, USAGE_REPORTED);
	r->attempts[0] = (struct attempt_record){.provider = "anthropic", .model = "claude", .status = 200, .total_us = 900};
}

/* False when there is no room. */
static bool append(struct home *h, int journal)
{
	static struct call_record r;
	struct journal_slot *slot = journal_admit(h->journals[journal]);

	if (slot == NULL)
		return false;
	fill_record(&r, id_next(&h->ids, h->from_ms != 0 ? h->from_ms : START_MS));
	slot->id = r.id;
	journal_append(h->journals[journal], slot, &r);
	if (h->writer != NULL)
		writer_wake(h->writer);
	return true;
}

static int64_t number(const struct home *h, const char *sql)
{
	struct err err = {0};
	struct db *db = db_open(h->db_path, DB_READ, &err);
	struct stmt *s = db_query(db, sql, &err);
	int64_t n = stmt_step(s, &err) > 0 ? stmt_int(s, "n") : -1;

	CHECK_TEXT(err.text, "");
	stmt_reset(s);
	db_close(db);
	return n;
}

#define CALLS "SELECT count(*) AS n FROM calls"

/* Rows = attempts = each rollup, in count and cost. */
static void check_adds_up(const struct home *h, int64_t calls)
{
	static const char *const rollups[] = {
		"rollup_minute",   "rollup_hour_team", "rollup_hour_target", "rollup_hour_key", "rollup_hour",
		"rollup_day_team", "rollup_day_target", "rollup_day_key",    "rollup_day",
	};
	int64_t cost = number(h, "SELECT ifnull(sum(cost_nusd), 0) AS n FROM calls");

	CHECK_INT(number(h, CALLS), calls);
	for (size_t i = 0; i < ARRAY_LEN(rollups); i++) {
		char sql[128];

		snprintf(sql, sizeof(sql), "SELECT ifnull(sum(calls), 0) AS n FROM %s", rollups[i]);
		CHECK_INT(number(h, sql), calls);
		snprintf(sql, sizeof(sql), "SELECT ifnull(sum(cost_nusd), 0) AS n FROM %s", rollups[i]);
		CHECK_INT(number(h, sql), cost);
	}
}

static void what_is_appended_is_a_row_when_flush_returns(void)
{
	struct writer_stats stats;
	struct home h;

	make_home(&h);
	start(&h);
	CHECK(append(&h, 0) && append(&h, 1) && append(&h, 1));
	CHECK(writer_flush(h.writer, 5000));
	check_adds_up(&h, 3);
	CHECK_INT(number(&h, "SELECT count(*) AS n FROM attempts"), 3);
	CHECK_INT(atomic_load(&h.told), 3);
	writer_stats(h.writer, &stats);
	CHECK_INT(stats.rows, 3);
	CHECK_INT(stats.backlog_bytes, 0);
	CHECK_INT(stats.failing_since_ms, 0);
	CHECK(journal_tail(h.journals[0]) == journal_head(h.journals[0]));
	close_home(&h);
}

static void flush_with_nothing_to_do_returns_at_once(void)
{
	struct home h;
	uint64_t before;

	make_home(&h);
	start(&h);
	before = clock_mono_us();
	for (int i = 0; i < 100; i++)
		CHECK(writer_flush(h.writer, 1000));
	CHECK(clock_mono_us() - before < 100000);
	close_home(&h);
}

static void stopping_drains_thousands_of_records_from_both_journals(void)
{
	struct home h;
	int count = 0;

	make_home(&h);
	start(&h);
	while (count < 6000)
		if (append(&h, count % 2))
			count++;
		else
			CHECK(writer_flush(h.writer, 10000));
	writer_stop(h.writer);
	h.writer = NULL;
	check_adds_up(&h, 6000);
	CHECK_INT(atomic_load(&h.told), 6000);
	close_home(&h);
}

static void copy_file(const char *from, const char *to)
{
	static char data[1 << 20];
	int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0600);
	ssize_t n = read(in, data, sizeof(data));

	CHECK(n > 0 && write(out, data, (size_t)n) == n);
	close(in);
	close(out);
}

static void execute(const struct home *h, const char *sql)
{
	struct err err = {0};
	struct db *db = db_open(h->db_path, DB_WRITE, &err);

	CHECK_INT(db_exec(db, sql, &err), 0);
	db_close(db);
}

static void records_replayed_twice_count_once(void)
{
	char saved[512];
	struct home h;

	make_home(&h);
	for (int i = 0; i < 500; i++)
		append(&h, 0);
	copy_text(saved, sizeof(saved), temporary_path("saved"));
	copy_file(h.journal_path[0], saved);
	start(&h);
	check_adds_up(&h, 500);
	close_home(&h);
	/* As if the commit had been followed by a power failure that took the journal's tail back, and
	 * then also the position in the database. */
	for (int round = 0; round < 2; round++) {
		copy_file(saved, h.journal_path[0]);
		if (round == 1)
			execute(&h, "DELETE FROM journal_positions");
		h.writer = NULL;
		open_journals(&h);
		start(&h);
		check_adds_up(&h, 500 + round);
		append(&h, 0);
		CHECK(writer_flush(h.writer, 5000));
		check_adds_up(&h, 501 + round);
		close_home(&h);
	}
}

static void calls_open_at_a_crash_come_back_as_interrupted(void)
{
	struct journal_slot *slot;
	struct home h;

	make_home(&h);
	slot = journal_admit(h.journals[0]);
	slot->id = id_next(&h.ids, START_MS);
	slot->team_id = 4;
	slot->key_id = 5;
	slot->input_estimate = 100;
	slot->output_bytes = 80;
	copy_text(slot->asked, sizeof(slot->asked), "smart");
	copy_text(slot->provider, sizeof(slot->provider), "openai");
	copy_text(slot->model, sizeof(slot->model), "gpt-5");
	slot = journal_admit(h.journals[1]);
	slot->id = id_next(&h.ids, START_MS);
	slot->team_id = 4;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 2; i++)
			journal_close(h.journals[i]);
		open_journals(&h);
		start(&h);
		check_adds_up(&h, 2);
		CHECK_INT(number(&h, "SELECT count(*) AS n FROM calls WHERE result = 4 AND error_name ="
				     " (SELECT id FROM names WHERE name = 'interrupted')"), 2);
		CHECK_INT(number(&h, "SELECT count(*) AS n FROM calls WHERE cost_nusd IS NULL AND input = 100 AND output = 20"
				     " AND flags & 2 AND usage_detail LIKE '%estimated%'"), 1);
		CHECK_INT(number(&h, "SELECT cost_nusd AS n FROM calls WHERE provider_name IS NULL"), 0);
		CHECK_INT(number(&h, "SELECT sum(errors) AS n FROM rollup_hour"), 2);
		CHECK_INT(number(&h, "SELECT sum(unpriced) AS n FROM rollup_hour"), 1);
		writer_stop(h.writer);
		h.writer = NULL;
	}
	close_home(&h);
}

/* The child is a daemon in small: one worker, the writer; it tells each id whose append has returned. */
static void run_until_killed(struct home *h, int tell)
{
	open_journals(h);
	start(h);
	for (;;) {
		struct journal_slot *waiting = journal_admit(h->journals[1]);

		if (waiting != NULL)
			waiting->id = id_next(&h->ids, START_MS);
		while (!append(h, 0))
			sched_yield();
		if (write(tell, &h->ids.last, sizeof(h->ids.last)) != (ssize_t)sizeof(h->ids.last))
			_exit(1);
		if (waiting != NULL)
			journal_forget(h->journals[1], waiting);
	}
}

static bool row_exists(const struct home *h, int64_t id)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT count(*) AS n FROM calls WHERE id = %lld AND result = 0", (long long)id);
	return number(h, sql) == 1;
}

static void kill_9_at_any_moment_loses_no_row_and_counts_none_twice(void)
{
	enum { ROUNDS = 12 };
	struct home h;
	int64_t told = 0, last_told = 0, id;

	make_home(&h);
	for (int i = 0; i < 2; i++)
		journal_close(h.journals[i]);
	for (int round = 0; round < ROUNDS; round++) {
		int64_t in_round = 0, most = 1 + round * round * 40;
		int ends[2];
		pid_t child;

		CHECK_INT(pipe(ends), 0);
		/* Ids of different rounds differ: each begins in a millisecond of its own. */
		h.ids.last = id_first_at(START_MS + (round + 1) * 100000);
		fflush(stdout);
		child = fork();
		if (child == 0) {
			close(ends[0]);
			run_until_killed(&h, ends[1]);
		}
		close(ends[1]);
		while (in_round < most && read(ends[0], &id, sizeof(id)) == (ssize_t)sizeof(id))
			in_round++, last_told = id;
		kill(child, SIGKILL);
		while (read(ends[0], &id, sizeof(id)) == (ssize_t)sizeof(id))
			in_round++, last_told = id;
		waitpid(child, NULL, 0);
		close(ends[0]);
		told += in_round;
	}
	h.ids.last = id_first_at(START_MS + (ROUNDS + 1) * 100000);
	open_journals(&h);
	start(&h);
	/* In each round one more may have been appended and not told. */
	id = number(&h, "SELECT count(*) AS n FROM calls WHERE result = 0");
	CHECK(id >= told && id <= told + ROUNDS);
	CHECK(row_exists(&h, last_told));
	CHECK(number(&h, "SELECT count(*) AS n FROM calls WHERE result = 4") <= 2 * ROUNDS);
	check_adds_up(&h, number(&h, CALLS));
	close_home(&h);
}

static bool wait_until_failing(struct home *h, bool failing)
{
	struct writer_stats stats;

	for (int i = 0; i < 500; i++) {
		writer_stats(h->writer, &stats);
		if ((stats.failing_since_ms != 0) == failing)
			return true;
		nanosleep(&(struct timespec){0, 10000000}, NULL);
	}
	return false;
}

static void a_full_disk_keeps_the_records_and_writing_goes_on_by_itself(void)
{
	struct rlimit before, small;
	struct writer_stats stats;
	struct home h;
	int64_t count = 0;

	make_home(&h);
	start(&h);
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){4096, before.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	log_set_level(LOG_ERROR + 1);
	setrlimit(RLIMIT_FSIZE, &small);
	while (count < 100 && append(&h, 0))
		count++;
	CHECK(wait_until_failing(&h, true));
	writer_stats(h.writer, &stats);
	CHECK(stats.backlog_bytes > 0 && stats.failure[0] != '\0');
	CHECK(!writer_flush(h.writer, 50));
	/* The ring fills, and callers are refused: nothing is dropped. */
	while (append(&h, 0))
		count++;
	CHECK(count > 500);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	CHECK(wait_until_failing(&h, false));
	log_set_level(LOG_INFO);
	CHECK(append(&h, 1));
	CHECK(writer_flush(h.writer, 5000));
	check_adds_up(&h, count + 1);
	close_home(&h);
}

static void a_lock_held_by_another_program_is_waited_out(void)
{
	struct err err = {0};
	struct home h;
	struct db *other;

	make_home(&h);
	start(&h);
	other = db_open(h.db_path, DB_WRITE, &err);
	CHECK_INT(db_begin(other, &err), 0);
	append(&h, 0);
	CHECK(!writer_flush(h.writer, 200));
	db_rollback(other);
	CHECK(writer_flush(h.writer, 5000));
	db_close(other);
	check_adds_up(&h, 1);
	close_home(&h);
}

/* Times the writer's thread was put to sleep. */
static long switches_of_writer(void)
{
	DIR *dir = opendir("/proc/self/task");
	long switches = -1;

	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		char path[300], line[128];
		bool is_ours = false;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/self/task/%s/status", e->d_name);
		f = fopen(path, "r");
		while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
			is_ours |= strcmp(line, "Name:\tledger\n") == 0;
			if (is_ours)
				sscanf(line, "voluntary_ctxt_switches: %ld", &switches);
		}
		if (f != NULL)
			fclose(f);
	}
	closedir(dir);
	return switches;
}

static void an_idle_writer_does_not_wake_up(void)
{
	struct home h;
	long before;

	make_home(&h);
	start(&h);
	append(&h, 0);
	CHECK(writer_flush(h.writer, 5000));
	/* Its last act is the checkpoint half a second later. */
	nanosleep(&(struct timespec){0, 800000000}, NULL);
	before = switches_of_writer();
	CHECK(before > 0);
	nanosleep(&(struct timespec){0, 500000000}, NULL);
	CHECK_INT(switches_of_writer(), before);
	append(&h, 0);
	CHECK(writer_flush(h.writer, 5000));
	CHECK(switches_of_writer() > before);
	close_home(&h);
}

static void the_log_of_the_database_stays_small(void)
{
	struct stat st;
	char log[600];
	struct home h;

	make_home(&h);
	start(&h);
	for (int i = 0; i < 20000;)
		if (append(&h, i % 2))
			i++;
		else
			CHECK(writer_flush(h.writer, 10000));
	CHECK(writer_flush(h.writer, 10000));
	snprintf(log, sizeof(log), "%s-wal", h.db_path);
	CHECK_INT(stat(log, &st), 0);
	/* Twice a checkpoint's step, and a batch. */
	CHECK(st.st_size < 16 << 20);
	check_adds_up(&h, 20000);
	close_home(&h);
}

#define OLD 4000
#define YOUNG 60

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Months ago, hundreds a minute: then the home is as a daemon leaves it that kept everything. */
static void fill_with_old_calls(struct home *h)
{
	start(h);
	for (int i = 0; i < OLD; i++) {
		h->from_ms = START_MS + i * 200;
		while (!append(h, i % 2))
			CHECK(writer_flush(h->writer, 10000));
	}
	CHECK(writer_flush(h->writer, 10000));
	writer_stop(h->writer);
}

/* What a commit waits for is a slice, not all there is to delete. */
static void calls_are_committed_while_old_ones_are_deleted(void)
{
	uint64_t waits[YOUNG];
	struct home h;

	make_home(&h);
	fill_with_old_calls(&h);
	CHECK_INT(number(&h, CALLS), OLD);
	h.retention = (struct retention_ages){.calls_ms = 2 * INT64_C(86400000), .minutes_ms = 3 * INT64_C(86400000)};
	start(&h);
	for (int i = 0; i < YOUNG; i++) {
		uint64_t began_us = clock_mono_us();

		h.from_ms = clock_wall_ms();
		CHECK(append(&h, i % 2));
		CHECK(writer_flush(h.writer, 10000));
		waits[i] = clock_mono_us() - began_us;
	}
	qsort(waits, YOUNG, sizeof(waits[0]), by_size);
	CHECK(waits[YOUNG / 2] < 200000);
	for (int i = 0; i < 1500 && number(&h, "SELECT min(from_at > 0 AND from_at = gone_at) AS n FROM horizons"
					       " WHERE unit <> 'hours'") != 1; i++)
		nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	CHECK_INT(number(&h, CALLS), YOUNG);
	CHECK_INT(number(&h, "SELECT count(*) AS n FROM attempts"), YOUNG);
	CHECK_INT(number(&h, "SELECT sum(calls) AS n FROM rollup_minute"), YOUNG);
	CHECK_INT(number(&h, "SELECT sum(calls) AS n FROM rollup_hour"), OLD + YOUNG);
	close_home(&h);
}

static void a_database_that_is_not_there_is_an_error_of_start(void)
{
	struct writer_options options = {.db_path = "/nonexistent/t.db"};
	struct err err = {0};

	CHECK(writer_start(&options, &err) == NULL);
	CHECK(strstr(err.text, "/nonexistent/t.db") != NULL);
}

CHECK_MAIN(TEST(what_is_appended_is_a_row_when_flush_returns), TEST(flush_with_nothing_to_do_returns_at_once),
	   TEST(stopping_drains_thousands_of_records_from_both_journals), TEST(records_replayed_twice_count_once),
	   TEST(calls_open_at_a_crash_come_back_as_interrupted),
	   TEST(kill_9_at_any_moment_loses_no_row_and_counts_none_twice),
	   TEST(a_full_disk_keeps_the_records_and_writing_goes_on_by_itself),
	   TEST(a_lock_held_by_another_program_is_waited_out), TEST(an_idle_writer_does_not_wake_up),
	   TEST(the_log_of_the_database_stays_small), TEST(calls_are_committed_while_old_ones_are_deleted),
	   TEST(a_database_that_is_not_there_is_an_error_of_start))
