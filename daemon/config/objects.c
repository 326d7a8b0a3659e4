/* SPDX-License-Identifier: MIT */
/* Providers, chains, teams and prices are known field by field here. */
#include "config/objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/chain_spec.h"
#include "config/environment.h"
#include "dialects/provider_kind.h"

#define MAX_SUGGESTIONS 200

static const char *const budget_modes[] = {"standard", "strict", NULL};
static const char *const states[] = {"enabled", "disabled", "draining", NULL};
static const char *const windows[] = {"hour", "day", "week", "month", "year", "total", NULL};

static const struct field budget_fields[] = {
	{.name = "amount_usd", .read = value_money, .required = true},
	{.name = "window", .read = value_choice, .choices = windows, .required = true},
	{.name = "model", .read = value_model},
	{.name = "mode", .read = value_choice, .choices = budget_modes},
	{.name = "utc_offset_min", .read = value_count, .min = -14 * 60, .max = 14 * 60},
	{.name = NULL},
};

static const struct field provider_fields[] = {
	{.name = "name", .read = value_name, .required = true},
	{.name = "kind", .read = value_kind},
	{.name = "base_url", .read = value_url},
	{.name = "api_version", .read = value_text, .input_only = true},
	{.name = "region", .read = value_text, .input_only = true},
	{.name = "api_key", .read = value_secret},
	{.name = "enabled", .read = value_flag, .input_only = true},
	{.name = "state", .read = value_choice, .choices = states},
	{.name = "state_reason", .read = value_text},
	{.name = "models", .read = value_models},
	{.name = "options", .read = value_options},
	{.name = "budget", .read = value_budget},
	{.name = "budget_mode", .read = value_choice, .choices = budget_modes},
	{.name = "budgets", .read = value_mappings, .members = budget_fields},
	{.name = NULL},
};

static const struct field chain_fields[] = {
	{.name = "name", .read = value_model, .required = true},
	{.name = "tiers", .read = value_tiers},
	{.name = "text", .read = value_text, .input_only = true},
	{.name = "timeout", .read = value_duration},
	{.name = "first_byte", .read = value_duration},
	{.name = "idle", .read = value_duration},
	{.name = "retries", .read = value_count, .max = CHAIN_RETRIES_MAX},
	{.name = NULL},
};

static const struct field team_fields[] = {
	{.name = "name", .read = value_name, .required = true},
	{.name = "budget", .read = value_budget},
	{.name = "budget_mode", .read = value_choice, .choices = budget_modes},
	{.name = "budgets", .read = value_mappings, .members = budget_fields},
	{.name = "models", .read = value_models},
	{.name = "rpm", .read = value_count, .min = 1, .max = INT64_MAX},
	{.name = "tpm", .read = value_count, .min = 1, .max = INT64_MAX},
	{.name = "parallel", .read = value_count, .min = 1, .max = INT64_MAX},
	{.name = "markup_percent", .read = value_percent},
	{.name = "allow_unpriced", .read = value_flag},
	{.name = "blocked", .read = value_flag},
	{.name = "blocked_reason", .read = value_text},
	{.name = "note", .read = value_text},
	{.name = NULL},
};

static const struct field price_fields[] = {
	{.name = "model", .read = value_model, .required = true},
	{.name = "provider", .read = value_name},
	{.name = "from", .read = value_time},
	{.name = "above_input", .read = value_count, .max = INT64_MAX},
	{.name = "input", .read = value_money},
	{.name = "output", .read = value_money},
	{.name = "cache_read", .read = value_money},
	{.name = "cache_write", .read = value_money},
	{.name = "cache_write_1h", .read = value_money},
	{.name = "reasoning", .read = value_money},
	{.name = "input_audio", .read = value_money},
	{.name = "input_image", .read = value_money},
	{.name = "output_audio", .read = value_money},
	{.name = "output_image", .read = value_money},
	{.name = "request_usd", .read = value_money},
	{.name = "source", .read = value_text},
	{.name = NULL},
};

/* -- providers -- */

/* The vendor's own place only: what stands elsewhere may have another key, or none, and is not sent this one. */
static void take_usual_credential(json_t *object, const struct provider_kind *kind)
{
	char *reference = json_object_get(object, "base_url") == NULL ? environment_credential(kind) : NULL;

	if (reference != NULL)
		json_add_text(object, "api_key", reference);
	free(reference);
}

