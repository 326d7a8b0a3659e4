/* SPDX-License-Identifier: MIT */
/* Connections come, are handed to one of several libmicrohttpd daemons, and go, here. */
#include "loop/httpd_private.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"

/* What libmicrohttpd may use for one connection's headers, and pieces of bodies in transit. */
#define CONNECTION_MEMORY (16 * 1024)
/* Headers above this are refused by us, in JSON; libmicrohttpd fails a little above it. */
#define HEADERS_MAX (14 * 1024)
/* Headers that come in more pieces than this are libmicrohttpd's to judge. */
#define MAX_PEEKS 64
#define LINGER_US 2000000
/* Connections accepted, or runs of a daemon, before others get their turn. */
#define MAX_ACCEPTS 64
#define MAX_RUNS 8
#define RETRY_ACCEPT_MS 100
#define COMPLAIN_US UINT64_C(10000000)
#define SWEEP_MS 1000

static void start_accepting(struct httpd *);

/* -- the libmicrohttpd daemons -- */

/* Until it has nothing left to do at once: after a resume it takes several passes to get the bytes out. */
static void daemon_run(struct httpd_daemon *daemon)
{
	for (int i = 0; i < MAX_RUNS; i++) {
		MHD_UNSIGNED_LONG_LONG wait_ms;

		MHD_run(daemon->mhd);
		if (MHD_get_timeout(daemon->mhd, &wait_ms) != MHD_YES || wait_ms > 0)
			return;
	}
	loop_defer(daemon->httpd->loop, &daemon->run);
}

static void on_daemon_task(struct loop_task *task)
{
	daemon_run(CONTAINER_OF(task, struct httpd_daemon, run));
}

static void on_daemon_ready(struct loop_fd *watch, uint32_t events)
{
	(void)events;
	daemon_run(CONTAINER_OF(watch, struct httpd_daemon, watch));
}

static struct httpd_daemon *idlest_daemon(struct httpd *httpd)
{
	struct httpd_daemon *best = &httpd->daemons[0];

	for (unsigned i = 1; i < httpd->options.daemons; i++)
		if (httpd->daemons[i].num_connections < best->num_connections)
			best = &httpd->daemons[i];
	return best;
}

/* -- a connection's end -- */

static void connection_free(struct httpd_connection *connection)
{
	struct httpd *httpd = connection->httpd;

	loop_unwatch(httpd->loop, &connection->watch);
	if (connection->fd >= 0)
		close(connection->fd);
	if (connection->spare_fd >= 0)
		close(connection->spare_fd);
	list_remove(&httpd->connections, &connection->node);
	free(connection);
	if (!httpd->accepting && httpd->retry.place == 0)
		start_accepting(httpd);
}

/* Throws away what still comes until the client has had its answer and closes, or time is up. */
static void connection_linger(struct httpd_connection *connection)
{
	struct httpd *httpd = connection->httpd;

	loop_unwatch(httpd->loop, &connection->watch);
	connection->lingering = true;
	connection->since_us = loop_now_us(httpd->loop);
	shutdown(connection->fd, SHUT_WR);
	if (loop_watch(httpd->loop, &connection->watch, connection->fd, EPOLLIN, NULL) < 0)
		connection_free(connection);
}

