/* SPDX-License-Identifier: MIT */
/*
 * One try at one target: the request is built and sent, the answer judged and relayed; on failure the
 * table below says whether to try again here, go to the next target, or give up.
 */
#include "gateway/attempt.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "gateway/call.h"
#include "gateway/sim.h"
#include "routing/health.h"

/* Ceilings: the largest body we send, the largest error we read, the most one feed may put out. */
#define BODY_MAX (80u << 20)
#define ERROR_BODY_MAX (64u << 10)
#define OUT_MAX (80u << 20)

enum verdict {
	VERDICT_RETRY,  /* the same target once more, if its retries allow */
	VERDICT_NEXT,
};

/*
 * What a failure means.  counts: it speaks against the target and moves its breaker; what the caller
 * did wrong does not.  There is no verdict "give up": before the first byte any failure goes on to
 * the next target, and the deadline and the client's leaving end the call elsewhere.
 */
static const struct {
	enum verdict verdict;
	bool counts;
	bool timeout;           /* the client is told 504 when the last target failed so */
	bool may_bill;          /* the provider may charge for it, so that the cost is not known to be 0 */
} rules[] = {
	[ATTEMPT_OK] = {VERDICT_NEXT, true, false, false},
	[ATTEMPT_REFUSED] = {VERDICT_NEXT, true, false, false},
	[ATTEMPT_CONNECT_TIMEOUT] = {VERDICT_NEXT, true, true, false},
	[ATTEMPT_TLS] = {VERDICT_NEXT, true, false, false},
	[ATTEMPT_RESET] = {VERDICT_RETRY, true, false, true},
	[ATTEMPT_FIRST_BYTE_TIMEOUT] = {VERDICT_NEXT, true, true, true},
	[ATTEMPT_IDLE_TIMEOUT] = {VERDICT_NEXT, true, true, true},
	[ATTEMPT_DEADLINE] = {VERDICT_NEXT, false, true, true},
	[ATTEMPT_RATE_LIMITED] = {VERDICT_NEXT, true, false, false},
	[ATTEMPT_SERVER_ERROR] = {VERDICT_RETRY, true, false, false},
	[ATTEMPT_AUTH] = {VERDICT_NEXT, true, false, false},
	[ATTEMPT_NOT_FOUND] = {VERDICT_NEXT, true, false, false},
	[ATTEMPT_BAD_REQUEST] = {VERDICT_NEXT, false, false, false},
	[ATTEMPT_BAD_ANSWER] = {VERDICT_NEXT, true, false, true},
	[ATTEMPT_CUT] = {VERDICT_NEXT, true, false, true},
	[ATTEMPT_CLIENT_GONE] = {VERDICT_NEXT, false, false, true},
	[ATTEMPT_CANNOT_EXPRESS] = {VERDICT_NEXT, false, false, false},
	[ATTEMPT_NO_CREDENTIAL] = {VERDICT_NEXT, false, false, false},
};

static enum attempt_reason reason_of_status(int status)
{
	switch (status) {
	case 401:
	case 403:
		return ATTEMPT_AUTH;
	case 404:
		return ATTEMPT_NOT_FOUND;
	case 408:
		return ATTEMPT_SERVER_ERROR;
	case 429:
		return ATTEMPT_RATE_LIMITED;
	}
	return status >= 500 ? ATTEMPT_SERVER_ERROR : ATTEMPT_BAD_REQUEST;
}

static enum attempt_reason reason_of_fetch(enum fetch_error error)
{
	switch (error) {
	case FETCH_RESOLVE:
	case FETCH_REFUSED:
		return ATTEMPT_REFUSED;
	case FETCH_CONNECT_TIMEOUT:
		return ATTEMPT_CONNECT_TIMEOUT;
	case FETCH_TLS:
		return ATTEMPT_TLS;
	case FETCH_PROTOCOL:
		return ATTEMPT_BAD_ANSWER;
	case FETCH_OK:
	case FETCH_RESET:
	case FETCH_EMPTY:
	case FETCH_OTHER:
		break;
	}
	return ATTEMPT_RESET;
}

void attempt_init(struct attempt *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->body, BODY_MAX);
	buf_init(&a->url, 4096);
	buf_init(&a->auth, 4096);
	buf_init(&a->out, OUT_MAX);
	buf_init(&a->error_body, ERROR_BODY_MAX);
}

/* A spare call must not keep what one large body needed. */
static void shrink(struct buf *b)
{
	if (b->size > 16 * 1024)
		buf_release(b);
	else
		buf_clear(b);
}

