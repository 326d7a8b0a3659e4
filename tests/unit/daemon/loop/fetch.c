/* SPDX-License-Identifier: MIT */
/* Requests out: against an httpd of our own in the same loop, and against servers that misbehave. */
#include "loop/fetch.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "client.h"

static struct loop *loop;
static struct fetch_pool *pool;

/* -- the upstream: an httpd -- */

static struct httpd *httpd;
static struct httpd_request *streaming;
static unsigned num_upstream_gone;

static void on_head(struct httpd_request *request)
{
	(void)request;
}

static void on_ready(struct httpd_request *request)
{
	struct buf text;

	if (strcmp(httpd_path(request), "/stream") == 0) {
		streaming = request;
		httpd_stream(request, 200, "text/event-stream");
		return;
	}
	if (strcmp(httpd_path(request), "/silent") == 0)
		return;
	if (strcmp(httpd_path(request), "/large") == 0) {
		/* More than the kernel's buffers between the two sockets take. */
		char *data = xcalloc(1, 20000000);

		memset(data, 'L', 20000000);
		httpd_reply(request, 200, NULL, data, 20000000);
		free(data);
		return;
	}
	buf_init(&text, 10000);
	buf_printf(&text, "%s %s key=%s type=%s accept=%s body=%s", httpd_method(request), httpd_path(request),
		   httpd_header(request, "x-key"), httpd_header(request, "content-type"),
		   httpd_header(request, "expect"), httpd_body(request)->data);
	httpd_add_header(request, "X-Answer", "a value");
	httpd_reply(request, 207, "text/plain", text.data, text.len);
	buf_release(&text);
}

static void on_gone(struct httpd_request *request)
{
	(void)request;
	num_upstream_gone++;
}

static void on_closed(struct httpd_request *request)
{
	if (streaming == request)
		streaming = NULL;
}

static const struct httpd_ops upstream_ops = {
	.head = on_head, .ready = on_ready, .gone = on_gone, .closed = on_closed};

/* -- the owner of a fetch -- */

struct owner {
	struct fetch *fetch;
	int status;
	struct buf body;
	unsigned num_heads, num_bodies, num_done;
	enum fetch_error error;
	bool reused;
	char text[256], answer[64];
	/* What it does in its callbacks. */
	bool cancel_in_head, cancel_in_body, refuse_body;
	struct owner *cancel_other, *start_in_done;
};

static void start(struct owner *owner, const char *method, const char *path, const char *body);

static void on_fetch_head(void *arg, int status)
{
	struct owner *owner = arg;
	const char *answer = fetch_header(owner->fetch, "x-ANSWER");

	owner->num_heads++;
	owner->status = status;
	copy_text(owner->answer, sizeof(owner->answer), answer != NULL ? answer : "(none)");
	if (owner->cancel_other != NULL)
		fetch_cancel(owner->cancel_other->fetch);
	if (owner->cancel_in_head)
		fetch_cancel(owner->fetch);
}

static bool on_fetch_body(void *arg, const char *data, size_t len)
{
	struct owner *owner = arg;

	owner->num_bodies++;
	if (owner->cancel_in_body)
		fetch_cancel(owner->fetch);
	if (owner->refuse_body)
		return false;
	buf_add(&owner->body, data, len);
	return true;
}

static void on_fetch_done(void *arg, const struct fetch_end *end)
{
	struct owner *owner = arg;

	owner->num_done++;
	owner->error = end->error;
	owner->reused = end->reused;
	copy_text(owner->text, sizeof(owner->text), end->text);
	if (owner->start_in_done != NULL)
		start(owner->start_in_done, "GET", "/after", NULL);
}

static const struct fetch_ops owner_ops = {
	.head = on_fetch_head, .body = on_fetch_body, .done = on_fetch_done};

static void owner_init(struct owner *owner)
{
	*owner = (struct owner){.fetch = NULL};
	buf_init(&owner->body, 64 * 1024 * 1024);
}

static void start_url(struct owner *owner, const char *url, const char *method, const char *body)
{
	static const struct fetch_header headers[] = {{"X-Key", "k1"}, {"X-Empty", ""}, {NULL, NULL}};
	struct fetch_request request = {.method = method, .headers = headers, .body = body,
					.body_len = body != NULL ? strlen(body) : 0, .connect_ms = 2000};
	struct err err = {0};

	request.url = url;
	owner->fetch = fetch_start(pool, &request, &owner_ops, owner, &err);
	CHECK(owner->fetch != NULL);
	CHECK_INT(owner->num_heads + owner->num_done, 0);
}