/* A provider called like a kind is of that kind. */
static int finish_kind(struct source *source, const yaml_node_t *node, json_t *object, struct err *err)
{
	const char *name = json_text_peek(object, "name"), *kind_name = json_text_peek(object, "kind");
	const struct provider_kind *kind = provider_kind_find(kind_name != NULL ? kind_name : name);

	if (kind == NULL)
		return source_error(source, node, err, "provider %s needs a kind, such as openai", name);
	if (kind_name == NULL)
		json_add_text(object, "kind", kind->name);
	if (kind->base_url == NULL && !kind->simulated && json_object_get(object, "base_url") == NULL)
		return source_error(source, node, err, "provider %s needs a base_url: kind %s has none of its own",
				    name, kind->name);
	if (json_object_get(object, "api_key") == NULL)
		take_usual_credential(object, kind);
	return 0;
}

static int finish_state(struct source *source, const yaml_node_t *node, json_t *object, struct err *err)
{
	json_t *enabled = json_object_get(object, "enabled");

	if (enabled == NULL)
		return 0;
	if (json_object_get(object, "state") != NULL)
		return source_error(source, node, err, "state and enabled say the same; give one of them");
	json_add_text(object, "state", json_is_true(enabled) ? "enabled" : "disabled");
	json_object_del(object, "enabled");
	return 0;
}

/* What stands beside base_url in the file, as vendors' documents have it, but is an option. */
static void finish_options(json_t *object)
{
	static const char *const names[] = {"api_version", "region"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		json_t *value = json_object_get(object, names[i]);

		if (value == NULL)
			continue;
		if (json_object_get(object, "options") == NULL)
			json_add(object, "options", json_object());
		json_object_set(json_object_get(object, "options"), names[i], value);
		json_object_del(object, names[i]);
	}
}

static int check_budgets(struct source *source, const yaml_node_t *node, const json_t *object, struct err *err)
{
	if (json_object_get(object, "budget") != NULL && json_object_get(object, "budgets") != NULL)
		return source_error(source, node, err, "budget and budgets say the same; give one of them");
	return 0;
}

static int finish_provider(struct source *source, const yaml_node_t *node, json_t *object,
			   const json_t *const providers[2], struct err *err)
{
	(void)providers;
	finish_options(object);
	if (finish_kind(source, node, object, err) < 0 || finish_state(source, node, object, err) < 0)
		return ERR_INVALID;
	return check_budgets(source, node, object, err);
}

/* -- teams -- */

static int finish_team(struct source *source, const yaml_node_t *node, json_t *object,
		       const json_t *const providers[2], struct err *err)
{
	(void)providers;
	return check_budgets(source, node, object, err);
}

/* -- prices -- */

/* One amount at least: what has none would make every call's cost unknown. */
static int finish_price(struct source *source, const yaml_node_t *node, json_t *object,
			const json_t *const providers[2], struct err *err)
{
	(void)providers;
	for (const struct field *field = price_fields; field->name != NULL; field++)
		if (field->read == value_money && json_object_get(object, field->name) != NULL)
			return 0;
	return source_error(source, node, err, "price of %.100s: give at least one amount, such as input: 1.25",
			    json_text_peek(object, "model"));
}

/* -- chains -- */

static int dangling(struct source *source, const yaml_node_t *node, const char *provider,
		    const json_t *const providers[2], struct err *err)
{
	const char *names[MAX_SUGGESTIONS + 1], *near;
	size_t n = 0, i;
	json_t *object;

	for (int list = 0; list < 2; list++)
		json_array_foreach(providers[list], i, object)
			if (n < MAX_SUGGESTIONS)
				names[n++] = json_text_peek(object, "name");
	names[n] = NULL;
	near = text_suggest(provider, names);
	return source_error(source, node, err, "no provider is called %.70s, here or in the environment%s%s%s",
			    provider, near != NULL ? "; did you mean " : "", near != NULL ? near : "",
			    near != NULL ? "?" : "");
}

static int check_target(struct source *source, const yaml_node_t *node, const char *target,
			const json_t *const providers[2], struct err *err)
{
	char provider[CHAIN_TARGET_TEXT];
	size_t len = strcspn(target, "/");

	copy_text(provider, len < sizeof(provider) ? len + 1 : sizeof(provider), target);
	if (object_find(providers[0], provider) != NULL || object_find(providers[1], provider) != NULL)
		return 0;
	return dangling(source, node, provider, providers, err);
}

