/* SPDX-License-Identifier: MIT */
/*
 * Streams of Google's dialect are read into events of the internal form here.
 *
 * Each piece is an answer of its own with a little more of the text; calls come whole.  Usage is in
 * every piece and counts from the beginning.  Nothing marks the end but the reason to finish; where the
 * stream is an array, what closes it does.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"
#include "dialects/sse.h"

/* Where the candidates of a stream stand: reading.own. */
struct progress {
	struct {
		unsigned calls, reasonings;
		bool in_reasoning;      /* the thought at hand goes on */
	} choices[GEMINI_CHOICES];
};

struct piece {
	struct reading *reading;
	const struct event_sink *sink;
	struct progress *progress;
	int choice;
	struct jspan logprobs;          /* of the candidate, as OpenAI has them; none once they are handed out */
};

void gemini_release_reading(struct reading *r)
{
	free(r->own);
	r->own = NULL;
}

static void emit(struct piece *p, struct stream_event event)
{
	event.choice = p->choice;
	event.signer = SIGNER_GOOGLE;
	reading_emit(p->reading, p->sink, &event);
}

/* Arguments are an object here and a string in an event; where nobody listens they are only counted. */
static void emit_arguments(struct piece *p, unsigned index, struct jspan args)
{
	struct buf text;

	if (p->sink == NULL) {
		p->reading->text_bytes += (int64_t)args.len;
		return;
	}
	buf_init(&text, args.len * 6 + 2);
	buf_json_string(&text, args.at, args.len);
	emit(p, (struct stream_event){.kind = EVENT_ARGUMENTS, .index = index, .text = {text.data, text.len}});
	buf_release(&text);
}

static void emit_call(struct piece *p, const struct gemini_part *said)
{
	unsigned index = p->progress->choices[p->choice].calls++;
	char made[GEMINI_ID_TEXT];
	struct stream_event event = {
		.kind = EVENT_TOOL_CALL,
		.index = index,
		.id = said->id,
		.name = said->name,
		.signature = said->signature,
	};

	if (!span_has_text(event.id))
		event.id = gemini_make_id(p->reading, said->call, p->reading->num_tool_calls, made);
	p->reading->num_tool_calls++;
	emit(p, event);
	emit_arguments(p, index, said->args);
}

static void emit_thought(struct piece *p, const struct gemini_part *said)
{
	unsigned *reasonings = &p->progress->choices[p->choice].reasonings;

	if (!p->progress->choices[p->choice].in_reasoning)
		++*reasonings;
	p->progress->choices[p->choice].in_reasoning = true;
	emit(p, (struct stream_event){.kind = EVENT_REASONING, .index = *reasonings - 1, .text = said->text});
	if (said->signature.at != NULL)
		emit(p, (struct stream_event){.kind = EVENT_SIGNATURE, .index = *reasonings - 1, .text = said->signature});
}

static void emit_text(struct piece *p, const struct gemini_part *said)
{
	if (said->text.at != NULL) {
		emit(p, (struct stream_event){.kind = EVENT_TEXT, .text = said->text, .logprobs = p->logprobs});
		p->logprobs = (struct jspan){0};
	}
	if (said->signature.at != NULL)
		emit(p, (struct stream_event){.kind = EVENT_ENCRYPTED,
					      .index = p->progress->choices[p->choice].reasonings++,
					      .text = said->signature});
}

static void emit_part(struct piece *p, const struct gemini_part *said)
{
	if (said->thought && said->text.at != NULL) {
		emit_thought(p, said);
		return;
	}
	p->progress->choices[p->choice].in_reasoning = false;
	if (said->call.at != NULL)
		emit_call(p, said);
	else
		emit_text(p, said);
}

static void begin_choice(struct piece *p, int index)
{
	uint64_t bit = UINT64_C(1) << index;

	p->choice = index;
	if (p->reading->started_choices & bit)
		return;
	p->reading->started_choices |= bit;
	emit(p, (struct stream_event){.kind = EVENT_START});
}

static void finish_choice(struct piece *p, enum finish_reason finish)
{
	uint64_t bit = UINT64_C(1) << p->choice;

	if (finish == FINISH_NONE || (p->reading->finished_choices & bit))
		return;
	p->reading->finished_choices |= bit;
	if (finish == FINISH_STOP && p->progress->choices[p->choice].calls > 0)
		finish = FINISH_TOOL_CALLS;
	emit(p, (struct stream_event){.kind = EVENT_FINISH, .finish = finish});
}

static void emit_candidate(struct piece *p, const struct gemini_candidate *candidate)
{
	struct jspan item = {0};
	struct gemini_part said;
	struct buf logprobs;

	begin_choice(p, candidate->index);
	buf_init(&logprobs, candidate->logprobs.len * 8 + 256);
	if (p->sink != NULL && gemini_read_logprobs(candidate->logprobs, &logprobs))
		p->logprobs = (struct jspan){logprobs.data, logprobs.len};
	while (gemini_next_item(candidate->parts, &item))
		if (gemini_read_part(item, &said))
			emit_part(p, &said);
	if (p->logprobs.at != NULL)
		emit_text(p, &(struct gemini_part){.text = {"\"\"", 2}});
	buf_release(&logprobs);
	finish_choice(p, candidate->finish);
}

static int read_piece(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
		      struct err *err)
{
	struct piece p = {.reading = r, .sink = sink};
	struct gemini_candidate candidate;
	struct gemini_top top;
	struct jspan item = {0};

	if (gemini_read_top(event->data, event->data_len, r, &top, err) < 0)
		return ERR_INVALID;
	if (r->own == NULL)
		r->own = xcalloc(1, sizeof(struct progress));
	p.progress = r->own;
	while (jspan_next_item(top.candidates, &item)) {
		if (gemini_read_candidate(item, &candidate, err) < 0)
			return ERR_INVALID;
		emit_candidate(&p, &candidate);
	}
	if (top.blocked && r->started_choices == 0) {
		begin_choice(&p, 0);
		finish_choice(&p, FINISH_CONTENT_FILTER);
	}
	gemini_complete_usage(r);
	return 0;
}

int gemini_read_event(struct reading *r, const struct sse_event *event, const struct event_sink *sink, struct err *err)
{
	if (!event->has_data)
		return 0;
	if (read_piece(r, event, sink, err) < 0)
		return ERR_INVALID;
	r->ended = r->ended || r->finish != FINISH_NONE;
	return 0;
}

int gemini_read_element(struct reading *r, const struct sse_event *event, const struct event_sink *sink,
			struct err *err)
{
	if (event->has_data)
		return read_piece(r, event, sink, err);
	r->ended = r->ended || sse_name_is(event, "]");
	return 0;
}
