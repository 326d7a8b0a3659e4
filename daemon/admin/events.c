/* SPDX-License-Identifier: MIT */
/* Those who watch are told what happens here, as server-sent events. */
#include "admin/events.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"

#define CALLS_PER_SECOND 200
#define EVENT_MAX (64u << 10)
#define TICK_MS 1000
#define BLOCKED_MAX_US UINT64_C(30000000)

/* One who watches; lives as long as its request. */
struct stream {
	struct list_node node;
	struct httpd_request *http;
	uint64_t blocked_us;            /* since when its backlog is full; 0: it is not */
	int64_t lost;                   /* calls it was not told of meanwhile */
};

struct events {
	struct admin *admin;
	struct list streams;
	struct loop_timer tick;         /* set while somebody watches */

	/* From the writer's thread to ours. */
	_Atomic bool wanted;
	pthread_mutex_t lock;           /* over the rest */
	struct call_record *pending;    /* without their attempts; NULL until somebody watched */
	size_t num_pending;
	int64_t second, in_second;      /* how many were taken in it */
	int64_t skipped;                /* since the last tick */
	struct loop_task deliver;
};

/* -- one event to one stream --------------------------------------------------------------------- */

static bool print_event(struct buf *out, const char *name, const json_t *data)
{
	return buf_printf(out, "event: %s\ndata: ", name) && json_print(data, out) && buf_puts(out, "\n\n");
}

static void cut(struct stream *s)
{
	log_info("a reader of events does not read; its connection is closed");
	httpd_abort(s->http);
	s->blocked_us = 0;      /* what is written to it from now on is dropped */
}

/* What becomes of an event for which a full stream has no room. */
enum when_full {
	IS_DROPPED,             /* the next one says the same, newer */
	IS_COUNTED,             /* a call: "skipped" tells how many */
	ENDS_STREAM,            /* must not be missed */
};

static void put(struct stream *s, const struct buf *event, enum when_full when_full)
{
	if (s->blocked_us == 0) {
		if (!httpd_write(s->http, event->data, event->len))
			s->blocked_us = clock_mono_us();
		return;
	}
	switch (when_full) {
	case IS_DROPPED:
		break;
	case IS_COUNTED:
		s->lost++;
		break;
	case ENDS_STREAM:
		cut(s);
		break;
	}
}

static void put_all(struct events *e, const char *name, const json_t *data, enum when_full when_full)
{
	struct buf event;

	buf_init(&event, EVENT_MAX);
	if (print_event(&event, name, data))
		LIST_EACH(&e->streams, n)
			put(CONTAINER_OF(n, struct stream, node), &event, when_full);
	buf_release(&event);
}

static void put_skipped(struct events *e, struct stream *only, int64_t calls)
{
	json_t *data = json_object();
	struct buf event;

	json_add_int(data, "calls", calls);
	if (only == NULL) {
		put_all(e, "skipped", data, IS_DROPPED);
	} else {
		buf_init(&event, EVENT_MAX);
		if (print_event(&event, "skipped", data))
			put(only, &event, IS_DROPPED);
		buf_release(&event);
	}
	json_decref(data);
}

/* -- calls --------------------------------------------------------------------------------------- */

static void add_flags(json_t *call, const struct call_record *r)
{
	json_add_bool(call, "stream", (r->flags & CALL_STREAM) != 0);
	json_add_bool(call, "estimated", (r->flags & CALL_ESTIMATED) != 0);
	json_add_bool(call, "simulated", (r->flags & CALL_SIMULATED) != 0);
}

static void add_usage(json_t *call, const struct call_record *r)
{
	static const enum usage_field fields[] = {USAGE_INPUT,          USAGE_OUTPUT,         USAGE_CACHE_READ,
						  USAGE_CACHE_WRITE_5M, USAGE_CACHE_WRITE_1H, USAGE_REASONING};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		json_add_int(call, usage_field_name(fields[i]),
			     r->usage.source[fields[i]] != USAGE_NONE ? r->usage.count[fields[i]] : INT64_MIN);
}

