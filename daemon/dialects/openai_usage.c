/* SPDX-License-Identifier: MIT */
/*
 * Usage objects of OpenAI's dialect are read and written here, with what each vendor does differently.
 *
 * cached tokens   prompt_tokens_details.cached_tokens; DeepSeek prompt_cache_hit_tokens, Mistral
 *                 num_cached_tokens, Together cached_tokens, Databricks cache_read_input_tokens
 * cache writes    prompt_tokens_details.cache_write_tokens (OpenAI, OpenRouter); Databricks and Vercel
 *                 cache_creation_input_tokens
 * reasoning       inside completion_tokens, except at xAI: there total = prompt + completion + reasoning
 * Responses       input_tokens, output_tokens and …_details of the same names
 * cost            OpenRouter cost, Perplexity cost.total_cost, xAI cost_in_usd_ticks (10^-10 USD)
 */
#include "dialects/openai.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/money.h"

enum place {
	IN_USAGE,
	IN_PROMPT,
	IN_COMPLETION,
	NUM_PLACES
};

/* In order: the first that is a number wins. */
static const struct source {
	enum place place;
	enum usage_field field;
	const char *name;
} sources[] = {
	{IN_USAGE, USAGE_INPUT, "prompt_tokens"},
	{IN_USAGE, USAGE_OUTPUT, "completion_tokens"},
	{IN_USAGE, USAGE_INPUT, "input_tokens"},
	{IN_USAGE, USAGE_OUTPUT, "output_tokens"},
	{IN_PROMPT, USAGE_CACHE_READ, "cached_tokens"},
	{IN_USAGE, USAGE_CACHE_READ, "prompt_cache_hit_tokens"},
	{IN_USAGE, USAGE_CACHE_READ, "num_cached_tokens"},
	{IN_USAGE, USAGE_CACHE_READ, "cached_tokens"},
	{IN_USAGE, USAGE_CACHE_READ, "cache_read_input_tokens"},
	{IN_PROMPT, USAGE_CACHE_WRITE_5M, "cache_write_tokens"},
	{IN_USAGE, USAGE_CACHE_WRITE_5M, "cache_creation_input_tokens"},
	{IN_PROMPT, USAGE_INPUT_AUDIO, "audio_tokens"},
	{IN_PROMPT, USAGE_INPUT_IMAGE, "image_tokens"},
	{IN_COMPLETION, USAGE_REASONING, "reasoning_tokens"},
	{IN_COMPLETION, USAGE_OUTPUT_AUDIO, "audio_tokens"},
	{IN_COMPLETION, USAGE_OUTPUT_IMAGE, "image_tokens"},
};

static void read_counts(struct jspan object, enum place place, struct usage *u)
{
	struct jfield f[ARRAY_LEN(sources)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		if (sources[i].place == place)
			f[n++].name = sources[i].name;
	if (!jspan_fields(object, f, n))
		return;
	n = 0;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		int64_t count;

		if (sources[i].place == place && jspan_int(f[n++].value, &count) &&
		    u->source[sources[i].field] == USAGE_NONE)
			usage_set(u, sources[i].field, count, USAGE_REPORTED);
	}
}

static int64_t read_money(struct jspan number)
{
	char text[MONEY_TEXT * 2];
	int64_t nusd;

	if (number.at == NULL || number.len >= sizeof(text))
		return COST_UNKNOWN;
	memcpy(text, number.at, number.len);
	text[number.len] = '\0';
	return money_parse(text, true, &nusd) ? nusd : COST_UNKNOWN;
}

static int64_t read_cost(struct jspan cost, struct jspan ticks)
{
	struct jfield total = {.name = "total_cost"};
	int64_t n;

	if (jspan_is_object(cost))
		return jspan_fields(cost, &total, 1) ? read_money(total.value) : COST_UNKNOWN;
	if (!jspan_is_null(cost))
		return read_money(cost);
	return jspan_int(ticks, &n) && n >= 0 ? money_scale(n, 1, 10) : COST_UNKNOWN;
}

