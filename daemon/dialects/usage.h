/* SPDX-License-Identifier: MIT */
/*
 * usage.h — token counts of a call, in one normal form.
 *
 * input is the whole prompt, cached parts included; output is everything generated, reasoning
 * included.  Providers count differently (Anthropic and Bedrock leave cached tokens outside the
 * prompt, Gemini thoughts outside the candidates); dialects bring it to this form and nobody above
 * them knows.
 */
#ifndef DIALECTS_USAGE_H
#define DIALECTS_USAGE_H

#include <stdint.h>

enum usage_source {
	USAGE_NONE,             /* not known; the count means nothing */
	USAGE_REPORTED,         /* the provider said so */
	USAGE_ESTIMATED,        /* counted by us */
};

/* Row by row: field, name in JSON and SQL, part of which. */
enum usage_field {
	USAGE_INPUT,
	USAGE_CACHE_READ,       /* part of input */
	USAGE_CACHE_WRITE_5M,   /* part of input */
	USAGE_CACHE_WRITE_1H,   /* part of input */
	USAGE_INPUT_AUDIO,      /* part of input */
	USAGE_INPUT_IMAGE,      /* part of input */
	USAGE_OUTPUT,
	USAGE_REASONING,        /* part of output */
	USAGE_OUTPUT_AUDIO,     /* part of output */
	USAGE_OUTPUT_IMAGE,     /* part of output */
	USAGE_NUM_PRICED,       /* those above have a price each */
	USAGE_BILLED_INPUT = USAGE_NUM_PRICED,  /* what the provider charges for instead of input: Cohere leaves its preamble out */
	USAGE_BILLED_OUTPUT,    /* and instead of output */
	USAGE_NUM_FIELDS
};

struct usage {
	int64_t count[USAGE_NUM_FIELDS];
	uint8_t source[USAGE_NUM_FIELDS];       /* enum usage_source */
	int64_t provider_cost_nusd;             /* what the provider itself says it cost; COST_UNKNOWN */
};

/* "input", "cache_read", …; the same words in JSON and SQL. */
const char *usage_field_name(enum usage_field field);

void usage_init(struct usage *);        /* nothing is known */
void usage_set(struct usage *, enum usage_field, int64_t count, enum usage_source);

/* The count, or 0 where it is not known: only for sums that treat unknown parts as absent. */
int64_t usage_get(const struct usage *, enum usage_field);

#endif
