/* SPDX-License-Identifier: MIT */
/* What a client can be told went wrong, and the headers every answer carries. */
#include "gateway/reply.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/money.h"
#include "gateway/call.h"

/* The table of spec section 3.  message: what is said when the place that refuses has no better. */
static const struct {
	int status;
	const char *type, *code, *message;
} errors[REPLY_NUM] = {
	[REPLY_NONE] = {200, "", "", ""},
	[REPLY_NO_KEY] = {401, "authentication_error", "invalid_api_key",
			  "no API key: send one as \"Authorization: Bearer sk-tg-…\""},
	[REPLY_INVALID_KEY] = {401, "authentication_error", "invalid_api_key", "this API key is not known here; ask an admin for one"},
	[REPLY_KEY_REVOKED] = {403, "permission_error", "key_revoked", "this API key was revoked; ask an admin for another"},
	[REPLY_KEY_BLOCKED] = {403, "permission_error", "key_blocked", "this API key is blocked; ask an admin"},
	[REPLY_KEY_EXPIRED] = {403, "permission_error", "key_expired", "this API key has expired; ask an admin for another"},
	[REPLY_TEAM_BLOCKED] = {403, "permission_error", "team_blocked", "this key's team is blocked; ask an admin"},
	[REPLY_MODEL_NOT_ALLOWED] = {403, "permission_error", "model_not_allowed", "this key may not use that model"},
	[REPLY_MODEL_NOT_FOUND] = {404, "invalid_request_error", "model_not_found", "no such model"},
	[REPLY_TEAM_BUDGET] = {402, "budget_exceeded", "team_budget_exceeded", "the team's budget is used up"},
	[REPLY_KEY_BUDGET] = {402, "budget_exceeded", "key_budget_exceeded", "the key's budget is used up"},
	[REPLY_PROVIDER_BUDGET] = {402, "budget_exceeded", "provider_budget_exceeded",
				   "the budget of every provider that could answer is used up"},
	[REPLY_GATEWAY_BUDGET] = {402, "budget_exceeded", "gateway_budget_exceeded", "the gateway's budget is used up"},
	[REPLY_PRICE_UNKNOWN] = {402, "price_unknown", "price_unknown", "the model's price is not known"},
	[REPLY_RPM] = {429, "rate_limit_exceeded", "rpm", "too many requests a minute"},
	[REPLY_TPM] = {429, "rate_limit_exceeded", "tpm", "too many tokens a minute"},
	[REPLY_PARALLEL] = {429, "rate_limit_exceeded", "parallel", "too many calls at once"},
	[REPLY_BAD_REQUEST] = {400, "invalid_request_error", "invalid_request", "the request is not valid"},
	[REPLY_TOO_LARGE] = {413, "invalid_request_error", "request_too_large", "the request is too large"},
	[REPLY_NOT_ROUTE] = {404, "invalid_request_error", "not_found",
			     "no such path; chat completions are at POST /v1/chat/completions"},
	[REPLY_WRONG_METHOD] = {405, "invalid_request_error", "method_not_allowed", "this path takes another method"},
	[REPLY_NO_TARGET] = {503, "no_target_available", "no_target_available", "no target can take the call now"},
	[REPLY_UPSTREAM] = {502, "upstream_error", "upstream_error", "every target failed"},
	[REPLY_UPSTREAM_TIMEOUT] = {504, "upstream_timeout", "upstream_timeout", "no answer came in time"},
	[REPLY_STORAGE] = {503, "storage_error", "storage_error", "the ledger cannot take more calls now"},
	[REPLY_DRAINING] = {503, "upstream_error", "draining", "this gateway is shutting down"},
	[REPLY_CLIENT_GONE] = {0, "", "client_gone", ""},
};

const char *reply_code(enum reply_error error)
{
	return errors[error].code;
}

int reply_status(enum reply_error error)
{
	return errors[error].status;
}

static struct client_error client_error(enum reply_error error, const char *message)
{
	return (struct client_error){
		.status = errors[error].status,
		.type = errors[error].type,
		.code = errors[error].code,
		.message = message != NULL && message[0] != '\0' ? message : errors[error].message,
	};
}

