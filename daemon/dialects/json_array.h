/* SPDX-License-Identifier: MIT */
/*
 * json_array.h — one JSON array that comes piece by piece, as the events of a stream.
 *
 * So Google streams where it is not asked for server-sent events.  Each element, which has to be an
 * object, is the data of an event; the brackets, commas and spaces around it are in its raw bytes.
 * What closes the array is an event without data, of the name "]".  The elements' own grammar is not
 * looked at here.
 */
#ifndef DIALECTS_JSON_ARRAY_H
#define DIALECTS_JSON_ARRAY_H

#include "base/buf.h"
#include "dialects/sse.h"

struct json_array_parser {
	struct buf raw;                 /* the event that is not over yet */
	size_t data_at;                 /* in raw; where the element begins */
	unsigned depth;                 /* of brackets and braces; the array is 1 */
	bool in_string, escaped;
	bool closed;                    /* the array is; nothing but space may follow */
	bool over;                      /* the event in raw was handed out */
};

/* max_event: the ceiling of one event, in bytes. */
void json_array_init(struct json_array_parser *p, size_t max_event);
void json_array_release(struct json_array_parser *p);

/*
 * Takes bytes from *data (which moves on) until an event is complete.  1: *ret is one, borrowed until
 * the next call; 0: all bytes are taken; ERR_FULL: an event over the ceiling; ERR_INVALID: no array of
 * objects.
 */
int json_array_next(struct json_array_parser *p, const char **data, size_t *len, struct sse_event *ret);

/* The stream is over: 1 and what is left of it, which is no event, or 0. */
int json_array_finish(struct json_array_parser *p, struct sse_event *ret);

#endif
