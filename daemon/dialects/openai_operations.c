/* SPDX-License-Identifier: MIT */
/*
 * OpenAI's operations that are no conversations: embeddings, moderations, images, and rerank as Cohere
 * defined it.  A body with a model in it goes through, and an answer with usage in it comes back; what
 * else they say is between client and provider.
 *
 * Reference: OpenAI's API description, embeddings, moderations, images; Cohere's API, rerank, which
 * Jina, Voyage and most local servers took over.
 */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/embeddings.h"
#include "dialects/interpreter.h"
#include "dialects/openai.h"
#include "dialects/patch.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

enum { BYTES_PER_TOKEN = 4 };

/* -- requests ------------------------------------------------------------------------------------ */

enum field { MODEL, USER, STREAM, FIRST_NEEDED, SECOND_NEEDED, NUM_FIELDS };

/* A member that an operation cannot do without. */
struct needed {
	const char *name;
	bool text, list;                /* what it may be */
	const char *expected;
};

/* A text in itself, or a list of texts or of tokens: an empty one is a mistake anywhere. */
static bool has_something(struct jspan value, const struct needed *needed)
{
	struct jspan item = {0};

	if (jspan_is_string(value))
		return needed->text && jspan_text_len(value) > 0;
	return needed->list && jspan_is_array(value) && jspan_next_item(value, &item);
}

static int wrong(const char *name, const char *expected, const char **ret_param, struct err *err)
{
	*ret_param = name;
	return err_set(err, ERR_INVALID, "%s: expected %s", name, expected);
}

static int check_needed(const struct needed *needed, const struct jfield *fields, const char **ret_param, struct err *err)
{
	for (int i = 0; i < 2 && needed[i].name != NULL; i++)
		if (!has_something(fields[FIRST_NEEDED + i].value, &needed[i]))
			return wrong(needed[i].name, needed[i].expected, ret_param, err);
	return 0;
}

static int scan(const struct needed *needed, const char *body, size_t len, struct request_facts *ret,
		const char **ret_param, struct err *err)
{
	struct jfield fields[NUM_FIELDS] = {[MODEL] = {.name = "model"}, [USER] = {.name = "user"}, [STREAM] = {.name = "stream"}};
	size_t num = FIRST_NEEDED;

	for (; num < NUM_FIELDS && needed[num - FIRST_NEEDED].name != NULL; num++)
		fields[num].name = needed[num - FIRST_NEEDED].name;
	*ret_param = NULL;
	if (jscan_object(body, len, fields, num, err) < 0)
		return ERR_INVALID;
	ret->model = fields[MODEL].value;
	if (!jspan_copy(ret->model, ret->model_name, sizeof(ret->model_name)) || ret->model_name[0] == '\0')
		return wrong("model", "a name of 1 to 200 characters", ret_param, err);
	if (!jspan_is_null(fields[USER].value) && !jspan_copy_cut(fields[USER].value, ret->user, sizeof(ret->user)))
		return wrong("user", "a string", ret_param, err);
	if (!jspan_is_null(fields[STREAM].value) && !jspan_bool(fields[STREAM].value, &ret->stream))
		return wrong("stream", "true or false", ret_param, err);
	ret->input_estimate = (int64_t)(len / BYTES_PER_TOKEN) + 1;
	/* Where these stream at all, usage is part of their last event. */
	ret->wants_usage = true;
	return check_needed(needed, fields, ret_param, err);
}

static void adapt_request(struct jspan body, const struct request_facts *facts,
			  const struct interpreter_target *target, struct patch *p)
{
	(void)body;
	buf_json_string(patch_replace(p, facts->model), target->model, strlen(target->model));
}

/* -- answers ------------------------------------------------------------------------------------- */

/* input_tokens and output_tokens (images, Cohere), total_tokens alone (Voyage, Jina). */
static void read_counts(struct jspan object, struct usage *u)
{
	enum { INPUT, OUTPUT, DETAILS, TOTAL, N };
	struct jfield f[N] = {{.name = "input_tokens"}, {.name = "output_tokens"}, {.name = "input_tokens_details"},
			      {.name = "total_tokens"}};
	int64_t n;

	if (openai_read_usage(object, u) || !jspan_fields(object, f, N))
		return;
	if (jspan_int(f[OUTPUT].value, &n))
		usage_set(u, USAGE_OUTPUT, n, USAGE_REPORTED);
	if (jspan_int(f[INPUT].value, &n) || jspan_int(f[TOTAL].value, &n))
		usage_set(u, USAGE_INPUT, n, USAGE_REPORTED);
	if (jspan_int(jspan_member(f[DETAILS].value, "image_tokens"), &n))
		usage_set(u, USAGE_INPUT_IMAGE, n, USAGE_REPORTED);
}

