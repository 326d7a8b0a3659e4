/* SPDX-License-Identifier: MIT */
/*
 * Signatures travel through Google's clients here.
 *
 * thoughtSignature is bytes: base64, which some clients decode and encode again in its other alphabet.
 * Google's own go as they are.  What others signed goes in a small object of ours, in base64, that says
 * who they are: so it comes back whole, and goes to nobody else.
 */
#include <sodium.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/gemini.h"

/* The first bytes of such an object. */
static const char mark[] = "{\"tollgate\":";

static void put_base64(struct buf *out, const struct buf *bytes)
{
	size_t room = sodium_base64_ENCODED_LEN(bytes->len, sodium_base64_VARIANT_ORIGINAL);
	char *text = buf_reserve(out, room);

	if (text == NULL)
		return;
	sodium_bin2base64(text, room, (const unsigned char *)bytes->data, bytes->len, sodium_base64_VARIANT_ORIGINAL);
	buf_commit(out, room - 1);
}

void gemini_put_signature(struct buf *out, const struct gemini_signature *s)
{
	struct buf bytes;

	buf_puts(out, ",\"thoughtSignature\":");
	if (s->signer == SIGNER_GOOGLE || s->signer == SIGNER_UNSAID) {
		put_span(out, s->text);
		return;
	}
	buf_init(&bytes, s->text.len + s->id.len + 256);
	buf_printf(&bytes, "%s\"%s\",\"encrypted\":%s", mark, signer_format(s->signer), s->encrypted ? "true" : "false");
	put_member(&bytes, "id", s->id);
	put_member(&bytes, "signature", s->text);
	buf_putc(&bytes, '}');
	buf_putc(out, '"');
	put_base64(out, &bytes);
	buf_putc(out, '"');
	buf_release(&bytes);
}

/* Our object's bytes, in the arena; none when it is none. */
static struct jspan unwrap(struct jspan text, struct arena *arena)
{
	struct jspan bytes = {.at = arena_alloc(arena, text.len), .len = 0};
	struct buf plain;

	buf_init(&plain, text.len);
	jspan_text(text, &plain);
	for (size_t i = 0; i < plain.len; i++)
		plain.data[i] = plain.data[i] == '-' ? '+' : plain.data[i] == '_' ? '/' : plain.data[i];
	while (plain.len > 0 && plain.data[plain.len - 1] == '=')
		plain.data[--plain.len] = '\0';
	if (sodium_base642bin((unsigned char *)bytes.at, text.len, plain.data, plain.len, NULL, &bytes.len, NULL,
			      sodium_base64_VARIANT_ORIGINAL_NO_PADDING) != 0 ||
	    bytes.len < sizeof(mark) || memcmp(bytes.at, mark, sizeof(mark) - 1) != 0)
		bytes = (struct jspan){0};
	buf_release(&plain);
	return bytes;
}

void gemini_read_signature(struct jspan text, struct arena *arena, struct gemini_signature *ret)
{
	struct jfield f[] = {{.name = "tollgate"}, {.name = "encrypted"}, {.name = "id"}, {.name = "signature"}};
	struct jspan ours;

	*ret = (struct gemini_signature){.signer = SIGNER_GOOGLE, .text = text};
	if (!span_has_text(text))
		return;
	ours = unwrap(text, arena);
	if (ours.at == NULL || jscan_object(ours.at, ours.len, f, 4, NULL) < 0 ||
	    !signer_of_format(f[0].value, &ret->signer))
		return;
	jspan_bool(f[1].value, &ret->encrypted);
	ret->id = f[2].value;
	ret->text = f[3].value;
}