static void start_at(struct owner *owner, unsigned port, const char *method, const char *path,
		     const char *body)
{
	char url[128];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, path);
	start_url(owner, url, method, body);
}

static void start(struct owner *owner, const char *method, const char *path, const char *body)
{
	start_at(owner, httpd_port(httpd), method, path, body);
}

static void wait_for(const unsigned *count, unsigned n)
{
	uint64_t end_us = clock_mono_us() + CLIENT_PATIENCE_US;

	while (*count < n && clock_mono_us() < end_us)
		loop_turn(loop, 5);
	CHECK_INT(*count, n);
}

static void wait_for_bytes(const struct owner *owner, size_t len)
{
	uint64_t end_us = clock_mono_us() + CLIENT_PATIENCE_US;

	while (owner->body.len < len && clock_mono_us() < end_us)
		loop_turn(loop, 5);
	CHECK_INT(owner->body.len, len);
}

static void begin(void)
{
	struct httpd_options options = {.daemons = 4, .body_max = 8000000, .idle_s = 60, .connections = 2000};

	loop = loop_new(NULL);
	pool = fetch_pool_new(loop, NULL);
	httpd = httpd_new(loop, &upstream_ops, NULL, &options, NULL);
	CHECK_INT(httpd_listen_tcp(httpd, "127.0.0.1:0", NULL), 0);
	num_upstream_gone = 0;
	streaming = NULL;
}

static void end(void)
{
	fetch_pool_free(pool);
	httpd_free(httpd);
	loop_free(loop);
}

static void a_request_arrives_as_it_was_meant_and_its_answer_comes_back(void)
{
	struct owner owner;

	begin();
	owner_init(&owner);
	start(&owner, "POST", "/path", "the body");
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.status, 207);
	CHECK_INT(owner.error, FETCH_OK);
	CHECK_TEXT(owner.body.data, "POST /path key=k1 type=(null) accept=(null) body=the body");
	CHECK_TEXT(owner.answer, "a value");
	CHECK(!owner.reused);
	buf_release(&owner.body);
	end();
}

static void other_methods_go_out_too(void)
{
	static const char *const methods[] = {"GET", "DELETE", "POST", "HEAD", "PUT", "GET"};
	static const char *const bodies[] = {NULL, NULL, NULL, NULL, "x", NULL};
	static const char *const expected[] = {"GET /m", "DELETE /m", "POST /m", "", "PUT /m", "GET /m"};

	begin();
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		struct owner owner;

		owner_init(&owner);
		start(&owner, methods[i], "/m", bodies[i]);
		wait_for(&owner.num_done, 1);
		CHECK_INT(owner.error, FETCH_OK);
		CHECK_INT(owner.status, 207);
		CHECK(strncmp(owner.body.data, expected[i], strlen(expected[i])) == 0);
		CHECK_INT(owner.reused, i > 0);
		buf_release(&owner.body);
	}
	end();
}

static void that_no_fd_is_left_is_not_said_to_be_the_providers_fault(void)
{
	struct rlimit old, none;
	struct owner owner;
	int next;

	begin();
	owner_init(&owner);
	getrlimit(RLIMIT_NOFILE, &old);
	next = dup(0);
	close(next);
	none = (struct rlimit){.rlim_cur = (rlim_t)next, .rlim_max = old.rlim_max};
	start(&owner, "GET", "/m", NULL);
	setrlimit(RLIMIT_NOFILE, &none);
	wait_for(&owner.num_done, 1);
	setrlimit(RLIMIT_NOFILE, &old);
	CHECK_INT(owner.error, FETCH_NO_SOCKET);
	CHECK(strstr(owner.text, "Too many open files") != NULL);
	owner_init(&owner);
	start(&owner, "GET", "/m", NULL);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.error, FETCH_OK);
	buf_release(&owner.body);
	end();
}

static void a_large_body_and_a_large_answer_pass(void)
{
	struct owner owner;
	char *body = xcalloc(1, 3000001);

	begin();
	memset(body, 'b', 3000000);
	owner_init(&owner);
	start(&owner, "POST", "/large", body);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.error, FETCH_OK);
	CHECK_INT(owner.body.len, 20000000);
	buf_release(&owner.body);
	free(body);
	end();
}

