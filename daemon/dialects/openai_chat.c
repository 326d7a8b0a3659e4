/* SPDX-License-Identifier: MIT */
/*
 * OpenAI's chat dialect (POST /v1/chat/completions): requests are looked at and adapted here, and
 * errors written.  Reference: OpenAI's API description, chat completions; `usage: {"include"}`,
 * `cost` and comments in streams as OpenRouter documents them.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "dialects/openai.h"
#include "dialects/patch.h"
#include "dialects/provider_kind.h"
#include "dialects/sse.h"
#include "dialects/upstream_error.h"

/* About what a medium-sized picture costs anywhere; four bytes of text are about one token. */
enum { IMAGE_TOKENS = 1000, BYTES_PER_TOKEN = 4, MAX_CHOICES = 128 };

enum field {
	MODEL,
	MESSAGES,
	STREAM,
	STREAM_OPTIONS,
	USAGE,
	MAX_TOKENS,
	MAX_COMPLETION_TOKENS,
	NUM_CHOICES,
	USER,
	METADATA,
	TOOLS,
	RESPONSE_FORMAT,
	NUM_FIELDS
};

static const char *const field_names[NUM_FIELDS] = {
	[MODEL] = "model",
	[MESSAGES] = "messages",
	[STREAM] = "stream",
	[STREAM_OPTIONS] = "stream_options",
	[USAGE] = "usage",
	[MAX_TOKENS] = "max_tokens",
	[MAX_COMPLETION_TOKENS] = "max_completion_tokens",
	[NUM_CHOICES] = "n",
	[USER] = "user",
	[METADATA] = "metadata",
	[TOOLS] = "tools",
	[RESPONSE_FORMAT] = "response_format",
};

/* The members of a body, and where a complaint about one goes. */
struct scan {
	struct jfield fields[NUM_FIELDS];
	const char *wrong_field;
	struct err *err;
};

static void name_fields(struct jfield fields[NUM_FIELDS])
{
	for (int i = 0; i < NUM_FIELDS; i++)
		fields[i] = (struct jfield){.name = field_names[i]};
}

static int wrong(struct scan *s, enum field field, const char *expected)
{
	s->wrong_field = field_names[field];
	return err_set(s->err, ERR_INVALID, "%s: expected %s", field_names[field], expected);
}

static int scan_bool(struct scan *s, enum field field, bool *ret)
{
	struct jspan value = s->fields[field].value;

	if (!jspan_is_null(value) && !jspan_bool(value, ret))
		return wrong(s, field, "true or false");
	return 0;
}

static int scan_count(struct scan *s, enum field field, int64_t max, int64_t *ret)
{
	struct jspan value = s->fields[field].value;

	if (jspan_is_null(value))
		return 0;
	if (!jspan_int(value, ret) || *ret < 1 || *ret > max)
		return wrong(s, field, max == MAX_CHOICES ? "a whole number from 1 to 128" : "a whole number from 1");
	return 0;
}

/* An object with one switch in it, or nothing. */
static int scan_switch(struct scan *s, enum field field, const char *name, bool *ret)
{
	struct jspan value = s->fields[field].value, on;

	if (jspan_is_null(value))
		return 0;
	if (!jspan_is_object(value))
		return wrong(s, field, "an object");
	on = jspan_member(value, name);
	if (!jspan_is_null(on) && !jspan_bool(on, ret))
		return wrong(s, field, "true or false in it");
	return 0;
}

static int scan_model(struct scan *s, struct request_facts *ret)
{
	ret->model = s->fields[MODEL].value;
	if (!jspan_is_string(ret->model))
		return wrong(s, MODEL, "the name of a model or chain");
	if (!jspan_copy(ret->model, ret->model_name, sizeof(ret->model_name)) || ret->model_name[0] == '\0')
		return wrong(s, MODEL, "a name of 1 to 200 characters");
	return 0;
}

/* Bytes of a message that are not text, and how many pictures and files they are. */
static void count_media(struct jspan message, size_t *bytes, size_t *count)
{
	struct jspan content = jspan_member(message, "content"), part = {0};

	while (jspan_next_item(content, &part)) {
		struct jspan type = jspan_member(part, "type");

		if (!jspan_is_string(type) || jspan_equals(type, "text"))
			continue;
		*bytes += part.len;
		*count += 1;
	}
}

