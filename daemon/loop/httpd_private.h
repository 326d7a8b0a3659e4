/* SPDX-License-Identifier: MIT */
/*
 * httpd_private.h — what httpd.c (connections), httpd_request.c (what comes in) and httpd_answer.c
 * (what goes out) share, and nobody else.
 *
 * A connection is ours until its first request's headers are in, then libmicrohttpd's, and ours
 * again when it lingers: after an answer to a body that was not read, what the client still sends
 * is thrown away for a moment, because closing at once would reset the connection and could take
 * the answer from the client's hands.
 */
#ifndef LOOP_HTTPD_PRIVATE_H
#define LOOP_HTTPD_PRIVATE_H

#include <microhttpd.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/list.h"
#include "loop/httpd.h"
#include "loop/listen.h"
#include "loop/loop.h"

#define HTTPD_MAX_LISTENERS 4

struct httpd_listener {
	struct loop_fd watch;
	struct httpd *httpd;
	char *path;                     /* owned; of a Unix socket, else NULL */
};

/* One of several libmicrohttpd daemons. */
struct httpd_daemon {
	struct httpd *httpd;
	struct MHD_Daemon *mhd;         /* owned */
	struct loop_fd watch;           /* its epoll fd, nested in the loop's */
	struct loop_task run;           /* something was resumed, or is left over from the last run */
	unsigned num_connections;
};

struct httpd {
	struct loop *loop;
	const struct httpd_ops *ops;
	void *owner;
	struct httpd_options options;
	struct httpd_daemon *daemons;   /* owned, options.daemons of them */
	struct httpd_listener listeners[HTTPD_MAX_LISTENERS];
	unsigned num_listeners;
	bool accepting;
	struct loop_timer retry;        /* to accept again, after there were no fds */
	uint64_t complain_us;           /* when to say so again */
	struct loop_timer sweep;        /* each second while there are connections: timeouts */
	struct list connections;
	unsigned num_open;
	unsigned port;
	bool closing;                   /* answers say Connection: close */
};

struct httpd_connection {
	struct list_node node;
	struct httpd *httpd;
	struct httpd_daemon *daemon;    /* NULL while the connection is ours */
	struct loop_fd watch;           /* for headers, then for the client's leaving, then for the end */
	int fd;                         /* owned while ours */
	int spare_fd;                   /* owned; a second hold on the fd, so that it can linger, or -1 */
	struct httpd_request *request;  /* the one that is open, or NULL */
	uint64_t since_us;              /* when it came, or began to linger */
	unsigned num_peeks;
	bool lingering;
	bool left;                      /* the client will send no more */
	struct sockaddr_storage peer;
	socklen_t peer_len;
	char remote[LISTEN_PEER_TEXT];
};

struct httpd_request {
	struct httpd *httpd;
	struct httpd_connection *connection;
	struct MHD_Connection *mhd;
	const char *method, *path;      /* borrowed from libmicrohttpd */
	void *arg;
	uint64_t started_us;

	struct buf body;
	uint64_t num_discarded;         /* bytes of a body that is too large */
	bool too_large;
	bool is_ready;                  /* ready() was called */

	struct buf headers;             /* of the answer: name NUL value NUL … */
	struct MHD_Response *response;  /* owned; NULL until reply or stream */
	unsigned status;
	bool queued;                    /* libmicrohttpd has the response */

	struct buf backlog;             /* of a stream; the first num_sent bytes are done with */
	size_t num_sent;
	bool ended, is_full;            /* is_full: httpd_write() returned false, drained() is owed */

	bool suspended;
	bool cut;                       /* nothing more goes out; the connection is to be closed */
	bool told_gone;
};

/* httpd.c */
void httpd_connection_linger_later(struct httpd_connection *);

/* httpd_request.c: the callbacks of libmicrohttpd */
enum MHD_Result httpd_on_request(void *daemon, struct MHD_Connection *, const char *url,
				 const char *method, const char *version, const char *data, size_t *len,
				 void **request);
void httpd_on_completed(void *daemon, struct MHD_Connection *, void **request,
			enum MHD_RequestTerminationCode);
/* The client left: gone(), and the connection is closed soon. */
void httpd_request_lose(struct httpd_request *);
void httpd_request_resume(struct httpd_request *);
/* False when the client has left meanwhile; then the caller gives up. */
bool httpd_request_suspend(struct httpd_request *);

/* httpd_answer.c */
enum MHD_Result httpd_queue_answer(struct httpd_request *);

#endif
