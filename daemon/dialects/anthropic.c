/* SPDX-License-Identifier: MIT */
/*
 * Anthropic's dialects (POST /v1/messages and /v1/messages/count_tokens): errors are written here.
 * Reference: Anthropic's API documentation, Messages, version 2023-06-01.
 */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/anthropic.h"
#include "dialects/upstream_error.h"

/* Anthropic's types go with the status; which of our own errors it is, the code says. */
static const char *error_type(int status)
{
	static const struct {
		int status;
		const char *type;
	} types[] = {
		{401, "authentication_error"},
		{402, "billing_error"},
		{403, "permission_error"},
		{404, "not_found_error"},
		{408, "timeout_error"},
		{413, "request_too_large"},
		{429, "rate_limit_error"},
		{503, "overloaded_error"},
		{504, "timeout_error"},
		{529, "overloaded_error"},
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].status == status)
			return types[i].type;
	return status >= 500 ? "api_error" : "invalid_request_error";
}

static void put_text(struct buf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(out, ",\"%s\":", name);
	buf_json_string(out, text, strlen(text));
}

static void write_error(const struct client_error *e, struct buf *out)
{
	buf_printf(out, "{\"type\":\"error\",\"error\":{\"type\":\"%s\"", error_type(e->status));
	put_text(out, "message", e->message);
	put_text(out, "code", e->code);
	put_text(out, "param", e->param);
	if (e->details != NULL) {
		buf_putc(out, ',');
		buf_puts(out, e->details);
	}
	buf_puts(out, "}}");
}

static void write_stream_error(const struct client_error *e, struct buf *out)
{
	buf_puts(out, "event: error\ndata: ");
	write_error(e, out);
	buf_puts(out, "\n\n");
}

static const char *const headers[] = {"anthropic-version", "anthropic-beta", NULL};
static const char *const query[] = {"beta", NULL};

const struct dialect anthropic = {
	.name = "anthropic",
	.operation = OPERATION_CHAT,
	.id_prefix = "msg_",
	.forwarded_headers = headers,
	.forwarded_query = query,
	.scan_request = anthropic_scan_request,
	.write_error = write_error,
	.write_stream_error = write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = anthropic_adapt_request,
	.read_request = anthropic_read_request,
	.write_request = anthropic_write_request,
	.read_answer = anthropic_read_answer,
	.write_answer = anthropic_write_answer,
	.read_event = anthropic_read_event,
	.write_event = anthropic_write_event,
	.write_end = anthropic_write_end,
	.release_writing = anthropic_release_writing,
};

const struct dialect anthropic_count = {
	.name = "anthropic_count",
	.operation = OPERATION_COUNT,
	.forwarded_headers = headers,
	.forwarded_query = query,
	.scan_request = anthropic_scan_count,
	.write_error = write_error,
	.write_stream_error = write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = anthropic_adapt_count,
	.read_request = anthropic_read_request,
	.write_request = anthropic_write_count_request,
	.read_answer = anthropic_read_count,
	.write_answer = anthropic_write_count,
};
