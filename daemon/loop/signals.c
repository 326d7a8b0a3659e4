/* SPDX-License-Identifier: MIT */
/* Signals are kept from interrupting anybody and read from a signalfd here. */
#include "loop/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

static void handled(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
}

void signals_block(void)
{
	sigset_t set;

	handled(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* One at a time: the handler may call signals_stop(). */
static void on_readable(struct loop_fd *fd, uint32_t events)
{
	struct signals *signals = CONTAINER_OF(fd, struct signals, fd);
	struct signalfd_siginfo info;

	(void)events;
	if (read(fd->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
		signals->on_signal(signals, (int)info.ssi_signo);
}

int signals_start(struct signals *signals, struct loop *loop, struct err *err)
{
	sigset_t set;
	int fd;

	handled(&set);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "making a signalfd");
	signals->fd.ready = on_readable;
	if (loop_watch(loop, &signals->fd, fd, EPOLLIN, err) < 0) {
		close(fd);
		return err_wrap(err, "signals");
	}
	return 0;
}

void signals_stop(struct signals *signals, struct loop *loop)
{
	if (signals->fd.events == 0)
		return;
	loop_unwatch(loop, &signals->fd);
	close(signals->fd.fd);
}
