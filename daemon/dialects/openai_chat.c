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
#include "dialects/scan.h"
#include "dialects/upstream_error.h"

/* About what a medium-sized picture costs anywhere; four bytes of text are about one token. */
enum { IMAGE_TOKENS = 1000, BYTES_PER_TOKEN = 4 };

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
		return scan_wrong(s, MESSAGES, "a list of messages");
	for (; jspan_next_item(messages, &item); n++) {
		if (!jspan_is_object(item) || !jspan_is_string(jspan_member(item, "role"))) {
			s->wrong_field = field_names[MESSAGES];
			return err_set(s->err, ERR_INVALID, "messages[%zu]: expected an object with a role", n);
		}
		count_media(item, &media_bytes, &media);
	}
	if (n == 0)
		return scan_wrong(s, MESSAGES, "at least one message");
	text = messages.len - media_bytes + s->fields[TOOLS].value.len + s->fields[RESPONSE_FORMAT].value.len;
	ret->input_estimate = (int64_t)(text / BYTES_PER_TOKEN + media * IMAGE_TOKENS) + 1;
	return 0;
}

static int scan_all(struct scan *s, struct request_facts *ret)
{
	int r;

	if ((r = scan_model(s, MODEL, ret)) < 0 || (r = scan_messages(s, ret)) < 0 || (r = scan_list(s, TOOLS)) < 0 ||
	    (r = scan_bool(s, STREAM, &ret->stream)) < 0 ||
	    (r = scan_switch(s, STREAM_OPTIONS, "include_usage", &ret->wants_usage)) < 0 ||
	    (r = scan_switch(s, USAGE, "include", &ret->wants_cost)) < 0 ||
	    (r = scan_count(s, MAX_TOKENS, INT32_MAX, &ret->max_output)) < 0 ||
	    (r = scan_count(s, MAX_COMPLETION_TOKENS, INT32_MAX, &ret->max_output)) < 0 ||
	    (r = scan_count(s, NUM_CHOICES, SCAN_MAX_CHOICES, &ret->num_choices)) < 0 ||
	    (r = scan_text(s, USER, ret->user, sizeof(ret->user))) < 0)
		return r;
	scan_tags(s->fields[METADATA].value, ret);
	return 0;
}

static int scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			struct err *err)
{
	struct jfield fields[NUM_FIELDS];
	struct scan s = {.fields = fields, .err = err};
	int r;

	scan_name_fields(fields, field_names, NUM_FIELDS);
	r = jscan_object(body, len, fields, NUM_FIELDS, err);
	if (r == 0)
		r = scan_all(&s, ret);
	*ret_param = s.wrong_field;
	return r;
}

/* Puts include_usage: true into stream_options, or takes them out for a target that refuses them. */
void openai_adapt_stream_options(struct jspan body, struct jspan options, struct patch *p)
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

static void adapt_request(struct jspan body, const struct request_facts *facts,
			  const struct interpreter_target *target, struct patch *p)
{
	bool mistral = target->quirks & QUIRK_MISTRALS_WORDS;
	const char *gone[5] = {NULL};
	struct jfield fields[NUM_FIELDS];
	size_t n = 0;

	buf_json_string(patch_replace(p, facts->model), target->model, strlen(target->model));
	if (!facts->stream && !facts->wants_cost && facts->tags[0] == '\0' && target->max_output < 0 && !mistral)
		return;
	scan_name_fields(fields, field_names, NUM_FIELDS);
	jspan_fields(body, fields, NUM_FIELDS);
	if (facts->stream && !(target->quirks & QUIRK_NO_STREAM_OPTIONS))
		openai_adapt_stream_options(body, fields[STREAM_OPTIONS].value, p);
	else if (facts->stream)
		gone[n++] = field_names[STREAM_OPTIONS];
	if (!(target->quirks & QUIRK_KNOWS_USAGE_INCLUDE))
		gone[n++] = field_names[USAGE];
	if (scan_adapt_metadata(fields[METADATA].value, p))
		gone[n++] = field_names[METADATA];
	if (mistral) {
		gone[n] = openai_mistral_gone(body);
		for (int i = 0; i < NUM_FIELDS && gone[n] != NULL; i++)
			if (strcmp(field_names[i], gone[n]) == 0)
				fields[i].value = (struct jspan){0};
		openai_adapt_to_mistral(body, p);
	}
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
	.id_prefix = "chatcmpl-",
	.scan_request = scan_request,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_request = openai_read_request,
	.write_request = openai_write_request,
	.read_answer = openai_read_answer,
	.write_answer = openai_write_answer,
	.read_event = openai_read_event,
	.write_event = openai_write_event,
	.write_end = openai_write_end,
	.write_cost = openai_write_cost,
	.write_usage = openai_write_usage,
};
