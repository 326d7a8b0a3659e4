/* SPDX-License-Identifier: MIT */
/* outgoing.h — what goes to a provider around a body: where to, with which headers and credential. */
#ifndef GATEWAY_OUTGOING_H
#define GATEWAY_OUTGOING_H

#include "base/buf.h"
#include "loop/fetch.h"

struct endpoint;
struct err;
struct httpd_request;
struct view_provider;

#define OUTGOING_HEADERS 15

struct outgoing {
	struct buf url;
	struct buf text;                /* the headers' names and values, each with its NUL */
	struct {
		size_t name, value;     /* where in text */
	} places[OUTGOING_HEADERS];
	size_t num_headers;
	struct fetch_header headers[OUTGOING_HEADERS + 1];
};

void outgoing_init(struct outgoing *);
void outgoing_release(struct outgoing *);

/* path behind the base URL, in both {model} and {options} filled in.  ERR_INVALID names an option that is missing. */
int outgoing_set_url(struct outgoing *, const struct view_provider *, const char *path, const char *model,
		     struct err *err);

/* Parameters of the client's query that are the target's as well; behind the URL. */
void outgoing_forward_query(struct outgoing *, const struct httpd_request *, const char *const *names);

/* Forgets the headers there were, and begins with what is the provider's: its credential and its kind's own. */
void outgoing_set_headers(struct outgoing *, const struct view_provider *);

/* Authorization: Bearer and the token. */
void outgoing_put_bearer(struct outgoing *, const char *token);

/* One more, or another value for one that is there; past the room there is it is left out. */
void outgoing_put_header(struct outgoing *, const char *name, const char *value);

/* All of them, ending with name == NULL; good until one is put. */
const struct fetch_header *outgoing_headers(struct outgoing *);

/* Where the provider wants the request signed: adds that to the headers, when all others are put. */
int outgoing_sign(struct outgoing *, const struct view_provider *, const char *method, const void *body, size_t len,
		  struct err *err);

/* Headers of the client's that are the target's as well. */
void outgoing_forward(struct outgoing *, const struct httpd_request *, const char *const *names);

#endif
