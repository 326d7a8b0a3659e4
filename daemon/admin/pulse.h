/* SPDX-License-Identifier: MIT */
/*
 * pulse.h — how the gateway is doing right now, kept in memory from what the writer commits.
 *
 * A lane is what happened to one team, key, provider or model, minute by minute: an hour of it (ten
 * minutes for keys).  Calls count when they settle.  Providers count attempts, not calls, so that one
 * whose calls are rescued elsewhere shows its errors.
 *
 * Reached from the writer's thread and the admin thread; a lock of its own is held for microseconds.
 */
#ifndef ADMIN_PULSE_H
#define ADMIN_PULSE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/record.h"

struct db;
struct err;
struct pulse;

#define PULSE_MINUTES 60

enum pulse_family { PULSE_TEAM, PULSE_KEY, PULSE_PROVIDER, PULSE_MODEL, PULSE_FAMILIES };

struct pulse *pulse_new(int64_t now_ms);
void pulse_free(struct pulse *);

/* What the ledger says of the hour before now; keys begin empty. */
int pulse_begin(struct pulse *, struct db *, int64_t now_ms, struct err *err);

void pulse_add(struct pulse *, const struct call_record *records, size_t num_records);

/* Unknown is INT64_MIN. */
struct pulse_now {
	int64_t requests_10s;           /* calls that settled in the last ten whole seconds */
	int64_t nusd_per_hour;
	int64_t calls, errors;          /* of the last five minutes, as are the percentiles */
	int64_t p50_us, p95_us, first_byte_p50_us, gateway_p99_us;
};
void pulse_read(struct pulse *, int64_t now_ms, struct pulse_now *ret);

struct pulse_provider {
	int64_t calls, errors;          /* attempts of the last 15 minutes, as are the percentiles */
	int64_t p50_us, p95_us, first_byte_p50_us;
	int64_t attempts_per_minute;    /* now: of this minute and the last */
	int64_t nusd_per_hour;
	char minutes[PULSE_MINUTES + 1];        /* oldest first: U fine, D over 2 % errors, X over half, . nothing */
	char letter;                            /* U, D or X, by more than one bad minute */
};
void pulse_read_provider(struct pulse *, const char *name, int64_t now_ms, struct pulse_provider *ret);

/* What the last ten minutes cost, times six (or what has been seen, if that is less). */
int64_t pulse_rate_by_id(struct pulse *, enum pulse_family, int64_t id, int64_t now_ms);

/* Who spends most: of the last ten minutes, dearest first; returns how many. */
struct pulse_top {
	int64_t id;                     /* of a team or key */
	char name[MODEL_TEXT];          /* of a provider or model */
	int64_t nusd_per_hour, calls, errors;
};
size_t pulse_top(struct pulse *, enum pulse_family, int64_t now_ms, struct pulse_top *out, size_t max);

#endif
