/* SPDX-License-Identifier: MIT */
/* Any bytes are a provider's answer to Anthropic's messages, whole or streamed, in pieces of any size. */
#include "dialects.h"

static const char whole_request[] = "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
static const char stream_request[] = "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

/* The first byte chooses who answers, how it is asked and cut, the rest is the answer. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	const char *answer = (const char *)data + 1;

	if (len == 0)
		return 0;
	try_answer(&anthropic, data[0] & 2 ? stream_request : whole_request, data[0] & 1 ? &anthropic : &openai_chat,
		   1 + (size_t)(data[0] >> 2), answer, len - 1);
	try_answer(&anthropic_count, whole_request, &anthropic_count, 1 + (size_t)(data[0] >> 2), answer, len - 1);
	return 0;
}
