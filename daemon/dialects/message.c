/* SPDX-License-Identifier: MIT */
/* What every dialect does with the internal form: complaining, counting, joining, replaying. */
#include "dialects/message.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"

/* A parameter's name in complaints, and the value that says no more than its absence. */
static const struct {
	const char *name, *neutral;
} params[NUM_PARAMS] = {
	[PARAM_TEMPERATURE] = {"temperature", NULL},
	[PARAM_TOP_P] = {"top_p", "1"},
	[PARAM_TOP_K] = {"top_k", NULL},
	[PARAM_STOP] = {"stop", "[]"},
	[PARAM_SEED] = {"seed", NULL},
	[PARAM_FREQUENCY_PENALTY] = {"frequency_penalty", "0"},
	[PARAM_PRESENCE_PENALTY] = {"presence_penalty", "0"},
	[PARAM_LOGPROBS] = {"logprobs", "false"},
	[PARAM_TOP_LOGPROBS] = {"top_logprobs", "0"},
	[PARAM_NUM_CHOICES] = {"n", "1"},
	[PARAM_USER] = {"user", NULL},
};

const char *finish_reason_name(enum finish_reason reason)
{
	static const char *const names[] = {
		[FINISH_NONE] = "",
		[FINISH_STOP] = "stop",
		[FINISH_LENGTH] = "length",
		[FINISH_TOOL_CALLS] = "tool_calls",
		[FINISH_CONTENT_FILTER] = "content_filter",
		[FINISH_ERROR] = "error",
	};

	return names[reason];
}

static const char *const signer_formats[] = {
	[SIGNER_UNSAID] = "unknown",
	[SIGNER_ANTHROPIC] = "anthropic-claude-v1",
	[SIGNER_GOOGLE] = "google-gemini-v1",
	[SIGNER_OPENAI] = "openai-responses-v1",
	[SIGNER_XAI] = "xai-responses-v1",
};

const char *signer_format(enum signer signer)
{
	return signer_formats[signer];
}

bool signer_of_format(struct jspan format, enum signer *ret)
{
	*ret = SIGNER_UNSAID;
	if (jspan_is_null(format))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(signer_formats); i++) {
		if (jspan_equals(format, signer_formats[i])) {
			*ret = (enum signer)i;
			return true;
		}
	}
	return false;
}

void request_facts_init(struct request_facts *f)
{
	memset(f, 0, sizeof(*f));
	f->max_output = -1;
	f->num_choices = 1;
}

void conversation_init(struct conversation *c)
{
	memset(c, 0, sizeof(*c));
	c->max_output = -1;
	c->reasoning_budget = -1;
}

void conversation_add_extra(struct conversation *c, struct arena *arena, struct jmember m)
{
	struct extra *e = ARENA_NEW(arena, struct extra);

	e->name = m.name;
	e->value = m.value;
	e->next = c->extras;
	c->extras = e;
}

int refuse_field(bool drop_params, struct err *err, const char *field, const char *why)
{
	if (drop_params)
		return 0;
	return err_set(err, ERR_INVALID,
		       "%s: %s; leave it out, or send x-tollgate-drop-params: true to have it left out", field, why);
}

enum effort effort_of_budget(int64_t budget)
{
	return budget < 4096 ? EFFORT_LOW : budget < 16384 ? EFFORT_MEDIUM : EFFORT_HIGH;
}

/* "0.0" is as neutral as "0". */
static bool is_neutral(struct jspan value, const char *neutral)
{
	int64_t n;

	if (jspan_is_null(value))
		return true;
	if (neutral == NULL)
		return false;
	if (value.len == strlen(neutral) && memcmp(value.at, neutral, value.len) == 0)
		return true;
	return jspan_int(value, &n) && neutral[1] == '\0' && n == neutral[0] - '0';
}

