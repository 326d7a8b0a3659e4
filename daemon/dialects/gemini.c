/* SPDX-License-Identifier: MIT */
/*
 * Google's dialect (POST …/models/{model}:generateContent): requests are looked at and adapted here, and
 * errors written.  The model, and whether and how to stream, are in the path.
 * Reference: Gemini API, GenerateContentRequest and GenerateContentResponse; google.rpc.Status.
 */
#include "dialects/gemini.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/interpreter.h"
#include "dialects/patch.h"
#include "dialects/upstream_error.h"

/* About what a medium-sized picture costs anywhere; four bytes of text are about one token. */
enum { MEDIA_TOKENS = 1000, BYTES_PER_TOKEN = 4, MAX_CHOICES = 8 };

enum field {
	CONTENTS,
	CONFIG,
	CONFIG_OTHERWISE,
	MODEL,
	NUM_FIELDS
};

static const char *const field_names[NUM_FIELDS] = {
	[CONTENTS] = "contents",
	[CONFIG] = "generationConfig",
	[CONFIG_OTHERWISE] = "generation_config",
	[MODEL] = "model",
};

static void name_fields(struct jfield fields[NUM_FIELDS])
{
	for (int i = 0; i < NUM_FIELDS; i++)
		fields[i] = (struct jfield){.name = field_names[i]};
}

static struct jspan config_of(const struct jfield fields[NUM_FIELDS])
{
	return fields[CONFIG].value.at != NULL ? fields[CONFIG].value : fields[CONFIG_OTHERWISE].value;
}

/* Bytes of contents that are not text, and how many pictures and files they are. */
static void count_media(struct jspan content, size_t *bytes, size_t *count)
{
	struct jspan parts = said(content, "parts"), part = {0};

	while (gemini_next_item(parts, &part)) {
		if (gemini_said(part, "inlineData").at == NULL && gemini_said(part, "fileData").at == NULL)
			continue;
		*bytes += part.len;
		*count += 1;
	}
}

static int scan_contents(struct jspan contents, size_t body_len, struct request_facts *ret, struct err *err)
{
	size_t media_bytes = 0, media = 0, n = 0;
	struct jspan item = {0};

	for (; gemini_next_item(contents, &item); n++) {
		if (!jspan_is_object(item))
			return err_set(err, ERR_INVALID, "contents[%zu]: expected an object with parts", n);
		count_media(item, &media_bytes, &media);
	}
	if (n == 0)
		return err_set(err, ERR_INVALID, "contents: expected a list of at least one content");
	ret->input_estimate = (int64_t)((body_len - media_bytes) / BYTES_PER_TOKEN + media * MEDIA_TOKENS) + 1;
	return 0;
}

static int scan_count(struct jspan config, const char *name, int64_t max, int64_t *ret, struct err *err)
{
	struct jspan value = gemini_said(config, name);
	int64_t n;

	if (value.at == NULL)
		return 0;
	if (!jspan_int(value, &n) || n < 1 || n > max)
		return err_set(err, ERR_INVALID, "generationConfig.%s: expected a whole number from 1%s", name,
			       max == MAX_CHOICES ? " to 8" : "");
	*ret = n;
	return 0;
}

static int scan_config(struct jspan config, struct request_facts *ret, struct err *err)
{
	if (config.at != NULL && !jspan_is_null(config) && !jspan_is_object(config))
		return err_set(err, ERR_INVALID, "generationConfig: expected an object");
	if (scan_count(config, "maxOutputTokens", INT32_MAX, &ret->max_output, err) < 0 ||
	    scan_count(config, "candidateCount", MAX_CHOICES, &ret->num_choices, err) < 0)
		return ERR_INVALID;
	return 0;
}

/* Some clients put "models/" before every name, and some once more. */
static void drop_prefix(char *model)
{
	static const char prefix[] = "models/";
	size_t len = sizeof(prefix) - 1;

	if (strncmp(model, prefix, len) == 0 && model[len] != '\0')
		memmove(model, model + len, strlen(model + len) + 1);
}

int gemini_scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	struct jfield fields[NUM_FIELDS];

	name_fields(fields);
	drop_prefix(ret->model_name);
	ret->wants_usage = true;
	if (jscan_object(body, len, fields, NUM_FIELDS, err) < 0)
		return ERR_INVALID;
	*ret_param = field_names[CONTENTS];
	if (scan_contents(fields[CONTENTS].value, len, ret, err) < 0)
		return ERR_INVALID;
	*ret_param = field_names[CONFIG];
	return scan_config(config_of(fields), ret, err);
}

static void adapt_max_output(struct jspan body, struct jspan config, int64_t ceiling, struct patch *p)
{
	struct jspan value = gemini_said(config, "maxOutputTokens");
	struct jmember any = {{0}, {0}};
	int64_t n;

	if (jspan_is_null(config))
		buf_printf(config.at != NULL ? patch_replace(p, config) : patch_insert(p, body, true),
			   "%s{\"maxOutputTokens\":%" PRId64 "}", config.at != NULL ? "" : "\"generationConfig\":", ceiling);
	else if (value.at == NULL)
		buf_printf(patch_insert(p, config, jspan_next_member(config, &any)), "\"maxOutputTokens\":%" PRId64, ceiling);
	else if (!jspan_int(value, &n) || n > ceiling)
		buf_printf(patch_replace(p, value), "%" PRId64, ceiling);
}

