/* SPDX-License-Identifier: MIT */
/* Growable bytes with a ceiling. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* What data points at while nothing is allocated; never written to. */
static char empty[1] = "";

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){.data = empty, .max = max};
}

void buf_release(struct buf *b)
{
	if (b->size > 0)
		free(b->data);
	buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->size > 0)
		b->data[0] = '\0';
}

/* Doubles, so that appending is linear over all; the ceiling bounds it. */
static bool grow(struct buf *b, size_t need)
{
	size_t size = b->size > 0 ? b->size : 64;
	char *data;

	while (size < need + 1)
		size *= 2;
	if (size > b->max + 1)
		size = b->max + 1;
	data = realloc(b->size > 0 ? b->data : NULL, size);
	if (data == NULL)
		return false;
	b->data = data;
	b->size = size;
	return true;
}

char *buf_reserve(struct buf *b, size_t len)
{
	if (len > b->max || b->len > b->max - len) {
		b->failed = true;
		return NULL;
	}
	if (b->len + len + 1 > b->size && !grow(b, b->len + len)) {
		b->failed = true;
		return NULL;
	}
	return b->data + b->len;
}

void buf_commit(struct buf *b, size_t len)
{
	b->len += len;
	b->data[b->len] = '\0';
}

bool buf_add(struct buf *b, const void *data, size_t len)
{
	char *to = buf_reserve(b, len);

	if (to == NULL)
		return false;
	if (len > 0)
		memcpy(to, data, len);
	buf_commit(b, len);
	return true;
}

bool buf_puts(struct buf *b, const char *s)
{
	return buf_add(b, s, strlen(s));
}

bool buf_putc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

bool buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0 || (to = buf_reserve(b, (size_t)len)) == NULL)
		return false;
	va_start(ap, fmt);
	vsnprintf(to, (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf_commit(b, (size_t)len);
	return true;
}

/* The two-character escapes of RFC 8259 section 7, or 0. */
static char short_escape(unsigned char c)
{
	switch (c) {
	case '"':
		return '"';
	case '\\':
		return '\\';
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '\b':
		return 'b';
	case '\f':
		return 'f';
	default:
		return 0;
	}
}

bool buf_json_string(struct buf *b, const char *s, size_t len)
{
	size_t i = 0, run = 0, before = b->len;
	bool failed = b->failed;

	b->failed = false;
	buf_putc(b, '"');
	while (i < len) {
		unsigned char c = (unsigned char)s[i];
		size_t n = c < 0x80 ? 1 : text_utf8_len(s + i, len - i);
		char esc = short_escape(c);

		if (n > 0 && c >= 0x20 && esc == 0) {
			i += n;
			continue;
		}
		buf_add(b, s + run, i - run);
		if (n == 0)
			buf_puts(b, "\xef\xbf\xbd");
		else if (esc != 0)
			buf_printf(b, "\\%c", esc);
		else
			buf_printf(b, "\\u%04x", c);
		i++;
		run = i;
	}
	buf_add(b, s + run, i - run);
	buf_putc(b, '"');
	if (!b->failed) {
		b->failed = failed;
		return true;
	}
	b->len = before;
	if (b->size > 0)
		b->data[before] = '\0';
	return false;
}

void buf_consume(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

char *buf_detach(struct buf *b)
{
	char *data = b->size > 0 ? b->data : xstrdup("");

	buf_init(b, b->max);
	return data;
}
