/* SPDX-License-Identifier: MIT */
/*
 * loop.h — one epoll set, its timers, and the things to do when a turn is over.
 *
 * A loop belongs to the thread that runs it; only loop_post() and loop_stop() may be called from
 * elsewhere.  A turn: wait; read the clocks; run ready fds; run due timers; run posted tasks; run
 * deferred tasks.  Whatever a callback up the stack may still hold is freed by a deferred task.
 *
 * The structs below are embedded in their owners, set to zero but for the callback, and found again
 * with CONTAINER_OF.  No allocation happens per event.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct err;

struct loop_fd {
	int fd;
	uint32_t events;                        /* what is watched now; 0 while not watched */
	void (*ready)(struct loop_fd *, uint32_t events);       /* EPOLL… bits */
};

struct loop_timer {
	void (*fire)(struct loop_timer *);
	uint64_t at_us;                         /* monotonic */
	size_t place;                           /* in the heap, counted from 1; 0 while not set */
};

struct loop_task {
	void (*run)(struct loop_task *);
	struct loop_task *next;                 /* private */
	bool queued;                            /* private */
};

struct loop *loop_new(struct err *err);
/* Nothing may be watched or set any more; tasks that are still queued run. */
void loop_free(struct loop *);

/* Runs turns until loop_stop().  */
void loop_run(struct loop *);
/* One turn that waits at most max_wait_ms (-1: as long as it takes); for tests and for draining. */
void loop_turn(struct loop *, int max_wait_ms);
void loop_stop(struct loop *);                  /* from any thread */

/* Starts or changes the watch.  After loop_unwatch() returns, ready() is not called again, even for
 * events that this turn had already fetched.  Closing the fd is the owner's business, afterwards. */
int loop_watch(struct loop *, struct loop_fd *, int fd, uint32_t events, struct err *err);
void loop_unwatch(struct loop *, struct loop_fd *);

/* Sets or moves the timer.  It fires once, not before at_us. */
void loop_timer_set(struct loop *, struct loop_timer *, uint64_t at_us);
void loop_timer_after(struct loop *, struct loop_timer *, int64_t ms);
void loop_timer_clear(struct loop *, struct loop_timer *);

/* Runs the task at the end of this turn.  Queuing a queued task again does nothing. */
void loop_defer(struct loop *, struct loop_task *);
/* Takes it back, if it has not run; for tasks embedded in what is about to be freed. */
void loop_undefer(struct loop *, struct loop_task *);

/* Hands a task over from any thread; it runs on the loop's, at the latest in its next turn.  The
 * task must stay valid until it has run. */
void loop_post(struct loop *, struct loop_task *);

/* The clocks, as read at the beginning of this turn. */
uint64_t loop_now_us(const struct loop *);
int64_t loop_wall_ms(const struct loop *);

/* Turns since the start: wake-ups, for the figures. */
uint64_t loop_turns(const struct loop *);

#endif
