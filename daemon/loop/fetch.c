/* SPDX-License-Identifier: MIT */
/* A request to a provider is started, its answer handed on in pieces, and its end told, here. */
#include "loop/fetch_private.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/mem.h"

#define CONNECT_MS 10000
#define HEAD_MAX (64 * 1024)
/* libcurl is told to stop at the mark; the rest is room for what it still hands over. */
#define BODY_MARK (256 * 1024)
#define BODY_MAX (1024 * 1024)
/* What libcurl reads at once: an event of a stream, or a piece of a large answer.  Each open fetch has
 * a buffer of it, whatever comes. */
#define READ_BYTES 4096L
/* A spare fetch does not keep a larger buffer. */
#define BODY_KEEP (64 * 1024)

/* -- what libcurl calls: bytes are put aside, nobody is called -- */

static void make_ready(struct fetch *fetch)
{
	if (!list_contains(&fetch->node))
		list_append(&fetch->pool->ready, &fetch->node);
}

static bool add_header(struct buf *head, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len), *value, *end = line + len;

	if (colon == NULL)
		return true;
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
		value++;
	while (end > value && strchr(" \t\r\n", end[-1]) != NULL)
		end--;
	return buf_add(head, line, (size_t)(colon - line)) && buf_putc(head, '\0') &&
	       buf_add(head, value, (size_t)(end - value)) && buf_putc(head, '\0');
}

/* One line at a time; heads of interim answers (1xx) come first and are forgotten. */
static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
	struct fetch *fetch = arg;
	size_t len = size * count;

	/* What comes behind the body is nobody's wish. */
	if (fetch->head_complete)
		return len;
	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		const char *space = memchr(line, ' ', len);

		buf_clear(&fetch->head);
		fetch->status = space != NULL ? (int)strtol(space, NULL, 10) : 0;
	} else if (line[0] == '\r' || line[0] == '\n') {
		fetch->head_complete = fetch->status >= 200;
		if (fetch->head_complete)
			make_ready(fetch);
	} else if (!add_header(&fetch->head, line, len)) {
		return 0;
	}
	return len;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct fetch *fetch = arg;
	size_t len = size * count;

	if (fetch->body.len >= BODY_MARK) {
		fetch->held = true;
		return CURL_WRITEFUNC_PAUSE;
	}
	if (!buf_add(&fetch->body, data, len))
		return 0;
	make_ready(fetch);
	return len;
}

void fetch_collect_finished(struct fetch_pool *pool)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(pool->multi, &left)) != NULL) {
		struct fetch *fetch;
		char *private;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		fetch = (struct fetch *)private;
		fetch->finished = true;
		fetch->result = message->data.result;
		make_ready(fetch);
	}
}

/* -- the end -- */

/* NULL: what libcurl says of it is better. */
static const struct failure {
	CURLcode code;
	enum fetch_error error;
	const char *text;
} failures[] = {
	{CURLE_OK, FETCH_OK, "complete"},
	{CURLE_COULDNT_RESOLVE_HOST, FETCH_RESOLVE, NULL},
	{CURLE_COULDNT_RESOLVE_PROXY, FETCH_RESOLVE, NULL},
	{CURLE_COULDNT_CONNECT, FETCH_REFUSED, "connection refused"},
	{CURLE_OPERATION_TIMEDOUT, FETCH_CONNECT_TIMEOUT, "no connection in time"},
	{CURLE_SSL_CONNECT_ERROR, FETCH_TLS, NULL},
	{CURLE_PEER_FAILED_VERIFICATION, FETCH_TLS, NULL},
	{CURLE_SSL_CERTPROBLEM, FETCH_TLS, NULL},
	{CURLE_SSL_CIPHER, FETCH_TLS, NULL},
	{CURLE_SSL_CACERT_BADFILE, FETCH_TLS, NULL},
	{CURLE_SSL_ISSUER_ERROR, FETCH_TLS, NULL},
	{CURLE_RECV_ERROR, FETCH_RESET, "the connection broke"},
	{CURLE_SEND_ERROR, FETCH_RESET, "the connection broke while the request was sent"},
	{CURLE_PARTIAL_FILE, FETCH_RESET, "the connection closed before the answer was complete"},
	{CURLE_HTTP2_STREAM, FETCH_RESET, NULL},
	{CURLE_GOT_NOTHING, FETCH_EMPTY, "the connection closed without an answer"},
	{CURLE_WEIRD_SERVER_REPLY, FETCH_PROTOCOL, "the answer is not HTTP"},
	{CURLE_UNSUPPORTED_PROTOCOL, FETCH_PROTOCOL, NULL},
	{CURLE_HTTP2, FETCH_PROTOCOL, NULL},
	{CURLE_BAD_CONTENT_ENCODING, FETCH_PROTOCOL, NULL},
	{CURLE_WRITE_ERROR, FETCH_PROTOCOL, "the answer's headers are larger than 64 KiB"},
};

