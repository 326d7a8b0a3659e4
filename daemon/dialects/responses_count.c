/* SPDX-License-Identifier: MIT */
/* OpenAI's POST /v1/responses/input_tokens: how many tokens the input of a response would be. */
#include <inttypes.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/interpreter.h"
#include "dialects/responses.h"
#include "dialects/upstream_error.h"

static int read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
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

static void write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	(void)w;
	(void)cost_nusd;
	buf_printf(out, "{\"object\":\"response.input_tokens\",\"input_tokens\":%" PRId64 "}",
		   usage_get(&a->reading.usage, USAGE_INPUT));
}

/* There is no output to have a ceiling. */
static void adapt_request(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			  struct patch *p)
{
	struct interpreter_target counted = *target;

	counted.max_output = -1;
	openai_responses.adapt_request(body, facts, &counted, p);
}

static int scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	int r = openai_responses.scan_request(body, len, ret, ret_param, err);

	ret->stream = false;
	return r;
}

const struct dialect openai_count = {
	.name = "openai_count",
	.operation = OPERATION_COUNT,
	.scan_request = scan_request,
	.write_error = openai_write_error,
	.write_stream_error = openai_write_stream_error,
	.read_error = upstream_error_read,
	.adapt_request = adapt_request,
	.read_request = responses_read_request,
	.write_request = responses_write_count_request,
	.read_answer = read_answer,
	.write_answer = write_answer,
};
