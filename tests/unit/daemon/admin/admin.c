/* SPDX-License-Identifier: MIT */
/* The admin thread itself, over its socket: one request at a time, streams, those who do not read. */
#include "admin/admin.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "check.h"
#include "store/db.h"
#include "temporary.h"

#define WAIT_MS 5000

static struct settings settings;
static struct admin *admin;
static char *database;
static char text[1 << 20];      /* what a connection said so far */

static void open_admin(void)
{
	struct err err = {0};
	struct admin_options options = {.settings = &settings, .listen = "127.0.0.1:4000"};
	struct db *db;

	database = xstrdup(temporary_path("t.db"));
	options.db_path = database;
	db = db_open(database, DB_WRITE, &err);
	CHECK_INT(db_migrate(db, &err), 0);
	db_close(db);
	settings.name = (char *)"test";
	settings.home = xstrdup(temporary_path("home"));
	settings.socket = xasprintf("%s/deeper/admin.sock", temporary_path("run"));
	settings.durability = (char *)"process";
	admin = admin_start(&options, &err);
	CHECK_TEXT(err.text, "");
}

static void close_admin(void)
{
	admin_stop(admin);
	free(database);
	free(settings.home);
	free(settings.socket);
}

static int dial(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	copy_text(address.sun_path, sizeof(address.sun_path), settings.socket);
	CHECK_INT(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	text[0] = '\0';
	return fd;
}

static void say(int fd, const char *method, const char *path, const char *body)
{
	char request[2048];
	int len = snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\nHost: t\r\nContent-Length: %zu\r\n\r\n%s", method,
			   path, strlen(body), body);

	CHECK_INT(write(fd, request, (size_t)len), len);
}

/* Reads on until the text holds this; false when it does not come. */
static bool hear(int fd, const char *wanted)
{
	uint64_t until = clock_mono_us() + WAIT_MS * 1000;
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (strstr(text, wanted) == NULL) {
		size_t len = strlen(text);
		ssize_t n;

		if (clock_mono_us() > until || poll(&p, 1, 100) < 0 || len + 1 >= sizeof(text))
			return false;
		if ((p.revents & (POLLIN | POLLHUP)) == 0)
			continue;
		n = read(fd, text + len, sizeof(text) - len - 1);
		if (n <= 0)
			return strcmp(wanted, "") == 0;
		text[len + (size_t)n] = '\0';
	}
	return true;
}

static void feed(unsigned num)
{
	struct call_record *r = xcalloc(num, sizeof(*r));

	for (unsigned i = 0; i < num; i++) {
		r[i].id = id_first_at(clock_wall_ms()) + i;
		copy_text(r[i].asked, sizeof(r[i].asked), "smart");
		usage_init(&r[i].usage);
	}
	admin_feed(admin, r, num);
	free(r);
}

static unsigned count(const char *word)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, word)) != NULL; p += strlen(word))
		n++;
	return n;
}

