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

struct answer;
struct arena;
struct buf;
struct conversation;
struct err;
struct event_sink;
struct interpreter_target;
struct patch;
struct sse_event;
struct stream_event;

#define MODEL_TEXT 201          /* longest model name and a NUL */
#define LABEL_TEXT 65           /* app, user, session */
#define TAGS_TEXT 257

/* What a call asks for.  Between dialects of one operation there is translation. */
enum operation {
	OPERATION_CHAT,
	OPERATION_COUNT,        /* how many tokens a conversation is */
	OPERATION_EMBED,
	OPERATION_MODERATE,
	OPERATION_RERANK,
	OPERATION_IMAGE,
	OPERATION_SPEECH,
	OPERATION_TRANSCRIBE,
};

/* How the pieces of a stream are told apart (frames.h). */
enum framing {
	FRAMING_SSE,            /* server-sent events */
	FRAMING_NONE,           /* bytes as they come */
	FRAMING_JSON_ARRAY,     /* one JSON array, an element each */
	FRAMING_EVENTSTREAM,    /* AWS's binary frames */
	FRAMING_BEDROCK_CHUNKS, /* those with server-sent events in them */
};

enum finish_reason {
	FINISH_NONE,            /* not said */
	FINISH_STOP,
	FINISH_LENGTH,
	FINISH_TOOL_CALLS,
	FINISH_CONTENT_FILTER,
	FINISH_ERROR,
};

/*
 * What the gateway has to know of a request before it is sent anywhere.  Where a dialect keeps the model
 * or the stream in the path, model_name and stream are filled in before the body is scanned.
 */
struct request_facts {
	struct jspan model;             /* in the body, with its quotes; none where the path has it */
	char model_name[MODEL_TEXT];
	bool stream;
	bool wants_usage;               /* the client asked for usage in its stream, or its dialect always has it */
	bool wants_cost;                /* usage: {"include": true}, OpenRouter's way */
	int64_t max_output;             /* tokens, or -1 when not said */
	int64_t num_choices;            /* n, 1 when not said */
	int64_t input_estimate;         /* tokens, by its length; images at a flat rate */
	char user[LABEL_TEXT];          /* "" when not said; cut to fit */
	char tags[TAGS_TEXT];           /* metadata.tags, comma-separated */
	const char *betas;              /* the header anthropic-beta, borrowed; NULL: none */
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

/* What has been read of an answer so far; the same for whole answers and streams. */
struct reading {
	struct usage usage;             /* the last the provider sent */
	enum finish_reason finish;      /* of the first choice that has one */
	char id[LABEL_TEXT], model[MODEL_TEXT];
	int64_t created_s;              /* seconds since 1970; 0: not said */
	int64_t text_bytes;             /* of generated text, reasoning and tool arguments */
	bool started;                   /* something of the answer itself came */
	bool ended;                     /* so did the mark that ends it: [DONE], message_stop */
	struct jspan usage_at;          /* the usage object in the text read last, or none */
	bool usage_alone;               /* and that text carries nothing else */

	/* Where a stream stands; for the dialect's own use. */
	uint64_t started_choices, finished_choices;     /* a bit each */
	unsigned num_tool_calls, num_reasonings;
	int block;                      /* what the piece being read is */
	int64_t uncached_input;         /* tokens, where cached ones are counted apart */
	void *own;                      /* more of it; freed by dialect.release_reading */
};

/* What a dialect has to know and to remember while it writes a stream or an answer. */
struct writing {
	const char *id, *model;         /* borrowed */
	struct jspan request;           /* the client's body, as its dialect has it; borrowed */
	int64_t created_s;              /* seconds since 1970 */
	bool wants_usage;               /* in a stream; whole answers always have it */
	bool wants_cost;
	bool base64;                    /* vectors are wanted packed */