static void forget_buffers(struct attempt *a)
{
	shrink(&a->body);
	shrink(&a->url);
	shrink(&a->auth);
	shrink(&a->out);
	shrink(&a->error_body);
}

void attempt_release(struct attempt *a)
{
	buf_release(&a->body);
	buf_release(&a->url);
	buf_release(&a->auth);
	buf_release(&a->out);
	buf_release(&a->error_body);
}

void attempt_reset(struct attempt *a)
{
	*a = (struct attempt){
		.body = a->body, .url = a->url, .auth = a->auth, .out = a->out, .error_body = a->error_body};
	forget_buffers(a);
}

/* -- what is written down ----------------------------------------------------------------------- */

static struct attempt_record *new_entry(struct call *call, const struct view_target *target,
					enum attempt_reason reason)
{
	struct call_record *record = &call->record;
	struct attempt_record *e;

	/* The last place is for the latest: how it ended is worth more than what came before. */
	if (record->num_entries < RECORD_ATTEMPTS)
		record->num_entries++;
	e = &record->attempts[record->num_entries - 1];
	*e = (struct attempt_record){.reason = (uint8_t)reason, .first_byte_us = -1, .total_us = -1};
	copy_text(e->provider, sizeof(e->provider), target->provider_name);
	copy_text(e->model, sizeof(e->model), target->model);
	e->start_us = (int64_t)(clock_mono_us() - call->started_us);
	return e;
}

static void on_skip(void *arg, const struct view_target *target, enum attempt_reason reason)
{
	struct call *call = arg;
	struct attempt_record *e = new_entry(call, target, reason);

	copy_text(e->error, sizeof(e->error), attempt_reason_text(reason));
}

/* The live attempt is over: its times, its target's health, its place in the record. */
static void conclude(struct call *call, enum attempt_reason reason, const char *error)
{
	struct attempt *a = &call->attempt;
	struct gateway *g = call->gateway;
	uint64_t now = clock_mono_us();
	struct attempt_record *e = new_entry(call, a->target, reason);

	e->start_us = (int64_t)(a->started_us - call->started_us);
	e->total_us = (int64_t)(now - a->started_us);
	e->status = a->status;
	if (a->first_byte_us > 0)
		e->first_byte_us = (int64_t)(a->first_byte_us - a->started_us);
	copy_text(e->error, sizeof(e->error), error != NULL ? error : "");
	call->upstream_us += now - a->started_us;
	call->may_bill |= rules[reason].may_bill;
	health_end(a->target->health, now, loop_wall_ms(g->loop), reason == ATTEMPT_OK, rules[reason].counts,
		   a->retry_after_ms, error);
	loop_timer_clear(g->loop, &a->timer);
	if (a->interpreter != NULL)
		interpreter_free(a->interpreter);
	a->interpreter = NULL;
	a->fetch = NULL;
	a->sim = NULL;
	a->live = false;
	forget_buffers(a);
}

/* A failed attempt's hold on its provider's budgets; the one that delivered is settled with the call. */
static void release_provider_budgets(struct attempt *a)
{
	for (unsigned i = 0; i < a->num_reservations; i++)
		budget_settle(&a->reservations[i], 0);
	a->num_reservations = 0;
}

static void stop_upstream(struct attempt *a)
{
	if (a->fetch != NULL)
		fetch_cancel(a->fetch);
	if (a->sim != NULL)
		sim_cancel(a->sim);
	a->fetch = NULL;
	a->sim = NULL;
}

/* What had come by then is what the call is settled on, where some of it went to the client, or
 * the provider has begun to answer and will charge for it. */
static void take_what_was_delivered(struct call *call)
{
	struct attempt *a = &call->attempt;
	struct err err;

	if (a->status < 200 || a->status > 299 || a->interpreter == NULL)
		return;
	interpreter_end(a->interpreter, false, &a->outcome, &err);
	a->has_outcome = true;
}

void attempt_cancel(struct call *call, enum attempt_reason reason, const char *error)
{
	struct attempt *a = &call->attempt;

	if (!a->live)
		return;
	stop_upstream(a);
	take_what_was_delivered(call);
	conclude(call, reason, error);
	if (!a->has_outcome)
		release_provider_budgets(a);
}

/* -- failure ------------------------------------------------------------------------------------- */

static void remember_failure(struct call *call, enum attempt_reason reason, const char *error)
{
	const struct attempt *a = &call->attempt;

	call->last_status = a->status;
	call->last_reason = reason;
	if (a->status > 0)
		snprintf(call->failure, sizeof(call->failure), "%s: %s (HTTP %d)", a->target->provider_name, error,
			 a->status);
	else
		snprintf(call->failure, sizeof(call->failure), "%s: %s", a->target->provider_name, error);
}

