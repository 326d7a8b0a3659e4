/* SPDX-License-Identifier: MIT */
#include "admin/prices.h"

#include "ask.h"
#include "base/money.h"

/* What target costs now, in USD per million, as text. */
static const char *costs(const char *provider, const char *model, enum usage_field unit)
{
	static char text[MONEY_TEXT];
	const struct price *price = view_price(admin_view(&the_admin), provider, model);

	return price != NULL && price->tiers[0].nusd_per_m[unit] != PRICE_NONE ?
		       money_format(price->tiers[0].nusd_per_m[unit], text) :
		       "unknown";
}

static unsigned import(const char *format, const char *text)
{
	static char query[64];

	snprintf(query, sizeof(query), "format=%s", format);
	query_string = query;
	return ask("POST", "/v1/prices/import", text);
}

static void litellms_prices_per_token_become_prices_per_million_exactly(void)
{
	admin_open();
	ask("POST", "/v1/providers", "{\"name\": \"fast\", \"kind\": \"groq\"}");
	CHECK_INT(import("litellm",
			 "{\"claude-x\": {\"litellm_provider\": \"anthropic\", \"input_cost_per_token\": 3e-06,"
			 "  \"output_cost_per_token\": 1.5e-05, \"cache_read_input_token_cost\": 3e-07,"
			 "  \"cache_creation_input_token_cost\": 3.75e-06, \"cache_creation_input_token_cost_above_1hr\": 6e-06,"
			 "  \"input_cost_per_token_above_200k_tokens\": 6e-06},"
			 " \"gemini/gemini-x\": {\"litellm_provider\": \"gemini\", \"input_cost_per_token\": 7.5e-08},"
			 " \"groq/llama-x\": {\"litellm_provider\": \"groq\", \"input_cost_per_token\": 5.9e-07},"
			 " \"sample\": {\"litellm_provider\": \"nobody we know\", \"input_cost_per_token\": 1},"
			 " \"tts\": {\"litellm_provider\": \"openai\", \"input_cost_per_second\": 0.1}}"),
		  200);
	CHECK_TEXT(said("imported"), "4");
	CHECK_TEXT(said("skipped"), "2");
	CHECK_TEXT(costs("any", "claude-x", USAGE_INPUT), "3");
	CHECK_TEXT(costs("any", "claude-x", USAGE_OUTPUT), "15");
	CHECK_TEXT(costs("any", "claude-x", USAGE_CACHE_READ), "0.3");
	CHECK_TEXT(costs("any", "claude-x", USAGE_CACHE_WRITE_5M), "3.75");
	CHECK_TEXT(costs("any", "claude-x", USAGE_CACHE_WRITE_1H), "6");
	CHECK_INT(view_price(admin_view(&the_admin), "any", "claude-x")->num_tiers, 2);
	CHECK_TEXT(costs("any", "gemini-x", USAGE_INPUT), "0.075");
	/* A reseller's prices are those of our providers of its kind. */
	CHECK_TEXT(costs("fast", "llama-x", USAGE_INPUT), "0.59");
	CHECK_TEXT(costs("any", "llama-x", USAGE_INPUT), "unknown");
	admin_close();
}

static void a_file_taken_over_twice_changes_nothing_and_a_new_price_keeps_the_old_one(void)
{
	admin_open();
	import("litellm", "{\"m\": {\"litellm_provider\": \"openai\", \"input_cost_per_token\": 1e-06,"
			  " \"input_cost_per_token_above_200k_tokens\": 2e-06}}");
	CHECK_TEXT(said("imported"), "2");
	import("litellm", "{\"m\": {\"litellm_provider\": \"openai\", \"input_cost_per_token\": 1e-06,"
			  " \"input_cost_per_token_above_200k_tokens\": 2e-06}}");
	CHECK_TEXT(said("imported"), "0");
	CHECK_TEXT(said("unchanged"), "2");
	import("litellm", "{\"m\": {\"litellm_provider\": \"openai\", \"input_cost_per_token\": 5e-07,"
			  " \"input_cost_per_token_above_200k_tokens\": 2e-06}}");
	CHECK_TEXT(said("imported"), "1");
	CHECK_TEXT(costs("any", "m", USAGE_INPUT), "0.5");
	CHECK_INT(view_price(admin_view(&the_admin), "any", "m")->num_tiers, 2);
	query_string = "model=m";
	ask("GET", "/v1/prices", NULL);
	CHECK_TEXT(said("total"), "4");         /* what was charged under the old price can still be explained */
	admin_close();
}

