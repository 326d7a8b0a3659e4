/* SPDX-License-Identifier: MIT */
/* Google's token endpoints are asked here, one request at a time for each account. */
#include "gateway/google_token.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/jscan.h"
#include "base/mem.h"
#include "base/text.h"
#include "gateway/sign_google.h"
#include "gateway/verdict.h"
#include "loop/fetch.h"
#include "loop/loop.h"

/* How long the endpoint may take; how long before its end a token is not used any more; how long it lives where
 * that is not said; ceilings. */
enum { ASK_MS = 15000, SPARE_S = 60, USUAL_S = 300, LEAST_S = 5, URL_MAX = 1024, FORM_MAX = 16 * 1024, ANSWER_MAX = 64 * 1024, ERROR_TEXT = 300 };

struct account {
	struct google_tokens *tokens;
	struct account *next;
	unsigned char hash[HASH_BYTES]; /* of the credential */
	char *token;                    /* NULL: none yet */
	int64_t good_until_s;           /* since 1970 */
	struct list waiting;

	/* While it is asked for. */
	struct fetch *fetch;
	struct loop_timer timer;
	int status;
	struct buf url, form, answer;
};

struct google_tokens {
	struct loop *loop;
	struct fetch_pool *fetches;
	struct account *accounts;
};

struct google_tokens *google_tokens_new(struct loop *loop, struct fetch_pool *fetches)
{
	struct google_tokens *t = xcalloc(1, sizeof(*t));

	t->loop = loop;
	t->fetches = fetches;
	return t;
}

static void forget_token(struct account *a)
{
	if (a->token != NULL)
		sodium_memzero(a->token, strlen(a->token));
	free(a->token);
	a->token = NULL;
}

/* What was sent is as secret as the key itself. */
static void forget_request(struct account *a)
{
	sodium_memzero(a->form.data, a->form.len);
	sodium_memzero(a->answer.data, a->answer.len);
	buf_release(&a->url);
	buf_release(&a->form);
	buf_release(&a->answer);
}

static void account_free(struct account *a)
{
	if (a->fetch != NULL)
		fetch_cancel(a->fetch);
	loop_timer_clear(a->tokens->loop, &a->timer);
	forget_token(a);
	forget_request(a);
	free(a);
}

void google_tokens_free(struct google_tokens *t)
{
	while (t != NULL && t->accounts != NULL) {
		struct account *a = t->accounts;

		t->accounts = a->next;
		account_free(a);
	}
	free(t);
}

/* -- waiting ------------------------------------------------------------------------------------- */

static void wait_on(struct google_wait *wait, struct list *list)
{
	wait->list = list;
	list_append(list, &wait->node);
}

void google_wait_cancel(struct google_wait *wait)
{
	if (wait->list != NULL)
		list_remove(wait->list, &wait->node);
	wait->list = NULL;
}

/* Whoever waited until now; some of them may begin to wait again. */
static void wake_all(struct account *a, enum attempt_reason reason, const char *error)
{
	struct list woken;
	struct list_node *n;

	list_init(&woken);
	while ((n = list_pop(&a->waiting)) != NULL)
		wait_on(CONTAINER_OF(n, struct google_wait, node), &woken);
	while ((n = list_pop(&woken)) != NULL) {
		struct google_wait *wait = CONTAINER_OF(n, struct google_wait, node);

		wait->list = NULL;
		wait->done(wait, reason, error);
	}
}

/* -- the answer ---------------------------------------------------------------------------------- */

/* It goes into a header. */
static bool is_token(const char *text)
{
	size_t n = 0;

	while (text[n] > ' ' && text[n] < 0x7f)
		n++;
	return n > 0 && text[n] == '\0';
}

/* A token that has hardly begun is used at least once, however short it lives. */
static int64_t usable_s(int64_t seconds)
{
	int64_t usable = seconds > 2 * SPARE_S ? seconds - SPARE_S : seconds / 2;

	return usable > LEAST_S ? usable : LEAST_S;
}

/* False when it is no token. */
static bool read_token(struct account *a, int64_t now_s)
{
	struct jfield f[] = {{.name = "access_token"}, {.name = "expires_in"}};
	int64_t seconds = USUAL_S;
	struct buf text;

	if (jscan_object(a->answer.data, a->answer.len, f, 2, NULL) < 0)
		return false;
	jspan_int(f[1].value, &seconds);
	buf_init(&text, ANSWER_MAX);
	jspan_text(f[0].value, &text);
	forget_token(a);
	if (is_token(text.data))
		a->token = buf_detach(&text);
	a->good_until_s = now_s + usable_s(seconds);
	buf_release(&text);
	return a->token != NULL;
}

