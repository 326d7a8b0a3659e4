/* SPDX-License-Identifier: MIT */
/* Answers in pieces: when they leave, when to stop, and how they end. */
#include "loop/httpd.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check.h"
#include "client.h"

static struct loop *loop;
static struct httpd *httpd;
static struct httpd_request *open_request;
static unsigned num_ready, num_gone, num_drained, num_closed;
static bool write_in_gone;

static void on_head(struct httpd_request *request)
{
	(void)request;
}

static void on_ready(struct httpd_request *request)
{
	num_ready++;
	open_request = request;
	if (strcmp(httpd_path(request), "/at-once") != 0)
		return;
	httpd_stream(request, 200, "text/plain");
	httpd_write(request, "first ", 6);
	httpd_write(request, "last", 4);
	httpd_end(request);
}

static void on_gone(struct httpd_request *request)
{
	num_gone++;
	if (write_in_gone) {
		CHECK(httpd_write(request, "x", 1));
		httpd_end(request);
	}
}

static void on_drained(struct httpd_request *request)
{
	(void)request;
	num_drained++;
}

static void on_closed(struct httpd_request *request)
{
	num_closed++;
	if (open_request == request)
		open_request = NULL;
}

static const struct httpd_ops ops = {
	.head = on_head, .ready = on_ready, .gone = on_gone, .drained = on_drained, .closed = on_closed,
};

static void begin(struct client *client, const char *request)
{
	struct httpd_options options = {.daemons = 2, .body_max = 1000, .idle_s = 60, .connections = 10};

	loop = loop_new(NULL);
	httpd = httpd_new(loop, &ops, NULL, &options, NULL);
	CHECK_INT(httpd_listen_tcp(httpd, "127.0.0.1:0", NULL), 0);
	num_ready = num_gone = num_drained = num_closed = 0;
	write_in_gone = false;
	open_request = NULL;
	client_connect(client, httpd_port(httpd));
	client_send(client, loop, request);
	for (int i = 0; i < 1000 && num_ready == 0; i++)
		loop_turn(loop, 5);
	CHECK_INT(num_ready, 1);
}

