/* SPDX-License-Identifier: MIT */
/* The demo's providers, teams and traffic. */
#include "admin/demo.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/mem.h"
#include "config/config.h"
#include "loop/fetch.h"
#include "loop/loop.h"
#include "store/store.h"

#define SECRET_TEXT 48
#define KEY_NAME "demo-traffic"

static const char seeds[] =
	"providers:\n"
	"  - {name: demo-openai, kind: sim, models: [gpt-5, gpt-5-mini],\n"
	"     options: {latency: 350ms, tokens: 120, rate: 90, jitter: 0.5, error_rate: 0.02, error_status: 429}}\n"
	"  - {name: demo-anthropic, kind: sim, models: [claude-sonnet-4-5, claude-haiku-4-5],\n"
	"     options: {latency: 500ms, tokens: 180, rate: 70, jitter: 0.5, error_rate: 0.004, error_status: 529}}\n"
	"  - {name: demo-local, kind: sim, models: [qwen3-32b],\n"
	"     options: {latency: 120ms, tokens: 60, rate: 40, jitter: 0.4}}\n"
	"prices:\n"
	"  - {model: gpt-5, input: 1.25, output: 10, cache_read: 0.125}\n"
	"  - {model: gpt-5-mini, input: 0.25, output: 2, cache_read: 0.025}\n"
	"  - {model: claude-sonnet-4-5, input: 3, output: 15, cache_read: 0.3}\n"
	"  - {model: claude-haiku-4-5, input: 1, output: 5, cache_read: 0.1}\n"
	"  - {model: qwen3-32b, provider: demo-local, input: 0.05, output: 0.1}\n"
	"chains:\n"
	"  - {name: smart, tiers: [[{target: demo-anthropic/claude-sonnet-4-5, weight: 3},\n"
	"     {target: demo-openai/gpt-5, weight: 1}], [{target: demo-local/qwen3-32b}]]}\n"
	"  - {name: fast, tiers: [[{target: demo-openai/gpt-5-mini}], [{target: demo-anthropic/claude-haiku-4-5}]]}\n"
	"  - {name: private, tiers: [[{target: demo-local/qwen3-32b}]]}\n"
	"teams:\n"
	"  - {name: payments, budget: 40/day}\n"
	"  - {name: search, budget: 500/month, rpm: 600}\n"
	"  - {name: support-bot, budget: 200/month}\n"
	"  - {name: data-eng, budget: 5/day, parallel: 20}\n"
	"  - {name: research}\n";

/* Who calls what, how often. */
static const struct demo_source {
	const char *team, *app, *model;
	unsigned per_minute, words;     /* words: of the prompt */
	bool stream;
} sources[] = {
	{"payments", "checkout-web", "smart", 40, 900, true},
	{"payments", "nightly-eval", "smart", 14, 5000, false},
	{"search", "ranker", "fast", 70, 300, false},
	{"search", "query-rewrite", "fast", 30, 120, false},
	{"support-bot", "zendesk", "smart", 18, 1500, true},
	{"data-eng", "etl-eu", "fast", 24, 2500, false},
	{"research", "notebooks", "private", 10, 700, true},
	{"research", "notebooks", "demo-openai/gpt-5", 3, 4000, true},
};

struct demo_key {
	const char *team;
	char secret[SECRET_TEXT];
};

struct demo {
	struct loop *loop;
	struct fetch_pool *fetches;
	pthread_t thread;
	bool running;
	char *url;
	struct demo_key keys[ARRAY_LEN(sources)];       /* one a source; those of a team are the same */
	struct demo_timer {
		struct loop_timer timer;
		struct demo *demo;
		size_t source;
	} timers[ARRAY_LEN(sources)];
	uint64_t random;
	struct loop_task stop;
	struct demo_call *open;
};

struct demo_call {
	struct demo *demo;
	struct demo_call *next, **back;
	struct fetch *fetch;
	struct buf body;
	char auth[SECRET_TEXT + 8];
	struct fetch_header headers[4];
};

int demo_configure(struct config *config, struct err *err)
{
	return config_parse(config, seeds, sizeof(seeds) - 1, "demo", err);
}

/* -- keys ----------------------------------------------------------------------------------------- */

static int insert_key(struct db *db, const char *team, const unsigned char hash[HASH_BYTES], struct err *err)
{
	char public_id[32];
	struct team_row owner = {0};
	struct key_row row = {
		.name = (char *)KEY_NAME, .prefix = (char *)"sk-tg-demo", .state = (char *)"active",
		.expires_at = STORE_NONE, .rpm = STORE_NONE, .tpm = STORE_NONE, .parallel = STORE_NONE,
		.previous_until = STORE_NONE, .revoked_at = STORE_NONE, .created_at = clock_wall_ms()};
	int rc = team_get(db, team, &owner, err);

	if (rc < 0)
		return rc;
	id_random(public_id, "key_", 12);
	row.public_id = public_id;
	row.team_id = owner.id;
	memcpy(row.hash, hash, HASH_BYTES);
	rc = key_insert(db, &row, err);
	team_release(&owner);
	return rc;
}

/* Nobody keeps the secret: each start makes another for the same key. */
static int renew_key(struct db *db, const char *team, char secret[SECRET_TEXT], struct err *err)
{
	char *name = xasprintf("%s/%s", team, KEY_NAME);
	unsigned char hash[HASH_BYTES];
	struct key_row row = {0};
	int rc;

	id_random(secret, "sk-tg-", 40);
	hash_sha256(secret, strlen(secret), hash);
	rc = key_get(db, name, &row, err);
	if (rc == 0) {
		memcpy(row.hash, hash, HASH_BYTES);
		rc = key_update(db, &row, err);
		key_release(&row);
	} else if (rc == ERR_NOT_FOUND) {
		rc = insert_key(db, team, hash, err);
	}
	free(name);
	return rc;
}

