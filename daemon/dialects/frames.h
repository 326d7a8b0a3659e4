/* SPDX-License-Identifier: MIT */
/*
 * frames.h — a stream's bytes as events, however its dialect frames them.
 *
 * What comes out has the shape of a server-sent event, whatever the framing: a name, data, and the raw
 * bytes, which put together are the stream.
 */
#ifndef DIALECTS_FRAMES_H
#define DIALECTS_FRAMES_H

#include "dialects/bedrock_chunks.h"
#include "dialects/dialect.h"
#include "dialects/eventstream.h"
#include "dialects/json_array.h"
#include "dialects/sse.h"

struct frames {
	enum framing framing;
	union {
		struct sse_parser sse;
		struct json_array_parser json_array;
		struct eventstream eventstream;
		struct bedrock_chunks bedrock_chunks;
	};
};

/* max_event: the ceiling of one event, in bytes. */
void frames_init(struct frames *f, enum framing framing, size_t max_event);
void frames_release(struct frames *f);

/*
 * Takes bytes from *data (which moves on) until an event is complete.  1: *ret is one, borrowed until
 * the next call; 0: all bytes are taken; ERR_FULL: an event over the ceiling; ERR_INVALID: bytes that
 * are no such stream.
 */
int frames_next(struct frames *f, const char **data, size_t *len, struct sse_event *ret);

/* The stream is over: 1 and what is left of it, or 0. */
int frames_finish(struct frames *f, struct sse_event *ret);

#endif