/* The node behind a key; NULL where there is none. */
static yaml_node_t *member_node(struct source *source, const yaml_node_t *mapping, const char *name)
{
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++)
		if (strcmp(source_text(source_node(source, pair->key)), name) == 0)
			return source_node(source, pair->value);
	return NULL;
}

/* Where the file says the index-th target of a tier list, all tiers counted through; else the chain's
 * own node. */
static const yaml_node_t *target_node(struct source *source, const yaml_node_t *chain, size_t index)
{
	const yaml_node_t *tiers = member_node(source, chain, "tiers");

	if (tiers == NULL)
		return member_node(source, chain, "text");
	if (tiers->type != YAML_SEQUENCE_NODE)
		return tiers;
	for (const yaml_node_item_t *i = tiers->data.sequence.items.start; i < tiers->data.sequence.items.top;
	     i++) {
		const yaml_node_t *tier = source_node(source, *i);
		size_t n = (size_t)(tier->data.sequence.items.top - tier->data.sequence.items.start);

		if (index < n)
			return member_node(source, source_node(source, tier->data.sequence.items.start[index]),
					   "target");
		index -= n;
	}
	return chain;
}

/* "tiers" may hold the text form; chain_spec_read() wants it under its own name. */
static void move_text(json_t *object)
{
	json_t *tiers = json_object_get(object, "tiers");

	if (!json_is_string(tiers) || json_object_get(object, "text") != NULL)
		return;
	json_object_set(object, "text", tiers);
	json_object_del(object, "tiers");
}

static int finish_chain(struct source *source, const yaml_node_t *node, json_t *object,
			const json_t *const providers[2], struct err *err)
{
	struct chain_spec spec;
	json_t *whole;

	move_text(object);
	if (chain_spec_read(&spec, object, err) < 0) {
		err_wrap(err, "chain %.100s", json_text_peek(object, "name"));
		return source_wrap(source, node, err);
	}
	for (size_t i = 0; i < spec.num_targets; i++)
		if (check_target(source, target_node(source, node, i), spec.targets[i].name, providers, err) < 0)
			return ERR_INVALID;
	whole = chain_spec_json(&spec);
	json_object_del(object, "text");
	json_object_update(object, whole);
	json_decref(whole);
	return 0;
}

/* -- lists -- */

json_t *object_find(const json_t *list, const char *name)
{
	json_t *object;
	size_t i;

	json_array_foreach(list, i, object)
	{
		const char *other = json_text_peek(object, "name");

		if (other != NULL && strcmp(other, name) == 0)
			return object;
	}
	return NULL;
}

static json_t *read_object(struct source *source, const struct shape *shape, const yaml_node_t *node,
			   const json_t *earlier, const json_t *const providers[2], struct err *err)
{
	json_t *object = value_mapping(source, shape->fields, shape->what, node, err);
	const char *name = json_text_peek(object, "name");
	int rc = 0;

	if (object == NULL)
		return NULL;
	if (name != NULL && object_find(earlier, name) != NULL)
		rc = source_error(source, node, err, "%s called %.100s stands here twice", shape->what, name);
	if (rc == 0 && shape->finish != NULL)
		rc = shape->finish(source, node, object, providers, err);
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

json_t *objects_read(struct source *source, const struct shape *shape, const yaml_node_t *node,
		     const json_t *const providers[2], struct err *err)
{
	char found[SOURCE_FOUND];
	json_t *list;

	if (node->type != YAML_SEQUENCE_NODE && !source_is_null(node)) {
		source_error(source, node, err, "%s: expected a list, found %s", shape->list,
			     source_found(node, found));
		return NULL;
	}
	list = json_array();
	if (node->type != YAML_SEQUENCE_NODE)
		return list;
	for (const yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top;
	     item++) {
		json_t *object = read_object(source, shape, source_node(source, *item), list, providers, err);

		if (object == NULL) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, object);
	}
	return list;
}

const struct shape object_shapes[] = {
	{"providers", "a provider", provider_fields, finish_provider},
	{"chains", "a chain", chain_fields, finish_chain},
	{"teams", "a team", team_fields, finish_team},
	{"prices", "a price", price_fields, finish_price},
	{.list = NULL},
};
