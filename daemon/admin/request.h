/* SPDX-License-Identifier: MIT */
/*
 * request.h — one question to the admin API and its answer.
 *
 * Knows no sockets: admin.c fills it in from HTTP and sends what comes out, tests do the same by
 * hand.
 */
#ifndef ADMIN_REQUEST_H
#define ADMIN_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/peer.h"
#include "base/buf.h"
#include "base/err.h"

struct admin;
struct httpd_request;
struct route;

/* A name in a path: a chain's may be 200 characters. */
#define ADMIN_NAME 256

/* The largest answer: a thousand calls with everything in them. */
#define ADMIN_ANSWER_MAX (16u << 20)

struct admin_request {
	struct admin *admin;
	struct httpd_request *http;             /* NULL: not over a socket */

	/* -- the question; borrowed -- */
	const char *method, *path;              /* the path percent-decoded, without the query */
	const char *text;                       /* the body as it came */
	size_t text_len;
	const char *(*query)(const struct admin_request *, const char *name);   /* NULL when absent */
	const char *(*header)(const struct admin_request *, const char *name);
	struct peer peer;

	/* -- found by the dispatcher -- */
	const struct route *route;
	char name[ADMIN_NAME];                  /* of the object in the path; "" when it has none */
	json_t *body;                           /* of routes that take JSON: an object, never NULL; owned */

	/* -- the answer: one of the two -- */
	unsigned status;
	json_t *answer;                         /* owned */
	const char *content_type;               /* NULL: JSON from answer; else what is in answer_text */
	struct buf answer_text;

	/* -- answered later: the function that does so keeps its state here -- */
	bool later;
	void (*cancel)(struct admin_request *); /* the client left first, or the daemon stops */
	void *pending;
};

void request_init(struct admin_request *, struct admin *);
void request_release(struct admin_request *);

/* Query members, typed; absent leaves *ret alone. */
int query_int(const struct admin_request *, const char *name, int64_t min, int64_t max, int64_t *ret,
	      struct err *err);
int query_time(const struct admin_request *, const char *name, int64_t *ret_ms, struct err *err);
bool query_bool(const struct admin_request *, const char *name);        /* "1", "true", "yes" */
/* The word, or NULL when absent; ERR_INVALID with a suggestion when it is none of these. */
int query_word(const struct admin_request *, const char *name, const char *const *words,
	       const char **ret, struct err *err);

/* part of whole in per cent, with one place; NULL (null) when there was nothing. */
json_t *percent_json(int64_t part, int64_t whole);

/* Turns *err into an answer: {"error": {code, message, field}}, current beside it when given (stolen). */
void request_fail(struct admin_request *, const struct err *err, json_t *current);
void request_fail_as(struct admin_request *, unsigned status, const char *code, const char *message);

/*
 * Answers with a list: filters items by `name_member` (?filter), sorts (?sort, "-" for descending),
 * cuts the viewport (?limit, ?offset).  Steals items.
 */
int request_answer_list(struct admin_request *, json_t *items, const char *name_member, struct err *err);

#endif
