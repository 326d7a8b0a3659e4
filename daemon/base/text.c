/* SPDX-License-Identifier: MIT */
/* UTF-8 is decoded, hostile text is made harmless and misspelt words are guessed here. */
#include "base/text.h"

#include <sodium.h>
#include <string.h>

#include "base/buf.h"

static bool is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The second byte's lower and upper bound depends on the first (Unicode 15, table 3-7). */
static bool second_ok(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return is_tail(second);
	}
}

size_t text_utf8_len(const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t n;

	if (len == 0)
		return 0;
	if (u[0] < 0x80)
		return 1;
	n = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;
	if (u[0] < 0xc2 || u[0] > 0xf4 || len < n || !second_ok(u[0], u[1]))
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!is_tail(u[i]))
			return 0;
	return n;
}

size_t text_utf8_next(const char *s, size_t len, uint32_t *ret_char)
{
	static const unsigned char mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	size_t n = text_utf8_len(s, len);
	uint32_t c;

	if (n == 0) {
		*ret_char = 0xfffd;
		return 1;
	}
	c = (unsigned char)s[0] & mask[n];
	for (size_t i = 1; i < n; i++)
		c = c << 6 | ((unsigned char)s[i] & 0x3f);
	*ret_char = c;
	return n;
}

void text_repair(char *s)
{
	size_t len = strlen(s), n;

	for (; len > 0; s += n, len -= n) {
		n = text_utf8_len(s, len);
		if (n == 0) {
			*s = '?';
			n = 1;
		}
	}
}

/* Characters that move the cursor, end the line or reorder what stands around them. */
static bool is_harmful(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void clean_one(struct buf *out, const char *s, size_t n, uint32_t c, bool keep_lines)
{
	if (c == '\n' || c == '\t')
		buf_putc(out, keep_lines ? (char)c : ' ');
	else if (c == 0xfffd && n == 1)
		buf_printf(out, "\\x%02x", (unsigned char)s[0]);
	else if (is_harmful(c))
		buf_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)c);
	else
		buf_add(out, s, n);
}

void text_clean(struct buf *out, const char *s, size_t len, bool keep_lines)
{
	for (size_t i = 0; i < len;) {
		uint32_t c;
		size_t n = text_utf8_next(s + i, len - i, &c);

		clean_one(out, s + i, n, c, keep_lines);
		i += n;
	}
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edits between two words where a swap of neighbours counts as one (Damerau, restricted). */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][65];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

const char *text_suggest(const char *word, const char *const *candidates)
{
	size_t len = strlen(word), best = len / 3 + 2;
	const char *found = NULL;

	if (len > 64)
		return NULL;
	for (; *candidates != NULL; candidates++) {
		size_t d, n = strlen(*candidates);

		if (n > 64)
			continue;
		d = distance(word, len, *candidates, n);
		if (d < best) {
			best = d;
			found = *candidates;
		}
	}
	return found;
}

static bool all_of(const char *s, size_t max, const char *allowed)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	size_t len = strnlen(s, max + 1);

	return len > 0 && len <= max && strchr(first, s[0]) != NULL && strspn(s, allowed) == len;
}

bool text_is_name(const char *s)
{
	return all_of(s, 64, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
}

bool text_is_model(const char *s)
{
	return all_of(s, 200, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@+");
}

bool text_is_url(const char *s)
{
	const char *host = text_starts(s, "http://") ? s + 7 : text_starts(s, "https://") ? s + 8 : "";
	size_t len = strcspn(host, "/?#");

	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return len > 0 && memchr(host, '@', len) == NULL;
}

bool text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_equal_secret(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}
