/* SPDX-License-Identifier: MIT */
/*
 * One attempt's conversation is carried between two dialects here.
 *
 * Both the path that passes bytes through and the one that translates them read the answer with the
 * target's dialect; they differ in what they do with what was read.  The first forwards the bytes and
 * holds back only the stream's tail (the last usage, the mark behind it), where the cost will go.
 */
#include "dialects/interpreter.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/money.h"
#include "dialects/frames.h"
#include "dialects/message.h"
#include "dialects/patch.h"

enum {
	MAX_ANSWER = 64 * 1024 * 1024,  /* of an answer that is not streamed */
	MAX_EVENT = 16 * 1024 * 1024,   /* of one event of a stream: a picture fits */
	BYTES_PER_TOKEN = 4,            /* where nobody counted */
	MADE_ID = 24,                   /* characters of an id that the provider did not give */
};

struct interpreter {
	const struct dialect *client;
	struct jspan text, request;     /* the client's body, and the object in it; borrowed, as facts are */
	const struct request_facts *facts;
	struct interpreter_target target;
	bool whole;                     /* the upstream answers with one JSON text, not a stream */
	bool begun;                     /* the first byte came */
	char type[100];                 /* the Content-Type it said; "": none */
	char made_id[LABEL_TEXT];       /* where the provider gave none */
	struct reading reading;
	struct writing writing;

	struct buf body;                /* the whole answer */
	struct arena arena;             /* of answer */
	struct answer answer;

	struct frames frames;
	struct buf tail;                /* of a stream: kept until close */
	size_t usage_at, usage_len;     /* in tail: its last usage object; no length: none */
	struct buf *out;                /* where translated events go now */
};

struct interpreter *interpreter_new(const struct dialect *client, const char *body, size_t len,
				    const struct request_facts *facts, const struct interpreter_target *target)
{
	struct interpreter *it = xcalloc(1, sizeof(*it));

	it->client = client;
	it->text = (struct jspan){body, len};
	it->request = jspan_trim(body, len);
	it->facts = facts;
	it->target = *target;
	it->whole = !facts->stream;
	it->writing = (struct writing){
		.request = it->request,
		.id = it->reading.id,
		.model = it->reading.model,
		.created_s = clock_wall_ms() / 1000,
		.wants_usage = facts->wants_usage,
		.wants_cost = facts->wants_cost,
	};
	usage_init(&it->reading.usage);
	buf_init(&it->body, MAX_ANSWER);
	buf_init(&it->tail, 2 * MAX_EVENT);
	arena_init(&it->arena);
	frames_init(&it->frames, target->dialect->framing, MAX_EVENT);
	return it;
}

void interpreter_free(struct interpreter *it)
{
	if (it == NULL)
		return;
	buf_release(&it->body);
	buf_release(&it->tail);
	arena_release(&it->arena);
	frames_release(&it->frames);
	if (it->target.dialect->release_reading != NULL)
		it->target.dialect->release_reading(&it->reading);
	if (it->client->release_writing != NULL)
		it->client->release_writing(&it->writing);
	free(it);
}

static bool passes_through(const struct interpreter *it)
{
	return it->client == it->target.dialect || it->client == it->target.dialect->same_as;
}

static bool client_wants_usage(const struct interpreter *it)
{
	return it->facts->wants_usage || it->facts->wants_cost;
}

static int adapt(struct interpreter *it, struct buf *out, struct err *err)
{
	struct patch patch;
	bool ok;

	patch_init(&patch);
	if (it->target.dialect->adapt_request != NULL)
		it->target.dialect->adapt_request(it->request, it->facts, &it->target, &patch);
	ok = patch_apply(&patch, it->text.at, it->text.len, out);
	patch_release(&patch);
	return ok ? 0 : err_set(err, ERR_FULL, "the request is too large for its target");
}

/* An operation that never streams does without the words for it. */
static bool can_translate(const struct dialect *from, const struct dialect *to, bool stream)
{
	if (from->operation != to->operation || from->read_request == NULL || from->write_answer == NULL ||
	    to->write_request == NULL || to->read_answer == NULL)
		return false;
	return !stream || (from->write_event != NULL && to->read_event != NULL);
}

