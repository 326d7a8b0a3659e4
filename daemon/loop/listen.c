/* SPDX-License-Identifier: MIT */
/* Addresses to listen on are understood and their sockets opened here. */
#include "loop/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

/* Connections that wait to be accepted; the kernel lowers it to net.core.somaxconn. */
#define BACKLOG 4096

struct address {
	char host[256], port[8];
};

static bool port_is_valid(const char *port)
{
	size_t digits = strspn(port, "0123456789");

	return digits > 0 && digits <= 5 && port[digits] == '\0' && strtol(port, NULL, 10) <= 65535;
}

/* An IPv6 address stands in brackets, so that its colons are not taken for the port's. */
static int split(const char *host_port, struct address *ret, struct err *err)
{
	const char *colon = strrchr(host_port, ':');
	const char *host = host_port;
	size_t len;

	if (colon == NULL || !port_is_valid(colon + 1))
		goto invalid;
	len = (size_t)(colon - host_port);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	} else if (memchr(host, ':', len) != NULL) {
		goto invalid;
	}
	if (len >= sizeof(ret->host))
		goto invalid;
	memcpy(ret->host, host, len);
	ret->host[len] = '\0';
	copy_text(ret->port, sizeof(ret->port), colon + 1);
	return 0;
invalid:
	return err_set(err, ERR_INVALID,
		       "\"%s\" is no address to listen on; expected HOST:PORT such as 127.0.0.1:4000 or [::1]:4000",
		       host_port);
}

static int open_one(const struct addrinfo *info, bool shared)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1, off = 0, saved;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, shared ? &on : &off, sizeof(on));
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* The first that binds; for "all addresses" IPv6 comes first, because such a socket takes both. */
static int open_any(const struct addrinfo *list, bool shared)
{
	static const int families[] = {AF_INET6, AF_INET};
	int fd = -1;

	for (size_t f = 0; f < ARRAY_LEN(families) && fd < 0; f++)
		for (const struct addrinfo *info = list; info != NULL && fd < 0; info = info->ai_next)
			if (info->ai_family == families[f])
				fd = open_one(info, shared);
	return fd;
}

static int open_first(const struct addrinfo *list, bool shared)
{
	int fd = -1;

	for (; list != NULL && fd < 0; list = list->ai_next)
		fd = open_one(list, shared);
	return fd;
}

int listen_check(const char *host_port, struct err *err)
{
	struct address address;

	return split(host_port, &address, err);
}

static int open_tcp(const char *host_port, bool shared, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
	struct addrinfo *list;
	struct address address;
	bool all;
	int code, fd;

	if (split(host_port, &address, err) < 0)
		return ERR_INVALID;
	all = address.host[0] == '\0';
	code = getaddrinfo(all ? NULL : address.host, address.port, &hints, &list);
	if (code != 0)
		return err_set(err, ERR_SYSTEM, "listening on %s: %s", host_port, gai_strerror(code));
	fd = all ? open_any(list, shared) : open_first(list, shared);
	if (fd < 0)
		fd = err_errno(err, "listening on %s", host_port);
	freeaddrinfo(list);
	return fd;
}

int listen_tcp(const char *host_port, struct err *err)
{
	return open_tcp(host_port, true, err);
}

int listen_try(const char *host_port, struct err *err)
{
	int fd = open_tcp(host_port, false, err);

	if (fd < 0 && errno == EADDRINUSE)
		return err_set(err, ERR_CONFLICT, "something listens on %s already; another --listen may be given, port 0 "
			       "takes any free one", host_port);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* Whether a server answers behind the path. */
static bool is_alive(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool alive;

	if (fd < 0)
		return false;
	alive = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	close(fd);
	return alive;
}

static int make_way(const struct sockaddr_un *address, struct err *err)
{
	const char *path = address->sun_path;
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_CONFLICT, "%s exists and is no socket", path);
	if (is_alive(address))
		return err_set(err, ERR_CONFLICT, "somebody already answers on %s; is another daemon running?", path);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, "removing the stale socket %s", path);
	return 0;
}

int listen_unix(const char *path, mode_t mode, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	mode_t mask;
	int fd, bound;

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(err, ERR_INVALID, "%s: a socket's path has at most %zu characters", path,
			       sizeof(address.sun_path) - 1);
	copy_text(address.sun_path, sizeof(address.sun_path), path);
	if (make_way(&address, err) < 0)
		return ERR_CONFLICT;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, "making a Unix socket");
	/* Nobody may slip in between bind() and chmod(). */
	mask = umask(0177);
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (bound == 0 && chmod(path, mode) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	err_errno(err, "listening on %s", path);
	close(fd);
	return ERR_SYSTEM;
}

unsigned listen_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return 0;
	if (address.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *)&address)->sin_port);
	if (address.ss_family == AF_INET6)
		return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
	return 0;
}

void listen_peer_text(const struct sockaddr_storage *peer, char out[LISTEN_PEER_TEXT])
{
	static const char mapped[] = "::ffff:";

	copy_text(out, LISTEN_PEER_TEXT, "unix");
	if (peer->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)peer)->sin_addr, out, LISTEN_PEER_TEXT);
	if (peer->ss_family != AF_INET6)
		return;
	inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)peer)->sin6_addr, out, LISTEN_PEER_TEXT);
	if (text_starts(out, mapped) && strchr(out, '.') != NULL)
		memmove(out, out + strlen(mapped), strlen(out) - strlen(mapped) + 1);
}
