/* SPDX-License-Identifier: MIT */
/*
 * Anthropic's dialect (POST /v1/messages): errors are written here.
 * Reference: Anthropic's API documentation, Messages, version 2023-06-01.
 */
#include <string.h>

#include "base/buf.h"
#include "dialects/anthropic.h"
#include "dialects/upstream_error.h"

static void put_text(struct buf *out, const char *text)
{
	buf_json_string(out, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void write_error(const struct client_error *e, struct buf *out)
{
	buf_puts(out, "{\"type\":\"error\",\"error\":{\"type\":");
	put_text(out, e->type);
	buf_puts(out, ",\"message\":");
	put_text(out, e->message);
	if (e->code != NULL) {
		buf_puts(out, ",\"code\":");
		put_text(out, e->code);
	}
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

const struct dialect anthropic = {
	.name = "anthropic",
	.write_error = write_error,
	.write_stream_error = write_stream_error,
	.read_error = upstream_error_read,
	.write_request = anthropic_write_request,
	.read_answer = anthropic_read_answer,
	.read_event = anthropic_read_event,
};