void reply_stray(struct httpd_request *request, const struct dialect *dialect, enum reply_error error,
		 const char *message)
{
	struct client_error e = client_error(error, message);
	struct buf body;

	buf_init(&body, 8192);
	dialect->write_error(&e, &body);
	httpd_reply(request, (unsigned)e.status, "application/json", body.data, body.len);
	buf_release(&body);
}

static void add_number(struct httpd_request *request, const char *name, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)n);
	httpd_add_header(request, name, text);
}

static void add_seconds(struct httpd_request *request, const char *name, int64_t ms)
{
	char text[24];

	snprintf(text, sizeof(text), "%llds", (long long)((ms + 999) / 1000));
	httpd_add_header(request, name, text);
}

/* What is left of the key's and the team's, whichever has less. */
static void read_limits(const struct call *call, struct limit_state *ret)
{
	struct limit *limits[] = {call->key->limit, call->key->team->limit};
	struct limit_state s;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (limits[i] == NULL)
			continue;
		limit_read(limits[i], loop_now_us(call->gateway->loop), &s);
		if (s.rpm > 0 && (ret->rpm == 0 || s.rpm_left < ret->rpm_left)) {
			ret->rpm = s.rpm;
			ret->rpm_left = s.rpm_left;
			ret->rpm_reset_ms = s.rpm_reset_ms;
		}
		if (s.tpm > 0 && (ret->tpm == 0 || s.tpm_left < ret->tpm_left)) {
			ret->tpm = s.tpm;
			ret->tpm_left = s.tpm_left;
			ret->tpm_reset_ms = s.tpm_reset_ms;
		}
	}
}

/* As OpenAI names them. */
static void rate_limit_headers(struct call *call)
{
	struct httpd_request *r = call->request;
	struct limit_state s;

	read_limits(call, &s);
	if (s.rpm > 0) {
		add_number(r, "x-ratelimit-limit-requests", s.rpm);
		add_number(r, "x-ratelimit-remaining-requests", s.rpm_left);
		add_seconds(r, "x-ratelimit-reset-requests", s.rpm_reset_ms);
	}
	if (s.tpm > 0) {
		add_number(r, "x-ratelimit-limit-tokens", s.tpm);
		add_number(r, "x-ratelimit-remaining-tokens", s.tpm_left);
		add_seconds(r, "x-ratelimit-reset-tokens", s.tpm_reset_ms);
	}
}

/* -- x-tollgate-explain ------------------------------------------------------------------------- */

/* Enough for a chain of some length; what does not fit is left out. */
#define EXPLAIN_MAX 4000

static bool is_of(const struct attempt_record *entry, const struct view_target *target)
{
	return strcmp(entry->provider, target->provider_name) == 0 && strcmp(entry->model, target->model) == 0;
}

/* What became of a target, in a word: how its last attempt ended, why it was passed over, or that
 * nobody needed it. */
static const char *fate_of(const struct call *call, const struct view_target *target)
{
	if (call->attempt.live && call->attempt.target == target)
		return attempt_reason_name(ATTEMPT_OK);
	for (unsigned i = call->record.num_entries; i-- > 0;)
		if (is_of(&call->record.attempts[i], target))
			return attempt_reason_name(call->record.attempts[i].reason);
	return attempt_reason_name(call->no_fallback ? ATTEMPT_SKIP_NO_FALLBACK : ATTEMPT_SKIP_NOT_NEEDED);
}

/* "openai/gpt-5: rate_limited; vllm/qwen3: ok; local/tiny: not_needed", in the order of the chain. */
static void explain_header(struct call *call)
{
	const struct view_chain *chain = call->chain;
	struct buf text;

	if (!call->explain || chain == NULL)
		return;
	buf_init(&text, EXPLAIN_MAX);
	for (size_t t = 0; t < chain->num_tiers; t++)
		for (size_t i = 0; i < chain->tiers[t].num_targets; i++) {
			const struct view_target *target = &chain->tiers[t].targets[i];

			buf_printf(&text, "%s%s: %s", text.len > 0 ? "; " : "", target->name, fate_of(call, target));
		}
	httpd_add_header(call->request, "x-tollgate-explain", text.data);
	buf_release(&text);
}

