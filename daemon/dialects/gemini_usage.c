/* SPDX-License-Identifier: MIT */
/*
 * Google's usageMetadata is read and written here.
 *
 * promptTokenCount has the cached tokens in it but not those of tools' prompts; candidatesTokenCount
 * has no thoughts in it, and is absent where nothing was said.
 */
#include <inttypes.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/gemini.h"

enum field {
	PROMPT,
	TOOL_PROMPT,
	CACHED,
	CANDIDATES,
	THOUGHTS,
	PROMPT_DETAILS,
	TOOL_PROMPT_DETAILS,
	CANDIDATES_DETAILS,
	NUM_FIELDS
};

static const char *const field_names[NUM_FIELDS] = {
	[PROMPT] = "promptTokenCount",
	[TOOL_PROMPT] = "toolUsePromptTokenCount",
	[CACHED] = "cachedContentTokenCount",
	[CANDIDATES] = "candidatesTokenCount",
	[THOUGHTS] = "thoughtsTokenCount",
	[PROMPT_DETAILS] = "promptTokensDetails",
	[TOOL_PROMPT_DETAILS] = "toolUsePromptTokensDetails",
	[CANDIDATES_DETAILS] = "candidatesTokensDetails",
};

/* Where a sum of two counts is said when one of them is. */
static void set_sum(struct usage *u, enum usage_field field, struct jspan a, struct jspan b)
{
	int64_t x = 0, y = 0;
	bool has_x = jspan_int(a, &x), has_y = jspan_int(b, &y);

	if (has_x || has_y)
		usage_set(u, field, x + y, USAGE_REPORTED);
}

/* [{"modality": "AUDIO", "tokenCount": 12}]; to clients that ask for numbers, modalities are numbers. */
static void add_modalities(struct usage *u, struct jspan details, bool of_output)
{
	static const struct {
		const char *name;
		int64_t number;
		enum usage_field input, output;
	} modalities[] = {
		{"IMAGE", 2, USAGE_INPUT_IMAGE, USAGE_OUTPUT_IMAGE},
		{"AUDIO", 4, USAGE_INPUT_AUDIO, USAGE_OUTPUT_AUDIO},
	};
	struct jspan item = {0};

	while (jspan_next_item(details, &item)) {
		struct jfield f[] = {{.name = "modality"}, {.name = "tokenCount"}};
		int64_t number = -1, count;

		if (!jspan_fields(item, f, 2) || !jspan_int(f[1].value, &count))
			continue;
		jspan_int(f[0].value, &number);
		for (size_t i = 0; i < ARRAY_LEN(modalities); i++) {
			enum usage_field field = of_output ? modalities[i].output : modalities[i].input;

			if (number == modalities[i].number || jspan_equals(f[0].value, modalities[i].name))
				usage_set(u, field, usage_get(u, field) + count, USAGE_REPORTED);
		}
	}
}

bool gemini_read_usage(struct jspan object, struct usage *u)
{
	struct jfield f[NUM_FIELDS];
	struct usage read;

	for (int i = 0; i < NUM_FIELDS; i++)
		f[i] = (struct jfield){.name = field_names[i]};
	if (!jspan_fields(object, f, NUM_FIELDS))
		return false;
	usage_init(&read);
	set_sum(&read, USAGE_INPUT, f[PROMPT].value, f[TOOL_PROMPT].value);
	set_sum(&read, USAGE_CACHE_READ, f[CACHED].value, (struct jspan){0});
	set_sum(&read, USAGE_OUTPUT, f[CANDIDATES].value, f[THOUGHTS].value);
	set_sum(&read, USAGE_REASONING, f[THOUGHTS].value, (struct jspan){0});
	add_modalities(&read, f[PROMPT_DETAILS].value, false);
	add_modalities(&read, f[TOOL_PROMPT_DETAILS].value, false);
	add_modalities(&read, f[CANDIDATES_DETAILS].value, true);
	if (read.source[USAGE_INPUT] == USAGE_NONE && read.source[USAGE_OUTPUT] == USAGE_NONE)
		return false;
	*u = read;
	return true;
}

static void put_count(struct buf *out, enum field field, int64_t count)
{
	buf_printf(out, "\"%s\":%" PRId64 ",", field_names[field], count);
}

void gemini_write_usage(const struct usage *u, struct buf *out)
{
	int64_t input = usage_get(u, USAGE_INPUT), output = usage_get(u, USAGE_OUTPUT);
	int64_t reasoning = usage_get(u, USAGE_REASONING);

	buf_putc(out, '{');
	put_count(out, PROMPT, input);
	if (usage_get(u, USAGE_CACHE_READ) > 0)
		put_count(out, CACHED, usage_get(u, USAGE_CACHE_READ));
	put_count(out, CANDIDATES, output > reasoning ? output - reasoning : 0);
	if (reasoning > 0)
		put_count(out, THOUGHTS, reasoning);
	buf_printf(out, "\"totalTokenCount\":%" PRId64 "}", input + output);
}
