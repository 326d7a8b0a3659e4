/* SPDX-License-Identifier: MIT */
/*
 * What LiteLLM's config.yaml says of deployments on Azure and AWS is translated here: a place, a version or a
 * region, a credential of several parts, and names that carry more than a model.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/litellm.h"

#define ENVIRONMENT "os.environ/"

/* A parameter, or what the variable holds that it names; "" where neither is there, then with a note. */
static const char *value_of(const json_t *params, const char *name, struct buf *notes)
{
	const char *text = json_text_peek(params, name), *value;

	if (text == NULL || !text_starts(text, ENVIRONMENT))
		return text != NULL ? text : "";
	value = getenv(text + strlen(ENVIRONMENT));
	if (value != NULL && *value != '\0')
		return value;
	buf_puts(notes, name);
	buf_puts(notes, ": is in the variable ");
	text_clean(notes, text + strlen(ENVIRONMENT), strlen(text + strlen(ENVIRONMENT)), false);
	buf_puts(notes, ", which is not set here; put it in by hand\n");
	return "";
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Steps over the first of these words that the name begins with. */
static const char *skip_word(const char *name, const char *const *words)
{
	for (; *words != NULL; words++)
		if (text_starts(name, *words))
			return name + strlen(*words);
	return name;
}

/* -- Azure ----------------------------------------------------------------------------------------- */

/* The bare host: what stands behind it is ours to say. */
static void set_azure_url(json_t *provider, const char *base)
{
	const char *scheme = strstr(base, "://");
	size_t len = strlen(base);

	if (scheme != NULL)
		len = (size_t)(scheme - base) + 3 + strcspn(scheme + 3, "/?");
	if (len > 0) {
		char *host = xstrndup(base, len);

		json_add_text(provider, "base_url", host);
		free(host);
	}
}

const char *litellm_azure(const json_t *params, const char *model, json_t *provider, struct buf *notes)
{
	static const char *const words[] = {"o_series/", "gpt5_series/", "responses/", NULL};
	const char *base = value_of(params, "api_base", notes), *version = value_of(params, "api_version", notes);

	if (*base == '\0' && getenv("AZURE_API_BASE") != NULL)
		base = getenv("AZURE_API_BASE");
	if (*base == '\0')
		buf_puts(notes, "azure: needs its base_url, such as https://NAME.openai.azure.com; put it in by hand\n");
	if (strcmp(version, "latest") == 0 || (*version == '\0' && strstr(base, "/openai/v1") != NULL))
		version = "v1";
	json_object_del(provider, "base_url");
	json_object_del(provider, "api_version");
	set_azure_url(provider, base);
	if (*version != '\0')
		json_add_text(provider, "api_version", version);
	return skip_word(model, words);
}

/* Models of any vendor: behind one host by v1, or each behind its own as OpenAI's clients would call it. */
const char *litellm_azure_ai(const json_t *params, const char *model, json_t *provider, struct buf *notes)
{
	const char *base = value_of(params, "api_base", notes);

	json_object_del(provider, "base_url");
	if (strstr(base, ".services.ai.azure.com") != NULL || strstr(base, ".openai.azure.com") != NULL) {
		set_azure_url(provider, base);
		json_object_del(provider, "api_version");
		json_add_text(provider, "api_version", "v1");
		return model;
	}
	json_add_text(provider, "kind", "openai");
	if (*base != '\0') {
		char *url = xasprintf("%s%s", base, ends_with(base, "/v1") ? "" : ends_with(base, "/") ? "v1" : "/v1");

		json_add_text(provider, "base_url", url);
		free(url);
	}
	return model;
}

/* -- AWS ------------------------------------------------------------------------------------------- */

/* "us-east-1/" or "eu-central-2/" before a model's name: how long it is, or 0. */
static size_t region_len(const char *model)
{
	size_t n = strspn(model, "abcdefghijklmnopqrstuvwxyz-");

	if (n < 7 || model[n - 1] != '-' || !isdigit((unsigned char)model[n]) || model[n + 1] != '/')
		return 0;
	return n + 1;
}

static void set_region(const json_t *params, const char **model, json_t *provider, struct buf *notes)
{
	size_t len = region_len(*model);
	char region[32];

	copy_text(region, sizeof(region), value_of(params, "aws_region_name", notes));
	if (len > 0) {
		copy_text(region, len < sizeof(region) ? len + 1 : sizeof(region), *model);
		*model += len + 1;
	}
	if (region[0] != '\0')
		json_add_text(provider, "region", region);
}

/* The name of a variable that holds a parameter, or NULL. */
static const char *variable_of(const json_t *params, const char *name)
{
	const char *text = json_text_peek(params, name);

	return text != NULL && text_starts(text, ENVIRONMENT) ? text + strlen(ENVIRONMENT) : NULL;
}

/* The keys where they are; without any the daemon looks where AWS's own clients do. */
static void set_keys(const json_t *params, json_t *provider, struct buf *notes)
{
	const char *id = variable_of(params, "aws_access_key_id"), *secret = variable_of(params, "aws_secret_access_key");
	const char *token = variable_of(params, "aws_session_token");
	const char *plain_id = json_text_peek(params, "aws_access_key_id");
	const char *plain_secret = json_text_peek(params, "aws_secret_access_key");
	char *key = NULL;

	if (id != NULL && secret != NULL) {
		key = xasprintf("env:%s:%s%s%s", id, secret, token != NULL ? ":" : "", token != NULL ? token : "");
	} else if (plain_id != NULL && plain_secret != NULL) {
		key = xasprintf("%s:%s", plain_id, plain_secret);
		buf_puts(notes, "bedrock: has its keys in the file; env:ID:SECRET or file:PATH keeps them out\n");
	} else if (json_object_get(provider, "base_url") != NULL && json_object_get(provider, "api_key") == NULL) {
		key = xstrdup("env:AWS_ACCESS_KEY_ID:AWS_SECRET_ACCESS_KEY:AWS_SESSION_TOKEN?");
	}
	if (key != NULL)
		json_add_text(provider, "api_key", key);
	free(key);
	if (json_object_get(params, "aws_role_name") != NULL || json_object_get(params, "aws_profile_name") != NULL)
		buf_puts(notes, "bedrock: roles and profiles of AWS are not known here; give keys or a bearer token\n");
}

const char *litellm_bedrock(const json_t *params, const char *model, json_t *provider, struct buf *notes)
{
	static const char *const words[] = {"converse/", "converse_like/", "invoke/", NULL};
	const char *endpoint = value_of(params, "aws_bedrock_runtime_endpoint", notes);

	model = skip_word(model, words);
	set_region(params, &model, provider, notes);
	if (*endpoint != '\0')
		json_add_text(provider, "base_url", endpoint);
	set_keys(params, provider, notes);
	return skip_word(model, words);
}
