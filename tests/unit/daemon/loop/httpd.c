/* SPDX-License-Identifier: MIT */
/* Requests in, whole answers out, against a raw client in the same loop. */
#include "loop/httpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "client.h"

static struct loop *loop;
static struct httpd *httpd;
static struct httpd_request *waiting;   /* the one that asked for /later */
static unsigned num_heads, num_ready, num_gone, num_closed;
static char owner[] = "me";
static char seen[512];                  /* what on_ready saw */

static void on_head(struct httpd_request *request)
{
	num_heads++;
	if (strcmp(httpd_path(request), "/refuse") == 0)
		httpd_reply(request, 401, "application/json", "{\"no\":1}", 8);
	if (strcmp(httpd_path(request), "/cut") == 0)
		httpd_abort(request);
}

static void describe(struct httpd_request *request)
{
	const char *header = httpd_header(request, "x-THING");
	const char *query = httpd_query(request, "q"), *flag = httpd_query(request, "flag");

	snprintf(seen, sizeof(seen), "%s %s thing=%s q=%s flag=%s body=%zu%s from %s owner=%s",
		 httpd_method(request), httpd_path(request), header ? header : "-", query ? query : "-",
		 flag ? flag : "-", httpd_body(request)->len, httpd_too_large(request) ? " too large" : "",
		 httpd_remote(request), (const char *)httpd_owner(request));
}

static void on_ready(struct httpd_request *request)
{
	num_ready++;
	describe(request);
	if (strcmp(httpd_path(request), "/later") == 0) {
		waiting = request;
		return;
	}
	httpd_add_header(request, "X-Answer", "yes");
	if (httpd_too_large(request))
		httpd_reply(request, 413, "text/plain", "too large", 9);
	else if (strcmp(httpd_path(request), "/echo") == 0)
		httpd_reply(request, 200, NULL, httpd_body(request)->data, httpd_body(request)->len);
	else
		httpd_reply(request, 200, "text/plain", "hello", 5);
}

static void on_gone(struct httpd_request *request)
{
	num_gone++;
	/* Whatever is said now is dropped. */
	httpd_reply(request, 200, NULL, "late", 4);
}

static void on_closed(struct httpd_request *request)
{
	num_closed++;
	if (waiting == request)
		waiting = NULL;
}

static const struct httpd_ops ops = {
	.head = on_head, .ready = on_ready, .gone = on_gone, .closed = on_closed,
};

static void begin_with(unsigned connections, unsigned idle_s)
{
	struct httpd_options options = {
		.daemons = 4, .body_max = 1000000, .idle_s = idle_s, .connections = connections};
	struct err err = {0};

	loop = loop_new(NULL);
	httpd = httpd_new(loop, &ops, owner, &options, &err);
	CHECK_INT(httpd_listen_tcp(httpd, "127.0.0.1:0", &err), 0);
	CHECK(httpd_port(httpd) > 0);
	num_heads = num_ready = num_gone = num_closed = 0;
	waiting = NULL;
	seen[0] = '\0';
}

static void begin(void)
{
	begin_with(100, 60);
}

static void end(void)
{
	httpd_free(httpd);
	loop_free(loop);
	CHECK_INT(num_heads, num_closed);
}

/* Turns until *count has come to n, at most for the time given; how long it took. */
static uint64_t wait_count(const unsigned *count, unsigned n, uint64_t max_us)
{
	uint64_t start_us = clock_mono_us();

	while (*count < n && clock_mono_us() - start_us < max_us)
		loop_turn(loop, 5);
	return clock_mono_us() - start_us;
}

