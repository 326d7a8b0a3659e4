/* SPDX-License-Identifier: MIT */
/*
 * events.h — server-sent events cut out of the bytes that came so far.
 *
 * Format: WHATWG HTML, section 9.2.6, without retry, which we choose ourselves.
 */
#ifndef MODEL_EVENTS_H
#define MODEL_EVENTS_H

#include <stdbool.h>

struct buf;

#define EVENT_NAME 32

/* Takes the first complete event off in.  False when there is none yet.  name is "message" where the
 * event has none; data is replaced by the event's data lines, joined by newlines.  Comments and
 * events without data are dropped. */
bool events_next(struct buf *in, char name[EVENT_NAME], struct buf *data);

#endif
