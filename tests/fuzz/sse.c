/* SPDX-License-Identifier: MIT */
/* Any bytes are read as server-sent events: the same events whether they come whole or byte by byte, and no byte is lost. */
#include "dialects/sse.h"

#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "fuzz.h"

#define MAX_BLOCK 2000

/* Writes each event's name, id and data to seen, its raw bytes to raw; false when a block was too large. */
static bool feed(struct sse_parser *p, const char *data, size_t len, struct buf *seen, struct buf *raw)
{
	struct sse_event e;
	int rc;

	while ((rc = sse_next(p, &data, &len, &e)) == 1) {
		buf_add(raw, e.raw, e.raw_len);
		buf_printf(seen, "%.*s|%.*s|%d|", (int)e.name_len, e.name, (int)e.id_len, e.id, e.has_data);
		buf_add(seen, e.data, e.data_len);
		buf_putc(seen, '\n');
	}
	return rc == 0;
}

static bool read_all(const char *data, size_t len, size_t step, struct buf *seen, struct buf *raw)
{
	struct sse_parser p;
	struct sse_event e;
	bool ok = true;

	sse_init(&p, MAX_BLOCK);
	for (size_t at = 0; ok && at < len; at += step)
		ok = feed(&p, data + at, step < len - at ? step : len - at, seen, raw);
	if (ok && sse_finish(&p, &e) == 1)
		buf_add(raw, e.raw, e.raw_len);
	sse_release(&p);
	return ok;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct buf whole, pieces, raw, raw_pieces;
	bool ok;

	buf_init(&whole, 1 << 20);
	buf_init(&pieces, 1 << 20);
	buf_init(&raw, 1 << 20);
	buf_init(&raw_pieces, 1 << 20);
	ok = read_all((const char *)data, len, len + 1, &whole, &raw);
	REQUIRE(read_all((const char *)data, len, 1, &pieces, &raw_pieces) == ok);
	REQUIRE(whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0);
	if (ok) {
		REQUIRE(raw.len == len && memcmp(raw.data, data, len) == 0);
		REQUIRE(raw_pieces.len == len && memcmp(raw_pieces.data, data, len) == 0);
	}
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&raw);
	buf_release(&raw_pieces);
	return 0;
}
