/* SPDX-License-Identifier: MIT */
/* The daemon is connected to, listened to and missed here. */
#include "model/session.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "model/now.h"

#define STALE_MS 3000
#define MAX_NEWS_PER_SECOND 20
#define FAREWELL_US 2000000u
#define SECOND_US 1000000u

/* A change that is under way. */
struct pending {
	struct list_node node;
	struct session *session;
	client_done *done;      /* NULL once forgotten */
	void *owner;
};

static void news(struct session *s)
{
	s->news(s->arg);
}

static void replace(json_t **where, json_t *value)
{
	json_decref(*where);
	*where = json_incref(value);
}

/* How many pulses REFRESH_SLOWLY lets pass. */
#define SLOW_PULSES 10

/* Whether a pulse is enough to ask for it again; what failed is asked again as well. */
static bool is_due(const struct resource *r)
{
	switch (r->refresh) {
	case REFRESH_EACH_PULSE:
		return true;
	case REFRESH_SLOWLY:
		return r->session->num_pulses % SLOW_PULSES == 0 || r->error[0] != '\0';
	case REFRESH_ON_CHANGE:
		break;
	}
	return r->error[0] != '\0';
}

static void fetch_shown(struct session *s, bool due_only)
{
	LIST_EACH(&s->resources, n) {
		struct resource *r = CONTAINER_OF(n, struct resource, node);

		if (r->frame == s->frame && (!due_only || is_due(r)))
			resource_fetch(r);
	}
}

static void on_hello(struct session *s, json_t *status)
{
	bool is_back = s->link == LINK_DOWN;

	replace(&s->status, status);
	s->link = LINK_LIVE;
	s->was_live = true;
	s->tries = 0;
	s->error[0] = '\0';
	s->pulse_at_ms = clock_wall_ms();
	if (is_back)
		fetch_shown(s, false);
}

static void on_pulse(struct session *s, json_t *pulse)
{
	s->pulse_at_ms = clock_wall_ms();
	s->calls_this_second = 0;
	if (s->paused)
		return;
	replace(&s->pulse, pulse);
	s->num_pulses++;
	fetch_shown(s, true);
}

static void on_event(void *arg, const char *name, json_t *data)
{
	struct session *s = arg;

	if (strcmp(name, "hello") == 0)
		on_hello(s, data);
	else if (strcmp(name, "pulse") == 0)
		on_pulse(s, data);
	else if (strcmp(name, "change") == 0 && !s->paused)
		fetch_shown(s, false);
	else if (strcmp(name, "call") == 0 && !s->paused) {
		tail_add(&s->tail, data);
		/* At a glance nobody reads more: the pulse shows the others. */
		if (++s->calls_this_second > MAX_NEWS_PER_SECOND)
			return;
	}
	else if (strcmp(name, "skipped") == 0 && !s->paused)
		tail_skip(&s->tail, (uint64_t)json_int_peek(data, "calls", 0));
	else
		return;
	news(s);
}

static void on_end(void *arg, const struct err *err)
{
	static const unsigned wait_s[] = {1, 2, 4, 8, 15};
	struct session *s = arg;
	size_t n = s->tries < ARRAY_LEN(wait_s) ? s->tries : ARRAY_LEN(wait_s) - 1;

	s->stream = NULL;
	if (s->link != LINK_DOWN)
		s->down_since_ms = clock_wall_ms();
	s->link = LINK_DOWN;
	s->tries++;
	s->next_try_us = clock_mono_us() + (uint64_t)wait_s[n] * SECOND_US;
	copy_text(s->error, sizeof(s->error), err->text);
	news(s);
}

static void connect_stream(struct session *s)
{
	s->stream = client_stream(s->client, "/v1/events", on_event, on_end, s);
}

void session_start(struct session *s, const char *socket, void (*on_news)(void *arg), void *arg)
{
	memset(s, 0, sizeof(*s));
	list_init(&s->resources);
	list_init(&s->changes);
	tail_init(&s->tail);
	s->news = on_news;
	s->arg = arg;
	s->frame = 1;
	s->client = client_new(socket, "tui");
	connect_stream(s);
}

/* Who confirms a change and leaves at once wants it made. */
static void wait_for_changes(struct session *s)
{
	uint64_t until = clock_mono_us() + FAREWELL_US;

	while (!list_is_empty(&s->changes) && s->link == LINK_LIVE && clock_mono_us() < until)
		client_wait(s->client, NULL, 0, 100);
}

