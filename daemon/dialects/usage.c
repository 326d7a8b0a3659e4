/* SPDX-License-Identifier: MIT */
/* The names of usage fields, and setting them. */
#include "dialects/usage.h"

#include <string.h>

#include "base/money.h"

static const char *const names[USAGE_NUM_FIELDS] = {
	[USAGE_INPUT] = "input",
	[USAGE_CACHE_READ] = "cache_read",
	[USAGE_CACHE_WRITE_5M] = "cache_write_5m",
	[USAGE_CACHE_WRITE_1H] = "cache_write_1h",
	[USAGE_INPUT_AUDIO] = "input_audio",
	[USAGE_INPUT_IMAGE] = "input_image",
	[USAGE_OUTPUT] = "output",
	[USAGE_REASONING] = "reasoning",
	[USAGE_OUTPUT_AUDIO] = "output_audio",
	[USAGE_OUTPUT_IMAGE] = "output_image",
	[USAGE_BILLED_INPUT] = "billed_input",
	[USAGE_BILLED_OUTPUT] = "billed_output",
};

const char *usage_field_name(enum usage_field field)
{
	return names[field];
}

void usage_init(struct usage *u)
{
	memset(u, 0, sizeof(*u));
	u->provider_cost_nusd = COST_UNKNOWN;
}

void usage_set(struct usage *u, enum usage_field field, int64_t count, enum usage_source source)
{
	u->count[field] = count < 0 ? 0 : count;
	u->source[field] = (uint8_t)source;
}

int64_t usage_get(const struct usage *u, enum usage_field field)
{
	return u->source[field] != USAGE_NONE ? u->count[field] : 0;
}
