/* SPDX-License-Identifier: MIT */
/* Every kind of provider is a row here; a vendor that speaks a dialect we know is nothing else. */
#include "dialects/provider_kind.h"

#include <stdio.h>
#include <string.h>

static const struct endpoint openai_endpoints[] = {
	{.dialect = &openai_chat, .path = "/chat/completions"},
	{.dialect = &openai_responses, .path = "/responses", .option = "responses"},
	{.dialect = &openai_embeddings, .path = "/embeddings"},
	{.dialect = &openai_moderations, .path = "/moderations"},
	{.dialect = &openai_images, .path = "/images/generations"},
	{.dialect = &rerank, .path = "/rerank"},
	{.dialect = &openai_speech, .path = "/audio/speech"},
	{.dialect = &openai_transcriptions, .path = "/audio/transcriptions"},
	{.dialect = NULL},
};

static const struct endpoint sim_endpoints[] = {
	{.dialect = &openai_chat, .path = "/chat/completions"},
	{.dialect = NULL},
};

static const struct endpoint anthropic_endpoints[] = {
	{.dialect = &anthropic, .path = "/v1/messages"},
	{.dialect = &anthropic_count, .path = "/v1/messages/count_tokens"},
	{.dialect = NULL},
};

static const struct endpoint cohere_endpoints[] = {
	{.dialect = &cohere, .path = "/v2/chat"},
	{.dialect = &rerank, .path = "/v2/rerank"},
	{.dialect = NULL},
};

static const struct endpoint gemini_endpoints[] = {
	{.dialect = &gemini,
	 .path = "/v1beta/models/{model}:generateContent",
	 .stream_path = "/v1beta/models/{model}:streamGenerateContent?alt=sse"},
	{.dialect = &gemini_array, .path = "/v1beta/models/{model}:streamGenerateContent"},
	{.dialect = NULL},
};

static const struct endpoint bedrock_endpoints[] = {
	{.dialect = &bedrock, .path = "/model/{model}/converse", .stream_path = "/model/{model}/converse-stream"},
	{.dialect = NULL},
};

static const struct provider_option bedrock_options[] = {
	{.name = "region", .otherwise = "us-east-1", .environment = {"AWS_REGION", "AWS_DEFAULT_REGION"}},
	{.name = NULL},
};

