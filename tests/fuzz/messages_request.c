/* SPDX-License-Identifier: MIT */
/* Any bytes are a request of Anthropic's messages, or one to count its tokens. */
#include "dialects.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	try_request(&anthropic, data, len);
	try_request(&anthropic_count, data, len);
	return 0;
}