static void add_times(json_t *call, const struct call_record *r)
{
	json_add_int(call, "total_us", r->total_us);
	json_add_int(call, "first_byte_us", r->first_byte_us >= 0 ? r->first_byte_us : INT64_MIN);
	json_add_int(call, "upstream_us", r->upstream_us);
	json_add_int(call, "gateway_us", r->gateway_us);
}

static void add_label(json_t *call, const char *name, const char *text)
{
	json_add_text(call, name, *text != '\0' ? text : NULL);
}

/* As in lists (store/ledger_calls.c has the same from rows). */
static json_t *call_json(struct admin *a, const struct call_record *r)
{
	const struct view_key *key = index_key(a, r->key_id);
	json_t *call = json_object();
	char id[ID_TEXT];

	json_add_text(call, "id", id_format(r->id, id));
	json_add_time(call, "at", id_wall_ms(r->id));
	json_add_text(call, "team", key != NULL ? key->team->name : NULL);
	json_add_text(call, "key", key != NULL ? key->name : NULL);
	json_add_text(call, "key_id", key != NULL ? key->public_id : NULL);
	add_label(call, "asked", r->asked);
	add_label(call, "provider", r->provider);
	add_label(call, "model", r->model);
	json_add_int(call, "status", r->status);
	json_add_text(call, "result", call_result_name(r->result));
	json_add_text(call, "finish", finish_reason_name(r->finish));
	add_flags(call, r);
	add_label(call, "error", r->error);
	add_usage(call, r);
	json_add_money(call, "cost_usd", r->cost_nusd);
	json_add_money(call, "billed_usd", r->billed_nusd);
	add_times(call, r);
	json_add_int(call, "attempts", r->num_attempts);
	add_label(call, "app", r->app);
	add_label(call, "user", r->user);
	add_label(call, "session", r->session);
	add_label(call, "tags", r->tags);
	return call;
}

static void deliver(struct loop_task *task)
{
	struct events *e = CONTAINER_OF(task, struct events, deliver);
	struct call_record *taken;
	size_t num;

	pthread_mutex_lock(&e->lock);
	taken = e->pending;
	num = e->num_pending;
	e->num_pending = 0;
	e->pending = e->wanted ? xcalloc(CALLS_PER_SECOND, sizeof(*e->pending)) : NULL;
	pthread_mutex_unlock(&e->lock);
	for (size_t i = 0; i < num; i++) {
		json_t *call = call_json(e->admin, &taken[i]);

		put_all(e, "call", call, IS_COUNTED);
		json_decref(call);
	}
	free(taken);
}

/* Under the lock: takes one over, or counts it as skipped. */
static void take(struct events *e, const struct call_record *record, int64_t second)
{
	if (e->second != second) {
		e->second = second;
		e->in_second = 0;
	}
	if (e->pending == NULL || e->num_pending == CALLS_PER_SECOND || e->in_second >= CALLS_PER_SECOND) {
		e->skipped++;
		return;
	}
	e->in_second++;
	memcpy(&e->pending[e->num_pending++], record, offsetof(struct call_record, attempts));
}

void events_feed(struct events *e, const struct call_record *records, size_t num_records)
{
	int64_t second = clock_wall_ms() / 1000;

	if (!atomic_load(&e->wanted))
		return;
	pthread_mutex_lock(&e->lock);
	for (size_t i = 0; i < num_records; i++)
		take(e, &records[i], second);
	pthread_mutex_unlock(&e->lock);
	loop_post(e->admin->loop, &e->deliver);
}

/* -- changes ------------------------------------------------------------------------------------- */

void events_change(struct admin *a, const struct change *c)
{
	json_t *data;

	if (a->events == NULL || list_is_empty(&a->events->streams))
		return;
	data = json_object();
	json_add_int(data, "audit_id", c->audit_id);
	json_add_text(data, "action", c->action);
	json_add_text(data, "object", c->object);
	json_add_text(data, "who", c->who->user);
	json_add_int(data, "generation", admin_generation(a));
	put_all(a->events, "change", data, ENDS_STREAM);
	json_decref(data);
}

