/* SPDX-License-Identifier: MIT */
/* base64.h — base 64 as RFC 4648, section 4 has it, with its padding. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Appends what text stands for.  False, and nothing appended, when it is no base 64 or out is too full. */
bool base64_decode(const char *text, size_t len, struct buf *out);

/* Appends these bytes as text.  False when out is too full. */
bool base64_encode(const void *data, size_t len, struct buf *out);

#endif
