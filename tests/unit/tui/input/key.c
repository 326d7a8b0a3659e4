/* SPDX-License-Identifier: MIT */
#include "input/key.h"

#include "check.h"

static void a_name_and_its_key_belong_together(void)
{
	static const char *const names[] = {"j", "G", "/", "Ctrl-D", "Ctrl-_", "Enter", "Esc", "Space", "F5", "Shift-Tab", "é"};
	char text[KEY_TEXT];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK_TEXT(key_format(key_parse(names[i]), text), names[i]);
}

static void what_is_no_key_is_none(void)
{
	CHECK_INT(key_parse(""), K_NONE);
	CHECK_INT(key_parse("jj"), K_NONE);
	CHECK_INT(key_parse("Ctrl-d"), K_NONE);
	CHECK_INT(key_parse("\xff"), K_NONE);
}

static void characters_can_be_typed_and_others_not(void)
{
	char text[KEY_TEXT];

	CHECK(key_is_text('a') && key_is_text(K_SPACE) && key_is_text(0x20ac) && key_is_text(0x1f600));
	CHECK(!key_is_text(4) && !key_is_text(K_ENTER) && !key_is_text(0x7f) && !key_is_text(K_NONE));
	CHECK_TEXT(key_utf8(K_SPACE, text), " ");
	CHECK_TEXT(key_utf8(0x20ac, text), "€");
	CHECK_TEXT(key_utf8(0x1f600, text), "😀");
	CHECK_TEXT(key_utf8(K_ENTER, text), "");
}

CHECK_MAIN(TEST(a_name_and_its_key_belong_together), TEST(what_is_no_key_is_none),
	   TEST(characters_can_be_typed_and_others_not))