static void a_request_is_answered_and_the_connection_kept(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET /a%20b?q=1%2B2&flag HTTP/1.1\r\nHost: x\r\nX-Thing: t\r\n\r\n");
	CHECK(client_wait(&client, loop, "hello"));
	CHECK_TEXT(seen, "GET /a b thing=t q=1+2 flag= body=0 from 127.0.0.1 owner=me");
	CHECK(strstr(client.in.data, "HTTP/1.1 200 OK\r\n") != NULL);
	CHECK(strstr(client.in.data, "X-Answer: yes\r\n") != NULL);
	buf_clear(&client.in);
	client_send(&client, loop, "GET /again HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(client_wait(&client, loop, "hello"));
	CHECK_INT(num_closed, 2);
	CHECK_INT(num_gone, 0);
	client_close(&client);
	end();
}

static void an_answer_may_come_later(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
	wait_count(&num_ready, 1, 1000000);
	CHECK(waiting != NULL);
	CHECK_INT(httpd_num_open(httpd), 1);
	CHECK_TEXT(httpd_body(waiting)->data, "abc");
	httpd_reply(waiting, 503, "text/plain", "sorry", 5);
	CHECK(client_wait(&client, loop, "sorry"));
	CHECK_INT(httpd_num_open(httpd), 0);
	buf_clear(&client.in);
	client_send(&client, loop, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nxyz");
	CHECK(client_wait(&client, loop, "xyz"));
	CHECK_INT(num_gone, 0);
	client_close(&client);
	end();
}

static void a_suspended_request_costs_no_turns(void)
{
	struct client client;
	uint64_t turns, start_us;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	wait_count(&num_ready, 1, 1000000);
	turns = loop_turns(loop);
	start_us = clock_mono_us();
	while (clock_mono_us() - start_us < 200000)
		loop_turn(loop, 50);
	CHECK(loop_turns(loop) - turns < 10);
	client_close(&client);
	end();
}

static void a_client_that_leaves_is_noticed_at_once_while_suspended(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	wait_count(&num_ready, 1, 1000000);
	client_close(&client);
	CHECK(wait_count(&num_gone, 1, 1000000) < 100000);
	CHECK(wait_count(&num_closed, 1, 1000000) < 100000);
	CHECK_INT(num_gone, 1);
	CHECK_INT(httpd_num_open(httpd), 0);
	end();
}

static void a_body_cut_short_is_gone_and_never_ready(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nabc");
	wait_count(&num_heads, 1, 1000000);
	client_close(&client);
	wait_count(&num_closed, 1, 1000000);
	CHECK_INT(num_gone, 1);
	CHECK_INT(num_closed, 1);
	CHECK_INT(num_ready, 0);
	end();
}

/* Both are there before anybody reads: the end is no event of its own then. */
static void a_body_cut_short_together_with_the_leaving_is_noticed_at_once(void)
{
	static const char *const starts[] = {
		"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nabc",
		"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nabc",
	};

	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		struct client client;

		begin();
		client_connect(&client, httpd_port(httpd));
		CHECK_INT(send(client.fd, starts[i], strlen(starts[i]), 0), strlen(starts[i]));
		client_close(&client);
		wait_count(&num_heads, 1, 1000000);
		CHECK(wait_count(&num_gone, 1, 1000000) < 100000);
		wait_count(&num_closed, num_heads, 1000000);
		CHECK_INT(num_gone, 1);
		CHECK_INT(httpd_num_open(httpd), 0);
		end();
	}
}

/* Keeps an fd for a client that will never say another word. */
static void a_head_cut_short_behind_a_request_closes_the_connection(void)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT";
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	CHECK_INT(send(client.fd, text, strlen(text), 0), strlen(text));
	shutdown(client.fd, SHUT_WR);
	CHECK(client_wait(&client, loop, NULL));
	client_close(&client);
	end();
}

static void a_request_sent_byte_by_byte_is_understood(void)
{
	static const char text[] = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789";
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	for (size_t i = 0; i < strlen(text); i++) {
		client_send_bytes(&client, loop, text + i, 1);
		loop_turn(loop, 0);
	}
	CHECK(client_wait(&client, loop, "\r\n\r\n0123456789"));
	CHECK_INT(num_gone, 0);
	client_close(&client);
	end();
}

static void a_chunked_body_is_gathered(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop,
		    "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		    "4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n");
	CHECK(client_wait(&client, loop, "\r\n\r\nabcdefg"));
	client_close(&client);
	end();
}

static void a_large_body_and_a_large_answer_pass(void)
{
	struct client client;
	char *body = xmalloc(900001);

	begin();
	memset(body, 'b', 900000);
	body[899999] = 'Z';
	body[900000] = '\0';
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n");
	client_send(&client, loop, body);
	CHECK(client_wait(&client, loop, "bbbZ"));
	CHECK_INT(client_count(&client, "b") + client_count(&client, "Z"), 900000);
	client_close(&client);
	free(body);
	end();
}

