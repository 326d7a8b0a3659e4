/* SPDX-License-Identifier: MIT */
/* Any bytes are made safe to print and to quote: what comes out is UTF-8 without a control character, or JSON. */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/jscan.h"
#include "fuzz.h"

static void check_clean(const struct buf *b)
{
	for (size_t i = 0; i < b->len;) {
		uint32_t c;
		size_t n = text_utf8_next(b->data + i, b->len - i, &c);

		REQUIRE(text_utf8_len(b->data + i, b->len - i) == n);
		REQUIRE(c >= 0x20 && !(c >= 0x7f && c < 0xa0) && c != 0x202e);
		i += n;
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct buf clean, quoted, back;

	buf_init(&clean, 8 * len + 16);
	buf_init(&quoted, 8 * len + 16);
	buf_init(&back, 8 * len + 16);
	text_clean(&clean, (const char *)data, len, false);
	REQUIRE(!clean.failed);
	check_clean(&clean);
	REQUIRE(buf_json_string(&quoted, (const char *)data, len));
	REQUIRE(jscan_value(quoted.data, quoted.len, NULL) == 0);
	REQUIRE(jspan_text((struct jspan){quoted.data, quoted.len}, &back));
	/* What was UTF-8 comes back as it was. */
	buf_clear(&quoted);
	REQUIRE(buf_json_string(&quoted, back.data, back.len));
	buf_clear(&clean);
	REQUIRE(jspan_text((struct jspan){quoted.data, quoted.len}, &clean));
	REQUIRE(clean.len == back.len && memcmp(clean.data, back.data, back.len) == 0);
	buf_release(&clean);
	buf_release(&quoted);
	buf_release(&back);
	return 0;
}