int conversation_check(const struct conversation *c, unsigned known_params, bool drop_params,
		       const char *target_title, struct err *err)
{
	char why[96], name[96];
	int r = 0;

	if (drop_params)
		return 0;
	snprintf(why, sizeof(why), "%s has nothing like it", target_title);
	/* A label for the provider's own records changes nothing of the answer. */
	known_params |= 1u << PARAM_USER;
	for (int i = 0; i < NUM_PARAMS && r == 0; i++)
		if (!(known_params & 1u << i) && !is_neutral(c->params[i], params[i].neutral))
			r = refuse_field(false, err, c->param_names != NULL ? c->param_names[i] : params[i].name, why);
	for (const struct extra *e = c->extras; e != NULL && r == 0; e = e->next) {
		jspan_copy_cut(e->name, name, sizeof(name));
		r = refuse_field(false, err, name, why);
	}
	return r;
}

/* Tool calls have names too, but those are seldom long. */
static void count_text(struct reading *r, struct jspan text)
{
	r->text_bytes += (int64_t)jspan_text_len(text);
}

void reading_emit(struct reading *r, const struct event_sink *sink, const struct stream_event *event)
{
	r->started = true;
	if (event->kind == EVENT_FINISH && r->finish == FINISH_NONE)
		r->finish = event->finish;
	if (event->kind != EVENT_SIGNATURE && event->kind != EVENT_ENCRYPTED)
		count_text(r, event->text);
	if (sink != NULL)
		sink->take(sink->arg, event);
}

void reading_count_part(struct reading *r, const struct part *part)
{
	count_text(r, part->text);
	r->text_bytes += (int64_t)part->arguments.len;
}

/* Arguments are plain text in a part and a string in an event. */
static void replay_arguments(const struct part *part, struct stream_event event, const struct event_sink *sink)
{
	struct buf text;

	buf_init(&text, part->arguments.len * 6 + 2);
	buf_json_string(&text, part->arguments.at, part->arguments.len);
	event.kind = EVENT_ARGUMENTS;
	event.text = (struct jspan){text.data, text.len};
	sink->take(sink->arg, &event);
	buf_release(&text);
}

static void replay_part(const struct part *part, struct stream_event event, const struct event_sink *sink)
{
	event.text = part->text;
	event.signer = part->signer;
	switch (part->kind) {
	case PART_TEXT:
		event.kind = EVENT_TEXT;
		break;
	case PART_REFUSAL:
		event.kind = EVENT_REFUSAL;
		break;
	case PART_REASONING:
		event.kind = EVENT_REASONING;
		if (part->text.at != NULL)
			sink->take(sink->arg, &event);
		event.kind = part->encrypted ? EVENT_ENCRYPTED : EVENT_SIGNATURE;
		event.text = part->signature;
		event.id = part->id;
		if (event.text.at == NULL)
			return;
		break;
	case PART_TOOL_CALL:
		event.kind = EVENT_TOOL_CALL;
		event.id = part->id;
		event.name = part->name;
		event.signature = part->signature;
		sink->take(sink->arg, &event);
		if (part->arguments.len > 0)
			replay_arguments(part, event, sink);
		return;
	case PART_IMAGE:
	case PART_DOCUMENT:
	case PART_TOOL_RESULT:
		return;
	}
	sink->take(sink->arg, &event);
}

void answer_replay(const struct answer *answer, const struct event_sink *sink)
{
	for (const struct choice *c = answer->choices; c != NULL; c = c->next) {
		struct stream_event event = {.kind = EVENT_START, .choice = c->index};
		struct jspan logprobs = c->logprobs;
		unsigned calls = 0, reasonings = 0;

		sink->take(sink->arg, &event);
		for (const struct part *p = c->parts; p != NULL; p = p->next) {
			event.index = p->kind == PART_TOOL_CALL ? calls++ : p->kind == PART_REASONING ? reasonings++ : 0;
			event.logprobs = p->kind == PART_TEXT ? logprobs : (struct jspan){0};
			if (p->kind == PART_TEXT)
				logprobs = (struct jspan){0};
			replay_part(p, event, sink);
		}
		event = (struct stream_event){.kind = EVENT_FINISH, .choice = c->index, .finish = c->finish};
		sink->take(sink->arg, &event);
	}
}