/* {"error": "invalid_grant", "error_description": "Invalid JWT Signature."} */
static void complain(struct account *a, char out[ERROR_TEXT])
{
	struct jfield f[] = {{.name = "error"}, {.name = "error_description"}};
	char code[64] = "", why[160] = "";
	struct buf clean;

	if (jscan_object(a->answer.data, a->answer.len, f, 2, NULL) == 0) {
		jspan_copy_cut(f[0].value, code, sizeof(code));
		jspan_copy_cut(f[1].value, why, sizeof(why));
	}
	buf_init(&clean, 4096);
	text_clean(&clean, code, strlen(code), false);
	if (why[0] != '\0')
		buf_puts(&clean, code[0] != '\0' ? ": " : "");
	text_clean(&clean, why, strlen(why), false);
	snprintf(out, ERROR_TEXT, "the token endpoint gave no token: %.200s (HTTP %d)",
		 clean.len > 0 ? clean.data : "it did not say why", a->status);
	buf_release(&clean);
}

static enum attempt_reason reason_of_answer(int status)
{
	/* It answers 400 to an account it does not know. */
	return status >= 500 || status == 429 ? reason_of_status(status) : ATTEMPT_AUTH;
}

static void finish(struct account *a, enum attempt_reason reason, const char *error)
{
	loop_timer_clear(a->tokens->loop, &a->timer);
	a->fetch = NULL;
	forget_request(a);
	wake_all(a, reason, error);
}

static void on_head(void *arg, int status)
{
	((struct account *)arg)->status = status;
}

static bool on_body(void *arg, const char *data, size_t len)
{
	struct account *a = arg;

	buf_add(&a->answer, data, len);
	return true;
}

static void on_done(void *arg, const struct fetch_end *end)
{
	struct account *a = arg;
	char error[ERROR_TEXT];

	if (end->error != FETCH_OK) {
		snprintf(error, sizeof(error), "the token endpoint: %.200s",
			 end->text != NULL ? end->text : "the connection failed");
		finish(a, reason_of_fetch(end->error), error);
	} else if (a->status == 200 && read_token(a, clock_wall_ms() / 1000)) {
		finish(a, ATTEMPT_OK, NULL);
	} else {
		complain(a, error);
		finish(a, reason_of_answer(a->status), error);
	}
}

static void on_timeout(struct loop_timer *timer)
{
	struct account *a = CONTAINER_OF(timer, struct account, timer);

	fetch_cancel(a->fetch);
	finish(a, ATTEMPT_FIRST_BYTE_TIMEOUT, "the token endpoint did not answer within 15 s");
}

/* -- asking -------------------------------------------------------------------------------------- */

static const struct fetch_ops ops = {.head = on_head, .body = on_body, .done = on_done};

static int ask(struct account *a, const char *credential, int64_t now_s, struct err *err)
{
	static const struct fetch_header headers[] = {{"Content-Type", "application/x-www-form-urlencoded"}, {NULL, NULL}};
	struct fetch_request request = {.method = "POST", .headers = headers};

	buf_init(&a->url, URL_MAX);
	buf_init(&a->form, FORM_MAX);
	buf_init(&a->answer, ANSWER_MAX);
	if (google_token_request(credential, now_s, &a->url, &a->form, err) < 0) {
		forget_request(a);
		return err->code;
	}
	request.url = a->url.data;
	request.body = a->form.data;
	request.body_len = a->form.len;
	a->status = 0;
	a->timer.fire = on_timeout;
	a->fetch = fetch_start(a->tokens->fetches, &request, &ops, a, err);
	if (a->fetch == NULL) {
		forget_request(a);
		return err->code;
	}
	loop_timer_after(a->tokens->loop, &a->timer, ASK_MS);
	return 0;
}

/* Accounts whose token has ended and that nobody waits for: their credentials may have been replaced. */
static void drop_old(struct google_tokens *t, int64_t now_s)
{
	struct account **at = &t->accounts, *a;

	while ((a = *at) != NULL) {
		if (a->fetch != NULL || !list_is_empty(&a->waiting) || now_s < a->good_until_s) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		account_free(a);
	}
}

static struct account *find_account(struct google_tokens *t, const char *credential, int64_t now_s)
{
	unsigned char hash[HASH_BYTES];
	struct account *a = t->accounts;

	hash_sha256(credential, strlen(credential), hash);
	while (a != NULL && memcmp(a->hash, hash, HASH_BYTES) != 0)
		a = a->next;
	if (a != NULL)
		return a;
	drop_old(t, now_s);
	a = xcalloc(1, sizeof(*a));
	a->tokens = t;
	memcpy(a->hash, hash, HASH_BYTES);
	list_init(&a->waiting);
	buf_init(&a->url, URL_MAX);
	buf_init(&a->form, FORM_MAX);
	buf_init(&a->answer, ANSWER_MAX);
	a->next = t->accounts;
	t->accounts = a;
	return a;
}

int google_token(struct google_tokens *t, const char *credential, struct google_wait *wait, const char **ret, struct err *err)
{
	int64_t now_s = clock_wall_ms() / 1000;
	struct account *a = find_account(t, credential, now_s);

	if (a->token != NULL && now_s < a->good_until_s) {
		*ret = a->token;
		return 1;
	}
	if (a->fetch == NULL && ask(a, credential, now_s, err) < 0)
		return err->code;
	wait_on(wait, &a->waiting);
	return 0;
}
