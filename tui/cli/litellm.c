/* SPDX-License-Identifier: MIT */
/* LiteLLM's config.yaml is translated into our configuration file here. */
#include "cli/litellm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/yaml.h"

#define OUTPUT_MAX (16u << 20)
#define ENVIRONMENT "os.environ/"

/* What stands before the slash there, what we call it, and where its clients look for the key. */
static const struct vendor {
	const char *prefix, *kind, *variable;
	const char *models;     /* how bare names of its models begin; NULL: they always have a prefix */
} vendors[] = {
	{"openai", "openai", "OPENAI_API_KEY", "gpt-"},
	{"text-completion-openai", "openai", "OPENAI_API_KEY", NULL},
	{"anthropic", "anthropic", "ANTHROPIC_API_KEY", "claude-"},
	{"gemini", "gemini", "GEMINI_API_KEY", "gemini-"},
	{"mistral", "mistral", "MISTRAL_API_KEY", "mistral-"},
	{"groq", "groq", "GROQ_API_KEY", NULL},
	{"deepseek", "deepseek", "DEEPSEEK_API_KEY", "deepseek-"},
	{"xai", "xai", "XAI_API_KEY", "grok-"},
	{"openrouter", "openrouter", "OPENROUTER_API_KEY", NULL},
	{"azure", "azure", "AZURE_API_KEY", NULL},
	{"azure_ai", "azure", "AZURE_AI_API_KEY", NULL},
	{"bedrock", "bedrock", NULL, NULL},
	{"bedrock_converse", "bedrock", NULL, NULL},
	{"cohere", "cohere", "COHERE_API_KEY", "command-"},
	{"ollama", "ollama", NULL, NULL},
	{"ollama_chat", "ollama", NULL, NULL},
	{"hosted_vllm", "openai", NULL, NULL},
};

/* Those that need more than a key. */
static const struct {
	const char *prefix;
	const char *(*finish)(const json_t *params, const char *model, json_t *provider, struct buf *notes);
} clouds[] = {
	{"azure", litellm_azure},
	{"azure_ai", litellm_azure_ai},
	{"bedrock", litellm_bedrock},
	{"bedrock_converse", litellm_bedrock},
};

struct translation {
	const json_t *config;
	json_t *providers;      /* name → {kind, api_key, base_url, api_version, region}, in order; owned */
	json_t *groups;         /* model_name → list of {target, weight}, in order; owned */
	struct buf *notes;
};

static const char *setting(const struct translation *t, const char *name)
{
	static const char *const sections[] = {"router_settings", "litellm_settings"};

	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		const char *text = json_text_peek(json_object_get(t->config, sections[i]), name);

		if (text != NULL)
			return text;
	}
	return NULL;
}

static void note_clean(struct translation *t, const char *what, const char *name)
{
	text_clean(t->notes, name, strlen(name), false);
	buf_printf(t->notes, ": %s\n", what);
}

/* -- Providers ------------------------------------------------------------------------------------- */

/* The vendor of "prefix/model" or of a bare model's name; *ret_model is the name without the prefix. */
static const struct vendor *find_vendor(const char *model, const char **ret_model)
{
	for (size_t i = 0; i < ARRAY_LEN(vendors); i++) {
		size_t len = strlen(vendors[i].prefix);

		*ret_model = model + len + 1;
		if (strncmp(model, vendors[i].prefix, len) == 0 && model[len] == '/')
			return &vendors[i];
	}
	*ret_model = model;
	for (size_t i = 0; i < ARRAY_LEN(vendors); i++)
		if (vendors[i].models != NULL && text_starts(model, vendors[i].models))
			return &vendors[i];
	return NULL;
}

static json_t *provider_of(const struct vendor *vendor, const json_t *params)
{
	const char *key = json_text_peek(params, "api_key");
	json_t *provider = json_object();
	char *source = NULL;

	if (key != NULL && text_starts(key, ENVIRONMENT))
		source = xasprintf("env:%s", key + strlen(ENVIRONMENT));
	else if (key == NULL && vendor->variable != NULL)
		source = xasprintf("env:%s", vendor->variable);
	json_add_text(provider, "kind", vendor->kind);
	if (source != NULL || key != NULL)
		json_add_text(provider, "api_key", source ? source : key);
	if (json_text_peek(params, "api_base") != NULL)
		json_add_text(provider, "base_url", json_text_peek(params, "api_base"));
	if (json_text_peek(params, "api_version") != NULL)
		json_add_text(provider, "api_version", json_text_peek(params, "api_version"));
	free(source);
	return provider;
}

