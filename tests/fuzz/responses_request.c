/* SPDX-License-Identifier: MIT */
/* Any bytes are a request of OpenAI's responses, one to count its tokens, or one of completions; or a chat that becomes a response. */
#include "dialects.h"

static void become_response(const unsigned char *data, size_t len)
{
	static const struct endpoint endpoints[] = {{.dialect = &openai_responses, .path = "/responses"}, {.dialect = NULL}};
	static const struct provider_kind kind = {.name = "responses", .endpoints = endpoints};
	struct request_facts facts;
	const char *param = NULL;
	struct err err = {0};
	char *body = malloc(len + 1);

	memcpy(body, data, len);
	body[len] = '\0';
	request_facts_init(&facts);
	if (openai_chat.scan_request(body, len, &facts, &param, &err) == 0)
		translate_request(&openai_chat, body, len, &facts, &kind, true);
	free(body);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	try_request(&openai_responses, data, len);
	try_request(&openai_count, data, len);
	try_request(&openai_completions, data, len);
	become_response(data, len);
	return 0;
}