unsigned parts_join_text(const struct part *parts, enum part_kind kind, struct buf *out)
{
	unsigned n = 0;

	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (p->kind != kind || p->text.at == NULL)
			continue;
		if (n++ == 0)
			buf_putc(out, '"');
		buf_add(out, p->text.at + 1, p->text.len - 2);
	}
	if (n > 0)
		buf_putc(out, '"');
	return n;
}

struct jspan said(struct jspan object, const char *name)
{
	struct jspan value = jspan_member(object, name);

	return jspan_is_null(value) ? (struct jspan){0} : value;
}

bool span_has_text(struct jspan s)
{
	return jspan_is_string(s) && s.len > 2;
}

void put_span(struct buf *out, struct jspan s)
{
	if (s.at == NULL)
		buf_puts(out, "null");
	else
		buf_add(out, s.at, s.len);
}

void put_member(struct buf *out, const char *name, struct jspan value)
{
	if (value.at != NULL) {
		buf_printf(out, ",\"%s\":", name);
		put_span(out, value);
	}
}

struct jspan span_from_text(struct arena *arena, const char *text, size_t len)
{
	struct jspan span;
	struct buf b;

	buf_init(&b, len * 6 + 2);
	buf_json_string(&b, text, len);
	span = (struct jspan){arena_copy(arena, b.data, b.len), b.len};
	buf_release(&b);
	return span;
}

struct jspan span_join(struct arena *arena, struct jspan a, struct jspan b)
{
	char *joined;

	if (a.at == NULL || b.at == NULL)
		return a.at == NULL ? b : a;
	joined = arena_alloc(arena, a.len + b.len - 2);
	memcpy(joined, a.at, a.len - 1);
	memcpy(joined + a.len - 1, b.at + 1, b.len - 1);
	return (struct jspan){joined, a.len + b.len - 2};
}

struct jspan span_plain(struct arena *arena, struct jspan s)
{
	struct buf text;

	if (!jspan_is_string(s))
		return s;
	buf_init(&text, s.len);
	jspan_text(s, &text);
	s = (struct jspan){arena_copy(arena, text.data, text.len), text.len};
	buf_release(&text);
	return s;
}

/* A span's characters without quotes; copied only where escapes make it necessary. */
static struct jspan unquoted(struct jspan s, struct arena *arena)
{
	struct jspan inner = {s.at + 1, s.len - 2};
	struct buf text;

	if (memchr(inner.at, '\\', inner.len) == NULL)
		return inner;
	buf_init(&text, s.len);
	jspan_text(s, &text);
	inner = (struct jspan){arena_copy(arena, text.data, text.len), text.len};
	buf_release(&text);
	return inner;
}

/* What goes into a JSON string again without escaping. */
static bool is_plain(struct jspan s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '"' || s.at[i] == '\\' || (unsigned char)s.at[i] < 0x20)
			return false;
	return true;
}

bool span_split_data_url(struct jspan url, struct arena *arena, struct jspan *ret_type, struct jspan *ret_base64)
{
	static const char mark[] = ";base64,";
	struct jspan all;
	const char *comma;

	if (!jspan_is_string(url) || url.len < 8)
		return false;
	all = unquoted(url, arena);
	if (all.len < 5 || memcmp(all.at, "data:", 5) != 0)
		return false;
	comma = memmem(all.at, all.len < 256 ? all.len : 256, mark, sizeof(mark) - 1);
	if (comma == NULL)
		return false;
	*ret_type = (struct jspan){all.at + 5, (size_t)(comma - all.at) - 5};
	ret_base64->at = comma + sizeof(mark) - 1;
	ret_base64->len = (size_t)(all.at + all.len - ret_base64->at);
	return is_plain(*ret_type) && is_plain(*ret_base64);
}
