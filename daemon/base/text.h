/* SPDX-License-Identifier: MIT */
/* text.h — UTF-8, hostile text, and guessing what somebody meant to type. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* Length in bytes of the well-formed UTF-8 character at s (RFC 3629: no overlong forms, no
 * surrogates), or 0 where there is none.  The empty string has none. */
size_t text_utf8_len(const char *s, size_t len);

/* Decodes one character and returns its length; on malformed input U+FFFD and 1.  len > 0. */
size_t text_utf8_next(const char *s, size_t len, uint32_t *ret_char);

/*
 * Makes text from outside (names, models' output, providers' error bodies) safe to print: control
 * characters, C1, DEL, bidirectional controls and malformed bytes become visible escapes (\x1b,
 * \u202e); newlines and tabs become spaces unless keep_lines.  Appends to out.
 */
void text_clean(struct buf *out, const char *s, size_t len, bool keep_lines);

/* Each byte that is no part of well-formed UTF-8 becomes a question mark. */
void text_repair(char *s);

/* The candidate nearest to word when it is near enough to be a slip of the finger, else NULL.
 * candidates ends with NULL. */
const char *text_suggest(const char *word, const char *const *candidates);

/* 1 to 64 characters of [A-Za-z0-9._-], beginning with a letter or digit: what teams, keys and
 * providers may be called, so that a name is the same in a URL, a shell and a screen. */
bool text_is_name(const char *s);

/* Chain and model names: text_is_name's characters and also / : @ +, up to 200. */
bool text_is_model(const char *s);

/* http:// or https:// and a host.  No user and password before it: URLs are shown, logged and exported. */
bool text_is_url(const char *s);

bool text_starts(const char *s, const char *prefix);

/* Compares without telling by its time where the difference is. */
bool text_equal_secret(const void *a, const void *b, size_t len);

#endif