static const char *libcurl_text(const struct fetch *fetch)
{
	return fetch->error_text[0] != '\0' ? fetch->error_text : curl_easy_strerror(fetch->result);
}

static void describe_end(struct fetch *fetch, struct fetch_end *end)
{
	long num_connects = 0, error = 0;

	*end = (struct fetch_end){.error = FETCH_OTHER};
	curl_easy_getinfo(fetch->easy, CURLINFO_NUM_CONNECTS, &num_connects);
	curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &error);
	for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
		if (failures[i].code == fetch->result) {
			end->error = failures[i].error;
			end->text = failures[i].text;
		}
	}
	end->reused = num_connects == 0 &&
		      (fetch->status != 0 || end->error == FETCH_RESET || end->error == FETCH_EMPTY);
	/* "No route to host" and the like. */
	if (end->error == FETCH_REFUSED && error != 0 && error != ECONNREFUSED)
		end->text = strerror((int)error);
	if (fetch->result == CURLE_COULDNT_CONNECT && fetch->socket_errno != 0) {
		end->error = FETCH_NO_SOCKET;
		snprintf(fetch->error_text, sizeof(fetch->error_text), "the gateway could not open a socket: %s",
			 strerror(fetch->socket_errno));
		end->text = fetch->error_text;
	}
	if (end->text == NULL)
		end->text = libcurl_text(fetch);
}

/* The struct lives on until the turn is over: a caller up the stack may be looking at it. */
static void end(struct fetch *fetch)
{
	struct fetch_pool *pool = fetch->pool;

	fetch->ended = true;
	if (list_contains(&fetch->node))
		list_remove(&pool->ready, &fetch->node);
	/* Closes the connection, if the answer was not complete. */
	curl_multi_remove_handle(pool->multi, fetch->easy);
	curl_slist_free_all(fetch->lines);
	fetch->lines = NULL;
	pool->num_open--;
	list_append(&pool->over, &fetch->node);
	loop_defer(pool->loop, &pool->reap);
}

static void tell_done(struct fetch *fetch)
{
	struct fetch_end result;

	describe_end(fetch, &result);
	end(fetch);
	fetch->ops->done(fetch->arg, &result);
}

void fetch_cancel(struct fetch *fetch)
{
	assert(!fetch->ended);
	end(fetch);
}

/* -- handing on -- */

static void tell_body(struct fetch *fetch)
{
	bool taken = fetch->ops->body(fetch->arg, fetch->body.data, fetch->body.len);

	if (fetch->ended)
		return;
	if (!taken) {
		fetch->paused = true;
		return;
	}
	buf_clear(&fetch->body);
	if (fetch->held) {
		fetch->held = false;
		/* May call on_body() from within. */
		curl_easy_pause(fetch->easy, CURLPAUSE_CONT);
	}
}

static void deliver(struct fetch *fetch)
{
	if (fetch->head_complete && !fetch->head_told) {
		fetch->head_told = true;
		fetch->ops->head(fetch->arg, fetch->status);
	}
	while (!fetch->ended && !fetch->paused && fetch->body.len > 0)
		tell_body(fetch);
	if (!fetch->ended && !fetch->paused && fetch->finished)
		tell_done(fetch);
}

void fetch_pool_deliver(struct fetch_pool *pool)
{
	struct list_node *node;

	while ((node = list_pop(&pool->ready)) != NULL)
		deliver(CONTAINER_OF(node, struct fetch, node));
}

void fetch_resume(struct fetch *fetch)
{
	if (!fetch->paused)
		return;
	fetch->paused = false;
	make_ready(fetch);
	loop_defer(fetch->pool->loop, &fetch->pool->deliver);
}

const char *fetch_header(const struct fetch *fetch, const char *name)
{
	const char *at = fetch->head.data, *stop = at + fetch->head.len;

	while (at < stop) {
		const char *value = at + strlen(at) + 1;

		if (strcasecmp(at, name) == 0)
			return value;
		at = value + strlen(value) + 1;
	}
	return NULL;
}

/* -- the beginning -- */

/* What is the same for every request. */
static void set_once(struct fetch *fetch)
{
	CURL *easy = fetch->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, fetch->error_text);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, fetch_pool_open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, fetch);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, fetch_pool_close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, fetch->pool);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BYTES);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
}

