/* SPDX-License-Identifier: MIT */
/*
 * The admin thread: requests come in over the Unix socket, are answered by routes.c, and go out here.
 */
#include "admin/admin.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "admin/apply.h"
#include "admin/change.h"
#include "admin/context.h"
#include "admin/corrections.h"
#include "admin/events.h"
#include "admin/pulse.h"
#include "admin/request.h"
#include "admin/routes.h"
#include "admin/seeds.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "loop/fetch.h"
#include "loop/httpd.h"
#include "store/price_dates.h"

#define BODY_MAX (32u << 20)            /* the largest price file is a few megabytes */
#define IDLE_S 600                      /* a dashboard may think for a while */
#define CONNECTIONS 256
#define ROUND_MS INT64_C(3600000)       /* a timer further away than this is set again then */

/* -- requests ------------------------------------------------------------------------------------ */

static const char *query_of(const struct admin_request *r, const char *name)
{
	return httpd_query(r->http, name);
}

static const char *header_of(const struct admin_request *r, const char *name)
{
	return httpd_header(r->http, name);
}

void admin_send(struct admin_request *r)
{
	struct buf text;

	if (r->content_type != NULL) {
		httpd_reply(r->http, r->status, r->content_type, r->answer_text.data, r->answer_text.len);
		return;
	}
	buf_init(&text, ADMIN_ANSWER_MAX);
	if (!json_print(r->answer, &text)) {
		request_fail_as(r, 400, "invalid", "the answer would be too large; ask for less with limit");
		buf_clear(&text);
		json_print(r->answer, &text);
	}
	buf_puts(&text, "\n");
	httpd_reply(r->http, r->status, "application/json", text.data, text.len);
	buf_release(&text);
}

static void on_head(struct httpd_request *http)
{
	struct admin *a = httpd_owner(http);
	const struct settings *s = a->options.settings;
	struct admin_request *r = xmalloc(sizeof(*r));
	struct err err = {0};

	request_init(r, a);
	httpd_set_arg(http, r);
	r->http = http;
	r->method = httpd_method(http);
	r->path = httpd_path(http);
	r->query = query_of;
	r->header = header_of;
	if (peer_of_socket(httpd_fd(http), s->admin_group, s->viewer_group, &r->peer, &err) < 0) {
		log_error("%s", err.text);
		r->peer.role = ROLE_NONE;
	}
	/* Strangers are refused before they send a body. */
	if (r->peer.role == ROLE_NONE) {
		routes_answer(r);
		admin_send(r);
	}
}

static void on_ready(struct httpd_request *http)
{
	struct admin_request *r = httpd_arg(http);
	const struct buf *body = httpd_body(http);

	r->text = body->data;
	r->text_len = body->len;
	if (httpd_too_large(http))
		request_fail_as(r, 413, "invalid", "the body is larger than 32 MiB");
	else
		routes_answer(r);
	if (!r->later)
		admin_send(r);
}

static void on_drained(struct httpd_request *http)
{
	events_drained(httpd_arg(http));
}

static void on_closed(struct httpd_request *http)
{
	struct admin_request *r = httpd_arg(http);

	if (r->pending != NULL && r->cancel != NULL)
		r->cancel(r);
	request_release(r);
	free(r);
}

static const struct httpd_ops ops = {
	.head = on_head,
	.ready = on_ready,
	.drained = on_drained,
	.closed = on_closed,
};

/* -- prices with a date -------------------------------------------------------------------------- */

static void on_next_price(struct loop_timer *timer)
{
	struct admin *a = CONTAINER_OF(timer, struct admin, next_price);
	struct err err = {0};

	if (db_begin(a->db, &err) < 0 || change_publish(a, &err) < 0) {
		log_error("bringing a new price into force: %s", err.text);
		loop_timer_after(a->loop, &a->next_price, ROUND_MS / 60);
	}
}

void admin_watch_prices(struct admin *a)
{
	int64_t now_ms = clock_wall_ms(), at_ms = INT64_MAX;
	struct err err = {0};

	if (a->loop == NULL)
		return;
	loop_timer_clear(a->loop, &a->next_price);
	if (price_next(a->db, now_ms, &at_ms, &err) < 0)
		log_error("looking for the next price: %s", err.text);
	if (at_ms != INT64_MAX)
		loop_timer_after(a->loop, &a->next_price, at_ms - now_ms < ROUND_MS ? at_ms - now_ms + 1 : ROUND_MS);
}

/* -- from other threads -------------------------------------------------------------------------- */

void admin_feed(struct admin *a, const struct call_record *records, size_t num_records)
{
	pulse_add(a->pulse, records, num_records);
	events_feed(a->events, records, num_records);
}

/* A request of the main thread's, which waits for it. */
struct reseed {
	struct loop_task task;
	struct admin *admin;
	const struct config *config;
	struct err err;
	sem_t done;
};

