/* SPDX-License-Identifier: MIT */
/*
 * fetch_private.h — what fetch.c (requests) and fetch_pool.c (libcurl's sockets and timer on the
 * loop) share.
 *
 * libcurl's callbacks only put bytes aside; the owner is called when libcurl has returned.  So an
 * owner may start and cancel whatever it likes from inside its callbacks, which libcurl forbids in
 * its own.
 */
#ifndef LOOP_FETCH_PRIVATE_H
#define LOOP_FETCH_PRIVATE_H

#include <curl/curl.h>

#include "base/buf.h"
#include "base/list.h"
#include "loop/fetch.h"
#include "loop/loop.h"

struct fetch_socket {
	struct loop_fd watch;
	struct fetch_pool *pool;
	bool is_connection;     /* opened by us for a connection, not libcurl's own to wake itself */
	bool idle;              /* libcurl does not care at present; the registration is kept */
};

struct fetch_pool {
	struct loop *loop;
	CURLM *multi;                   /* owned */
	struct loop_timer timer;
	struct fetch_socket **sockets;  /* by fd; owned */
	size_t num_sockets;
	struct list ready;              /* fetches that have something to tell */
	struct list over;               /* ended in this turn: their callers may be on the stack */
	struct list spare;
	struct loop_task deliver, reap;
	unsigned num_open;
};

struct fetch {
	struct list_node node;          /* in one of the pool's lists, or none */
	struct fetch_pool *pool;
	CURL *easy;                     /* owned */
	struct curl_slist *lines;       /* owned; the request's headers */
	const struct fetch_ops *ops;
	void *arg;
	char error_text[CURL_ERROR_SIZE];
	int64_t connect_ms;
	int socket_errno;               /* why no socket could be opened for it, or 0 */
	int status;
	struct buf head;                /* of the answer: name NUL value NUL … */
	struct buf body;                /* arrived and not yet taken */
	CURLcode result;
	bool head_complete, head_told;
	bool paused;                    /* body() returned false */
	bool held;                      /* we told libcurl to stop, because body is full */
	bool finished;                  /* result is valid */
	bool ended;                     /* the owner knows, or does not want to */
};

/* fetch.c */
void fetch_pool_deliver(struct fetch_pool *);
void fetch_collect_finished(struct fetch_pool *);
void fetch_destroy(struct fetch *);

/* fetch_pool.c */
curl_socket_t fetch_pool_open_socket(void *fetch, curlsocktype, struct curl_sockaddr *);
int fetch_pool_close_socket(void *pool, curl_socket_t);

#endif
