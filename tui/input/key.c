/* SPDX-License-Identifier: MIT */
/* Key presses get their names here, and names become key presses. */
#include "input/key.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const char *const names[] = {
	"",
#define KEY(id, name, code) name,
#include "input/keys.def"
#undef KEY
};

bool key_is_text(key_code k)
{
	return k == K_SPACE || (k > 0x20 && k < K_FIRST && k != 0x7f);
}

const char *key_utf8(key_code k, char out[KEY_TEXT])
{
	size_t n = 0;

	out[0] = '\0';
	if (k == K_SPACE)
		k = ' ';
	else if (!key_is_text(k))
		return out;
	if (k < 0x80) {
		out[n++] = (char)k;
	} else if (k < 0x800) {
		out[n++] = (char)(0xc0 | k >> 6);
	} else if (k < 0x10000) {
		out[n++] = (char)(0xe0 | k >> 12);
		out[n++] = (char)(0x80 | (k >> 6 & 0x3f));
	} else {
		out[n++] = (char)(0xf0 | k >> 18);
		out[n++] = (char)(0x80 | (k >> 12 & 0x3f));
		out[n++] = (char)(0x80 | (k >> 6 & 0x3f));
	}
	if (k >= 0x80)
		out[n++] = (char)(0x80 | (k & 0x3f));
	out[n] = '\0';
	return out;
}

const char *key_format(key_code k, char out[KEY_TEXT])
{
	if (k > K_FIRST && k < K_END_OF_KEYS)
		copy_text(out, KEY_TEXT, names[k - K_FIRST]);
	else if (k > 0 && k < 0x20)
		snprintf(out, KEY_TEXT, "Ctrl-%c", (char)(k + 0x40));
	else
		key_utf8(k, out);
	return out;
}

key_code key_parse(const char *text)
{
	size_t len = strlen(text);
	uint32_t c;

	for (key_code k = K_FIRST + 1; k < K_END_OF_KEYS; k++)
		if (strcmp(text, names[k - K_FIRST]) == 0)
			return k;
	if (len == 6 && text_starts(text, "Ctrl-") && text[5] >= 'A' && text[5] <= '_')
		return (key_code)(text[5] - 0x40);
	if (len > 0 && text_utf8_len(text, len) == len && text_utf8_next(text, len, &c) == len && c > 0x20)
		return c;
	return K_NONE;
}
