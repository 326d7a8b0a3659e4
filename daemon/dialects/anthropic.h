/* SPDX-License-Identifier: MIT */
/*
 * anthropic.h — what the files of Anthropic's dialects share.
 *
 * anthropic_scan.c looks at requests and adapts them; anthropic_read_request.c and anthropic_read_messages.c read
 * them into the internal form, anthropic_request.c writes them from it, with anthropic_thinking.c, which knows the
 * models; anthropic_answer.c reads answers and streams, anthropic_write_answer.c and anthropic_write_stream.c write
 * them; anthropic_signature.c marks the signatures of others; anthropic_count.c is count_tokens.
 */
#ifndef DIALECTS_ANTHROPIC_H
#define DIALECTS_ANTHROPIC_H

#include "dialects/message.h"

/* What stands for a version in bodies to Vertex AI. */
#define ANTHROPIC_VERTEX_VERSION "vertex-2023-10-16"

/* A request while it is read. */
struct anthropic_request {
	struct arena *arena;
	struct conversation *c;
	struct err *err;
	struct message **system_end, **messages_end;
	struct tool *tool;              /* being read */
	char place[96];                 /* "messages[2].content[0]": where a complaint is about */
};

/* A member we know; without a reader nothing needs to be done about it.  The last has no name. */
struct anthropic_member {
	const char *name;
	int (*read)(struct anthropic_request *, struct jspan value, int arg);
	int arg;
};

/* Members that are not known become extras, unless they say nothing. */
int anthropic_read_members(struct anthropic_request *r, struct jspan object, const struct anthropic_member *known);

/* ERR_INVALID, "place.member: expected …". */
int anthropic_wrong(struct anthropic_request *r, const char *member, const char *expected);
void anthropic_set_place(struct anthropic_request *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Something only Anthropic knows, by where it stands; member is a JSON string. */
void anthropic_keep_extra(struct anthropic_request *r, struct jspan member, struct jspan value);

int anthropic_read_system(struct anthropic_request *r, struct jspan value, int unused);
int anthropic_read_messages(struct anthropic_request *r, struct jspan value, int unused);
int anthropic_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err);

/*
 * Signatures of others, in the one place Anthropic's clients have for them, with a mark of whose they are: these
 * clients send back what they got.  A call's signature, for which there is no place, stands in an empty thinking
 * block before it.
 */
void anthropic_put_signature(struct buf *out, struct jspan signature, enum signer signer, struct jspan id, bool of_call);
#define ANTHROPIC_MARK "tollgate.1."
bool anthropic_is_marked(struct jspan signature);
/* Takes out of a request that passes through what Anthropic refuses: reasoning that is not its own. */
void anthropic_take_out_foreign(struct jspan body, struct jspan messages, struct patch *p);
/* Reads signature, signer and id; true: it is the signature of the call that comes next. */
bool anthropic_unmark(struct arena *arena, struct jspan signature, struct part *ret);

/* Input has to be an object; what a model wrote instead is kept where it can be seen. */
void anthropic_put_input(struct buf *out, struct jspan arguments);

void anthropic_write_usage(const struct usage *u, struct buf *out);
enum finish_reason anthropic_finish(enum finish_reason said, bool has_calls, bool refuses);
const char *anthropic_stop_reason(enum finish_reason reason);
void anthropic_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);
void anthropic_write_event(struct writing *w, const struct stream_event *event, struct buf *out);
void anthropic_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out);
void anthropic_release_writing(struct writing *w);

int anthropic_write_count_request(const struct conversation *c, const struct interpreter_target *target,
				  struct buf *out, struct err *err);
int anthropic_write_request(const struct conversation *c, const struct interpreter_target *target,
			    struct buf *out, struct err *err);

int anthropic_scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			   struct err *err);
int anthropic_scan_count(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			 struct err *err);
void anthropic_adapt_request(struct jspan body, const struct request_facts *facts,
			     const struct interpreter_target *target, struct patch *p);
/* All of that but the model's name. */
void anthropic_adapt_rest(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			  struct patch *p);
void anthropic_adapt_count(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			   struct patch *p);

/* The answer of count_tokens. */
int anthropic_read_count(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
void anthropic_write_count(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);

/* Whether a part can be said to Anthropic at all: it refuses empty text, and reasoning nobody signed. */
bool anthropic_takes(const struct part *p);

enum thinking_style {
	THINKS_NOT,
	THINKS_BY_BUDGET,               /* thinking: {type: enabled, budget_tokens} */
	THINKS_BY_EFFORT,               /* thinking: {type: adaptive}, output_config: {effort} */
};

/* How a model is to think about a conversation, and how much it may put out in all. */
struct anthropic_thinking {
	enum thinking_style style;
	int64_t budget;                 /* tokens, part of max_tokens */
	const char *effort;             /* "low", "medium", "high" */
	int64_t max_tokens;
};

/* Whether a model keeps strictly to the schemas of tools. */
bool anthropic_is_strict(const char *model);

int anthropic_decide_thinking(const struct conversation *c, const struct interpreter_target *target,
			      struct anthropic_thinking *ret, struct err *err);

int anthropic_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int anthropic_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
			 struct err *err);

#endif
