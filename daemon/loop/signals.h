/* SPDX-License-Identifier: MIT */
/*
 * signals.h — SIGTERM, SIGINT, SIGHUP as events on a loop.
 *
 * signals_block() runs first in main(), before any thread exists, so that every thread inherits
 * the mask; SIGPIPE is ignored for good.
 */
#ifndef LOOP_SIGNALS_H
#define LOOP_SIGNALS_H

#include "loop/loop.h"

struct signals {
	struct loop_fd fd;
	void (*on_signal)(struct signals *, int signo);
};

void signals_block(void);
int signals_start(struct signals *, struct loop *, struct err *);
void signals_stop(struct signals *, struct loop *);

#endif