/* xAI leaves reasoning out of completion_tokens; its total tells. */
static void add_reasoning_outside(struct jspan total_tokens, struct usage *u)
{
	int64_t total, reasoning = usage_get(u, USAGE_REASONING);
	int64_t output = usage_get(u, USAGE_OUTPUT);

	if (reasoning > 0 && jspan_int(total_tokens, &total) &&
	    total == usage_get(u, USAGE_INPUT) + output + reasoning)
		usage_set(u, USAGE_OUTPUT, output + reasoning, USAGE_REPORTED);
}

bool openai_read_usage(struct jspan object, struct usage *u)
{
	enum { PROMPT, COMPLETION, INPUT, OUTPUT, TOTAL, COST, TICKS, N };
	struct jfield f[N] = {{.name = "prompt_tokens_details"}, {.name = "completion_tokens_details"},
			      {.name = "input_tokens_details"}, {.name = "output_tokens_details"},
			      {.name = "total_tokens"}, {.name = "cost"}, {.name = "cost_in_usd_ticks"}};
	struct usage read;

	if (!jspan_fields(object, f, N))
		return false;
	usage_init(&read);
	read_counts(f[PROMPT].value, IN_PROMPT, &read);
	read_counts(f[COMPLETION].value, IN_COMPLETION, &read);
	read_counts(f[INPUT].value, IN_PROMPT, &read);
	read_counts(f[OUTPUT].value, IN_COMPLETION, &read);
	read_counts(object, IN_USAGE, &read);
	if (read.source[USAGE_INPUT] == USAGE_NONE && read.source[USAGE_OUTPUT] == USAGE_NONE)
		return false;
	add_reasoning_outside(f[TOTAL].value, &read);
	read.provider_cost_nusd = read_cost(f[COST].value, f[TICKS].value);
	*u = read;
	return true;
}

void openai_write_cost(int64_t cost_nusd, struct buf *out)
{
	char text[MONEY_TEXT] = "null";

	if (cost_nusd != COST_UNKNOWN)
		money_format(cost_nusd, text);
	buf_printf(out, "\"cost\":%s,\"cost_details\":{\"upstream_inference_cost\":%s}", text, text);
}

static void write_details(const struct usage *u, const char *name, enum place place, struct buf *out)
{
	char mark = '{';

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		if (sources[i].place != place || u->source[sources[i].field] == USAGE_NONE)
			continue;
		if (mark == '{')
			buf_printf(out, ",\"%s\":", name);
		buf_printf(out, "%c\"%s\":%" PRId64, mark, sources[i].name, u->count[sources[i].field]);
		mark = ',';
	}
	if (mark == ',')
		buf_putc(out, '}');
}

void openai_write_usage(const struct usage *u, bool with_cost, int64_t cost_nusd, struct buf *out)
{
	int64_t input = usage_get(u, USAGE_INPUT), output = usage_get(u, USAGE_OUTPUT);
	struct usage all = *u;

	/* This dialect has one word for cache writes of any age. */
	if (usage_get(u, USAGE_CACHE_WRITE_1H) > 0)
		usage_set(&all, USAGE_CACHE_WRITE_5M,
			  usage_get(u, USAGE_CACHE_WRITE_5M) + usage_get(u, USAGE_CACHE_WRITE_1H), USAGE_REPORTED);
	buf_printf(out, "{\"prompt_tokens\":%" PRId64 ",\"completion_tokens\":%" PRId64 ",\"total_tokens\":%" PRId64,
		   input, output, input + output);
	write_details(&all, "prompt_tokens_details", IN_PROMPT, out);
	write_details(&all, "completion_tokens_details", IN_COMPLETION, out);
	if (with_cost) {
		buf_putc(out, ',');
		openai_write_cost(cost_nusd, out);
	}
	buf_putc(out, '}');
}
