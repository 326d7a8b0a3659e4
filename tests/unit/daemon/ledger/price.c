/* SPDX-License-Identifier: MIT */
#include "ledger/price.h"

#include "check.h"

/* Prices in USD per million as text; NULL: none.  One tier. */
static struct price price_of(const char *input, const char *output, const char *read, const char *write)
{
	struct price p = {.num_tiers = 1};
	const struct {
		enum usage_field field;
		const char *usd;
	} units[] = {{USAGE_INPUT, input}, {USAGE_OUTPUT, output}, {USAGE_CACHE_READ, read}, {USAGE_CACHE_WRITE_5M, write}};

	p.tiers[0].id = 7;
	p.tiers[0].request_nusd = PRICE_NONE;
	for (int i = 0; i < USAGE_NUM_PRICED; i++)
		p.tiers[0].nusd_per_m[i] = PRICE_NONE;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].usd != NULL)
			CHECK(money_parse(units[i].usd, false, &p.tiers[0].nusd_per_m[units[i].field]));
	return p;
}

static struct usage usage_of(int64_t input, int64_t read, int64_t write, int64_t output)
{
	struct usage u;

	usage_init(&u);
	usage_set(&u, USAGE_INPUT, input, USAGE_REPORTED);
	usage_set(&u, USAGE_CACHE_READ, read, USAGE_REPORTED);
	usage_set(&u, USAGE_CACHE_WRITE_5M, write, USAGE_REPORTED);
	usage_set(&u, USAGE_OUTPUT, output, USAGE_REPORTED);
	return u;
}

static int64_t cost(const struct price *p, const struct usage *u)
{
	int64_t id;

	return price_cost(p, u, &id);
}

/* Recorded calls: counts, list prices in USD per million, what they cost in USD. */
static const struct vector {
	const char *what;
	int64_t input, read, write, output;
	const char *prices[4];  /* input, read, write, output */
	const char *usd;
} vectors[] = {
	{"plain", 43, 0, 0, 51, {"3", "0.3", "3.75", "15"}, "0.000894"},
	{"cache write", 2572, 0, 2569, 63, {"3", "0.3", "3.75", "15"}, "0.01058775"},
	{"cache read and write", 2649, 2569, 79, 100, {"3", "0.3", "3.75", "15"}, "0.00256995"},
	{"mixed", 2572, 2240, 329, 100, {"3", "0.3", "3.75", "15"}, "0.00341475"},
	{"implicit cache", 687, 679, 0, 187, {"3", "0.75", NULL, "15"}, "0.00333825"},
	{"no cache", 326, 0, 0, 91, {"0.30", NULL, NULL, "2.50"}, "0.0003253"},
	{"inside a tool", 888, 0, 0, 74, {"0.15", NULL, NULL, "0.60"}, "0.0001776"},
};

static void recorded_calls_cost_what_was_recorded(void)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const struct vector *v = &vectors[i];
		struct price p = price_of(v->prices[0], v->prices[3], v->prices[1], v->prices[2]);
		struct usage u = usage_of(v->input, v->read, v->write, v->output);
		char text[MONEY_TEXT];

		CHECK_TEXT(money_format(cost(&p, &u), text), v->usd);
	}
}

static void a_unit_without_a_price_costs_what_its_whole_costs(void)
{
	struct price p = price_of("3", "15", NULL, NULL);
	struct usage u = usage_of(1000, 600, 300, 10);

	usage_set(&u, USAGE_REASONING, 8, USAGE_REPORTED);
	CHECK_INT(cost(&p, &u), 1000 * 3000 + 10 * 15000);
}

static void a_unit_with_a_price_leaves_its_whole(void)
{
	struct price p = price_of("3", "15", NULL, NULL);
	struct usage u = usage_of(1000, 0, 0, 10);

	p.tiers[0].nusd_per_m[USAGE_REASONING] = 20 * NUSD_PER_USD;
	usage_set(&u, USAGE_REASONING, 8, USAGE_REPORTED);
	CHECK_INT(cost(&p, &u), 1000 * 3000 + 2 * 15000 + 8 * 20000);
}

static void what_is_not_known_makes_the_cost_unknown(void)
{
	struct price p = price_of("3", NULL, NULL, NULL), none = price_of(NULL, NULL, NULL, NULL);
	struct usage u = usage_of(1000, 0, 0, 10), nothing;
	int64_t id = 5;

	usage_init(&nothing);
	CHECK(cost(NULL, &u) == COST_UNKNOWN);
	CHECK(cost(&none, &u) == COST_UNKNOWN);
	CHECK(price_cost(&p, &u, &id) == COST_UNKNOWN);
	CHECK_INT(id, 0);
	CHECK(cost(&p, &nothing) == COST_UNKNOWN);
	/* Nothing was generated: its price is not missed. */
	u = usage_of(1000, 0, 0, 0);
	CHECK_INT(price_cost(&p, &u, &id), 3000000);
	CHECK_INT(id, 7);
}

static void embeddings_report_no_output_and_have_a_cost(void)
{
	struct price p = price_of("0.02", "0", NULL, NULL);
	struct usage u;

	usage_init(&u);
	usage_set(&u, USAGE_INPUT, 500, USAGE_REPORTED);
	CHECK_INT(cost(&p, &u), 10000);
}

