/* SPDX-License-Identifier: MIT */
/*
 * One try at one target begins and ends here, and the next is chosen, until one answers or none is
 * left.
 */
#include "gateway/attempt_private.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "gateway/call.h"
#include "gateway/sim.h"
#include "gateway/verdict.h"
#include "routing/health.h"

/* Ceilings: the largest body we send, the largest error we read, the most one feed may put out. */
#define BODY_MAX (80u << 20)
#define ERROR_BODY_MAX (64u << 10)
#define OUT_MAX (80u << 20)

void attempt_init(struct attempt *a)
{
	memset(a, 0, sizeof(*a));
	buf_init(&a->body, BODY_MAX);
	outgoing_init(&a->outgoing);
	buf_init(&a->out, OUT_MAX);
	buf_init(&a->error_body, ERROR_BODY_MAX);
}

/* A spare call must not keep what one large body needed. */
void attempt_shrink(struct buf *b)
{
	if (b->size > 16 * 1024)
		buf_release(b);
	else
		buf_clear(b);
}

static void forget_buffers(struct attempt *a)
{
	attempt_shrink(&a->body);
	attempt_shrink(&a->outgoing.url);
	attempt_shrink(&a->outgoing.text);
	attempt_shrink(&a->out);
	attempt_shrink(&a->error_body);
}

void attempt_release(struct attempt *a)
{
	buf_release(&a->body);
	outgoing_release(&a->outgoing);
	buf_release(&a->out);
	buf_release(&a->error_body);
}

void attempt_reset(struct attempt *a)
{
	*a = (struct attempt){
		.body = a->body, .outgoing = a->outgoing, .out = a->out, .error_body = a->error_body};
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
void attempt_conclude(struct call *call, enum attempt_reason reason, const char *error)
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
	call->may_bill |= verdict_of(reason)->may_bill;
	health_end(a->target->health, now, loop_wall_ms(g->loop), reason == ATTEMPT_OK,
		   verdict_of(reason)->counts && !a->goes_on, a->retry_after_ms, error);
	if (reason == ATTEMPT_OK && a->missing != 0)
		health_note_missing(a->target->health, a->missing, now);
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
	google_wait_cancel(&a->token);
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
	attempt_conclude(call, reason, error);
	if (!a->has_outcome)
		release_provider_budgets(a);
}

static bool attempt_start(struct call *call, const struct view_target *target, unsigned missing);

/* False where it cannot be asked there; what failed before is then what failed. */
static bool ask_other_endpoint(struct call *call, const struct view_target *target, unsigned missing)
{
	enum attempt_reason reason = call->last_reason;
	char failure[sizeof(call->failure)];
	int status = call->last_status;

	copy_text(failure, sizeof(failure), call->failure);
	if (attempt_start(call, target, missing))
		return true;
	copy_text(call->failure, sizeof(call->failure), failure);
	call->last_reason = reason;
	call->last_status = status;
	return false;
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
	unsigned missing = endpoint_missing(&call->attempt);
	bool by_us = call_is_free(call) && endpoint_is_missing(&call->attempt, error);

	call->attempt.goes_on = by_us || endpoint_has_other(call, error);
	remember_failure(call, reason, error);
	attempt_conclude(call, reason, error);
	release_provider_budgets(&call->attempt);
	if (by_us) {
		health_note_missing(target->health, missing, loop_now_us(call->gateway->loop));
		call_answer_count(call, target);
		return;
	}
	if (call->attempt.goes_on && ask_other_endpoint(call, target, missing))
		return;
	if (verdict_of(reason)->again)
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
	attempt_conclude(call, ATTEMPT_CUT, error);
	reply_failed(call, REPLY_UPSTREAM, 502, message);
}

/* error may stand in a buffer of the attempt: it is copied first. */
void attempt_fail(struct call *call, enum attempt_reason reason, const char *error)
{
	char text[256];

	copy_text(text, sizeof(text), error);
	stop_upstream(&call->attempt);
	if (call->step == STEP_RELAY)
		fail_in_band(call, text);
	else
		fail_over(call, reason, text);
}

/* -- the next target ----------------------------------------------------------------------------- */

