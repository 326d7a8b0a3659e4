/* SPDX-License-Identifier: MIT */
/*
 * stats.h — what the workers count, for whoever shows it.
 *
 * One struct per worker, written by that worker with relaxed atomics, summed by readers.
 */
#ifndef GATEWAY_STATS_H
#define GATEWAY_STATS_H

#include <stdatomic.h>
#include <stdint.h>

#include "ledger/histogram.h"

/* Requests that made no row, because their key was not known: counted by cause. */
enum stray_cause { STRAY_NO_KEY, STRAY_MALFORMED_KEY, STRAY_UNKNOWN_KEY, STRAY_NO_ROUTE, STRAY_NUM };

#define STATS_WORKERS 64

struct worker_stats {
	_Atomic uint64_t calls;                 /* with a known key, begun */
	_Atomic uint64_t errors;                /* of those, ended with a status of 400 or above */
	_Atomic int64_t open;                   /* begun and not settled */
	_Atomic uint64_t strays[STRAY_NUM];
	_Atomic uint64_t storage_refusals;      /* 503 storage_error */
};

/* Where they are found by the worker's number: each enters its own for as long as it lives. */
struct stats_table {
	const struct worker_stats *_Atomic of[STATS_WORKERS];
};

/* Sums over all of them, as Prometheus reads it (text format 0.0.4). */
struct buf;
void stats_write(struct stats_table *, struct buf *out);

const char *stray_cause_name(enum stray_cause);

#endif
