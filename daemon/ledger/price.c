/* SPDX-License-Identifier: MIT */
/* What a call cost is worked out here: counts are divided among units, each times its price, rounded once. */
#include "ledger/price.h"

#include <stdbool.h>
#include <stddef.h>

/* What each unit is part of; the two wholes are part of themselves. */
static const enum usage_field whole_of[USAGE_NUM_PRICED] = {
	[USAGE_INPUT] = USAGE_INPUT,
	[USAGE_CACHE_READ] = USAGE_INPUT,
	[USAGE_CACHE_WRITE_5M] = USAGE_INPUT,
	[USAGE_CACHE_WRITE_1H] = USAGE_INPUT,
	[USAGE_INPUT_AUDIO] = USAGE_INPUT,
	[USAGE_INPUT_IMAGE] = USAGE_INPUT,
	[USAGE_OUTPUT] = USAGE_OUTPUT,
	[USAGE_REASONING] = USAGE_OUTPUT,
	[USAGE_OUTPUT_AUDIO] = USAGE_OUTPUT,
	[USAGE_OUTPUT_IMAGE] = USAGE_OUTPUT,
};

static bool is_part(int field)
{
	return whole_of[field] != (enum usage_field)field;
}

/* What the provider says it charges for comes before what it counted. */
static int64_t whole_charged(const struct usage *usage, enum usage_field whole, enum usage_field billed)
{
	return usage_get(usage, usage->source[billed] != USAGE_NONE ? billed : whole);
}

/* How many of each unit are charged at its own price.  What is left of a whole pays the whole's. */
static void divide(const struct price_tier *tier, const struct usage *usage, int64_t charged[USAGE_NUM_PRICED])
{
	charged[USAGE_INPUT] = whole_charged(usage, USAGE_INPUT, USAGE_BILLED_INPUT);
	charged[USAGE_OUTPUT] = whole_charged(usage, USAGE_OUTPUT, USAGE_BILLED_OUTPUT);
	for (int i = 0; i < USAGE_NUM_PRICED; i++) {
		int64_t *whole = &charged[whole_of[i]];

		if (!is_part(i))
			continue;
		charged[i] = tier->nusd_per_m[i] != PRICE_NONE ? usage_get(usage, i) : 0;
		/* A provider that counts its parts outside the whole must not make the rest negative. */
		*whole = *whole > charged[i] ? *whole - charged[i] : 0;
	}
}

/* A whole that nobody counted matters where it would have cost something. */
static bool is_missing(const struct price_tier *tier, const struct usage *usage, enum usage_field whole)
{
	return usage->source[whole] == USAGE_NONE && tier->nusd_per_m[whole] != PRICE_NONE &&
	       tier->nusd_per_m[whole] != 0;
}

static bool has_any_price(const struct price_tier *tier)
{
	for (int i = 0; i < USAGE_NUM_PRICED; i++)
		if (tier->nusd_per_m[i] != PRICE_NONE)
			return true;
	return tier->request_nusd != PRICE_NONE;
}

const struct price_tier *price_tier_for(const struct price *price, int64_t input)
{
	const struct price_tier *found = &price->tiers[0];

	for (unsigned i = 1; i < price->num_tiers; i++)
		if (input > price->tiers[i].above_input)
			found = &price->tiers[i];
	return found;
}

int64_t price_cost(const struct price *price, const struct usage *usage, int64_t *ret_price_id)
{
	const struct price_tier *tier;
	int64_t charged[USAGE_NUM_PRICED];
	struct cost_sum sum = {0};

	if (ret_price_id != NULL)
		*ret_price_id = 0;
	if (price == NULL || price->num_tiers == 0)
		return COST_UNKNOWN;
	tier = price_tier_for(price, usage_get(usage, USAGE_INPUT));
	if (!has_any_price(tier) || is_missing(tier, usage, USAGE_INPUT) || is_missing(tier, usage, USAGE_OUTPUT))
		return COST_UNKNOWN;
	divide(tier, usage, charged);
	for (int i = 0; i < USAGE_NUM_PRICED; i++) {
		if (charged[i] > 0 && tier->nusd_per_m[i] == PRICE_NONE)
			return COST_UNKNOWN;
		if (charged[i] > 0)
			cost_sum_add(&sum, charged[i], tier->nusd_per_m[i]);
	}
	if (tier->request_nusd != PRICE_NONE)
		cost_sum_add(&sum, 1000000, tier->request_nusd);
	if (ret_price_id != NULL)
		*ret_price_id = tier->id;
	return cost_sum_round(&sum);
}

static int64_t part_cost(int64_t count, int64_t nusd_per_m)
{
	struct cost_sum sum = {0};

	if (nusd_per_m == PRICE_NONE)
		return COST_UNKNOWN;
	cost_sum_add(&sum, count, nusd_per_m);
	return cost_sum_round(&sum);
}

unsigned price_parts(const struct price_tier *tier, const struct usage *usage, struct cost_part *out)
{
	int64_t charged[USAGE_NUM_PRICED];
	unsigned num = 0;

	divide(tier, usage, charged);
	for (int i = 0; i < USAGE_NUM_PRICED; i++) {
		if (charged[i] == 0)
			continue;
		out[num++] = (struct cost_part){usage_field_name(i), charged[i], tier->nusd_per_m[i],
						part_cost(charged[i], tier->nusd_per_m[i])};
	}
	/* A price per call is no price per million: the cost alone says it. */
	if (tier->request_nusd != PRICE_NONE && tier->request_nusd != 0)
		out[num++] = (struct cost_part){"request", 1, PRICE_NONE, tier->request_nusd};
	return num;
}
