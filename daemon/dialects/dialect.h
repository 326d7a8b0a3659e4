/* SPDX-License-Identifier: MIT */
/*
 * dialect.h — how one API family is spoken, as a table of functions, both ways.
 *
 * A dialect knows bytes of requests, answers and streams; never sockets, retries, budgets or the
 * database.  Stateless: what a translation has to remember lives in its struct interpreter.
 *
 * Unknown is normal: providers add fields and event types weekly.  What is not understood passes
 * through where both sides speak the same dialect, and is skipped where they do not; it is never an
 * error.
 */
#ifndef DIALECTS_DIALECT_H
#define DIALECTS_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/jscan.h"
#include "dialects/usage.h"

struct buf;
struct err;

#define MODEL_TEXT 201          /* longest model name and a NUL */
#define LABEL_TEXT 65           /* app, user, session */
#define TAGS_TEXT 257

enum finish_reason {
	FINISH_NONE,            /* not said */
	FINISH_STOP,
	FINISH_LENGTH,
	FINISH_TOOL_CALLS,
	FINISH_CONTENT_FILTER,
	FINISH_ERROR,
};

/* What the gateway has to know of a request before it is sent anywhere. */
struct request_facts {
	struct jspan model;             /* in the body, with its quotes */
	char model_name[MODEL_TEXT];
	bool stream;
	bool wants_usage;               /* the client asked for usage in its stream */
	bool wants_cost;                /* usage: {"include": true}, OpenRouter's way */
	int64_t max_output;             /* tokens, or -1 when not said */
	int64_t num_choices;            /* n, 1 when not said */
	int64_t input_estimate;         /* tokens, by its length; images at a flat rate */
	char user[LABEL_TEXT];          /* "" when not said; cut to fit */
	char tags[TAGS_TEXT];           /* metadata.tags, comma-separated */
};

/* What a client may be told went wrong; composed in gateway/reply.c, put into words here. */
struct client_error {
	int status;
	const char *type, *code, *message;
	const char *param;              /* the field at fault, or NULL */
	const char *details;            /* further members as JSON without the braces ("\"attempts\":[…]"), or NULL */
};

/* What a provider said went wrong. */
struct upstream_error {
	char message[256];              /* cleaned; "" when it said nothing */
	char type[64], code[64];
};

struct dialect {
	const char *name;               /* "openai_chat" */

	/* Validates the body and reads the facts.  ERR_INVALID names the field in *ret_param (static text). */
	int (*scan_request)(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			    struct err *err);

	/* An error as the whole body of an answer, and as the last event of a stream. */
	void (*write_error)(const struct client_error *, struct buf *out);
	void (*write_stream_error)(const struct client_error *, struct buf *out);

	/* Reads an error body of a provider that speaks this dialect; never fails. */
	void (*read_error)(const char *body, size_t len, struct upstream_error *ret);
};

extern const struct dialect openai_chat;
extern const struct dialect anthropic;

const char *finish_reason_name(enum finish_reason);     /* "stop", "length" … in JSON and on screens */

#endif
