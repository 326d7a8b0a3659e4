/* SPDX-License-Identifier: MIT */
/*
 * Embeddings go between OpenAI's clients and those who make vectors in another dialect: Google's
 * batchEmbedContents and Cohere's embed, version 2.
 *
 * Google and Cohere want to know what a vector is for; OpenAI's clients may say so with input_type, as
 * Voyage's and Cohere's do.  Without a word texts are taken to be documents.
 */
#include "dialects/embeddings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"
#include "dialects/interpreter.h"
#include "dialects/openai.h"
#include "dialects/upstream_error.h"

/* -- what a vector is for ------------------------------------------------------------------------ */

static const struct purpose {
	const char *said, *cohere, *google;
} purposes[] = {
	{"document", "search_document", "RETRIEVAL_DOCUMENT"},
	{"search_document", "search_document", "RETRIEVAL_DOCUMENT"},
	{"query", "search_query", "RETRIEVAL_QUERY"},
	{"search_query", "search_query", "RETRIEVAL_QUERY"},
	{"classification", "classification", "CLASSIFICATION"},
	{"clustering", "clustering", "CLUSTERING"},
};

/* NULL: none of them. */
static const struct purpose *purpose_of(struct jspan said)
{
	for (size_t i = 0; i < ARRAY_LEN(purposes); i++)
		if (jspan_equals(said, purposes[i].said))
			return &purposes[i];
	return NULL;
}

/* -- OpenAI's requests --------------------------------------------------------------------------- */

static int add_input(struct arena *arena, struct input ***end, struct jspan text, struct err *err)
{
	struct input *input;

	if (!jspan_is_string(text))
		return err_set(err, ERR_INVALID, "input: only text can be put into another dialect; send no lists of tokens");
	input = ARENA_NEW(arena, struct input);
	input->text = text;
	**end = input;
	*end = &input->next;
	return 0;
}

static int read_inputs(struct jspan input, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct input **end = &ret->inputs;
	struct jspan item = {0};

	if (!jspan_is_array(input))
		return add_input(arena, &end, input, err);
	while (jspan_next_item(input, &item))
		if (add_input(arena, &end, item, err) < 0)
			return ERR_INVALID;
	return 0;
}

static int read_format(struct jspan format, struct conversation *ret, struct err *err)
{
	ret->base64 = jspan_equals(format, "base64");
	if (format.at == NULL || ret->base64 || jspan_equals(format, "float"))
		return 0;
	return err_set(err, ERR_INVALID, "encoding_format: expected float or base64");
}

int embeddings_read_request(struct jspan body, struct arena *arena, struct conversation *ret, struct err *err)
{
	struct jmember m = {{0}, {0}};
	int r = 0;

	while (r == 0 && jspan_next_member(body, &m)) {
		if (jspan_is_null(m.value) || jspan_equals(m.name, "model") || jspan_equals(m.name, "user"))
			continue;
		if (jspan_equals(m.name, "input"))
			r = read_inputs(m.value, arena, ret, err);
		else if (jspan_equals(m.name, "encoding_format"))
			r = read_format(m.value, ret, err);
		else if (jspan_equals(m.name, "dimensions") && jspan_int(m.value, &ret->dimensions) && ret->dimensions > 0)
			continue;
		else if (jspan_equals(m.name, "input_type") && purpose_of(m.value) != NULL)
			ret->purpose = m.value;
		else
			conversation_add_extra(ret, arena, m);
	}
	return r;
}

/* -- OpenAI's answers ---------------------------------------------------------------------------- */

/* Numbers as four bytes each, the lowest first: what OpenAI's own clients ask for. */
static void put_base64(struct buf *out, struct jspan numbers)
{
	struct jspan item = {0};
	struct buf bytes;

	buf_init(&bytes, numbers.len * 4 + 4);
	while (jspan_next_item(numbers, &item)) {
		char text[64];
		float value;
		uint32_t bits;

		copy_text(text, item.len < sizeof(text) ? item.len + 1 : sizeof(text), item.at);
		value = strtof(text, NULL);
		memcpy(&bits, &value, sizeof(bits));
		for (int i = 0; i < 4; i++)
			buf_putc(&bytes, (char)(bits >> 8 * i & 0xff));
	}
	buf_putc(out, '"');
	base64_encode(bytes.data, bytes.len, out);
	buf_putc(out, '"');
	buf_release(&bytes);
}

void embeddings_write_answer(const struct writing *w, const struct answer *a, int64_t cost_nusd, struct buf *out)
{
	int64_t input = usage_get(&a->reading.usage, USAGE_INPUT);
	unsigned n = 0;

	buf_puts(out, "{\"object\":\"list\",\"data\":[");
	for (const struct vector *v = a->vectors; v != NULL; v = v->next, n++) {
		buf_printf(out, "%s{\"object\":\"embedding\",\"index\":%u,\"embedding\":", n > 0 ? "," : "", n);
		if (w->base64)
			put_base64(out, v->numbers);
		else
			put_span(out, v->numbers);
		buf_putc(out, '}');
	}
	buf_puts(out, "],\"model\":");
	buf_json_string(out, w->model, strlen(w->model));
	buf_printf(out, ",\"usage\":{\"prompt_tokens\":%" PRId64 ",\"total_tokens\":%" PRId64, input, input);
	if (w->wants_cost) {
		buf_putc(out, ',');
		openai_write_cost(cost_nusd, out);
	}
	buf_puts(out, "}}");
}

