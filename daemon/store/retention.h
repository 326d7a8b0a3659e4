/* SPDX-License-Identifier: MIT */
/*
 * retention.h — what is older than its age is deleted, a slice at a time.
 *
 * First a horizon moves, by whole days: from then on no answer is made of what lies behind it.  Then
 * that is deleted in slices, each a transaction of its own and short enough that whoever else wants
 * to write waits for less than 50 ms.  Killed anywhere, it goes on where it was.
 */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include <stdint.h>

struct db;
struct err;

/* Milliseconds; 0: for ever. */
struct retention_ages {
	int64_t calls_ms, minutes_ms, hours_ms;
};

struct retention;

/* The connection is borrowed: the writer's. */
struct retention *retention_new(struct db *, const struct retention_ages *);
void retention_free(struct retention *);

/* One transaction: moves the horizons that are due, or deletes a slice.  1 when there may be more to
 * do, 0 when all is done for now, negative on failure. */
int retention_step(struct retention *, int64_t now_ms, struct err *err);

#endif