static void every_chunk_is_handed_on_when_it_comes(void)
{
	struct owner owner;

	begin();
	owner_init(&owner);
	start(&owner, "GET", "/stream", NULL);
	wait_for(&owner.num_heads, 1);
	CHECK_INT(owner.status, 200);
	for (unsigned i = 1; i <= 300 && streaming != NULL; i++) {
		httpd_write(streaming, "0123456789", 10);
		wait_for(&owner.num_bodies, i);
		CHECK_INT(owner.body.len, i * 10);
	}
	httpd_end(streaming);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.error, FETCH_OK);
	buf_release(&owner.body);
	end();
}

static void a_refused_body_is_handed_over_again_after_resume(void)
{
	struct owner owner;

	begin();
	owner_init(&owner);
	owner.refuse_body = true;
	start(&owner, "POST", "/path", "abc");
	wait_for(&owner.num_bodies, 1);
	for (int i = 0; i < 20; i++)
		loop_turn(loop, 1);
	CHECK_INT(owner.num_bodies, 1);
	CHECK_INT(owner.num_done, 0);
	owner.refuse_body = false;
	fetch_resume(owner.fetch);
	CHECK_INT(owner.num_bodies, 1);
	wait_for(&owner.num_done, 1);
	CHECK(strstr(owner.body.data, "body=abc") != NULL);
	buf_release(&owner.body);
	end();
}

static void a_pause_holds_back_a_large_answer_and_loses_nothing(void)
{
	struct owner owner;

	begin();
	owner_init(&owner);
	owner.refuse_body = true;
	start(&owner, "GET", "/large", NULL);
	wait_for(&owner.num_bodies, 1);
	for (int i = 0; i < 50; i++)
		loop_turn(loop, 1);
	CHECK_INT(httpd_num_open(httpd), 1);
	owner.refuse_body = false;
	fetch_resume(owner.fetch);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.body.len, 20000000);
	buf_release(&owner.body);
	end();
}

static void a_cancelled_fetch_is_silent_and_the_provider_sees_it_at_once(void)
{
	struct owner owner;
	uint64_t start_us;

	begin();
	owner_init(&owner);
	start(&owner, "GET", "/stream", NULL);
	wait_for(&owner.num_heads, 1);
	fetch_cancel(owner.fetch);
	start_us = clock_mono_us();
	wait_for(&num_upstream_gone, 1);
	CHECK(clock_mono_us() - start_us < 100000);
	CHECK_INT(owner.num_done, 0);
	owner_init(&owner);
	start(&owner, "GET", "/path", NULL);
	fetch_cancel(owner.fetch);
	loop_turn(loop, 10);
	CHECK_INT(owner.num_heads + owner.num_done, 0);
	end();
}

static void a_fetch_may_be_cancelled_from_its_own_callbacks(void)
{
	struct owner in_head, in_body, other, canceller;

	begin();
	owner_init(&in_head);
	owner_init(&in_body);
	owner_init(&other);
	owner_init(&canceller);
	in_head.cancel_in_head = true;
	in_body.cancel_in_body = true;
	canceller.cancel_other = &other;
	start(&in_head, "GET", "/path", NULL);
	start(&in_body, "GET", "/path", NULL);
	start(&other, "GET", "/silent", NULL);
	start(&canceller, "GET", "/path", NULL);
	wait_for(&in_head.num_heads, 1);
	wait_for(&in_body.num_bodies, 1);
	wait_for(&canceller.num_done, 1);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 1);
	CHECK_INT(in_head.num_bodies + in_head.num_done, 0);
	CHECK_INT(in_body.num_done, 0);
	CHECK_INT(other.num_heads + other.num_done, 0);
	buf_release(&in_body.body);
	buf_release(&canceller.body);
	end();
}

static void a_fetch_may_be_started_from_the_end_of_another(void)
{
	struct owner first, second;

	begin();
	owner_init(&first);
	owner_init(&second);
	first.start_in_done = &second;
	start(&first, "GET", "/path", NULL);
	wait_for(&second.num_done, 1);
	CHECK(second.reused);
	CHECK(strncmp(second.body.data, "GET /after", 10) == 0);
	buf_release(&first.body);
	buf_release(&second.body);
	end();
}

static void a_header_with_a_line_break_is_refused(void)
{
	static const struct fetch_header headers[] = {{"X-Key", "a\r\nX-Evil: b"}, {NULL, NULL}};
	struct fetch_request request = {.method = "GET", .url = "http://127.0.0.1:1/", .headers = headers};
	struct err err;

	begin();
	CHECK(fetch_start(pool, &request, &owner_ops, NULL, &err) == NULL);
	CHECK_TEXT(err.text, "header X-Key has a line break in it");
	end();
}

