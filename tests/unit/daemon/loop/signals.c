/* SPDX-License-Identifier: MIT */
/* Signals arrive as events. */
#include "loop/signals.h"

#include <signal.h>
#include <unistd.h>

#include "check.h"

static int last_signo;

static void on_signal(struct signals *signals, int signo)
{
	(void)signals;
	last_signo = signo;
}

static void signals_are_told_on_the_loop_and_do_not_kill(void)
{
	static const int signos[] = {SIGTERM, SIGINT, SIGHUP};
	struct signals signals = {.on_signal = on_signal};
	struct loop *loop = loop_new(NULL);

	signals_block();
	CHECK_INT(signals_start(&signals, loop, NULL), 0);
	for (int i = 0; i < 3; i++) {
		kill(getpid(), signos[i]);
		loop_turn(loop, 1000);
		CHECK_INT(last_signo, signos[i]);
	}
	signals_stop(&signals, loop);
	loop_free(loop);
}

static void writing_to_a_closed_pipe_is_an_error_and_no_signal(void)
{
	int ends[2];

	signals_block();
	CHECK_INT(pipe(ends), 0);
	close(ends[0]);
	CHECK_INT(write(ends[1], "x", 1), -1);
	close(ends[1]);
}

CHECK_MAIN(TEST(signals_are_told_on_the_loop_and_do_not_kill),
	   TEST(writing_to_a_closed_pipe_is_an_error_and_no_signal))