static void end(struct client *client)
{
	client_close(client);
	httpd_free(httpd);
	loop_free(loop);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

static void a_stream_written_at_once_arrives_whole(void)
{
	struct client client;

	begin(&client, GET("/at-once"));
	CHECK(client_wait(&client, loop, "\r\n0\r\n\r\n"));
	CHECK(strstr(client.in.data, "Transfer-Encoding: chunked\r\n") != NULL);
	CHECK(strstr(client.in.data, "first last") != NULL);
	CHECK_INT(num_closed, 1);
	CHECK_INT(num_gone, 0);
	end(&client);
}

static void the_head_leaves_before_there_is_a_body(void)
{
	struct client client;

	begin(&client, GET("/"));
	httpd_add_header(open_request, "X-Call", "1");
	httpd_stream(open_request, 200, "text/event-stream");
	loop_turn(loop, 0);
	client_read(&client);
	CHECK(strstr(client.in.data, "X-Call: 1\r\n") != NULL);
	CHECK(strstr(client.in.data, "\r\n\r\n") != NULL);
	end(&client);
}

static void a_piece_leaves_in_the_turn_it_is_written(void)
{
	struct client client;

	begin(&client, GET("/"));
	httpd_stream(open_request, 200, "text/event-stream");
	for (int i = 0; i < 100; i++) {
		char piece[32];

		snprintf(piece, sizeof(piece), "data: %d\n\n", i);
		httpd_write(open_request, piece, strlen(piece));
		loop_turn(loop, 0);
		client_read(&client);
		CHECK(strstr(client.in.data, piece) != NULL);
	}
	httpd_end(open_request);
	CHECK(client_wait(&client, loop, "\r\n0\r\n\r\n"));
	CHECK_INT(num_closed, 1);
	/* The connection goes on. */
	buf_clear(&client.in);
	client_send(&client, loop, GET("/at-once"));
	CHECK(client_wait(&client, loop, "first last"));
	end(&client);
}

static void http_1_0_gets_the_stream_unchunked_until_the_close(void)
{
	struct client client;

	begin(&client, "GET / HTTP/1.0\r\n\r\n");
	httpd_stream(open_request, 200, "text/plain");
	httpd_write(open_request, "one ", 4);
	CHECK(client_wait(&client, loop, "one "));
	httpd_write(open_request, "two", 3);
	httpd_end(open_request);
	CHECK(client_wait(&client, loop, NULL));
	CHECK(strstr(client.in.data, "\r\n\r\none two") != NULL);
	CHECK(strstr(client.in.data, "chunked") == NULL);
	end(&client);
}

static void a_slow_client_stops_the_writer_and_drained_starts_it_again(void)
{
	static char piece[10000];
	struct client client;
	size_t written = 0;
	int turns;

	begin(&client, GET("/"));
	memset(piece, '~', sizeof(piece));
	httpd_stream(open_request, 200, "text/plain");
	for (turns = 0; turns < 10000; turns++) {
		written += sizeof(piece);
		if (!httpd_write(open_request, piece, sizeof(piece)))
			break;
		loop_turn(loop, 0);
	}
	CHECK(turns < 10000);
	CHECK_INT(num_drained, 0);
	/* Between the marks it is still "stop". */
	CHECK(!httpd_write(open_request, piece, sizeof(piece)));
	written += sizeof(piece);
	for (int i = 0; i < 1000 && num_drained == 0; i++) {
		client_read(&client);
		loop_turn(loop, 1);
	}
	CHECK_INT(num_drained, 1);
	CHECK(httpd_write(open_request, "", 0));
	httpd_end(open_request);
	CHECK(client_wait(&client, loop, "\r\n0\r\n\r\n"));
	CHECK_INT(client_count(&client, "~"), written);
	end(&client);
}

static void a_client_that_leaves_a_silent_stream_is_noticed_at_once(void)
{
	struct client client;
	uint64_t start_us;

	begin(&client, GET("/"));
	write_in_gone = true;
	httpd_stream(open_request, 200, "text/plain");
	httpd_write(open_request, "begin", 5);
	CHECK(client_wait(&client, loop, "begin"));
	close(client.fd);
	client.fd = -1;
	start_us = clock_mono_us();
	while (num_closed == 0 && clock_mono_us() - start_us < 1000000)
		loop_turn(loop, 5);
	CHECK(clock_mono_us() - start_us < 100000);
	CHECK_INT(num_gone, 1);
	CHECK_INT(num_closed, 1);
	end(&client);
}

static void a_client_that_leaves_while_it_is_written_to_is_noticed(void)
{
	static char piece[10000];
	struct client client;

	begin(&client, GET("/"));
	httpd_stream(open_request, 200, "text/plain");
	while (httpd_write(open_request, piece, sizeof(piece)))
		loop_turn(loop, 0);
	CHECK_INT(num_gone, 0);
	close(client.fd);
	client.fd = -1;
	for (int i = 0; i < 100 && num_closed == 0; i++)
		loop_turn(loop, 5);
	CHECK_INT(num_gone, 1);
	CHECK_INT(num_closed, 1);
	end(&client);
}

static void a_cut_stream_ends_without_its_last_chunk(void)
{
	struct client client;

	begin(&client, GET("/"));
	httpd_stream(open_request, 200, "text/plain");
	httpd_write(open_request, "begin", 5);
	CHECK(client_wait(&client, loop, "begin"));
	httpd_abort(open_request);
	CHECK(client_wait(&client, loop, NULL));
	CHECK(strstr(client.in.data, "\r\n0\r\n") == NULL);
	CHECK_INT(num_closed, 1);
	CHECK_INT(num_gone, 0);
	end(&client);
}

static void a_cut_stream_with_a_stuck_client_is_closed_all_the_same(void)
{
	static char piece[10000];
	struct client client;

	begin(&client, GET("/"));
	httpd_stream(open_request, 200, "text/plain");
	while (httpd_write(open_request, piece, sizeof(piece)))
		loop_turn(loop, 0);
	httpd_abort(open_request);
	for (int i = 0; i < 100 && num_closed == 0; i++)
		loop_turn(loop, 5);
	CHECK_INT(num_closed, 1);
	CHECK_INT(num_gone, 0);
	end(&client);
}

static void a_head_request_ends_with_its_head(void)
{
	struct client client;

	begin(&client, "HEAD /at-once HTTP/1.1\r\nHost: x\r\n\r\n");
	client_send(&client, loop, GET("/at-once"));
	CHECK(client_wait(&client, loop, "first last"));
	CHECK_INT(client_count(&client, "200 OK"), 2);
	CHECK_INT(client_count(&client, "first"), 1);
	end(&client);
}

CHECK_MAIN(TEST(a_stream_written_at_once_arrives_whole), TEST(the_head_leaves_before_there_is_a_body),
	   TEST(a_piece_leaves_in_the_turn_it_is_written),
	   TEST(http_1_0_gets_the_stream_unchunked_until_the_close),
	   TEST(a_slow_client_stops_the_writer_and_drained_starts_it_again),
	   TEST(a_client_that_leaves_a_silent_stream_is_noticed_at_once),
	   TEST(a_client_that_leaves_while_it_is_written_to_is_noticed),
	   TEST(a_cut_stream_ends_without_its_last_chunk),
	   TEST(a_cut_stream_with_a_stuck_client_is_closed_all_the_same),
	   TEST(a_head_request_ends_with_its_head))