static int scan_messages(struct scan *s, struct request_facts *ret)
{
	struct jspan messages = s->fields[MESSAGES].value, item = {0};
	size_t media_bytes = 0, media = 0, n = 0, text;

	if (!jspan_is_array(messages))
		return wrong(s, MESSAGES, "a list of messages");
	for (; jspan_next_item(messages, &item); n++) {
		if (!jspan_is_object(item) || !jspan_is_string(jspan_member(item, "role"))) {
			s->wrong_field = field_names[MESSAGES];
			return err_set(s->err, ERR_INVALID, "messages[%zu]: expected an object with a role", n);
		}
		count_media(item, &media_bytes, &media);
	}
	if (n == 0)
		return wrong(s, MESSAGES, "at least one message");
	text = messages.len - media_bytes + s->fields[TOOLS].value.len + s->fields[RESPONSE_FORMAT].value.len;
	ret->input_estimate = (int64_t)(text / BYTES_PER_TOKEN + media * IMAGE_TOKENS) + 1;
	return 0;
}

static int scan_tools(struct scan *s)
{
	struct jspan tools = s->fields[TOOLS].value;

	return jspan_is_null(tools) || jspan_is_array(tools) ? 0 : wrong(s, TOOLS, "a list of tools");
}

static int scan_user(struct scan *s, struct request_facts *ret)
{
	struct jspan user = s->fields[USER].value;

	if (!jspan_is_null(user) && !jspan_copy_cut(user, ret->user, sizeof(ret->user)))
		return wrong(s, USER, "a string");
	return 0;
}

/* Tags past the room there is are left out, never cut in two. */
static void scan_tags(struct jspan tags, struct request_facts *ret)
{
	struct jspan item = {0};
	size_t len = 0;

	if (jspan_is_string(tags)) {
		jspan_copy(tags, ret->tags, sizeof(ret->tags));
		return;
	}
	while (jspan_next_item(tags, &item)) {
		char tag[TAGS_TEXT];
		size_t n;

		if (!jspan_copy(item, tag, sizeof(tag)) || tag[0] == '\0')
			continue;
		n = strlen(tag);
		if (len + (len > 0) + n >= sizeof(ret->tags))
			break;
		if (len > 0)
			ret->tags[len++] = ',';
		memcpy(ret->tags + len, tag, n + 1);
		len += n;
	}
}

static int scan_all(struct scan *s, struct request_facts *ret)
{
	int r;

	if ((r = scan_model(s, ret)) < 0 || (r = scan_messages(s, ret)) < 0 || (r = scan_tools(s)) < 0 ||
	    (r = scan_bool(s, STREAM, &ret->stream)) < 0 ||
	    (r = scan_switch(s, STREAM_OPTIONS, "include_usage", &ret->wants_usage)) < 0 ||
	    (r = scan_switch(s, USAGE, "include", &ret->wants_cost)) < 0 ||
	    (r = scan_count(s, MAX_TOKENS, INT32_MAX, &ret->max_output)) < 0 ||
	    (r = scan_count(s, MAX_COMPLETION_TOKENS, INT32_MAX, &ret->max_output)) < 0 ||
	    (r = scan_count(s, NUM_CHOICES, MAX_CHOICES, &ret->num_choices)) < 0 ||
	    (r = scan_user(s, ret)) < 0)
		return r;
	scan_tags(jspan_member(s->fields[METADATA].value, "tags"), ret);
	return 0;
}

static int scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			struct err *err)
{
	struct scan s = {.err = err};
	int r;

	name_fields(s.fields);
	r = jscan_object(body, len, s.fields, NUM_FIELDS, err);
	if (r == 0)
		r = scan_all(&s, ret);
	*ret_param = s.wrong_field;
	return r;
}

/* Puts include_usage: true into stream_options, or takes them out for a target that refuses them. */
static void adapt_stream_options(struct jspan body, struct jspan options, struct patch *p)
{
	struct jspan on = jspan_member(options, "include_usage");
	struct jmember any = {{0}, {0}};
	bool yes = false;

	if (options.at == NULL)
		buf_puts(patch_insert(p, body, true), "\"stream_options\":{\"include_usage\":true}");
	else if (!jspan_is_object(options))
		buf_puts(patch_replace(p, options), "{\"include_usage\":true}");
	else if (on.at == NULL)
		buf_puts(patch_insert(p, options, jspan_next_member(options, &any)), "\"include_usage\":true");
	else if (!jspan_bool(on, &yes) || !yes)
		buf_puts(patch_replace(p, on), "true");
}

