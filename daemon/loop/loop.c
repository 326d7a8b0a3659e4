/* SPDX-License-Identifier: MIT */
/* One thread's turns happen here: waiting, ready fds, due timers, posted and deferred tasks. */
#include "loop/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

/* Events fetched at once; more stay in the kernel for the next turn. */
#define MAX_EVENTS 128

/* A queue of tasks in the order they came. */
struct tasks {
	struct loop_task *first, **end;
};

struct loop {
	int epoll_fd;
	struct loop_fd wake;            /* an eventfd that loop_post() and loop_stop() write to */

	struct epoll_event events[MAX_EVENTS];
	int num_events, next_event;     /* of this turn; the rest is still to be delivered */

	struct loop_timer **heap;       /* from 1; the earliest is first, children of n are 2n and 2n + 1 */
	size_t num_timers, heap_size;
	bool firing;

	struct tasks deferred, running; /* running: those of this turn that are still to run */
	pthread_mutex_t post_lock;      /* for posted alone */
	struct tasks posted;

	atomic_bool stop;
	uint64_t now_us, turns;
	int64_t wall_ms;
};

/* -- tasks -- */

static void tasks_init(struct tasks *tasks)
{
	tasks->first = NULL;
	tasks->end = &tasks->first;
}

static void tasks_add(struct tasks *tasks, struct loop_task *task)
{
	task->queued = true;
	task->next = NULL;
	*tasks->end = task;
	tasks->end = &task->next;
}

static struct loop_task *tasks_pop(struct tasks *tasks)
{
	struct loop_task *task = tasks->first;

	if (task == NULL)
		return NULL;
	tasks->first = task->next;
	if (tasks->first == NULL)
		tasks->end = &tasks->first;
	task->queued = false;
	return task;
}

static bool tasks_remove(struct tasks *tasks, struct loop_task *task)
{
	struct loop_task **at = &tasks->first;

	while (*at != NULL && *at != task)
		at = &(*at)->next;
	if (*at == NULL)
		return false;
	*at = task->next;
	if (task->next == NULL)
		tasks->end = at;
	task->queued = false;
	return true;
}

static void tasks_move(struct tasks *to, struct tasks *from)
{
	if (from->first == NULL)
		return;
	*to->end = from->first;
	to->end = from->end;
	tasks_init(from);
}

/* Only those queued by now: what they queue in turn runs in the next turn, which then does not wait,
 * so that a task that queues itself cannot starve the fds. */
static void run_deferred(struct loop *loop)
{
	struct loop_task *task;

	tasks_move(&loop->running, &loop->deferred);
	while ((task = tasks_pop(&loop->running)) != NULL)
		task->run(task);
}

/* The lock is taken for each, because posters read and write `queued`. */
static void run_posted(struct loop *loop)
{
	struct tasks taken;
	struct loop_task *task;

	tasks_init(&taken);
	pthread_mutex_lock(&loop->post_lock);
	tasks_move(&taken, &loop->posted);
	while ((task = tasks_pop(&taken)) != NULL) {
		pthread_mutex_unlock(&loop->post_lock);
		task->run(task);
		pthread_mutex_lock(&loop->post_lock);
	}
	pthread_mutex_unlock(&loop->post_lock);
}

void loop_defer(struct loop *loop, struct loop_task *task)
{
	if (!task->queued)
		tasks_add(&loop->deferred, task);
}

void loop_undefer(struct loop *loop, struct loop_task *task)
{
	if (task->queued && !tasks_remove(&loop->deferred, task))
		tasks_remove(&loop->running, task);
}

