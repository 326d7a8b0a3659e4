/* SPDX-License-Identifier: MIT */
/*
 * How likely each token was: Google's logprobsResult is read and written here.
 *
 * The internal form is OpenAI's, token by token with what else might have come; Google has two lists of
 * the same length instead.
 */
#include "base/buf.h"
#include "dialects/gemini.h"

/* OpenAI has a token's bytes as well, since a character may be cut between two. */
static void put_bytes(struct buf *out, struct jspan token)
{
	struct buf text;

	buf_init(&text, token.len);
	jspan_text(token, &text);
	buf_putc(out, '[');
	for (size_t i = 0; i < text.len; i++)
		buf_printf(out, "%s%d", i > 0 ? "," : "", (unsigned char)text.data[i]);
	buf_putc(out, ']');
	buf_release(&text);
}

/* Opens one of OpenAI's tokens. */
static void put_token(struct buf *out, struct jspan candidate)
{
	struct jfield f[] = {{.name = "token"}, {.name = "logProbability"}};

	jspan_fields(candidate, f, 2);
	buf_puts(out, "{\"token\":");
	buf_add(out, jspan_is_string(f[0].value) ? f[0].value.at : "\"\"", jspan_is_string(f[0].value) ? f[0].value.len : 2);
	buf_puts(out, ",\"logprob\":");
	buf_add(out, f[1].value.at != NULL ? f[1].value.at : "0", f[1].value.at != NULL ? f[1].value.len : 1);
	buf_puts(out, ",\"bytes\":");
	put_bytes(out, f[0].value);
}

static void put_tops(struct buf *out, struct jspan top)
{
	struct jspan item = {0};
	unsigned n = 0;

	buf_puts(out, ",\"top_logprobs\":[");
	while (jspan_next_item(said(top, "candidates"), &item)) {
		buf_puts(out, n++ > 0 ? "," : "");
		put_token(out, item);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

bool gemini_read_logprobs(struct jspan result, struct buf *out)
{
	struct jspan chosen = said(result, "chosenCandidates"), tops = said(result, "topCandidates");
	struct jspan item = {0}, top = {0};
	unsigned n = 0;

	if (!jspan_is_array(chosen))
		return false;
	buf_puts(out, "{\"content\":[");
	while (jspan_next_item(chosen, &item)) {
		bool has_top = jspan_next_item(tops, &top);

		buf_puts(out, n++ > 0 ? "," : "");
		put_token(out, item);
		put_tops(out, has_top ? top : (struct jspan){0});
		buf_putc(out, '}');
	}
	buf_puts(out, "],\"refusal\":null}");
	return !out->failed;
}

static void put_candidate(struct buf *out, struct jspan token)
{
	buf_puts(out, "{\"token\":");
	put_span(out, said(token, "token"));
	put_member(out, "logProbability", said(token, "logprob"));
	buf_putc(out, '}');
}

void gemini_put_logprobs(struct buf *out, struct jspan logprobs)
{
	struct jspan content = said(logprobs, "content"), item = {0}, top;
	unsigned n = 0, k;

	if (!jspan_is_array(content))
		return;
	buf_puts(out, ",\"logprobsResult\":{\"chosenCandidates\":[");
	for (; jspan_next_item(content, &item); n++) {
		buf_puts(out, n > 0 ? "," : "");
		put_candidate(out, item);
	}
	buf_puts(out, "],\"topCandidates\":[");
	item = (struct jspan){0};
	for (n = 0; jspan_next_item(content, &item); n++) {
		buf_puts(out, n > 0 ? ",{\"candidates\":[" : "{\"candidates\":[");
		top = (struct jspan){0};
		for (k = 0; jspan_next_item(said(item, "top_logprobs"), &top); k++) {
			buf_puts(out, k > 0 ? "," : "");
			put_candidate(out, top);
		}
		buf_puts(out, "]}");
	}
	buf_puts(out, "]}");
}
