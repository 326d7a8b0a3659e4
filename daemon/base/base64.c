/* SPDX-License-Identifier: MIT */
/* Base 64 goes in and out of buffers here; libsodium does it. */
#include "base/base64.h"

#include <sodium.h>

#include "base/buf.h"

#define VARIANT sodium_base64_VARIANT_ORIGINAL

bool base64_decode(const char *text, size_t len, struct buf *out)
{
	size_t room = len / 4 * 3 + 3, n;
	char *to = buf_reserve(out, room);

	if (to == NULL)
		return false;
	if (sodium_base642bin((unsigned char *)to, room, text, len, NULL, &n, NULL, VARIANT) != 0) {
		buf_commit(out, 0);
		return false;
	}
	buf_commit(out, n);
	return true;
}

bool base64_encode(const void *data, size_t len, struct buf *out)
{
	size_t size = sodium_base64_ENCODED_LEN(len, VARIANT); /* its NUL included */
	char *to = buf_reserve(out, size);

	if (to == NULL)
		return false;
	sodium_bin2base64(to, size, data, len, VARIANT);
	buf_commit(out, size - 1);
	return true;
}