/* Both names may be said; the lower one counts, and the ceiling holds for either. */
static void adapt_max_output(struct jspan body, const struct jfield *fields, int64_t ceiling, bool modern,
			     struct patch *p)
{
	static const enum field names[] = {MAX_TOKENS, MAX_COMPLETION_TOKENS};
	enum field ours = names[modern];
	bool said = false;

	for (int i = 0; i < 2; i++) {
		struct jspan value = fields[names[i]].value;
		int64_t n;

		if (!jspan_int(value, &n))
			continue;
		said = true;
		if (n > ceiling)
			buf_printf(patch_replace(p, value), "%" PRId64, ceiling);
	}
	if (said)
		return;
	if (fields[ours].value.at != NULL)
		buf_printf(patch_replace(p, fields[ours].value), "%" PRId64, ceiling);
	else
		buf_printf(patch_insert(p, body, true), "\"%s\":%" PRId64, field_names[ours], ceiling);
}

/* Tags as a list are ours; no provider takes a list there.  True when all of metadata goes with them. */
static bool adapt_metadata(struct jspan metadata, struct patch *p)
{
	static const char *const tags[] = {"tags", NULL};
	struct jmember m = {{0}, {0}};
	size_t others = 0;

	if (!jspan_is_array(jspan_member(metadata, "tags")))
		return false;
	while (jspan_next_member(metadata, &m))
		others += !jspan_equals(m.name, "tags");
	if (others > 0)
		patch_remove(p, metadata, tags);
	return others == 0;
}

static void adapt_request(struct jspan body, const struct request_facts *facts,
			  const struct interpreter_target *target, struct patch *p)
{
	const char *gone[4] = {NULL};
	struct jfield fields[NUM_FIELDS];
	size_t n = 0;

	buf_json_string(patch_replace(p, facts->model), target->model, strlen(target->model));
	if (!facts->stream && !facts->wants_cost && facts->tags[0] == '\0' && target->max_output < 0)
		return;
	name_fields(fields);
	jspan_fields(body, fields, NUM_FIELDS);
	if (facts->stream && !(target->quirks & QUIRK_NO_STREAM_OPTIONS))
		adapt_stream_options(body, fields[STREAM_OPTIONS].value, p);
	else if (facts->stream)
		gone[n++] = field_names[STREAM_OPTIONS];
	if (!(target->quirks & QUIRK_KNOWS_USAGE_INCLUDE))
		gone[n++] = field_names[USAGE];
	if (adapt_metadata(fields[METADATA].value, p))
		gone[n++] = field_names[METADATA];
	patch_remove(p, body, gone);
	if (target->max_output >= 0)
		adapt_max_output(body, fields, target->max_output,
				 target->quirks & QUIRK_MAX_COMPLETION_TOKENS, p);
}

static void put_text(struct buf *out, const char *text)
{
	if (text == NULL)
		buf_puts(out, "null");
	else
		buf_json_string(out, text, strlen(text));
}

void openai_write_error(const struct client_error *e, struct buf *out)
{
	buf_puts(out, "{\"error\":{\"message\":");
	put_text(out, e->message);
	buf_puts(out, ",\"type\":");
	put_text(out, e->type);
	buf_puts(out, ",\"param\":");
	put_text(out, e->param);
	buf_puts(out, ",\"code\":");
	put_text(out, e->code);
	if (e->details != NULL) {
		buf_putc(out, ',');
		buf_puts(out, e->details);
	}
	buf_puts(out, "}}");
}

void openai_write_stream_error(const struct client_error *e, struct buf *out)
{
	buf_puts(out, "data: ");
	openai_write_error(e, out);
	buf_puts(out, "\n\n");
}

const struct dialect openai_chat = {
	.name = "openai_chat",
	.scan_request = scan_request,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_request = openai_read_request,
	.read_answer = openai_read_answer,
	.write_answer = openai_write_answer,
	.read_event = openai_read_event,
	.write_event = openai_write_event,
	.write_end = openai_write_end,
	.write_cost = openai_write_cost,
	.write_usage = openai_write_usage,
};
