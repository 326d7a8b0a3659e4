/* SPDX-License-Identifier: MIT */
/* Any bytes are an answer in OpenAI's Responses dialect, or one to a client of it, or of completions: whole or streamed. */
#include "dialects.h"

static const char *const responses_requests[] = {"{\"model\":\"m\",\"input\":\"hi\"}",
						 "{\"model\":\"m\",\"input\":\"hi\",\"stream\":true,\"usage\":{\"include\":true}}"};
static const char *const chat_requests[] = {
	"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
	"{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"stream_options\":{\"include_usage\":true}}"};
static const char *const completion_requests[] = {
	"{\"model\":\"m\",\"prompt\":\"hi\"}",
	"{\"model\":\"m\",\"prompt\":\"hi\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}"};

/* Who asks, and who answers. */
static const struct pair {
	const struct dialect *client, *target;
	const char *const *requests;
} pairs[] = {
	{&openai_chat, &openai_responses, chat_requests},
	{&openai_responses, &openai_responses, responses_requests},
	{&openai_responses, &openai_chat, responses_requests},
	{&openai_responses, &anthropic, responses_requests},
	{&openai_completions, &openai_completions, completion_requests},
	{&openai_completions, &openai_chat, completion_requests},
	{&openai_completions, &openai_responses, completion_requests},
};

/* The first byte chooses how it is asked and cut, the rest is the answer; every pair gets it. */
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	if (len == 0)
		return 0;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		try_answer(pairs[i].client, pairs[i].requests[data[0] & 1], pairs[i].target, 1 + (size_t)(data[0] >> 1),
			   (const char *)data + 1, len - 1);
	try_answer(&openai_count, responses_requests[0], &openai_count, 7, (const char *)data + 1, len - 1);
	return 0;
}
