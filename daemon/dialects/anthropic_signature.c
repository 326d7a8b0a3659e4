/* SPDX-License-Identifier: MIT */
/* Signatures of others are marked as such here, and the marks are read again. */
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/anthropic.h"

/* "tollgate.1.WHOSE.ID.SIGNATURE": neither ids nor signatures, which are base64, have dots in them. */
static const char mark[] = ANTHROPIC_MARK;

static const struct {
	const char *name;
	enum signer signer;
	bool of_call;
} whose[] = {
	{"google", SIGNER_GOOGLE, false},
	{"google-call", SIGNER_GOOGLE, true},
	{"openai", SIGNER_OPENAI, false},
	{"xai", SIGNER_XAI, false},
};

/* What nobody signed. */
static const char unsigned_mark[] = ANTHROPIC_MARK "unsigned..";

static void put_inner(struct buf *out, struct jspan string)
{
	if (jspan_is_string(string))
		buf_add(out, string.at + 1, string.len - 2);
}

void anthropic_put_signature(struct buf *out, struct jspan signature, enum signer signer, struct jspan id, bool of_call)
{
	buf_putc(out, '"');
	if (!span_has_text(signature))
		buf_puts(out, unsigned_mark);
	for (size_t i = 0; i < ARRAY_LEN(whose) && span_has_text(signature); i++) {
		if (whose[i].of_call != of_call || (whose[i].signer != signer && !of_call))
			continue;
		buf_printf(out, "%s%s.", mark, whose[i].name);
		put_inner(out, id);
		buf_putc(out, '.');
		break;
	}
	put_inner(out, signature);
	buf_putc(out, '"');
}

/* As a JSON string of its own. */
static struct jspan quoted(struct arena *arena, const char *at, size_t len)
{
	char *text;

	if (len == 0)
		return (struct jspan){0};
	text = arena_alloc(arena, len + 2);
	text[0] = text[len + 1] = '"';
	memcpy(text + 1, at, len);
	return (struct jspan){text, len + 2};
}

bool anthropic_is_marked(struct jspan signature)
{
	return jspan_is_string(signature) && signature.len > sizeof(mark) && memcmp(signature.at + 1, mark, sizeof(mark) - 1) == 0;
}

bool anthropic_unmark(struct arena *arena, struct jspan signature, struct part *ret)
{
	const char *at, *end, *dot;

	if (!span_has_text(signature))
		return false;
	ret->signature = signature;
	ret->signer = SIGNER_ANTHROPIC;
	at = signature.at + sizeof(mark);
	end = signature.at + signature.len - 1;
	if (!anthropic_is_marked(signature))
		return false;
	if (jspan_equals(signature, unsigned_mark)) {
		ret->signature = (struct jspan){0};
		ret->signer = SIGNER_UNSAID;
		return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(whose); i++) {
		size_t len = strlen(whose[i].name);

		if ((size_t)(end - at) <= len || memcmp(at, whose[i].name, len) != 0 || at[len] != '.')
			continue;
		at += len + 1;
		dot = memchr(at, '.', (size_t)(end - at));
		if (dot == NULL)
			return false;
		ret->id = quoted(arena, at, (size_t)(dot - at));
		ret->signature = quoted(arena, dot + 1, (size_t)(end - dot - 1));
		ret->signer = whose[i].signer;
		return whose[i].of_call;
	}
	return false;
}