/* The attempt failed before a byte went to the client. */
static void fail_over(struct call *call, enum attempt_reason reason, const char *error)
{
	const struct view_target *target = call->attempt.target;

	remember_failure(call, reason, error);
	conclude(call, reason, error);
	release_provider_budgets(&call->attempt);
	if (rules[reason].verdict == VERDICT_RETRY)
		plan_retry(&call->plan, target);
	else
		plan_drop(&call->plan, target);
	attempt_next(call);
}

/* The attempt failed after bytes had gone out: the client gets an error in-band, once. */
static void fail_in_band(struct call *call, const char *error)
{
	char message[400];

	snprintf(message, sizeof(message), "%s: %s after the answer had begun", call->attempt.target->provider_name,
		 error);
	take_what_was_delivered(call);
	conclude(call, ATTEMPT_CUT, error);
	reply_failed(call, REPLY_UPSTREAM, 502, message);
}

/* error may stand in a buffer of the attempt: it is copied first. */
static void fail(struct call *call, enum attempt_reason reason, const char *error)
{
	char text[256];

	copy_text(text, sizeof(text), error);
	stop_upstream(&call->attempt);
	if (call->step == STEP_RELAY)
		fail_in_band(call, text);
	else
		fail_over(call, reason, text);
}

/* -- success ------------------------------------------------------------------------------------- */

static void note_first_byte(struct call *call)
{
	struct attempt *a = &call->attempt;
	uint64_t now = clock_mono_us();

	if (call->record.first_byte_us < 0)
		call->record.first_byte_us = (int64_t)(now - call->started_us);
	if (a->first_byte_us == 0)
		a->first_byte_us = now;
}

/* Puts out what one feed produced; the first bytes begin the answer. */
static void relay(struct call *call)
{
	struct attempt *a = &call->attempt;

	if (a->out.len == 0)
		return;
	note_first_byte(call);
	if (call->step != STEP_RELAY) {
		reply_headers(call, COST_UNKNOWN);
		httpd_stream(call->request, 200, interpreter_content_type(a->interpreter));
		call_goto(call, STEP_RELAY);
	}
	a->client_is_full = !httpd_write(call->request, a->out.data, a->out.len);
	call->slot->output_bytes += (int64_t)a->out.len;
	buf_clear(&a->out);
}

/* The last bytes of a stream, or the whole of an answer that is none. */
static void send_rest(struct call *call, struct interpreter *interpreter, bool streaming)
{
	struct buf *out = &call->attempt.out;
	char content_type[64];

	interpreter_close(interpreter, call->record.cost_nusd, out);
	copy_text(content_type, sizeof(content_type), interpreter_content_type(interpreter));
	if (streaming) {
		httpd_write(call->request, out->data, out->len);
		httpd_end(call->request);
	} else {
		httpd_reply(call->request, 200, content_type, out->data, out->len);
	}
	shrink(out);
}

/* The answer is complete.  The record is durable before its last bytes leave. */
static void finish(struct call *call)
{
	struct attempt *a = &call->attempt;
	struct interpreter *interpreter = a->interpreter;
	bool streaming = call->step == STEP_RELAY;

	note_first_byte(call);
	a->interpreter = NULL;
	conclude(call, ATTEMPT_OK, NULL);
	if (!streaming)
		reply_headers(call, price_cost(a->target->price, &a->outcome.usage, NULL));
	call_settle(call, CALL_ANSWERED, 200, REPLY_NONE);
	send_rest(call, interpreter, streaming);
	interpreter_free(interpreter);
}

/* -- what the upstream says ------------------------------------------------------------------------ */

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
		relay(call);
		fail(call, ATTEMPT_BAD_ANSWER, err.text);
		return true;
	}
	relay(call);
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
	const struct dialect *dialect = a->target->provider->kind->dialect;
	struct upstream_error *e = &call->last_error;

	memset(e, 0, sizeof(*e));
	(dialect != NULL ? dialect : &openai_chat)->read_error(a->error_body.data, a->error_body.len, e);
	read_retry_after(call);
	a->fetch = NULL;
	a->sim = NULL;
	fail(call, reason_of_status(a->status), e->message[0] != '\0' ? e->message : "it gave no reason");
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
		fail(call, reason_of_fetch(end->error), end->text != NULL ? end->text : "the connection failed");
		return;
	}
	if (interpreter_end(a->interpreter, true, &a->outcome, &err) < 0) {
		fail(call, ATTEMPT_BAD_ANSWER, err.text);
		return;
	}
	a->has_outcome = true;
	finish(call);
}