static int translate(struct interpreter *it, struct buf *out, struct err *err)
{
	const struct dialect *from = it->client, *to = it->target.dialect;
	struct conversation c;
	struct arena arena;
	int r;

	if (!can_translate(from, to, it->facts->stream))
		return err_set(err, ERR_INVALID, "model: %s is spoken here, and its target speaks %s only",
			       from->name, to->name);
	arena_init(&arena);
	conversation_init(&c);
	c.stream = it->facts->stream;
	r = from->read_request(it->request, &arena, &c, err);
	it->writing.base64 = c.base64;
	if (r == 0)
		r = to->write_request(&c, &it->target, out, err);
	if (r == 0 && out->failed)
		r = err_set(err, ERR_FULL, "the request is too large for its target");
	arena_release(&arena);
	return r;
}

int interpreter_request(struct interpreter *it, struct buf *out, struct err *err)
{
	return passes_through(it) ? adapt(it, out, err) : translate(it, out, err);
}

void interpreter_head(struct interpreter *it, const char *content_type)
{
	static const char json[] = "application/json";

	copy_text(it->type, sizeof(it->type), content_type != NULL ? content_type : "");
	if (content_type != NULL && strncasecmp(content_type, json, sizeof(json) - 1) == 0)
		it->whole = true;
}

/* Streams. */

/* What is held back goes out as it is: it was not the end after all. */
static void flush_tail(struct interpreter *it, struct buf *out)
{
	if (out != &it->tail) {
		buf_add(out, it->tail.data, it->tail.len);
		buf_clear(&it->tail);
	}
	it->usage_len = 0;
}

static void hold(struct interpreter *it, const struct sse_event *event)
{
	struct jspan usage = it->reading.usage_at;

	/* Data of several lines was joined elsewhere; its usage is then left as it is. */
	if (usage.at >= event->raw && usage.at < event->raw + event->raw_len) {
		it->usage_at = it->tail.len + (size_t)(usage.at - event->raw);
		it->usage_len = usage.len;
	}
	buf_add(&it->tail, event->raw, event->raw_len);
}

/* Forwards an event that was just read, or holds it back when it may belong to the stream's tail. */
static void forward(struct interpreter *it, const struct sse_event *event, bool has_text, struct buf *out)
{
	const struct reading *r = &it->reading;
	bool last_usage = r->usage_at.at != NULL && (r->usage_alone || r->finish != FINISH_NONE);

	if (last_usage || has_text)
		flush_tail(it, out);
	if (last_usage && r->usage_alone && !client_wants_usage(it))
		return;
	if (last_usage || r->ended || it->tail.len > 0)
		hold(it, event);
	else
		buf_add(out, event->raw, event->raw_len);
}

/* Not everybody says in an answer which model it is of, or when it was made. */
static void name_answer(struct interpreter *it)
{
	it->writing.model = it->reading.model[0] != '\0' ? it->reading.model : it->target.model;
	if (it->reading.created_s > 0)
		it->writing.created_s = it->reading.created_s;
}

/* Nor what it is called; an answer that is translated has one name from its beginning to its end. */
static void make_id(struct interpreter *it)
{
	if (it->reading.id[0] == '\0' && it->made_id[0] == '\0')
		id_random(it->made_id, it->client->id_prefix != NULL ? it->client->id_prefix : "", MADE_ID);
	if (it->made_id[0] != '\0')
		it->writing.id = it->made_id;
}

static void write_translated(void *arg, const struct stream_event *event)
{
	struct interpreter *it = arg;

	name_answer(it);
	make_id(it);
	it->client->write_event(&it->writing, event, it->out);
}

static int take_event(struct interpreter *it, const struct sse_event *event, struct buf *out, struct err *err)
{
	const struct event_sink sink = {write_translated, it};
	int64_t text_before = it->reading.text_bytes;

	it->out = out;
	if (it->target.dialect->read_event(&it->reading, event, passes_through(it) ? NULL : &sink, err) < 0)
		return ERR_INVALID;
	/* What we add to a stream is of the same answer as the rest. */
	name_answer(it);
	if (passes_through(it))
		forward(it, event, it->reading.text_bytes > text_before, out);
	if (it->tail.failed)
		return err_set(err, ERR_INVALID, "the stream goes on too long behind its end");
	return 0;
}

