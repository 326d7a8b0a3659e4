/* SPDX-License-Identifier: MIT */
/*
 * buf.h — bytes that grow up to a ceiling.
 *
 * Invariants: data is never NULL and always ends with a NUL that len does not count, so an empty
 * buffer is the empty string.  A buffer cannot be made without saying how large it may become.
 * Once an append fails the buffer stays as it was and `failed` stays set, so a sequence of appends
 * may be checked once, at its end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *data;     /* owned, unless it is the shared empty string */
	size_t len;     /* bytes in use, without the final NUL */
	size_t size;    /* bytes allocated; 0 while nothing is */
	size_t max;     /* len never exceeds this */
	bool failed;    /* an append was refused since the last clear */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b);        /* frees; the buffer is empty and usable again */
void buf_clear(struct buf *b);          /* empties, keeps the memory */

/* Each returns false and changes nothing when the ceiling would be passed. */
bool buf_add(struct buf *b, const void *data, size_t len);
bool buf_puts(struct buf *b, const char *s);
bool buf_putc(struct buf *b, char c);
bool buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Appends s as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD. */
bool buf_json_string(struct buf *b, const char *s, size_t len);

/* Makes room for len more bytes and returns where they go; buf_commit() then says how many came. */
char *buf_reserve(struct buf *b, size_t len);
void buf_commit(struct buf *b, size_t len);

/* Drops the first n bytes. */
void buf_consume(struct buf *b, size_t n);

/* Takes the memory out; the caller frees it.  The buffer is empty afterwards. */
char *buf_detach(struct buf *b);

#endif
