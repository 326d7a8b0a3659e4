/* SPDX-License-Identifier: MIT */
/*
 * OpenAI's Responses dialect (POST /v1/responses): requests are looked at and adapted here, and errors
 * written.  Reference: OpenAI's API description, responses; `usage: {"include"}` and `cost` as OpenRouter
 * has them in chat completions.
 */
#include "dialects/responses.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/interpreter.h"
#include "dialects/patch.h"
#include "dialects/provider_kind.h"
#include "dialects/scan.h"
#include "dialects/upstream_error.h"

/* About what a medium-sized picture costs anywhere; four bytes of text are about one token. */
enum { IMAGE_TOKENS = 1000, BYTES_PER_TOKEN = 4 };

enum field {
	MODEL,
	INPUT,
	INSTRUCTIONS,
	STREAM,
	USAGE,
	MAX_OUTPUT_TOKENS,
	USER,
	METADATA,
	TOOLS,
	TEXT,
	PROMPT,
	PREVIOUS,
	CONVERSATION,
	NUM_FIELDS
};

static const char *const field_names[NUM_FIELDS] = {
	[MODEL] = "model",
	[INPUT] = "input",
	[INSTRUCTIONS] = "instructions",
	[STREAM] = "stream",
	[USAGE] = "usage",
	[MAX_OUTPUT_TOKENS] = "max_output_tokens",
	[USER] = "user",
	[METADATA] = "metadata",
	[TOOLS] = "tools",
	[TEXT] = "text",
	[PROMPT] = "prompt",
	[PREVIOUS] = "previous_response_id",
	[CONVERSATION] = "conversation",
};

/* Bytes of pictures and files, and how many they are. */
struct media {
	size_t bytes, count;
};

static void count_media(struct jspan parts, struct media *m)
{
	struct jspan part = {0};

	while (jspan_next_item(parts, &part)) {
		struct jspan type = said(part, "type");

		if (!jspan_equals(type, "input_image") && !jspan_equals(type, "input_file"))
			continue;
		m->bytes += part.len;
		m->count++;
	}
}

static int scan_items(struct scan *s, struct media *m)
{
	struct jspan input = s->fields[INPUT].value, item = {0};

	for (size_t n = 0; jspan_next_item(input, &item); n++) {
		if (!jspan_is_object(item)) {
			s->wrong_field = field_names[INPUT];
			return err_set(s->err, ERR_INVALID, "input[%zu]: expected an object", n);
		}
		count_media(said(item, "content"), m);
		count_media(said(item, "output"), m);
	}
	return 0;
}

/* A stored prompt or an earlier response may be all there is. */
static bool has_other_input(const struct scan *s)
{
	return !jspan_is_null(s->fields[PROMPT].value) || !jspan_is_null(s->fields[PREVIOUS].value) ||
	       !jspan_is_null(s->fields[CONVERSATION].value);
}

static int scan_input(struct scan *s, struct request_facts *ret)
{
	struct jspan input = s->fields[INPUT].value;
	struct media m = {0, 0};
	size_t text;

	if (!jspan_is_string(input) && !jspan_is_array(input) && !(jspan_is_null(input) && has_other_input(s)))
		return scan_wrong(s, INPUT, "text or a list of items");
	if (scan_items(s, &m) < 0)
		return ERR_INVALID;
	text = input.len - m.bytes + s->fields[INSTRUCTIONS].value.len + s->fields[TOOLS].value.len +
	       s->fields[TEXT].value.len;
	ret->input_estimate = (int64_t)(text / BYTES_PER_TOKEN + m.count * IMAGE_TOKENS) + 1;
	return 0;
}

static int scan_all(struct scan *s, struct request_facts *ret)
{
	int r;

	if ((r = scan_model(s, MODEL, ret)) < 0 || (r = scan_input(s, ret)) < 0 || (r = scan_list(s, TOOLS)) < 0 ||
	    (r = scan_bool(s, STREAM, &ret->stream)) < 0 ||
	    (r = scan_switch(s, USAGE, "include", &ret->wants_cost)) < 0 ||
	    (r = scan_count(s, MAX_OUTPUT_TOKENS, INT32_MAX, &ret->max_output)) < 0 ||
	    (r = scan_text(s, USER, ret->user, sizeof(ret->user))) < 0)
		return r;
	scan_tags(s->fields[METADATA].value, ret);
	return 0;
}

