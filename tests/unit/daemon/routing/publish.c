/* SPDX-License-Identifier: MIT */
/* Views are swapped under workers that run; try it also with SANITIZE=thread. */
#include "routing/publish.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "routing/view_private.h"

/* It owns a budget, so that the sanitizers see when a view is freed too late, too early or twice. */
static struct view *numbered(uint64_t generation)
{
	struct view *v = view_new(NULL);

	v->generation = generation;
	v->parts->num_budgets = 1;
	v->parts->budgets = xcalloc(1, sizeof(*v->parts->budgets));
	v->parts->budgets[0].budget = budget_new((int64_t)generation, BUDGET_TEAM, (struct window){WINDOW_DAY, 0},
						 BUDGET_STANDARD, 1);
	return v;
}

static void a_publisher_without_seats_swaps_at_once(void)
{
	struct publisher *p = publisher_new(numbered(1));

	CHECK_INT(publisher_view(p)->generation, 1);
	publish_swap(p, numbered(2));
	CHECK_INT(publisher_view(p)->generation, 2);
	publisher_free(p);
}

/* -- one loop, turned by hand while another thread swaps -- */

struct swapper {
	struct publisher *publisher;
	uint64_t generation;
	atomic_bool done;
};

static void *swap(void *arg)
{
	struct swapper *s = arg;

	publish_swap(s->publisher, numbered(s->generation));
	s->done = true;
	return NULL;
}

static void swap_under(struct loop *loop, struct publisher *p, uint64_t generation)
{
	struct swapper s = {.publisher = p, .generation = generation};
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, swap, &s) == 0);
	while (!s.done)
		loop_turn(loop, 10);
	pthread_join(thread, NULL);
}

static void a_call_keeps_the_view_it_was_admitted_with(void)
{
	struct err err;
	struct loop *loop = loop_new(&err);
	struct publisher *p = publisher_new(numbered(1));
	struct view_seat *seat = publisher_join(p, loop);
	const struct view *first = seat_acquire(seat), *again = seat_acquire(seat), *second, *third;

	CHECK(first == again);
	swap_under(loop, p, 2);
	second = seat_acquire(seat);
	CHECK_INT(second->generation, 2);
	CHECK_INT(first->generation, 1);
	swap_under(loop, p, 3);
	third = seat_acquire(seat);
	CHECK_INT(third->generation, 3);
	seat_release(seat, first);
	CHECK_INT(again->generation, 1);
	seat_release(seat, third);
	seat_release(seat, again);
	CHECK_INT(second->generation, 2);
	seat_release(seat, second);
	publisher_leave(p, seat);
	publisher_free(p);
	loop_free(loop);
}

static void a_swap_does_not_end_before_the_worker_has_turned(void)
{
	struct err err;
	struct loop *loop = loop_new(&err);
	struct publisher *p = publisher_new(numbered(1));
	struct view_seat *seat = publisher_join(p, loop);
	struct swapper s = {.publisher = p, .generation = 2};
	pthread_t thread;
	const struct view *view;

	CHECK(pthread_create(&thread, NULL, swap, &s) == 0);
	for (int i = 0; i < 20; i++) {
		struct timespec pause = {.tv_nsec = 1000000};

		nanosleep(&pause, NULL);
		CHECK(!s.done);
		view = seat_acquire(seat);
		CHECK_INT(view->generation, 1);
		seat_release(seat, view);
	}
	while (!s.done)
		loop_turn(loop, 10);
	pthread_join(thread, NULL);
	publisher_leave(p, seat);
	publisher_free(p);
	loop_free(loop);
}

static void leaving_lets_a_swap_go_on(void)
{
	struct err err;
	struct loop *loop = loop_new(&err);
	struct publisher *p = publisher_new(numbered(1));
	struct view_seat *seat = publisher_join(p, loop);
	struct swapper s = {.publisher = p, .generation = 2};
	pthread_t thread;

	CHECK(pthread_create(&thread, NULL, swap, &s) == 0);
	publisher_leave(p, seat);
	pthread_join(thread, NULL);
	CHECK(s.done);
	CHECK_INT(publisher_view(p)->generation, 2);
	/* What was posted to it may still run. */
	loop_turn(loop, 0);
	publisher_free(p);
	loop_free(loop);
}

/* -- several workers that take and settle calls while views come and go -- */

#define NUM_WORKERS 4
#define NUM_SWAPS 200
#define OPEN 16

struct worker {
	struct loop *loop;
	struct view_seat *seat;
	struct loop_task call;
	const struct view *open[OPEN];
	uint64_t generations[OPEN];     /* as the view said when the call began */
	atomic_bool broken, ending;
	unsigned seed;
	pthread_t thread;
};

/* The generation whose swap has returned last. */
static _Atomic uint64_t in_force;

static void settle(struct worker *w, size_t i)
{
	if (w->open[i]->generation != w->generations[i])
		w->broken = true;
	seat_release(w->seat, w->open[i]);
	w->open[i] = NULL;
}

static void take_calls(struct loop_task *task)
{
	struct worker *w = CONTAINER_OF(task, struct worker, call);

	for (int i = 0; i < 10; i++) {
		size_t at = (size_t)rand_r(&w->seed) % OPEN;
		uint64_t least = in_force;

		if (w->open[at] != NULL) {
			settle(w, at);
			continue;
		}
		w->open[at] = seat_acquire(w->seat);
		w->generations[at] = w->open[at]->generation;
		if (w->generations[at] < least)
			w->broken = true;
	}
	if (!w->ending) {
		loop_post(w->loop, task);
		return;
	}
	for (size_t i = 0; i < OPEN; i++)
		if (w->open[i] != NULL)
			settle(w, i);
	loop_stop(w->loop);
}

static void *run(void *arg)
{
	struct worker *w = arg;

	loop_run(w->loop);
	return NULL;
}

static void workers_never_admit_under_an_old_view_after_a_swap(void)
{
	static struct worker workers[NUM_WORKERS];
	struct publisher *p = publisher_new(numbered(1));
	struct err err;

	for (unsigned i = 0; i < NUM_WORKERS; i++) {
		struct worker *w = &workers[i];

		w->loop = loop_new(&err);
		w->seat = publisher_join(p, w->loop);
		w->call.run = take_calls;
		w->seed = i + 1;
		loop_post(w->loop, &w->call);
		CHECK(pthread_create(&w->thread, NULL, run, w) == 0);
	}
	for (uint64_t generation = 2; generation < NUM_SWAPS; generation++) {
		publish_swap(p, numbered(generation));
		in_force = generation;
	}
	for (unsigned i = 0; i < NUM_WORKERS; i++) {
		workers[i].ending = true;
		pthread_join(workers[i].thread, NULL);
		CHECK(!workers[i].broken);
		publisher_leave(p, workers[i].seat);
		loop_free(workers[i].loop);
	}
	publisher_free(p);
}

CHECK_MAIN(TEST(a_publisher_without_seats_swaps_at_once), TEST(a_call_keeps_the_view_it_was_admitted_with),
	   TEST(a_swap_does_not_end_before_the_worker_has_turned), TEST(leaving_lets_a_swap_go_on),
	   TEST(workers_never_admit_under_an_old_view_after_a_swap))
