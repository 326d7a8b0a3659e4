/* SPDX-License-Identifier: MIT */
/*
 * jscan.h — JSON read in one validating pass, without building anything.
 *
 * For bodies that only pass through: the gateway needs a handful of members of a text that may be
 * megabytes long, and their places in it, so that one can be replaced without printing the rest
 * again.  A jspan borrows the text it points into.
 *
 * Grammar: RFC 8259.  A member that the caller named and that stands twice in its object is an
 * error, because two readers of such a text may see different values.
 */
#ifndef BASE_JSCAN_H
#define BASE_JSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* Deeper nesting is refused; no client of ours needs it, and parsers behind us recurse. */
#define JSCAN_MAX_DEPTH 128

/* A value as it stands in the text: a string with its quotes, an object with its braces. */
struct jspan {
	const char *at;         /* NULL: there is none */
	size_t len;
};

struct jfield {
	const char *name;
	struct jspan value;     /* filled in; at == NULL when the member is absent */
};

/* Validates text as one JSON object and nothing else, and finds the named members of it. */
int jscan_object(const char *text, size_t len, struct jfield *fields, size_t num_fields,
		 struct err *err);

/* Validates any JSON value. */
int jscan_value(const char *text, size_t len, struct err *err);

/* The members of an object inside a text that was validated; false when span is no object or says
 * a named member twice. */
bool jspan_fields(struct jspan span, struct jfield *fields, size_t num_fields);

/* Of a validated text: its value, without the space around it. */
struct jspan jspan_trim(const char *text, size_t len);

/* One member of a validated object; none where it is absent. */
struct jspan jspan_member(struct jspan object, const char *name);

/* Walks a validated array: item starts zeroed; false at its end. */
bool jspan_next_item(struct jspan array, struct jspan *item);

/* One member of an object: its name as a string with quotes, and its value. */
struct jmember {
	struct jspan name, value;
};

/* Walks a validated object: member starts zeroed; false at its end. */
bool jspan_next_member(struct jspan object, struct jmember *member);

bool jspan_is_object(struct jspan s);
bool jspan_is_array(struct jspan s);
bool jspan_is_string(struct jspan s);
bool jspan_is_null(struct jspan s);     /* absent counts as null */

/* true only for the literals; false when it is neither. */
bool jspan_bool(struct jspan s, bool *ret);

/* A number without a fraction: "12", "12.0", "1.2e1".  False when it is none, or does not fit. */
bool jspan_int(struct jspan s, int64_t *ret);

/* Appends the string's characters, unescaped, as UTF-8 (a lone surrogate becomes U+FFFD). */
bool jspan_text(struct jspan s, struct buf *out);

/* As jspan_text into a fixed array; false when it is no string, or is cut for want of room. */
bool jspan_copy(struct jspan s, char *out, size_t size);

/* As jspan_copy, but what does not fit is cut off, between two characters.  False when it is no string. */
bool jspan_copy_cut(struct jspan s, char *out, size_t size);

/* How many bytes jspan_text would append; 0 when it is no string. */
size_t jspan_text_len(struct jspan s);

/* Whether the string's characters are exactly these. */
bool jspan_equals(struct jspan s, const char *text);

#endif