static int renew_keys(struct demo *d, struct db *db, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		bool same = i > 0 && strcmp(sources[i].team, sources[i - 1].team) == 0;
		int rc;

		d->keys[i].team = sources[i].team;
		if (same) {
			copy_text(d->keys[i].secret, SECRET_TEXT, d->keys[i - 1].secret);
			continue;
		}
		rc = renew_key(db, sources[i].team, d->keys[i].secret, err);
		if (rc < 0)
			return err_wrap(err, "the demo's key of team %s", sources[i].team);
	}
	return 0;
}

struct demo *demo_new(struct db *db, struct err *err)
{
	struct demo *d = xcalloc(1, sizeof(*d));

	if (db_begin(db, err) < 0) {
		free(d);
		return NULL;
	}
	if (renew_keys(d, db, err) < 0 || db_commit(db, err) < 0) {
		db_rollback(db);
		free(d);
		return NULL;
	}
	return d;
}

/* -- traffic -------------------------------------------------------------------------------------- */

static uint64_t next_random(struct demo *d)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return d->random;
}

static void call_free(struct demo_call *c)
{
	*c->back = c->next;
	if (c->next != NULL)
		c->next->back = c->back;
	buf_release(&c->body);
	free(c);
}

static void on_head(void *arg, int status)
{
	(void)arg;
	(void)status;
}

static bool on_body(void *arg, const char *data, size_t len)
{
	(void)arg;
	(void)data;
	(void)len;
	return true;
}

static void on_done(void *arg, const struct fetch_end *end)
{
	(void)end;
	call_free(arg);
}

static const struct fetch_ops traffic_ops = {on_head, on_body, on_done};

static void write_body(struct demo_call *c, const struct demo_source *s)
{
	unsigned words = s->words / 2 + (unsigned)(next_random(c->demo) % s->words);

	buf_printf(&c->body, "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"", s->model,
		   s->stream ? "true" : "false");
	for (unsigned i = 0; i < words; i++)
		buf_puts(&c->body, "demo ");
	buf_puts(&c->body, "\"}]}");
}

static void send_call(struct demo *d, size_t source)
{
	struct demo_call *c = xcalloc(1, sizeof(*c));
	struct fetch_request request;

	c->demo = d;
	buf_init(&c->body, 256 * 1024);
	write_body(c, &sources[source]);
	snprintf(c->auth, sizeof(c->auth), "Bearer %s", d->keys[source].secret);
	c->headers[0] = (struct fetch_header){"Content-Type", "application/json"};
	c->headers[1] = (struct fetch_header){"Authorization", c->auth};
	c->headers[2] = (struct fetch_header){"X-Title", sources[source].app};
	request = (struct fetch_request){
		.method = "POST", .url = d->url, .headers = c->headers, .body = c->body.data, .body_len = c->body.len};
	c->next = d->open;
	c->back = &d->open;
	if (c->next != NULL)
		c->next->back = &c->next;
	d->open = c;
	c->fetch = fetch_start(d->fetches, &request, &traffic_ops, c, NULL);
	if (c->fetch == NULL)
		call_free(c);
}

/* Between half and one and a half times the mean distance. */
static void set_timer(struct demo *d, size_t source)
{
	int64_t mean = 60000 / sources[source].per_minute;

	loop_timer_after(d->loop, &d->timers[source].timer, mean / 2 + (int64_t)(next_random(d) % (uint64_t)mean));
}

static void on_timer(struct loop_timer *timer)
{
	struct demo_timer *t = CONTAINER_OF(timer, struct demo_timer, timer);

	send_call(t->demo, t->source);
	set_timer(t->demo, t->source);
}

static void on_stop(struct loop_task *task)
{
	struct demo *d = CONTAINER_OF(task, struct demo, stop);

	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		loop_timer_clear(d->loop, &d->timers[i].timer);
	while (d->open != NULL) {
		fetch_cancel(d->open->fetch);
		call_free(d->open);
	}
	loop_stop(d->loop);
}

static void *run(void *arg)
{
	struct demo *d = arg;

	loop_run(d->loop);
	return NULL;
}

int demo_start(struct demo *d, const char *listen, struct err *err)
{
	/* ":4000" listens everywhere; from here that is the loopback. */
	d->url = xasprintf("http://%s%s/v1/chat/completions", listen[0] == ':' ? "127.0.0.1" : "", listen);
	d->random = (uint64_t)clock_wall_us() | 1;
	d->stop.run = on_stop;
	if ((d->loop = loop_new(err)) == NULL || (d->fetches = fetch_pool_new(d->loop, err)) == NULL)
		return err->code;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		d->timers[i].demo = d;
		d->timers[i].source = i;
		d->timers[i].timer.fire = on_timer;
		set_timer(d, i);
	}
	if (pthread_create(&d->thread, NULL, run, d) != 0)
		return err_errno(err, "starting the demo's thread");
	d->running = true;
	return 0;
}

void demo_free(struct demo *d)
{
	if (d->running) {
		loop_post(d->loop, &d->stop);
		pthread_join(d->thread, NULL);
	}
	if (d->fetches != NULL)
		fetch_pool_free(d->fetches);
	if (d->loop != NULL)
		loop_free(d->loop);
	free(d->url);
	free(d);
}
