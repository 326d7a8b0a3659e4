/* SPDX-License-Identifier: MIT */
#include "draw/cells.h"

#include <string.h>

#include "check.h"
#include "draw/theme.h"

static char out[CELLS_TEXT];

static void text_is_cut_by_cells_not_by_bytes(void)
{
	theme_set_ascii(false);
	CHECK_INT(cells_clip("payments", 4, NULL, out), 4);
	CHECK_TEXT(out, "paym");
	CHECK_INT(cells_clip("größer", 4, NULL, out), 4);
	CHECK_TEXT(out, "größ");
	CHECK_INT(cells_clip("日本語", 5, NULL, out), 4);
	CHECK_TEXT(out, "日本");
}

static void a_cut_is_marked_in_the_last_cell(void)
{
	theme_set_ascii(false);
	CHECK_INT(cells_clip("payments", 5, "~", out), 5);
	CHECK_TEXT(out, "paym~");
	CHECK_INT(cells_clip("日本語", 4, "~", out), 3);
	CHECK_TEXT(out, "日~");
	CHECK_INT(cells_clip("exact", 5, "~", out), 5);
	CHECK_TEXT(out, "exact");
	CHECK_INT(cells_clip("x", 0, "~", out), 0);
	CHECK_TEXT(out, "");
}

static void marks_of_a_character_stay_with_it(void)
{
	theme_set_ascii(false);
	CHECK_INT(cells_width("e\xcc\x81"), 1);
	CHECK_INT(cells_width("\xf0\x9f\x98\x80"), 2);
	CHECK_INT(cells_width("a\xe2\x80\x8d" "b"), 2);
}

static void hostile_text_becomes_visible_and_harmless(void)
{
	theme_set_ascii(false);
	cells_clip("a\033[2Jb", 40, NULL, out);
	CHECK_TEXT(out, "a\\x1b[2Jb");
	cells_clip("x\xe2\x80\xaey", 40, NULL, out);
	CHECK_TEXT(out, "x\\u202ey");
	cells_clip("a\nb", 40, NULL, out);
	CHECK_TEXT(out, "a b");
	cells_clip("\xff\xfe", 40, NULL, out);
	CHECK_TEXT(out, "\\xff\\xfe");
}

static void ascii_mode_sends_ascii_of_the_same_width(void)
{
	theme_set_ascii(true);
	CHECK_INT(cells_clip("é日x", 40, NULL, out), 4);
	CHECK_TEXT(out, "???x");
	CHECK_TEXT(glyph(GLYPH_LINE), "-");
	theme_set_ascii(false);
	CHECK_TEXT(glyph(GLYPH_LINE), "─");
}

static void filling_gives_exactly_the_width(void)
{
	theme_set_ascii(true);
	cells_fill("ab", 5, 0, out);
	CHECK_TEXT(out, "ab   ");
	cells_fill("ab", 5, 1, out);
	CHECK_TEXT(out, "   ab");
	cells_fill("abcdefg", 5, 1, out);
	CHECK_TEXT(out, "abcd~");
}

static void a_text_of_any_length_is_survived(void)
{
	static char big[100000];

	memset(big, '\001', sizeof(big) - 1);
	theme_set_ascii(false);
	CHECK_INT(cells_clip(big, 100, "~", out), 100);
	CHECK_INT(strlen(out), 100);
}

static void every_glyph_is_one_cell_in_both(void)
{
	for (int g = 0; g < NUM_GLYPHS; g++) {
		theme_set_ascii(false);
		CHECK_INT(cells_width(glyph((enum glyph)g)), 1);
		theme_set_ascii(true);
		CHECK_INT(strlen(glyph((enum glyph)g)), 1);
	}
}

CHECK_MAIN(TEST(text_is_cut_by_cells_not_by_bytes), TEST(a_cut_is_marked_in_the_last_cell),
	   TEST(marks_of_a_character_stay_with_it), TEST(hostile_text_becomes_visible_and_harmless),
	   TEST(ascii_mode_sends_ascii_of_the_same_width), TEST(filling_gives_exactly_the_width),
	   TEST(a_text_of_any_length_is_survived), TEST(every_glyph_is_one_cell_in_both))
