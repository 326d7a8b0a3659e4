/* SPDX-License-Identifier: MIT */
/*
 * admin.h — the admin API: one thread, one loop, one Unix socket, one database connection.
 *
 * Changes are made here and nowhere else: transaction → new live view → every worker on it →
 * answer.  The route table (routes.c) says for each route method, path, permission, function and
 * help; permission is checked in one place.
 */
#ifndef ADMIN_ADMIN_H
#define ADMIN_ADMIN_H

#include "config/config.h"
#include "gateway/worker.h"
#include "ledger/record.h"
#include "routing/health.h"
#include "routing/publish.h"
#include "store/writer.h"

struct admin;

/* Borrowed until admin_stop(). */
struct admin_options {
	const struct settings *settings;
	const struct config *config;    /* what was seeded at the start; NULL: nothing */
	const char *db_path;
	struct view_registry *registry;
	struct publisher *publisher;
	struct health_table *health;
	struct writer *writer;
	struct worker **workers;
	unsigned num_workers;
	const char *listen;             /* as it came to be: "127.0.0.1:43117" */
};

struct admin *admin_start(const struct admin_options *, struct err *err);
/* Says goodbye to event streams, closes the socket, ends the thread.  Before workers and writer go:
 * nobody is there any more who would ask for their figures.  admin_feed() may still be called. */
void admin_drain(struct admin *);
void admin_stop(struct admin *);        /* drains, where that was not done, and frees */

/* The writer's committed(): feeds events and the pulse.  From the writer's thread; never blocks. */
void admin_feed(struct admin *, const struct call_record *records, size_t num_records);

/* Creates what the configuration names and the database lacks, as POSTs by "config"; used on start,
 * before workers run.  db is the caller's. */
struct db;
int admin_seed(struct db *, const struct config *, struct err *err);

/* Brings in the prices that come with the program, where nobody has said otherwise; on start, after the seeds. */
int admin_load_catalogue(struct db *, struct err *err);

/* The same as admin_seed() while the daemon runs (SIGHUP): on the admin thread, with a new live view; waits for it.
 * From any other thread. */
int admin_reseed(struct admin *, const struct config *, struct err *err);

#endif
