/* SPDX-License-Identifier: MIT */
/* A written state is a file that says the same. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "check.h"
#include "config/config.h"

static const char sample[] =
	"providers:\n"
	"  - {name: openai, kind: openai, api_key: env:OPENAI_API_KEY, state: draining, state_reason: 'yes: no'}\n"
	"  - {name: '12', kind: sim, models: [a, b], options: {latency: 350ms, on: true, label: '7', text: 'true'}}\n"
	"chains:\n"
	"  - {name: smart, text: 'openai/gpt-5*3, 12/a > 12/b', timeout: 90s, retries: 0}\n"
	"teams:\n"
	"  - {name: search, budget: 500/month, budget_mode: strict, rpm: 600, note: \"a # b: 'c'\"}\n"
	"  - {name: ops, budgets: [{amount_usd: 1.5, window: day}, {amount_usd: 2, window: total, model: smart}]}\n"
	"prices:\n"
	"  - {model: gpt-5, input: 1.25, output: 10, above_input: 200000}\n";

static void write_config(const struct config *config, struct buf *out)
{
	struct err err = {0};

	buf_init(out, 1000000);
	CHECK_INT(config_write(config->providers, config->chains, config->teams, config->prices, out, &err), 0);
}

static void what_was_read_is_written_and_read_again_unchanged(void)
{
	struct config first, second;
	struct err err = {0};
	struct buf text, again;

	config_init(&first);
	config_init(&second);
	CHECK_INT(config_parse(&first, sample, strlen(sample), "sample", &err), 0);
	write_config(&first, &text);
	CHECK_INT(config_parse(&second, text.data, text.len, "written", &err), 0);
	CHECK_INT(json_array_size(second.providers), 2);
	CHECK(json_equal(first.providers, second.providers));
	CHECK(json_equal(first.chains, second.chains));
	CHECK(json_equal(first.teams, second.teams));
	CHECK(json_equal(first.prices, second.prices));
	write_config(&second, &again);
	CHECK_TEXT(again.data, text.data);
	buf_release(&text);
	buf_release(&again);
	config_release(&first);
	config_release(&second);
}

static void the_text_is_one_a_person_would_write(void)
{
	struct config config;
	struct err err = {0};
	struct buf text;

	config_init(&config);
	CHECK_INT(config_parse(&config, sample, strlen(sample), "sample", &err), 0);
	write_config(&config, &text);
	CHECK(strstr(text.data, "- name: openai\n  kind: openai\n  api_key: env:OPENAI_API_KEY\n  state: draining\n") !=
	      NULL);
	CHECK(strstr(text.data, "  tiers:\n"
				"  - [{target: openai/gpt-5, weight: 3}, {target: 12/a, weight: 1}]\n"
				"  - [{target: 12/b, weight: 1}]\n"
				"  timeout: 90s\n") != NULL);
	CHECK(strstr(text.data, "  budget: 500/month\n") != NULL);
	CHECK(strstr(text.data, "- model: gpt-5\n") != NULL);
	CHECK(strstr(text.data, "- name: \"12\"\n") != NULL);
	buf_release(&text);
	config_release(&config);
}

static json_t *parsed(const char *text)
{
	return json_parse(text, strlen(text), NULL);
}

/* As GET answers: with figures, and without secrets. */
static void answers_of_the_admin_api_are_written_without_what_a_file_cannot_say(void)
{
	json_t *providers = parsed("[{\"name\":\"a\",\"kind\":\"openai\",\"credential\":\"stored\",\"state\":\"enabled\","
				   "\"open_calls\":3,\"base_url\":null,\"models\":[],\"revision\":4},"
				   "{\"name\":\"b\",\"kind\":\"groq\",\"credential\":\"file:/k\",\"state\":\"disabled\"},"
				   "{\"name\":\"c\",\"kind\":\"groq\",\"api_key\":\"sk-literal\"}]");
	json_t *teams = parsed("[{\"name\":\"t\",\"blocked\":false,\"rpm\":null,\"spent_today_usd\":\"3\",\"budgets\":"
			       "[{\"amount_usd\":\"5\",\"window\":\"day\",\"model\":null,\"spent_usd\":\"1\"}]}]");
	struct err err = {0};
	struct buf text;

	buf_init(&text, 100000);
	CHECK_INT(config_write(providers, NULL, teams, NULL, &text, &err), 0);
	CHECK(strstr(text.data, "providers:\n"
				"- name: a\n  kind: openai\n"
				"- name: b\n  kind: groq\n  api_key: file:/k\n  state: disabled\n"
				"- name: c\n  kind: groq\n"
				"teams:\n"
				"- name: t\n  budgets: [{amount_usd: \"5\", window: day}]\n") != NULL);
	CHECK(strstr(text.data, "sk-literal") == NULL);
	CHECK(strstr(text.data, "stored\n") == NULL);
	buf_release(&text);
	json_decref(providers);
	json_decref(teams);
}

static void an_empty_state_is_a_file_that_can_be_read(void)
{
	struct config config;
	struct err err = {0};
	struct buf text;

	config_init(&config);
	write_config(&config, &text);
	CHECK_INT(config_parse(&config, text.data, text.len, "written", &err), 0);
	buf_release(&text);
	config_release(&config);
}

static void a_state_larger_than_the_buffer_is_an_error(void)
{
	struct config config;
	struct err err = {0};
	struct buf text;

	config_init(&config);
	CHECK_INT(config_parse(&config, sample, strlen(sample), "sample", &err), 0);
	buf_init(&text, 300);
	CHECK_INT(config_write(config.providers, config.chains, config.teams, config.prices, &text, &err), ERR_FULL);
	CHECK_TEXT(err.text, "the state is larger than 300 bytes as a file");
	buf_release(&text);
	config_release(&config);
}

CHECK_MAIN(TEST(what_was_read_is_written_and_read_again_unchanged), TEST(the_text_is_one_a_person_would_write),
	   TEST(answers_of_the_admin_api_are_written_without_what_a_file_cannot_say),
	   TEST(an_empty_state_is_a_file_that_can_be_read), TEST(a_state_larger_than_the_buffer_is_an_error))
