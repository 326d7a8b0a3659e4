/* SPDX-License-Identifier: MIT */
/* client.h — a raw client of an httpd, driven in the same loop: sends bytes, waits for bytes. */
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "loop/httpd.h"
#include "loop/loop.h"

#define CLIENT_PATIENCE_US 5000000

struct client {
	int fd;
	struct buf in;          /* all that came */
	bool closed, reset;     /* by the server */
};

static inline void client_connect(struct client *client, unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*client = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	buf_init(&client->in, 64 * 1024 * 1024);
	if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		client->closed = true;
}

static inline void client_connect_unix(struct client *client, const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	*client = (struct client){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	buf_init(&client->in, 64 * 1024 * 1024);
	if (connect(client->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		client->closed = true;
}

static inline void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	buf_release(&client->in);
}

/* Takes what has come, without waiting. */
static inline void client_read(struct client *client)
{
	char bytes[65536];
	ssize_t n;

	while (!client->closed && (n = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) != -1) {
		if (n > 0)
			buf_add(&client->in, bytes, (size_t)n);
		else
			client->closed = true;
	}
	if (!client->closed && errno == ECONNRESET)
		client->closed = client->reset = true;
}

static inline void client_send_bytes(struct client *client, struct loop *loop, const char *data, size_t len)
{
	uint64_t end_us = clock_mono_us() + CLIENT_PATIENCE_US;

	while (len > 0 && clock_mono_us() < end_us) {
		ssize_t n = send(client->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN) {
			return;
		}
		loop_turn(loop, 0);
	}
}

static inline void client_send(struct client *client, struct loop *loop, const char *text)
{
	client_send_bytes(client, loop, text, strlen(text));
}

/* Turns the loop until text has come (NULL: until the server closes).  False when it does not come. */
static inline bool client_wait(struct client *client, struct loop *loop, const char *text)
{
	uint64_t end_us = clock_mono_us() + CLIENT_PATIENCE_US;

	while (clock_mono_us() < end_us) {
		client_read(client);
		if (text != NULL && strstr(client->in.data, text) != NULL)
			return true;
		if (client->closed)
			return text == NULL;
		loop_turn(loop, 5);
	}
	return false;
}

static inline size_t client_count(const struct client *client, const char *text)
{
	size_t count = 0;

	for (const char *at = client->in.data; (at = strstr(at, text)) != NULL; at += strlen(text))
		count++;
	return count;
}

#endif
