/* SPDX-License-Identifier: MIT */
/*
 * load — one request again and again at a steady rate, whether answers keep up or not, and how long
 * answers took, counted from when each request was due.
 *
 *   load PORT --rate N --seconds S [--connections N] < REQUEST      N a second
 *   load PORT --rate 0 --seconds S [--connections N] < REQUEST      each connection as fast as it is answered
 *
 * Prints JSON: calls, calls_per_s, p50_us, p90_us, p99_us, max_us, failed (answers other than 200) and
 * waiting (requests that were due and not answered at the end).  Answers must have a content-length.
 * Where it may, it runs before all others: its own waiting for a processor would count as the daemon's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define CONNECTIONS_MAX 1024
#define REQUEST_MAX (1 << 20)
#define ANSWER_MAX 65536
#define EVENTS 64

struct connection {
	int fd;
	uint64_t due_us;                /* of the request at hand */
	size_t length;                  /* of answer so far */
	char answer[ANSWER_MAX];
};

struct load {
	int64_t rate, seconds, connections;
	int epoll, timer;
	uint16_t port;
	char *request;
	size_t request_length;
	struct connection *all, **idle;
	size_t num_idle;
	uint64_t began_us, until_us;
	uint64_t num_due, num_sent, failed;
	uint32_t *took_us;
	size_t num_took, max_took;
};

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* -- connections --------------------------------------------------------------------------------- */

static void connection_open(struct load *l, struct connection *c)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(l->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		die("connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
		die("epoll_ctl");
}

static void send_request(struct load *l, struct connection *c, uint64_t due_us)
{
	c->due_us = due_us;
	c->length = 0;
	l->num_sent++;
	/* A request is small: it fits into the socket's buffer, which is empty. */
	if (write(c->fd, l->request, l->request_length) != (ssize_t)l->request_length)
		die("write");
}

static uint64_t due_at(const struct load *l, uint64_t number)
{
	return l->began_us + number * 1000000 / (uint64_t)l->rate;
}

static void send_due(struct load *l)
{
	while (l->num_idle > 0 && l->num_sent < l->num_due)
		send_request(l, l->idle[--l->num_idle], due_at(l, l->num_sent));
}

/* Bytes of the whole answer; 0 while its head is not there. */
static size_t answer_length(const struct connection *c)
{
	static const char name[] = "\r\ncontent-length:";
	const char *end = memmem(c->answer, c->length, "\r\n\r\n", 4), *at = c->answer;

	if (end == NULL)
		return 0;
	while (at < end && strncasecmp(at, name, sizeof(name) - 1) != 0)
		at++;
	if (at == end) {
		errno = EPROTO;
		die("an answer without content-length");
	}
	return (size_t)(end + 4 - c->answer) + strtoul(at + sizeof(name) - 1, NULL, 10);
}

static void note(struct load *l, const struct connection *c, uint64_t now_us)
{
	if (memcmp(c->answer, "HTTP/1.1 200", 12) != 0)
		l->failed++;
	if (l->num_took == l->max_took) {
		l->max_took = l->max_took > 0 ? 2 * l->max_took : 65536;
		l->took_us = xrealloc(l->took_us, l->max_took, sizeof(*l->took_us));
	}
	l->took_us[l->num_took++] = (uint32_t)(now_us - c->due_us);
}

static void on_readable(struct load *l, struct connection *c)
{
	ssize_t n = read(c->fd, c->answer + c->length, sizeof(c->answer) - c->length);
	size_t whole;
	uint64_t now;

	if (n <= 0)
		die("read");
	c->length += (size_t)n;
	whole = answer_length(c);
	if (whole == 0 || c->length < whole)
		return;
	now = clock_mono_us();
	note(l, c, now);
	if (l->rate == 0 && now < l->until_us)
		send_request(l, c, now);
	else
		l->idle[l->num_idle++] = c;
}

/* -- time ---------------------------------------------------------------------------------------- */

static void on_timer(struct load *l)
{
	uint64_t expired, now = clock_mono_us();

	if (read(l->timer, &expired, sizeof(expired)) < 0)
		return;
	if (now > l->until_us)
		now = l->until_us;
	l->num_due = (now - l->began_us) * (uint64_t)l->rate / 1000000 + 1;
	send_due(l);
}

static void start_timer(struct load *l)
{
	struct itimerspec each = {0};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};

	each.it_interval.tv_nsec = l->rate > 1 ? 1000000000 / l->rate : 999999999;
	each.it_value.tv_nsec = 1;
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer < 0 || timerfd_settime(l->timer, 0, &each, NULL) < 0 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->timer, &event) < 0)
		die("timer");
}

