/* SPDX-License-Identifier: MIT */
/*
 * key.h — one key press, without curses.
 *
 * A key is a Unicode character, a control character (Ctrl-D is 4) or one of the K_ values above
 * all characters.  Enter, Tab, Esc, Space and Backspace are always their K_ value.
 */
#ifndef INPUT_KEY_H
#define INPUT_KEY_H

#include <stdbool.h>
#include <stdint.h>

enum {
	K_NONE = 0,
	K_FIRST = 0x110000,     /* beyond Unicode */
#define KEY(id, name, code) K_##id,
#include "input/keys.def"
#undef KEY
	K_END_OF_KEYS
};

typedef uint32_t key_code;

#define KEY_TEXT 16

/* "j", "Ctrl-D", "Enter".  Returns out. */
const char *key_format(key_code k, char out[KEY_TEXT]);

/* K_NONE where text names no key. */
key_code key_parse(const char *text);

/* Whether the key stands for a character that can be typed into a field. */
bool key_is_text(key_code k);

/* The character as UTF-8, "" for other keys.  Returns out. */
const char *key_utf8(key_code k, char out[KEY_TEXT]);

#endif
