/* SPDX-License-Identifier: MIT */
/*
 * A request becomes a call here, and a call that is settled and closed is freed here.
 */
#include "gateway/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "routing/health.h"

/* How many structs wait to be used again; more are freed. */
#define SPARE_CALLS 256

static void on_deadline(struct loop_timer *timer);

static struct call *call_new(struct gateway *g)
{
	struct list_node *n = list_pop(&g->spare);
	struct call *call;

	if (n != NULL) {
		call = CONTAINER_OF(n, struct call, node);
	} else {
		call = xcalloc(1, sizeof(*call));
		attempt_init(&call->attempt);
	}
	call->gateway = g;
	call->deadline.fire = on_deadline;
	list_append(&g->calls, &call->node);
	return call;
}

/* Everything but the buffers an attempt keeps for the next call. */
static void call_reset(struct call *call)
{
	struct attempt attempt;

	attempt_reset(&call->attempt);
	attempt = call->attempt;
	memset(call, 0, sizeof(*call));
	call->attempt = attempt;
}

static void call_free(struct gateway *g, struct call *call)
{
	seat_release(g->seat, call->view);
	view_chain_free(call->owned_chain);
	if (g->spare.count < SPARE_CALLS) {
		call_reset(call);
		list_append(&g->spare, &call->node);
		return;
	}
	attempt_release(&call->attempt);
	free(call);
}

static void sweep(struct loop_task *task)
{
	struct gateway *g = CONTAINER_OF(task, struct gateway, sweep);
	struct list_node *n;

	while ((n = list_pop(&g->ended)) != NULL)
		call_free(g, CONTAINER_OF(n, struct call, node));
}

void call_goto(struct call *call, enum call_step step)
{
	uint64_t now = loop_now_us(call->gateway->loop);

	if (step == STEP_SETTLED)
		loop_timer_clear(call->gateway->loop, &call->deadline);
	call->step = step;
	call->step_us = now;
}

/* Where an answer to a path begins: method, path, what serves it. */
enum route { ROUTE_CALL, ROUTE_MODELS, ROUTE_LIVE, ROUTE_READY, ROUTE_METRICS };

/* {model} in a path is the model's name; ?alt=… has to stand in the query.  A path that begins with /v1 is
 * also served without it, and behind /api: people paste all sorts of bases into their clients. */
static const struct route_row {
	const char *path, *method;
	enum route route;
	const struct dialect *dialect;  /* of ROUTE_CALL, and of the errors of others */
	bool stream;                    /* of ROUTE_CALL, where the path says so */
} routes[] = {
	{"/v1/chat/completions", "POST", ROUTE_CALL, &openai_chat, false},
	{"/v1/completions", "POST", ROUTE_CALL, &openai_completions, false},
	{"/v1/responses", "POST", ROUTE_CALL, &openai_responses, false},
	{"/v1/responses/input_tokens", "POST", ROUTE_CALL, &openai_count, false},
	{"/v1beta/models/{model}:generateContent", "POST", ROUTE_CALL, &gemini, false},
	{"/v1beta/models/{model}:streamGenerateContent?alt=sse", "POST", ROUTE_CALL, &gemini, true},
	{"/v1beta/models/{model}:streamGenerateContent", "POST", ROUTE_CALL, &gemini_array, true},
	{"/v1beta/models/{model}:countTokens", "POST", ROUTE_CALL, &gemini_count, false},
	{"/v1/models/{model}:countTokens", "POST", ROUTE_CALL, &gemini_count, false},
	{"/v1/models/{model}:generateContent", "POST", ROUTE_CALL, &gemini, false},
	{"/v1/models/{model}:streamGenerateContent?alt=sse", "POST", ROUTE_CALL, &gemini, true},
	{"/v1/models/{model}:streamGenerateContent", "POST", ROUTE_CALL, &gemini_array, true},
	{"/v1/messages", "POST", ROUTE_CALL, &anthropic, false},
	{"/v1/messages/count_tokens", "POST", ROUTE_CALL, &anthropic_count, false},
	{"/v1/embeddings", "POST", ROUTE_CALL, &openai_embeddings, false},
	{"/v1/moderations", "POST", ROUTE_CALL, &openai_moderations, false},
	{"/v1/rerank", "POST", ROUTE_CALL, &rerank, false},
	{"/v2/rerank", "POST", ROUTE_CALL, &rerank, false},
	{"/v1/images/generations", "POST", ROUTE_CALL, &openai_images, false},
	{"/v1/audio/speech", "POST", ROUTE_CALL, &openai_speech, false},
	{"/v1/audio/transcriptions", "POST", ROUTE_CALL, &openai_transcriptions, false},
	{"/v1/models", "GET", ROUTE_MODELS, &openai_chat, false},
	{"/v1/models/{model}", "GET", ROUTE_MODELS, &openai_chat, false},
	{"/health/live", "GET", ROUTE_LIVE, &openai_chat, false},
	{"/health/ready", "GET", ROUTE_READY, &openai_chat, false},
	{"/metrics", "GET", ROUTE_METRICS, &openai_chat, false},
};

