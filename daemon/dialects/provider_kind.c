/* SPDX-License-Identifier: MIT */
/* Every kind of provider is a row here; a vendor that speaks a dialect we know is nothing else. */
#include "dialects/provider_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const struct endpoint openai_endpoints[] = {
	{.dialect = &openai_chat, .path = "/chat/completions"},
	{.dialect = &openai_responses, .path = "/responses", .option = "responses"},
	{.dialect = &openai_completions, .path = "/completions", .option = "completions"},
	{.dialect = &openai_count, .path = "/responses/input_tokens", .option = "responses"},
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
	{.dialect = &cohere_embeddings, .path = "/v2/embed"},
	{.dialect = NULL},
};

static const struct endpoint gemini_endpoints[] = {
	{.dialect = &gemini,
	 .path = "/v1beta/models/{model}:generateContent",
	 .stream_path = "/v1beta/models/{model}:streamGenerateContent?alt=sse"},
	{.dialect = &gemini_array, .path = "/v1beta/models/{model}:streamGenerateContent"},
	{.dialect = &gemini_count, .path = "/v1beta/models/{model}:countTokens"},
	{.dialect = &gemini_embeddings, .path = "/v1beta/models/{model}:batchEmbedContents"},
	{.dialect = NULL},
};

static const struct endpoint bedrock_endpoints[] = {
	{.dialect = &bedrock, .path = "/model/{model}/converse", .stream_path = "/model/{model}/converse-stream"},
	{.dialect = &anthropic_bedrock,
	 .path = "/model/{model}/invoke",
	 .stream_path = "/model/{model}/invoke-with-response-stream",
	 .only_models = "anthropic.claude"},
	{.dialect = &bedrock_count, .path = "/model/{model:anthropic.}/count-tokens", .only_models = "anthropic.claude"},
	{.dialect = NULL},
};

static const struct provider_option bedrock_options[] = {
	{.name = "region", .otherwise = "us-east-1", .environment = {"AWS_REGION", "AWS_DEFAULT_REGION"}},
	{.name = NULL},
};

/* What is named by a version of the API stands below a deployment; what has none (v1) names it in its body. */
#define AZURE(spoken, tail)                                                                                \
	{.dialect = &spoken, .path = "/openai/v1" tail, .only_option = "api_version", .only_value = "v1"}, \
		{.dialect = &spoken,                                                                       \
		 .path = "/openai/v1" tail "?api-version=preview",                                         \
		 .only_option = "api_version",                                                             \
		 .only_value = "preview"},                                                                 \
		{.dialect = &spoken, .path = "/openai/deployments/{model}" tail "?api-version={api_version}"}

static const struct endpoint azure_endpoints[] = {
	AZURE(openai_chat, "/chat/completions"),
	{.dialect = &openai_responses, .path = "/openai/v1/responses", .option = "responses"},
	AZURE(openai_completions, "/completions"),
	AZURE(openai_embeddings, "/embeddings"),
	AZURE(openai_images, "/images/generations"),
	AZURE(openai_speech, "/audio/speech"),
	AZURE(openai_transcriptions, "/audio/transcriptions"),
	{.dialect = NULL},
};

static const struct provider_option azure_options[] = {
	{.name = "api_version", .otherwise = "2024-10-21", .environment = {"OPENAI_API_VERSION"}},
	{.name = NULL},
};

#define VERTEX "/v1/projects/{project}/locations/{location}"

/* Claude has its own words there; models of others, whose names have a publisher, are spoken to as OpenAI's. */
static const struct endpoint vertex_endpoints[] = {
	{.dialect = &anthropic,
	 .path = VERTEX "/publishers/anthropic/models/{model}:rawPredict",
	 .stream_path = VERTEX "/publishers/anthropic/models/{model}:streamRawPredict",
	 .only_models = "claude"},
	{.dialect = &openai_chat, .path = VERTEX "/endpoints/openapi/chat/completions", .only_models = "/"},
	{.dialect = &gemini,
	 .path = VERTEX "/publishers/google/models/{model}:generateContent",
	 .stream_path = VERTEX "/publishers/google/models/{model}:streamGenerateContent?alt=sse",
	 .except_models = "claude|/"},
	{.dialect = &gemini_array,
	 .path = VERTEX "/publishers/google/models/{model}:streamGenerateContent",
	 .except_models = "claude|/"},
	{.dialect = &gemini_count,
	 .path = VERTEX "/publishers/google/models/{model}:countTokens",
	 .except_models = "claude|/"},
	{.dialect = NULL},
};

