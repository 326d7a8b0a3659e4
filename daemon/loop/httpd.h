/* SPDX-License-Identifier: MIT */
/*
 * httpd.h — libmicrohttpd on the loop: a request in, an answer out, and the news that the client left.
 *
 * One httpd belongs to one loop.  It accepts by itself and spreads its connections over several
 * small libmicrohttpd daemons in external-epoll mode, because one daemon walks all its suspended
 * connections whenever one is resumed.  It does what libmicrohttpd leaves open: a suspended
 * connection neither notices that its client left (we watch the fd for EPOLLRDHUP) nor times out
 * (callers run their own deadlines).
 *
 * The life of a request, all callbacks on the loop's thread, none from inside a call of ours but
 * closed():
 *
 *   head → (body arrives) → ready → reply, or stream + write… + end → closed
 *                 └─────────── client leaves: gone → closed ───────────┘
 *
 * head() may answer at once (401, 413 …): the body is then not read.  gone() comes at most once and
 * before closed(); after it output is silently dropped.  closed() comes exactly once for every
 * head(), after which the request does not exist.
 */
#ifndef LOOP_HTTPD_H
#define LOOP_HTTPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct loop;
struct err;
struct buf;
struct httpd;
struct httpd_request;

struct httpd_ops {
	/* Method, path and headers are known. */
	void (*head)(struct httpd_request *);
	/* The whole body is in httpd_body().  Not called when head() answered. */
	void (*ready)(struct httpd_request *);
	/* The client left, or its connection broke, or the body was cut short, before the answer was
	 * handed to the kernel whole.  NULL: not wanted. */
	void (*gone)(struct httpd_request *);
	/* A stream's backlog fell below the low mark after httpd_write() had returned false. */
	void (*drained)(struct httpd_request *);
	/* Over.  The request is freed when this returns. */
	void (*closed)(struct httpd_request *);
};

struct httpd_options {
	unsigned daemons;       /* libmicrohttpd daemons to spread connections over; 16 for a worker, 1 for admin */
	size_t body_max;        /* bytes; a larger body calls httpd_ops.ready with httpd_too_large() set */
	unsigned idle_s;        /* a connection without a request is closed after this */
	unsigned connections;   /* at most; more wait in the listen queue */
};

struct httpd *httpd_new(struct loop *, const struct httpd_ops *, void *owner,
			const struct httpd_options *, struct err *);

/* Stops accepting, resumes and closes every connection (gone, closed), frees. */
void httpd_free(struct httpd *);

/* "127.0.0.1:4000", "[::1]:0", ":4000" (all addresses).  SO_REUSEPORT, so that each worker has its own. */
int httpd_listen_tcp(struct httpd *, const char *host_port, struct err *);
/* Replaces a stale socket; refuses one that answers.  mode as for chmod. */
int httpd_listen_unix(struct httpd *, const char *path, mode_t mode, struct err *);
void httpd_stop_listening(struct httpd *);
unsigned httpd_port(const struct httpd *);              /* the one the kernel chose */
unsigned httpd_num_open(const struct httpd *);          /* requests between head and closed */

/* -- what came in; borrowed until closed() -- */
void *httpd_owner(const struct httpd_request *);
const char *httpd_method(const struct httpd_request *);
const char *httpd_path(const struct httpd_request *);           /* without the query, percent-decoded */
const char *httpd_header(const struct httpd_request *, const char *name);      /* NULL when absent; any case */
const char *httpd_query(const struct httpd_request *, const char *name);       /* decoded; NULL when absent */
const struct buf *httpd_body(const struct httpd_request *);
bool httpd_too_large(const struct httpd_request *);             /* body_max was passed; the body is empty */
int httpd_fd(const struct httpd_request *);                     /* the client's; for SO_PEERCRED */
const char *httpd_remote(const struct httpd_request *);         /* "127.0.0.1", "unix" */
uint64_t httpd_started_us(const struct httpd_request *);        /* when head() was called, monotonic */

/* The caller's own state for this request. */
void httpd_set_arg(struct httpd_request *, void *arg);
void *httpd_arg(const struct httpd_request *);

/* -- what goes out -- */
/* Before the answer begins; copied. */
void httpd_add_header(struct httpd_request *, const char *name, const char *value);
/* The whole answer; data is copied.  content_type may be NULL for none. */
void httpd_reply(struct httpd_request *, unsigned status, const char *content_type, const void *data,
		 size_t len);
/* An answer in pieces (chunked): sent as they come, in the same turn. */
void httpd_stream(struct httpd_request *, unsigned status, const char *content_type);
/* Copied.  False when the backlog is above the high mark (256 KiB): stop until drained(). */
bool httpd_write(struct httpd_request *, const void *data, size_t len);
void httpd_end(struct httpd_request *);
/* Cuts the connection: for an answer that cannot be completed truthfully. */
void httpd_abort(struct httpd_request *);
bool httpd_answered(const struct httpd_request *);              /* reply or stream was called */

#endif