static void wake_up(struct loop *loop)
{
	uint64_t one = 1;

	/* Can only fail when the counter is full, and then it is readable anyway. */
	if (write(loop->wake.fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_error("loop: cannot wake: %s", strerror(errno));
}

void loop_post(struct loop *loop, struct loop_task *task)
{
	bool was_empty;

	pthread_mutex_lock(&loop->post_lock);
	was_empty = loop->posted.first == NULL;
	if (!task->queued)
		tasks_add(&loop->posted, task);
	pthread_mutex_unlock(&loop->post_lock);
	if (was_empty)
		wake_up(loop);
}

static void on_wake(struct loop_fd *wake, uint32_t events)
{
	uint64_t count;

	(void)events;
	if (read(wake->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("loop: cannot read the wake-up: %s", strerror(errno));
}

/* -- timers -- */

static void heap_put(struct loop *loop, size_t place, struct loop_timer *timer)
{
	loop->heap[place] = timer;
	timer->place = place;
}

static void heap_up(struct loop *loop, struct loop_timer *timer)
{
	size_t place = timer->place;

	for (; place > 1 && loop->heap[place / 2]->at_us > timer->at_us; place /= 2)
		heap_put(loop, place, loop->heap[place / 2]);
	heap_put(loop, place, timer);
}

static void heap_down(struct loop *loop, struct loop_timer *timer)
{
	size_t place = timer->place, child;

	for (; (child = 2 * place) <= loop->num_timers; place = child) {
		if (child < loop->num_timers && loop->heap[child + 1]->at_us < loop->heap[child]->at_us)
			child++;
		if (loop->heap[child]->at_us >= timer->at_us)
			break;
		heap_put(loop, place, loop->heap[child]);
	}
	heap_put(loop, place, timer);
}

static void heap_settle(struct loop *loop, struct loop_timer *timer)
{
	heap_up(loop, timer);
	heap_down(loop, timer);
}

void loop_timer_set(struct loop *loop, struct loop_timer *timer, uint64_t at_us)
{
	/* A timer that sets itself for now must not keep this turn from ending. */
	if (loop->firing && at_us <= loop->now_us)
		at_us = loop->now_us + 1;
	timer->at_us = at_us;
	if (timer->place == 0) {
		if (loop->num_timers + 1 >= loop->heap_size) {
			loop->heap_size = loop->heap_size > 0 ? 2 * loop->heap_size : 64;
			loop->heap = xrealloc(loop->heap, loop->heap_size, sizeof(*loop->heap));
		}
		heap_put(loop, ++loop->num_timers, timer);
	}
	heap_settle(loop, timer);
}

void loop_timer_after(struct loop *loop, struct loop_timer *timer, int64_t ms)
{
	loop_timer_set(loop, timer, loop->now_us + (ms > 0 ? (uint64_t)ms * 1000 : 0));
}

void loop_timer_clear(struct loop *loop, struct loop_timer *timer)
{
	size_t place = timer->place;
	struct loop_timer *last;

	if (place == 0)
		return;
	timer->place = 0;
	last = loop->heap[loop->num_timers--];
	if (last == timer)
		return;
	heap_put(loop, place, last);
	heap_settle(loop, last);
}

static void fire_timers(struct loop *loop)
{
	loop->firing = true;
	while (loop->num_timers > 0 && loop->heap[1]->at_us <= loop->now_us) {
		struct loop_timer *timer = loop->heap[1];

		loop_timer_clear(loop, timer);
		timer->fire(timer);
	}
	loop->firing = false;
}

/* -- fds -- */

int loop_watch(struct loop *loop, struct loop_fd *watch, int fd, uint32_t events, struct err *err)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};
	int op;

	assert(events != 0);
	if (watch->events != 0 && watch->fd != fd)
		loop_unwatch(loop, watch);
	if (watch->events == events)
		return 0;
	op = watch->events != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	if (epoll_ctl(loop->epoll_fd, op, fd, &event) < 0)
		return err_errno(err, "watching fd %d", fd);
	watch->fd = fd;
	watch->events = events;
	return 0;
}

void loop_unwatch(struct loop *loop, struct loop_fd *watch)
{
	if (watch->events == 0)
		return;
	watch->events = 0;
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
	for (int i = loop->next_event; i < loop->num_events; i++)
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
}

static void deliver_events(struct loop *loop)
{
	while (loop->next_event < loop->num_events) {
		struct epoll_event *event = &loop->events[loop->next_event++];
		struct loop_fd *watch = event->data.ptr;

		if (watch != NULL)
			watch->ready(watch, event->events);
	}
}

/* -- turns -- */

/* Milliseconds until the next timer, rounded up so that it is due when we wake. */
static int wait_ms(const struct loop *loop, int max_wait_ms)
{
	uint64_t now_us, ms;

	if (loop->deferred.first != NULL || atomic_load_explicit(&loop->stop, memory_order_relaxed))
		return 0;
	if (loop->num_timers == 0)
		return max_wait_ms;
	now_us = clock_mono_us();
	if (loop->heap[1]->at_us <= now_us)
		return 0;
	ms = (loop->heap[1]->at_us - now_us + 999) / 1000;
	if (ms > 3600000)
		ms = 3600000;
	return max_wait_ms >= 0 && (uint64_t)max_wait_ms < ms ? max_wait_ms : (int)ms;
}

static void read_clocks(struct loop *loop)
{
	loop->now_us = clock_mono_us();
	loop->wall_ms = clock_wall_ms();
}

void loop_turn(struct loop *loop, int max_wait_ms)
{
	int n = epoll_wait(loop->epoll_fd, loop->events, MAX_EVENTS, wait_ms(loop, max_wait_ms));

	if (n < 0 && errno != EINTR)
		log_error("loop: epoll_wait: %s", strerror(errno));
	loop->num_events = n > 0 ? n : 0;
	loop->next_event = 0;
	loop->turns++;
	read_clocks(loop);
	deliver_events(loop);
	fire_timers(loop);
	run_posted(loop);
	run_deferred(loop);
}

void loop_run(struct loop *loop)
{
	while (!atomic_load(&loop->stop))
		loop_turn(loop, -1);
	atomic_store(&loop->stop, false);
}

void loop_stop(struct loop *loop)
{
	atomic_store(&loop->stop, true);
	wake_up(loop);
}

uint64_t loop_now_us(const struct loop *loop)
{
	return loop->now_us;
}

int64_t loop_wall_ms(const struct loop *loop)
{
	return loop->wall_ms;
}

uint64_t loop_turns(const struct loop *loop)
{
	return loop->turns;
}

struct loop *loop_new(struct err *err)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));
	int wake_fd;

	tasks_init(&loop->deferred);
	tasks_init(&loop->running);
	tasks_init(&loop->posted);
	pthread_mutex_init(&loop->post_lock, NULL);
	loop->wake.ready = on_wake;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop->wake.fd = wake_fd;
	read_clocks(loop);
	if (loop->epoll_fd < 0 || wake_fd < 0) {
		err_errno(err, "making an event loop");
		goto out;
	}
	if (loop_watch(loop, &loop->wake, wake_fd, EPOLLIN, err) == 0)
		return loop;
out:
	loop_free(loop);
	return NULL;
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	while (loop->posted.first != NULL || loop->deferred.first != NULL) {
		run_posted(loop);
		run_deferred(loop);
	}
	assert(loop->num_timers == 0);
	if (loop->wake.fd >= 0)
		close(loop->wake.fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	pthread_mutex_destroy(&loop->post_lock);
	free(loop->heap);
	free(loop);
}