static void openrouters_models_are_prices_at_openrouter(void)
{
	admin_open();
	ask("POST", "/v1/providers", "{\"name\": \"openrouter\"}");
	CHECK_INT(import("openrouter", "{\"data\": [{\"id\": \"x/y\", \"pricing\": {\"prompt\": \"0.0000025\","
				       " \"completion\": \"0.00001\", \"request\": \"0\", \"input_cache_read\": \"0.00000125\"}},"
				       " {\"id\": \"openrouter/auto\", \"pricing\": {\"prompt\": \"-1\", \"completion\": \"-1\"}}]}"),
		  200);
	CHECK_TEXT(said("imported"), "1");
	CHECK_TEXT(costs("openrouter", "x/y", USAGE_INPUT), "2.5");
	CHECK_TEXT(costs("openrouter", "x/y", USAGE_OUTPUT), "10");
	CHECK_TEXT(costs("openrouter", "x/y", USAGE_CACHE_READ), "1.25");
	admin_close();
}

static void genai_prices_have_tiers_dates_and_other_names(void)
{
	admin_open();
	CHECK_INT(import("genai",
			 "[{\"id\": \"anthropic\", \"models\": [{\"id\": \"claude-y\","
			 "  \"match\": {\"or\": [{\"equals\": \"claude-y-latest\"}, {\"starts_with\": \"claude-y-2\"}]},"
			 "  \"prices\": [{\"prices\": {\"input_mtok\": {\"base\": 5, \"tiers\": [{\"start\": 200000, \"price\": 10}]},"
			 "                \"output_mtok\": 25}},"
			 "               {\"constraint\": {\"start_date\": \"2020-01-01\"}, \"prices\": {\"input_mtok\": 6}},"
			 "               {\"constraint\": {\"start_date\": \"2099-01-01\"}, \"prices\": {\"input_mtok\": 7}},"
			 "               {\"constraint\": {\"start_time\": \"00:30:00Z\"}, \"prices\": {\"input_mtok\": 1}}]},"
			 " {\"id\": \"claude-z\", \"match\": {\"or\": [{\"equals\": \"claude-z-latest\"}, {\"starts_with\": \"claude-z-2\"}]},"
			 "  \"prices\": {\"input_mtok\": {\"base\": 5, \"tiers\": [{\"start\": 200000, \"price\": 10}]}, \"output_mtok\": 25}}]}]"),
		  200);
	/* The newest date that has begun holds. */
	CHECK_TEXT(costs("any", "claude-y", USAGE_INPUT), "6");
	CHECK_TEXT(costs("any", "claude-z-latest", USAGE_OUTPUT), "25");
	CHECK_INT(view_price(admin_view(&the_admin), "any", "claude-z")->num_tiers, 2);
	query_string = "model=claude-y&sort=-from";
	ask("GET", "/v1/prices", NULL);
	CHECK_TEXT(said("items.0.from"), "2099-01-01T00:00:00.000Z");
	admin_close();
}

static void a_file_of_another_format_is_refused_in_words(void)
{
	admin_open();
	CHECK_INT(import("genai", "{}"), 400);
	CHECK_INT(import("openrouter", "[]"), 400);
	CHECK_INT(import("litelm", "{}"), 400);
	CHECK_TEXT(said("error.message"), "format: no such choice as litelm; did you mean litellm?");
	CHECK_INT(import("litellm", "not json"), 400);
	admin_close();
}

CHECK_MAIN(TEST(litellms_prices_per_token_become_prices_per_million_exactly),
	   TEST(a_file_taken_over_twice_changes_nothing_and_a_new_price_keeps_the_old_one),
	   TEST(openrouters_models_are_prices_at_openrouter), TEST(genai_prices_have_tiers_dates_and_other_names),
	   TEST(a_file_of_another_format_is_refused_in_words))
