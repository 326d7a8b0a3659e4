/* SPDX-License-Identifier: MIT */
/*
 * client.h — the admin API's client: HTTP and JSON over the daemon's Unix socket.
 *
 * One struct client is used by one thread.  A screen starts calls and streams and waits for all of
 * them, and for the keyboard, in client_wait(); a command asks with client_call() and blocks.
 * Callbacks run inside client_wait() and nowhere else, and may start and cancel whatever they like.
 */
#ifndef MODEL_CLIENT_H
#define MODEL_CLIENT_H

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct buf;
struct client;
struct client_handle;

/* An answer that is longer is refused. */
#define CLIENT_MAX_ANSWER (64u << 20)

/* Everything may be left out.  Texts are borrowed until the call returns (client_start copies them). */
struct client_options {
	const char *if_match;           /* the revision that is being changed */
	const char *idempotency_key;    /* the same change sent twice is made once */
	const char *reason;             /* goes into the audit entry */
	bool dry_run;                   /* answer with the impact, change nothing */
	const char *text;               /* sent instead of a JSON body: YAML, a price file */
	size_t text_len;
	long timeout_ms;                /* 0: 30 s; negative: as long as it takes */
};

/*
 * What came of a call.  status is the HTTP status, 0 when the daemon was not reached or broke off;
 * err->code is ERR_NONE when status is below 400, otherwise err->text is the daemon's sentence, or
 * ours, saying what to do.  json is the body where it was JSON (a conflict's says what is there
 * now), a JSON string where it was other text, else NULL.
 */
struct client_answer {
	int status;
	json_t *json;                   /* borrowed: json_incref() to keep it */
	const struct err *err;          /* borrowed */
};

typedef void client_done(void *arg, const struct client_answer *);
typedef void client_event(void *arg, const char *name, json_t *data);   /* data is borrowed */
/* A stream ended: err says why, also when the daemon ended it in good order.  The handle is gone. */
typedef void client_end(void *arg, const struct err *err);

/* socket NULL: client_default_socket().  via is "cli" or "tui" and goes into the audit entries. */
struct client *client_new(const char *socket, const char *via);
/* The data API at "http://host:port" or "host:port", as the owner of this secret (NULL: nobody). */
struct client *client_new_url(const char *url, const char *secret);
/* Cancels all that is under way. */
void client_free(struct client *);
/* Where it calls: the socket's path, or the URL. */
const char *client_socket(const struct client *);

#define CLIENT_SOCKET_PATH 256
/* $TOLLGATE_SOCKET, else /run/tollgate/admin.sock for root, else $XDG_RUNTIME_DIR/tollgate/admin.sock. */
const char *client_default_socket(char out[CLIENT_SOCKET_PATH]);

/*
 * One call, blocking.  path is encoded and begins with "/v1/"; body may be NULL and is borrowed;
 * options may be NULL.  0 when the daemon answered with a status below 400; otherwise a negative
 * code and *err.  *ret (may be NULL) is a new reference or NULL, *ret_status (may be NULL) as in
 * struct client_answer; both are set in every case.
 */
int client_call(struct client *, const char *method, const char *path, const json_t *body,
		const struct client_options *, json_t **ret, int *ret_status, struct err *err);

/* The same, answered through done from a later client_wait().  The handle is gone once done is called. */
struct client_handle *client_start(struct client *, const char *method, const char *path, const json_t *body,
				   const struct client_options *, client_done *done, void *arg);

/* Server-sent events until end is called or the handle is cancelled. */
struct client_handle *client_stream(struct client *, const char *path, client_event *event, client_end *end,
				    void *arg);

/* The same from a POST: a model's answer as it is written. */
struct client_handle *client_post_stream(struct client *, const char *path, const json_t *body, client_event *event,
					 client_end *end, void *arg);

/* No callback of this handle runs any more.  NULL is fine. */
void client_cancel(struct client_handle *);

/*
 * Waits until something happens on a call, on a stream or on one of the extra descriptors (whose
 * revents are filled in), at most timeout_ms, then runs the callbacks that are due.  Returns how many
 * of the extra descriptors have something, or a negative code.
 */
int client_wait(struct client *, struct curl_waitfd *extra, unsigned num_extra, int timeout_ms);

/* Whether a call or a stream is under way. */
bool client_is_busy(const struct client *);

/* Appends text percent-encoded, for a name in a path or a value in a query. */
void client_escape(struct buf *out, const char *text);

#endif
