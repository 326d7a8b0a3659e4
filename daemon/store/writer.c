/* SPDX-License-Identifier: MIT */
/*
 * The ledger writer sleeps, gathers, writes, and tries again when the database cannot be written, here.
 *
 * Asleep it waits for a call or, minutes later, for what has grown old meanwhile.  Woken, it lets
 * records gather for a moment, because a transaction costs the same for one as for twenty.
 */
#include "store/writer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/batch.h"
#include "store/db_private.h"
#include "store/ledger_store.h"

#define GATHER_MS 20
/* More than this in the journals is worth a transaction at once. */
#define GATHER_BYTES (256 * 1024)

#define RETRY_FIRST_MS 100
#define RETRY_MOST_MS 2000

/* A checkpoint moves pages of the log into the database.  At 4 MiB a step it takes milliseconds, and
 * what is left goes when nothing has come for a while. */
#define CHECKPOINT_PAGES 1000
#define CHECKPOINT_IDLE_MS 500
/* Slices of retention touch the same pages again and again: more of them make one step. */
#define CHECKPOINT_PAGES_RETENTION 2000

/* When retention is looked at again: after all was done, and after it failed. */
#define RETENTION_EACH_MS 600000
#define RETENTION_RETRY_MS 10000

/* Records handed to committed() at once. */
#define TELL_MAX 32

enum { AWAKE, ASLEEP };

struct writer {
	struct writer_options options;
	struct db *db;
	struct batch *batch;
	uint64_t *positions;            /* behind what is committed, by journal; written by the thread under lock */
	struct call_record *told;       /* TELL_MAX of them */
	int log_pages, checkpointed_pages;
	struct retention *retention;    /* NULL: everything is kept for ever */
	uint64_t retention_at_us;       /* its next step, on the monotonic clock */
	bool retention_fails;

	atomic_int state;               /* AWAKE or ASLEEP: so that waking costs one instruction when there is no need */
	pthread_t thread;
	pthread_mutex_t lock;           /* what follows, and positions */
	pthread_cond_t wake, done;
	bool stopping, hurry;
	struct writer_stats stats;
};

/* -- how much there is to do -------------------------------------------------------------------- */

static uint64_t backlog(const struct writer *w)
{
	uint64_t bytes = 0;

	for (unsigned i = 0; i < w->options.num_journals; i++)
		bytes += journal_head(w->options.journals[i]) - w->positions[i];
	return bytes;
}

/* -- waiting ------------------------------------------------------------------------------------ */

static struct timespec after_ms(int ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000L;
	}
	return at;
}

/* At most ms, less when somebody is in a hurry. */
static void wait_ms(struct writer *w, int ms)
{
	struct timespec until = after_ms(ms);

	pthread_mutex_lock(&w->lock);
	while (!w->hurry && !w->stopping)
		if (pthread_cond_timedwait(&w->wake, &w->lock, &until) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&w->lock);
}

/* Until somebody wakes us; at most ms where it is not 0.  False when time ran out. */
static bool sleep_until_woken(struct writer *w, int ms)
{
	struct timespec until = after_ms(ms);
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	/* Both sides exchange, so either we see what was appended or the worker sees that we sleep. */
	atomic_exchange(&w->state, ASLEEP);
	while (atomic_load(&w->state) == ASLEEP && backlog(w) == 0 && !w->stopping && rc == 0)
		rc = ms > 0 ? pthread_cond_timedwait(&w->wake, &w->lock, &until) : pthread_cond_wait(&w->wake, &w->lock);
	atomic_store(&w->state, AWAKE);
	pthread_mutex_unlock(&w->lock);
	return rc == 0;
}