static void pipelined_requests_are_answered_in_order(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop,
		    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
		    "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\ntwo"
		    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nthree");
	wait_count(&num_ready, 2, 1000000);
	CHECK_INT(num_ready, 2);
	if (waiting != NULL)
		httpd_reply(waiting, 200, NULL, "second", 6);
	CHECK(client_wait(&client, loop, "three"));
	CHECK(strstr(client.in.data, "one") < strstr(client.in.data, "second"));
	CHECK_INT(client_count(&client, "200 OK"), 3);
	client_close(&client);
	end();
}

static void http_1_0_is_answered_and_closed(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET / HTTP/1.0\r\n\r\n");
	CHECK(client_wait(&client, loop, NULL));
	CHECK(strstr(client.in.data, "hello") != NULL);
	client_close(&client);
	end();
}

static void a_client_that_expects_100_gets_it_before_its_body(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop,
		    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
	CHECK(client_wait(&client, loop, "HTTP/1.1 100 Continue\r\n\r\n"));
	client_send(&client, loop, "body");
	CHECK(client_wait(&client, loop, "\r\n\r\nbody"));
	client_close(&client);
	end();
}

static void an_answer_from_the_head_does_not_wait_for_the_body(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\nabc");
	CHECK(client_wait(&client, loop, "{\"no\":1}"));
	CHECK(strstr(client.in.data, "401 Unauthorized") != NULL);
	CHECK_INT(num_ready, 0);
	client_close(&client);
	end();
}

/* Closing with unread bytes would reset the connection and the client might never see the answer. */
static void an_early_answer_reaches_a_client_that_is_still_sending(void)
{
	struct client client;
	char *body = xcalloc(1, 3000000);

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
	client_send_bytes(&client, loop, body, 3000000);
	CHECK(client_wait(&client, loop, NULL));
	CHECK(!client.reset);
	CHECK(strstr(client.in.data, "{\"no\":1}") != NULL);
	client_close(&client);
	free(body);
	end();
}

static void a_body_above_the_ceiling_is_refused_when_it_says_so(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000001\r\n\r\n");
	CHECK(client_wait(&client, loop, "too large"));
	CHECK(strstr(client.in.data, " 413 ") != NULL);
	CHECK(strstr(seen, "body=0 too large") != NULL);
	CHECK_INT(num_ready, 1);
	client_close(&client);
	end();
}

static void a_chunked_body_above_the_ceiling_is_refused_and_not_kept(void)
{
	struct client client;
	char *chunk = xcalloc(1, 100000);

	begin();
	memset(chunk, 'c', 99999);
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 20; i++) {
		client_send(&client, loop, "1869f\r\n");
		client_send(&client, loop, chunk);
		client_send(&client, loop, "\r\n");
	}
	client_send(&client, loop, "0\r\n\r\n");
	CHECK(client_wait(&client, loop, "too large"));
	CHECK_INT(num_ready, 1);
	CHECK_INT(num_closed, 1);
	client_close(&client);
	free(chunk);
	end();
}

static void send_headers_of(struct client *client, size_t size)
{
	char *filler = xcalloc(1, size + 1);

	memset(filler, 'f', size);
	client_send(client, loop, "GET / HTTP/1.1\r\nHost: x\r\nX-Thing: ");
	client_send(client, loop, filler);
	client_send(client, loop, "\r\n\r\n");
	free(filler);
}

static void headers_of_13_kib_are_taken(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	send_headers_of(&client, 13 * 1024);
	CHECK(client_wait(&client, loop, "hello"));
	client_close(&client);
	end();
}

static void headers_of_64_kib_are_answered_431_in_json(void)
{
	static const size_t sizes[] = {14 * 1024, 16 * 1024, 17 * 1024, 64 * 1024, 1024 * 1024};

	begin();
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct client client;

		client_connect(&client, httpd_port(httpd));
		send_headers_of(&client, sizes[i]);
		CHECK(client_wait(&client, loop, NULL));
		CHECK(!client.reset);
		CHECK(strstr(client.in.data, "HTTP/1.1 431 ") == client.in.data);
		CHECK(strstr(client.in.data, "\"code\":\"headers_too_large\"}}\n") != NULL);
		client_close(&client);
	}
	CHECK_INT(num_heads, 0);
	end();
}

static void headers_of_64_kib_in_a_later_request_are_answered_431(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(client_wait(&client, loop, "hello"));
	buf_clear(&client.in);
	send_headers_of(&client, 64 * 1024);
	CHECK(client_wait(&client, loop, " 431 "));
	client_close(&client);
	end();
}

