/* SPDX-License-Identifier: MIT */
/* The admin client against a server of one canned answer per connection. */
#include "model/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "check.h"

#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"

struct server {
	char dir[32], path[64];
	int fd;
	const char *answer;
	char heard[2048];       /* the request of the last connection */
	pthread_t thread;
	bool hold;              /* keep the connection open until the client leaves */
};

static void *serve(void *arg)
{
	struct server *server = arg;
	int fd;

	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		size_t have = 0;
		ssize_t n = 1;
		char rest[64];

		memset(server->heard, 0, sizeof(server->heard));
		/* Every request of these tests comes whole with its last header line or a body that ends in }. */
		while (n > 0 && strstr(server->heard, "\r\n\r\n") == NULL) {
			n = read(fd, server->heard + have, sizeof(server->heard) - 1 - have);
			have += n > 0 ? (size_t)n : 0;
		}
		if (strstr(server->heard, "Content-Length") != NULL && server->heard[have - 1] == '\n')
			have += (size_t)read(fd, server->heard + have, sizeof(server->heard) - 1 - have);
		if (write(fd, server->answer, strlen(server->answer)) < 0)
			break;
		while (server->hold && read(fd, rest, sizeof(rest)) > 0)
			;
		close(fd);
	}
	return NULL;
}

