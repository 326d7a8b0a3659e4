/* SPDX-License-Identifier: MIT */
/*
 * gemini.h — what the files of Google's dialect share.
 *
 * gemini.c looks at requests and writes errors; gemini_answer.c and gemini_stream.c read answers, with
 * what they have in common in gemini_members.c, and gemini_reply.c writes them; gemini_request.c,
 * gemini_config.c, gemini_contents.c and gemini_schema.c read requests, gemini_write_request.c,
 * gemini_write_contents.c and gemini_thinking.c write them; gemini_signature.c, gemini_logprobs.c,
 * gemini_usage.c and gemini_count.c are what their names say.
 *
 * Google reads every name in two spellings, responseSchema and response_schema, and one thing where a
 * list belongs; so do we.
 */
#ifndef DIALECTS_GEMINI_H
#define DIALECTS_GEMINI_H

#include "dialects/message.h"

/* The candidates of one answer are told apart up to this many; what is beyond counts as the last. */
#define GEMINI_CHOICES 64

/* Whether a member has that name, in either spelling; name is the one of JSON: "responseSchema". */
bool gemini_is_named(struct jspan member, const char *name);

/* A member of an object in either spelling; none where it is absent or null. */
struct jspan gemini_said(struct jspan object, const char *name);

/* Walks a list, or the one thing that stands for it: item starts zeroed; false at the end. */
bool gemini_next_item(struct jspan list, struct jspan *item);

/* Reads usageMetadata; false (and *u untouched) when it has no counts. */
bool gemini_read_usage(struct jspan object, struct usage *u);

/* Appends usageMetadata. */
void gemini_write_usage(const struct usage *u, struct buf *out);

/* An answer, or a piece of a stream, without what is in its candidates. */
struct gemini_top {
	struct jspan candidates;
	bool blocked;                   /* the prompt was: there are no candidates */
};

/* ERR_INVALID when the text is not JSON, or an error. */
int gemini_read_top(const char *text, size_t len, struct reading *r, struct gemini_top *ret, struct err *err);

/* Where the answer is over and nothing was said, there is no count of that: it is 0. */
void gemini_complete_usage(struct reading *r);

struct gemini_candidate {
	int index;
	struct jspan parts;
	enum finish_reason finish;      /* STOP also where it stopped to call tools */
	struct jspan logprobs;          /* logprobsResult, or none */
};

int gemini_read_candidate(struct jspan item, struct gemini_candidate *ret, struct err *err);

/* A part of what the model says; spans that are not there are none. */
struct gemini_part {
	struct jspan text;
	struct jspan signature;
	bool thought;
	struct jspan call, id, name, args;      /* functionCall, and its members */
};

bool gemini_read_part(struct jspan item, struct gemini_part *ret);

#define GEMINI_ID_TEXT 48
/* An id, as a JSON string, for an answer's n-th call where the model gave it none: the same whenever it is read. */
struct jspan gemini_make_id(const struct reading *r, struct jspan call, unsigned n, char out[GEMINI_ID_TEXT]);

const char *gemini_finish_text(enum finish_reason reason);

/* A thoughtSignature: whose it is, and what else of it would be lost on the way through a client. */
struct gemini_signature {
	struct jspan text, id;
	enum signer signer;
	bool encrypted;                 /* it is all there is of a reasoning */
};

/* Appends ,"thoughtSignature":…. */
void gemini_put_signature(struct buf *out, const struct gemini_signature *s);

/* What a client sent back; spans borrow text or the arena. */
void gemini_read_signature(struct jspan text, struct arena *arena, struct gemini_signature *ret);

/* Appends a logprobsResult as OpenAI has it; false where it is none. */
bool gemini_read_logprobs(struct jspan result, struct buf *out);

/* Appends ,"logprobsResult":{…} made of OpenAI's. */
void gemini_put_logprobs(struct buf *out, struct jspan logprobs);

/* Appends a call's arguments, which have to be an object; what a model wrote instead is kept where it can be seen. */
void gemini_put_args(struct buf *out, struct jspan arguments);

int gemini_scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err);

/* As a dialect's functions, for countTokens. */
int gemini_scan_count(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err);
void gemini_adapt_count(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			struct patch *p);
int gemini_read_count_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err);
int gemini_write_count_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			       struct err *err);
int gemini_read_count(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
void gemini_write_count(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);

/* A request while it is read. */
struct gemini_request {
	struct arena *arena;
	struct conversation *c;
	struct err *err;
	struct message *first, *last;
	struct part *last_part;         /* of the last message */
	struct gemini_call *open_calls; /* that no result came for yet, in their order */
	unsigned num_calls;
	struct jspan allowed;           /* names of the tools that may be called, where only some may */
	char place[96];                 /* "contents[2].parts[0]": where a complaint is about */
};

void gemini_set_place(struct gemini_request *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ERR_INVALID, "place.member: expected …". */
int gemini_wrong(struct gemini_request *r, const char *member, const char *expected);

/* Keeps what only Google knows, by its name at the place; the target refuses it by that. */
void gemini_keep_extra(struct gemini_request *r, const char *member, struct jspan value);

int gemini_read_contents(struct gemini_request *r, struct jspan contents, int unused);
int gemini_read_system(struct gemini_request *r, struct jspan instruction, int unused);
int gemini_read_config(struct gemini_request *r, struct jspan config, int unused);
int gemini_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err);

/* Appends one of Google's schemas as a JSON schema. */
void gemini_put_schema(struct buf *out, struct jspan schema);
/* The same, in the arena; none for none. */
struct jspan gemini_read_schema(struct arena *arena, struct jspan schema);

/* A request while it is written. */
struct gemini_writer {
	const struct conversation *c;
	const struct interpreter_target *target;
	struct buf *out;
	struct err *err;
	bool signs_calls;               /* the model refuses calls without a signature */
	bool media_in_results;          /* the model takes pictures from tools */
};

/* Append "contents":[…] and ,"systemInstruction":{…}. */
int gemini_put_contents(struct gemini_writer *w);
int gemini_put_system(struct gemini_writer *w);

/* Appends "thinkingConfig":{…}, where something is to be said of it. */
int gemini_put_thinking(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			struct err *err);

/* Whether a model is of those that refuse calls without their signature: Gemini 3 and later. */
bool gemini_checks_signatures(const char *model);

int gemini_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			 struct err *err);

int gemini_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int gemini_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err);
int gemini_read_element(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err);
void gemini_release_reading(struct reading *r);

void gemini_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);
void gemini_write_event(struct writing *w, const struct stream_event *event, struct buf *out);
void gemini_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out);
void gemini_write_element(struct writing *w, const struct stream_event *event, struct buf *out);
void gemini_write_last_element(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark,
			       struct buf *out);
void gemini_release_writing(struct writing *w);

#endif
