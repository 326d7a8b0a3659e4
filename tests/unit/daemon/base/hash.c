/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include "check.h"

static const char *hashed(const char *text, size_t len)
{
	static char hex[HASH_HEX];
	unsigned char hash[HASH_BYTES];

	hash_sha256(text, len, hash);
	return hash_hex(hash, hex);
}

/* FIPS 180-2, appendix B. */
static void the_published_vectors_hold(void)
{
	CHECK_TEXT(hashed("", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	CHECK_TEXT(hashed("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	CHECK_TEXT(hashed("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
		   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void one_hash_does_not_leak_into_the_next(void)
{
	char first[HASH_HEX];

	memcpy(first, hashed("abc", 3), sizeof(first));
	hashed("something else", 14);
	CHECK_TEXT(hashed("abc", 3), first);
	CHECK(strcmp(hashed("abc", 2), first) != 0);
}

CHECK_MAIN(TEST(the_published_vectors_hold), TEST(one_hash_does_not_leak_into_the_next))
