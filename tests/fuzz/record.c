/* SPDX-License-Identifier: MIT */
/* Any bytes in a journal are read as a record: what is taken packs into as many bytes as fit and reads back the same. */
#include "ledger/record.h"

#include <string.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct call_record a, b;
	unsigned char packed[RECORD_MAX], again[RECORD_MAX];
	size_t n, m;

	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	if (!record_read(data, len, &a))
		return 0;
	REQUIRE(a.num_entries <= RECORD_ATTEMPTS);
	REQUIRE(memchr(a.asked, '\0', sizeof(a.asked)) != NULL && memchr(a.app, '\0', sizeof(a.app)) != NULL);
	n = record_write(&a, packed);
	REQUIRE(n <= RECORD_MAX);
	REQUIRE(record_read(packed, n, &b));
	m = record_write(&b, again);
	REQUIRE(m == n && memcmp(packed, again, n) == 0);
	return 0;
}
