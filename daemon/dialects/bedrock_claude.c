/* SPDX-License-Identifier: MIT */
/*
 * Claude on Bedrock, in Anthropic's own dialect (POST /model/{model}/invoke and /invoke-with-response-stream):
 * what clients of Anthropic's messages say passes through, but for the few things that stand elsewhere there.
 * Reference: Amazon Bedrock User Guide, "Anthropic Claude Messages API".
 */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/anthropic.h"
#include "dialects/bedrock.h"
#include "dialects/interpreter.h"
#include "dialects/patch.h"

/* What Bedrock knows of Anthropic's betas: it refuses a whole request for one it does not know. */
static const char *const betas[] = {
	"compact-2026-01-12",
	"computer-use-2024-10-22",
	"computer-use-2025-01-24",
	"computer-use-2025-11-24",
	"context-1m-2025-08-07",
	"context-management-2025-06-27",
	"dev-full-thinking-2025-05-14",
	"effort-2025-11-24",
	"fine-grained-tool-streaming-2025-05-14",
	"interleaved-thinking-2025-05-14",
	"output-128k-2025-02-19",
	"token-efficient-tools-2025-02-19",
	"tool-examples-2025-10-29",
	"tool-search-tool-2025-10-19",
};

static bool is_known(const char *beta, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(betas); i++)
		if (strlen(betas[i]) == len && memcmp(betas[i], beta, len) == 0)
			return true;
	return false;
}

/* A header elsewhere ("a, b"), a list in the body here. */
static void put_betas(const char *header, struct buf *out)
{
	unsigned n = 0;
	size_t len;

	for (const char *at = header; *at != '\0'; at += len) {
		at += strspn(at, ", \t");
		len = strcspn(at, ", \t");
		if (!is_known(at, len))
			continue;
		buf_puts(out, n++ == 0 ? ",\"anthropic_beta\":[" : ",");
		buf_json_string(out, at, len);
	}
	if (n > 0)
		buf_putc(out, ']');
}

/* The model and whether it streams are said by the path. */
static void adapt_request(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			  struct patch *p)
{
	static const char *const gone[] = {"model", "stream", "anthropic_version", NULL};
	struct buf *added;

	patch_remove(p, body, gone);
	anthropic_adapt_rest(body, facts, target, p);
	added = patch_insert(p, body, true);
	buf_puts(added, "\"anthropic_version\":\"bedrock-2023-05-31\"");
	if (facts->betas != NULL && jspan_member(body, "anthropic_beta").at == NULL)
		put_betas(facts->betas, added);
}

const struct dialect anthropic_bedrock = {
	.name = "anthropic_bedrock",
	.operation = OPERATION_CHAT,
	.same_as = &anthropic,
	.framing = FRAMING_BEDROCK_CHUNKS,
	.read_error = bedrock_read_error,
	.adapt_request = adapt_request,
	.read_answer = anthropic_read_answer,
	.read_event = anthropic_read_event,
};
