/* SPDX-License-Identifier: MIT */
/*
 * writer.h — the thread that takes records from the journals into SQLite.
 *
 * One transaction a batch: calls, attempts, rollups, and how far each journal was taken over.  While
 * the database cannot be written the journals fill and admissions are refused; nothing is dropped,
 * and writing goes on by itself when it can.
 *
 * When few records wait, it deletes what is older than its age (retention.h), a slice at a time.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "ledger/journal.h"
#include "store/retention.h"

struct writer;

struct writer_options {
	const char *db_path;
	struct journal **journals;      /* borrowed until writer_stop() */
	unsigned num_journals;
	/* After each commit, on the writer's thread, for live views.  May be NULL. */
	void (*committed)(void *arg, const struct call_record *records, size_t num_records);
	void *arg;
	struct retention_ages retention;        /* what is older is deleted, whenever there is time */
};

struct writer_stats {
	uint64_t rows, batches;
	uint64_t backlog_bytes;         /* in the journals, not yet committed */
	int64_t failing_since_ms;       /* wall; 0: all is well */
	char failure[256];
};

/* Before it returns: what an earlier run left in the journals is in the database, calls that were
 * open then are there as interrupted, and slots are free. */
struct writer *writer_start(const struct writer_options *, struct err *err);

/* Wakes the writer when it sleeps; cheap when it does not.  From any thread, after journal_append(). */
void writer_wake(struct writer *);

/* Waits until everything appended before the call is committed, at most timeout_ms: so that whoever
 * asks after an answer finds its row.  False when time ran out. */
bool writer_flush(struct writer *, int timeout_ms);

void writer_stats(struct writer *, struct writer_stats *ret);

/* Drains, commits, ends the thread. */
void writer_stop(struct writer *);

#endif