static const struct fetch_ops upstream_ops = {
	.head = on_head,
	.body = on_body,
	.done = on_done,
};

static void on_timer(struct loop_timer *timer)
{
	struct attempt *a = CONTAINER_OF(timer, struct attempt, timer);
	struct call *call = CONTAINER_OF(a, struct call, attempt);
	bool began = a->status != 0;
	char text[96], limit[32];
	int64_t ms = began ? call->chain->idle_ms : call->chain->first_byte_ms;

	snprintf(text, sizeof(text), "%s for %s", began ? "nothing more came" : "no answer",
		 duration_format(ms, limit));
	fail(call, began ? ATTEMPT_IDLE_TIMEOUT : ATTEMPT_FIRST_BYTE_TIMEOUT, text);
}

void attempt_resume(struct call *call)
{
	struct attempt *a = &call->attempt;

	a->client_is_full = false;
	if (!a->live)
		return;
	if (a->fetch != NULL)
		fetch_resume(a->fetch);
	if (a->sim != NULL)
		sim_resume(a->sim);
}

/* -- asking a target ------------------------------------------------------------------------------- */

static void write_auth(struct attempt *a)
{
	const struct view_provider *p = a->target->provider;

	buf_clear(&a->auth);
	if (p->kind->auth == AUTH_BEARER)
		buf_puts(&a->auth, "Bearer ");
	if (p->credential != NULL)
		buf_puts(&a->auth, p->credential);
}

/* Content type, credential, the kind's own headers.  out has room for all of them and the end. */
static void request_headers(const struct attempt *a, struct fetch_header *out, char extra[][128])
{
	const struct provider_kind *kind = a->target->provider->kind;
	size_t n = 0;

	out[n++] = (struct fetch_header){"Content-Type", "application/json"};
	if (kind->auth != AUTH_NONE && a->target->provider->credential != NULL)
		out[n++] = (struct fetch_header){
			kind->auth == AUTH_BEARER ? "Authorization" : kind->auth_header, a->auth.data};
	for (size_t i = 0; i < ARRAY_LEN(kind->extra_headers) && kind->extra_headers[i] != NULL; i++) {
		char *colon;

		copy_text(extra[i], sizeof(extra[i]), kind->extra_headers[i]);
		colon = strstr(extra[i], ": ");
		if (colon == NULL)
			continue;
		*colon = '\0';
		out[n++] = (struct fetch_header){extra[i], colon + 2};
	}
	out[n] = (struct fetch_header){NULL, NULL};
}

static int send_upstream(struct call *call, struct err *err)
{
	struct attempt *a = &call->attempt;
	const struct view_provider *p = a->target->provider;
	struct fetch_header headers[8];
	char extra[ARRAY_LEN(p->kind->extra_headers)][128];
	struct fetch_request request = {
		.method = "POST",
		.headers = headers,
		.body = a->body.data,
		.body_len = a->body.len,
	};

	if (p->kind->dialect == NULL) {
		a->sim = sim_start(call->gateway->loop, p->options, a->target->model, a->body.data, a->body.len,
				   (uint64_t)call->record.id + call->record.num_attempts, &upstream_ops, call);
		return 0;
	}
	buf_clear(&a->url);
	buf_printf(&a->url, "%s%s", p->base_url, p->kind->chat_path);
	write_auth(a);
	request_headers(a, headers, extra);
	request.url = a->url.data;
	a->fetch = fetch_start(call->gateway->fetches, &request, &upstream_ops, call, err);
	return a->fetch != NULL ? 0 : err->code;
}

static bool reserve_provider_budgets(struct call *call, const struct view_provider *p)
{
	struct attempt *a = &call->attempt;

	for (size_t i = 0; i < p->num_budgets; i++) {
		if (p->budgets[i].model[0] != '\0' && strcmp(p->budgets[i].model, call->facts.model_name) != 0)
			continue;
		if (a->num_reservations == ATTEMPT_RESERVATIONS ||
		    !budget_reserve(p->budgets[i].budget, call->expected_nusd, id_wall_ms(call->record.id),
				    &a->reservations[a->num_reservations])) {
			release_provider_budgets(a);
			return false;
		}
		a->num_reservations++;
	}
	return true;
}

