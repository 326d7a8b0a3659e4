/* SPDX-License-Identifier: MIT */
/*
 * session.h — what the dashboard knows of the daemon, and how it hears of news.
 *
 * One event stream tells of a pulse each second, of calls and of changes; a resource is one GET,
 * fetched again when the pulse or a change says so and the last frame drew it.  Nothing here waits,
 * and nothing here knows of curses.  When the daemon goes away all figures stay; it is tried again
 * after 1, 2, 4, 8, 15, 15, … seconds for ever.
 */
#ifndef MODEL_SESSION_H
#define MODEL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/list.h"
#include "model/client.h"
#include "model/tail.h"

enum link { LINK_CONNECTING, LINK_LIVE, LINK_DOWN };

struct session {
	struct client *client;          /* owned */
	struct client_handle *stream;   /* NULL while there is none */
	enum link link;
	bool was_live;                  /* since the start */
	bool read_only;                 /* the person asked for it */
	bool paused;
	unsigned tries;                 /* in a row, without success */
	uint64_t next_try_us;           /* monotonic; while down */
	int64_t pulse_at_ms;            /* when the last pulse came */
	int64_t down_since_ms, paused_at_ms;
	char error[512];                /* why it is down */
	json_t *status, *pulse;         /* owned; NULL before the first */
	struct tail tail;               /* the newest calls */
	unsigned num_pulses;
	unsigned calls_this_second;
	struct list resources, changes;
	uint64_t frame;                 /* grows with each frame drawn */
	/* Something on the screen may have changed. */
	void (*news)(void *arg);
	void *arg;
};

/* socket NULL: the default one. */
void session_start(struct session *, const char *socket, void (*news)(void *arg), void *arg);
/* Changes that are under way get two seconds to be answered; what is still open then ends as a failure. */
void session_stop(struct session *);

/* Runs what is due; call it each turn of the loop. */
void session_tick(struct session *);
/* Milliseconds until something is due by time alone, or -1. */
int session_timeout_ms(const struct session *);

/* Whether nothing but the event stream is under way. */
bool session_is_settled(const struct session *);

/* Tries the daemon now; fetches what is shown again. */
void session_refresh(struct session *);
void session_pause(struct session *, bool paused);

/* Milliseconds since the last sign of life; 0 while it is fresh. */
int64_t session_stale_ms(const struct session *);
const char *session_user(const struct session *);
bool session_is_demo(const struct session *);

/* NULL when changes may be made now, else the sentence why not. */
const char *session_refusal(const struct session *, char *out, size_t size);

/* When what is drawn is fetched again, beside after changes: REFRESH_SLOWLY is for figures that are
 * dear to work out, each tenth pulse. */
enum refresh { REFRESH_ON_CHANGE, REFRESH_EACH_PULSE, REFRESH_SLOWLY };

struct resource {
	struct list_node node;
	struct session *session;
	char *path;                     /* owned; NULL: nothing to fetch */
	enum refresh refresh;
	json_t *data;                   /* owned; the last good answer, NULL before it */
	uint64_t version;               /* grows with each answer */
	char error[512];                /* why the last fetch failed; "" when it did not */
	int status;                     /* HTTP, of the last answer */
	struct client_handle *handle;   /* NULL unless in flight */
	bool again;                     /* asked for while in flight */
	uint64_t frame;                 /* the last that drew it */
};

void resource_init(struct resource *, struct session *, enum refresh);
void resource_release(struct resource *);
/* Another path is fetched at once; the old data stays until it is there. */
void resource_set_path(struct resource *, const char *path);
void resource_fetch(struct resource *);
/* Called while drawing: says that it is on the screen, and lends the data, or NULL. */
json_t *resource_use(struct resource *);

struct change {
	const char *method, *path;
	json_t *body;           /* borrowed; may be NULL */
	int64_t revision;       /* sent as If-Match; 0: none */
	const char *reason;     /* may be NULL */
	bool dry_run;
};

/* Sends a change; done is called unless session_forget() comes first.  What is shown is fetched again. */
void session_send(struct session *, const struct change *, client_done *done, void *owner);
/* No answer reaches this owner any more; the changes themselves go on. */
void session_forget(struct session *, const void *owner);

#endif
