/* SPDX-License-Identifier: MIT */
/* Whole answers of Anthropic's dialect are written from the internal form here, and what streams share with them. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/anthropic.h"

/* What stopped an answer that does not say so is its end. */
const char *anthropic_stop_reason(enum finish_reason reason)
{
	static const char *const names[] = {
		[FINISH_NONE] = "end_turn",
		[FINISH_STOP] = "end_turn",
		[FINISH_LENGTH] = "max_tokens",
		[FINISH_TOOL_CALLS] = "tool_use",
		[FINISH_CONTENT_FILTER] = "refusal",
		[FINISH_ERROR] = "end_turn",
	};

	return names[reason];
}

/* OpenAI's models "stop" at a tool they were made to call, and where they refuse; Anthropic's clients go by the reason. */
enum finish_reason anthropic_finish(enum finish_reason said, bool has_calls, bool refuses)
{
	if (said != FINISH_NONE && said != FINISH_STOP)
		return said;
	return has_calls ? FINISH_TOOL_CALLS : refuses ? FINISH_CONTENT_FILTER : said;
}

/* Cached tokens are counted beside input_tokens, not in it. */
void anthropic_write_usage(const struct usage *u, struct buf *out)
{
	int64_t read = usage_get(u, USAGE_CACHE_READ), written_5m = usage_get(u, USAGE_CACHE_WRITE_5M);
	int64_t written_1h = usage_get(u, USAGE_CACHE_WRITE_1H);
	int64_t rest = usage_get(u, USAGE_INPUT) - read - written_5m - written_1h;

	buf_printf(out, "{\"input_tokens\":%" PRId64 ",\"cache_creation_input_tokens\":%" PRId64
		   ",\"cache_read_input_tokens\":%" PRId64 ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":%" PRId64
		   ",\"ephemeral_1h_input_tokens\":%" PRId64 "},\"output_tokens\":%" PRId64,
		   rest > 0 ? rest : 0, written_5m + written_1h, read, written_5m, written_1h, usage_get(u, USAGE_OUTPUT));
	if (u->source[USAGE_REASONING] != USAGE_NONE)
		buf_printf(out, ",\"output_tokens_details\":{\"thinking_tokens\":%" PRId64 "}",
			   usage_get(u, USAGE_REASONING));
	buf_putc(out, '}');
}

static void put_thinking(struct buf *out, const struct part *p)
{
	buf_puts(out, "{\"type\":\"thinking\",\"thinking\":");
	if (p->text.at != NULL)
		put_span(out, p->text);
	else
		buf_puts(out, "\"\"");
	buf_puts(out, ",\"signature\":");
	anthropic_put_signature(out, p->signature, p->signer, p->id, false);
	buf_putc(out, '}');
}

static void put_call(struct buf *out, const struct part *p)
{
	if (p->signature.at != NULL) {
		buf_puts(out, "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":");
		anthropic_put_signature(out, p->signature, p->signer, (struct jspan){0}, true);
		buf_puts(out, "},");
	}
	buf_puts(out, "{\"type\":\"tool_use\",\"id\":");
	put_span(out, p->id);
	buf_puts(out, ",\"name\":");
	put_span(out, p->name);
	buf_puts(out, ",\"input\":");
	anthropic_put_input(out, p->arguments);
	buf_putc(out, '}');
}

static bool has_words(const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		return span_has_text(p->text);
	case PART_REASONING:
		return span_has_text(p->text) || p->signature.at != NULL;
	case PART_TOOL_CALL:
		return true;
	case PART_IMAGE:
	case PART_DOCUMENT:
	case PART_TOOL_RESULT:
		break;
	}
	return false;
}

static void put_block(struct buf *out, const struct part *p)
{
	if (p->kind == PART_TOOL_CALL) {
		put_call(out, p);
	} else if (p->kind == PART_REASONING && p->encrypted && p->text.at == NULL) {
		buf_puts(out, "{\"type\":\"redacted_thinking\",\"data\":");
		anthropic_put_signature(out, p->signature, p->signer, p->id, false);
		buf_putc(out, '}');
	} else if (p->kind == PART_REASONING) {
		put_thinking(out, p);
	} else {
		buf_puts(out, "{\"type\":\"text\"");
		put_member(out, "text", p->text);
		buf_putc(out, '}');
	}
}

static bool has(const struct part *p, enum part_kind kind)
{
	while (p != NULL && p->kind != kind)
		p = p->next;
	return p != NULL;
}

void anthropic_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	const struct choice *c = a->choices;
	enum finish_reason finish;
	unsigned n = 0;

	(void)cost_nusd;
	buf_puts(out, "{\"id\":");
	buf_json_string(out, w->id, strlen(w->id));
	buf_puts(out, ",\"type\":\"message\",\"role\":\"assistant\",\"model\":");
	buf_json_string(out, w->model, strlen(w->model));
	buf_puts(out, ",\"content\":[");
	for (const struct part *p = c->parts; p != NULL; p = p->next) {
		if (!has_words(p))
			continue;
		if (n++ > 0)
			buf_putc(out, ',');
		put_block(out, p);
	}
	finish = anthropic_finish(c->finish, has(c->parts, PART_TOOL_CALL), has(c->parts, PART_REFUSAL));
	buf_printf(out, "],\"stop_reason\":\"%s\",\"stop_sequence\":null,\"usage\":", anthropic_stop_reason(finish));
	anthropic_write_usage(&a->reading.usage, out);
	buf_putc(out, '}');
}
