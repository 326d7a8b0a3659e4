/* SPDX-License-Identifier: MIT */
/* A target is asked here, and what it says is judged. */
#include "gateway/attempt_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "gateway/call.h"
#include "gateway/sign_google.h"
#include "gateway/sim.h"
#include "gateway/verdict.h"

static void on_head(void *arg, int status)
{
	struct call *call = arg;
	struct attempt *a = &call->attempt;
	const char *type = NULL;

	a->status = status;
	if (a->fetch != NULL)
		type = fetch_header(a->fetch, "content-type");
	else
		type = call->facts.stream ? "text/event-stream" : "application/json";
	if (status >= 200 && status < 300)
		interpreter_head(a->interpreter, type);
}

static void restart_idle_timer(struct call *call)
{
	loop_timer_set(call->gateway->loop, &call->attempt.timer,
		       loop_now_us(call->gateway->loop) + (uint64_t)call->chain->idle_ms * 1000);
}

static bool on_body(void *arg, const char *data, size_t len)
{
	struct call *call = arg;
	struct attempt *a = &call->attempt;
	struct err err;

	if (a->status < 200 || a->status > 299) {
		/* What does not fit is not needed to say what went wrong. */
		size_t room = a->error_body.max - a->error_body.len;

		buf_add(&a->error_body, data, len < room ? len : room);
		return true;
	}
	if (a->client_is_full)
		return false;
	restart_idle_timer(call);
	if (interpreter_feed(a->interpreter, data, len, &a->out, &err) < 0) {
		attempt_relay(call);
		attempt_fail(call, ATTEMPT_BAD_ANSWER, err.text);
		return true;
	}
	attempt_relay(call);
	return true;
}

/* "retry-after: 20" or "retry-after-ms: 15". */
static void read_retry_after(struct call *call)
{
	const struct attempt *a = &call->attempt;
	const char *ms, *s;
	int64_t wait = 0;

	if (a->fetch == NULL)
		return;
	ms = fetch_header(a->fetch, "retry-after-ms");
	s = fetch_header(a->fetch, "retry-after");
	if (ms != NULL)
		wait = strtoll(ms, NULL, 10);
	else if (s != NULL)
		wait = strtoll(s, NULL, 10) * 1000;
	if (wait <= 0 || wait > 24 * 3600 * 1000)
		return;
	call->attempt.retry_after_ms = wait;
	if (call->retry_after_ms == 0 || wait < call->retry_after_ms)
		call->retry_after_ms = wait;
}

static void judge_error_status(struct call *call)
{
	struct attempt *a = &call->attempt;
	struct upstream_error *e = &call->last_error;

	memset(e, 0, sizeof(*e));
	a->endpoint->dialect->read_error(a->error_body.data, a->error_body.len, e);
	read_retry_after(call);
	a->fetch = NULL;
	a->sim = NULL;
	attempt_fail(call, reason_of_status(a->status), e->message[0] != '\0' ? e->message : "it gave no reason");
}

static void on_done(void *arg, const struct fetch_end *end)
{
	struct call *call = arg;
	struct attempt *a = &call->attempt;
	struct err err;

	if (end->error == FETCH_OK && (a->status < 200 || a->status > 299)) {
		judge_error_status(call);
		return;
	}
	a->fetch = NULL;
	a->sim = NULL;
	if (end->error != FETCH_OK) {
		attempt_fail(call, reason_of_fetch(end->error), end->text != NULL ? end->text : "the connection failed");
		return;
	}
	if (interpreter_end(a->interpreter, true, &a->outcome, &err) < 0) {
		attempt_fail(call, ATTEMPT_BAD_ANSWER, err.text);
		return;
	}
	a->has_outcome = true;
	attempt_finish(call);
}

static const struct fetch_ops upstream_ops = {
	.head = on_head,
	.body = on_body,
	.done = on_done,
};

void attempt_on_timer(struct loop_timer *timer)
{
	struct attempt *a = CONTAINER_OF(timer, struct attempt, timer);
	struct call *call = CONTAINER_OF(a, struct call, attempt);
	bool began = a->status != 0;
	char text[96], limit[32];
	int64_t ms = began ? call->chain->idle_ms : call->chain->first_byte_ms;

	snprintf(text, sizeof(text), "%s for %s", began ? "nothing more came" : "no answer",
		 duration_format(ms, limit));
	attempt_fail(call, began ? ATTEMPT_IDLE_TIMEOUT : ATTEMPT_FIRST_BYTE_TIMEOUT, text);
}

void attempt_resume(struct call *call)
{
	struct attempt *a = &call->attempt;

	a->client_is_full = false;
	if (!a->live)
		return;
	restart_idle_timer(call);
	if (a->fetch != NULL)
		fetch_resume(a->fetch);
	if (a->sim != NULL)
		sim_resume(a->sim);
}

/* -- asking -------------------------------------------------------------------------------------- */

static void on_token(struct google_wait *wait, enum attempt_reason reason, const char *error)
{
	struct attempt *a = CONTAINER_OF(wait, struct attempt, token);
	struct call *call = CONTAINER_OF(a, struct call, attempt);
	struct err err;

	if (reason != ATTEMPT_OK)
		attempt_fail(call, reason, error);
	else if (attempt_send(call, &err) < 0)
		attempt_fail(call, ATTEMPT_REFUSED, err.text);
}

/* As google_token(); 1 and no token where none is needed. */
static int find_token(struct call *call, const char **ret, struct err *err)
{
	const struct view_provider *p = call->attempt.target->provider;
	struct gateway *g = call->gateway;

	*ret = NULL;
	if (p->kind->auth != AUTH_GOOGLE || !google_is_account(p->credential))
		return 1;
	if (g->tokens == NULL)
		g->tokens = google_tokens_new(g->loop, g->fetches);
	call->attempt.token.done = on_token;
	return google_token(g->tokens, p->credential, &call->attempt.token, ret, err);
}

int attempt_send(struct call *call, struct err *err)
{
	struct attempt *a = &call->attempt;
	const struct view_provider *p = a->target->provider;
	const char *path = a->endpoint->path;
	struct fetch_request request = {.method = "POST", .body = a->body.data, .body_len = a->body.len};
	const char *token;
	int r;

	if (p->kind->simulated) {
		a->sim = sim_start(call->gateway->loop, p->options, a->target->model, a->body.data, a->body.len,
				   (uint64_t)call->record.id + call->record.num_attempts, &upstream_ops, call);
		return 0;
	}
	r = find_token(call, &token, err);
	if (r <= 0)
		return r;
	if (call->facts.stream && a->endpoint->stream_path != NULL)
		path = a->endpoint->stream_path;
	if (outgoing_set_url(&a->outgoing, p, path, a->target->model, err) < 0)
		return err->code;
	outgoing_set_headers(&a->outgoing, p);
	if (token != NULL)
		outgoing_put_bearer(&a->outgoing, token);
	outgoing_put_header(&a->outgoing, "Content-Type", "application/json");
	if (a->endpoint->dialect == call->dialect) {
		outgoing_forward(&a->outgoing, call->request, call->dialect->forwarded_headers);
		outgoing_forward_query(&a->outgoing, call->request, call->dialect->forwarded_query);
	}
	if (outgoing_sign(&a->outgoing, p, request.method, a->body.data, a->body.len, err) < 0)
		return err->code;
	request.url = a->outgoing.url.data;
	request.headers = outgoing_headers(&a->outgoing);
	a->fetch = fetch_start(call->gateway->fetches, &request, &upstream_ops, call, err);
	return a->fetch != NULL ? 0 : err->code;
}
