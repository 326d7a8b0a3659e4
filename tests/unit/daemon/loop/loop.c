/* SPDX-License-Identifier: MIT */
/* Turns: timers, tasks and fds in the promised order. */
#include "loop/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "check.h"

static struct loop *loop;
static char trace[128];

static void note(char c)
{
	size_t len = strlen(trace);

	if (len + 1 < sizeof(trace)) {
		trace[len] = c;
		trace[len + 1] = '\0';
	}
}

static void begin(void)
{
	loop = loop_new(NULL);
	trace[0] = '\0';
}

struct named_timer {
	struct loop_timer timer;
	char name;
};

static void on_named_timer(struct loop_timer *timer)
{
	note(CONTAINER_OF(timer, struct named_timer, timer)->name);
}

static void timers_fire_in_order_of_time(void)
{
	struct named_timer timers[] = {{{.fire = on_named_timer}, 'c'}, {{.fire = on_named_timer}, 'a'},
				       {{.fire = on_named_timer}, 'd'}, {{.fire = on_named_timer}, 'b'}};
	uint64_t start_us;

	begin();
	start_us = loop_now_us(loop);
	loop_timer_after(loop, &timers[0].timer, 3);
	loop_timer_after(loop, &timers[1].timer, 1);
	loop_timer_after(loop, &timers[2].timer, 4);
	loop_timer_after(loop, &timers[3].timer, 2);
	while (timers[2].timer.place != 0)
		loop_turn(loop, -1);
	CHECK_TEXT(trace, "abcd");
	CHECK(loop_now_us(loop) - start_us >= 4000);
	loop_free(loop);
}

static void a_timer_can_be_moved_and_cleared(void)
{
	struct named_timer a = {{.fire = on_named_timer}, 'a'}, b = {{.fire = on_named_timer}, 'b'},
			   c = {{.fire = on_named_timer}, 'c'};

	begin();
	loop_timer_after(loop, &a.timer, 1);
	loop_timer_after(loop, &b.timer, 2);
	loop_timer_after(loop, &c.timer, 3);
	loop_timer_after(loop, &a.timer, 4);
	loop_timer_clear(loop, &b.timer);
	loop_timer_clear(loop, &b.timer);
	while (a.timer.place != 0)
		loop_turn(loop, -1);
	CHECK_TEXT(trace, "ca");
	loop_free(loop);
}

static void many_timers_stay_sorted_through_random_changes(void)
{
	static struct named_timer timers[500];
	uint64_t last_us = 0;
	unsigned seed = 7;

	begin();
	for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
		timers[i] = (struct named_timer){{.fire = on_named_timer}, 'x'};
		loop_timer_set(loop, &timers[i].timer, 1000 + (uint64_t)rand_r(&seed) % 9000);
	}
	for (size_t i = 0; i < ARRAY_LEN(timers); i += 3)
		loop_timer_clear(loop, &timers[i].timer);
	for (size_t i = 1; i < ARRAY_LEN(timers); i += 3)
		loop_timer_set(loop, &timers[i].timer, (uint64_t)rand_r(&seed) % 9000);
	/* All are long due; the earliest must be gone first. */
	for (size_t left = ARRAY_LEN(timers) * 2 / 3; left > 0; left--) {
		struct named_timer *first = NULL;

		for (size_t i = 0; i < ARRAY_LEN(timers); i++)
			if (timers[i].timer.place == 1)
				first = &timers[i];
		if (first == NULL) {
			CHECK(first != NULL);
			break;
		}
		CHECK(first->timer.at_us >= last_us);
		last_us = first->timer.at_us;
		loop_timer_clear(loop, &first->timer);
	}
	loop_free(loop);
}

static int num_fired;

static void on_again(struct loop_timer *timer)
{
	num_fired++;
	loop_timer_after(loop, timer, 0);
}

static void a_timer_set_for_now_by_itself_does_not_hold_up_the_turn(void)
{
	struct loop_timer timer = {.fire = on_again};

	begin();
	num_fired = 0;
	loop_timer_after(loop, &timer, 0);
	loop_turn(loop, -1);
	CHECK_INT(num_fired, 1);
	loop_turn(loop, -1);
	CHECK_INT(num_fired, 2);
	loop_timer_clear(loop, &timer);
	loop_free(loop);
}

static struct loop_task task_a, task_b;

static void on_task_a(struct loop_task *task)
{
	(void)task;
	note('A');
}

static void on_task_b(struct loop_task *task)
{
	note('B');
	loop_defer(loop, task);
}

static void on_turn(struct loop_timer *timer)
{
	(void)timer;
	note('t');
	loop_defer(loop, &task_a);
	loop_defer(loop, &task_a);
	note('.');
}

static void deferred_tasks_run_once_at_the_end_of_the_turn(void)
{
	struct loop_timer timer = {.fire = on_turn};

	begin();
	task_a = (struct loop_task){.run = on_task_a};
	loop_timer_after(loop, &timer, 0);
	loop_turn(loop, -1);
	CHECK_TEXT(trace, "t.A");
	loop_free(loop);
}