/* Our own part of the time so far: all but waiting for providers. */
static int64_t overhead_us(const struct call *call)
{
	uint64_t now = clock_mono_us(), upstream = call->upstream_us;

	if (call->attempt.live)
		upstream += now - call->attempt.started_us;
	return now - call->started_us > upstream ? (int64_t)(now - call->started_us - upstream) : 0;
}

void reply_headers(struct call *call, int64_t cost_nusd)
{
	struct httpd_request *r = call->request;
	char id[ID_TEXT], target[PROVIDER_TEXT + MODEL_TEXT], cost[MONEY_TEXT];

	httpd_add_header(r, "x-tollgate-call-id", id_format(call->record.id, id));
	if (call->record.provider[0] != '\0') {
		snprintf(target, sizeof(target), "%s/%s", call->record.provider, call->record.model);
		httpd_add_header(r, "x-tollgate-target", target);
	}
	add_number(r, "x-tollgate-attempts", call->record.num_attempts);
	if (cost_nusd != COST_UNKNOWN)
		httpd_add_header(r, "x-tollgate-cost-usd", money_format(cost_nusd, cost));
	add_number(r, "x-tollgate-overhead-us", overhead_us(call));
	httpd_add_header(r, "x-tollgate-cache", "none");
	explain_header(call);
	rate_limit_headers(call);
}

/* "attempts":[{"target":"openai/gpt-5","status":429,"error":"…"},…] */
static void write_attempts(const struct call *call, struct buf *out)
{
	buf_puts(out, "\"attempts\":[");
	for (unsigned i = 0; i < call->record.num_entries; i++) {
		const struct attempt_record *a = &call->record.attempts[i];
		char target[PROVIDER_TEXT + MODEL_TEXT];

		snprintf(target, sizeof(target), "%s/%s", a->provider, a->model);
		buf_puts(out, i > 0 ? ",{\"target\":" : "{\"target\":");
		buf_json_string(out, target, strlen(target));
		if (a->status > 0)
			buf_printf(out, ",\"status\":%d", a->status);
		else
			buf_puts(out, ",\"status\":null");
		buf_printf(out, ",\"reason\":\"%s\",\"error\":", attempt_reason_name(a->reason));
		buf_json_string(out, a->error, strlen(a->error));
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

/* Settled before the first byte of the answer goes: what is refused has its row. */
static void answer_error(struct call *call, struct client_error *e, enum call_result result, enum reply_error error)
{
	struct buf details;

	buf_init(&details, 32 * 1024);
	if (call->record.num_entries > 0 && (result == CALL_FAILED || call->explain)) {
		write_attempts(call, &details);
		e->details = details.data;
	}
	call_settle(call, result, e->status, error);
	reply_headers(call, call->record.cost_nusd);
	call->dialect->write_error(e, &call->attempt.out);
	call_send_answer(call, e->status, "application/json");
	buf_release(&details);
}

void reply_refuse(struct call *call, enum reply_error error, const char *param, const char *fmt, ...)
{
	char message[512] = "";
	struct client_error e;
	va_list ap;

	if (fmt != NULL) {
		va_start(ap, fmt);
		vsnprintf(message, sizeof(message), fmt, ap);
		va_end(ap);
	}
	e = client_error(error, message);
	e.param = param;
	answer_error(call, &e, CALL_REFUSED, error);
}

static void end_stream_with_error(struct call *call, const struct client_error *e, enum reply_error error)
{
	if (call->dialect->write_stream_error != NULL)
		call->dialect->write_stream_error(e, &call->attempt.out);
	/* The status that went out was 200; the row says what the call came to. */
	call_settle(call, CALL_FAILED, 200, error);
	if (call->dialect->write_stream_error != NULL)
		call_send_end(call);
	else
		httpd_abort(call->request);
}

void reply_failed(struct call *call, enum reply_error error, int status, const char *message)
{
	struct client_error e = client_error(error, message);

	if (status > 0)
		e.status = status;
	if (call->step == STEP_RELAY) {
		end_stream_with_error(call, &e, error);
		return;
	}
	if (call->retry_after_ms > 0)
		add_number(call->request, "retry-after", (call->retry_after_ms + 999) / 1000);
	answer_error(call, &e, CALL_FAILED, error);
}
