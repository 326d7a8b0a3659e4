/* SPDX-License-Identifier: MIT */
/* libcurl's sockets and its one timer are put on the loop here. */
#include "loop/fetch_private.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

/* Connections kept for later requests; a burst above it opens new ones. */
#define KEPT_CONNECTIONS 1024
/* Ended fetches kept with their handles. */
#define MAX_SPARE 256

static void drive(struct fetch_pool *pool, curl_socket_t fd, int what)
{
	int running;

	curl_multi_socket_action(pool->multi, fd, what, &running);
	fetch_collect_finished(pool);
	fetch_pool_deliver(pool);
}

/* -- sockets -- */

static struct fetch_socket *socket_at(struct fetch_pool *pool, curl_socket_t fd)
{
	return (size_t)fd < pool->num_sockets ? pool->sockets[fd] : NULL;
}

static void on_socket_ready(struct loop_fd *watch, uint32_t events)
{
	struct fetch_socket *s = CONTAINER_OF(watch, struct fetch_socket, watch);
	int what = 0;

	/* The provider closed an idle connection: libcurl finds out when it wants to use it again. */
	if (s->idle) {
		loop_unwatch(s->pool->loop, watch);
		return;
	}
	if (events & (EPOLLIN | EPOLLHUP))
		what |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		what |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		what |= CURL_CSELECT_ERR;
	drive(s->pool, watch->fd, what);
}

static struct fetch_socket *socket_add(struct fetch_pool *pool, curl_socket_t fd)
{
	size_t size = pool->num_sockets;
	struct fetch_socket *s;

	if ((size_t)fd >= size) {
		pool->num_sockets = (size_t)fd + 64;
		pool->sockets = xrealloc(pool->sockets, pool->num_sockets, sizeof(struct fetch_socket *));
		memset(pool->sockets + size, 0, (pool->num_sockets - size) * sizeof(struct fetch_socket *));
	}
	s = xcalloc(1, sizeof(*s));
	s->pool = pool;
	s->watch.ready = on_socket_ready;
	pool->sockets[fd] = s;
	return s;
}

static void socket_remove(struct fetch_pool *pool, curl_socket_t fd)
{
	struct fetch_socket *s = socket_at(pool, fd);

	if (s == NULL)
		return;
	loop_unwatch(pool->loop, &s->watch);
	pool->sockets[fd] = NULL;
	free(s);
}

curl_socket_t fetch_pool_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct fetch *fetch = arg;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);

	(void)purpose;
	if (fd < 0) {
		fetch->socket_errno = errno;
		return CURL_SOCKET_BAD;
	}
	socket_remove(fetch->pool, fd);
	socket_add(fetch->pool, fd)->is_connection = true;
	return fd;
}

int fetch_pool_close_socket(void *arg, curl_socket_t fd)
{
	socket_remove(arg, fd);
	return close(fd);
}

/* A connection that goes back to libcurl's pool stays registered: most are used again soon, and two
 * system calls a request are saved.  One that still waits for writing does not go back, it is given
 * up; and while it was connecting, libcurl 7.88 has closed it by now without telling
 * fetch_pool_close_socket(), so that nothing of it may be kept for whoever gets the fd next. */
static void socket_rest(struct fetch_pool *pool, curl_socket_t fd)
{
	struct fetch_socket *s = socket_at(pool, fd);

	if (s == NULL)
		return;
	if (s->is_connection && (s->watch.events & EPOLLOUT) == 0)
		s->idle = true;
	else
		socket_remove(pool, fd);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *unused)
{
	static const uint32_t events[] = {
		[CURL_POLL_IN] = EPOLLIN, [CURL_POLL_OUT] = EPOLLOUT, [CURL_POLL_INOUT] = EPOLLIN | EPOLLOUT};
	struct fetch_pool *pool = arg;
	struct fetch_socket *s;
	struct err err;

	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE) {
		socket_rest(pool, fd);
		return 0;
	}
	s = socket_at(pool, fd);
	if (s == NULL)
		s = socket_add(pool, fd);
	s->idle = false;
	if (what == CURL_POLL_NONE)
		loop_unwatch(pool->loop, &s->watch);
	else if (loop_watch(pool->loop, &s->watch, fd, events[what], &err) < 0)
		log_error("fetch: %s", err.text);
	return 0;
}

/* -- time -- */

static void on_timer(struct loop_timer *timer)
{
	drive(CONTAINER_OF(timer, struct fetch_pool, timer), CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wanted(CURLM *multi, long ms, void *arg)
{
	struct fetch_pool *pool = arg;

	(void)multi;
	if (ms < 0)
		loop_timer_clear(pool->loop, &pool->timer);
	else
		loop_timer_after(pool->loop, &pool->timer, ms);
	return 0;
}

/* -- the whole -- */

static void on_deliver(struct loop_task *task)
{
	fetch_pool_deliver(CONTAINER_OF(task, struct fetch_pool, deliver));
}

static void reap(struct fetch_pool *pool)
{
	struct list_node *node;

	while ((node = list_pop(&pool->over)) != NULL) {
		if (pool->spare.count < MAX_SPARE)
			list_append(&pool->spare, node);
		else
			fetch_destroy(CONTAINER_OF(node, struct fetch, node));
	}
}

static void on_reap(struct loop_task *task)
{
	reap(CONTAINER_OF(task, struct fetch_pool, reap));
}

static void init_libcurl(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct fetch_pool *fetch_pool_new(struct loop *loop, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct fetch_pool *pool = xcalloc(1, sizeof(*pool));

	pthread_once(&once, init_libcurl);
	pool->loop = loop;
	pool->timer.fire = on_timer;
	pool->deliver.run = on_deliver;
	pool->reap.run = on_reap;
	list_init(&pool->ready);
	list_init(&pool->over);
	list_init(&pool->spare);
	pool->multi = curl_multi_init();
	if (pool->multi == NULL) {
		free(pool);
		err_set(err, ERR_SYSTEM, "libcurl does not start");
		return NULL;
	}
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
	fetch_pool_keep(pool, KEPT_CONNECTIONS);
	return pool;
}

void fetch_pool_keep(struct fetch_pool *pool, unsigned connections)
{
	curl_multi_setopt(pool->multi, CURLMOPT_MAXCONNECTS, (long)connections);
}

void fetch_pool_free(struct fetch_pool *pool)
{
	struct list_node *node;

	if (pool == NULL)
		return;
	assert(pool->num_open == 0);
	reap(pool);
	while ((node = list_pop(&pool->spare)) != NULL)
		fetch_destroy(CONTAINER_OF(node, struct fetch, node));
	/* Closes the connections, through the callbacks above. */
	curl_multi_cleanup(pool->multi);
	for (size_t fd = 0; fd < pool->num_sockets; fd++)
		socket_remove(pool, (curl_socket_t)fd);
	loop_timer_clear(pool->loop, &pool->timer);
	loop_undefer(pool->loop, &pool->deliver);
	loop_undefer(pool->loop, &pool->reap);
	free(pool->sockets);
	free(pool);
}
