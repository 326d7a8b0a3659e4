/* SPDX-License-Identifier: MIT */
/* Long text is broken between words. */
#include "draw/wrap.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

/* The rows with bars between them. */
static void check_rows(const char *text, int width, const char *wanted)
{
	char got[512] = "";

	while (*text != '\0') {
		const char *next;
		size_t len = wrap_row(text, width, &next), at = strlen(got);

		snprintf(got + at, sizeof(got) - at, "%.*s|", (int)len, text);
		CHECK(next > text);
		text = next;
	}
	CHECK_TEXT(got, wanted);
}

static void rows_end_between_words(void)
{
	check_rows("one two three", 8, "one two|three|");
	check_rows("one two three", 7, "one two|three|");
	check_rows("one two three", 80, "one two three|");
	CHECK_INT(wrap_count("one two three", 7), 2);
	CHECK_INT(wrap_count("", 7), 0);
}

static void a_newline_ends_a_row(void)
{
	check_rows("a\n\nb\n", 8, "a||b|");
}

static void a_word_longer_than_a_row_is_cut(void)
{
	check_rows("abcdefghij", 4, "abcd|efgh|ij|");
	check_rows("x abcdefghij", 4, "x|abcd|efgh|ij|");
	check_rows("abc", 0, "a|b|c|");
}

static void wide_characters_and_escapes_count_as_they_are_drawn(void)
{
	check_rows("\xe6\xa8\xa1\xe5\x9e\x8b\xe5\x90\x8d", 4, "\xe6\xa8\xa1\xe5\x9e\x8b|\xe5\x90\x8d|");
	check_rows("\x1b\x1b\x1b", 8, "\x1b\x1b|\x1b|");
	check_rows("a\xff", 4, "a|\xff|");
}

CHECK_MAIN(TEST(rows_end_between_words), TEST(a_newline_ends_a_row), TEST(a_word_longer_than_a_row_is_cut),
	   TEST(wide_characters_and_escapes_count_as_they_are_drawn))
