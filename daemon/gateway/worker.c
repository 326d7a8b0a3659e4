/* SPDX-License-Identifier: MIT */
/* A worker's thread is started, drained and ended here; its parts are put together. */
#include "gateway/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "gateway/call.h"

/* The largest request body, spec section 3. */
#define REQUEST_MAX (64u << 20)

/* Connections to providers that wait for the next call. */
#define KEPT_CONNECTIONS 1024

#define SLICE_NS 100000

/* The kernel's struct sched_attr (sched_setattr(2)), which C libraries have only lately. */
struct scheduling {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

struct worker {
	struct gateway gateway;
	struct worker_stats stats;
	struct publisher *publisher;
	pthread_t thread;
	unsigned number;
	bool running;
	struct loop_task drain, stop;
};

/*
 * A turn of the loop is short, and calls wait for it: with a short slice the thread is scheduled soon after
 * it wakes, also where a report is being read on the same core.  Linux heeds this since 6.12; elsewhere it
 * changes nothing, which is why failure is no matter.
 */
static void ask_for_short_slices(void)
{
	struct scheduling s = {.size = sizeof(s)};

	/* What it has otherwise (its niceness) stays. */
	if (syscall(SYS_sched_getattr, 0, &s, sizeof(s), 0) != 0)
		return;
	s.runtime = SLICE_NS;
	syscall(SYS_sched_setattr, 0, &s, 0);
}

static void *run(void *arg)
{
	struct worker *w = arg;

	ask_for_short_slices();
	loop_run(w->gateway.loop);
	return NULL;
}

static void on_drain(struct loop_task *task)
{
	struct worker *w = CONTAINER_OF(task, struct worker, drain);

	httpd_stop_listening(w->gateway.httpd);
}

static void on_stop(struct loop_task *task)
{
	struct worker *w = CONTAINER_OF(task, struct worker, stop);

	/* Closing the connections settles what is still open. */
	httpd_free(w->gateway.httpd);
	w->gateway.httpd = NULL;
	loop_stop(w->gateway.loop);
}

/* The parts in the order in which they lean on one another; undone in reverse by release(). */
static int build(struct worker *w, const struct worker_options *o, struct err *err)
{
	struct gateway *g = &w->gateway;
	const struct httpd_options http = {
		.daemons = 16, .body_max = REQUEST_MAX, .idle_s = 120, .connections = o->connections};

	gateway_init(g);
	g->stats = &w->stats;
	g->all_stats = o->stats;
	g->journal = o->journal;
	g->writer = o->writer;
	g->power_safe = o->power_safe;
	id_source_init(&g->ids, o->number, o->newest_id);
	w->publisher = o->publisher;
	w->drain.run = on_drain;
	w->stop.run = on_stop;
	if ((g->loop = loop_new(err)) == NULL || (g->fetches = fetch_pool_new(g->loop, err)) == NULL ||
	    (g->httpd = httpd_new(g->loop, &call_http_ops, g, &http, err)) == NULL ||
	    httpd_listen_tcp(g->httpd, o->listen, err) < 0)
		return err->code;
	fetch_pool_keep(g->fetches, o->connections < KEPT_CONNECTIONS ? o->connections : KEPT_CONNECTIONS);
	g->seat = publisher_join(o->publisher, g->loop);
	return 0;
}

static void release(struct worker *w)
{
	struct gateway *g = &w->gateway;

	if (g->httpd != NULL)
		httpd_free(g->httpd);
	if (g->seat != NULL) {
		gateway_release(g);
		publisher_leave(w->publisher, g->seat);
	}
	if (g->fetches != NULL)
		fetch_pool_free(g->fetches);
	if (g->loop != NULL)
		loop_free(g->loop);
	free(w);
}

struct worker *worker_start(const struct worker_options *o, struct err *err)
{
	struct worker *w = xcalloc(1, sizeof(*w));

	if (build(w, o, err) < 0) {
		release(w);
		return NULL;
	}
	if (pthread_create(&w->thread, NULL, run, w) != 0) {
		err_errno(err, "starting a worker's thread");
		release(w);
		return NULL;
	}
	w->running = true;
	w->number = o->number;
	atomic_store(&o->stats->of[o->number], &w->stats);
	return w;
}

unsigned worker_port(const struct worker *w)
{
	return httpd_port(w->gateway.httpd);
}

const struct worker_stats *worker_stats(const struct worker *w)
{
	return &w->stats;
}

void worker_drain(struct worker *w)
{
	atomic_store(&w->gateway.draining, true);
	loop_post(w->gateway.loop, &w->drain);
}

void worker_free(struct worker *w)
{
	if (w->running) {
		loop_post(w->gateway.loop, &w->stop);
		pthread_join(w->thread, NULL);
		atomic_store(&w->gateway.all_stats->of[w->number], NULL);
	}
	release(w);
}
