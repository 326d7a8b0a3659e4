/* SPDX-License-Identifier: MIT */
/* A provider's answers are made up here, in the shape and at the pace its options ask for. */
#include "gateway/sim.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/jscan.h"
#include "base/json.h"
#include "base/mem.h"
#include "loop/loop.h"

/* How it behaves; sim.h names each. */
struct sim_options {
	int64_t latency_ms, tokens, error_status;
	double rate, jitter, error_rate;
};

struct sim {
	struct loop *loop;
	struct loop_timer timer;
	const struct fetch_ops *ops;
	void *arg;
	struct sim_options options;
	uint64_t random;
	uint64_t first_us;              /* when its first token was due */
	char model[128];
	bool stream, failing, head_sent;
	bool finished;                  /* all there is to say is in out, or was taken */
	bool in_callback, cancelled;    /* cancelled inside a callback: freed when that returns */
	int64_t input, sent;
	struct buf out;                 /* what ops->body() has not yet taken */
};

static const char *const words[] = {"the ", "quick ", "gate ", "counts ", "every ", "call ", "that ", "passes ",
				    "and ", "writes ", "its ", "cost ", "down ", "to ", "the nano", "-dollar. "};

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static double next_unit(uint64_t *state)
{
	return (double)(next_random(state) >> 11) / 9007199254740992.0;
}

static void read_options(json_t *object, struct sim_options *o)
{
	json_read_duration(object, "latency", &o->latency_ms, NULL);
	o->tokens = json_int_peek(object, "tokens", o->tokens);
	o->error_status = json_int_peek(object, "error_status", o->error_status);
	if (json_is_number(json_object_get(object, "rate")))
		o->rate = json_number_value(json_object_get(object, "rate"));
	if (json_is_number(json_object_get(object, "jitter")))
		o->jitter = json_number_value(json_object_get(object, "jitter"));
	if (json_is_number(json_object_get(object, "error_rate")))
		o->error_rate = json_number_value(json_object_get(object, "error_rate"));
}

static struct sim_options options_for(const char *text, const char *model)
{
	struct sim_options o = {.tokens = 16, .error_status = 500};
	json_t *object = text != NULL ? json_loads(text, 0, NULL) : NULL;

	if (object != NULL) {
		read_options(object, &o);
		read_options(json_object_get(json_object_get(object, "models"), model), &o);
	}
	json_decref(object);
	return o;
}

static int64_t jittered(struct sim *s, int64_t n)
{
	return n + (int64_t)((double)n * s->options.jitter * (2 * next_unit(&s->random) - 1));
}

static void read_request(struct sim *s, const char *body, size_t len)
{
	struct jfield f[] = {{"stream", {0}}, {"max_tokens", {0}}, {"max_completion_tokens", {0}}};
	int64_t max;

	s->input = (int64_t)len / 4 + 1;
	if (jscan_object(body, len, f, ARRAY_LEN(f), NULL) < 0)
		return;
	jspan_bool(f[0].value, &s->stream);
	if ((jspan_int(f[1].value, &max) || jspan_int(f[2].value, &max)) && max >= 0 && max < s->options.tokens)
		s->options.tokens = max;
}

static void put_usage(const struct sim *s, struct buf *out)
{
	buf_printf(out, "{\"prompt_tokens\":%lld,\"completion_tokens\":%lld,\"total_tokens\":%lld}", (long long)s->input,
		   (long long)s->options.tokens, (long long)(s->input + s->options.tokens));
}

static void put_head(const struct sim *s, struct buf *out, const char *object)
{
	buf_printf(out, "{\"id\":\"sim-%016llx\",\"object\":\"%s\",\"created\":%lld,\"model\":",
		   (unsigned long long)s->first_us, object, (long long)(loop_wall_ms(s->loop) / 1000));
	buf_json_string(out, s->model, strlen(s->model));
}

static void put_whole(struct sim *s)
{
	struct buf *out = &s->out;

	put_head(s, out, "chat.completion");
	buf_puts(out, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"");
	for (int64_t i = 0; i < s->options.tokens; i++)
		buf_puts(out, words[i % (int64_t)ARRAY_LEN(words)]);
	buf_puts(out, "\"},\"finish_reason\":\"stop\"}],\"usage\":");
	put_usage(s, out);
	buf_putc(out, '}');
}

static void put_event(struct sim *s, const char *delta, const char *finish)
{
	buf_puts(&s->out, "data: ");
	put_head(s, &s->out, "chat.completion.chunk");
	buf_printf(&s->out, ",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":%s}]}\n\n", delta, finish);
}