	/* Where a stream stands; for the dialect's own use. */
	bool begun;
	enum finish_reason finish;      /* said, and to be written with the end */
	int block;                      /* what the piece being written is */
	unsigned num_blocks;
	void *own;                      /* more of it; freed by dialect.release_writing */
};

/*
 * A NULL member says that the dialect cannot do this yet; the interpreter then refuses the pair.
 * Spans that are read borrow the text they were read from.
 */
struct dialect {
	const char *name;               /* "openai_chat" */
	enum operation operation;
	const struct dialect *same_as;  /* as a target, what that dialect's clients say passes through to it; NULL: only its own */
	const char *id_prefix;          /* of its answers' ids: "chatcmpl-", for those whose provider gave none; NULL: "" */
	enum framing framing;           /* of its streams */
	const char *stream_type;        /* their Content-Type; NULL: text/event-stream */
	bool keeps_type;                /* what passes through has the Content-Type the provider gave it */

	/* Headers of the client that a target of the same dialect is to see; NULL-terminated, or NULL. */
	const char *const *forwarded_headers;
	/* Parameters of the query, likewise. */
	const char *const *forwarded_query;

	/* Validates the body and reads the facts; *ret comes from request_facts_init().  ERR_INVALID names
	 * the field in *ret_param (static text). */
	int (*scan_request)(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			    struct err *err);

	/* An error as the whole body of an answer, and as the last event of a stream (NULL: such a stream can
	 * only be cut off). */
	void (*write_error)(const struct client_error *, struct buf *out);
	void (*write_stream_error)(const struct client_error *, struct buf *out);

	/* Reads an error body of a provider that speaks this dialect; never fails. */
	void (*read_error)(const char *body, size_t len, struct upstream_error *ret);

	/* Where client and target both speak this: notes what must differ in the upstream's body.  NULL: nothing. */
	void (*adapt_request)(struct jspan body, const struct request_facts *, const struct interpreter_target *,
			      struct patch *);

	/* A request, from and to the internal form.  ERR_INVALID names the field. */
	int (*read_request)(struct jspan body, struct arena *, struct conversation *ret, struct err *);
	int (*write_request)(const struct conversation *, const struct interpreter_target *, struct buf *out,
			     struct err *);

	/* A whole answer.  ERR_INVALID when it is none, or an error. */
	int (*read_answer)(struct jspan body, struct arena *, struct answer *ret, struct err *);
	void (*write_answer)(const struct writing *, const struct answer *, int64_t cost_nusd, struct buf *out);

	/* A stream, event by event.  One event of the provider may be several of ours, or none. */
	int (*read_event)(struct reading *, const struct sse_event *, const struct event_sink *, struct err *);
	void (*write_event)(struct writing *, const struct stream_event *, struct buf *out);

	/*
	 * A stream's end: usage where it is not NULL and was asked for, and the mark where with_mark.  Also
	 * behind a stream that passed through: then nothing but what it lacks (usage NULL: it had that).
	 */
	void (*write_end)(struct writing *, const struct usage *, int64_t cost_nusd, bool with_mark,
			  struct buf *out);

	/* Members for the cost, in a usage object that passes through, and such an object where the answer has
	 * none: "cost":…, and {…}.  NULL: this dialect's clients know no cost in a body. */
	void (*write_cost)(int64_t cost_nusd, struct buf *out);
	void (*write_usage)(const struct usage *, bool with_cost, int64_t cost_nusd, struct buf *out);

	/* Frees .own, where the dialect uses it. */
	void (*release_reading)(struct reading *);
	void (*release_writing)(struct writing *);
};

void request_facts_init(struct request_facts *);        /* nothing is said */

extern const struct dialect openai_chat;
extern const struct dialect openai_responses;
extern const struct dialect openai_completions;
extern const struct dialect openai_count;
extern const struct dialect anthropic;
extern const struct dialect anthropic_count;
extern const struct dialect cohere;
extern const struct dialect gemini, gemini_array, gemini_count;
extern const struct dialect bedrock, bedrock_count, anthropic_bedrock;

/* Operations that are no conversations; they pass through. */
extern const struct dialect gemini_embeddings, cohere_embeddings;
extern const struct dialect openai_embeddings, openai_moderations, openai_images, rerank;
extern const struct dialect openai_speech, openai_transcriptions;

const char *finish_reason_name(enum finish_reason);     /* "stop", "length" … in JSON and on screens */

#endif
