/* SPDX-License-Identifier: MIT */
/* A stream of bytes, cut anywhere, becomes frames of AWS's event stream encoding here. */
#include "dialects/eventstream.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "base/jscan.h"
#include "base/mem.h"

enum {
	PRELUDE = 12,                   /* the two lengths and their checksum */
	CHECKSUM = 4,
	MAX_HEADERS = 128 * 1024,       /* as AWS has it */
};

void eventstream_init(struct eventstream *p, size_t max_frame)
{
	memset(p, 0, sizeof(*p));
	buf_init(&p->raw, max_frame);
}

void eventstream_release(struct eventstream *p)
{
	buf_release(&p->raw);
}

static uint32_t read_u32(const char *at)
{
	const unsigned char *b = (const unsigned char *)at;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t checksum(const char *data, size_t len)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), (const unsigned char *)data, (unsigned)len);
}

/* Takes bytes until raw has so many; false while it has not. */
static bool fill(struct eventstream *p, const char **data, size_t *len, size_t wanted)
{
	size_t n = wanted > p->raw.len ? wanted - p->raw.len : 0;

	n = n < *len ? n : *len;
	if (n > 0 && !buf_add(&p->raw, *data, n))
		return false;
	*data += n;
	*len -= n;
	return p->raw.len >= wanted;
}

static int read_prelude(struct eventstream *p)
{
	uint32_t total = read_u32(p->raw.data), headers = read_u32(p->raw.data + 4);

	if (read_u32(p->raw.data + 8) != checksum(p->raw.data, 8))
		return ERR_INVALID;
	if (headers > MAX_HEADERS || total < PRELUDE + CHECKSUM || total - PRELUDE - CHECKSUM < headers)
		return ERR_INVALID;
	if (total > p->raw.max)
		return ERR_FULL;
	p->frame_len = total;
	return 0;
}

/* -- headers ------------------------------------------------------------------------------------- */

/* How long the values of each type are; those that say it themselves have two bytes for that. */
enum { HAS_LENGTH = -1 };

static const int value_lens[] = {
	0,              /* true */
	0,              /* false */
	1,              /* byte */
	2,              /* short */
	4,              /* integer */
	8,              /* long */
	HAS_LENGTH,     /* bytes */
	HAS_LENGTH,     /* string */
	8,              /* timestamp */
	16,             /* uuid */
};

enum { TYPE_STRING = 7 };

struct header {
	struct jspan name, value;       /* value: none where it is no string */
};

/* The header at *at, which moves behind it; false when it does not fit. */
static bool read_header(const char **at, const char *end, struct header *ret)
{
	const unsigned char *b = (const unsigned char *)*at;
	size_t left = (size_t)(end - *at), name_len = b[0], type, value_len;
	const char *value;

	if (left < name_len + 2)
		return false;
	type = b[name_len + 1];
	if (type >= ARRAY_LEN(value_lens))
		return false;
	value = *at + name_len + 2;
	left -= name_len + 2;
	value_len = (size_t)value_lens[type];
	if (value_lens[type] == HAS_LENGTH) {
		if (left < 2)
			return false;
		value_len = (size_t)((unsigned char)value[0] << 8 | (unsigned char)value[1]);
		value += 2;
		left -= 2;
	}
	if (left < value_len)
		return false;
	ret->name = (struct jspan){*at + 1, name_len};
	ret->value = type == TYPE_STRING ? (struct jspan){value, value_len} : (struct jspan){0};
	*at = value + value_len;
	return true;
}

static bool is(struct jspan text, const char *word)
{
	return text.len == strlen(word) && memcmp(text.at, word, text.len) == 0;
}

/* Which headers say what an event is called; the others are not for us. */
enum { MESSAGE_TYPE, EVENT_TYPE, EXCEPTION_TYPE, ERROR_CODE, ERROR_MESSAGE, NUM_HEADERS };

static const char *const header_names[NUM_HEADERS] = {
	[MESSAGE_TYPE] = ":message-type",
	[EVENT_TYPE] = ":event-type",
	[EXCEPTION_TYPE] = ":exception-type",
	[ERROR_CODE] = ":error-code",
	[ERROR_MESSAGE] = ":error-message",
};

static bool read_headers(const char *at, size_t len, struct jspan ret[NUM_HEADERS])
{
	const char *end = at + len;
	struct header header;

	while (at < end) {
		if (!read_header(&at, end, &header))
			return false;
		for (int i = 0; i < NUM_HEADERS; i++)
			if (header.value.at != NULL && is(header.name, header_names[i]))
				ret[i] = header.value;
	}
	return true;
}

/* -- frames -------------------------------------------------------------------------------------- */

static void name_event(struct sse_event *event, struct jspan name)
{
	event->name = name.at != NULL ? name.at : "";
	event->name_len = name.len;
}

static int hand_out(struct eventstream *p, struct sse_event *ret)
{
	const char *raw = p->raw.data;
	size_t headers_len = read_u32(raw + 4);
	struct jspan h[NUM_HEADERS] = {{0}};

	if (read_u32(raw + p->frame_len - CHECKSUM) != checksum(raw, p->frame_len - CHECKSUM) ||
	    !read_headers(raw + PRELUDE, headers_len, h))
		return ERR_INVALID;
	*ret = (struct sse_event){
		.raw = raw,
		.raw_len = p->frame_len,
		.data = raw + PRELUDE + headers_len,
		.data_len = p->frame_len - PRELUDE - CHECKSUM - headers_len,
		.id = "",
		.has_data = true,
		.is_error = is(h[MESSAGE_TYPE], "exception") || is(h[MESSAGE_TYPE], "error"),
	};
	name_event(ret, is(h[MESSAGE_TYPE], "error") ? h[ERROR_CODE] : ret->is_error ? h[EXCEPTION_TYPE] : h[EVENT_TYPE]);
	if (ret->data_len == 0 && ret->is_error && h[ERROR_MESSAGE].at != NULL) {
		ret->data = h[ERROR_MESSAGE].at;
		ret->data_len = h[ERROR_MESSAGE].len;
	}
	p->over = true;
	return 1;
}

int eventstream_next(struct eventstream *p, const char **data, size_t *len, struct sse_event *ret)
{
	int r;

	if (p->over) {
		buf_clear(&p->raw);
		p->frame_len = 0;
		p->over = false;
	}
	if (p->frame_len == 0) {
		if (!fill(p, data, len, PRELUDE))
			return 0;
		if ((r = read_prelude(p)) < 0)
			return r;
	}
	return fill(p, data, len, p->frame_len) ? hand_out(p, ret) : 0;
}
