/* SPDX-License-Identifier: MIT */
/*
 * A provider is asked for its models here, with its own credential: does it answer, how fast, and does
 * it know us.  Where a kind has no list of models the smallest chat there is is sent instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/context.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "dialects/interpreter.h"
#include "gateway/google_token.h"
#include "gateway/outgoing.h"
#include "gateway/sign_google.h"
#include "loop/fetch.h"

#define TEST_MS 10000
#define ANSWER_MAX (4u << 20)

struct test {
	struct admin_request *request;
	struct fetch *fetch;            /* NULL: over, or it waits for a token */
	struct google_tokens *tokens;   /* NULL: needs none */
	struct google_wait token;
	struct loop_timer timer;
	uint64_t started_us;
	int status;
	struct outgoing outgoing;
	struct buf body, answer;
};

static void test_free(struct test *t)
{
	if (t->fetch != NULL)
		fetch_cancel(t->fetch);
	google_wait_cancel(&t->token);
	google_tokens_free(t->tokens);
	loop_timer_clear(t->request->admin->loop, &t->timer);
	explicit_bzero(t->outgoing.text.data, t->outgoing.text.len);
	outgoing_release(&t->outgoing);
	buf_release(&t->body);
	buf_release(&t->answer);
	free(t);
}

/* -- the answer ---------------------------------------------------------------------------------- */

static json_t *result_json(bool ok, int status, int64_t latency_us, const char *error, int64_t models)
{
	json_t *json = json_object();

	json_add_bool(json, "ok", ok);
	json_add_int(json, "status", status != 0 ? status : INT64_MIN);
	json_add_int(json, "latency_us", latency_us);
	json_add_text(json, "error", error);
	json_add_int(json, "models", models);
	return json;
}

/* "data" (OpenAI, Anthropic), "models" (Gemini, Cohere): the list is under one of these. */
static int64_t count_models(const struct buf *answer)
{
	struct err ignored;
	json_t *json = json_parse(answer->data, answer->len, &ignored);
	const json_t *list = json_object_get(json, "data");
	int64_t n;

	if (list == NULL)
		list = json_object_get(json, "models");
	n = json_is_array(list) ? (int64_t)json_array_size(list) : INT64_MIN;
	json_decref(json);
	return n;
}

static void finish(struct test *t, const char *trouble)
{
	struct admin_request *r = t->request;
	const struct view_provider *p = map_get_text(&admin_view(r->admin)->providers, r->name);
	int64_t latency_us = (int64_t)(clock_mono_us() - t->started_us), models = INT64_MIN;
	struct upstream_error said = {0};
	char error[512] = "";

	if (trouble != NULL)
		snprintf(error, sizeof(error), "%s", trouble);
	else if (t->status < 200 || t->status > 299) {
		if (p != NULL)
			p->kind->endpoints[0].dialect->read_error(t->answer.data, t->answer.len, &said);
		snprintf(error, sizeof(error), "HTTP %d%s%s", t->status, said.message[0] ? ": " : "", said.message);
	} else {
		models = count_models(&t->answer);
	}
	r->status = 200;
	r->answer = result_json(error[0] == '\0', t->status, latency_us, error[0] != '\0' ? error : NULL, models);
	r->pending = NULL;
	r->cancel = NULL;
	test_free(t);
	admin_send(r);
}

/* -- the fetch ----------------------------------------------------------------------------------- */

static void on_head(void *arg, int status)
{
	((struct test *)arg)->status = status;
}

static bool on_body(void *arg, const char *data, size_t len)
{
	struct test *t = arg;

	/* A list longer than that is not counted; the answer counts all the same. */
	buf_add(&t->answer, data, len);
	return true;
}

static void on_done(void *arg, const struct fetch_end *end)
{
	struct test *t = arg;

	t->fetch = NULL;
	finish(t, end->error != FETCH_OK ? end->text : NULL);
}

static const struct fetch_ops ops = {on_head, on_body, on_done};

static void on_timeout(struct loop_timer *timer)
{
	struct test *t = CONTAINER_OF(timer, struct test, timer);

	finish(t, "no answer within ten seconds");
}

static void cancel(struct admin_request *r)
{
	test_free(r->pending);
	r->pending = NULL;
}

/* -- the request --------------------------------------------------------------------------------- */

/* The smallest chat there is, in the words the endpoint knows. */
static int write_chat(const struct view_provider *p, const struct endpoint *endpoint, const char *model, struct buf *out,
		      struct err *err)
{
	static const char body[] = "{\"model\":\"\",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
	const struct interpreter_target target = {.dialect = endpoint->dialect, .model = model,
						  .quirks = p->kind->quirks, .max_output = -1};
	struct request_facts facts;
	struct interpreter *interpreter;
	int r;

