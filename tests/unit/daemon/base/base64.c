/* SPDX-License-Identifier: MIT */
#include "base/base64.h"

#include "base/buf.h"
#include "check.h"

static void bytes_go_there_and_back(void)
{
	/* RFC 4648, section 10. */
	static const char *const rows[][2] = {{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf text, bytes;

		buf_init(&text, 100);
		buf_init(&bytes, 100);
		CHECK(base64_encode(rows[i][0], strlen(rows[i][0]), &text));
		CHECK_TEXT(text.data, rows[i][1]);
		CHECK(base64_decode(rows[i][1], strlen(rows[i][1]), &bytes));
		CHECK_TEXT(bytes.data, rows[i][0]);
		buf_release(&text);
		buf_release(&bytes);
	}
}

static void what_is_no_base_64_adds_nothing(void)
{
	static const char *const wrong[] = {"Zg", "Zg=", "Z===", "Zm 9v", "Zm9v!", "Zm-_"};
	struct buf bytes;

	buf_init(&bytes, 100);
	buf_puts(&bytes, "kept");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CHECK(!base64_decode(wrong[i], strlen(wrong[i]), &bytes));
		CHECK_TEXT(bytes.data, "kept");
	}
	CHECK(base64_decode("", 0, &bytes));
	CHECK_TEXT(bytes.data, "kept");
	buf_release(&bytes);
}

static void a_ceiling_is_kept(void)
{
	struct buf small;

	buf_init(&small, 4);
	CHECK(!base64_encode("foobar", 6, &small));
	CHECK_INT(small.len, 0);
	buf_release(&small);
}

CHECK_MAIN(TEST(bytes_go_there_and_back), TEST(what_is_no_base_64_adds_nothing), TEST(a_ceiling_is_kept))
