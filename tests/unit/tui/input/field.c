/* SPDX-License-Identifier: MIT */
#include "input/field.h"

#include <string.h>

#include "check.h"

static void typing_goes_in_at_the_cursor(void)
{
	struct field f = {.len = 0};

	field_insert(&f, "pay");
	CHECK(field_request(&f, REQUEST_FIRST));
	field_insert(&f, "re-");
	CHECK_TEXT(f.text, "re-pay");
	CHECK_INT(f.at, 3);
}

static void characters_of_several_bytes_stay_whole(void)
{
	struct field f;

	field_set(&f, "aé😀");
	CHECK(field_request(&f, REQUEST_ERASE_BACK));
	CHECK_TEXT(f.text, "aé");
	CHECK(field_request(&f, REQUEST_LEFT));
	CHECK_INT(f.at, 1);
	CHECK(field_request(&f, REQUEST_ERASE_HERE));
	CHECK_TEXT(f.text, "a");
}

static void words_and_lines_are_erased_at_once(void)
{
	struct field f;

	field_set(&f, "one two  ");
	field_request(&f, REQUEST_ERASE_WORD);
	CHECK_TEXT(f.text, "one ");
	field_request(&f, REQUEST_ERASE_ALL);
	CHECK_TEXT(f.text, "");
	CHECK(field_request(&f, REQUEST_ERASE_BACK));
	CHECK(field_request(&f, REQUEST_RIGHT));
	CHECK_INT(f.at, 0);
}

static void a_paste_loses_its_newlines_and_its_escapes(void)
{
	struct field f = {.len = 0};

	field_insert(&f, "a\nb\tc\033[2J\x01");
	CHECK_TEXT(f.text, "a b c[2J");
}

static void what_does_not_fit_is_left_out(void)
{
	struct field f = {.len = 0};
	char big[2000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	field_insert(&f, big);
	CHECK_INT(f.len, FIELD_TEXT - 1);
	field_insert(&f, "é");
	CHECK_INT(f.len, FIELD_TEXT - 1);
}

static void other_requests_are_not_its_own(void)
{
	struct field f;

	field_set(&f, "x");
	CHECK(!field_request(&f, REQUEST_ACCEPT));
	CHECK(!field_request(&f, REQUEST_MOVE_UP));
	CHECK_TEXT(f.text, "x");
}

CHECK_MAIN(TEST(typing_goes_in_at_the_cursor), TEST(characters_of_several_bytes_stay_whole),
	   TEST(words_and_lines_are_erased_at_once), TEST(a_paste_loses_its_newlines_and_its_escapes),
	   TEST(what_does_not_fit_is_left_out), TEST(other_requests_are_not_its_own))
