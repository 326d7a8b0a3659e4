/* SPDX-License-Identifier: MIT */
/* Buffers grow to their ceiling and not a byte further, and are always strings. */
#include "base/buf.h"

#include <stdlib.h>

#include "check.h"

static void an_empty_buffer_is_the_empty_string(void)
{
	struct buf b;

	buf_init(&b, 10);
	CHECK_TEXT(b.data, "");
	buf_clear(&b);
	buf_consume(&b, 0);
	CHECK(buf_add(&b, NULL, 0));
	CHECK_TEXT(b.data, "");
	CHECK_INT(b.len, 0);
	buf_release(&b);
	CHECK_TEXT(b.data, "");
}

static void exactly_the_ceiling_fits(void)
{
	struct buf b;

	buf_init(&b, 5);
	CHECK(buf_puts(&b, "abcde"));
	CHECK_TEXT(b.data, "abcde");
	CHECK(!b.failed);
	CHECK(!buf_putc(&b, 'f'));
	CHECK_TEXT(b.data, "abcde");
	CHECK_INT(b.len, 5);
	CHECK(b.failed);
	buf_clear(&b);
	CHECK(!b.failed);
	CHECK(buf_puts(&b, "new"));
	CHECK_TEXT(b.data, "new");
	buf_release(&b);
}

static void a_refused_append_changes_nothing(void)
{
	struct buf b;

	buf_init(&b, 4);
	CHECK(buf_puts(&b, "ab"));
	CHECK(!buf_puts(&b, "cde"));
	CHECK(!buf_printf(&b, "%d", 12345));
	CHECK(!buf_json_string(&b, "x", 1));
	CHECK(buf_reserve(&b, (size_t)-1) == NULL);
	CHECK_TEXT(b.data, "ab");
	CHECK_INT(b.len, 2);
	CHECK(b.failed);
	buf_release(&b);
}

static void failure_is_remembered_over_later_success(void)
{
	struct buf b;

	buf_init(&b, 8);
	buf_puts(&b, "far too long");
	CHECK(buf_puts(&b, "a"));
	CHECK(b.failed);
	CHECK(buf_json_string(&b, "b", 1));
	CHECK(b.failed);
	CHECK_TEXT(b.data, "a\"b\"");
	buf_release(&b);
}

static void growth_keeps_what_was_there(void)
{
	struct buf b;

	buf_init(&b, 100000);
	for (int i = 0; i < 20000; i++)
		buf_printf(&b, "%05d", i % 100000 > 9999 ? 0 : i);
	CHECK(!b.failed);
	CHECK_INT(b.len, 100000);
	CHECK(memcmp(b.data, "000000000100002", 15) == 0);
	CHECK(memcmp(b.data + 5 * 9999, "09999", 5) == 0);
	CHECK_INT(b.data[b.len], 0);
	CHECK(b.size <= b.max + 1);
	CHECK(!buf_putc(&b, 'x'));
	buf_release(&b);
}

static void bytes_are_not_text(void)
{
	struct buf b;

	buf_init(&b, 10);
	CHECK(buf_add(&b, "a\0b", 3));
	CHECK_INT(b.len, 3);
	CHECK(memcmp(b.data, "a\0b", 4) == 0);
	buf_release(&b);
}

static void consuming_drops_the_first_bytes(void)
{
	struct buf b;

	buf_init(&b, 20);
	buf_puts(&b, "one two");
	buf_consume(&b, 4);
	CHECK_TEXT(b.data, "two");
	buf_consume(&b, 3);
	CHECK_TEXT(b.data, "");
	CHECK_INT(b.len, 0);
	CHECK(buf_puts(&b, "again"));
	CHECK_TEXT(b.data, "again");
	buf_release(&b);
}

static void reserved_room_is_committed_in_part(void)
{
	struct buf b;
	char *to;

	buf_init(&b, 100);
	to = buf_reserve(&b, 100);
	CHECK(to != NULL);
	memcpy(to, "some", 4);
	buf_commit(&b, 4);
	CHECK_TEXT(b.data, "some");
	CHECK(buf_reserve(&b, 97) == NULL);
	buf_release(&b);
}

static void detached_memory_belongs_to_the_caller(void)
{
	struct buf b;
	char *text;

	buf_init(&b, 100);
	text = buf_detach(&b);
	CHECK_TEXT(text, "");
	free(text);
	buf_puts(&b, "mine");
	text = buf_detach(&b);
	CHECK_TEXT(text, "mine");
	CHECK_TEXT(b.data, "");
	CHECK_INT(b.max, 100);
	free(text);
}

static const char *quoted(const char *s, size_t len)
{
	static struct buf b;

	buf_release(&b);
	buf_init(&b, 1000);
	buf_json_string(&b, s, len);
	return b.data;
}

static void json_strings_escape_what_they_must(void)
{
	CHECK_TEXT(quoted("", 0), "\"\"");
	CHECK_TEXT(quoted("plain / é €", strlen("plain / é €")), "\"plain / é €\"");
	CHECK_TEXT(quoted("\"\\\n\r\t\b\f", 7), "\"\\\"\\\\\\n\\r\\t\\b\\f\"");
	CHECK_TEXT(quoted("\0\x01\x1f\x7f", 4), "\"\\u0000\\u0001\\u001f\x7f\"");
}

static void json_strings_are_utf8_whatever_came(void)
{
	CHECK_TEXT(quoted("a\xff" "b", 3), "\"a\xef\xbf\xbd" "b\"");
	CHECK_TEXT(quoted("\xc3", 1), "\"\xef\xbf\xbd\"");
	CHECK_TEXT(quoted("\xed\xa0\x80", 3), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	CHECK_TEXT(quoted("\xf0\x9f\x98\x80", 4), "\"\xf0\x9f\x98\x80\"");
	quoted("", 0);
}

CHECK_MAIN(TEST(an_empty_buffer_is_the_empty_string), TEST(exactly_the_ceiling_fits),
	   TEST(a_refused_append_changes_nothing), TEST(failure_is_remembered_over_later_success),
	   TEST(growth_keeps_what_was_there), TEST(bytes_are_not_text),
	   TEST(consuming_drops_the_first_bytes), TEST(reserved_room_is_committed_in_part),
	   TEST(detached_memory_belongs_to_the_caller), TEST(json_strings_escape_what_they_must),
	   TEST(json_strings_are_utf8_whatever_came))
