/* SPDX-License-Identifier: MIT */
/* JSON is validated to the letter of RFC 8259, and members are found where they stand. */
#include "base/jscan.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"

static bool valid(const char *text)
{
	return jscan_value(text, strlen(text), NULL) == 0;
}

static void what_the_grammar_allows_is_valid(void)
{
	static const char *const right[] = {
		"{}", "[]", "null", "true", "false", "0", "-0", "-1.5e+10", "1E5", "\"\"", " [ 1 , { \"a\" : [ ] } ] ",
		"\"\\u0000\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\x7f\"", "[[[[]]]]", "\n\t\r 1", "\"1234567\\n1234567890\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(right); i++) {
		if (!valid(right[i]))
			printf("# refused %s\n", right[i]);
		CHECK(valid(right[i]));
	}
}

static void what_the_grammar_forbids_is_not(void)
{
	static const char *const wrong[] = {
		"", " ", "{", "}", "[1,]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "01", "1.", ".5", "+1", "1e", "-",
		"nul", "True", "\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"a", "[\"a\\\"]", "1 1", "{\"a\"}",
		"{\"a\":}", "{:1}", "//x\n1", "[1]]", "NaN", "Infinity", "\"\\", "\"\x1f\"", "0x1", "\v1", "{\"a\":1 \"b\":2}",
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		if (valid(wrong[i]))
			printf("# accepted %s\n", wrong[i]);
		CHECK(!valid(wrong[i]));
	}
}

static void cut_anywhere_a_text_is_not_valid(void)
{
	static const char text[] = "{\"model\":\"a\\u0041\\n\",\"n\":[1,-2.5e3,true,null,{\"x\":\"\xc3\xa9\"}],\"z\":{}}";
	int wrong = 0;

	CHECK(valid(text));
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		char *part = xstrndup(text, n);

		wrong += jscan_value(part, n, NULL) == 0;
		free(part);
	}
	CHECK_INT(wrong, 0);
}

static void depth_128_is_the_deepest(void)
{
	char text[2 * 129];
	struct err err;

	for (size_t depth = 127; depth <= 129; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		CHECK_INT(jscan_value(text, 2 * depth, &err) == 0, depth <= 128);
	}
	CHECK(strstr(err.text, "128 levels") != NULL);
}

static void named_members_are_found_in_place(void)
{
	static const char text[] = " {\"x\": {\"model\": 1}, \"mo\\u0064el\" : \"gpt\", \"stream\":true} ";
	struct jfield fields[] = {{.name = "model"}, {.name = "stream"}, {.name = "absent"}};

	CHECK_INT(jscan_object(text, strlen(text), fields, 3, NULL), 0);
	CHECK_INT(fields[0].value.len, 5);
	CHECK(memcmp(fields[0].value.at, "\"gpt\"", 5) == 0);
	CHECK_INT(fields[1].value.len, 4);
	CHECK(fields[2].value.at == NULL);
	CHECK(jspan_is_null(fields[2].value));
}