const struct provider_kind provider_kinds[] = {
	{
		.name = "openai",
		.title = "OpenAI",
		.endpoints = openai_endpoints,
		.base_url = "https://api.openai.com/v1",
		.models_path = "/models",
		.auth = AUTH_BEARER,
		.environment = "OPENAI_API_KEY",
		.quirks = QUIRK_MAX_COMPLETION_TOKENS,
	},
	{
		.name = "anthropic",
		.title = "Anthropic",
		.endpoints = anthropic_endpoints,
		.base_url = "https://api.anthropic.com",
		.models_path = "/v1/models",
		.auth = AUTH_HEADER,
		.auth_header = "x-api-key",
		.extra_headers = {"anthropic-version: 2023-06-01"},
		.environment = "ANTHROPIC_API_KEY",
	},
	{
		.name = "gemini",
		.title = "Google Gemini",
		.endpoints = gemini_endpoints,
		.base_url = "https://generativelanguage.googleapis.com",
		.models_path = "/v1beta/models",
		.auth = AUTH_HEADER,
		.auth_header = "x-goog-api-key",
		.environment = "GEMINI_API_KEY",
	},
	{
		.name = "mistral",
		.title = "Mistral",
		.endpoints = openai_endpoints,
		.base_url = "https://api.mistral.ai/v1",
		.models_path = "/models",
		.auth = AUTH_BEARER,
		.environment = "MISTRAL_API_KEY",
		.quirks = QUIRK_NO_STREAM_OPTIONS,
	},
	{
		.name = "groq",
		.title = "Groq",
		.endpoints = openai_endpoints,
		.base_url = "https://api.groq.com/openai/v1",
		.models_path = "/models",
		.auth = AUTH_BEARER,
		.environment = "GROQ_API_KEY",
		.quirks = QUIRK_MAX_COMPLETION_TOKENS,
	},
	{
		.name = "deepseek",
		.title = "DeepSeek",
		.endpoints = openai_endpoints,
		.base_url = "https://api.deepseek.com/v1",
		.models_path = "/models",
		.auth = AUTH_BEARER,
		.environment = "DEEPSEEK_API_KEY",
		.quirks = QUIRK_KNOWS_REASONING_CONTENT,
	},
	{
		.name = "xai",
		.title = "xAI",
		.endpoints = openai_endpoints,
		.base_url = "https://api.x.ai/v1",
		.models_path = "/models",
		.auth = AUTH_BEARER,
		.environment = "XAI_API_KEY",
		.quirks = QUIRK_MAX_COMPLETION_TOKENS,
	},
	{
		.name = "openrouter",
		.title = "OpenRouter",
		.endpoints = openai_endpoints,
		.base_url = "https://openrouter.ai/api/v1",
		.models_path = "/models",
		.auth = AUTH_BEARER,
		.environment = "OPENROUTER_API_KEY",
		.quirks = QUIRK_KNOWS_USAGE_INCLUDE | QUIRK_KNOWS_TOP_K | QUIRK_KNOWS_CACHE_CONTROL |
			  QUIRK_KNOWS_REASONING_DETAILS,
	},
	{
		.name = "cohere",
		.title = "Cohere",
		.endpoints = cohere_endpoints,
		.base_url = "https://api.cohere.com",
		.models_path = "/v1/models",
		.auth = AUTH_BEARER,
		.environment = "COHERE_API_KEY",
	},
	{
		.name = "bedrock",
		.title = "Bedrock",
		.endpoints = bedrock_endpoints,
		.base_url = "https://bedrock-runtime.{region}.amazonaws.com",
		.auth = AUTH_AWS,
		.options = bedrock_options,
		.environment = "AWS_ACCESS_KEY_ID:AWS_SECRET_ACCESS_KEY:AWS_SESSION_TOKEN?",
	},
	{
		.name = "ollama",
		.title = "Ollama",
		.endpoints = openai_endpoints,
		.base_url = "http://127.0.0.1:11434/v1",
		.models_path = "/models",
		.auth = AUTH_NONE,
		.environment = "OLLAMA_HOST",
	},
	{
		.name = "sim",
		.title = "Simulated",
		.simulated = true,
		.endpoints = sim_endpoints,
		.base_url = "",
		.auth = AUTH_NONE,
	},
#define VENDOR(kind, shown, url, variable, heeds)                                                          \
	{                                                                                                  \
		.name = kind,                                                                              \
		.title = shown,                                                                            \
		.endpoints = openai_endpoints,                                                             \
		.base_url = url,                                                                           \
		.models_path = "/models",                                                                  \
		.auth = AUTH_BEARER,                                                                       \
		.environment = variable,                                                                   \
		.by_name_only = true,                                                                      \
		.quirks = heeds,                                                                           \
	},
#define LOCAL(kind, shown, url)                                                                            \
	{                                                                                                  \
		.name = kind,                                                                              \
		.title = shown,                                                                            \
		.endpoints = openai_endpoints,                                                             \
		.base_url = url,                                                                           \
		.models_path = "/models",                                                                  \
		.auth = AUTH_BEARER,                                                                       \
		.keyless = true,                                                                           \
	},
#include "schema/providers.def"
#undef VENDOR
#undef LOCAL
	{.name = NULL},
};

const struct provider_kind *provider_kind_find(const char *name)
{
	for (const struct provider_kind *k = provider_kinds; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	return NULL;
}

static bool is_spoken(const struct endpoint *e, struct jspan options)
{
	bool spoken = true;

	if (e->option != NULL)
		jspan_bool(jspan_member(options, e->option), &spoken);
	return spoken;
}

const struct endpoint *provider_endpoint_with(const struct provider_kind *kind, const char *options,
					      const struct dialect *client)
{
	struct jspan said = {options, options != NULL ? strlen(options) : 0};
	struct jspan preferred = jspan_member(said, "prefer");
	const struct endpoint *first = NULL, *own = NULL;

	for (const struct endpoint *e = kind->endpoints; e->dialect != NULL; e++) {
		if (e->dialect->operation != client->operation || !is_spoken(e, said))
			continue;
		if (e->option != NULL && jspan_equals(preferred, e->option))
			return e;
		if (own == NULL && e->dialect == client)
			own = e;
		if (first == NULL)
			first = e;
	}
	return own != NULL ? own : first;
}

const struct endpoint *provider_endpoint(const struct provider_kind *kind, const struct dialect *client)
{
	return provider_endpoint_with(kind, NULL, client);
}

const char *provider_kind_names(char out[PROVIDER_KINDS_TEXT])
{
	const size_t shown = 10, room = PROVIDER_KINDS_TEXT;
	size_t len = 0, n = 0;

	for (; provider_kinds[n].name != NULL; n++)
		if (n < shown && len < room)
			len += (size_t)snprintf(out + len, room - len, "%s, ", provider_kinds[n].name);
	if (len < room)
		snprintf(out + len, room - len, "… (%zu in all; tollgate provider kinds lists them)", n);
	return out;
}
