/* SPDX-License-Identifier: MIT */
/*
 * publish.h — one live view for all workers, swapped whole.
 *
 * publish_swap() returns when every worker has taken the new view over: from then on no call is
 * admitted under the old one.  The old view is freed by whichever worker's last call under it
 * settles last.  Each worker counts its own calls without atomics.
 */
#ifndef ROUTING_PUBLISH_H
#define ROUTING_PUBLISH_H

#include "loop/loop.h"
#include "routing/view.h"

struct publisher;
struct view_seat;               /* a worker's place */

struct publisher *publisher_new(struct view *first);
void publisher_free(struct publisher *);        /* all seats must be gone; frees the view */

/* From the worker's thread, or before it runs. */
struct view_seat *publisher_join(struct publisher *, struct loop *);
void publisher_leave(struct publisher *, struct view_seat *);  /* no call of it may be open */

/* On the worker: the view for a new call, held until seat_release(). */
const struct view *seat_acquire(struct view_seat *);
void seat_release(struct view_seat *, const struct view *);

/* From any one thread that is no worker's; takes the view over. */
void publish_swap(struct publisher *, struct view *next);
/* The current view, for that same thread (admin); valid until its next publish_swap(). */
const struct view *publisher_view(const struct publisher *);

#endif
