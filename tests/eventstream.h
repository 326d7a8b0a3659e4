/* SPDX-License-Identifier: MIT */
/* eventstream.h — frames of AWS's event stream encoding, made for tests. */
#ifndef TESTS_EVENTSTREAM_H
#define TESTS_EVENTSTREAM_H

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "base/buf.h"

static inline void frame_number(struct buf *out, uint32_t n)
{
	const char bytes[] = {(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n};

	buf_add(out, bytes, 4);
}

static inline void frame_header(struct buf *out, const char *name, const char *value)
{
	buf_putc(out, (char)strlen(name));
	buf_puts(out, name);
	buf_putc(out, 7);
	buf_putc(out, (char)(strlen(value) >> 8));
	buf_putc(out, (char)strlen(value));
	buf_puts(out, value);
}

/* A frame around headers as they are. */
static inline void frame_put(struct buf *out, const struct buf *headers, const char *payload, size_t len)
{
	struct buf frame;

	buf_init(&frame, 1 << 20);
	frame_number(&frame, (uint32_t)(12 + headers->len + len + 4));
	frame_number(&frame, (uint32_t)headers->len);
	frame_number(&frame, (uint32_t)crc32(0, (const unsigned char *)frame.data, 8));
	buf_add(&frame, headers->data, headers->len);
	buf_add(&frame, payload, len);
	frame_number(&frame, (uint32_t)crc32(0, (const unsigned char *)frame.data, (unsigned)frame.len));
	buf_add(out, frame.data, frame.len);
	buf_release(&frame);
}

/* An event; one whose name ends with "Exception" is one. */
static inline void frame_event(struct buf *out, const char *name, const char *payload)
{
	size_t len = strlen(name);
	bool exception = len > 9 && strcmp(name + len - 9, "Exception") == 0;
	struct buf headers;

	buf_init(&headers, 4096);
	frame_header(&headers, exception ? ":exception-type" : ":event-type", name);
	frame_header(&headers, ":content-type", "application/json");
	frame_header(&headers, ":message-type", exception ? "exception" : "event");
	frame_put(out, &headers, payload, strlen(payload));
	buf_release(&headers);
}

#endif