void session_stop(struct session *s)
{
	static const struct err leaving = {.code = ERR_SYSTEM, .text = "left before the daemon answered"};
	static const struct client_answer none = {.status = 0, .json = NULL, .err = &leaving};

	wait_for_changes(s);
	client_free(s->client);
	LIST_EACH(&s->changes, n) {
		struct pending *p = CONTAINER_OF(n, struct pending, node);

		if (p->done != NULL)
			p->done(p->owner, &none);
		free(p);
	}
	tail_release(&s->tail);
	json_decref(s->status);
	json_decref(s->pulse);
	memset(s, 0, sizeof(*s));
}

void session_tick(struct session *s)
{
	if (s->stream == NULL && clock_mono_us() >= s->next_try_us)
		connect_stream(s);
}

int session_timeout_ms(const struct session *s)
{
	uint64_t now = clock_mono_us();

	if (s->stream != NULL)
		return -1;
	return s->next_try_us <= now ? 0 : (int)((s->next_try_us - now) / 1000 + 1);
}

bool session_is_settled(const struct session *s)
{
	LIST_EACH(&s->resources, n) {
		if (CONTAINER_OF(n, const struct resource, node)->handle != NULL)
			return false;
	}
	return s->link == LINK_LIVE && s->pulse != NULL && list_is_empty(&s->changes);
}

void session_refresh(struct session *s)
{
	s->next_try_us = 0;
	fetch_shown(s, false);
}

void session_pause(struct session *s, bool paused)
{
	s->paused = paused;
	s->paused_at_ms = now_ms();
	if (!paused)
		fetch_shown(s, false);
}

int64_t session_stale_ms(const struct session *s)
{
	int64_t age = clock_wall_ms() - s->pulse_at_ms;

	return s->link == LINK_LIVE && age > STALE_MS ? age : 0;
}

static const json_t *you(const struct session *s)
{
	return s->status != NULL ? json_object_get(s->status, "you") : NULL;
}

const char *session_user(const struct session *s)
{
	const char *user = you(s) != NULL ? json_text_peek(you(s), "user") : NULL;

	return user != NULL ? user : "-";
}

bool session_is_demo(const struct session *s)
{
	return s->status != NULL && json_bool_peek(s->status, "demo");
}

const char *session_refusal(const struct session *s, char *out, size_t size)
{
	const char *role = you(s) != NULL ? json_text_peek(you(s), "role") : NULL;

	if (s->link != LINK_LIVE)
		copy_text(out, size, "not connected, changes wait for the daemon (r tries now)");
	else if (s->read_only)
		copy_text(out, size, "read only: started with --read-only");
	else if (role != NULL && strcmp(role, "admin") != 0)
		snprintf(out, size, "read only: %s is %s, changes need admin", session_user(s), role);
	else
		return NULL;
	return out;
}

static void on_change_done(void *arg, const struct client_answer *answer)
{
	struct pending *p = arg;
	struct session *s = p->session;

	list_remove(&s->changes, &p->node);
	if (p->done != NULL)
		p->done(p->owner, answer);
	free(p);
	fetch_shown(s, false);
	news(s);
}

void session_send(struct session *s, const struct change *change, client_done *done, void *owner)
{
	struct pending *p = xcalloc(1, sizeof(*p));
	char revision[24], idempotency[ID_TEXT];
	struct client_options options = {.reason = change->reason, .dry_run = change->dry_run};

	p->session = s;
	p->done = done;
	p->owner = owner;
	list_append(&s->changes, &p->node);
	if (change->revision != 0) {
		snprintf(revision, sizeof(revision), "%lld", (long long)change->revision);
		options.if_match = revision;
	}
	if (!change->dry_run && strcmp(change->method, "GET") != 0) {
		id_random(idempotency, "tui-", 16);
		options.idempotency_key = idempotency;
	}
	client_start(s->client, change->method, change->path, change->body, &options, on_change_done, p);
}

void session_forget(struct session *s, const void *owner)
{
	LIST_EACH(&s->changes, n) {
		struct pending *p = CONTAINER_OF(n, struct pending, node);

		if (p->owner == owner)
			p->done = NULL;
	}
}