/* "/v1beta/models/{model}:countTokens": the model may have slashes in it. */
static bool pattern_matches(const char *pattern, const char *path, char model[MODEL_TEXT])
{
	static const char word[] = "{model}";
	const char *open = strstr(pattern, word), *behind;
	size_t before, len = strlen(path);

	if (open == NULL)
		return strcmp(pattern, path) == 0;
	before = (size_t)(open - pattern);
	behind = open + sizeof(word) - 1;
	if (len <= before + strlen(behind) || strncmp(pattern, path, before) != 0 ||
	    strcmp(path + len - strlen(behind), behind) != 0 || len - before - strlen(behind) >= MODEL_TEXT)
		return false;
	copy_text(model, len - before - strlen(behind) + 1, path + before);
	return true;
}

static bool path_matches(const char *pattern, const char *path, char model[MODEL_TEXT])
{
	static const char version[] = "/v1", api[] = "/api";

	if (strncmp(path, api, sizeof(api) - 1) == 0 && path[sizeof(api) - 1] == '/')
		path += sizeof(api) - 1;
	if (pattern_matches(pattern, path, model))
		return true;
	return strncmp(pattern, version, sizeof(version) - 1) == 0 && pattern[sizeof(version) - 1] == '/' &&
	       pattern_matches(pattern + sizeof(version) - 1, path, model);
}

/* What stands behind the path in a row: "?alt=sse". */
static bool query_matches(const char *wanted, const struct httpd_request *request)
{
	const char *alt = httpd_query(request, "alt");

	return alt != NULL && strcmp(alt, strchr(wanted, '=') + 1) == 0;
}

static bool row_matches(const struct route_row *row, const struct httpd_request *request, char model[MODEL_TEXT])
{
	size_t len = strcspn(row->path, "?");
	char pattern[96];

	if (row->path[len] == '\0')
		return path_matches(row->path, httpd_path(request), model);
	copy_text(pattern, len < sizeof(pattern) ? len + 1 : sizeof(pattern), row->path);
	return path_matches(pattern, httpd_path(request), model) && query_matches(row->path + len, request);
}

/* The row that serves the request; with REPLY_WRONG_METHOD one that serves its path. */
static enum reply_error find_route(const struct httpd_request *request, const struct route_row **ret,
				   char model[MODEL_TEXT])
{
	const char *method = httpd_method(request);
	enum reply_error error = REPLY_NOT_ROUTE;

	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		if (!row_matches(&routes[i], request, model))
			continue;
		*ret = &routes[i];
		if (strcmp(method, routes[i].method) == 0 ||
		    (strcmp(method, "HEAD") == 0 && routes[i].route != ROUTE_CALL))
			return REPLY_NONE;
		error = REPLY_WRONG_METHOD;
	}
	return error;
}

static void refuse_route(struct gateway *g, struct httpd_request *request, enum reply_error error,
			 const struct route_row *row)
{
	char message[200] = "";

	atomic_fetch_add_explicit(&g->stats->strays[STRAY_NO_ROUTE], 1, memory_order_relaxed);
	if (error == REPLY_WRONG_METHOD) {
		snprintf(message, sizeof(message), "%s takes %s, not %.20s", row->path, row->method,
			 httpd_method(request));
		httpd_add_header(request, "allow", row->method);
	}
	reply_stray(request, row != NULL ? row->dialect : &openai_chat, error, message);
}

static void answer_health(struct gateway *g, struct httpd_request *request, bool ready)
{
	static const char ok[] = "{\"status\":\"ok\"}", draining[] = "{\"status\":\"draining\"}";

	if (ready && g->draining)
		httpd_reply(request, 503, "application/json", draining, sizeof(draining) - 1);
	else
		httpd_reply(request, 200, "application/json", ok, sizeof(ok) - 1);
}

static const char *header_or(const struct httpd_request *request, const char *name, const char *otherwise)
{
	const char *value = httpd_header(request, name);

	return value != NULL ? value : otherwise;
}