static int feed_stream(struct interpreter *it, const char *data, size_t len, struct buf *out, struct err *err)
{
	struct sse_event event;
	int r;

	while ((r = frames_next(&it->frames, &data, &len, &event)) > 0)
		if (take_event(it, &event, out, err) < 0)
			return ERR_INVALID;
	if (r == ERR_FULL)
		return err_set(err, ERR_INVALID, "an event of the stream is larger than 16 MiB");
	return r == 0 ? 0 : err_set(err, ERR_INVALID, "the stream is not framed as its dialect has it");
}

/* Some call JSON a stream or a stream JSON; the first byte does not lie. */
static bool is_whole(const struct interpreter *it, char first)
{
	if (it->target.dialect->framing == FRAMING_NONE)
		return false;
	if (!it->facts->stream || first == '{')
		return true;
	return it->whole && it->target.dialect->framing == FRAMING_SSE && strchr("deir:", first) == NULL;
}

int interpreter_feed(struct interpreter *it, const char *data, size_t len, struct buf *out, struct err *err)
{
	if (!it->begun && len > 0)
		it->whole = is_whole(it, *data);
	it->begun = it->begun || len > 0;
	if (!it->whole)
		return feed_stream(it, data, len, out, err);
	if (!buf_add(&it->body, data, len))
		return err_set(err, ERR_INVALID, "the answer is larger than 64 MiB");
	return 0;
}

/* A last event without its blank line; what it makes goes to the tail. */
static int end_stream(struct interpreter *it, bool complete, struct err *err)
{
	struct sse_event event;

	if (complete && frames_finish(&it->frames, &event)) {
		if (take_event(it, &event, &it->tail, err) < 0)
			return ERR_INVALID;
		if (event.has_data && passes_through(it) && it->tail.len > 0)
			buf_puts(&it->tail, it->tail.data[it->tail.len - 1] == '\n' ? "\n" : "\n\n");
	}
	if (it->reading.ended && it->reading.started)
		return 0;
	if (!it->begun)
		return err_set(err, ERR_INVALID, "the answer is empty");
	if (!it->reading.started)
		return err_set(err, ERR_INVALID, "the stream has no answer in it");
	/* Not everybody sends the mark; a reason to finish is an end as well. */
	if (!complete || it->reading.finish == FINISH_NONE)
		return err_set(err, ERR_INVALID, "the stream was cut before its end");
	return 0;
}

/* Whole answers. */

static int end_whole(struct interpreter *it, bool complete, struct err *err)
{
	if (!complete)
		return err_set(err, ERR_INVALID, "the answer was cut before its end");
	if (it->body.len == 0)
		return err_set(err, ERR_INVALID, "the answer is empty");
	usage_init(&it->answer.reading.usage);
	if (it->target.dialect->read_answer((struct jspan){it->body.data, it->body.len}, &it->arena, &it->answer,
					    err) < 0)
		return ERR_INVALID;
	it->reading = it->answer.reading;
	return 0;
}

/* No more than was asked for: whatever came beyond it, a model did not generate. */
static int64_t estimated_output(const struct interpreter *it)
{
	int64_t bytes = it->whole && !it->reading.started ? (int64_t)it->body.len : it->reading.text_bytes;
	int64_t tokens = bytes / BYTES_PER_TOKEN, most = it->facts->max_output;

	if (it->target.max_output >= 0 && (most < 0 || it->target.max_output < most))
		most = it->target.max_output;
	if (most >= 0 && tokens > most * it->facts->num_choices)
		tokens = most * it->facts->num_choices;
	return tokens > 0 ? tokens : 1;
}

static void estimate(struct interpreter *it)
{
	struct usage *u = &it->reading.usage;

	if (u->source[USAGE_INPUT] == USAGE_NONE)
		usage_set(u, USAGE_INPUT, it->facts->input_estimate, USAGE_ESTIMATED);
	if (it->client->operation == OPERATION_CHAT && u->source[USAGE_OUTPUT] == USAGE_NONE)
		usage_set(u, USAGE_OUTPUT, estimated_output(it), USAGE_ESTIMATED);
}

int interpreter_end(struct interpreter *it, bool complete, struct outcome *ret, struct err *err)
{
	int r = it->whole ? end_whole(it, complete, err) : end_stream(it, complete, err);

	estimate(it);
	memset(ret, 0, sizeof(*ret));
	ret->usage = it->reading.usage;
	ret->finish = it->reading.finish;
	copy_text(ret->model, sizeof(ret->model), it->reading.model);
	copy_text(ret->upstream_id, sizeof(ret->upstream_id), it->reading.id);
	ret->text_bytes = it->reading.text_bytes;
	ret->complete = r == 0;
	return r;
}

