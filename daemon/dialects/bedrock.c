/* SPDX-License-Identifier: MIT */
/*
 * Amazon Bedrock's dialects (POST /model/{model}/converse, /converse-stream and /count-tokens), as targets.
 * Reference: Amazon Bedrock API Reference, Converse, ConverseStream and CountTokens.
 */
#include "dialects/bedrock.h"

#include <string.h>

#include "base/mem.h"
#include "dialects/upstream_error.h"

#define TOP_K .top_k = {"\"top_k\":", ""}
#define NOVA_TOP_K .top_k = {"\"inferenceConfig\":{\"topK\":", "}"}

/* First match wins.  The ARN of an account's own profile does not tell whose model is behind it. */
static const struct bedrock_family families[] = {
	{.word = "claude-3", .reasoning = BEDROCK_REASONS_CLAUDE, TOP_K, .caches = true},
	{.word = "claude-sonnet-4-2", .reasoning = BEDROCK_REASONS_CLAUDE, TOP_K, .caches = true},
	{.word = "claude-opus-4-2", .reasoning = BEDROCK_REASONS_CLAUDE, TOP_K, .caches = true},
	{.word = "claude-opus-4-1", .reasoning = BEDROCK_REASONS_CLAUDE, TOP_K, .caches = true},
	{.word = "claude", .reasoning = BEDROCK_REASONS_CLAUDE, TOP_K, .caches = true, .strict = true},
	{.word = "nova-2", .reasoning = BEDROCK_REASONS_NOVA, NOVA_TOP_K, .caches = true, .strict = true},
	{.word = "nova", NOVA_TOP_K, .caches = true},
	{.word = "gpt-oss", .reasoning = BEDROCK_REASONS_OPENAI},
	{.word = "qwen", .reasoning = BEDROCK_REASONS_CONFIG},
	{.word = "mistral", TOP_K},
	{.word = "cohere", .top_k = {"\"k\":", ""}},
	{.word = "meta."},
	{.word = "deepseek"},
	{.word = "foundation-model"},
	{.word = "arn:", .caches = true},
	{.word = ""},
};

const struct bedrock_family *bedrock_family_of(const char *model)
{
	const struct bedrock_family *f = families;

	while (strstr(model, f->word) == NULL)
		f++;
	return f;
}

/* {"message": …}; what checks signatures before a model is reached says {"Message": …}. */
void bedrock_read_error(const char *body, size_t len, struct upstream_error *ret)
{
	struct jfield message = {.name = "Message"};
	struct upstream_error inner;

	upstream_error_read(body, len, ret);
	if (ret->message[0] != '\0' || jscan_object(body, len, &message, 1, NULL) < 0 || message.value.at == NULL)
		return;
	upstream_error_from(message.value, &inner);
	copy_text(ret->message, sizeof(ret->message), inner.message);
}

const struct dialect bedrock = {
	.name = "bedrock",
	.operation = OPERATION_CHAT,
	.framing = FRAMING_EVENTSTREAM,
	.read_error = bedrock_read_error,
	.write_request = bedrock_write_request,
	.read_answer = bedrock_read_answer,
	.read_event = bedrock_read_event,
};

const struct dialect bedrock_count = {
	.name = "bedrock_count",
	.operation = OPERATION_COUNT,
	.read_error = bedrock_read_error,
	.write_request = bedrock_write_count_request,
	.read_answer = bedrock_read_count,
};