static void linger_read(struct httpd_connection *connection)
{
	char waste[16 * 1024];
	ssize_t n = recv(connection->fd, waste, sizeof(waste), 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		connection_free(connection);
}

void httpd_connection_linger_later(struct httpd_connection *connection)
{
	if (connection->spare_fd < 0)
		connection->spare_fd = dup(connection->fd);
}

/* -- a connection's beginning -- */

static void refuse_headers(struct httpd_connection *connection)
{
	static const char body[] =
		"{\"error\":{\"message\":\"the request's headers are larger than 14 KiB\","
		"\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"headers_too_large\"}}\n";
	char answer[512];
	int len = snprintf(answer, sizeof(answer),
			   "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: application/json\r\n"
			   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
			   sizeof(body) - 1, body);

	if (send(connection->fd, answer, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		connection_free(connection);
	else
		connection_linger(connection);
}

static void hand_over(struct httpd_connection *connection)
{
	struct httpd *httpd = connection->httpd;
	struct httpd_daemon *daemon = idlest_daemon(httpd);

	/* From now on only the client's leaving interests us. */
	if (loop_watch(httpd->loop, &connection->watch, connection->fd, EPOLLRDHUP | EPOLLET, NULL) < 0) {
		connection_free(connection);
		return;
	}
	connection->daemon = daemon;
	daemon->num_connections++;
	/* The fd is its to close, even when it refuses; on_connection() tells us. */
	if (MHD_add_connection(daemon->mhd, connection->fd, (const struct sockaddr *)&connection->peer,
			       connection->peer_len) != MHD_YES) {
		log_warn("http: connection from %s refused", connection->remote);
		daemon->num_connections--;
		connection->fd = -1;
		connection->watch.events = 0;
		connection_free(connection);
		return;
	}
	daemon_run(daemon);
}

/* Waits until the headers of the first request are in, or are clearly too long. */
static void look_at_headers(struct httpd_connection *connection, bool no_more)
{
	char start[HEADERS_MAX];
	ssize_t n = recv(connection->fd, start, sizeof(start), MSG_PEEK);
	bool complete;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* No method begins so: a client that speaks TLS, most likely, and would wait with us for ever. */
	if (n <= 0 || !(isalpha((unsigned char)start[0]) || start[0] == '\r' || start[0] == '\n')) {
		connection_free(connection);
		return;
	}
	complete = memmem(start, (size_t)n, "\n\r\n", 3) != NULL || memmem(start, (size_t)n, "\n\n", 2) != NULL;
	if (complete || ++connection->num_peeks > MAX_PEEKS)
		hand_over(connection);
	else if ((size_t)n == sizeof(start))
		refuse_headers(connection);
	else if (no_more)
		connection_free(connection);
}

static bool has_unread(int fd)
{
	char first;
	ssize_t n = recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* The client sends no more.  libmicrohttpd reads by edges and does not see an end that came together
 * with the last bytes: a request whose rest will never come would wait for it until it times out. */
static void connection_left(struct httpd_connection *connection)
{
	struct httpd_request *request = connection->request;

	connection->left = true;
	if (request != NULL && request->suspended)
		httpd_request_lose(request);
	else if (request != NULL && request->is_ready)
		return;         /* being answered: whether anybody reads it shows when it is written */
	else if (has_unread(connection->fd))
		return;         /* the sweep looks again */
	else if (request != NULL)
		httpd_request_lose(request);
	else
		shutdown(connection->fd, SHUT_RDWR);
}

static void on_connection_event(struct loop_fd *watch, uint32_t events)
{
	struct httpd_connection *connection = CONTAINER_OF(watch, struct httpd_connection, watch);
	bool no_more = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;

	if (connection->lingering) {
		linger_read(connection);
		return;
	}
	if (connection->daemon == NULL) {
		look_at_headers(connection, no_more);
		return;
	}
	connection_left(connection);
}

/* Tells a connection of ours from its fd when libmicrohttpd takes it. */
static struct httpd_connection *find_by_fd(struct httpd_daemon *daemon, int fd)
{
	LIST_EACH(&daemon->httpd->connections, node)
	{
		struct httpd_connection *connection = CONTAINER_OF(node, struct httpd_connection, node);

		if (connection->daemon == daemon && connection->fd == fd)
			return connection;
	}
	return NULL;
}

static void on_connection_closed(struct httpd_connection *connection)
{
	assert(connection->request == NULL);
	loop_unwatch(connection->httpd->loop, &connection->watch);
	connection->daemon->num_connections--;
	connection->daemon = NULL;
	connection->fd = connection->spare_fd;
	connection->spare_fd = -1;
	if (connection->fd >= 0)
		connection_linger(connection);
	else
		connection_free(connection);
}

static void on_connection(void *arg, struct MHD_Connection *mhd, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info;

	switch (what) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
		*context = find_by_fd(arg, info->connect_fd);
		return;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		if (*context != NULL)
			on_connection_closed(*context);
		*context = NULL;
		return;
	}
}

/* -- accepting -- */

static void stop_accepting(struct httpd *httpd)
{
	for (unsigned i = 0; i < httpd->num_listeners; i++)
		loop_unwatch(httpd->loop, &httpd->listeners[i].watch);
	httpd->accepting = false;
}

static void start_accepting(struct httpd *httpd)
{
	if (httpd->closing || httpd->connections.count >= httpd->options.connections)
		return;
	for (unsigned i = 0; i < httpd->num_listeners; i++) {
		struct loop_fd *watch = &httpd->listeners[i].watch;
		struct err err;

		if (loop_watch(httpd->loop, watch, watch->fd, EPOLLIN, &err) < 0)
			log_error("http: cannot accept: %s", err.text);
	}
	httpd->accepting = true;
}

static void on_retry(struct loop_timer *timer)
{
	start_accepting(CONTAINER_OF(timer, struct httpd, retry));
}

/* The connection stays in the queue and the listening fd ready: look away for a moment, or we spin. */
static void accept_failed(struct httpd *httpd)
{
	if (httpd->complain_us <= loop_now_us(httpd->loop)) {
		log_warn("http: cannot accept, clients wait: %s", strerror(errno));
		httpd->complain_us = loop_now_us(httpd->loop) + COMPLAIN_US;
	}
	stop_accepting(httpd);
	loop_timer_after(httpd->loop, &httpd->retry, RETRY_ACCEPT_MS);
}

static void connection_begin(struct httpd *httpd, int fd, const struct sockaddr_storage *peer,
			     socklen_t peer_len)
{
	struct httpd_connection *connection = xcalloc(1, sizeof(*connection));
	int on = 1;

	connection->httpd = httpd;
	connection->fd = fd;
	connection->spare_fd = -1;
	connection->since_us = loop_now_us(httpd->loop);
	connection->peer = *peer;
	connection->peer_len = peer_len;
	connection->watch.ready = on_connection_event;
	listen_peer_text(peer, connection->remote);
	list_append(&httpd->connections, &connection->node);
	if (peer->ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (httpd->sweep.place == 0)
		loop_timer_after(httpd->loop, &httpd->sweep, SWEEP_MS);
	/* Edge by edge: what is peeked at stays readable. */
	if (loop_watch(httpd->loop, &connection->watch, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, NULL) < 0)
		connection_free(connection);
}

static bool error_is_of_the_peer(int error)
{
	return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM ||
	       error == ENETDOWN || error == EHOSTUNREACH || error == ENETUNREACH;
}

static void on_listener_ready(struct loop_fd *watch, uint32_t events)
{
	struct httpd *httpd = CONTAINER_OF(watch, struct httpd_listener, watch)->httpd;

	(void)events;
	for (int i = 0; i < MAX_ACCEPTS; i++) {
		struct sockaddr_storage peer = {0};
		socklen_t len = sizeof(peer);
		int fd;

		if (httpd->connections.count >= httpd->options.connections) {
			stop_accepting(httpd);
			return;
		}
		fd = accept4(watch->fd, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			connection_begin(httpd, fd, &peer, len);
		} else if (errno == EAGAIN) {
			return;
		} else if (!error_is_of_the_peer(errno)) {
			accept_failed(httpd);
			return;
		}
	}
}

static int add_listener(struct httpd *httpd, int fd, const char *path, struct err *err)
{
	struct httpd_listener *listener = &httpd->listeners[httpd->num_listeners];

	if (fd < 0)
		return fd;
	*listener = (struct httpd_listener){.httpd = httpd, .watch.ready = on_listener_ready};
	if (loop_watch(httpd->loop, &listener->watch, fd, EPOLLIN, err) < 0) {
		close(fd);
		return ERR_SYSTEM;
	}
	listener->path = path != NULL ? xstrdup(path) : NULL;
	httpd->num_listeners++;
	httpd->accepting = true;
	return 0;
}

int httpd_listen_tcp(struct httpd *httpd, const char *host_port, struct err *err)
{
	int code;

	assert(httpd->num_listeners < HTTPD_MAX_LISTENERS);
	code = add_listener(httpd, listen_tcp(host_port, err), NULL, err);
	if (code == 0)
		httpd->port = listen_port(httpd->listeners[httpd->num_listeners - 1].watch.fd);
	return code;
}

int httpd_listen_unix(struct httpd *httpd, const char *path, mode_t mode, struct err *err)
{
	assert(httpd->num_listeners < HTTPD_MAX_LISTENERS);
	return add_listener(httpd, listen_unix(path, mode, err), path, err);
}

void httpd_stop_listening(struct httpd *httpd)
{
	httpd->closing = true;
	stop_accepting(httpd);
	loop_timer_clear(httpd->loop, &httpd->retry);
	for (unsigned i = 0; i < httpd->num_listeners; i++) {
		struct httpd_listener *listener = &httpd->listeners[i];

		close(listener->watch.fd);
		if (listener->path != NULL)
			unlink(listener->path);
		free(listener->path);
	}
	httpd->num_listeners = 0;
}

unsigned httpd_port(const struct httpd *httpd)
{
	return httpd->port;
}

unsigned httpd_num_open(const struct httpd *httpd)
{
	return httpd->num_open;
}

/* -- the whole -- */

/* libmicrohttpd closes what idles in its hands when it is run; what idles in ours, we close. */
static void on_sweep(struct loop_timer *timer)
{
	struct httpd *httpd = CONTAINER_OF(timer, struct httpd, sweep);
	uint64_t now_us = loop_now_us(httpd->loop);

	for (unsigned i = 0; i < httpd->options.daemons; i++)
		if (httpd->daemons[i].num_connections > 0)
			daemon_run(&httpd->daemons[i]);
	LIST_EACH(&httpd->connections, node)
	{
		struct httpd_connection *connection = CONTAINER_OF(node, struct httpd_connection, node);
		uint64_t limit_us = connection->lingering ? LINGER_US : httpd->options.idle_s * UINT64_C(1000000);

		if (connection->daemon == NULL && now_us - connection->since_us >= limit_us)
			connection_free(connection);
		else if (connection->daemon != NULL && connection->left)
			connection_left(connection);
	}
	if (httpd->connections.count > 0)
		loop_timer_after(httpd->loop, &httpd->sweep, SWEEP_MS);
}

static int daemon_start(struct httpd *httpd, struct httpd_daemon *daemon, struct err *err)
{
	const union MHD_DaemonInfo *info;

	daemon->httpd = httpd;
	daemon->run.run = on_daemon_task;
	daemon->watch.ready = on_daemon_ready;
	daemon->mhd = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		httpd_on_request, daemon,
		MHD_OPTION_NOTIFY_COMPLETED, httpd_on_completed, daemon,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, daemon,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_LIMIT, httpd->options.connections,
		MHD_OPTION_CONNECTION_TIMEOUT, httpd->options.idle_s,
		MHD_OPTION_END);
	if (daemon->mhd == NULL)
		return err_set(err, ERR_SYSTEM, "libmicrohttpd does not start; are there fds left?");
	info = MHD_get_daemon_info(daemon->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	return loop_watch(httpd->loop, &daemon->watch, info->epoll_fd, EPOLLIN, err);
}

struct httpd *httpd_new(struct loop *loop, const struct httpd_ops *ops, void *owner,
			const struct httpd_options *options, struct err *err)
{
	struct httpd *httpd = xcalloc(1, sizeof(*httpd));

	httpd->loop = loop;
	httpd->ops = ops;
	httpd->owner = owner;
	httpd->options = *options;
	httpd->daemons = xcalloc(options->daemons, sizeof(*httpd->daemons));
	httpd->retry.fire = on_retry;
	httpd->sweep.fire = on_sweep;
	list_init(&httpd->connections);
	for (unsigned i = 0; i < options->daemons; i++) {
		if (daemon_start(httpd, &httpd->daemons[i], err) < 0) {
			httpd_free(httpd);
			return NULL;
		}
	}
	return httpd;
}

/* A suspended connection must be resumed before its daemon may be stopped. */
static void daemon_stop(struct httpd_daemon *daemon)
{
	if (daemon->mhd == NULL)
		return;
	daemon_run(daemon);
	LIST_EACH(&daemon->httpd->connections, node)
	{
		struct httpd_connection *connection = CONTAINER_OF(node, struct httpd_connection, node);

		if (connection->daemon == daemon && connection->request != NULL)
			httpd_request_lose(connection->request);
	}
	daemon_run(daemon);
	loop_undefer(daemon->httpd->loop, &daemon->run);
	loop_unwatch(daemon->httpd->loop, &daemon->watch);
	MHD_stop_daemon(daemon->mhd);
	daemon->mhd = NULL;
}

void httpd_free(struct httpd *httpd)
{
	if (httpd == NULL)
		return;
	httpd_stop_listening(httpd);
	for (unsigned i = 0; i < httpd->options.daemons; i++)
		daemon_stop(&httpd->daemons[i]);
	LIST_EACH(&httpd->connections, node)
		connection_free(CONTAINER_OF(node, struct httpd_connection, node));
	loop_timer_clear(httpd->loop, &httpd->sweep);
	free(httpd->daemons);
	free(httpd);
}