	request_facts_init(&facts);
	facts.model = jspan_member((struct jspan){body, sizeof(body) - 1}, "model");
	facts.max_output = 1;
	interpreter = interpreter_new(&openai_chat, body, sizeof(body) - 1, &facts, &target);
	r = interpreter_request(interpreter, out, err);
	interpreter_free(interpreter);
	return r;
}

/* token: NULL where none is needed. */
static int write_request(struct test *t, const struct view_provider *p, const char *token, struct err *err)
{
	const char *model = p->models.num > 0 ? p->models.names[0] : "default";
	const struct endpoint *endpoint = provider_endpoint_with(p->kind, p->options, model, &openai_chat);
	const char *path = p->kind->models_path;

	if (path == NULL) {
		path = endpoint->path;
		if (write_chat(p, endpoint, model, &t->body, err) < 0)
			return err->code;
	}
	if (outgoing_set_url(&t->outgoing, p, path, model, err) < 0)
		return err->code;
	outgoing_set_headers(&t->outgoing, p);
	if (token != NULL)
		outgoing_put_bearer(&t->outgoing, token);
	if (t->body.len > 0)
		outgoing_put_header(&t->outgoing, "Content-Type", "application/json");
	return outgoing_sign(&t->outgoing, p, t->body.len > 0 ? "POST" : "GET", t->body.data, t->body.len, err);
}

static void on_token(struct google_wait *wait, enum attempt_reason reason, const char *error);

/* As google_token(); 1 and no token where none is needed. */
static int find_token(struct test *t, const struct view_provider *p, const char **ret, struct err *err)
{
	const struct admin *admin = t->request->admin;

	*ret = NULL;
	if (p->kind->auth != AUTH_GOOGLE || !google_is_account(p->credential))
		return 1;
	if (t->tokens == NULL)
		t->tokens = google_tokens_new(admin->loop, admin->fetches);
	t->token.done = on_token;
	return google_token(t->tokens, p->credential, &t->token, ret, err);
}

static int send(struct test *t, const struct view_provider *p, struct err *err)
{
	struct fetch_request request;
	const char *token;
	int r = find_token(t, p, &token, err);

	if (r <= 0)
		return r;
	if (write_request(t, p, token, err) < 0)
		return err->code;
	request = (struct fetch_request){
		.method = t->body.len > 0 ? "POST" : "GET",
		.url = t->outgoing.url.data,
		.headers = outgoing_headers(&t->outgoing),
		.body = t->body.data,
		.body_len = t->body.len,
	};
	t->fetch = fetch_start(t->request->admin->fetches, &request, &ops, t, err);
	return t->fetch != NULL ? 0 : err->code;
}

/* The provider may have gone meanwhile. */
static void on_token(struct google_wait *wait, enum attempt_reason reason, const char *error)
{
	struct test *t = CONTAINER_OF(wait, struct test, token);
	const struct view_provider *p = map_get_text(&admin_view(t->request->admin)->providers, t->request->name);
	struct err err;

	if (reason != ATTEMPT_OK)
		finish(t, error);
	else if (p == NULL)
		finish(t, "the provider was removed");
	else if (send(t, p, &err) < 0)
		finish(t, err.text);
}

static int start(struct admin_request *r, const struct view_provider *p, struct err *err)
{
	struct test *t = xcalloc(1, sizeof(*t));

	t->request = r;
	t->timer.fire = on_timeout;
	t->started_us = clock_mono_us();
	outgoing_init(&t->outgoing);
	buf_init(&t->body, 4096);
	buf_init(&t->answer, ANSWER_MAX);
	if (send(t, p, err) < 0) {
		test_free(t);
		return err->code;
	}
	loop_timer_after(r->admin->loop, &t->timer, TEST_MS);
	r->pending = t;
	r->cancel = cancel;
	r->later = true;
	return 0;
}

int provider_test(struct admin_request *r, struct err *err)
{
	const struct view *view = admin_view(r->admin);
	const struct view_provider *p = view != NULL ? map_get_text(&view->providers, r->name) : NULL;

	if (p == NULL)
		return err_set(err, ERR_NOT_FOUND, "no provider \"%s\"", r->name);
	if (p->kind->simulated)   /* simulated: it answers inside the daemon */
		r->answer = result_json(true, 200, 0, NULL, (int64_t)p->models.num);
	else if (p->credential_error != NULL)
		r->answer = result_json(false, 0, INT64_MIN, p->credential_error, INT64_MIN);
	else
		return start(r, p, err);
	r->status = 200;
	return 0;
}
