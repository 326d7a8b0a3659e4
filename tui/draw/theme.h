/* SPDX-License-Identifier: MIT */
/* theme.h — roles of text and the few glyphs we draw with. */
#ifndef DRAW_THEME_H
#define DRAW_THEME_H

#include <stdbool.h>

enum role {
#define ROLE(id, color, attributes, mono, letter) ROLE_##id,
#include "draw/roles.def"
#undef ROLE
	NUM_ROLES
};

enum glyph {
#define GLYPH(id, ascii, utf8) GLYPH_##id,
#include "draw/glyphs.def"
#undef GLYPH
	NUM_GLYPHS
};

/* One cell of text, in ASCII or UTF-8 as theme_set_ascii() said. */
const char *glyph(enum glyph g);

void theme_set_ascii(bool ascii);
bool theme_is_ascii(void);

#endif