static struct fetch *take_spare(struct fetch_pool *pool)
{
	struct list_node *node = list_pop(&pool->spare);
	struct fetch *fetch;

	if (node != NULL)
		return CONTAINER_OF(node, struct fetch, node);
	fetch = xcalloc(1, sizeof(*fetch));
	fetch->pool = pool;
	fetch->easy = curl_easy_init();
	if (fetch->easy == NULL) {
		free(fetch);
		return NULL;
	}
	buf_init(&fetch->head, HEAD_MAX);
	buf_init(&fetch->body, BODY_MAX);
	set_once(fetch);
	return fetch;
}

void fetch_destroy(struct fetch *fetch)
{
	curl_easy_cleanup(fetch->easy);
	curl_slist_free_all(fetch->lines);
	buf_release(&fetch->head);
	buf_release(&fetch->body);
	free(fetch);
}

static void forget_last(struct fetch *fetch)
{
	buf_clear(&fetch->head);
	buf_clear(&fetch->body);
	if (fetch->body.size > BODY_KEEP)
		buf_release(&fetch->body);
	fetch->error_text[0] = '\0';
	fetch->status = fetch->socket_errno = 0;
	fetch->result = CURLE_OK;
	fetch->head_complete = fetch->head_told = false;
	fetch->paused = fetch->held = fetch->finished = fetch->ended = false;
}

static void add_line(struct fetch *fetch, const char *line)
{
	struct curl_slist *longer = curl_slist_append(fetch->lines, line);

	if (longer != NULL)
		fetch->lines = longer;
}

/* Whoever smuggled a line break into a value would write headers of their own. */
static bool is_clean(const struct fetch_header *header)
{
	return strpbrk(header->name, "\r\n: ") == NULL && strpbrk(header->value, "\r\n") == NULL;
}

static int set_headers(struct fetch *fetch, const struct fetch_header *headers, struct err *err)
{
	bool has_type = false;

	for (; headers != NULL && headers->name != NULL; headers++) {
		char *line;

		if (!is_clean(headers))
			return err_set(err, ERR_INVALID, "header %s has a line break in it", headers->name);
		has_type = has_type || strcasecmp(headers->name, "Content-Type") == 0;
		/* libcurl's way to say a header without a value. */
		line = headers->value[0] == '\0' ? xasprintf("%s;", headers->name)
						 : xasprintf("%s: %s", headers->name, headers->value);
		add_line(fetch, line);
		free(line);
	}
	/* libcurl would add these by itself. */
	add_line(fetch, "Expect:");
	if (!has_type)
		add_line(fetch, "Content-Type:");
	curl_easy_setopt(fetch->easy, CURLOPT_HTTPHEADER, fetch->lines);
	return 0;
}

static void set_method(struct fetch *fetch, const struct fetch_request *request)
{
	bool is_get = strcmp(request->method, "GET") == 0, is_post = strcmp(request->method, "POST") == 0;

	if (is_post || request->body != NULL) {
		curl_easy_setopt(fetch->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(fetch->easy, CURLOPT_POSTFIELDS, request->body != NULL ? request->body : "");
		curl_easy_setopt(fetch->easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)(request->body != NULL ? request->body_len : 0));
	} else {
		curl_easy_setopt(fetch->easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(fetch->easy, CURLOPT_NOBODY, strcmp(request->method, "HEAD") == 0 ? 1L : 0L);
	curl_easy_setopt(fetch->easy, CURLOPT_CUSTOMREQUEST, is_get || is_post ? NULL : request->method);
}

struct fetch *fetch_start(struct fetch_pool *pool, const struct fetch_request *request,
			  const struct fetch_ops *ops, void *arg, struct err *err)
{
	struct fetch *fetch = take_spare(pool);

	if (fetch == NULL)
		goto failed;
	forget_last(fetch);
	fetch->ops = ops;
	fetch->arg = arg;
	fetch->connect_ms = request->connect_ms > 0 ? request->connect_ms : CONNECT_MS;
	if (set_headers(fetch, request->headers, err) < 0) {
		fetch_destroy(fetch);
		return NULL;
	}
	set_method(fetch, request);
	curl_easy_setopt(fetch->easy, CURLOPT_URL, request->url);
	curl_easy_setopt(fetch->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)fetch->connect_ms);
	/* libcurl asks for its timer at once, and begins when that fires: in this turn, or the next. */
	if (curl_multi_add_handle(pool->multi, fetch->easy) == CURLM_OK) {
		pool->num_open++;
		return fetch;
	}
	fetch_destroy(fetch);
failed:
	err_set(err, ERR_SYSTEM, "libcurl does not take the request");
	return NULL;
}
