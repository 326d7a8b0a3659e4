/* SPDX-License-Identifier: MIT */
/*
 * What OpenAI's clients say is put into Mistral's words here: random_seed, tool_choice any, max_tokens, ids of
 * calls that are nine letters or digits, and a prefix where the assistant has the last word.
 */
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "dialects/openai.h"
#include "dialects/patch.h"

enum { ID_LEN = 9 };

static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool is_id(struct jspan id)
{
	return id.len == ID_LEN + 2 && strspn(id.at + 1, letters) == ID_LEN;
}

/* Of what was made elsewhere; the same id always becomes the same. */
static void adapt_id(struct jspan id, struct patch *p)
{
	unsigned char hash[HASH_BYTES];
	char made[ID_LEN];

	if (!jspan_is_string(id) || is_id(id))
		return;
	hash_sha256(id.at, id.len, hash);
	for (int i = 0; i < ID_LEN; i++)
		made[i] = letters[hash[i] % (sizeof(letters) - 1)];
	buf_json_string(patch_replace(p, id), made, ID_LEN);
}

static void adapt_message(struct jspan message, bool last, struct patch *p)
{
	enum { ROLE, TOOL_CALLS, TOOL_CALL_ID, PREFIX, N };
	struct jfield f[N] = {{.name = "role"}, {.name = "tool_calls"}, {.name = "tool_call_id"}, {.name = "prefix"}};
	struct jspan call = {0};

	if (!jspan_fields(message, f, N))
		return;
	adapt_id(f[TOOL_CALL_ID].value, p);
	while (jspan_next_item(f[TOOL_CALLS].value, &call))
		adapt_id(jspan_member(call, "id"), p);
	if (last && jspan_equals(f[ROLE].value, "assistant") && jspan_is_null(f[TOOL_CALLS].value) && f[PREFIX].value.at == NULL)
		buf_puts(patch_insert(p, message, true), "\"prefix\":true");
}

static void adapt_messages(struct jspan messages, struct patch *p)
{
	struct jspan item = {0}, next = {0};

	for (bool more = jspan_next_item(messages, &next); more;) {
		item = next;
		more = jspan_next_item(messages, &next);
		adapt_message(item, !more, p);
	}
}

/* Both names may be said; OpenAI's younger one counts. */
const char *openai_mistral_gone(struct jspan body)
{
	bool old = !jspan_is_null(jspan_member(body, "max_tokens"));
	struct jspan young = jspan_member(body, "max_completion_tokens");

	if (young.at == NULL || (!old && !jspan_is_null(young)))
		return NULL;
	return jspan_is_null(young) ? "max_completion_tokens" : "max_tokens";
}

void openai_adapt_to_mistral(struct jspan body, struct patch *p)
{
	static const struct {
		const char *name, *theirs;
	} names[] = {{"seed", "random_seed"}, {"max_completion_tokens", "max_tokens"}};
	const char *gone = openai_mistral_gone(body);
	struct jmember m = {{0}, {0}};

	while (jspan_next_member(body, &m)) {
		if (gone != NULL && jspan_equals(m.name, gone))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (jspan_equals(m.name, names[i].name))
				buf_json_string(patch_replace(p, m.name), names[i].theirs, strlen(names[i].theirs));
		if (jspan_equals(m.name, "tool_choice") && jspan_equals(m.value, "required"))
			buf_puts(patch_replace(p, m.value), "\"any\"");
		if (jspan_equals(m.name, "messages"))
			adapt_messages(m.value, p);
	}
}