/* Builds what is sent.  Negative when the target's dialect has no words for it. */
static int build(struct call *call, struct err *err)
{
	struct attempt *a = &call->attempt;
	const struct view_target *t = a->target;
	const struct buf *body = httpd_body(call->request);
	struct interpreter_target target = {
		.dialect = t->provider->kind->dialect != NULL ? t->provider->kind->dialect : &openai_chat,
		.model = t->model,
		.quirks = t->provider->kind->quirks,
		.drop_params = call->drop_params,
		.max_output = call->max_output,
	};

	a->interpreter = interpreter_new(call->dialect, body->data, body->len, &call->facts, &target);
	buf_clear(&a->body);
	return interpreter_request(a->interpreter, &a->body, err);
}

static void attempt_begin(struct call *call, const struct view_target *target)
{
	struct attempt *a = &call->attempt;
	struct call_record *record = &call->record;

	a->live = true;
	a->target = target;
	a->status = 0;
	a->has_outcome = false;
	a->client_is_full = false;
	a->retry_after_ms = 0;
	a->first_byte_us = 0;
	a->started_us = clock_mono_us();
	a->timer.fire = on_timer;
	copy_text(record->provider, sizeof(record->provider), target->provider_name);
	copy_text(record->model, sizeof(record->model), target->model);
	copy_text(call->slot->provider, sizeof(call->slot->provider), record->provider);
	copy_text(call->slot->model, sizeof(call->slot->model), record->model);
	health_begin(target->health);
}

/* True: it is under way, and its callbacks go on from here.  False: it could not even be asked. */
static bool attempt_start(struct call *call, const struct view_target *target)
{
	struct attempt *a = &call->attempt;
	const struct view_provider *p = target->provider;
	enum attempt_reason reason;
	struct err err;

	if (!reserve_provider_budgets(call, p)) {
		on_skip(call, target, ATTEMPT_SKIP_BUDGET);
		plan_drop(&call->plan, target);
		return false;
	}
	attempt_begin(call, target);
	if (p->credential_error != NULL) {
		reason = ATTEMPT_NO_CREDENTIAL;
		err_set(&err, ERR_NOT_FOUND, "its credential cannot be read: %s", p->credential_error);
	} else if (build(call, &err) < 0) {
		reason = ATTEMPT_CANNOT_EXPRESS;
	} else if (send_upstream(call, &err) < 0) {
		reason = ATTEMPT_REFUSED;
	} else {
		call->record.num_attempts++;
		loop_timer_after(call->gateway->loop, &a->timer, call->chain->first_byte_ms);
		return true;
	}
	remember_failure(call, reason, err.text);
	conclude(call, reason, err.text);
	release_provider_budgets(a);
	plan_drop(&call->plan, target);
	return false;
}

/* -- when no target is left --------------------------------------------------------------------- */

/* "no target of smart can take the call: openai/gpt-5 is switched off; …" */
static void refuse_all(struct call *call)
{
	char message[400];
	int len = snprintf(message, sizeof(message), "no target of %s can take the call now:", call->chain->name);

	for (unsigned i = 0; i < call->record.num_entries && len < (int)sizeof(message); i++) {
		const struct attempt_record *e = &call->record.attempts[i];

		len += snprintf(message + len, sizeof(message) - (size_t)len, "%s %s/%s: %s", i > 0 ? ";" : "", e->provider,
				e->model, attempt_reason_text(e->reason));
	}
	if (call->retry_after_ms == 0)
		call->retry_after_ms = 5000;
	reply_failed(call, REPLY_NO_TARGET, 503, message);
}

static void answer_failure(struct call *call)
{
	int status = call->last_status;

	if (call->last_reason == ATTEMPT_CANNOT_EXPRESS && call->record.num_attempts == 0) {
		reply_refuse(call, REPLY_BAD_REQUEST, NULL, "%s", call->failure);
		return;
	}
	if (call->record.num_attempts == 0) {
		refuse_all(call);
		return;
	}
	if (rules[call->last_reason].timeout) {
		reply_failed(call, REPLY_UPSTREAM_TIMEOUT, 504, call->failure);
		return;
	}
	/* A provider's 401 is about our credential: the caller's key is not at fault. */
	if (status < 400 || call->last_reason == ATTEMPT_AUTH)
		status = 502;
	reply_failed(call, REPLY_UPSTREAM, status, call->failure);
}

void attempt_next(struct call *call)
{
	const struct view_target *target;

	assert(!call->attempt.live);
	while (!call->no_fallback || call->record.num_attempts == 0) {
		target = plan_next(&call->plan, loop_now_us(call->gateway->loop), on_skip, call);
		if (target == NULL)
			break;
		if (attempt_start(call, target))
			return;
	}
	answer_failure(call);
}
