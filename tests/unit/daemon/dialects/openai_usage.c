/* SPDX-License-Identifier: MIT */
#include "base/buf.h"
#include "base/money.h"
#include "check.h"
#include "dialects/openai.h"

#define NOT_SAID -1

/* What a usage object says in the normal form, unknown as NOT_SAID. */
static struct usage read(const char *text)
{
	struct usage u;

	usage_init(&u);
	openai_read_usage((struct jspan){text, strlen(text)}, &u);
	return u;
}

static int64_t count(const struct usage *u, enum usage_field field)
{
	return u->source[field] == USAGE_REPORTED ? u->count[field] : NOT_SAID;
}

static void each_vendor_is_understood(void)
{
	static const struct {
		const char *text;
		int64_t input, cache_read, cache_write, output, reasoning;
	} cases[] = {
		{"{\"prompt_tokens\":8,\"completion_tokens\":5,\"total_tokens\":13}", 8, NOT_SAID, NOT_SAID, 5, NOT_SAID},
		{"{\"prompt_tokens\":8,\"completion_tokens\":50,\"total_tokens\":58,"
		 "\"prompt_tokens_details\":{\"cached_tokens\":4,\"cache_write_tokens\":3},"
		 "\"completion_tokens_details\":{\"reasoning_tokens\":40}}", 8, 4, 3, 50, 40},
		/* DeepSeek, Mistral, Together, Databricks */
		{"{\"prompt_tokens\":8,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":2}", 8, 2, NOT_SAID, 5, NOT_SAID},
		{"{\"prompt_tokens\":8,\"completion_tokens\":5,\"num_cached_tokens\":0}", 8, 0, NOT_SAID, 5, NOT_SAID},
		{"{\"prompt_tokens\":8,\"completion_tokens\":5,\"cached_tokens\":1}", 8, 1, NOT_SAID, 5, NOT_SAID},
		{"{\"prompt_tokens\":8,\"completion_tokens\":5,\"cache_read_input_tokens\":1,"
		 "\"cache_creation_input_tokens\":2}", 8, 1, 2, 5, NOT_SAID},
		/* both spellings: the one in the details wins */
		{"{\"prompt_tokens\":8,\"completion_tokens\":5,\"prompt_cache_hit_tokens\":2,"
		 "\"prompt_tokens_details\":{\"cached_tokens\":3}}", 8, 3, NOT_SAID, 5, NOT_SAID},
		/* xAI: reasoning stands beside the completion */
		{"{\"prompt_tokens\":496,\"completion_tokens\":77,\"total_tokens\":829,"
		 "\"completion_tokens_details\":{\"reasoning_tokens\":256}}", 496, NOT_SAID, NOT_SAID, 333, 256},
		/* Grok on Azure: more cached than there is; reported as said, priced with care */
		{"{\"prompt_tokens\":23,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":158}}",
		 23, 158, NOT_SAID, 5, NOT_SAID},
		{"{\"prompt_tokens\":8.0,\"completion_tokens\":5.0,\"prompt_tokens_details\":null}", 8, NOT_SAID, NOT_SAID, 5, NOT_SAID},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct usage u = read(cases[i].text);

		CHECK_INT(count(&u, USAGE_INPUT), cases[i].input);
		CHECK_INT(count(&u, USAGE_CACHE_READ), cases[i].cache_read);
		CHECK_INT(count(&u, USAGE_CACHE_WRITE_5M), cases[i].cache_write);
		CHECK_INT(count(&u, USAGE_OUTPUT), cases[i].output);
		CHECK_INT(count(&u, USAGE_REASONING), cases[i].reasoning);
	}
}

static void counts_that_are_not_there_yet_change_nothing(void)
{
	static const char *const texts[] = {"null", "{}", "[]", "{\"prompt_tokens\":null,\"completion_tokens\":null}"};
	struct usage u = read("{\"prompt_tokens\":8,\"completion_tokens\":5}");

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		CHECK(!openai_read_usage((struct jspan){texts[i], strlen(texts[i])}, &u));
	CHECK(!openai_read_usage((struct jspan){0}, &u));
	CHECK_INT(count(&u, USAGE_INPUT), 8);
}

static void a_providers_own_cost_is_read_to_the_nano_dollar(void)
{
	static const struct {
		const char *text;
		int64_t nusd;
	} cases[] = {
		{"{\"prompt_tokens\":1,\"cost\":7.159e-05}", 71590},
		{"{\"prompt_tokens\":1,\"cost\":0}", 0},
		{"{\"prompt_tokens\":1,\"cost\":null}", COST_UNKNOWN},
		{"{\"prompt_tokens\":1}", COST_UNKNOWN},
		{"{\"prompt_tokens\":1,\"cost\":{\"request_cost\":0.005,\"total_cost\":0.00515}}", 5150000},
		{"{\"prompt_tokens\":1,\"cost_in_usd_ticks\":5411000}", 541100},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		CHECK_INT(read(cases[i].text).provider_cost_nusd, cases[i].nusd);
}

static void usage_is_written_as_openai_does(void)
{
	struct usage u;
	struct buf out;

	usage_init(&u);
	usage_set(&u, USAGE_INPUT, 140, USAGE_REPORTED);
	usage_set(&u, USAGE_OUTPUT, 7, USAGE_ESTIMATED);
	buf_init(&out, 1000);
	openai_write_usage(&u, false, 0, &out);
	CHECK_TEXT(out.data, "{\"prompt_tokens\":140,\"completion_tokens\":7,\"total_tokens\":147}");
	buf_clear(&out);
	usage_set(&u, USAGE_CACHE_READ, 100, USAGE_REPORTED);
	usage_set(&u, USAGE_CACHE_WRITE_1H, 30, USAGE_REPORTED);
	usage_set(&u, USAGE_REASONING, 3, USAGE_REPORTED);
	openai_write_usage(&u, true, 1, &out);
	CHECK_TEXT(out.data, "{\"prompt_tokens\":140,\"completion_tokens\":7,\"total_tokens\":147,"
			     "\"prompt_tokens_details\":{\"cached_tokens\":100,\"cache_write_tokens\":30},"
			     "\"completion_tokens_details\":{\"reasoning_tokens\":3},"
			     "\"cost\":0.000000001,\"cost_details\":{\"upstream_inference_cost\":0.000000001}}");
	buf_release(&out);
}

CHECK_MAIN(TEST(each_vendor_is_understood), TEST(counts_that_are_not_there_yet_change_nothing),
	   TEST(a_providers_own_cost_is_read_to_the_nano_dollar), TEST(usage_is_written_as_openai_does))