/* The name of the provider with these facts, made when there is none: openai, openai-2 …  Borrowed. */
static const char *name_provider(struct translation *t, json_t *provider)
{
	const char *kind = json_text_peek(provider, "kind"), *name;
	char *made = xstrdup(kind);
	json_t *other;

	json_object_foreach(t->providers, name, other)
		if (json_equal(other, provider)) {
			free(made);
			json_decref(provider);
			return name;
		}
	for (int n = 2; json_object_get(t->providers, made) != NULL; n++) {
		free(made);
		made = xasprintf("%s-%d", kind, n);
	}
	json_object_set_new(t->providers, made, provider);
	name = json_object_iter_key(json_object_iter_at(t->providers, made));
	free(made);
	return name;
}

/* -- Chains ---------------------------------------------------------------------------------------- */

static void add_target(struct translation *t, const char *group, const char *provider, const char *model,
		       const char *weight)
{
	json_t *targets = json_object_get(t->groups, group), *target = json_object();
	char *name = xasprintf("%s/%s", provider, model);

	if (targets == NULL) {
		targets = json_array();
		json_object_set_new(t->groups, group, targets);
	}
	json_add_text(target, "target", name);
	if (weight != NULL)
		json_add_text(target, "weight", weight);
	json_array_append_new(targets, target);
	free(name);
}

static void read_entry(struct translation *t, const json_t *entry)
{
	const json_t *params = json_object_get(entry, "litellm_params");
	const char *group = json_text_peek(entry, "model_name"), *full = json_text_peek(params, "model"), *model;
	const char *key = json_text_peek(params, "api_key"), *provider;
	json_t *made;
	const struct vendor *vendor = full ? find_vendor(full, &model) : NULL;

	if (group == NULL || full == NULL)
		return;
	if (vendor == NULL) {
		note_clean(t, "left out: its vendor is not known here; add the provider by hand", full);
		return;
	}
	made = provider_of(vendor, params);
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++)
		if (strcmp(clouds[i].prefix, vendor->prefix) == 0)
			model = clouds[i].finish(params, model, made, t->notes);
	provider = name_provider(t, made);
	if (key != NULL && !text_starts(key, ENVIRONMENT))
		note_clean(t, "has its secret in the file; env:NAME or file:PATH keeps it out", provider);
	if (strchr(group, '*') != NULL)
		note_clean(t, "is a pattern: every model of the provider can be asked for as provider/model", group);
	else
		add_target(t, group, provider, model, json_text_peek(params, "weight"));
}

/* The names a group falls back to; NULL: none.  Borrowed. */
static const json_t *fallbacks_of(const struct translation *t, const char *group)
{
	static const char *const sections[] = {"router_settings", "litellm_settings"};
	const json_t *fallback;
	size_t i;

	for (size_t s = 0; s < ARRAY_LEN(sections); s++) {
		const json_t *section = json_object_get(t->config, sections[s]);

		json_array_foreach(json_object_get(section, "fallbacks"), i, fallback)
			if (json_object_get(fallback, group) != NULL)
				return json_object_get(fallback, group);
	}
	for (size_t s = 0; s < ARRAY_LEN(sections); s++) {
		const json_t *section = json_object_get(t->config, sections[s]);

		if (json_object_get(section, "default_fallbacks") != NULL)
			return json_object_get(section, "default_fallbacks");
	}
	return NULL;
}

/* -- Writing --------------------------------------------------------------------------------------- */

