/* SPDX-License-Identifier: MIT */
/*
 * Reasoning that our marks say is another provider's, or nobody's, is taken out of requests that pass through to
 * Anthropic, which refuses a conversation for it: an earlier turn of the same was answered by somebody else.
 */
#include <string.h>

#include "base/buf.h"
#include "dialects/anthropic.h"
#include "dialects/patch.h"

static bool is_foreign(struct jspan block)
{
	struct jfield f[] = {{.name = "type"}, {.name = "signature"}, {.name = "data"}};

	if (!jspan_fields(block, f, 3))
		return false;
	if (jspan_equals(f[0].value, "thinking"))
		return anthropic_is_marked(f[1].value);
	return jspan_equals(f[0].value, "redacted_thinking") && anthropic_is_marked(f[2].value);
}

static bool is_result(struct jspan block)
{
	return jspan_equals(jspan_member(block, "type"), "tool_result");
}

static bool any(struct jspan content, bool (*is)(struct jspan))
{
	struct jspan block = {0};

	while (jspan_next_item(content, &block))
		if (is(block))
			return true;
	return false;
}

/* Anthropic takes no message without content. */
static void take_out_of(struct jspan content, struct patch *p)
{
	struct jspan block = {0};
	size_t others = 0;

	while (jspan_next_item(content, &block))
		others += !is_foreign(block);
	if (others > 0)
		patch_remove_items(p, content, is_foreign);
	else
		buf_puts(patch_replace(p, content), "[{\"type\":\"text\",\"text\":\"…\"}]");
}

/* With thinking on, a turn that called tools has to begin with what was thought: it is finished without. */
static void stop_thinking(struct jspan body, struct patch *p)
{
	struct jfield f[] = {{.name = "thinking"}, {.name = "context_management"}};

	jspan_fields(body, f, 2);
	if (f[0].value.at != NULL)
		buf_puts(patch_replace(p, f[0].value), "{\"type\":\"disabled\"}");
	if (f[1].value.at != NULL)
		buf_puts(patch_replace(p, f[1].value), "{\"edits\":[]}");
}

void anthropic_take_out_foreign(struct jspan body, struct jspan messages, struct patch *p)
{
	struct jspan message = {0};
	bool in_turn = false;

	/* A body without any is not looked at block by block. */
	if (memmem(body.at, body.len, ANTHROPIC_MARK, strlen(ANTHROPIC_MARK)) == NULL)
		return;
	while (jspan_next_item(messages, &message)) {
		struct jfield f[] = {{.name = "role"}, {.name = "content"}};

		if (!jspan_fields(message, f, 2))
			continue;
		if (!jspan_equals(f[0].value, "assistant")) {
			in_turn = in_turn && any(f[1].value, is_result);
		} else if (any(f[1].value, is_foreign)) {
			take_out_of(f[1].value, p);
			in_turn = true;
		}
	}
	if (in_turn)
		stop_thinking(body, p);
}
