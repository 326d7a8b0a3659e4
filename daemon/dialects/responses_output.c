/* SPDX-License-Identifier: MIT */
/* Answers and streams of OpenAI's Responses dialect are written from the internal form here. */
#include <inttypes.h>

#include "base/buf.h"
#include "dialects/responses.h"

/* Clients expect the details, known or not. */
void responses_write_usage(const struct usage *u, bool with_cost, int64_t cost_nusd, struct buf *out)
{
	int64_t input = usage_get(u, USAGE_INPUT), output = usage_get(u, USAGE_OUTPUT);

	buf_printf(out, "{\"input_tokens\":%" PRId64 ",\"input_tokens_details\":{\"cached_tokens\":%" PRId64, input,
		   usage_get(u, USAGE_CACHE_READ));
	if (u->source[USAGE_CACHE_WRITE_5M] != USAGE_NONE || u->source[USAGE_CACHE_WRITE_1H] != USAGE_NONE)
		buf_printf(out, ",\"cache_write_tokens\":%" PRId64,
			   usage_get(u, USAGE_CACHE_WRITE_5M) + usage_get(u, USAGE_CACHE_WRITE_1H));
	buf_printf(out, "},\"output_tokens\":%" PRId64 ",\"output_tokens_details\":{\"reasoning_tokens\":%" PRId64
		   "},\"total_tokens\":%" PRId64, output, usage_get(u, USAGE_REASONING), input + output);
	if (with_cost) {
		buf_putc(out, ',');
		openai_write_cost(cost_nusd, out);
	}
	buf_putc(out, '}');
}
