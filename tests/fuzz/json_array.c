/* SPDX-License-Identifier: MIT */
/* Any bytes are read as an array that comes in pieces: the same elements however it is cut, and no byte is lost. */
#include "dialects/json_array.h"

#include <string.h>

#include "base/err.h"
#include "fuzz.h"

#define MAX_EVENT 2000

/* Writes each element and each name to seen, raw bytes to raw; the first error, or 0. */
static int read_all(const char *data, size_t len, size_t step, struct buf *seen, struct buf *raw)
{
	struct json_array_parser p;
	struct sse_event e;
	int rc = 0;

	json_array_init(&p, MAX_EVENT);
	for (size_t at = 0; rc >= 0 && at < len; at += step) {
		const char *piece = data + at;
		size_t left = step < len - at ? step : len - at;

		while ((rc = json_array_next(&p, &piece, &left, &e)) == 1) {
			buf_add(raw, e.raw, e.raw_len);
			buf_printf(seen, "%d%.*s|", e.has_data, (int)e.name_len, e.name);
			buf_add(seen, e.data, e.data_len);
			buf_putc(seen, '\n');
		}
	}
	if (rc >= 0 && json_array_finish(&p, &e) == 1)
		buf_add(raw, e.raw, e.raw_len);
	json_array_release(&p);
	return rc;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct buf whole, pieces, raw, raw_pieces;
	int rc;

	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	buf_init(&raw, 1 << 20);
	buf_init(&raw_pieces, 1 << 20);
	rc = read_all((const char *)data, len, len + 1, &whole, &raw);
	REQUIRE((read_all((const char *)data, len, 1, &pieces, &raw_pieces) < 0) == (rc < 0));
	if (rc >= 0) {
		REQUIRE(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
		REQUIRE(raw.len == len && memcmp(raw.data, data, len) == 0);
		REQUIRE(raw_pieces.len == len && memcmp(raw_pieces.data, data, len) == 0);
	}
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&raw);
	buf_release(&raw_pieces);
	return 0;
}