/* JSON's strings are YAML's; what needs no quotes has none. */
static void put_scalar(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	if (len > 0 && text[0] > '9' &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/") == len)
		buf_puts(out, text);
	else
		buf_json_string(out, text, len);
}

/* "{name: a, kind: b}", the members in their order. */
static void put_flow(struct buf *out, const json_t *object, const char *first_name, const char *first)
{
	const char *name, *separator = "";
	json_t *value;

	buf_putc(out, '{');
	if (first != NULL) {
		buf_printf(out, "%s: ", first_name);
		put_scalar(out, first);
		separator = ", ";
	}
	json_object_foreach((json_t *)object, name, value) {
		buf_printf(out, "%s%s: ", separator, name);
		if (strcmp(name, "weight") == 0)
			buf_puts(out, json_string_value(value));
		else
			put_scalar(out, json_string_value(value));
		separator = ", ";
	}
	buf_putc(out, '}');
}

static void put_tier(struct buf *out, const json_t *targets)
{
	const json_t *target;
	size_t i;

	buf_puts(out, "      - [");
	json_array_foreach(targets, i, target) {
		buf_puts(out, i > 0 ? ", " : "");
		put_flow(out, target, NULL, NULL);
	}
	buf_puts(out, "]\n");
}

static void put_chain(struct translation *t, const char *group, const json_t *targets, struct buf *out)
{
	const char *retries = setting(t, "num_retries"), *timeout = setting(t, "timeout");
	const json_t *fallback;
	size_t i;

	timeout = timeout ? timeout : setting(t, "request_timeout");
	buf_puts(out, "  - name: ");
	put_scalar(out, group);
	buf_puts(out, "\n    tiers:\n");
	put_tier(out, targets);
	json_array_foreach(fallbacks_of(t, group), i, fallback) {
		const json_t *next = json_object_get(t->groups, json_string_value(fallback));

		if (next != NULL && next != targets)
			put_tier(out, next);
		else if (next == NULL)
			note_clean(t, "falls back to a model that is not in model_list", group);
	}
	if (timeout != NULL && strspn(timeout, "0123456789") == strlen(timeout))
		buf_printf(out, "    timeout: %ss\n", timeout);
	if (retries != NULL && strspn(retries, "0123456789") == strlen(retries))
		buf_printf(out, "    retries: %s\n", retries);
}

static void put_all(struct translation *t, struct buf *out)
{
	const char *name;
	json_t *value;

	buf_puts(out, json_object_size(t->providers) > 0 ? "providers:\n" : "providers: []\n");
	json_object_foreach(t->providers, name, value) {
		buf_puts(out, "  - ");
		put_flow(out, value, "name", name);
		buf_putc(out, '\n');
	}
	if (json_object_size(t->groups) > 0)
		buf_puts(out, "chains:\n");
	json_object_foreach(t->groups, name, value)
		put_chain(t, name, value, out);
}

int litellm_translate(const json_t *config, struct buf *out, struct buf *notes, struct err *err)
{
	struct translation t = {.config = config, .providers = json_object(), .groups = json_object(), .notes = notes};
	const json_t *entries = json_object_get(config, "model_list"), *entry;
	size_t i;
	int code = 0;

	if (!json_is_array(entries))
		code = err_set(err, ERR_INVALID, "no model_list: is this LiteLLM's config.yaml?");
	json_array_foreach(entries, i, entry)
		read_entry(&t, entry);
	if (code == 0)
		put_all(&t, out);
	json_decref(t.providers);
	json_decref(t.groups);
	return code;
}

/* -- The command ----------------------------------------------------------------------------------- */

static int print_translation(const char *text, size_t len, struct err *err)
{
	json_t *config = yaml_read(text, len, err);
	struct buf out, notes;
	int code;

	if (config == NULL)
		return err->code;
	buf_init(&out, OUTPUT_MAX);
	buf_init(&notes, OUTPUT_MAX);
	code = litellm_translate(config, &out, &notes, err);
	if (code == 0) {
		cli_print_text(stdout, out.data);
		fputs(notes.data, stderr);
		fputs("keys and budgets are not in that file; look this one through, then: tollgate apply -f FILE\n", stderr);
	}
	buf_release(&out);
	buf_release(&notes);
	json_decref(config);
	return code;
}

int import_litellm(struct cli *cli)
{
	struct err err;
	size_t len;
	char *text = cli_read_file(cli->args[0], &len, &err);
	int code;

	if (text == NULL)
		return cli_failed_here(&err);
	code = print_translation(text, len, &err);
	free(text);
	if (code == 0)
		return CLI_OK;
	err_wrap(&err, "%s", cli->args[0]);
	return cli_failed_here(&err);
}
