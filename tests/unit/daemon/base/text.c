/* SPDX-License-Identifier: MIT */
/* UTF-8 is told from rubbish, hostile text made harmless, slips of the finger recognised. */
#include "base/text.h"

#include "base/buf.h"
#include "check.h"

static void well_formed_characters_have_their_length(void)
{
	CHECK_INT(text_utf8_len("a", 1), 1);
	CHECK_INT(text_utf8_len("\0", 1), 1);
	CHECK_INT(text_utf8_len("é", 2), 2);
	CHECK_INT(text_utf8_len("€", 3), 3);
	CHECK_INT(text_utf8_len("\xf0\x9f\x98\x80", 4), 4);
	CHECK_INT(text_utf8_len("\xf4\x8f\xbf\xbf", 4), 4);
	CHECK_INT(text_utf8_len("\xef\xbf\xbf", 3), 3);
}

static void malformed_characters_have_none(void)
{
	static const struct {
		const char *bytes;
		size_t len;
	} wrong[] = {
		{"", 0},                    {"\x80", 1},             {"\xc0\x80", 2},
		{"\xc1\xbf", 2},            {"\xe0\x9f\xbf", 3},     {"\xed\xa0\x80", 3},
		{"\xed\xbf\xbf", 3},        {"\xf0\x8f\xbf\xbf", 4}, {"\xf4\x90\x80\x80", 4},
		{"\xf5\x80\x80\x80", 4},    {"\xff", 1},             {"\xc3", 1},
		{"\xe2\x82", 2},            {"\xe2\x28\xa1", 3},     {"\xf0\x9f\x98", 3},
		{"\xf0\x9f\x98\x28", 4},    {"\xc3\xc3", 2},
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_INT(text_utf8_len(wrong[i].bytes, wrong[i].len), 0);
}

static void every_code_point_decodes_to_itself(void)
{
	int wrong = 0;

	for (uint32_t c = 0; c <= 0x10ffff; c++) {
		char s[4];
		size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
		uint32_t got;

		for (size_t i = n; i-- > 1;)
			s[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3f));
		s[0] = (char)(n == 1 ? c : (0xf00u >> n & 0xff) | c >> (6 * (n - 1)));
		if (c >= 0xd800 && c < 0xe000)
			wrong += text_utf8_next(s, n, &got) != 1 || got != 0xfffd;
		else
			wrong += text_utf8_next(s, n, &got) != n || got != c;
	}
	CHECK_INT(wrong, 0);
}

static const char *cleaned(const char *s, size_t len, bool keep_lines)
{
	static struct buf b;

	buf_release(&b);
	buf_init(&b, 1000);
	text_clean(&b, s, len, keep_lines);
	return b.data;
}

#define CLEAN(s) cleaned(s, sizeof(s) - 1, false)

static void hostile_text_becomes_visible(void)
{
	CHECK_TEXT(CLEAN("plain é €"), "plain é €");
	CHECK_TEXT(CLEAN("\x1b[2J\a"), "\\x1b[2J\\x07");
	CHECK_TEXT(CLEAN("a\r\nb\tc"), "a\\x0d b c");
	CHECK_TEXT(CLEAN("\x7f\xc2\x9b" "31m"), "\\x7f\\x9b31m");
	CHECK_TEXT(CLEAN("user\xe2\x80\xae" "cod"), "user\\u202ecod");
	CHECK_TEXT(CLEAN("\xef\xbb\xbf" "bom"), "\\ufeffbom");
	CHECK_TEXT(CLEAN("a\xff\xc3"), "a\\xff\\xc3");
	CHECK_TEXT(CLEAN("\0"), "\\x00");
	CHECK_TEXT(CLEAN("\xef\xbf\xbd"), "\xef\xbf\xbd");
	CHECK_TEXT(cleaned("a\n\tb\r", 5, true), "a\n\tb\\x0d");
	CLEAN("");
}

static void malformed_bytes_are_repaired_in_place(void)
{
	char text[] = "a\xff\xc3\xa9\xc3";

	text_repair(text);
	CHECK_TEXT(text, "a?\xc3\xa9?");
	text_repair(text + 5);
}

static void slips_of_the_finger_are_guessed(void)
{
	static const char *const words[] = {"providers", "chains", "teams", "listen", "home", NULL};

	CHECK_TEXT(text_suggest("provders", words), "providers");
	CHECK_TEXT(text_suggest("chians", words), "chains");
	CHECK_TEXT(text_suggest("team", words), "teams");
	CHECK_TEXT(text_suggest("listne", words), "listen");
	CHECK_TEXT(text_suggest("home", words), "home");
	CHECK(text_suggest("budget", words) == NULL);
	CHECK(text_suggest("", words) == NULL);
	CHECK(text_suggest("this is far too long to be a slip of the finger, whatever it may be", words) == NULL);
}

static void names_are_the_same_in_a_url_a_shell_and_a_screen(void)
{
	CHECK(text_is_name("search"));
	CHECK(text_is_name("9-Lives_v1.2"));
	CHECK(!text_is_name(""));
	CHECK(!text_is_name("-x"));
	CHECK(!text_is_name(".."));
	CHECK(!text_is_name("a b"));
	CHECK(!text_is_name("a/b"));
	CHECK(!text_is_name("é"));
	CHECK(text_is_name("a23456789012345678901234567890123456789012345678901234567890abcd"));
	CHECK(!text_is_name("a23456789012345678901234567890123456789012345678901234567890abcde"));
}

static void model_names_also_have_slashes_and_colons(void)
{
	CHECK(text_is_model("openrouter/meta-llama/llama-3:free"));
	CHECK(text_is_model("accounts@v1+x"));
	CHECK(!text_is_model("/x"));
	CHECK(!text_is_model(""));
	CHECK(!text_is_model("a\nb"));
}

static void urls_have_a_host_and_no_password(void)
{
	CHECK(text_is_url("https://api.openai.com/v1"));
	CHECK(text_is_url("http://127.0.0.1:8000"));
	CHECK(text_is_url("https://x.example/a@b?c=@"));
	CHECK(!text_is_url("http://"));
	CHECK(!text_is_url("http:///v1"));
	CHECK(!text_is_url("ftp://x"));
	CHECK(!text_is_url("x"));
	CHECK(!text_is_url("https://a b"));
	CHECK(!text_is_url("https://a\r\nb"));
	CHECK(!text_is_url("https://user:word@x.example/v1"));
}

static void prefixes_and_secrets_compare(void)
{
	CHECK(text_starts("call_1", "call_"));
	CHECK(text_starts("x", ""));
	CHECK(!text_starts("cal", "call_"));
	CHECK(text_equal_secret("abc", "abc", 3));
	CHECK(!text_equal_secret("abc", "abd", 3));
	CHECK(text_equal_secret("abc", "abd", 2));
}

CHECK_MAIN(TEST(well_formed_characters_have_their_length), TEST(malformed_characters_have_none),
	   TEST(every_code_point_decodes_to_itself), TEST(hostile_text_becomes_visible),
	   TEST(malformed_bytes_are_repaired_in_place),
	   TEST(slips_of_the_finger_are_guessed), TEST(names_are_the_same_in_a_url_a_shell_and_a_screen),
	   TEST(model_names_also_have_slashes_and_colons), TEST(urls_have_a_host_and_no_password),
	   TEST(prefixes_and_secrets_compare))
