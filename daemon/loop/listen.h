/* SPDX-License-Identifier: MIT */
/* listen.h — listening sockets: addresses are understood and stale Unix sockets replaced. */
#ifndef LOOP_LISTEN_H
#define LOOP_LISTEN_H

#include <sys/socket.h>
#include <sys/types.h>

struct err;

/* "127.0.0.1:4000", "[::1]:0", "localhost:4000", ":4000" (all addresses), with SO_REUSEPORT.  The
 * fd, non-blocking, or negative. */
int listen_tcp(const char *host_port, struct err *err);

/* Whether nobody listens there yet.  SO_REUSEPORT lets a second daemon of the same user bind beside
 * the first, and the kernel would deal calls out to both. */
int listen_try(const char *host_port, struct err *err);

/* Whether it is such an address, without opening anything. */
int listen_check(const char *host_port, struct err *err);

/* Replaces a socket that nobody answers on; ERR_CONFLICT when somebody does. */
int listen_unix(const char *path, mode_t mode, struct err *err);

unsigned listen_port(int fd);                   /* 0 for Unix sockets */

#define LISTEN_PEER_TEXT 64
/* "127.0.0.1", "::1", "unix". */
void listen_peer_text(const struct sockaddr_storage *peer, char out[LISTEN_PEER_TEXT]);

#endif
