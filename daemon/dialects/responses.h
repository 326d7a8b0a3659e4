/* SPDX-License-Identifier: MIT */
/*
 * responses.h — what the files of OpenAI's Responses dialect share.
 *
 * responses.c looks at requests and writes errors; responses_request.c and responses_items.c read
 * requests into the internal form, responses_write.c writes them from it; responses_answer.c and
 * responses_events.c read answers and streams, responses_output.c and responses_stream.c write them.
 * responses_count.c is POST /v1/responses/input_tokens.
 */
#ifndef DIALECTS_RESPONSES_H
#define DIALECTS_RESPONSES_H

#include "dialects/openai.h"

int responses_read_input(struct openai_request *r, struct jspan input, int unused);
int responses_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err);
int responses_write_request(const struct conversation *c, const struct interpreter_target *target,
			    struct buf *out, struct err *err);
int responses_write_count_request(const struct conversation *c, const struct interpreter_target *target,
				  struct buf *out, struct err *err);

/*
 * Signatures of others travel to our clients as a reasoning's encrypted_content and come back in it:
 * "anthropic-claude-v1:…", with "encrypted:" before what is all there is, and "call:" before what
 * belongs to the call behind it.  Without such a beginning it is the provider's own.
 */
#define RESPONSES_ENCRYPTED "encrypted:"
#define RESPONSES_OF_CALL "call:"

/* What ids of reasoning begin with that we gave; no provider knows them. */
#define RESPONSES_REASONING "rs_tg_"

/* Who signed; *ret_len is the length of the beginning that says so. */
enum signer responses_signer(struct jspan encrypted_content, size_t *ret_len);

/* A response object's members that are not its output. */
struct responses_top {
	struct jspan output, usage;
	enum finish_reason finish;      /* NONE while it is under way */
	bool over;                      /* it will not change any more */
};

/* ERR_INVALID when the response failed. */
int responses_read_top(struct jspan response, struct reading *r, struct responses_top *ret, struct err *err);

/* The parts of an item of the output, at *end; none where it is nothing that others know. */
void responses_read_item(struct jspan item, struct arena *arena, struct part **end);

int responses_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err);
int responses_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
			 struct err *err);
void responses_release_reading(struct reading *r);

void responses_write_usage(const struct usage *u, bool with_cost, int64_t cost_nusd, struct buf *out);
void responses_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out);
void responses_write_event(struct writing *w, const struct stream_event *event, struct buf *out);
void responses_write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark,
			 struct buf *out);
void responses_release_writing(struct writing *w);

#endif