static void what_is_not_http_harms_nobody(void)
{
	static const char *const texts[] = {"\r\n\r\n", "\x16\x03\x01\x02\x00\n\n", "GET\r\n\r\n",
					    "GET / HTTP/9.9\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
					    "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
					    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};

	begin();
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct client client;

		client_connect(&client, httpd_port(httpd));
		client_send(&client, loop, texts[i]);
		for (int turn = 0; turn < 5; turn++)
			loop_turn(loop, 1);
		client_close(&client);
		for (int turn = 0; turn < 5; turn++)
			loop_turn(loop, 1);
	}
	CHECK_INT(httpd_num_open(httpd), 0);
	end();
}

static void a_request_can_be_cut_before_and_after_its_body(void)
{
	struct client client;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET /cut HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(client_wait(&client, loop, NULL));
	client_close(&client);
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	wait_count(&num_ready, 1, 1000000);
	httpd_abort(waiting);
	CHECK(client_wait(&client, loop, NULL));
	CHECK_INT(client.in.len, 0);
	CHECK_INT(num_gone, 0);
	CHECK_INT(num_closed, 2);
	client_close(&client);
	end();
}

static void freeing_tells_open_requests_that_they_are_gone(void)
{
	struct client clients[5];

	begin();
	for (int i = 0; i < 5; i++) {
		client_connect(&clients[i], httpd_port(httpd));
		client_send(&clients[i], loop, i < 3 ? "GET /later HTTP/1.1\r\nHost: x\r\n\r\n"
						     : "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
	}
	wait_count(&num_heads, 5, 1000000);
	httpd_free(httpd);
	CHECK_INT(num_gone, 5);
	CHECK_INT(num_closed, 5);
	for (int i = 0; i < 5; i++)
		client_close(&clients[i]);
	loop_free(loop);
}

static void a_stopped_httpd_finishes_what_is_open_and_says_close(void)
{
	struct client client, late;

	begin();
	client_connect(&client, httpd_port(httpd));
	client_send(&client, loop, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	wait_count(&num_ready, 1, 1000000);
	httpd_stop_listening(httpd);
	client_connect(&late, httpd_port(httpd));
	CHECK(late.closed);
	httpd_reply(waiting, 200, NULL, "done", 4);
	CHECK(client_wait(&client, loop, NULL));
	CHECK(strstr(client.in.data, "Connection: close\r\n") != NULL);
	CHECK(strstr(client.in.data, "done") != NULL);
	client_close(&client);
	client_close(&late);
	end();
}

static void connections_above_the_limit_wait_their_turn(void)
{
	struct client clients[4];

	begin_with(3, 60);
	for (int i = 0; i < 4; i++) {
		client_connect(&clients[i], httpd_port(httpd));
		client_send(&clients[i], loop, "GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	wait_count(&num_closed, 4, 100000);
	CHECK_INT(num_closed, 3);
	client_close(&clients[0]);
	CHECK(client_wait(&clients[3], loop, "hello"));
	for (int i = 1; i < 4; i++)
		client_close(&clients[i]);
	end();
}

static void idle_connections_are_closed_before_and_after_a_request(void)
{
	struct client silent, spoke, waits;

	begin_with(10, 1);
	client_connect(&silent, httpd_port(httpd));
	client_connect(&spoke, httpd_port(httpd));
	client_connect(&waits, httpd_port(httpd));
	client_send(&spoke, loop, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	client_send(&waits, loop, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(client_wait(&silent, loop, NULL));
	CHECK(client_wait(&spoke, loop, NULL));
	/* The one that waits for us is not idle, however long we take. */
	wait_count(&num_closed, 2, 1500000);
	CHECK_INT(httpd_num_open(httpd), 1);
	httpd_reply(waiting, 200, NULL, "at last", 7);
	CHECK(client_wait(&waits, loop, "at last"));
	CHECK_INT(num_gone, 0);
	client_close(&silent);
	client_close(&spoke);
	client_close(&waits);
	end();
}

static void no_fds_left_does_not_spin_and_is_recovered_from(void)
{
	struct rlimit old, none;
	struct client client;
	uint64_t turns;

	begin();
	client_connect(&client, httpd_port(httpd));
	getrlimit(RLIMIT_NOFILE, &old);
	none = (struct rlimit){.rlim_cur = (rlim_t)client.fd + 1, .rlim_max = old.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	turns = loop_turns(loop);
	wait_count(&num_heads, 1, 250000);
	CHECK(loop_turns(loop) - turns < 100);
	setrlimit(RLIMIT_NOFILE, &old);
	client_send(&client, loop, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(client_wait(&client, loop, "hello"));
	client_close(&client);
	end();
}

static void a_unix_socket_serves_and_its_stale_file_is_replaced(void)
{
	char path[] = "/tmp/tollgate-test-XXXXXX";
	char socket_path[64];
	struct err err = {0};
	struct client client;
	struct stat st;

	begin();
	CHECK(mkdtemp(path) != NULL);
	snprintf(socket_path, sizeof(socket_path), "%s/s", path);
	client.fd = socket(AF_UNIX, SOCK_STREAM, 0);
	{
		struct sockaddr_un stale = {.sun_family = AF_UNIX};

		copy_text(stale.sun_path, sizeof(stale.sun_path), socket_path);
		CHECK_INT(bind(client.fd, (struct sockaddr *)&stale, sizeof(stale)), 0);
		close(client.fd);
	}
	CHECK_INT(httpd_listen_unix(httpd, socket_path, 0660, &err), 0);
	CHECK_INT(stat(socket_path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0660);
	client_connect_unix(&client, socket_path);
	client_send(&client, loop, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(client_wait(&client, loop, "hello"));
	CHECK(strstr(seen, "from unix") != NULL);
	CHECK(httpd_listen_unix(httpd, socket_path, 0660, &err) == ERR_CONFLICT);
	CHECK(strstr(err.text, "is another daemon running?") != NULL);
	client_close(&client);
	end();
	CHECK(stat(socket_path, &st) < 0);
	rmdir(path);
}

static void addresses_are_understood_or_refused_in_words(void)
{
	static const char *const good[] = {"[::1]:0", ":0", "localhost:0", "0.0.0.0:0"};
	static const char *const bad[] = {"127.0.0.1", "127.0.0.1:http", "::1:80", "x:99999", ""};
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		begin();
		CHECK_INT(httpd_listen_tcp(httpd, good[i], &err), 0);
		end();
	}
	begin();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CHECK_INT(httpd_listen_tcp(httpd, bad[i], &err), ERR_INVALID);
		CHECK(strstr(err.text, "expected HOST:PORT") != NULL);
	}
	end();
}

CHECK_MAIN(TEST(a_request_is_answered_and_the_connection_kept), TEST(an_answer_may_come_later),
	   TEST(a_suspended_request_costs_no_turns),
	   TEST(a_client_that_leaves_is_noticed_at_once_while_suspended),
	   TEST(a_body_cut_short_is_gone_and_never_ready), TEST(a_body_cut_short_together_with_the_leaving_is_noticed_at_once),
	   TEST(a_head_cut_short_behind_a_request_closes_the_connection), TEST(a_request_sent_byte_by_byte_is_understood),
	   TEST(a_chunked_body_is_gathered), TEST(a_large_body_and_a_large_answer_pass),
	   TEST(pipelined_requests_are_answered_in_order), TEST(http_1_0_is_answered_and_closed),
	   TEST(a_client_that_expects_100_gets_it_before_its_body),
	   TEST(an_answer_from_the_head_does_not_wait_for_the_body),
	   TEST(an_early_answer_reaches_a_client_that_is_still_sending),
	   TEST(a_body_above_the_ceiling_is_refused_when_it_says_so),
	   TEST(a_chunked_body_above_the_ceiling_is_refused_and_not_kept), TEST(headers_of_13_kib_are_taken),
	   TEST(headers_of_64_kib_are_answered_431_in_json),
	   TEST(headers_of_64_kib_in_a_later_request_are_answered_431), TEST(what_is_not_http_harms_nobody),
	   TEST(a_request_can_be_cut_before_and_after_its_body),
	   TEST(freeing_tells_open_requests_that_they_are_gone),
	   TEST(a_stopped_httpd_finishes_what_is_open_and_says_close),
	   TEST(connections_above_the_limit_wait_their_turn),
	   TEST(idle_connections_are_closed_before_and_after_a_request),
	   TEST(no_fds_left_does_not_spin_and_is_recovered_from),
	   TEST(a_unix_socket_serves_and_its_stale_file_is_replaced),
	   TEST(addresses_are_understood_or_refused_in_words))
