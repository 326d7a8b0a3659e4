/* SPDX-License-Identifier: MIT */
/* Some five hundred usages with their rates and exact costs, worked out by others; skipped where they are not. */
#include <jansson.h>
#include <stdlib.h>

#include "base/json.h"
#include "check.h"
#include "ledger/price.h"

/* Their names of counts and of rates in USD per million, and our unit. */
static const struct unit {
	const char *count, *rate;
	enum usage_field field;
} units[] = {
	{"input_tokens", "input_mtok", USAGE_INPUT},
	{"output_tokens", "output_mtok", USAGE_OUTPUT},
	{"cached_read_tokens", "cache_read_mtok", USAGE_CACHE_READ},
	{"cache_write_tokens", "cache_write_mtok", USAGE_CACHE_WRITE_5M},
	{"cache_write_1h_tokens", "cache_write_1h_mtok", USAGE_CACHE_WRITE_1H},
	{"input_audio_tokens", "input_audio_mtok", USAGE_INPUT_AUDIO},
};

static json_t *load(void)
{
	const char *shared = getenv("TOLLGATE_SHARED");
	char path[512];

	snprintf(path, sizeof(path), "%s/prices/vectors.json", shared != NULL ? shared : "../shared");
	return json_load_file(path, 0, NULL);
}

static int64_t count_of(const json_t *vector, const char *name)
{
	int64_t n = json_int_peek(json_object_get(vector, "usage"), name, 0);

	return n != 0 ? n : json_int_peek(json_object_get(vector, "extra"), name, 0);
}

/* "3", or {"base": "3", "tiers": [{"start": 200000, "price": "6"}]}: what holds for inputs above. */
static const char *rate_above(const json_t *rate, int64_t above)
{
	const char *found = json_text_peek(rate, "base");
	const json_t *tier;
	size_t i;

	json_array_foreach(json_object_get(rate, "tiers"), i, tier)
		if (json_int_peek(tier, "start", 0) <= above)
			found = json_text_peek(tier, "price");
	return json_is_string(rate) ? json_string_value(rate) : found;
}

static void add_tier(struct price *price, const json_t *rates, int64_t above)
{
	struct price_tier *tier = &price->tiers[price->num_tiers++];

	tier->above_input = above;
	tier->request_nusd = PRICE_NONE;
	for (int i = 0; i < USAGE_NUM_PRICED; i++)
		tier->nusd_per_m[i] = PRICE_NONE;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		const char *usd = rate_above(json_object_get(rates, units[i].rate), above);

		if (usd != NULL)
			CHECK(money_parse(usd, true, &tier->nusd_per_m[units[i].field]));
	}
}

/* All units of a model change at the same inputs. */
static void read_price(const json_t *rates, struct price *price)
{
	const json_t *tier;
	size_t i;

	*price = (struct price){0};
	add_tier(price, rates, 0);
	json_array_foreach(json_object_get(json_object_get(rates, "input_mtok"), "tiers"), i, tier) {
		CHECK(price->num_tiers < PRICE_TIERS);
		add_tier(price, rates, json_int_peek(tier, "start", 0));
	}
}

static void read_usage(const json_t *vector, struct usage *usage)
{
	usage_init(usage);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		usage_set(usage, units[i].field, count_of(vector, units[i].count), USAGE_REPORTED);
	/* Theirs is the sum of both lives of a cache. */
	usage->count[USAGE_CACHE_WRITE_5M] -= usage->count[USAGE_CACHE_WRITE_1H];
}

/* What the units we count came to: searches and the like are no tokens. */
static int64_t expected(const json_t *vector)
{
	int64_t nusd = 0, search;
	const json_t *component;
	size_t i;

	/* Theirs is free where nobody says what output costs; ours is unknown. */
	if (count_of(vector, "output_tokens") > 0 && json_object_get(json_object_get(vector, "rates"), "output_mtok") == NULL)
		return COST_UNKNOWN;
	CHECK(money_parse(json_text_peek(vector, "usd"), true, &nusd));
	json_array_foreach(json_object_get(vector, "components"), i, component) {
		if (strcmp(json_text_peek(component, "unit"), "web_searches") != 0)
			continue;
		CHECK(money_parse(json_text_peek(component, "usd"), true, &search));
		nusd -= search;
	}
	return nusd;
}

static json_t *vectors;

static void every_vector_costs_what_it_should(void)
{
	const json_t *vector;
	size_t i;

	json_array_foreach(vectors, i, vector) {
		struct usage usage;
		struct price price;
		int64_t id, got, want = expected(vector);
		char a[MONEY_TEXT], b[MONEY_TEXT];

		read_price(json_object_get(vector, "rates"), &price);
		read_usage(vector, &usage);
		got = price_cost(&price, &usage, &id);
		if (got == want)
			continue;
		printf("# vector %zu (%s, %s): %s, expected %s\n", i, json_text_peek(vector, "model"),
		       json_text_peek(vector, "why"), got == COST_UNKNOWN ? "unknown" : money_format(got, a),
		       money_format(want, b));
		CHECK(got == want);
	}
	CHECK(i >= 520);
}

int main(void)
{
	static const struct check_test tests[] = {TEST(every_vector_costs_what_it_should)};
	int failed;

	vectors = load();
	if (vectors == NULL) {
		puts("skipped every_vector_costs_what_it_should: no recorded prices in ../shared");
		return 0;
	}
	failed = check_run(tests, 1);
	json_decref(vectors);
	return failed;
}
