/* SPDX-License-Identifier: MIT */
/* Anthropic's POST /v1/messages/count_tokens: the answer is one number. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/anthropic.h"
#include "dialects/upstream_error.h"

int anthropic_read_count(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct jfield f[] = {{.name = "input_tokens"}, {.name = "error"}};
	int64_t n;

	(void)arena;
	if (jscan_object(body.at, body.len, f, 2, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[1].value))
		return upstream_error_inside(f[1].value, err);
	if (!jspan_int(f[0].value, &n) || n < 0)
		return err_set(err, ERR_INVALID, "the answer has no input_tokens");
	usage_set(&ret->reading.usage, USAGE_INPUT, n, USAGE_REPORTED);
	ret->reading.started = ret->reading.ended = true;
	return 0;
}

void anthropic_write_count(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	(void)w;
	(void)cost_nusd;
	buf_printf(out, "{\"input_tokens\":%" PRId64 "}", usage_get(&a->reading.usage, USAGE_INPUT));
}
