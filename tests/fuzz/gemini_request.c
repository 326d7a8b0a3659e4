/* SPDX-License-Identifier: MIT */
/* Any bytes are a request of Google's dialect, or one to count its tokens. */
#include "dialects.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	try_request(&gemini, data, len);
	try_request(&gemini_array, data, len);
	try_request(&gemini_count, data, len);
	return 0;
}