/* The model is in the path; Google's generated clients say it in the body as well. */
static void adapt_request(struct jspan body, const struct request_facts *facts,
			  const struct interpreter_target *target, struct patch *p)
{
	static const char *const gone[] = {"model", NULL};
	struct jfield fields[NUM_FIELDS];

	(void)facts;
	name_fields(fields);
	jspan_fields(body, fields, NUM_FIELDS);
	if (fields[MODEL].value.at != NULL)
		patch_remove(p, body, gone);
	if (target->max_output >= 0)
		adapt_max_output(body, config_of(fields), target->max_output, p);
}

/* -- errors -------------------------------------------------------------------------------------- */

/* Google's canonical codes by HTTP status; first match wins. */
static const char *status_name(int status)
{
	static const struct {
		int status;
		const char *name;
	} names[] = {
		{400, "INVALID_ARGUMENT"},   {401, "UNAUTHENTICATED"},   {402, "RESOURCE_EXHAUSTED"},
		{403, "PERMISSION_DENIED"},  {404, "NOT_FOUND"},         {405, "UNIMPLEMENTED"},
		{409, "ABORTED"},            {413, "INVALID_ARGUMENT"},  {429, "RESOURCE_EXHAUSTED"},
		{499, "CANCELLED"},          {500, "INTERNAL"},          {501, "UNIMPLEMENTED"},
		{502, "UNAVAILABLE"},        {503, "UNAVAILABLE"},       {504, "DEADLINE_EXCEEDED"},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].status == status)
			return names[i].name;
	return "UNKNOWN";
}

static void put_text(struct buf *out, const char *text)
{
	buf_json_string(out, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

/* What has no place in google.rpc.Status is in an ErrorInfo, where its clients look for reasons. */
static void put_error_info(const struct client_error *e, struct buf *out)
{
	buf_puts(out, ",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.ErrorInfo\",\"reason\":");
	put_text(out, e->code);
	buf_puts(out, ",\"domain\":\"tollgate\",\"metadata\":{\"type\":");
	put_text(out, e->type);
	if (e->param != NULL) {
		buf_puts(out, ",\"param\":");
		put_text(out, e->param);
	}
	buf_puts(out, "}}]");
}

static void write_error(const struct client_error *e, struct buf *out)
{
	buf_printf(out, "{\"error\":{\"code\":%d,\"message\":", e->status);
	put_text(out, e->message);
	buf_printf(out, ",\"status\":\"%s\"", status_name(e->status));
	put_error_info(e, out);
	if (e->details != NULL) {
		buf_putc(out, ',');
		buf_puts(out, e->details);
	}
	buf_puts(out, "}}");
}

static void write_stream_error(const struct client_error *e, struct buf *out)
{
	buf_puts(out, "data: ");
	write_error(e, out);
	buf_puts(out, "\r\n\r\n");
}

static void write_error_element(const struct client_error *e, struct buf *out)
{
	buf_putc(out, '[');
	write_error(e, out);
	buf_putc(out, ']');
}

/* Elements have gone before it. */
static void write_last_element(const struct client_error *e, struct buf *out)
{
	buf_puts(out, ",\r\n");
	write_error(e, out);
	buf_puts(out, "\n]");
}

/* Where it streams an array, Google's errors are the one element of such. */
static void read_error(const char *body, size_t len, struct upstream_error *ret)
{
	struct jspan whole = jspan_trim(body, len), first = {0};

	if (jspan_is_array(whole) && jscan_value(whole.at, whole.len, NULL) == 0 && jspan_next_item(whole, &first))
		whole = first;
	upstream_error_read(whole.at, whole.len, ret);
}

/* $alt=json;enum-encoding=int: Google's generated clients like enums as numbers. */
static const char *const query[] = {"$alt", NULL};

const struct dialect gemini = {
	.name = "gemini",
	.forwarded_query = query,
	.scan_request = gemini_scan_request,
	.write_error = write_error,
	.write_stream_error = write_stream_error,
	.read_error = read_error,
	.adapt_request = adapt_request,
	.read_request = gemini_read_request,
	.write_request = gemini_write_request,
	.read_answer = gemini_read_answer,
	.write_answer = gemini_write_answer,
	.read_event = gemini_read_event,
	.write_event = gemini_write_event,
	.write_end = gemini_write_end,
	.release_reading = gemini_release_reading,
	.release_writing = gemini_release_writing,
};

/* The same, where a stream is one array: its path says so by not asking for server-sent events. */
const struct dialect gemini_array = {
	.name = "gemini_array",
	.framing = FRAMING_JSON_ARRAY,
	.forwarded_query = query,
	.stream_type = "application/json",
	.scan_request = gemini_scan_request,
	.write_error = write_error_element,
	.write_stream_error = write_last_element,
	.read_error = read_error,
	.adapt_request = adapt_request,
	.read_request = gemini_read_request,
	.write_request = gemini_write_request,
	.read_answer = gemini_read_answer,
	.write_answer = gemini_write_answer,
	.read_event = gemini_read_element,
	.write_event = gemini_write_element,
	.write_end = gemini_write_last_element,
	.release_reading = gemini_release_reading,
	.release_writing = gemini_release_writing,
};

const struct dialect gemini_count = {
	.name = "gemini_count",
	.operation = OPERATION_COUNT,
	.forwarded_query = query,
	.scan_request = gemini_scan_count,
	.write_error = write_error,
	.write_stream_error = write_stream_error,
	.read_error = read_error,
	.adapt_request = gemini_adapt_count,
	.read_request = gemini_read_count_request,
	.write_request = gemini_write_count_request,
	.read_answer = gemini_read_count,
	.write_answer = gemini_write_count,
};