static void run(struct load *l)
{
	struct epoll_event events[EVENTS];

	l->began_us = clock_mono_us();
	l->until_us = l->began_us + (uint64_t)l->seconds * 1000000;
	if (l->rate > 0)
		start_timer(l);
	while (l->rate == 0 && l->num_idle > 0)
		send_request(l, l->idle[--l->num_idle], clock_mono_us());
	while (clock_mono_us() < l->until_us) {
		int n = epoll_wait(l->epoll, events, EVENTS, 20);

		for (int i = 0; i < n; i++) {
			if (events[i].data.ptr == NULL)
				on_timer(l);
			else
				on_readable(l, events[i].data.ptr);
		}
		if (l->rate > 0)
			send_due(l);
	}
}

/* -- the outcome --------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t percentile(const struct load *l, size_t per_mille)
{
	return l->num_took > 0 ? l->took_us[(l->num_took - 1) * per_mille / 1000] : 0;
}

static void print_figures(struct load *l)
{
	double seconds = (double)(clock_mono_us() - l->began_us) / 1e6;
	uint64_t wanted = l->rate > 0 ? l->num_due : l->num_sent;

	qsort(l->took_us, l->num_took, sizeof(*l->took_us), compare);
	printf("{\"calls\": %zu, \"calls_per_s\": %.1f, \"p50_us\": %u, \"p90_us\": %u, \"p99_us\": %u, \"max_us\": %u, "
	       "\"failed\": %llu, \"waiting\": %llu}\n",
	       l->num_took, (double)l->num_took / seconds, percentile(l, 500), percentile(l, 900), percentile(l, 990),
	       percentile(l, 1000), (unsigned long long)l->failed, (unsigned long long)(wanted - l->num_took));
}

static bool parse(struct load *l, int argc, char **argv)
{
	static const struct option longs[] = {{"rate", required_argument, NULL, 'r'}, {"seconds", required_argument, NULL, 's'},
					      {"connections", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		int64_t *const into = c == 'r' ? &l->rate : c == 's' ? &l->seconds : c == 'c' ? &l->connections : NULL;

		if (into == NULL)
			return false;
		*into = atoll(optarg);
	}
	if (optind != argc - 1)
		return false;
	l->port = (uint16_t)atoi(argv[optind]);
	return l->port > 0 && l->rate >= 0 && l->rate <= 1000000 && l->seconds > 0 && l->connections > 0 &&
	       l->connections <= CONNECTIONS_MAX;
}

int main(int argc, char **argv)
{
	struct load l = {.rate = 500, .seconds = 5, .connections = 64};

	if (!parse(&l, argc, argv)) {
		fprintf(stderr, "usage: load PORT [--rate N] [--seconds S] [--connections N] < REQUEST\n");
		return 2;
	}
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
	l.request = xmalloc(REQUEST_MAX);
	l.request_length = fread(l.request, 1, REQUEST_MAX, stdin);
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	l.all = xcalloc((size_t)l.connections, sizeof(*l.all));
	l.idle = xcalloc((size_t)l.connections, sizeof(*l.idle));
	for (int64_t i = 0; i < l.connections; i++) {
		connection_open(&l, &l.all[i]);
		l.idle[l.num_idle++] = &l.all[i];
	}
	run(&l);
	print_figures(&l);
	return 0;
}
