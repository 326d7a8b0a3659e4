/* SPDX-License-Identifier: MIT */
/*
 * fetch.h — one HTTP request to a provider, on the loop.
 *
 * fetch_start() never calls back before it returns.  After that exactly one of these ends it:
 * done() is called, or the owner calls fetch_cancel().  After fetch_cancel() no callback runs, and
 * the connection is closed unless the answer had been complete.  The fetch may be cancelled from
 * inside its own callbacks.
 *
 * The owner runs the deadlines (first byte, idle, total); only connecting has one here.
 * libcurl stands behind this today; nothing above may know.
 */
#ifndef LOOP_FETCH_H
#define LOOP_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loop;
struct err;
struct fetch;
struct fetch_pool;

/* What went wrong below HTTP; the text is in fetch_end.text. */
enum fetch_error {
	FETCH_OK,
	FETCH_RESOLVE,          /* no such host */
	FETCH_REFUSED,          /* nothing listens, no route */
	FETCH_CONNECT_TIMEOUT,
	FETCH_TLS,
	FETCH_RESET,            /* the connection broke before the answer was complete */
	FETCH_EMPTY,            /* it closed without a byte of answer */
	FETCH_PROTOCOL,         /* what came is not HTTP */
	FETCH_NO_SOCKET,        /* ours: no file descriptor was left */
	FETCH_OTHER,
};

struct fetch_end {
	enum fetch_error error;
	const char *text;       /* for people, "connection refused"; borrowed during done() */
	bool reused;            /* the connection had carried an earlier request */
};

struct fetch_ops {
	/* The answer's head is complete; fetch_header() may be asked now and until the end. */
	void (*head)(void *arg, int status);
	/* Some of the body, in the turn it came in.  False pauses: fetch_resume() asks for it again,
	 * with the same bytes. */
	bool (*body)(void *arg, const char *data, size_t len);
	/* Over.  The fetch is gone when this returns. */
	void (*done)(void *arg, const struct fetch_end *end);
};

struct fetch_header {
	const char *name, *value;
};

/* Borrowed until the fetch has ended: everything in it. */
struct fetch_request {
	const char *method;                     /* "POST" */
	const char *url;
	const struct fetch_header *headers;     /* ends with name == NULL */
	const char *body;
	size_t body_len;
	int64_t connect_ms;                     /* 0: ten seconds */
};

/* Connections and spare handles of one loop. */
struct fetch_pool *fetch_pool_new(struct loop *, struct err *);
void fetch_pool_free(struct fetch_pool *);      /* every fetch must have ended */
/* At most so many connections, those in use counted, are kept for later requests; 1024 unless told. */
void fetch_pool_keep(struct fetch_pool *, unsigned connections);

struct fetch *fetch_start(struct fetch_pool *, const struct fetch_request *, const struct fetch_ops *,
			  void *arg, struct err *);
void fetch_resume(struct fetch *);
void fetch_cancel(struct fetch *);

/* A header of the answer, NULL when absent; any case; borrowed until the end. */
const char *fetch_header(const struct fetch *, const char *name);

#endif
