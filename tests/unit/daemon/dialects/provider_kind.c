/* SPDX-License-Identifier: MIT */
#include "dialects/provider_kind.h"

#include <stdlib.h>

#include "check.h"

static void every_kind_can_be_found_and_is_whole(void)
{
	int n = 0;

	for (const struct provider_kind *k = provider_kinds; k->name != NULL; k++, n++) {
		CHECK(provider_kind_find(k->name) == k);
		CHECK(k->title != NULL && (k->base_url != NULL || k->environment != NULL));
		for (const struct provider_kind *other = k + 1; other->name != NULL; other++)
			CHECK(strcmp(k->name, other->name) != 0);
		CHECK(k->simulated == (strcmp(k->name, "sim") == 0));
		CHECK(provider_endpoint(k, &openai_chat) != NULL);
		CHECK((k->auth == AUTH_HEADER) == (k->auth_header != NULL));
		for (const struct endpoint *e = k->endpoints; e->dialect != NULL; e++)
			CHECK(e->path[0] == '/' && (e->stream_path == NULL || e->stream_path[0] == '/'));
		CHECK(k->base_url == NULL || k->base_url[0] == '\0' || k->base_url[strlen(k->base_url) - 1] != '/');
	}
	CHECK(n >= 60);
	CHECK(provider_kind_find("nobody") == NULL);
}

static void a_client_is_served_in_its_own_dialect_where_it_is_spoken(void)
{
	const struct provider_kind *openai = provider_kind_find("openai"), *claude = provider_kind_find("anthropic");

	CHECK(provider_endpoint(openai, &openai_chat)->dialect == &openai_chat);
	CHECK(provider_endpoint(openai, &anthropic)->dialect == &openai_chat);
	CHECK(provider_endpoint(claude, &anthropic)->dialect == &anthropic);
	CHECK(provider_endpoint(claude, &openai_chat)->dialect == &anthropic);
}

static void a_sentence_about_kinds_is_short(void)
{
	char text[PROVIDER_KINDS_TEXT];

	CHECK(strstr(provider_kind_names(text), "openai, anthropic, ") == text);
	CHECK(strstr(text, "in all; tollgate provider kinds lists them)") != NULL);
}

static const char *path_on_azure(const char *options, const struct dialect *client)
{
	return provider_endpoint_with(provider_kind_find("azure"), options, "gpt-5", client)->path;
}

static void azure_has_a_path_for_each_way_to_name_its_api(void)
{
	unsetenv("OPENAI_API_VERSION");
	CHECK_TEXT(path_on_azure(NULL, &openai_chat), "/openai/deployments/{model}/chat/completions?api-version={api_version}");
	CHECK_TEXT(path_on_azure("{\"api_version\":\"2025-01-01\"}", &openai_embeddings),
		   "/openai/deployments/{model}/embeddings?api-version={api_version}");
	CHECK_TEXT(path_on_azure("{\"api_version\":\"v1\"}", &openai_chat), "/openai/v1/chat/completions");
	CHECK_TEXT(path_on_azure("{\"api_version\":\"preview\"}", &openai_chat), "/openai/v1/chat/completions?api-version=preview");
	CHECK_TEXT(path_on_azure(NULL, &openai_responses), "/openai/v1/responses");
	setenv("OPENAI_API_VERSION", "v1", 1);
	CHECK_TEXT(path_on_azure(NULL, &openai_chat), "/openai/v1/chat/completions");
	unsetenv("OPENAI_API_VERSION");
}

static void claude_on_bedrock_hears_its_own_clients_unchanged(void)
{
	const struct provider_kind *kind = provider_kind_find("bedrock");
	const char *claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0", *nova = "amazon.nova-lite-v1:0";

	CHECK(provider_endpoint_with(kind, NULL, claude, &anthropic)->dialect == &anthropic_bedrock);
	CHECK(provider_endpoint_with(kind, NULL, claude, &openai_chat)->dialect == &bedrock);
	CHECK(provider_endpoint_with(kind, NULL, nova, &anthropic)->dialect == &bedrock);
	CHECK(provider_endpoint_with(kind, NULL, claude, &anthropic_count)->dialect == &bedrock_count);
	CHECK(provider_endpoint_with(kind, NULL, nova, &anthropic_count) == NULL);
}

static void an_option_is_the_providers_the_environments_or_the_kinds(void)
{
	const struct provider_kind *kind = provider_kind_find("bedrock");
	char value[32];

	unsetenv("AWS_REGION");
	unsetenv("AWS_DEFAULT_REGION");
	CHECK(provider_option_value(kind, NULL, "region", value, sizeof(value)));
	CHECK_TEXT(value, "us-east-1");
	setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
	CHECK(provider_option_value(kind, "{}", "region", value, sizeof(value)));
	CHECK_TEXT(value, "eu-west-1");
	setenv("AWS_REGION", "eu-west-2", 1);
	CHECK(provider_option_value(kind, NULL, "region", value, sizeof(value)));
	CHECK_TEXT(value, "eu-west-2");
	CHECK(provider_option_value(kind, "{\"region\":\"eu-west-3\"}", "region", value, sizeof(value)));
	CHECK_TEXT(value, "eu-west-3");
	CHECK(!provider_option_value(kind, NULL, "nothing", value, sizeof(value)));
	unsetenv("AWS_REGION");
	unsetenv("AWS_DEFAULT_REGION");
}

/* The endpoint of OpenAI's whose path ends so. */
static const char *asked_at(const char *options, unsigned missing, const struct dialect *client)
{
	const struct endpoint *e = provider_endpoint_but(provider_kind_find("openai"), options, "m", missing, client);

	return e != NULL ? e->path : NULL;
}

static void options_say_where_a_provider_is_asked(void)
{
	CHECK_TEXT(asked_at(NULL, 0, &openai_responses), "/responses");
	CHECK_TEXT(asked_at("{\"responses\":false}", 0, &openai_responses), "/chat/completions");
	CHECK_TEXT(asked_at("{\"responses\":true}", 0, &openai_chat), "/chat/completions");
	CHECK_TEXT(asked_at("{\"prefer\":\"responses\"}", 0, &openai_chat), "/responses");
	CHECK_TEXT(asked_at("{\"prefer\":\"responses\"}", 0, &anthropic), "/responses");
	CHECK_TEXT(asked_at("{\"prefer\":\"completions\"}", 0, &anthropic), "/chat/completions");
	CHECK_TEXT(asked_at("{\"completions\":false}", 0, &openai_completions), "/chat/completions");
}

static void what_is_missing_is_asked_elsewhere(void)
{
	CHECK_TEXT(asked_at(NULL, 1, &openai_chat), "/responses");
	CHECK_TEXT(asked_at(NULL, 2, &openai_responses), "/chat/completions");
	CHECK(asked_at(NULL, 3, &openai_responses) == NULL);
}

CHECK_MAIN(TEST(options_say_where_a_provider_is_asked), TEST(what_is_missing_is_asked_elsewhere),
	   TEST(a_sentence_about_kinds_is_short), TEST(every_kind_can_be_found_and_is_whole), TEST(a_client_is_served_in_its_own_dialect_where_it_is_spoken),
	   TEST(azure_has_a_path_for_each_way_to_name_its_api),
	   TEST(claude_on_bedrock_hears_its_own_clients_unchanged),
	   TEST(an_option_is_the_providers_the_environments_or_the_kinds))
