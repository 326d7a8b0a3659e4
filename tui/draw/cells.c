/* SPDX-License-Identifier: MIT */
/* Text is measured and cut here, in cells, so that nothing drawn ever wraps or reorders the screen. */
#include "draw/cells.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "draw/theme.h"

struct range {
	uint32_t first, last;
};

/* Marks that sit on the character before them, and the joiners of emoji. */
static const struct range zero[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f},
	{0x06d6, 0x06dc}, {0x0900, 0x0902}, {0x093c, 0x093c}, {0x0941, 0x0948}, {0x094d, 0x094d},
	{0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
	{0x200b, 0x200d}, {0x20d0, 0x20ff}, {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe00, 0xfe0f},
	{0xfe20, 0xfe2f}, {0xe0100, 0xe01ef},
};

/* East Asian wide and fullwidth characters, and emoji (Unicode's EastAsianWidth.txt, W and F). */
static const struct range wide[] = {
	{0x1100, 0x115f}, {0x231a, 0x231b}, {0x23e9, 0x23ec}, {0x2614, 0x2615}, {0x2648, 0x2653},
	{0x26a1, 0x26a1}, {0x26bd, 0x26be}, {0x2705, 0x2705}, {0x270a, 0x270b}, {0x2728, 0x2728},
	{0x274c, 0x274c}, {0x2753, 0x2755}, {0x2795, 0x2797}, {0x2b50, 0x2b50}, {0x2e80, 0x303e},
	{0x3041, 0x33ff}, {0x3400, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97c}, {0xac00, 0xd7a3},
	{0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x16fe0, 0x18cff},
	{0x1b000, 0x1b2ff}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e},
	{0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c},
	{0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3e0, 0x1f3f0}, {0x1f400, 0x1f43e},
	{0x1f440, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f567}, {0x1f5fb, 0x1f64f},
	{0x1f680, 0x1f6c5}, {0x1f6d0, 0x1f6ff}, {0x1f7e0, 0x1f7eb}, {0x1f90c, 0x1f9ff},
	{0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

static int in_ranges(uint32_t c, const struct range *ranges, size_t n)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c < ranges[middle].first)
			high = middle;
		else if (c > ranges[middle].last)
			low = middle + 1;
		else
			return 1;
	}
	return 0;
}

int cells_of_char(uint32_t c)
{
	if (c < 0x300)
		return 1;
	if (in_ranges(c, zero, ARRAY_LEN(zero)))
		return 0;
	return in_ranges(c, wide, ARRAY_LEN(wide)) ? 2 : 1;
}

/* Most text is plain ASCII: no need to copy it to know that it is harmless. */
static int is_plain(const char *text, int width)
{
	int n = 0;

	for (; *text != '\0' && n <= width; text++, n++)
		if (*text < 0x20 || *text > 0x7e)
			return 0;
	return 1;
}

/* Copies clean text until width cells are used; says by *ret_cut whether something was left over. */
static int copy_cells(const char *s, size_t len, int width, char *out, size_t *ret_len, int *ret_cut)
{
	size_t n = 0;
	int used = 0;

	*ret_cut = 0;
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t bytes = text_utf8_next(s + i, len - i, &c);
		int cells = cells_of_char(c);

		if (used + cells > width || n + 4 >= CELLS_TEXT) {
			*ret_cut = 1;
			break;
		}
		if (c >= 0x80 && theme_is_ascii()) {
			for (int k = 0; k < cells; k++)
				out[n++] = '?';
		} else {
			memcpy(out + n, s + i, bytes);
			n += bytes;
		}
		used += cells;
		i += bytes;
	}
	out[n] = '\0';
	*ret_len = n;
	return used;
}

static int clip_clean(const char *s, size_t len, int width, const char *mark, char out[CELLS_TEXT])
{
	size_t n;
	int cut, used = copy_cells(s, len, width, out, &n, &cut);

	if (!cut || mark == NULL || width < 1)
		return used;
	used = copy_cells(s, len, width - 1, out, &n, &cut);
	copy_text(out + n, CELLS_TEXT - n, mark);
	return used + 1;
}

int cells_clip(const char *text, int width, const char *mark, char out[CELLS_TEXT])
{
	struct buf clean;
	int used;

	if (width < 0)
		width = 0;
	if (is_plain(text, width))
		return clip_clean(text, strlen(text), width, mark, out);
	buf_init(&clean, CELLS_TEXT * 8);
	text_clean(&clean, text, strnlen(text, CELLS_TEXT), false);
	used = clip_clean(clean.data, clean.len, width, mark, out);
	buf_release(&clean);
	return used;
}

int cells_width(const char *text)
{
	char out[CELLS_TEXT];

	return cells_clip(text, CELLS_TEXT, NULL, out);
}

void cells_fill(const char *text, int width, int to_right, char out[CELLS_TEXT])
{
	char clipped[CELLS_TEXT];
	int used = cells_clip(text, width, glyph(GLYPH_CUT), clipped);
	int blank = width > used ? width - used : 0;

	if (to_right)
		snprintf(out, CELLS_TEXT, "%*s%s", blank, "", clipped);
	else
		snprintf(out, CELLS_TEXT, "%s%*s", clipped, blank, "");
}
