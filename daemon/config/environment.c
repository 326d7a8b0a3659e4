/* SPDX-License-Identifier: MIT */
/* The environment is searched for providers here. */
#include "config/environment.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/config.h"
#include "dialects/provider_kind.h"

/* Kinds whose place, not only whose key, people keep in a variable.  path: what the vendor's own client
 * puts behind the host; other: what some put there instead. */
static const struct place {
	const char *kind, *variable, *port, *path, *other;
} places[] = {
	{"ollama", "OLLAMA_HOST", ":11434", "/v1", NULL},
	{"azure", "AZURE_OPENAI_ENDPOINT", "", "", "/openai"},
};

/* Kinds whose credential may be in another variable, which then goes first. */
static const struct {
	const char *kind, *variable;
} others[] = {
	{"bedrock", "AWS_BEARER_TOKEN_BEDROCK"},
};

static const char *value_of(const char *variable)
{
	const char *value = variable != NULL ? getenv(variable) : NULL;

	return value != NULL && *value != '\0' ? value : NULL;
}

static bool has_port(const char *host)
{
	const char *colon = strrchr(host, ':');

	return colon != NULL && strchr(colon, ']') == NULL;
}

/* "10.0.0.5", "10.0.0.5:11434" and "http://10.0.0.5:11434/" all say the same.  A server told to listen
 * on all addresses is reached on this machine's own. */
static char *make_url(const struct place *place, const char *given)
{
	bool whole = text_starts(given, "http://") || text_starts(given, "https://");
	const char *host = strncmp(given, "0.0.0.0", 7) == 0 ? given + 7 : given;
	const char *other = place->other != NULL ? strstr(given, place->other) : NULL;
	size_t len;

	if (whole) {
		len = other != NULL ? (size_t)(other - given) : strlen(given);
		while (len > 0 && given[len - 1] == '/')
			len--;
		return xasprintf("%.*s%s", (int)len, given, place->path);
	}
	return xasprintf("http://%s%s%s%s", host != given ? "127.0.0.1" : "", host,
			 has_port(given) ? "" : place->port, place->path);
}

static const struct place *place_of(const struct provider_kind *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (strcmp(places[i].kind, kind->name) == 0)
			return &places[i];
	return NULL;
}

/* "env:…" for what is set, or NULL; the caller frees it. */
static char *find_reference(const struct provider_kind *kind)
{
	char *reference, *value;

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i].kind, kind->name) == 0 && value_of(others[i].variable) != NULL)
			return xasprintf("env:%s", others[i].variable);
	if (kind->environment == NULL)
		return NULL;
	reference = xasprintf("env:%s", kind->environment);
	if (secret_resolve(reference, "", &value, NULL) < 0) {
		free(reference);
		return NULL;
	}
	sodium_memzero(value, strlen(value));
	free(value);
	return reference;
}

char *environment_credential(const struct provider_kind *kind)
{
	return kind->auth != AUTH_NONE ? find_reference(kind) : NULL;
}

/* NULL where the variables do not suffice. */
static json_t *provider_of(const struct provider_kind *kind)
{
	const struct place *place = place_of(kind);
	const char *where = place != NULL ? value_of(place->variable) : NULL;
	char *reference;
	json_t *object;

	if (kind->by_name_only || (kind->base_url == NULL && where == NULL))
		return NULL;
	reference = find_reference(kind);
	if (reference == NULL)
		return NULL;
	object = json_object();
	json_add_text(object, "name", kind->name);
	json_add_text(object, "kind", kind->name);
	if (where != NULL) {
		char *url = make_url(place, where);

		json_add_text(object, "base_url", url);
		free(url);
	}
	if (kind->auth != AUTH_NONE)
		json_add_text(object, "api_key", reference);
	free(reference);
	return object;
}

json_t *environment_providers(void)
{
	json_t *list = json_array();

	for (const struct provider_kind *kind = provider_kinds; kind->name != NULL; kind++) {
		json_t *object = provider_of(kind);

		if (object != NULL)
			json_array_append_new(list, object);
	}
	return list;
}