static void a_request_over_the_socket_is_answered_by_who_asks(void)
{
	struct stat st;
	int fd;

	open_admin();
	fd = dial();
	say(fd, "GET", "/v1/status", "");
	CHECK(hear(fd, "\"role\":\"admin\""));
	CHECK(strstr(text, "200 OK") != NULL && strstr(text, "application/json") != NULL);
	/* The connection serves on. */
	say(fd, "GET", "/v1/nothing", "");
	CHECK(hear(fd, "404 Not Found"));
	close(fd);
	/* Who may do what is not decided by who may connect. */
	CHECK_INT(stat(settings.socket, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0666);
	close_admin();
	CHECK(stat(settings.socket, &st) < 0);
}

static void a_stream_says_hello_then_calls_and_a_pulse(void)
{
	int fd;

	open_admin();
	fd = dial();
	say(fd, "GET", "/v1/events", "");
	CHECK(hear(fd, "event: hello\ndata: {\"name\":\"test\""));
	feed(3);
	CHECK(hear(fd, "event: call\ndata: {\"id\":\"call_"));
	CHECK(hear(fd, "event: pulse\n"));
	CHECK_INT(count("event: call\n"), 3);
	close(fd);
	close_admin();
}

static void a_change_is_told_to_everybody_who_listens(void)
{
	static char first[sizeof(text)];
	int one, two, writer;

	open_admin();
	one = dial();
	say(one, "GET", "/v1/events", "");
	CHECK(hear(one, "event: hello\n"));
	two = dial();
	say(two, "GET", "/v1/events", "");
	CHECK(hear(two, "event: hello\n"));
	writer = dial();
	say(writer, "POST", "/v1/teams", "{\"name\": \"search\"}");
	CHECK(hear(writer, "201 Created"));
	text[0] = '\0';
	CHECK(hear(one, "\"action\":\"team.create\",\"object\":\"team search\""));
	copy_text(first, sizeof(first), text);
	text[0] = '\0';
	CHECK(hear(two, "\"action\":\"team.create\",\"object\":\"team search\""));
	CHECK(strstr(first, "\"audit_id\":1") != NULL);
	close(one);
	close(two);
	close(writer);
	close_admin();
}

static void more_calls_than_anybody_can_read_are_counted_as_skipped(void)
{
	int fd;

	open_admin();
	fd = dial();
	say(fd, "GET", "/v1/events", "");
	CHECK(hear(fd, "event: hello\n"));
	feed(500);
	CHECK(hear(fd, "event: skipped\ndata: {\"calls\":300}"));
	CHECK_INT(count("event: call\n"), 200);
	close(fd);
	close_admin();
}

static void a_reader_that_does_not_read_is_cut_off_at_a_change(void)
{
	uint64_t until = clock_mono_us() + 20 * 1000 * 1000;
	int fd, writer, room = 4096, changes = 0;
	bool cut = false;

	open_admin();
	fd = dial();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	say(fd, "GET", "/v1/events", "");
	CHECK(hear(fd, "event: hello\n"));
	writer = dial();
	/* Changes are what must not be missed: each is small, so there are many of them. */
	while (!cut && clock_mono_us() < until) {
		struct pollfd p = {.fd = fd, .events = POLLRDHUP};

		text[0] = '\0';
		say(writer, changes % 2 == 0 ? "POST" : "DELETE", changes % 2 == 0 ? "/v1/teams" : "/v1/teams/x",
		    "{\"name\": \"x\"}");
		CHECK(hear(writer, "\"generation\""));
		changes++;
		feed(200);
		cut = poll(&p, 1, 0) > 0 && (p.revents & (POLLRDHUP | POLLHUP)) != 0;
	}
	CHECK(cut);
	close(fd);
	/* Nobody else noticed. */
	text[0] = '\0';
	say(writer, "GET", "/v1/status", "");
	CHECK(hear(writer, "200 OK"));
	close(writer);
	close_admin();
}

static void stopping_ends_streams_and_a_drained_admin_still_takes_records(void)
{
	int fd;

	open_admin();
	fd = dial();
	say(fd, "GET", "/v1/events", "");
	CHECK(hear(fd, "event: hello\n"));
	admin_drain(admin);
	feed(10);
	text[0] = '\0';
	/* The stream's last chunk, then the end. */
	CHECK(hear(fd, "0\r\n\r\n"));
	close(fd);
	close_admin();
}

CHECK_MAIN(TEST(a_request_over_the_socket_is_answered_by_who_asks), TEST(a_stream_says_hello_then_calls_and_a_pulse),
	   TEST(a_change_is_told_to_everybody_who_listens), TEST(more_calls_than_anybody_can_read_are_counted_as_skipped),
	   TEST(a_reader_that_does_not_read_is_cut_off_at_a_change),
	   TEST(stopping_ends_streams_and_a_drained_admin_still_takes_records))