static bool header_is_true(const struct httpd_request *request, const char *name)
{
	const char *value = header_or(request, name, "");

	/* Python's str(True) is "True". */
	return strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

/* Who calls, by OpenRouter's convention: X-Title, else HTTP-Referer, else the User-Agent's product. */
static void name_app(struct call *call)
{
	const struct httpd_request *r = call->request;
	const char *app = header_or(r, "x-title", header_or(r, "http-referer", header_or(r, "referer", NULL)));
	char *out = call->record.app;

	if (app != NULL) {
		copy_text(out, sizeof(call->record.app), app);
		return;
	}
	copy_text(out, sizeof(call->record.app), header_or(r, "user-agent", ""));
	out[strcspn(out, "/ ")] = '\0';
}

static void read_headers(struct call *call)
{
	const struct httpd_request *r = call->request;

	name_app(call);
	copy_text(call->record.session, sizeof(call->record.session), header_or(r, "x-tollgate-session", ""));
	copy_text(call->record.tags, sizeof(call->record.tags), header_or(r, "x-tollgate-tags", ""));
	copy_text(call->record.remote, sizeof(call->record.remote), httpd_remote(r));
	call->no_fallback = header_is_true(r, "x-tollgate-no-fallback");
	call->explain = header_is_true(r, "x-tollgate-explain");
	call->drop_params = header_is_true(r, "x-tollgate-drop-params");
}

static struct call *call_begin(struct gateway *g, struct httpd_request *request, const struct view *view,
			       const struct view_key *key, const struct route_row *row, const char *model)
{
	struct call *call = call_new(g);
	struct call_record *record = &call->record;

	call->request = request;
	call->view = view;
	call->key = key;
	call->dialect = row->dialect;
	request_facts_init(&call->facts);
	call->facts.stream = row->stream;
	copy_text(call->facts.model_name, sizeof(call->facts.model_name), model);
	call->started_us = httpd_started_us(request);
	call->max_output = -1;
	httpd_set_arg(request, call);
	record->id = id_next(&g->ids, loop_wall_ms(g->loop));
	record->team_id = key->team->id;
	record->key_id = key->id;
	record->first_byte_us = -1;
	usage_init(&record->usage);
	record->cost_nusd = record->billed_nusd = COST_UNKNOWN;
	read_headers(call);
	call_goto(call, STEP_BODY);
	atomic_fetch_add_explicit(&g->stats->calls, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&g->stats->open, 1, memory_order_relaxed);
	return call;
}

static void fill_slot(struct call *call)
{
	struct journal_slot *slot = call->slot;

	slot->id = call->record.id;
	slot->team_id = call->record.team_id;
	slot->key_id = call->record.key_id;
}

static void begin_call(struct gateway *g, struct httpd_request *request, const struct route_row *row,
		       const char *model)
{
	const struct view *view = seat_acquire(g->seat);
	enum reply_error objection;
	enum stray_cause cause;
	const struct view_key *key = authenticate(view, request, &objection, &cause);
	struct call *call;

	if (key == NULL) {
		seat_release(g->seat, view);
		atomic_fetch_add_explicit(&g->stats->strays[cause], 1, memory_order_relaxed);
		reply_stray(request, row->dialect, objection, NULL);
		return;
	}
	call = call_begin(g, request, view, key, row, model);
	call->slot = journal_admit(g->journal);
	if (call->slot == NULL) {
		atomic_fetch_add_explicit(&g->stats->storage_refusals, 1, memory_order_relaxed);
		reply_refuse(call, REPLY_STORAGE, NULL,
			     "the ledger cannot take more calls now (its disk is full, or slower than the traffic); "
			     "see tollgate status");
		return;
	}
	fill_slot(call);
	objection = g->draining ? REPLY_DRAINING : key_objection(key, loop_wall_ms(g->loop));
	/* The next connection finds another gateway, or this one again. */
	if (objection == REPLY_DRAINING)
		httpd_add_header(request, "retry-after", "1");
	if (objection != REPLY_NONE)
		reply_refuse(call, objection, NULL, NULL);
}

static void on_head(struct httpd_request *request)
{
	struct gateway *g = httpd_owner(request);
	const struct route_row *row = NULL;
	char model[MODEL_TEXT] = "";
	enum reply_error error = find_route(request, &row, model);

	if (error != REPLY_NONE) {
		refuse_route(g, request, error, row);
		return;
	}
	switch (row->route) {
	case ROUTE_CALL:
		begin_call(g, request, row, model);
		break;
	case ROUTE_MODELS:
		answer_models(g, request);
		break;
	case ROUTE_LIVE:
	case ROUTE_READY:
		answer_health(g, request, row->route == ROUTE_READY);
		break;
	case ROUTE_METRICS:
		answer_metrics(g, request);
		break;
	}
}

/* The header may ask for less time than the chain allows, never for more. */
static int64_t call_timeout_ms(const struct call *call)
{
	int64_t most = call->chain->timeout_ms;

	return call->timeout_ms > 0 && call->timeout_ms < most ? call->timeout_ms : most;
}

static void on_ready(struct httpd_request *request)
{
	struct call *call = httpd_arg(request);
	struct loop *loop;

	if (call == NULL || call->step != STEP_BODY)
		return;
	if (!call_admit(call))
		return;
	loop = call->gateway->loop;
	loop_timer_set(loop, &call->deadline, call->started_us + (uint64_t)call_timeout_ms(call) * 1000);
	plan_init(&call->plan, call->chain, call->record.id);
	call_goto(call, STEP_ATTEMPT);
	attempt_next(call);
}

static void on_deadline(struct loop_timer *timer)
{
	struct call *call = CONTAINER_OF(timer, struct call, deadline);
	char text[96 + PROVIDER_TEXT + MODEL_TEXT], limit[32];
	int len = snprintf(text, sizeof(text), "the call's deadline of %s passed",
			   duration_format(call_timeout_ms(call), limit));

	if (call->attempt.live)
		snprintf(text + len, sizeof(text) - (size_t)len, " while %s was asked", call->attempt.target->name);
	attempt_cancel(call, ATTEMPT_DEADLINE, text);
	reply_failed(call, REPLY_UPSTREAM_TIMEOUT, 504, text);
}

static void on_gone(struct httpd_request *request)
{
	struct call *call = httpd_arg(request);

	if (call == NULL || call->step == STEP_SETTLED)
		return;
	attempt_cancel(call, ATTEMPT_CLIENT_GONE, "the client left");
	call_settle(call, CALL_ABORTED, 0, REPLY_CLIENT_GONE);
}

static void on_drained(struct httpd_request *request)
{
	struct call *call = httpd_arg(request);

	if (call != NULL && call->step == STEP_RELAY)
		attempt_resume(call);
}

static void on_closed(struct httpd_request *request)
{
	struct call *call = httpd_arg(request);
	struct gateway *g;

	if (call == NULL)
		return;
	g = call->gateway;
	/* Answered calls are settled before their last byte; this is the client that left unnoticed. */
	if (call->step != STEP_SETTLED) {
		attempt_cancel(call, ATTEMPT_CLIENT_GONE, "the client left");
		call_settle(call, CALL_ABORTED, 0, REPLY_CLIENT_GONE);
	}
	call_forget_answer(call);
	call->request = NULL;
	list_remove(&g->calls, &call->node);
	list_append(&g->ended, &call->node);
	loop_defer(g->loop, &g->sweep);
}

const struct httpd_ops call_http_ops = {
	.head = on_head,
	.ready = on_ready,
	.gone = on_gone,
	.drained = on_drained,
	.closed = on_closed,
};

void gateway_init(struct gateway *g)
{
	list_init(&g->calls);
	list_init(&g->spare);
	list_init(&g->ended);
	g->sweep.run = sweep;
	gateway_init_answers(g);
}

void gateway_release(struct gateway *g)
{
	struct list_node *n;

	sweep(&g->sweep);
	google_tokens_free(g->tokens);
	while ((n = list_pop(&g->spare)) != NULL) {
		struct call *call = CONTAINER_OF(n, struct call, node);

		attempt_release(&call->attempt);
		free(call);
	}
}

/* FNV-1a: an average that two names share is a worse guess, nothing more. */
static size_t output_place(const char *model)
{
	uint32_t h = 2166136261u;

	for (; *model != '\0'; model++)
		h = (h ^ (unsigned char)*model) * 16777619u;
	return h % ARRAY_LEN(((struct gateway *)0)->usual_output);
}

int64_t usual_output(const struct gateway *g, const char *model)
{
	const int64_t before_the_first = 256;
	int64_t known = g->usual_output[output_place(model)];

	return known > 0 ? known : before_the_first;
}

void usual_output_learn(struct gateway *g, const char *model, int64_t tokens)
{
	int64_t *place = &g->usual_output[output_place(model)];

	*place = *place > 0 ? (*place * 7 + tokens) / 8 : tokens;
	if (*place < 1)
		*place = 1;
}