/* -- others -------------------------------------------------------------------------------------- */

static int refuse_extras(const struct conversation *c, const struct interpreter_target *target, const char *title,
			 struct err *err)
{
	return conversation_check(c, 0, target->drop_params, title, err);
}

static void add_vector(struct arena *arena, struct vector ***end, struct jspan numbers)
{
	struct vector *v = ARENA_NEW(arena, struct vector);

	v->numbers = numbers;
	**end = v;
	*end = &v->next;
}

static int finish_answer(struct answer *ret, struct err *err)
{
	if (ret->vectors == NULL)
		return err_set(err, ERR_INVALID, "the answer has no vectors");
	ret->reading.finish = FINISH_STOP;
	ret->reading.started = ret->reading.ended = true;
	return 0;
}

static int google_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
				struct err *err)
{
	const struct purpose *purpose = purpose_of(c->purpose);
	char name[MODEL_TEXT + 8];

	snprintf(name, sizeof(name), "models/%s", target->model);
	if (refuse_extras(c, target, "Google", err) < 0)
		return ERR_INVALID;
	buf_puts(out, "{\"requests\":[");
	for (const struct input *i = c->inputs; i != NULL; i = i->next) {
		buf_puts(out, i != c->inputs ? ",{\"model\":" : "{\"model\":");
		buf_json_string(out, name, strlen(name));
		buf_puts(out, ",\"content\":{\"parts\":[{\"text\":");
		put_span(out, i->text);
		buf_puts(out, "}]}");
		if (purpose != NULL)
			buf_printf(out, ",\"taskType\":\"%s\"", purpose->google);
		if (c->dimensions > 0)
			buf_printf(out, ",\"outputDimensionality\":%" PRId64, c->dimensions);
		buf_putc(out, '}');
	}
	buf_puts(out, "]}");
	return 0;
}

static int google_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	enum { EMBEDDINGS, USAGE, ERROR, N };
	struct jfield f[N] = {{.name = "embeddings"}, {.name = "usageMetadata"}, {.name = "error"}};
	struct vector **end = &ret->vectors;
	struct jspan item = {0};

	if (jscan_object(body.at, body.len, f, N, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	while (jspan_next_item(f[EMBEDDINGS].value, &item))
		add_vector(arena, &end, said(item, "values"));
	gemini_read_usage(f[USAGE].value, &ret->reading.usage);
	return finish_answer(ret, err);
}

static int cohere_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
				struct err *err)
{
	const struct purpose *purpose = purpose_of(c->purpose);

	if (refuse_extras(c, target, "Cohere", err) < 0)
		return ERR_INVALID;
	buf_puts(out, "{\"model\":");
	buf_json_string(out, target->model, strlen(target->model));
	buf_printf(out, ",\"input_type\":\"%s\",\"embedding_types\":[\"float\"]", (purpose != NULL ? purpose : purposes)->cohere);
	if (c->dimensions > 0)
		buf_printf(out, ",\"output_dimension\":%" PRId64, c->dimensions);
	buf_puts(out, ",\"texts\":[");
	for (const struct input *i = c->inputs; i != NULL; i = i->next) {
		if (i != c->inputs)
			buf_putc(out, ',');
		put_span(out, i->text);
	}
	buf_puts(out, "]}");
	return 0;
}

static int cohere_read_answer(struct jspan body, struct arena *arena, struct answer *ret, struct err *err)
{
	enum { ID, EMBEDDINGS, META, MESSAGE, N };
	struct jfield f[N] = {{.name = "id"}, {.name = "embeddings"}, {.name = "meta"}, {.name = "message"}};
	struct vector **end = &ret->vectors;
	struct jspan item = {0};
	int64_t tokens;

	if (jscan_object(body.at, body.len, f, N, err) < 0)
		return ERR_INVALID;
	if (f[EMBEDDINGS].value.at == NULL && jspan_is_string(f[MESSAGE].value))
		return upstream_error_inside(body, err);
	jspan_copy_cut(f[ID].value, ret->reading.id, sizeof(ret->reading.id));
	while (jspan_next_item(said(f[EMBEDDINGS].value, "float"), &item))
		add_vector(arena, &end, item);
	if (jspan_int(said(said(f[META].value, "billed_units"), "input_tokens"), &tokens))
		usage_set(&ret->reading.usage, USAGE_INPUT, tokens, USAGE_REPORTED);
	return finish_answer(ret, err);
}

const struct dialect gemini_embeddings = {
	.name = "gemini_embeddings",
	.operation = OPERATION_EMBED,
	.read_error = upstream_error_read,
	.write_request = google_write_request,
	.read_answer = google_read_answer,
};

const struct dialect cohere_embeddings = {
	.name = "cohere_embeddings",
	.operation = OPERATION_EMBED,
	.read_error = upstream_error_read,
	.write_request = cohere_write_request,
	.read_answer = cohere_read_answer,
};