static bool reserve_provider_budgets(struct call *call, const struct view_provider *p)
{
	struct attempt *a = &call->attempt;

	for (size_t i = 0; i < p->num_budgets && !call_is_free(call); i++) {
		if (p->budgets[i].model[0] != '\0' && strcmp(p->budgets[i].model, call->facts.model_name) != 0)
			continue;
		if (a->num_reservations == ATTEMPT_RESERVATIONS ||
		    !budget_reserve(p->budgets[i].budget, call->expected_nusd, id_wall_ms(call->record.id),
				    &a->reservations[a->num_reservations])) {
			release_provider_budgets(a);
			call->used_up = p->budgets[i].budget;
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
		.model = t->model,
		.quirks = t->provider->kind->quirks,
		.drop_params = call->drop_params,
		.max_output = call->max_output,
	};

	a->endpoint = endpoint_choose(call);
	if (a->endpoint == NULL)
		return err_set(err, ERR_INVALID, "model: %s (%s) has nothing like it", t->provider_name,
			       t->provider->kind->title);
	target.dialect = a->endpoint->dialect;
	a->interpreter = interpreter_new(call->dialect, body->data, body->len, &call->facts, &target);
	buf_clear(&a->body);
	return interpreter_request(a->interpreter, &a->body, err);
}

static void attempt_begin(struct call *call, const struct view_target *target, unsigned missing)
{
	struct attempt *a = &call->attempt;
	struct call_record *record = &call->record;

	a->live = true;
	a->target = target;
	a->endpoint = NULL;
	a->missing = missing;
	a->goes_on = false;
	a->status = 0;
	a->has_outcome = false;
	a->client_is_full = false;
	a->retry_after_ms = 0;
	a->first_byte_us = 0;
	a->started_us = clock_mono_us();
	a->timer.fire = attempt_on_timer;
	copy_text(record->provider, sizeof(record->provider), target->provider_name);
	copy_text(record->model, sizeof(record->model), target->model);
	copy_text(call->slot->provider, sizeof(call->slot->provider), record->provider);
	copy_text(call->slot->model, sizeof(call->slot->model), record->model);
	health_begin(target->health);
}

/* True: it is under way, and its callbacks go on from here.  False: it could not even be asked. */
static bool attempt_start(struct call *call, const struct view_target *target, unsigned missing)
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
	attempt_begin(call, target, missing);
	if (p->credential_error != NULL) {
		reason = ATTEMPT_NO_CREDENTIAL;
		err_set(&err, ERR_NOT_FOUND, "its credential cannot be read: %s", p->credential_error);
	} else if (build(call, &err) < 0) {
		reason = ATTEMPT_CANNOT_EXPRESS;
	} else if (attempt_send(call, &err) < 0) {
		reason = ATTEMPT_REFUSED;
	} else {
		call->record.num_attempts++;
		loop_timer_after(call->gateway->loop, &a->timer, call->chain->first_byte_ms);
		return true;
	}
	remember_failure(call, reason, err.text);
	attempt_conclude(call, reason, err.text);
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

static bool all_used_up(const struct call *call)
{
	for (unsigned i = 0; i < call->record.num_entries; i++)
		if (call->record.attempts[i].reason != ATTEMPT_SKIP_BUDGET)
			return false;
	return call->used_up != NULL;
}

/* "anthropic: n: Anthropic has nothing like it": the field that a dialect's sentence begins with. */
static void refuse_field(struct call *call)
{
	const char *sentence = strstr(call->failure, ": ");
	size_t len = sentence != NULL ? strspn(sentence + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.[]") : 0;
	char field[64];

	if (len > 0 && len < sizeof(field) && sentence[2 + len] == ':')
		copy_text(field, len + 1, sentence + 2);
	else
		field[0] = '\0';
	reply_refuse(call, REPLY_BAD_REQUEST, field[0] != '\0' ? field : NULL, "%s", call->failure);
}

/* No target was asked. */
static void answer_untried(struct call *call)
{
	if (call->last_reason == ATTEMPT_CANNOT_EXPRESS)
		refuse_field(call);
	else if (all_used_up(call))
		call_refuse_budget(call, call->used_up, REPLY_PROVIDER_BUDGET);
	else
		refuse_all(call);
}

static void answer_failure(struct call *call)
{
	int status = call->last_status;

	if (call->record.num_attempts == 0) {
		answer_untried(call);
		return;
	}
	if (verdict_of(call->last_reason)->timeout) {
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
		if (call_answer_itself(call, target) || attempt_start(call, target, 0))
			return;
	}
	answer_failure(call);
}