static void server_start(struct server *server, const char *answer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	*server = (struct server){.answer = answer, .fd = socket(AF_UNIX, SOCK_STREAM, 0)};
	strcpy(server->dir, "/tmp/client-test-XXXXXX");
	CHECK(mkdtemp(server->dir) != NULL);
	snprintf(server->path, sizeof(server->path), "%s/s", server->dir);
	strcpy(address.sun_path, server->path);
	CHECK(bind(server->fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(listen(server->fd, 8) == 0);
	pthread_create(&server->thread, NULL, serve, server);
}

static void server_stop(struct server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	unlink(server->path);
	rmdir(server->dir);
}

static void a_change_carries_its_reason_revision_and_origin(void)
{
	struct server server;
	struct client_options options = {.if_match = "7", .reason = "too dear & slow", .dry_run = true,
					 .idempotency_key = "once"};
	struct err err;
	json_t *ret, *body = json_pack("{s:i}", "rpm", 5);
	int status;

	server_start(&server, JSON_HEAD "Content-Length: 12\r\n\r\n{\"answer\":1}");
	struct client *client = client_new(server.path, "cli");
	CHECK_INT(client_call(client, "PATCH", "/v1/teams/a?x=1", body, &options, &ret, &status, &err), 0);
	CHECK_INT(status, 200);
	CHECK_INT(json_int_peek(ret, "answer", 0), 1);
	CHECK(strncmp(server.heard, "PATCH /v1/teams/a?x=1&dry_run=1&reason=too%20dear%20%26%20slow HTTP/1.1\r\n", 70) == 0);
	CHECK(strstr(server.heard, "\r\nIf-Match: \"7\"\r\n") != NULL);
	CHECK(strstr(server.heard, "\r\nIdempotency-Key: once\r\n") != NULL);
	CHECK(strstr(server.heard, "\r\nX-Tollgate-Via: cli\r\n") != NULL);
	CHECK(strstr(server.heard, "\r\n\r\n{\"rpm\":5}") != NULL);
	json_decref(ret);
	json_decref(body);
	client_free(client);
	server_stop(&server);
}

static void a_refusal_says_the_daemons_sentence(void)
{
	struct server server;
	struct err err;
	json_t *ret;
	int status;

	server_start(&server, "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
			      "{\"error\":{\"code\":\"not_found\",\"message\":\"no team x\",\"field\":null}}");
	struct client *client = client_new(server.path, "cli");
	CHECK_INT(client_call(client, "GET", "/v1/teams/x", NULL, NULL, &ret, &status, &err), ERR_NOT_FOUND);
	CHECK_INT(status, 404);
	CHECK_TEXT(err.text, "no team x");
	CHECK(json_is_object(ret));
	json_decref(ret);
	client_free(client);
	server_stop(&server);
}

static void text_that_is_no_json_comes_as_a_string(void)
{
	struct server server;
	struct err err;
	json_t *ret;

	server_start(&server, "HTTP/1.1 200 OK\r\nContent-Type: application/yaml\r\nConnection: close\r\n\r\nteams: []\n");
	struct client *client = client_new(server.path, "cli");
	CHECK_INT(client_call(client, "GET", "/v1/export", NULL, NULL, &ret, NULL, &err), 0);
	CHECK_TEXT(json_string_value(ret), "teams: []\n");
	json_decref(ret);
	client_free(client);
	server_stop(&server);
}

static void a_daemon_that_is_not_there_is_said_with_what_to_do(void)
{
	struct client *client = client_new("/tmp/no-such-directory/admin.sock", "cli");
	struct err err;
	json_t *ret;
	int status = 1;

	CHECK_INT(client_call(client, "GET", "/v1/status", NULL, NULL, &ret, &status, &err), ERR_SYSTEM);
	CHECK_INT(status, 0);
	CHECK(ret == NULL);
	CHECK_TEXT(err.text, "no daemon at /tmp/no-such-directory/admin.sock: start it with tollgated, or make run");
	client_free(client);
}

static void a_socket_nobody_listens_on_is_said(void)
{
	struct server server;
	struct err err;

	server_start(&server, "");
	shutdown(server.fd, SHUT_RDWR);
	pthread_join(server.thread, NULL);
	close(server.fd);
	struct client *client = client_new(server.path, "cli");
	CHECK_INT(client_call(client, "GET", "/v1/status", NULL, NULL, NULL, NULL, &err), ERR_SYSTEM);
	CHECK(strstr(err.text, "nobody listens at") != NULL);
	client_free(client);
	unlink(server.path);
	rmdir(server.dir);
}

struct seen {
	struct client *client;
	struct client_handle *stream;
	int num_events, num_ends, num_done;
	bool cancel_first;
	char text[256];
};

static void on_event(void *arg, const char *name, json_t *data)
{
	struct seen *seen = arg;

	seen->num_events++;
	snprintf(seen->text, sizeof(seen->text), "%s %lld", name, (long long)json_int_peek(data, "n", -1));
	if (seen->cancel_first)
		client_cancel(seen->stream);
}

static void on_end(void *arg, const struct err *err)
{
	struct seen *seen = arg;

	seen->num_ends++;
	seen->stream = NULL;
	CHECK(err->code != 0);
}

#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

static void a_stream_gives_its_events_and_then_its_end(void)
{
	struct server server;
	struct seen seen = {0};

	server_start(&server, STREAM_HEAD "event: pulse\ndata: {\"n\":1}\n\nevent: call\ndata: {\"n\":2}\n\n");
	struct client *client = client_new(server.path, "tui");
	client_stream(client, "/v1/events", on_event, on_end, &seen);
	for (int turn = 0; turn < 100 && client_is_busy(client); turn++)
		client_wait(client, NULL, 0, 100);
	CHECK_INT(seen.num_events, 2);
	CHECK_INT(seen.num_ends, 1);
	CHECK_TEXT(seen.text, "call 2");
	client_free(client);
	server_stop(&server);
}

static void a_stream_cancelled_by_its_own_callback_is_silent_at_once(void)
{
	struct server server;
	struct seen seen = {.cancel_first = true};

	server_start(&server, STREAM_HEAD "event: pulse\ndata: {\"n\":1}\n\nevent: call\ndata: {\"n\":2}\n\n");
	server.hold = true;
	struct client *client = client_new(server.path, "tui");
	seen.stream = client_stream(client, "/v1/events", on_event, on_end, &seen);
	for (int turn = 0; turn < 100 && client_is_busy(client); turn++)
		client_wait(client, NULL, 0, 100);
	CHECK_INT(seen.num_events, 1);
	CHECK_INT(seen.num_ends, 0);
	client_free(client);
	server_stop(&server);
}

static void on_done(void *arg, const struct client_answer *answer)
{
	struct seen *seen = arg;

	seen->num_done++;
	snprintf(seen->text, sizeof(seen->text), "%d %s", answer->status, answer->err->text);
	/* What is under way beside this may be cancelled from here. */
	client_cancel(seen->stream);
	seen->stream = NULL;
}

static void a_callback_may_cancel_another_call(void)
{
	struct server server;
	struct seen seen = {0};

	server_start(&server, JSON_HEAD "Content-Length: 2\r\n\r\n{}");
	struct client *client = client_new(server.path, "tui");
	seen.stream = client_start(client, "GET", "/v1/status", NULL, NULL, on_done, &seen);
	client_cancel(seen.stream);
	seen.stream = client_stream(client, "/v1/events", on_event, on_end, &seen);
	client_start(client, "GET", "/v1/status", NULL, NULL, on_done, &seen);
	for (int turn = 0; turn < 100 && seen.num_done + seen.num_ends < 1; turn++)
		client_wait(client, NULL, 0, 100);
	CHECK(seen.num_done + seen.num_ends >= 1);
	client_free(client);
	server_stop(&server);
}

static void an_extra_descriptor_wakes_the_wait(void)
{
	struct client *client = client_new("/nowhere", "tui");
	int ends[2];

	CHECK(pipe(ends) == 0);
	struct curl_waitfd keyboard = {.fd = ends[0], .events = CURL_WAIT_POLLIN};
	CHECK_INT(client_wait(client, &keyboard, 1, 0), 0);
	CHECK_INT(keyboard.revents, 0);
	CHECK(write(ends[1], "q", 1) == 1);
	CHECK_INT(client_wait(client, &keyboard, 1, 1000), 1);
	CHECK(keyboard.revents & CURL_WAIT_POLLIN);
	close(ends[0]);
	close(ends[1]);
	client_free(client);
}

static void the_socket_is_where_the_environment_says(void)
{
	char path[CLIENT_SOCKET_PATH];

	setenv("TOLLGATE_SOCKET", "/tmp/x.sock", 1);
	CHECK_TEXT(client_default_socket(path), "/tmp/x.sock");
	unsetenv("TOLLGATE_SOCKET");
	if (geteuid() == 0)
		CHECK_TEXT(client_default_socket(path), "/run/tollgate/admin.sock");
}

static void names_are_percent_encoded(void)
{
	struct buf out;

	buf_init(&out, 100);
	client_escape(&out, "a/b c?\xc3\xa9~");
	CHECK_TEXT(out.data, "a%2Fb%20c%3F%C3%A9~");
	buf_release(&out);
}

CHECK_MAIN(TEST(a_change_carries_its_reason_revision_and_origin), TEST(a_refusal_says_the_daemons_sentence),
	   TEST(text_that_is_no_json_comes_as_a_string), TEST(a_daemon_that_is_not_there_is_said_with_what_to_do),
	   TEST(a_socket_nobody_listens_on_is_said), TEST(a_stream_gives_its_events_and_then_its_end),
	   TEST(a_stream_cancelled_by_its_own_callback_is_silent_at_once), TEST(a_callback_may_cancel_another_call),
	   TEST(an_extra_descriptor_wakes_the_wait), TEST(the_socket_is_where_the_environment_says),
	   TEST(names_are_percent_encoded))
