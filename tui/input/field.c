/* SPDX-License-Identifier: MIT */
/* A line of text is edited here. */
#include "input/field.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void field_set(struct field *f, const char *text)
{
	copy_text(f->text, sizeof(f->text), text);
	f->len = f->at = strlen(f->text);
}

static void insert_bytes(struct field *f, const char *s, size_t n)
{
	if (f->len + n >= sizeof(f->text))
		return;
	memmove(f->text + f->at + n, f->text + f->at, f->len - f->at + 1);
	memcpy(f->text + f->at, s, n);
	f->len += n;
	f->at += n;
}

void field_insert(struct field *f, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t n = text_utf8_next(text + i, len - i, &c);

		if (c == '\n' || c == '\t' || c == '\r')
			insert_bytes(f, " ", 1);
		else if (c >= 0x20 && c != 0x7f && !(c == 0xfffd && n == 1))
			insert_bytes(f, text + i, n);
		i += n;
	}
}

static size_t before(const struct field *f, size_t at)
{
	if (at > 0)
		at--;
	while (at > 0 && ((unsigned char)f->text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static size_t after(const struct field *f, size_t at)
{
	uint32_t c;

	return at < f->len ? at + text_utf8_next(f->text + at, f->len - at, &c) : at;
}

static void erase(struct field *f, size_t from, size_t to)
{
	memmove(f->text + from, f->text + to, f->len - to + 1);
	f->len -= to - from;
	f->at = from;
}

static size_t word_before(const struct field *f)
{
	size_t at = f->at;

	while (at > 0 && f->text[at - 1] == ' ')
		at--;
	while (at > 0 && f->text[at - 1] != ' ')
		at--;
	return at;
}

bool field_request(struct field *f, enum request r)
{
	if (r == REQUEST_LEFT)
		f->at = before(f, f->at);
	else if (r == REQUEST_RIGHT)
		f->at = after(f, f->at);
	else if (r == REQUEST_FIRST)
		f->at = 0;
	else if (r == REQUEST_LAST)
		f->at = f->len;
	else if (r == REQUEST_ERASE_BACK)
		erase(f, before(f, f->at), f->at);
	else if (r == REQUEST_ERASE_HERE)
		erase(f, f->at, after(f, f->at));
	else if (r == REQUEST_ERASE_WORD)
		erase(f, word_before(f), f->at);
	else if (r == REQUEST_ERASE_ALL)
		erase(f, 0, f->len);
	else
		return false;
	return true;
}
