/* SPDX-License-Identifier: MIT */
/* Any bytes are a chat's request: what is taken becomes, for each kind of provider, a body that is JSON. */
#include "dialects.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	try_request(&openai_chat, data, len);
	return 0;
}
