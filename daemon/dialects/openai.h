/* SPDX-License-Identifier: MIT */
/*
 * openai.h — what the files of the OpenAI chat dialect share.
 *
 * openai_chat.c looks at requests and writes errors; openai_request.c and openai_messages.c read requests into
 * the internal form, openai_write_request.c and openai_write_messages.c write them from it; openai_answer.c and
 * openai_stream.c do both with answers; openai_usage.c knows how each vendor counts.
 */
#ifndef DIALECTS_OPENAI_H
#define DIALECTS_OPENAI_H

#include "dialects/message.h"

/* In a stream that passes through: include_usage: true into its stream_options. */
void openai_adapt_stream_options(struct jspan body, struct jspan options, struct patch *p);

void openai_write_error(const struct client_error *e, struct buf *out);
void openai_write_stream_error(const struct client_error *e, struct buf *out);

/* Reads a usage object; false (and *u untouched) when it has no counts yet. */
bool openai_read_usage(struct jspan object, struct usage *u);

/* Appends a usage object; cost_nusd goes in where with_cost. */
void openai_write_usage(const struct usage *u, bool with_cost, int64_t cost_nusd, struct buf *out);

/* Errors as all of OpenAI's dialects have them. */
void openai_write_error(const struct client_error *e, struct buf *out);
void openai_write_stream_error(const struct client_error *e, struct buf *out);

/* Appends "cost":…,"cost_details":{…}; unknown is null. */
void openai_write_cost(int64_t cost_nusd, struct buf *out);

/* The choices of one answer are told apart up to this many; what is beyond counts as the last. */
#define OPENAI_CHOICES 64

struct openai_choice {
	int index;
	struct jspan message, delta;    /* of a whole answer, of a chunk */
	enum finish_reason finish;
	struct jspan logprobs;          /* an object, or none */
};

/* What a message or a delta says. */
struct openai_said {
	struct jspan content, reasoning;        /* strings or lists of parts */
	struct jspan details;                   /* reasoning_details; reasoning is none where they have its text */
	struct jspan refusal, tool_calls;
	struct jspan function_call;             /* as it was before there were tools */
};

struct openai_call {
	struct jspan index, id, name, arguments;
};

/* Reads what is not in the choices.  ERR_INVALID when the text is not JSON, or an error. */
int openai_read_top(const char *text, size_t len, struct reading *r, struct jspan *ret_choices, struct err *err);
int openai_read_choice(struct jspan item, struct openai_choice *ret, struct err *err);
bool openai_read_said(struct jspan object, struct openai_said *ret);
void openai_read_call(struct jspan item, struct openai_call *ret);
/* The one call there could be before there were tools; false when it is no object. */
bool openai_read_function_call(struct jspan object, struct openai_call *ret);

#define OPENAI_ID_TEXT 48
/* An id for the n-th call of an answer whose provider gave it none: other dialects need one. */
struct jspan openai_make_id(const struct reading *r, unsigned n, char out[OPENAI_ID_TEXT]);

/* One of reasoning_details. */
struct openai_detail {
	struct jspan text, signature, id;
	enum signer signer;
	bool encrypted;                         /* signature is what only its author can read */
};

void openai_read_detail(struct jspan item, struct openai_detail *ret);

/* Calls walk for every text that is said, reasoning first. */
typedef void openai_text_walk(void *arg, bool is_reasoning, struct jspan text);
void openai_each_text(const struct openai_said *said, openai_text_walk *walk, void *arg);

const char *openai_finish_text(enum finish_reason reason);

/* Appends what ends each of reasoning_details. */
void openai_end_detail(struct buf *out, enum signer signer, struct jspan id, unsigned index);

/* Appends an answer or a chunk up to the inside of its choices. */
void openai_put_head(struct buf *out, const struct writing *w, const char *object);

/* A request while it is read. */
struct openai_request {
	struct arena *arena;
	struct conversation *c;
	struct err *err;
	char place[96];                 /* "messages[2].content[0]": where a complaint is about */
	const char *member;             /* of the body, as its row has it */
};

void openai_set_place(struct openai_request *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ERR_INVALID, "place.member: expected …". */
int openai_wrong(struct openai_request *r, const char *member, const char *expected);

/* A member of a request and who reads it; without a reader it changes nothing of the answer's text, or the
 * gateway has seen to it. */
struct openai_member {
	const char *name;
	int (*read)(struct openai_request *, struct jspan value, int arg);
	int arg;
};

/* Every member of the body; what is not known and says something is an extra. */
int openai_read_members(struct openai_request *r, struct jspan body, const struct openai_member *known, size_t n);
/* Something only this dialect knows; name says where it stands, as a JSON string.  0. */
int openai_keep_extra(struct openai_request *r, struct jspan name, struct jspan value);

int openai_read_param(struct openai_request *r, struct jspan value, int param);
int openai_read_parallel(struct openai_request *r, struct jspan value, int unused);
int openai_read_max_output(struct openai_request *r, struct jspan value, int unused);
int openai_read_reasoning(struct openai_request *r, struct jspan value, int unused);
bool openai_read_choice_word(struct jspan word, enum tool_choice *ret);

int openai_read_messages(struct openai_request *r, struct jspan messages, int unused);
int openai_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err);

/* A request while it is written. */
/* Notes what a body has to say otherwise to Mistral; and the member that goes because it is said twice, or NULL. */
void openai_adapt_to_mistral(struct jspan body, struct patch *p);
const char *openai_mistral_gone(struct jspan body);

struct openai_writer {
	const struct conversation *c;
	const struct interpreter_target *target;
	struct buf *out;
	struct err *err;
	unsigned num_messages;
};

int openai_put_messages(struct openai_writer *w);

/* The word for the effort asked for; NULL where none is to be said. */
const char *openai_effort(const struct openai_writer *w);
void openai_put_user(struct openai_writer *w);

/* Whether OpenAI takes a schema as one that is kept to strictly. */
bool openai_fits_strictly(struct jspan schema);
int openai_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			 struct err *err);

/* Append ,"reasoning_content":"…" and ,"reasoning_details":[…] and ,"tool_calls":[…] where there are any. */
void openai_put_reasoning_text(struct buf *out, const struct part *parts);
void openai_put_reasoning_details(struct buf *out, const struct part *parts);
void openai_put_calls(struct buf *out, const struct part *parts, bool with_signatures);

/* Append what a call's signature is to clients: ,"extra_content":{…} in the call, as Google's own endpoint
 * for OpenAI's clients has it, and one of reasoning_details, as OpenRouter does. */
void openai_put_call_signature(struct buf *out, struct jspan signature);
void openai_put_call_detail(struct buf *out, struct jspan id, struct jspan signature, enum signer signer);

int openai_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
void openai_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);
int openai_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
		      struct err *err);
void openai_write_event(struct writing *w, const struct stream_event *event, struct buf *out);
void openai_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark,
		      struct buf *out);

#endif
