/* SPDX-License-Identifier: MIT */
#include "dialects/provider_kind.h"

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

CHECK_MAIN(TEST(a_sentence_about_kinds_is_short), TEST(every_kind_can_be_found_and_is_whole), TEST(a_client_is_served_in_its_own_dialect_where_it_is_spoken))
