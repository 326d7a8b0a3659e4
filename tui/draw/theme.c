/* SPDX-License-Identifier: MIT */
/* The glyphs we draw with are chosen here: ASCII is complete on its own, UTF-8 replaces one for one. */
#include "draw/theme.h"

static const struct {
	const char *ascii, *utf8;
} glyphs[NUM_GLYPHS] = {
#define GLYPH(id, ascii, utf8) [GLYPH_##id] = {ascii, utf8},
#include "draw/glyphs.def"
#undef GLYPH
};

static bool ascii_only = true;

void theme_set_ascii(bool ascii)
{
	ascii_only = ascii;
}

bool theme_is_ascii(void)
{
	return ascii_only;
}

const char *glyph(enum glyph g)
{
	return ascii_only ? glyphs[g].ascii : glyphs[g].utf8;
}
