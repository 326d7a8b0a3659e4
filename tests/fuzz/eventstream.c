/* SPDX-License-Identifier: MIT */
/*
 * Any bytes are read as AWS's event stream: the same events whether they come whole or byte by byte, and every byte
 * of them stands in the stream.  An odd first byte says that the checksums are to be made right first.
 */
#include "dialects/eventstream.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#include "base/err.h"
#include "fuzz.h"

#define MAX_FRAME 2000

static size_t number_at(const unsigned char *b)
{
	return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | b[3];
}

static void put_checksum(unsigned char *from, size_t len)
{
	uint32_t sum = (uint32_t)crc32(0, from, (unsigned)len);

	from[len] = (unsigned char)(sum >> 24);
	from[len + 1] = (unsigned char)(sum >> 16);
	from[len + 2] = (unsigned char)(sum >> 8);
	from[len + 3] = (unsigned char)sum;
}

static void mend(unsigned char *data, size_t len)
{
	for (size_t at = 0, total; at + 16 <= len; at += total) {
		total = number_at(data + at);
		put_checksum(data + at, 8);
		if (total < 16 || total > len - at)
			return;
		put_checksum(data + at, total - 4);
	}
}

/* What the parser said last. */
static int read_all(const char *data, size_t len, size_t step, struct buf *seen)
{
	struct eventstream p;
	struct sse_event e;
	size_t raw = 0;
	int rc = 0;

	eventstream_init(&p, MAX_FRAME);
	for (size_t at = 0; rc >= 0 && at < len; at += step) {
		const char *next = data + at;
		size_t left = step < len - at ? step : len - at;

		while ((rc = eventstream_next(&p, &next, &left, &e)) == 1) {
			REQUIRE(e.raw_len <= len - raw && memcmp(e.raw, data + raw, e.raw_len) == 0);
			REQUIRE(e.data_len == 0 || (e.data >= e.raw && e.data + e.data_len <= e.raw + e.raw_len));
			raw += e.raw_len;
			buf_printf(seen, "%.*s|%d|", (int)e.name_len, e.name, e.is_error);
			buf_add(seen, e.data, e.data_len);
			buf_putc(seen, '\n');
		}
	}
	eventstream_release(&p);
	return rc;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct buf whole, pieces;
	unsigned char *copy;
	int rc;

	if (len == 0)
		return 0;
	copy = malloc(len);
	memcpy(copy, data + 1, len - 1);
	if (data[0] & 1)
		mend(copy, len - 1);
	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	rc = read_all((const char *)copy, len - 1, len, &whole);
	REQUIRE(read_all((const char *)copy, len - 1, 1, &pieces) == rc);
	REQUIRE(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
	buf_release(&whole);
	buf_release(&pieces);
	free(copy);
	return 0;
}