/* The last bytes. */

static bool has_cost(struct jspan usage)
{
	struct jfield cost = {.name = "cost"};

	return jspan_fields(usage, &cost, 1) && cost.value.at != NULL;
}

/* The text with our cost in its usage object; what the provider says of cost stays where we know none. */
static void put_with_cost(const struct interpreter *it, struct jspan text, struct jspan usage, int64_t cost_nusd,
			  struct buf *out)
{
	static const char *const ours[] = {"cost", "cost_details", NULL};
	struct patch patch;

	if (it->client->write_cost == NULL) {
		buf_add(out, text.at, text.len);
		return;
	}
	patch_init(&patch);
	if (cost_nusd != COST_UNKNOWN || !has_cost(usage)) {
		bool others = patch_remove(&patch, usage, ours) > 0;

		it->client->write_cost(cost_nusd, patch_insert(&patch, usage, others));
	}
	if (!patch_apply(&patch, text.at, text.len, out))
		buf_add(out, text.at, text.len);
	patch_release(&patch);
}

/* An answer without usage whose client asked for its cost gets ours. */
static void put_with_usage(struct interpreter *it, struct jspan text, int64_t cost_nusd, struct buf *out)
{
	struct jfield usage = {.name = "usage"};
	struct patch patch;
	struct buf *added;

	patch_init(&patch);
	jspan_fields(text, &usage, 1);
	if (usage.value.at != NULL) {
		added = patch_replace(&patch, usage.value);
	} else {
		added = patch_insert(&patch, text, true);
		buf_puts(added, "\"usage\":");
	}
	it->client->write_usage(&it->reading.usage, true, cost_nusd, added);
	patch_apply(&patch, text.at, text.len, out);
	patch_release(&patch);
}

static void close_stream(struct interpreter *it, int64_t cost_nusd, struct buf *out)
{
	struct jspan tail = {it->tail.data, it->tail.len};
	struct jspan usage = {it->tail.data + it->usage_at, it->usage_len};
	bool ended = passes_through(it) && it->reading.ended;

	if (usage.len > 0 && client_wants_usage(it)) {
		put_with_cost(it, tail, usage, cost_nusd, out);
		it->client->write_end(&it->writing, NULL, cost_nusd, !ended, out);
	} else if (ended) {
		it->client->write_end(&it->writing, &it->reading.usage, cost_nusd, false, out);
		buf_add(out, tail.at, tail.len);
	} else {
		buf_add(out, tail.at, tail.len);
		it->client->write_end(&it->writing, &it->reading.usage, cost_nusd, true, out);
	}
}

static void close_whole(struct interpreter *it, int64_t cost_nusd, struct buf *out)
{
	struct jspan body = jspan_trim(it->body.data, it->body.len);

	name_answer(it);
	if (!passes_through(it))
		make_id(it);
	if (!passes_through(it))
		it->client->write_answer(&it->writing, &it->answer, cost_nusd, out);
	else if (!it->facts->wants_cost || it->client->write_usage == NULL)
		buf_add(out, it->body.data, it->body.len);
	else if (it->reading.usage_at.at != NULL)
		put_with_cost(it, body, it->reading.usage_at, cost_nusd, out);
	else
		put_with_usage(it, body, cost_nusd, out);
}

void interpreter_close(struct interpreter *it, int64_t cost_nusd, struct buf *out)
{
	if (!it->whole) {
		close_stream(it, cost_nusd, out);
	} else if (!it->facts->stream) {
		it->answer.reading = it->reading;
		close_whole(it, cost_nusd, out);
	} else {
		const struct event_sink sink = {write_translated, it};

		it->out = out;
		answer_replay(&it->answer, &sink);
		it->client->write_end(&it->writing, &it->reading.usage, cost_nusd, true, out);
	}
}

const char *interpreter_content_type(const struct interpreter *it)
{
	if (it->client->keeps_type && passes_through(it) && it->type[0] != '\0')
		return it->type;
	if (!it->facts->stream)
		return "application/json";
	return it->client->stream_type != NULL ? it->client->stream_type : "text/event-stream";
}
