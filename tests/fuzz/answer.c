/* SPDX-License-Identifier: MIT */
/* Any bytes are a provider's answer to a chat, whole or streamed, in pieces of any size. */
#include "dialects.h"

static const char whole_request[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
static const char stream_request[] = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
				     "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

/* The first byte chooses how it is asked and cut, the rest is the answer. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	if (len > 0)
		try_answer(&openai_chat, data[0] & 2 ? stream_request : whole_request, data[0] & 1 ? &anthropic : &openai_chat,
			   1 + (size_t)(data[0] >> 2), (const char *)data + 1, len - 1);
	return 0;
}