/* wants_usage stays unsaid: usage is in every response, and nothing is put into it unless cost is asked for. */
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

/* Adapting. */

/* Whether an item is a reasoning of somebody else, which we wrote: a provider refuses what is not its own. */
static bool is_foreign(struct jspan item)
{
	static const char ours[] = "\"" RESPONSES_REASONING;
	struct jspan id = said(item, "id");
	size_t len;

	if (!jspan_equals(said(item, "type"), "reasoning"))
		return false;
	return (id.len > sizeof(ours) && memcmp(id.at, ours, sizeof(ours) - 1) == 0) ||
	       responses_signer(said(item, "encrypted_content"), &len) != SIGNER_OPENAI;
}

static void adapt_input(struct jspan input, struct patch *p)
{
	struct jspan item = {0};
	bool found = false;
	struct buf *out;
	size_t n = 0;

	while (!found && jspan_next_item(input, &item))
		found = is_foreign(item);
	if (!found)
		return;
	item = (struct jspan){0};
	out = patch_replace(p, input);
	buf_putc(out, '[');
	while (jspan_next_item(input, &item)) {
		if (is_foreign(item))
			continue;
		if (n++ > 0)
			buf_putc(out, ',');
		buf_add(out, item.at, item.len);
	}
	buf_putc(out, ']');
}

static void adapt_max_output(struct jspan body, struct jspan said_max, int64_t ceiling, struct patch *p)
{
	int64_t n;

	if (ceiling < 0 || (jspan_int(said_max, &n) && n <= ceiling))
		return;
	if (said_max.at != NULL)
		buf_printf(patch_replace(p, said_max), "%" PRId64, ceiling);
	else
		buf_printf(patch_insert(p, body, true), "\"max_output_tokens\":%" PRId64, ceiling);
}

static void adapt_request(struct jspan body, const struct request_facts *facts,
			  const struct interpreter_target *target, struct patch *p)
{
	struct jfield fields[NUM_FIELDS];
	const char *gone[3] = {NULL};
	size_t n = 0;

	buf_json_string(patch_replace(p, facts->model), target->model, strlen(target->model));
	scan_name_fields(fields, field_names, NUM_FIELDS);
	jspan_fields(body, fields, NUM_FIELDS);
	if (!(target->quirks & QUIRK_KNOWS_USAGE_INCLUDE))
		gone[n++] = field_names[USAGE];
	if (scan_adapt_metadata(fields[METADATA].value, p))
		gone[n++] = field_names[METADATA];
	patch_remove(p, body, gone);
	adapt_input(fields[INPUT].value, p);
	adapt_max_output(body, fields[MAX_OUTPUT_TOKENS].value, target->max_output, p);
}

/* Errors. */

static void put_text(struct buf *out, const char *text)
{
	if (text == NULL)
		buf_puts(out, "null");
	else
		buf_json_string(out, text, strlen(text));
}

/* As OpenAI describes it, and with the object that it and most clients know. */
static void write_stream_error(const struct client_error *e, struct buf *out)
{
	struct buf error;

	buf_init(&error, out->max);
	openai_write_error(e, &error);
	buf_puts(out, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":0,\"code\":");
	put_text(out, e->code);
	buf_puts(out, ",\"message\":");
	put_text(out, e->message);
	buf_puts(out, ",\"param\":");
	put_text(out, e->param);
	buf_putc(out, ',');
	buf_add(out, error.data + 1, error.len - 1);
	buf_puts(out, "\n\n");
	buf_release(&error);
}


const struct dialect openai_responses = {
	.name = "openai_responses",
	.scan_request = scan_request,
	.write_error = openai_write_error,
	.write_stream_error = write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_request = responses_read_request,
	.write_request = responses_write_request,
	.read_answer = responses_read_answer,
	.read_event = responses_read_event,
	.write_answer = responses_write_answer,
	.write_event = responses_write_event,
	.write_end = responses_write_end,
	.write_cost = openai_write_cost,
	.write_usage = responses_write_usage,
	.release_reading = responses_release_reading,
	.release_writing = responses_release_writing,
};