/* -- upstreams that misbehave: one connection, a text for an answer, then the end -- */

struct rogue {
	struct loop_fd listener, connection;
	const char *answer;
	bool reset;
};

static void on_rogue_readable(struct loop_fd *watch, uint32_t events)
{
	struct rogue *rogue = CONTAINER_OF(watch, struct rogue, connection);
	struct linger at_once = {.l_onoff = 1};
	char request[65536];

	(void)events;
	CHECK(recv(watch->fd, request, sizeof(request), 0) >= 0);
	CHECK(send(watch->fd, rogue->answer, strlen(rogue->answer), 0) >= 0);
	if (rogue->reset)
		setsockopt(watch->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	loop_unwatch(loop, watch);
	close(watch->fd);
}

static void on_rogue_accept(struct loop_fd *watch, uint32_t events)
{
	struct rogue *rogue = CONTAINER_OF(watch, struct rogue, listener);

	(void)events;
	loop_watch(loop, &rogue->connection, accept(watch->fd, NULL, NULL), EPOLLIN, NULL);
}

static void fetch_from_rogue(struct owner *owner, const char *answer, bool reset)
{
	struct rogue rogue = {.listener.ready = on_rogue_accept, .connection.ready = on_rogue_readable,
			      .answer = answer, .reset = reset};
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK_INT(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	CHECK_INT(listen(fd, 5), 0);
	getsockname(fd, (struct sockaddr *)&address, &len);
	loop_watch(loop, &rogue.listener, fd, EPOLLIN, NULL);
	owner_init(owner);
	start_at(owner, ntohs(address.sin_port), "POST", "/", "x");
	wait_for(&owner->num_done, 1);
	loop_unwatch(loop, &rogue.listener);
	loop_unwatch(loop, &rogue.connection);
	close(fd);
	buf_release(&owner->body);
}

static void each_failure_has_its_name(void)
{
	static const struct {
		const char *answer;
		bool reset;
		enum fetch_error error;
		const char *text;
	} rows[] = {
		{"", false, FETCH_EMPTY, "the connection closed without an answer"},
		{"", true, FETCH_RESET, "the connection broke"},
		{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", false, FETCH_RESET,
		 "the connection closed before the answer was complete"},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", false, FETCH_RESET,
		 "the connection closed before the answer was complete"},
		{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", false, FETCH_OK,
		 "complete"},
		{"HTTP/1.0 200 OK\r\n\r\nuntil the end", false, FETCH_OK, "complete"},
	};
	struct owner owner;

	begin();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		fetch_from_rogue(&owner, rows[i].answer, rows[i].reset);
		CHECK_INT(owner.error, rows[i].error);
		CHECK_TEXT(owner.text, rows[i].text);
		CHECK_INT(owner.num_heads, strstr(rows[i].answer, " 200 ") != NULL);
	}
	fetch_from_rogue(&owner, "SSH-2.0-OpenSSH_9.2\r\n\r\n", false);
	CHECK_INT(owner.error, FETCH_PROTOCOL);
	end();
}

static void headers_without_end_are_cut_off(void)
{
	struct owner owner;
	struct buf answer;

	begin();
	buf_init(&answer, 200000);
	buf_puts(&answer, "HTTP/1.1 200 OK\r\n");
	while (answer.len < 100000)
		buf_puts(&answer, "X-Filler: 0123456789012345678901234567890123456789\r\n");
	buf_puts(&answer, "\r\n");
	fetch_from_rogue(&owner, answer.data, false);
	CHECK_INT(owner.error, FETCH_PROTOCOL);
	CHECK_TEXT(owner.text, "the answer's headers are larger than 64 KiB");
	buf_release(&answer);
	end();
}

static void nobody_listening_is_refused(void)
{
	struct owner owner;
	unsigned port;

	begin();
	port = httpd_port(httpd);
	httpd_stop_listening(httpd);
	owner_init(&owner);
	start_at(&owner, port, "GET", "/", NULL);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.error, FETCH_REFUSED);
	CHECK_TEXT(owner.text, "connection refused");
	CHECK_INT(owner.num_heads, 0);
	end();
}

static void a_server_without_tls_and_a_host_without_address_have_their_names(void)
{
	struct owner owner;
	char url[64];

	begin();
	owner_init(&owner);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", httpd_port(httpd));
	start_url(&owner, url, "GET", NULL);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.error, FETCH_TLS);
	CHECK(owner.text[0] != '\0');
	owner_init(&owner);
	start_url(&owner, "http://nowhere.invalid/", "GET", NULL);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.error, FETCH_RESOLVE);
	CHECK(strstr(owner.text, "nowhere.invalid") != NULL);
	end();
}

