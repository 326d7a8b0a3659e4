/* SPDX-License-Identifier: MIT */
/* client_internal.h — what the files of the client share: its state, a request under way. */
#ifndef MODEL_CLIENT_INTERNAL_H
#define MODEL_CLIENT_INTERNAL_H

#include "base/buf.h"
#include "base/list.h"
#include "model/client.h"

struct client {
	CURLM *multi;
	char *socket;           /* NULL: over TCP */
	char *base;             /* what stands before a path in a URL */
	char *secret;           /* NULL: none; sent as a bearer token */
	char *via;
	struct list active;     /* under way in multi */
	struct list ready;      /* a callback is due */
	struct list cancelled;  /* to be freed when no callback is on the stack */
	bool dispatching;
};

struct client_handle {
	struct list_node node;
	struct list *list;      /* of the client's, that node is on; NULL while its callback runs */
	struct client *client;
	CURL *easy;
	struct curl_slist *headers;
	char *body;             /* owned */
	struct buf answer;
	char curl_text[CURL_ERROR_SIZE];
	bool ended, is_cancelled;
	CURLcode result;        /* once ended */
	client_done *done;      /* a call has done, a stream has event and end */
	client_event *event;
	client_end *end;
	void *arg;
};

/* client_request.c: a request ready to be sent, on no list yet. */
struct client_handle *client_handle_new(struct client *, const char *method, const char *path, const json_t *body,
					const struct client_options *);

/* client_answer.c: what came of a request that ended.  *ret_status, *err and the body (a new reference,
 * or NULL) in every case; err->code is ERR_NONE when all is well. */
json_t *client_read_answer(struct client_handle *, int *ret_status, struct err *err);

#endif