static void a_task_that_defers_itself_runs_once_a_turn_and_the_turn_does_not_wait(void)
{
	begin();
	task_b = (struct loop_task){.run = on_task_b};
	loop_defer(loop, &task_b);
	loop_turn(loop, -1);
	loop_turn(loop, -1);
	CHECK_TEXT(trace, "BB");
	loop_undefer(loop, &task_b);
	loop_turn(loop, 0);
	CHECK_TEXT(trace, "BB");
	loop_free(loop);
}

static void on_remover(struct loop_task *task)
{
	(void)task;
	note('R');
	loop_undefer(loop, &task_a);
}

static void a_deferred_task_can_be_taken_back_by_one_that_runs_before_it(void)
{
	struct loop_task remover = {.run = on_remover}, last = {.run = on_task_b};

	begin();
	task_a = (struct loop_task){.run = on_task_a};
	loop_defer(loop, &remover);
	loop_defer(loop, &task_a);
	loop_defer(loop, &last);
	loop_turn(loop, -1);
	CHECK_TEXT(trace, "RB");
	loop_undefer(loop, &last);
	loop_free(loop);
}

#define POSTERS 4
#define POSTS 2000

struct posted {
	struct loop_task task;
};

static int num_posted;

static void on_posted(struct loop_task *task)
{
	free(CONTAINER_OF(task, struct posted, task));
	num_posted++;
}

static void *post_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < POSTS; i++) {
		struct posted *posted = xcalloc(1, sizeof(*posted));

		posted->task.run = on_posted;
		loop_post(loop, &posted->task);
	}
	return NULL;
}

static void posts_from_other_threads_all_arrive(void)
{
	pthread_t threads[POSTERS];

	begin();
	num_posted = 0;
	for (int i = 0; i < POSTERS; i++)
		pthread_create(&threads[i], NULL, post_many, NULL);
	for (int i = 0; i < 100000 && num_posted < POSTERS * POSTS; i++)
		loop_turn(loop, 1000);
	CHECK_INT(num_posted, POSTERS * POSTS);
	for (int i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	loop_free(loop);
}

static void on_stop(struct loop_task *task)
{
	(void)task;
	loop_stop(loop);
}

static void *run_loop(void *arg)
{
	loop_run(loop);
	return arg;
}

static void a_post_wakes_a_loop_that_waits_and_stop_ends_it(void)
{
	struct loop_task stop = {.run = on_stop};
	pthread_t thread;
	void *ret;

	begin();
	pthread_create(&thread, NULL, run_loop, trace);
	loop_post(loop, &stop);
	pthread_join(thread, &ret);
	CHECK(ret == trace);
	loop_free(loop);
}

struct pipe_watch {
	struct loop_fd watch, *other;
	int ends[2];
};

static void on_pipe(struct loop_fd *watch, uint32_t events)
{
	struct pipe_watch *pipe_watch = CONTAINER_OF(watch, struct pipe_watch, watch);

	CHECK(events & EPOLLIN);
	note('p');
	loop_unwatch(loop, pipe_watch->other);
}

static void an_fd_unwatched_by_another_in_the_same_turn_is_not_called(void)
{
	struct pipe_watch a = {.watch.ready = on_pipe}, b = {.watch.ready = on_pipe};

	begin();
	a.other = &b.watch;
	b.other = &a.watch;
	CHECK_INT(pipe(a.ends) + pipe(b.ends), 0);
	CHECK_INT(loop_watch(loop, &a.watch, a.ends[0], EPOLLIN, NULL), 0);
	CHECK_INT(loop_watch(loop, &b.watch, b.ends[0], EPOLLIN, NULL), 0);
	CHECK_INT(write(a.ends[1], "x", 1) + write(b.ends[1], "x", 1), 2);
	loop_turn(loop, -1);
	CHECK_TEXT(trace, "p");
	loop_unwatch(loop, &a.watch);
	loop_unwatch(loop, &b.watch);
	for (int i = 0; i < 2; i++) {
		close(a.ends[i]);
		close(b.ends[i]);
	}
	loop_free(loop);
}

static void a_closed_fd_cannot_be_watched_and_the_error_says_so(void)
{
	struct loop_fd watch = {.ready = NULL};
	struct err err;

	begin();
	CHECK(loop_watch(loop, &watch, 1000, EPOLLIN, &err) < 0);
	CHECK_TEXT(err.text, "watching fd 1000: Bad file descriptor");
	CHECK_INT(watch.events, 0);
	loop_free(loop);
}

CHECK_MAIN(TEST(timers_fire_in_order_of_time), TEST(a_timer_can_be_moved_and_cleared),
	   TEST(many_timers_stay_sorted_through_random_changes),
	   TEST(a_timer_set_for_now_by_itself_does_not_hold_up_the_turn),
	   TEST(deferred_tasks_run_once_at_the_end_of_the_turn),
	   TEST(a_task_that_defers_itself_runs_once_a_turn_and_the_turn_does_not_wait),
	   TEST(a_deferred_task_can_be_taken_back_by_one_that_runs_before_it),
	   TEST(posts_from_other_threads_all_arrive), TEST(a_post_wakes_a_loop_that_waits_and_stop_ends_it),
	   TEST(an_fd_unwatched_by_another_in_the_same_turn_is_not_called),
	   TEST(a_closed_fd_cannot_be_watched_and_the_error_says_so))