static void do_reseed(struct loop_task *task)
{
	struct reseed *s = CONTAINER_OF(task, struct reseed, task);
	struct db *db = s->admin->db;

	if (db_begin(db, &s->err) == 0) {
		if (seed_missing(db, s->config, &s->err) < 0)
			db_rollback(db);
		else if (change_publish(s->admin, &s->err) == 0)
			seeds_note(s->admin, s->config);
	}
	sem_post(&s->done);
}

int admin_reseed(struct admin *a, const struct config *config, struct err *err)
{
	struct reseed s = {.task = {.run = do_reseed}, .admin = a, .config = config};

	sem_init(&s.done, 0, 0);
	loop_post(a->loop, &s.task);
	while (sem_wait(&s.done) < 0 && errno == EINTR)
		;
	sem_destroy(&s.done);
	if (s.err.code != ERR_NONE)
		return err_set(err, s.err.code, "%s", s.err.text);
	return 0;
}

/* -- beginning and end --------------------------------------------------------------------------- */

/* Each directory above the socket that is not there. */
static void make_directories(const char *path)
{
	char *copy = xstrdup(path);

	for (char *p = copy + 1; *p != '\0'; p++)
		if (*p == '/') {
			*p = '\0';
			if (mkdir(copy, 0755) == 0)
				chmod(copy, 0755);      /* whatever the umask: viewers pass through it */
			*p = '/';
		}
	free(copy);
}

static void stop_when_idle(struct admin *a)
{
	if (a->stopping && a->num_jobs == 0)
		loop_stop(a->loop);
}

void admin_job_ended(struct admin *a)
{
	a->num_jobs--;
	stop_when_idle(a);
}

static void on_quit(struct loop_task *task)
{
	struct admin *a = CONTAINER_OF(task, struct admin, quit);

	a->stopping = true;
	events_end_all(a->events);
	stop_when_idle(a);
}

static void *run(void *arg)
{
	struct admin *a = arg;

	loop_run(a->loop);
	/* Goodbyes leave, connections close. */
	loop_turn(a->loop, 0);
	loop_turn(a->loop, 10);
	loop_timer_clear(a->loop, &a->next_price);
	loop_timer_clear(a->loop, &a->corrections.timer);
	httpd_free(a->httpd);
	fetch_pool_free(a->fetches);
	return NULL;
}

static void admin_free(struct admin *a)
{
	events_free(a->events);
	pulse_free(a->pulse);
	index_release(&a->index);
	corrections_release(a);
	seeds_release(a);
	spend_cache_forget(&a->spend[SPEND_OF_TEAMS]);
	spend_cache_forget(&a->spend[SPEND_OF_KEYS]);
	if (a->loop != NULL)
		loop_free(a->loop);
	if (a->db != NULL)
		db_close(a->db);
	free(a);
}

static int listen_on(struct admin *a, struct err *err)
{
	static const struct httpd_options options = {
		.daemons = 1, .body_max = BODY_MAX, .idle_s = IDLE_S, .connections = CONNECTIONS};
	const char *path = a->options.settings->socket;

	a->httpd = httpd_new(a->loop, &ops, a, &options, err);
	if (a->httpd == NULL)
		return err->code;
	make_directories(path);
	/* Who may do what is decided by who they are, not by who may connect. */
	return httpd_listen_unix(a->httpd, path, 0666, err);
}

static int build(struct admin *a, struct err *err)
{
	a->started_ms = clock_wall_ms();
	a->quit.run = on_quit;
	a->next_price.fire = on_next_price;
	corrections_init(a);
	if (a->options.config != NULL)
		seeds_note(a, a->options.config);
	a->pulse = pulse_new(a->started_ms);
	a->events = events_new(a);
	a->db = db_open(a->options.db_path, DB_WRITE, err);
	if (a->db == NULL || pulse_begin(a->pulse, a->db, a->started_ms, err) < 0)
		return err->code;
	a->loop = loop_new(err);
	if (a->loop == NULL)
		return err->code;
	a->fetches = fetch_pool_new(a->loop, err);
	return a->fetches != NULL ? listen_on(a, err) : err->code;
}

struct admin *admin_start(const struct admin_options *options, struct err *err)
{
	struct admin *a = xcalloc(1, sizeof(*a));
	int rc;

	a->options = *options;
	rc = build(a, err);
	if (rc == 0) {
		admin_watch_prices(a);
		rc = pthread_create(&a->thread, NULL, run, a);
		if (rc == 0)
			return a;
		errno = rc;
		err_errno(err, "starting the admin thread");
	}
	if (a->httpd != NULL)
		httpd_free(a->httpd);
	if (a->fetches != NULL)
		fetch_pool_free(a->fetches);
	admin_free(a);
	return NULL;
}

void admin_drain(struct admin *a)
{
	if (a->drained)
		return;
	loop_post(a->loop, &a->quit);
	pthread_join(a->thread, NULL);
	a->drained = true;
}

void admin_stop(struct admin *a)
{
	if (a == NULL)
		return;
	admin_drain(a);
	admin_free(a);
}