static void put_end(struct sim *s)
{
	put_event(s, "{}", "\"stop\"");
	buf_puts(&s->out, "data: ");
	put_head(s, &s->out, "chat.completion.chunk");
	buf_puts(&s->out, ",\"choices\":[],\"usage\":");
	put_usage(s, &s->out);
	buf_puts(&s->out, "}\n\ndata: [DONE]\n\n");
}

static void put_token(struct sim *s)
{
	char delta[64];

	snprintf(delta, sizeof(delta), s->sent == 0 ? "{\"role\":\"assistant\",\"content\":\"%s\"}" : "{\"content\":\"%s\"}",
		 words[s->sent % (int64_t)ARRAY_LEN(words)]);
	put_event(s, delta, "null");
	s->sent++;
}

static void put_error(struct sim *s)
{
	buf_puts(&s->out, "{\"error\":{\"message\":\"simulated failure\",\"type\":\"server_error\",\"code\":\"simulated\"}}");
}

static void sim_free(struct sim *s)
{
	loop_timer_clear(s->loop, &s->timer);
	buf_release(&s->out);
	free(s);
}

/* Tokens that are due by now: all of them when no rate is set. */
static int64_t tokens_due(const struct sim *s)
{
	double due;

	if (s->options.rate <= 0)
		return s->options.tokens;
	due = 1 + (double)(loop_now_us(s->loop) - s->first_us) * s->options.rate / 1e6;
	return due < (double)s->options.tokens ? (int64_t)due : s->options.tokens;
}

/* Adds to out what is due. */
static void produce(struct sim *s)
{
	int64_t due = tokens_due(s);

	if (s->finished)
		return;
	s->finished = s->failing || due == s->options.tokens;
	if (s->failing) {
		put_error(s);
	} else if (!s->stream) {
		s->sent = due;
		if (s->finished)
			put_whole(s);
	} else {
		while (s->sent < due)
			put_token(s);
		if (s->finished)
			put_end(s);
	}
}

static void wait_for_next(struct sim *s)
{
	uint64_t at = s->first_us + (uint64_t)((double)s->sent * 1e6 / s->options.rate);

	loop_timer_set(s->loop, &s->timer, at);
}

static void send_head(struct sim *s)
{
	if (s->head_sent)
		return;
	s->head_sent = true;
	s->first_us = loop_now_us(s->loop);
	s->ops->head(s->arg, s->failing ? (int)s->options.error_status : 200);
}

/* Whether out was taken; a paused one goes on from sim_resume(). */
static bool send_body(struct sim *s)
{
	if (s->out.len > 0 && !s->ops->body(s->arg, s->out.data, s->out.len))
		return false;
	buf_clear(&s->out);
	return true;
}

static void on_timer(struct loop_timer *timer)
{
	struct sim *s = CONTAINER_OF(timer, struct sim, timer);
	bool taken = false;

	s->in_callback = true;
	send_head(s);
	if (!s->cancelled) {
		produce(s);
		taken = send_body(s);
	}
	if (!s->cancelled && taken && s->finished) {
		s->cancelled = true;
		s->ops->done(s->arg, &(struct fetch_end){.error = FETCH_OK});
	}
	s->in_callback = false;
	if (s->cancelled)
		sim_free(s);
	else if (taken)
		wait_for_next(s);
}

struct sim *sim_start(struct loop *loop, const char *options, const char *model, const char *body, size_t len,
		      uint64_t seed, const struct fetch_ops *ops, void *arg)
{
	struct sim *s = xcalloc(1, sizeof(*s));

	s->loop = loop;
	s->ops = ops;
	s->arg = arg;
	s->random = seed;
	s->timer.fire = on_timer;
	copy_text(s->model, sizeof(s->model), model);
	buf_init(&s->out, 64u << 20);
	s->options = options_for(options, model);
	s->options.tokens = jittered(s, s->options.tokens);
	if (s->options.tokens < 1)
		s->options.tokens = 1;
	read_request(s, body, len);
	s->failing = next_unit(&s->random) < s->options.error_rate;
	loop_timer_after(loop, &s->timer, jittered(s, s->options.latency_ms));
	return s;
}

void sim_resume(struct sim *s)
{
	loop_timer_set(s->loop, &s->timer, loop_now_us(s->loop));
}

void sim_cancel(struct sim *s)
{
	/* From inside a callback of ours the caller up the stack frees it. */
	s->cancelled = true;
	if (!s->in_callback)
		sim_free(s);
}