static void a_named_member_twice_is_an_error(void)
{
	static const char same[] = "{\"model\":1,\"model\":2}", spelt[] = "{\"model\":1,\"\\u006dodel\":2}",
			  other[] = "{\"a\":1,\"a\":2,\"model\":3}";
	struct jfield field = {.name = "model"};
	struct err err;

	CHECK_INT(jscan_object(same, strlen(same), &field, 1, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "not valid JSON at byte 11: the same member twice in one object: model");
	CHECK_INT(jscan_object(spelt, strlen(spelt), &field, 1, &err), ERR_INVALID);
	CHECK_INT(jscan_object(other, strlen(other), &field, 1, &err), 0);
}

static void only_an_object_is_an_object(void)
{
	struct err err;

	CHECK_INT(jscan_object("[]", 2, NULL, 0, &err), ERR_INVALID);
	CHECK_INT(jscan_object("", 0, NULL, 0, &err), ERR_INVALID);
	CHECK(strstr(err.text, "empty") != NULL);
	CHECK_INT(jscan_object("{} x", 4, NULL, 0, &err), ERR_INVALID);
}

static void arrays_are_walked_item_by_item(void)
{
	static const char text[] = "[ 1 ,\"two\", [3,4] , {\"a\":[5]}]";
	struct jspan array = {text, strlen(text)}, item = {0};
	static const char *const items[] = {"1", "\"two\"", "[3,4]", "{\"a\":[5]}"};
	size_t n = 0;

	while (jspan_next_item(array, &item)) {
		CHECK(n < 4 && item.len == strlen(items[n]) && memcmp(item.at, items[n], item.len) == 0);
		n++;
	}
	CHECK_INT(n, 4);
	item = (struct jspan){0};
	CHECK(!jspan_next_item((struct jspan){"[ ]", 3}, &item));
	CHECK(!jspan_next_item((struct jspan){"{}", 2}, &item));
	CHECK(!jspan_next_item((struct jspan){0}, &item));
}

static int64_t whole(const char *text)
{
	int64_t n = -77;

	return jspan_int((struct jspan){text, strlen(text)}, &n) ? n : -1;
}

static void whole_numbers_may_have_a_point(void)
{
	CHECK_INT(whole("12"), 12);
	CHECK_INT(whole("12.0"), 12);
	CHECK_INT(whole("1.2e1"), 12);
	CHECK_INT(whole("-3"), -3);
	CHECK_INT(whole("999999999999999999"), 999999999999999999);
	CHECK_INT(whole("1.5"), -1);
	CHECK_INT(whole("1e400"), -1);
	CHECK_INT(whole("99999999999999999999"), -1);
	CHECK_INT(whole("\"12\""), -1);
	CHECK_INT(whole("null"), -1);
}

static const char *text_of(const char *json)
{
	static struct buf b;

	buf_release(&b);
	buf_init(&b, 200);
	return jspan_text((struct jspan){json, strlen(json)}, &b) ? b.data : NULL;
}

static void strings_are_unescaped(void)
{
	CHECK_TEXT(text_of("\"a\\n\\\"\\\\\\/\\t\""), "a\n\"\\/\t");
	CHECK_TEXT(text_of("\"\\u00e9\\u20AC\""), "é€");
	CHECK_TEXT(text_of("\"\\ud83d\\ude00!\""), "\xf0\x9f\x98\x80!");
	CHECK_TEXT(text_of("\"\\ud83d\""), "\xef\xbf\xbd");
	CHECK_TEXT(text_of("\"\\ude00\\ud83dx\""), "\xef\xbf\xbd\xef\xbf\xbdx");
	CHECK_TEXT(text_of("\"\\ud83d\\u0041\""), "\xef\xbf\xbd" "A");
	CHECK(text_of("12") == NULL);
	text_of("\"\"");
}

static void copies_are_whole_or_refused(void)
{
	char out[4];

	CHECK(jspan_copy((struct jspan){"\"abc\"", 5}, out, sizeof(out)));
	CHECK_TEXT(out, "abc");
	CHECK(!jspan_copy((struct jspan){"\"abcd\"", 6}, out, sizeof(out)));
	CHECK(jspan_copy((struct jspan){"\"\\u0061\"", 8}, out, sizeof(out)));
	CHECK_TEXT(out, "a");
	CHECK(!jspan_copy((struct jspan){"\"\\u0000\"", 8}, out, sizeof(out)));
	CHECK(!jspan_copy((struct jspan){"1", 1}, out, sizeof(out)));
	CHECK_TEXT(out, "");
}

static void what_does_not_fit_is_cut_between_characters(void)
{
	static const char text[] = "\"a\\u00e9\\ud83d\\ude00\\ud800x\\n\\\"\"";
	struct jspan span = {text, strlen(text)};
	char small[6], large[32];

	CHECK(jspan_copy_cut(span, small, sizeof(small)));
	CHECK_TEXT(small, "aé");
	CHECK(jspan_copy_cut(span, large, sizeof(large)));
	CHECK_TEXT(large, text_of(text));
	CHECK_INT(jspan_text_len(span), strlen(large));
	CHECK_INT(jspan_text_len((struct jspan){"\"abc\"", 5}), 3);
	CHECK_INT(jspan_text_len((struct jspan){"[]", 2}), 0);
	CHECK_INT(jspan_text_len((struct jspan){0}), 0);
	CHECK(!jspan_copy_cut((struct jspan){"1", 1}, small, sizeof(small)));
	CHECK_TEXT(small, "");
	text_of("\"\"");
}

static void objects_are_walked_member_by_member(void)
{
	static const char text[] = "{ \"a\" : 1 ,\"b\":{\"c\":2},\"d\":\"}\" }";
	struct jspan object = {text, strlen(text)};
	struct jmember m = {{0}, {0}};
	struct buf seen;

	buf_init(&seen, 100);
	while (jspan_next_member(object, &m)) {
		buf_add(&seen, m.name.at, m.name.len);
		buf_add(&seen, m.value.at, m.value.len);
		buf_putc(&seen, ' ');
	}
	CHECK_TEXT(seen.data, "\"a\"1 \"b\"{\"c\":2} \"d\"\"}\" ");
	m = (struct jmember){{0}, {0}};
	CHECK(!jspan_next_member((struct jspan){"{ }", 3}, &m));
	CHECK(!jspan_next_member((struct jspan){"7", 1}, &m));
	buf_release(&seen);
}

CHECK_MAIN(TEST(what_the_grammar_allows_is_valid), TEST(what_the_grammar_forbids_is_not),
	   TEST(cut_anywhere_a_text_is_not_valid), TEST(depth_128_is_the_deepest),
	   TEST(named_members_are_found_in_place), TEST(a_named_member_twice_is_an_error),
	   TEST(only_an_object_is_an_object), TEST(arrays_are_walked_item_by_item),
	   TEST(whole_numbers_may_have_a_point), TEST(strings_are_unescaped), TEST(copies_are_whole_or_refused),
	   TEST(what_does_not_fit_is_cut_between_characters), TEST(objects_are_walked_member_by_member))
