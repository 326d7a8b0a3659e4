/* SPDX-License-Identifier: MIT */
/*
 * sse.h — server-sent events, read piece by piece and written.
 *
 * Follows the WHATWG HTML standard, section 9.2.6: lines end with CR, LF or CRLF, a colon first is a
 * comment, several data lines are joined, a byte order mark is skipped.  Unlike a browser we also
 * hand out blocks without data (comments that keep a connection alive), so that a relay can forward
 * every byte, and the last block when its blank line is missing.
 */
#ifndef DIALECTS_SSE_H
#define DIALECTS_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One block, up to and including the blank line that ends it.  Borrowed until the parser's next call. */
struct sse_event {
	const char *raw;        /* as it came; the raws of all blocks are the stream */
	size_t raw_len;
	const char *name;       /* of its event line, "" without one; not NUL-terminated */
	size_t name_len;
	const char *data;       /* its data lines joined with newlines; within raw where there is one line */
	size_t data_len;
	const char *id;
	size_t id_len;
	bool has_data;          /* false: comments or nothing, no event */
	bool is_error;          /* an event stream's exception: name says which, data why */
};

struct sse_parser {
	struct buf raw;         /* the block that is not over yet */
	struct buf joined;      /* its data, where it has several lines */
	struct sse_mark {
		size_t at, len; /* in raw */
	} name, data, id;
	unsigned data_lines;
	size_t line_start;      /* in raw */
	bool after_cr;          /* the last byte was a CR: an LF now belongs to it */
	bool knows_crlf;        /* it did before in this stream, so it will again */
	bool ends_with_lf;      /* the block is complete but for that LF */
	bool past_first_line;   /* where a byte order mark may stand */
	bool over;              /* the block in raw was handed out */
};

/* max_block: the ceiling of one block, in bytes. */
void sse_init(struct sse_parser *p, size_t max_block);
void sse_release(struct sse_parser *p);

/*
 * Takes bytes from *data (which moves on) until a block is complete.  1: *ret is one; 0: all bytes
 * are taken; ERR_FULL: a block over the ceiling.
 */
int sse_next(struct sse_parser *p, const char **data, size_t *len, struct sse_event *ret);

/* The stream is over: 1 and what is left without a blank line behind it, or 0. */
int sse_finish(struct sse_parser *p, struct sse_event *ret);

bool sse_name_is(const struct sse_event *event, const char *name);
bool sse_data_is(const struct sse_event *event, const char *data);

/* Appends one event.  name may be NULL; data must be one line, as JSON is when we print it. */
void sse_write(struct buf *out, const char *name, const char *data, size_t len);

#endif
