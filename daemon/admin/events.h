/* SPDX-License-Identifier: MIT */
/*
 * events.h — GET /v1/events: who listens, and what they are told.
 *
 * hello, then a pulse each second, calls as they settle (200 a second at most, the rest is counted),
 * changes.  A reader that does not read loses calls and pulses first and is cut off when it would
 * lose a change, or after half a minute.
 */
#ifndef ADMIN_EVENTS_H
#define ADMIN_EVENTS_H

#include <stddef.h>

#include "ledger/record.h"

struct admin;
struct admin_request;
struct change;
struct err;
struct events;
struct httpd_request;

struct events *events_new(struct admin *);
void events_free(struct events *);              /* every stream must be closed */

/* The route's function: turns the request into a stream. */
int events_open(struct admin_request *, struct err *);
void events_drained(struct admin_request *);    /* its backlog is small again */

void events_change(struct admin *, const struct change *);

/* Any thread; never blocks.  Nothing is kept while nobody listens. */
void events_feed(struct events *, const struct call_record *records, size_t num_records);

/* Says goodbye to everybody. */
void events_end_all(struct events *);

#endif
