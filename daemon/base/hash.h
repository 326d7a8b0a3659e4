/* SPDX-License-Identifier: MIT */
/* hash.h — SHA-256 with libcrypto, for keys (stored and looked up by hash) and revisions. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

#define HASH_BYTES 32
#define HASH_HEX (2 * HASH_BYTES + 1)

void hash_sha256(const void *data, size_t len, unsigned char out[HASH_BYTES]);
const char *hash_hex(const unsigned char hash[HASH_BYTES], char out[HASH_HEX]);

#endif