/* -- each second --------------------------------------------------------------------------------- */

static int64_t take_skipped(struct events *e)
{
	int64_t skipped;

	pthread_mutex_lock(&e->lock);
	skipped = e->skipped;
	e->skipped = 0;
	pthread_mutex_unlock(&e->lock);
	return skipped;
}

static void put_pulse(struct events *e)
{
	struct err err = {0};
	json_t *pulse = pulse_show(e->admin, &err);

	if (pulse != NULL)
		put_all(e, "pulse", pulse, IS_DROPPED);
	else
		log_warn("reading the pulse: %s", err.text);
	json_decref(pulse);
}

static void tick(struct loop_timer *timer)
{
	struct events *e = CONTAINER_OF(timer, struct events, tick);
	uint64_t now_us = clock_mono_us();
	int64_t skipped = take_skipped(e);

	LIST_EACH(&e->streams, n) {
		struct stream *s = CONTAINER_OF(n, struct stream, node);

		if (s->blocked_us != 0 && now_us - s->blocked_us > BLOCKED_MAX_US)
			cut(s);
	}
	if (list_is_empty(&e->streams))
		return;
	if (skipped > 0)
		put_skipped(e, NULL, skipped);
	put_pulse(e);
	loop_timer_after(e->admin->loop, &e->tick, TICK_MS);
}

/* -- streams come and go ------------------------------------------------------------------------- */

static void stream_close(struct admin_request *r)
{
	struct events *e = r->admin->events;
	struct stream *s = r->pending;

	list_remove(&e->streams, &s->node);
	free(s);
	r->pending = NULL;
	if (!list_is_empty(&e->streams))
		return;
	atomic_store(&e->wanted, false);
	loop_timer_clear(e->admin->loop, &e->tick);
}

static void begin_watching(struct events *e)
{
	pthread_mutex_lock(&e->lock);
	if (e->pending == NULL)
		e->pending = xcalloc(CALLS_PER_SECOND, sizeof(*e->pending));
	e->skipped = 0;
	pthread_mutex_unlock(&e->lock);
	atomic_store(&e->wanted, true);
	if (e->tick.place == 0)
		loop_timer_after(e->admin->loop, &e->tick, TICK_MS);
}

int events_open(struct admin_request *r, struct err *err)
{
	struct events *e = r->admin->events;
	struct stream *s;
	struct buf hello;
	json_t *status;

	if (r->http == NULL)
		return err_set(err, ERR_INVALID, "events need a connection to stream over");
	s = xcalloc(1, sizeof(*s));
	s->http = r->http;
	r->pending = s;
	r->cancel = stream_close;
	r->later = true;
	list_append(&e->streams, &s->node);
	begin_watching(e);

	httpd_add_header(r->http, "Cache-Control", "no-store");
	httpd_stream(r->http, 200, "text/event-stream");
	status = status_show(r->admin, r);
	buf_init(&hello, EVENT_MAX);
	if (print_event(&hello, "hello", status))
		put(s, &hello, ENDS_STREAM);
	buf_release(&hello);
	json_decref(status);
	return 0;
}

void events_drained(struct admin_request *r)
{
	struct stream *s = r->pending;
	int64_t lost;

	if (r->cancel != stream_close || s == NULL)
		return;
	lost = s->lost;
	s->blocked_us = 0;
	s->lost = 0;
	if (lost > 0)
		put_skipped(r->admin->events, s, lost);
}

struct events *events_new(struct admin *a)
{
	struct events *e = xcalloc(1, sizeof(*e));

	e->admin = a;
	e->tick.fire = tick;
	e->deliver.run = deliver;
	list_init(&e->streams);
	pthread_mutex_init(&e->lock, NULL);
	return e;
}

void events_free(struct events *e)
{
	if (e == NULL)
		return;
	free(e->pending);
	pthread_mutex_destroy(&e->lock);
	free(e);
}

void events_end_all(struct events *e)
{
	LIST_EACH(&e->streams, n)
		httpd_end(CONTAINER_OF(n, struct stream, node)->http);
}