/* What all of these say around their results, whole or as an event. */
static int read_top(const char *text, size_t len, struct reading *r, struct err *err)
{
	enum { ID, MODEL_NAME, USAGE, META, ERROR, CREATED, N };
	struct jfield f[N] = {{.name = "id"}, {.name = "model"}, {.name = "usage"}, {.name = "meta"}, {.name = "error"},
			      {.name = "created"}};

	if (jscan_object(text, len, f, N, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	jspan_copy(f[ID].value, r->id, sizeof(r->id));
	jspan_copy(f[MODEL_NAME].value, r->model, sizeof(r->model));
	jspan_int(f[CREATED].value, &r->created_s);
	read_counts(f[USAGE].value, &r->usage);
	read_counts(jspan_member(f[META].value, "billed_units"), &r->usage);
	read_counts(jspan_member(f[META].value, "tokens"), &r->usage);
	r->started = true;
	return 0;
}

static int read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	(void)arena;
	ret->reading.finish = FINISH_STOP;
	ret->reading.ended = true;
	return read_top(body.at, body.len, &ret->reading, err);
}

static bool name_ends_with(const struct sse_event *event, const char *end)
{
	size_t len = strlen(end);

	return event->name_len >= len && memcmp(event->name + event->name_len - len, end, len) == 0;
}

/* Pictures come in parts: image_generation.partial_image, … .completed with the usage. */
static int read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err)
{
	(void)sink;
	if (!event->has_data)
		return 0;
	if (sse_data_is(event, "[DONE]")) {
		r->ended = true;
		return 0;
	}
	if (read_top(event->data, event->data_len, r, err) < 0)
		return ERR_INVALID;
	r->text_bytes += (int64_t)event->data_len;
	if (name_ends_with(event, ".completed")) {
		r->finish = FINISH_STOP;
		r->ended = true;
	}
	return 0;
}

static void write_end(struct writing *w, const struct usage *u, int64_t cost_nusd, bool with_mark, struct buf *out)
{
	(void)w;
	(void)u;
	(void)cost_nusd;
	(void)with_mark;
	(void)out;
}

/* -- the operations ------------------------------------------------------------------------------ */

static int scan_embeddings(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	static const struct needed needed[2] = {{"input", true, true, "a text, or a list of texts or tokens"}, {NULL}};

	return scan(needed, body, len, ret, ret_param, err);
}

static int scan_moderations(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	static const struct needed needed[2] = {{"input", true, true, "a text, or a list of texts and pictures"}, {NULL}};

	return scan(needed, body, len, ret, ret_param, err);
}

static int scan_rerank(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	static const struct needed needed[2] = {{"query", true, false, "a text"},
						{"documents", false, true, "a list of at least one document"}};

	return scan(needed, body, len, ret, ret_param, err);
}

static int scan_images(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	static const struct needed needed[2] = {{"prompt", true, false, "a text"}, {NULL}};

	return scan(needed, body, len, ret, ret_param, err);
}

const struct dialect openai_embeddings = {
	.name = "openai_embeddings",
	.operation = OPERATION_EMBED,
	.scan_request = scan_embeddings,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_request = embeddings_read_request,
	.read_answer = read_answer,
	.write_answer = embeddings_write_answer,
	.read_event = read_event,
	.write_end = write_end,
};

const struct dialect openai_moderations = {
	.name = "openai_moderations",
	.operation = OPERATION_MODERATE,
	.scan_request = scan_moderations,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_answer = read_answer,
	.read_event = read_event,
	.write_end = write_end,
};

const struct dialect rerank = {
	.name = "rerank",
	.operation = OPERATION_RERANK,
	.scan_request = scan_rerank,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_answer = read_answer,
	.read_event = read_event,
	.write_end = write_end,
};

const struct dialect openai_images = {
	.name = "openai_images",
	.operation = OPERATION_IMAGE,
	.scan_request = scan_images,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_answer = read_answer,
	.read_event = read_event,
	.write_end = write_end,
};
