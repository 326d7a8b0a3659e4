/* SPDX-License-Identifier: MIT */
/*
 * eventstream.h — application/vnd.amazon.eventstream, AWS's binary framing of streams.
 *
 *   4 bytes  length of the whole frame        4 bytes  length of its headers
 *   4 bytes  CRC-32 of the eight before       headers, payload
 *   4 bytes  CRC-32 of everything before      (all numbers big-endian)
 *
 * A header is a byte for its name's length, the name, a byte for the value's type, the value.  A frame
 * comes out as an event: its name is :event-type and its data the payload.  What AWS calls an exception or
 * an error is an event with is_error set, whose name is its type and whose data says why.
 */
#ifndef DIALECTS_EVENTSTREAM_H
#define DIALECTS_EVENTSTREAM_H

#include "base/buf.h"
#include "dialects/sse.h"

struct eventstream {
	struct buf raw;         /* the frame that is not over yet */
	size_t frame_len;       /* of the frame in raw; 0 until its prelude was read */
	bool over;              /* the frame in raw was handed out */
};

/* max_frame: the ceiling of one frame, in bytes. */
void eventstream_init(struct eventstream *p, size_t max_frame);
void eventstream_release(struct eventstream *p);

/*
 * Takes bytes from *data (which moves on) until a frame is complete.  1: *ret is one, borrowed until the
 * next call; 0: all bytes are taken; ERR_FULL: a frame over the ceiling; ERR_INVALID: a checksum or a
 * length is wrong, and nothing behind it can be read.
 */
int eventstream_next(struct eventstream *p, const char **data, size_t *len, struct sse_event *ret);

#endif
