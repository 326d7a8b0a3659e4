/* SPDX-License-Identifier: MIT */
/*
 * interpreter.h — one attempt's conversation: the client's dialect on one side, the target's on the
 * other.
 *
 * Where both are the same the bytes pass through, but for the model's name and what accounting
 * needs; where they differ everything goes through one internal form (message.h).  Streams and whole
 * answers are handled alike:
 *
 *   request → upstream's body;  feed, feed, … → bytes for the client;  end → what it amounted to;
 *   close → the last bytes for the client.
 *
 * Between end and close the gateway settles the call, so that its cost can be in the last bytes and
 * its record is durable before they leave.  An answer that is not streamed comes out of close whole.
 *
 * feed and end return ERR_INVALID with a sentence when the answer is no answer (not JSON, an error
 * inside a 200, cut short, empty): as long as nothing has been put out the call can go to the next
 * target.
 */
#ifndef DIALECTS_INTERPRETER_H
#define DIALECTS_INTERPRETER_H

#include "dialects/dialect.h"

struct interpreter;

/* The target's side. */
struct interpreter_target {
	const struct dialect *dialect;
	const char *model;              /* as the provider calls it; borrowed while the interpreter lives */
	unsigned quirks;                /* enum provider_quirk */
	bool drop_params;               /* leave out what the target cannot express, instead of refusing */
	int64_t max_output;             /* a ceiling to enforce on each choice (strict budgets), or -1 */
};

/* What came of it. */
struct outcome {
	struct usage usage;             /* reported where the provider did, else estimated from what passed */
	enum finish_reason finish;
	char model[MODEL_TEXT];         /* as the answer names it; "" when it does not */
	char upstream_id[LABEL_TEXT];   /* the provider's own id of the answer */
	int64_t text_bytes;             /* of generated text that went through */
	bool complete;                  /* the answer reached its regular end */
};

/* body (with its facts) is borrowed while the interpreter lives.  Never NULL. */
struct interpreter *interpreter_new(const struct dialect *client, const char *body, size_t len,
				    const struct request_facts *, const struct interpreter_target *);
void interpreter_free(struct interpreter *);

/* The upstream's body.  ERR_INVALID names the field the target cannot express ("response_format: …"). */
int interpreter_request(struct interpreter *, struct buf *ret_body, struct err *err);

/* The answer's head, before the first feed: a provider may answer a stream with JSON.  That is read as
 * a whole answer, and the client gets it as the stream it asked for.  Where the first byte says
 * otherwise it is right and the head is not. */
void interpreter_head(struct interpreter *, const char *content_type);

/* Some of the upstream's body; appends to out what the client gets of it now. */
int interpreter_feed(struct interpreter *, const char *data, size_t len, struct buf *out, struct err *err);

/* The upstream's body is over: whole, or cut (complete false).  Fills *ret in either case, also after a
 * feed that failed; what the provider had not said by then is estimated by what passed. */
int interpreter_end(struct interpreter *, bool complete, struct outcome *ret, struct err *err);

/* The last bytes: the whole answer, or the stream's tail (usage with cost where asked for, [DONE]).
 * Only after a successful end. */
void interpreter_close(struct interpreter *, int64_t cost_nusd, struct buf *out);

/* The Content-Type of what comes out. */
const char *interpreter_content_type(const struct interpreter *);

#endif
