/* SPDX-License-Identifier: MIT */
/*
 * worker.h — one of N identical threads that carry calls: its loop, its listening socket, its
 * connections to providers, its journal.
 */
#ifndef GATEWAY_WORKER_H
#define GATEWAY_WORKER_H

#include <stdbool.h>

#include "gateway/stats.h"

struct err;
struct journal;
struct publisher;
struct writer;
struct worker;

struct worker_options {
	unsigned number;                /* below STATS_WORKERS; in the ids it makes */
	const char *listen;             /* "127.0.0.1:4000" */
	struct publisher *publisher;
	struct journal *journal;        /* borrowed until worker_free() */
	struct writer *writer;
	unsigned connections;           /* of clients, at most */
	bool power_safe;                /* durability: power */
	struct stats_table *stats;      /* where it enters its own; outlives it */
	int64_t newest_id;              /* of the ledger when it starts; ids are above it */
};

/* Listens, and runs on a thread of its own. */
struct worker *worker_start(const struct worker_options *, struct err *err);
unsigned worker_port(const struct worker *);
const struct worker_stats *worker_stats(const struct worker *);

/* No new connections; worker_open() falls to 0 as calls end.  From any thread. */
void worker_drain(struct worker *);
/* Ends the thread; calls still open are settled as aborted. */
void worker_free(struct worker *);

#endif