static void a_free_model_costs_zero_and_that_is_known(void)
{
	struct price p = price_of("0", "0", NULL, NULL);
	struct usage u = usage_of(1000, 0, 0, 10), nothing;

	usage_init(&nothing);
	CHECK_INT(cost(&p, &u), 0);
	CHECK_INT(cost(&p, &nothing), 0);
}

static void the_tier_is_chosen_by_the_whole_input(void)
{
	struct price p = price_of("3", "15", NULL, NULL);
	struct usage u = usage_of(200000, 0, 0, 1);

	p.num_tiers = 2;
	p.tiers[1] = p.tiers[0];
	p.tiers[1].id = 8;
	p.tiers[1].above_input = 200000;
	p.tiers[1].nusd_per_m[USAGE_INPUT] = 6 * NUSD_PER_USD;
	CHECK_INT(price_tier_for(&p, 200000)->id, 7);
	CHECK_INT(price_tier_for(&p, 200001)->id, 8);
	CHECK_INT(cost(&p, &u), INT64_C(200000) * 3000 + 15000);
	u = usage_of(200001, 0, 0, 1);
	CHECK_INT(cost(&p, &u), INT64_C(200001) * 6000 + 15000);
}

static void a_request_may_have_a_price_of_its_own(void)
{
	struct price p = price_of("3", NULL, NULL, NULL), images = price_of(NULL, NULL, NULL, NULL);
	struct usage u = usage_of(10, 0, 0, 0), nothing;

	usage_init(&nothing);
	p.tiers[0].request_nusd = 5000;
	images.tiers[0].request_nusd = 40000000;
	CHECK_INT(cost(&p, &u), 30000 + 5000);
	CHECK_INT(cost(&images, &nothing), 40000000);
}

static void the_sum_is_rounded_once_half_to_even(void)
{
	struct price p = price_of("0.000000001", "0.000000001", NULL, NULL);
	struct usage u;

	/* Half a nano-dollar twice is one, not two halves rounded away. */
	u = usage_of(500000, 0, 0, 500000);
	CHECK_INT(cost(&p, &u), 1);
	u = usage_of(500000, 0, 0, 0);
	CHECK_INT(cost(&p, &u), 0);
	u = usage_of(1500000, 0, 0, 0);
	CHECK_INT(cost(&p, &u), 2);
}

static void counts_beyond_their_whole_never_make_money(void)
{
	struct price p = price_of("3", "15", "0.3", "3.75");
	struct usage u = usage_of(100, 900, 0, 0);

	CHECK_INT(cost(&p, &u), 900 * 300);
}

static void huge_counts_saturate(void)
{
	struct price p = price_of("9000", "9000", NULL, NULL);
	struct usage u = usage_of(INT64_MAX, 0, 0, INT64_MAX);

	CHECK(cost(&p, &u) == INT64_MAX);
}

static void what_is_billed_comes_before_what_was_counted(void)
{
	struct price p = price_of("2.5", "10", NULL, NULL);
	struct usage u = usage_of(763, 448, 0, 408);

	usage_set(&u, USAGE_BILLED_INPUT, 257, USAGE_REPORTED);
	usage_set(&u, USAGE_BILLED_OUTPUT, 405, USAGE_REPORTED);
	CHECK_INT(cost(&p, &u), 4692500);
}

static void parts_name_what_was_charged(void)
{
	struct price p = price_of("3", "15", "0.3", "3.75");
	struct usage u = usage_of(2649, 2569, 79, 100);
	struct cost_part parts[USAGE_NUM_PRICED + 1];
	int64_t sum = 0;
	unsigned num;

	p.tiers[0].request_nusd = 10;
	num = price_parts(&p.tiers[0], &u, parts);
	CHECK_INT(num, 5);
	CHECK_TEXT(parts[0].unit, "input");
	CHECK_INT(parts[0].count, 1);
	CHECK_TEXT(parts[1].unit, "cache_read");
	CHECK_INT(parts[1].count, 2569);
	CHECK_INT(parts[1].nusd_per_m, 300000000);
	CHECK_TEXT(parts[4].unit, "request");
	for (unsigned i = 0; i < num; i++)
		sum += parts[i].cost_nusd;
	CHECK_INT(sum, cost(&p, &u));
	p = price_of(NULL, "15", NULL, NULL);
	CHECK_INT(price_parts(&p.tiers[0], &u, parts), 2);
	CHECK(parts[0].cost_nusd == COST_UNKNOWN && parts[0].nusd_per_m == PRICE_NONE);
}

CHECK_MAIN(TEST(recorded_calls_cost_what_was_recorded), TEST(a_unit_without_a_price_costs_what_its_whole_costs),
	   TEST(a_unit_with_a_price_leaves_its_whole), TEST(what_is_not_known_makes_the_cost_unknown),
	   TEST(embeddings_report_no_output_and_have_a_cost), TEST(a_free_model_costs_zero_and_that_is_known),
	   TEST(the_tier_is_chosen_by_the_whole_input), TEST(a_request_may_have_a_price_of_its_own),
	   TEST(the_sum_is_rounded_once_half_to_even), TEST(counts_beyond_their_whole_never_make_money),
	   TEST(huge_counts_saturate), TEST(what_is_billed_comes_before_what_was_counted), TEST(parts_name_what_was_charged))