static void a_kept_connection_that_the_provider_closed_is_replaced(void)
{
	struct owner owner;
	struct httpd_options options = {.daemons = 1, .body_max = 1000, .idle_s = 1, .connections = 10};
	uint64_t end_us, turns;

	begin();
	httpd_free(httpd);
	httpd = httpd_new(loop, &upstream_ops, NULL, &options, NULL);
	CHECK_INT(httpd_listen_tcp(httpd, "127.0.0.1:0", NULL), 0);
	for (int i = 0; i < 2; i++) {
		owner_init(&owner);
		start(&owner, "POST", "/path", "x");
		wait_for(&owner.num_done, 1);
		CHECK_INT(owner.error, FETCH_OK);
		CHECK(!owner.reused);
		buf_release(&owner.body);
		turns = loop_turns(loop);
		end_us = clock_mono_us() + 2500000;
		while (i == 0 && clock_mono_us() < end_us)
			loop_turn(loop, 100);
		CHECK(loop_turns(loop) - turns < 100);
	}
	end();
}

#define NUM_STREAMS 500

static struct owner owners[NUM_STREAMS];

static void five_hundred_open_streams_do_not_disturb_a_call(void)
{
	struct owner owner;
	uint64_t turns;

	begin();
	for (int i = 0; i < NUM_STREAMS; i++) {
		owner_init(&owners[i]);
		start(&owners[i], "GET", "/stream", NULL);
	}
	for (int i = 0; i < NUM_STREAMS; i++)
		wait_for(&owners[i].num_heads, 1);
	CHECK_INT(httpd_num_open(httpd), NUM_STREAMS);
	turns = loop_turns(loop);
	for (int i = 0; i < 10; i++)
		loop_turn(loop, 10);
	CHECK(loop_turns(loop) - turns <= 10);
	owner_init(&owner);
	start(&owner, "GET", "/path", NULL);
	wait_for(&owner.num_done, 1);
	CHECK_INT(owner.error, FETCH_OK);
	for (int i = 0; i < NUM_STREAMS; i++)
		fetch_cancel(owners[i].fetch);
	wait_for(&num_upstream_gone, NUM_STREAMS);
	CHECK_INT(httpd_num_open(httpd), 0);
	buf_release(&owner.body);
	end();
}

static void a_large_stream_through_a_slow_reader_arrives_whole(void)
{
	struct owner owner;
	char chunk[1000];
	unsigned num_written = 0;

	begin();
	memset(chunk, 'c', sizeof(chunk));
	owner_init(&owner);
	owner.refuse_body = true;
	start(&owner, "GET", "/stream", NULL);
	wait_for(&owner.num_heads, 1);
	while (num_written < 20000 && httpd_write(streaming, chunk, sizeof(chunk))) {
		num_written++;
		loop_turn(loop, 0);
	}
	CHECK(num_written < 20000);
	num_written++;
	httpd_end(streaming);
	owner.refuse_body = false;
	fetch_resume(owner.fetch);
	wait_for_bytes(&owner, num_written * sizeof(chunk));
	wait_for(&owner.num_done, 1);
	buf_release(&owner.body);
	end();
}

CHECK_MAIN(TEST(a_request_arrives_as_it_was_meant_and_its_answer_comes_back), TEST(other_methods_go_out_too),
	   TEST(that_no_fd_is_left_is_not_said_to_be_the_providers_fault),
	   TEST(a_large_body_and_a_large_answer_pass), TEST(every_chunk_is_handed_on_when_it_comes),
	   TEST(a_refused_body_is_handed_over_again_after_resume),
	   TEST(a_pause_holds_back_a_large_answer_and_loses_nothing),
	   TEST(a_cancelled_fetch_is_silent_and_the_provider_sees_it_at_once),
	   TEST(a_fetch_may_be_cancelled_from_its_own_callbacks),
	   TEST(a_fetch_may_be_started_from_the_end_of_another), TEST(a_header_with_a_line_break_is_refused),
	   TEST(each_failure_has_its_name), TEST(headers_without_end_are_cut_off),
	   TEST(nobody_listening_is_refused),
	   TEST(a_server_without_tls_and_a_host_without_address_have_their_names),
	   TEST(a_kept_connection_that_the_provider_closed_is_replaced),
	   TEST(five_hundred_open_streams_do_not_disturb_a_call),
	   TEST(a_large_stream_through_a_slow_reader_arrives_whole))
