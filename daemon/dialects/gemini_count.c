/* SPDX-License-Identifier: MIT */
/*
 * Google's POST …/models/{model}:countTokens: the answer is one number.
 *
 * Contents alone stand in the body; with anything beside them the AI Studio takes a whole request in
 * generateContentRequest, which names its model, and Vertex AI the members as they are.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/gemini.h"
#include "dialects/interpreter.h"
#include "dialects/patch.h"
#include "dialects/provider_kind.h"
#include "dialects/upstream_error.h"

/* The request in the request, or the body itself. */
static struct jspan inner_request(struct jspan body)
{
	struct jspan inner = gemini_said(body, "generateContentRequest");

	return jspan_is_object(inner) ? inner : body;
}

int gemini_scan_count(const char *body, size_t len, struct request_facts *ret, const char **ret_param, struct err *err)
{
	struct jspan inner;
	int r;

	if (jscan_object(body, len, NULL, 0, err) < 0)
		return ERR_INVALID;
	inner = inner_request(jspan_trim(body, len));
	r = gemini_scan_request(inner.at, inner.len, ret, ret_param, err);
	/* Nothing is generated. */
	ret->max_output = -1;
	ret->num_choices = 1;
	return r;
}

/* "models/…", in quotes. */
static void put_model(struct buf *out, const struct interpreter_target *target)
{
	buf_puts(out, "\"models/");
	buf_puts(out, target->model);
	buf_putc(out, '"');
}

/* What is around the inner request goes. */
static void unwrap(struct jspan body, struct jspan inner, struct patch *p)
{
	const char *end = inner.at + inner.len;

	patch_replace(p, (struct jspan){body.at, (size_t)(inner.at - body.at)});
	patch_replace(p, (struct jspan){end, (size_t)(body.at + body.len - end)});
}

void gemini_adapt_count(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			struct patch *p)
{
	static const char *const gone[] = {"model", NULL};
	struct jspan inner = inner_request(body), model = said(inner, "model");
	bool wrapped = inner.at != body.at, is_vertex = target->quirks & QUIRK_VERTEX;

	(void)facts;
	if (wrapped && is_vertex)
		unwrap(body, inner, p);
	if (wrapped && !is_vertex && model.at != NULL)
		put_model(patch_replace(p, model), target);
	else if (model.at != NULL)
		patch_remove(p, inner, gone);
}

int gemini_read_count_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	return gemini_read_request(inner_request(body), arena, ret, err);
}

int gemini_write_count_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			       struct err *err)
{
	struct conversation counted = *c;
	struct interpreter_target unlimited = *target;
	struct buf request;
	int r;

	/* What only matters while something is generated counts for nothing. */
	memset(counted.params, 0, sizeof(counted.params));
	counted.max_output = unlimited.max_output = -1;
	if (target->quirks & QUIRK_VERTEX)
		return gemini_write_request(&counted, &unlimited, out, err);
	buf_init(&request, out->max);
	r = gemini_write_request(&counted, &unlimited, &request, err);
	if (r == 0 && !request.failed) {
		buf_puts(out, "{\"generateContentRequest\":{\"model\":");
		put_model(out, target);
		buf_putc(out, ',');
		buf_add(out, request.data + 1, request.len - 1);
		buf_putc(out, '}');
	}
	out->failed |= request.failed;
	buf_release(&request);
	return r;
}

int gemini_read_count(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	struct jfield f[] = {{.name = "totalTokens"}, {.name = "cachedContentTokenCount"}, {.name = "error"}};
	int64_t n;

	(void)arena;
	if (jscan_object(body.at, body.len, f, 3, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[2].value))
		return upstream_error_inside(f[2].value, err);
	if (!jspan_int(f[0].value, &n) || n < 0)
		return err_set(err, ERR_INVALID, "the answer has no totalTokens");
	usage_set(&ret->reading.usage, USAGE_INPUT, n, USAGE_REPORTED);
	if (jspan_int(f[1].value, &n))
		usage_set(&ret->reading.usage, USAGE_CACHE_READ, n, USAGE_REPORTED);
	ret->reading.started = ret->reading.ended = true;
	return 0;
}

void gemini_write_count(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	(void)w;
	(void)cost_nusd;
	buf_printf(out, "{\"totalTokens\":%" PRId64 "}", usage_get(&a->reading.usage, USAGE_INPUT));
}