void writer_wake(struct writer *w)
{
	if (atomic_exchange(&w->state, AWAKE) == AWAKE)
		return;
	pthread_mutex_lock(&w->lock);
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

/* -- checkpoints -------------------------------------------------------------------------------- */

static int note_pages(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct writer *w = arg;

	(void)handle;
	(void)name;
	w->log_pages = pages;
	return SQLITE_OK;
}

/* Passive: waits for nobody, and leaves what a reader still needs for the next time. */
static void checkpoint(struct writer *w)
{
	sqlite3_wal_checkpoint_v2(db_handle(w->db), NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	w->checkpointed_pages = w->log_pages;
}

static int new_pages(const struct writer *w)
{
	/* Fewer than before: the log has begun again from its start. */
	if (w->log_pages < w->checkpointed_pages)
		return w->log_pages;
	return w->log_pages - w->checkpointed_pages;
}

/* -- retention ---------------------------------------------------------------------------------- */

/* A step takes milliseconds, and then as much time passes before the next, so that others who write get
 * their turn. */
static void plan_retention(struct writer *w, int rc, uint64_t took_us)
{
	uint64_t pause_us = rc > 0 ? took_us : (uint64_t)(rc == 0 ? RETENTION_EACH_MS : RETENTION_RETRY_MS) * 1000;

	w->retention_at_us = clock_mono_us() + pause_us;
}

static bool may_retain(struct writer *w)
{
	bool may;

	pthread_mutex_lock(&w->lock);
	may = !w->hurry && !w->stopping;
	pthread_mutex_unlock(&w->lock);
	return may && w->retention != NULL && backlog(w) < GATHER_BYTES && clock_mono_us() >= w->retention_at_us;
}

static int step_retention(struct writer *w)
{
	struct err err = {0};
	int rc = retention_step(w->retention, clock_wall_ms(), &err);

	if (rc < 0 && !w->retention_fails)
		log_error("old calls cannot be deleted, tried again and again: %s", err.text);
	w->retention_fails = rc < 0;
	return rc;
}

/* One step when it is time for one, a slice or a checkpoint, so that a batch waits for one of them only:
 * true when something was done. */
static bool retain(struct writer *w)
{
	uint64_t began_us = clock_mono_us();
	int rc = 1;

	if (!may_retain(w))
		return false;
	if (new_pages(w) >= CHECKPOINT_PAGES_RETENTION)
		checkpoint(w);
	else
		rc = step_retention(w);
	plan_retention(w, rc, clock_mono_us() - began_us);
	return rc > 0;
}

/* Milliseconds until the next step, rounded up; 0: there will be none. */
static int until_retention(const struct writer *w)
{
	uint64_t now_us = clock_mono_us();

	if (w->retention == NULL)
		return 0;
	return w->retention_at_us > now_us ? (int)((w->retention_at_us - now_us) / 1000) + 1 : 1;
}

static void sleep_when_idle(struct writer *w)
{
	int retention_ms = until_retention(w);

	if (new_pages(w) > 0 && (retention_ms == 0 || retention_ms > CHECKPOINT_IDLE_MS)) {
		if (sleep_until_woken(w, CHECKPOINT_IDLE_MS))
			return;
		checkpoint(w);
	}
	sleep_until_woken(w, retention_ms);
}

/* -- writing ------------------------------------------------------------------------------------ */

/* Records are read a second time rather than kept: a batch of them would be megabytes. */
static void tell_journal(struct writer *w, const struct journal *j, uint64_t from, uint64_t until)
{
	size_t n = 0;

	while (from < until) {
		from = journal_read(j, from, &w->told[n]);
		n += w->told[n].id != 0;
		if (n == TELL_MAX || (from == until && n > 0)) {
			w->options.committed(w->options.arg, w->told, n);
			n = 0;
		}
	}
}

/* The rows are safe: tell who asked, give the room back, let go who waits. */
static void after_commit(struct writer *w, const uint64_t *positions, uint64_t rows)
{
	for (unsigned i = 0; i < w->options.num_journals; i++) {
		if (positions[i] == w->positions[i])
			continue;
		if (w->options.committed != NULL && w->told != NULL)
			tell_journal(w, w->options.journals[i], w->positions[i], positions[i]);
		journal_release(w->options.journals[i], positions[i]);
	}
	pthread_mutex_lock(&w->lock);
	memcpy(w->positions, positions, w->options.num_journals * sizeof(*positions));
	w->stats.rows += rows;
	w->stats.batches++;
	if (w->stats.failing_since_ms != 0)
		log_info("the ledger can be written again");
	w->stats.failing_since_ms = 0;
	w->stats.failure[0] = '\0';
	pthread_cond_broadcast(&w->done);
	pthread_mutex_unlock(&w->lock);
}

static void note_failure(struct writer *w, const struct err *err)
{
	pthread_mutex_lock(&w->lock);
	if (w->stats.failing_since_ms == 0) {
		w->stats.failing_since_ms = clock_wall_ms();
		log_error("the ledger cannot be written, calls wait in the journals: %s", err->text);
	}
	copy_text(w->stats.failure, sizeof(w->stats.failure), err->text);
	pthread_mutex_unlock(&w->lock);
}

static int write_batch(struct writer *w, struct err *err)
{
	uint64_t *positions = xcalloc(w->options.num_journals, sizeof(*positions)), rows = 0;
	int rc;

	pthread_mutex_lock(&w->lock);
	/* What was appended before somebody hurried us is behind the heads we are about to read. */
	w->hurry = false;
	pthread_mutex_unlock(&w->lock);
	memcpy(positions, w->positions, w->options.num_journals * sizeof(*positions));
	rc = batch_write(w->batch, positions, &rows, err);
	if (rc == 0)
		after_commit(w, positions, rows);
	free(positions);
	if (rc == 0 && new_pages(w) >= CHECKPOINT_PAGES)
		checkpoint(w);
	return rc;
}

static bool is_stopping(struct writer *w)
{
	bool stopping;

	pthread_mutex_lock(&w->lock);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

static void *run(void *arg)
{
	struct writer *w = arg;
	int retry_ms = RETRY_FIRST_MS;

	for (;;) {
		struct err err = {0};
		bool stopping = is_stopping(w);

		if (backlog(w) == 0 && stopping)
			break;
		if (backlog(w) == 0) {
			if (!retain(w))
				sleep_when_idle(w);
			continue;
		}
		/* Deleting takes about as long as we would wait. */
		if (backlog(w) < GATHER_BYTES && !retain(w))
			wait_ms(w, GATHER_MS);
		if (write_batch(w, &err) == 0) {
			retry_ms = RETRY_FIRST_MS;
			continue;
		}
		note_failure(w, &err);
		if (stopping)
			break;
		wait_ms(w, retry_ms);
		retry_ms = retry_ms * 2 < RETRY_MOST_MS ? retry_ms * 2 : RETRY_MOST_MS;
	}
	if (backlog(w) > 0)
		log_warn("stopped with calls left in the journals, they are taken over at the next start, bytes=%" PRIu64,
			 backlog(w));
	return NULL;
}

bool writer_flush(struct writer *w, int timeout_ms)
{
	struct timespec until = after_ms(timeout_ms);
	uint64_t *wanted = xcalloc(w->options.num_journals, sizeof(*wanted));
	bool done = false;
	int rc = 0;

	for (unsigned i = 0; i < w->options.num_journals; i++)
		wanted[i] = journal_head(w->options.journals[i]);
	pthread_mutex_lock(&w->lock);
	for (;;) {
		done = true;
		for (unsigned i = 0; i < w->options.num_journals; i++)
			done &= w->positions[i] >= wanted[i];
		if (done || rc != 0)
			break;
		w->hurry = true;
		pthread_cond_signal(&w->wake);
		rc = pthread_cond_timedwait(&w->done, &w->lock, &until);
	}
	pthread_mutex_unlock(&w->lock);
	free(wanted);
	return done;
}

void writer_stats(struct writer *w, struct writer_stats *ret)
{
	pthread_mutex_lock(&w->lock);
	*ret = w->stats;
	ret->backlog_bytes = backlog(w);
	pthread_mutex_unlock(&w->lock);
}

/* -- start and stop ----------------------------------------------------------------------------- */

/* Where reading goes on: behind what the database has, even where the journal does not know it. */
static int find_positions(struct writer *w, struct err *err)
{
	for (unsigned i = 0; i < w->options.num_journals; i++) {
		struct journal *j = w->options.journals[i];
		int64_t stored;
		int rc = journal_position_get(w->db, journal_id(j), &stored, err);

		if (rc < 0)
			return rc;
		w->positions[i] = journal_tail(j);
		if ((uint64_t)stored > w->positions[i]) {
			w->positions[i] = (uint64_t)stored;
			journal_release(j, w->positions[i]);
		}
	}
	return 0;
}

/* What an earlier run left behind; committed() does not hear of it, it is history. */
static int take_over(struct writer *w, struct err *err)
{
	uint64_t rows = 0;
	int rc = find_positions(w, err);

	while (rc == 0 && backlog(w) > 0)
		rc = write_batch(w, err);
	if (rc == 0)
		rc = batch_write_interrupted(w->batch, &rows, err);
	w->stats.rows += rows;
	if (rc == 0 && w->stats.rows > 0)
		log_info("calls of an earlier run taken over, calls=%" PRIu64 " of_them_interrupted=%" PRIu64,
			 w->stats.rows, rows);
	return rc < 0 ? err_wrap(err, "taking over what an earlier run left in the journals") : 0;
}

static void init_lock(struct writer *w)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&w->wake, &monotonic);
	pthread_cond_init(&w->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

static void writer_free(struct writer *w)
{
	batch_free(w->batch);
	retention_free(w->retention);
	db_close(w->db);
	pthread_cond_destroy(&w->wake);
	pthread_cond_destroy(&w->done);
	pthread_mutex_destroy(&w->lock);
	free(w->positions);
	free(w->told);
	free(w);
}

/* Signals are the main thread's. */
static int start_thread(struct writer *w)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		pthread_setname_np(w->thread, "ledger");
	return rc;
}

struct writer *writer_start(const struct writer_options *options, struct err *err)
{
	struct writer *w = xcalloc(1, sizeof(*w));

	w->options = *options;
	w->positions = xcalloc(options->num_journals, sizeof(*w->positions));
	init_lock(w);
	w->db = db_open(options->db_path, DB_WRITE, err);
	if (w->db == NULL)
		goto out;
	w->batch = batch_new(w->db, options->journals, options->num_journals);
	/* Our own steps instead of SQLite's. */
	sqlite3_wal_hook(db_handle(w->db), note_pages, w);
	if (take_over(w, err) < 0)
		goto out;
	if (options->retention.calls_ms != 0 || options->retention.minutes_ms != 0 || options->retention.hours_ms != 0)
		w->retention = retention_new(w->db, &options->retention);
	w->told = xcalloc(TELL_MAX, sizeof(*w->told));
	errno = start_thread(w);
	if (errno == 0)
		return w;
	err_errno(err, "starting the ledger writer");
out:
	writer_free(w);
	return NULL;
}

void writer_stop(struct writer *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	writer_free(w);
}