static const struct provider_option vertex_options[] = {
	{.name = "project", .environment = {"GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"}},
	{.name = "location", .otherwise = "global", .environment = {"GOOGLE_CLOUD_LOCATION", "GOOGLE_CLOUD_REGION"}},
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
		.name = "vertex",
		.title = "Google Vertex AI",
		.endpoints = vertex_endpoints,
		.base_url = "https://{location-}aiplatform.googleapis.com",
		.auth = AUTH_GOOGLE,
		.options = vertex_options,
		.environment = "GOOGLE_APPLICATION_CREDENTIALS_JSON",
		.by_name_only = true,
		.quirks = QUIRK_VERTEX,
	},
	{
		.name = "mistral",
		.title = "Mistral",
		.endpoints = openai_endpoints,
		.base_url = "https://api.mistral.ai/v1",
		.models_path = "/models",
		.auth = AUTH_BEARER,
		.environment = "MISTRAL_API_KEY",
		.quirks = QUIRK_NO_STREAM_OPTIONS | QUIRK_MISTRALS_WORDS,
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
		.name = "azure",
		.title = "Azure OpenAI",
		.endpoints = azure_endpoints,
		.models_path = "/openai/models?api-version=2024-10-21",
		.auth = AUTH_HEADER,
		.auth_header = "api-key",
		.options = azure_options,
		.environment = "AZURE_OPENAI_API_KEY",
		.quirks = QUIRK_MAX_COMPLETION_TOKENS,
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

bool provider_option_value(const struct provider_kind *kind, const char *options, const char *name, char *out, size_t size)
{
	const struct provider_option *o = kind->options;
	struct jspan value = {0};
	const char *text;

	if (options != NULL)
		value = jspan_member((struct jspan){options, strlen(options)}, name);
	if (value.at != NULL && jspan_copy(value, out, size))
		return true;
	while (o != NULL && o->name != NULL && strcmp(o->name, name) != 0)
		o++;
	if (o == NULL || o->name == NULL)
		return false;
	text = o->otherwise;
	for (size_t i = ARRAY_LEN(o->environment); i-- > 0;)
		if (o->environment[i] != NULL && getenv(o->environment[i]) != NULL)
			text = getenv(o->environment[i]);
	if (text != NULL)
		copy_text(out, size, text);
	return text != NULL;
}

/* words: with bars between them. */
static bool has_one_of(const char *text, const char *words)
{
	char word[32];

	for (size_t len; words != NULL && *words != '\0'; words += len + (words[len] == '|')) {
		len = strcspn(words, "|");
		copy_text(word, len + 1 < sizeof(word) ? len + 1 : sizeof(word), words);
		if (strstr(text, word) != NULL)
			return true;
	}
	return false;
}

static bool is_spoken(const struct provider_kind *kind, const struct endpoint *e, const char *options, const char *model)
{
	struct jspan said = {options, options != NULL ? strlen(options) : 0};
	char value[32];
	bool spoken = true;

	if (e->option != NULL)
		jspan_bool(jspan_member(said, e->option), &spoken);
	if (e->only_option != NULL && (!provider_option_value(kind, options, e->only_option, value, sizeof(value)) ||
				       strcmp(value, e->only_value) != 0))
		return false;
	if (e->only_models != NULL && (model == NULL || strstr(model, e->only_models) == NULL))
		return false;
	return spoken && !(model != NULL && has_one_of(model, e->except_models));
}

const struct endpoint *provider_endpoint_but(const struct provider_kind *kind, const char *options, const char *model,
					     unsigned missing, const struct dialect *client)
{
	struct jspan said = {options, options != NULL ? strlen(options) : 0};
	struct jspan preferred = jspan_member(said, "prefer");
	const struct endpoint *first = NULL, *own = NULL;

	for (const struct endpoint *e = kind->endpoints; e->dialect != NULL; e++) {
		if (e->dialect->operation != client->operation || !is_spoken(kind, e, options, model) ||
		    missing & 1u << (e - kind->endpoints))
			continue;
		if (own == NULL && (e->dialect == client || e->dialect->same_as == client))
			own = e;
		if (e->dialect != client && e->dialect->write_request == NULL)
			continue;
		if (e->option != NULL && jspan_equals(preferred, e->option))
			return e;
		if (first == NULL)
			first = e;
	}
	return own != NULL ? own : first;
}

const struct endpoint *provider_endpoint_with(const struct provider_kind *kind, const char *options, const char *model,
					      const struct dialect *client)
{
	return provider_endpoint_but(kind, options, model, 0, client);
}

const struct endpoint *provider_endpoint(const struct provider_kind *kind, const struct dialect *client)
{
	return provider_endpoint_with(kind, NULL, NULL, client);
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
