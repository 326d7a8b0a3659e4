/* SPDX-License-Identifier: MIT */
/* Single values of the file are checked and converted here. */
#include "config/values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "config/config.h"
#include "budget/window.h"
#include "config/chain_spec.h"
#include "dialects/provider_kind.h"

#define MAX_TEXT 4000
#define MAX_FIELDS 32
#define MAX_KINDS 128

/* "FILE:LINE: field: expected …, found …"; always NULL. */
static json_t *expected(struct source *source, const struct field *field, const yaml_node_t *node,
			struct err *err, const char *what)
{
	char found[SOURCE_FOUND];

	source_error(source, node, err, "%s: expected %s, found %s", field->name, what, source_found(node, found));
	return NULL;
}

/* As above, with a guess. */
static json_t *expected_word(struct source *source, const struct field *field, const yaml_node_t *node,
			     struct err *err, const char *what, const char *const *words)
{
	const char *near = source_text(node) != NULL ? text_suggest(source_text(node), words) : NULL;
	char found[SOURCE_FOUND];

	source_error(source, node, err, "%s: expected %s, found %s%s%s%s", field->name, what,
		     source_found(node, found), near != NULL ? "; did you mean " : "", near != NULL ? near : "",
		     near != NULL ? "?" : "");
	return NULL;
}

static json_t *text_that(bool (*is_right)(const char *), const char *what, struct source *source,
			 const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);

	if (text == NULL || !is_right(text))
		return expected(source, field, node, err, what);
	return json_string(text);
}

/* -- words -- */

json_t *value_name(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	return text_that(text_is_name, "1 to 64 letters, digits, dots, dashes or underscores", source, field, node,
			 err);
}

json_t *value_model(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	return text_that(text_is_model, "a model's name such as gpt-5 or anthropic/claude-sonnet-4-5", source, field,
			 node, err);
}

static bool is_printable(const char *text)
{
	return strlen(text) <= MAX_TEXT && strpbrk(text, "\r\n") == NULL;
}

json_t *value_text(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	return text_that(is_printable, "a text of one line", source, field, node, err);
}

static bool is_url(const char *text)
{
	return strlen(text) <= MAX_TEXT && text_is_url(text);
}

json_t *value_url(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);

	if (text == NULL || strchr(text, '@') == NULL)
		return text_that(is_url, "a URL such as https://api.openai.com/v1", source, field, node, err);
	if (is_url(text))
		return json_string(text);
	/* Not shown: it may hold a password. */
	source_error(source, node, err, "%s: expected a URL without user and password; a secret belongs to api_key",
		     field->name);
	return NULL;
}

/* What is wrong is said without showing it: it may be a secret. */
json_t *value_secret(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);

	if (text == NULL)
		return expected(source, field, node, err, "env:NAME, file:/PATH or the secret itself");
	if (secret_check(text, err) == 0)
		return json_string(text);
	err_wrap(err, "%s", field->name);
	source_wrap(source, node, err);
	return NULL;
}

json_t *value_kind(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *names[MAX_KINDS + 1], *text = source_text(node);
	char what[PROVIDER_KINDS_TEXT + 32], kinds[PROVIDER_KINDS_TEXT];
	size_t n = 0;

	if (text != NULL && provider_kind_find(text) != NULL)
		return json_string(text);
	for (const struct provider_kind *kind = provider_kinds; kind->name != NULL && n < MAX_KINDS; kind++)
		names[n++] = kind->name;
	names[n] = NULL;
	if (text != NULL && text_suggest(text, names) != NULL)
		return expected_word(source, field, node, err, "a kind of provider such as openai", names);
	snprintf(what, sizeof(what), "a kind of provider (%s)", provider_kind_names(kinds));
	return expected_word(source, field, node, err, what, names);
}

json_t *value_choice(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);
	char what[200] = "one of:";

	for (const char *const *choice = field->choices; *choice != NULL; choice++) {
		size_t len = strlen(what);

		if (text != NULL && strcmp(text, *choice) == 0)
			return json_string(text);
		snprintf(what + len, sizeof(what) - len, " %s", *choice);
	}
	return expected_word(source, field, node, err, what, field->choices);
}

json_t *value_options(struct source *source, const struct field *field, const yaml_node_t *node,
		      struct err *err)
{
	if (node->type != YAML_MAPPING_NODE)
		return expected(source, field, node, err, "a mapping");
	return source_json(source, node, err);
}

/* "openai/gpt-5", "smart", "openai/" and a star. */
static bool is_pattern(const char *text)
{
	size_t len = strlen(text);
	char head[256];

	if (len < 3 || len >= sizeof(head) || strcmp(text + len - 2, "/*") != 0)
		return text_is_model(text);
	copy_text(head, len - 1, text);
	return text_is_model(head);
}

json_t *value_models(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	json_t *list;

	if (node->type != YAML_SEQUENCE_NODE)
		return expected(source, field, node, err, "a list of models such as [smart, openai/*]");
	list = json_array();
	for (const yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top;
	     item++) {
		json_t *name = text_that(is_pattern, "names such as smart, openai/gpt-5 or openai/*", source, field,
					 source_node(source, *item), err);

		if (name == NULL) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, name);
	}
	return list;
}

/* -- numbers -- */

json_t *value_count(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);
	char *end, what[80];
	long long n;

	errno = 0;
	n = text != NULL ? strtoll(text, &end, 10) : 0;
	if (text != NULL && end != text && *end == '\0' && errno == 0 && n >= field->min && n <= field->max)
		return json_integer(n);
	if (field->max == INT64_MAX)
		snprintf(what, sizeof(what), "a whole number of at least %lld", (long long)field->min);
	else
		snprintf(what, sizeof(what), "a whole number from %lld to %lld", (long long)field->min,
			 (long long)field->max);
	return expected(source, field, node, err, what);
}

json_t *value_flag(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);

	if (text == NULL || (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return expected(source, field, node, err, "true or false");
	return json_boolean(text[0] == 't');
}

json_t *value_money(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);
	char out[MONEY_TEXT];
	int64_t nusd;

	if (text == NULL || !money_parse(text, false, &nusd) || nusd < 0)
		return expected(source, field, node, err, "an amount in USD with at most nine places such as 12.50");
	return json_string(money_format(nusd, out));
}

json_t *value_percent(struct source *source, const struct field *field, const yaml_node_t *node,
		      struct err *err)
{
	const char *text = source_text(node), *point = text != NULL ? strchr(text, '.') : NULL;
	char out[MONEY_TEXT];
	int64_t value;

	/* A decimal like any other; four places are what millionths of the whole can say. */
	if (text == NULL || !money_parse(text, false, &value) || (point != NULL && strlen(point + 1) > 4))
		return expected(source, field, node, err, "a percentage with at most four places such as 12.5");
	return json_string(money_format(value, out));
}

json_t *value_budget(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);
	char amount[MONEY_TEXT], out[MONEY_TEXT + 16];
	enum window_kind kind;
	int64_t nusd;

	if (text == NULL || !window_parse_budget(text, &nusd, &kind))
		return expected(source, field, node, err,
				"an amount and hour, day, week, month, year or total, such as 500/month");
	snprintf(out, sizeof(out), "%s/%s", money_format(nusd, amount), window_name(kind));
	return json_string(out);
}

json_t *value_duration(struct source *source, const struct field *field, const yaml_node_t *node,
		       struct err *err)
{
	const char *text = source_text(node);
	char out[CLOCK_TEXT];
	int64_t ms;

	if (text == NULL || !duration_parse(text, &ms) || ms <= 0)
		return expected(source, field, node, err, "a duration above zero such as 250ms, 30s, 5m or 12h");
	return json_string(duration_format(ms, out));
}

json_t *value_time(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);
	char out[CLOCK_TEXT];
	int64_t ms, again;

	/* An age ("7d") would mean another time at each start. */
	if (text == NULL || duration_parse(text, &again) || !clock_parse(text, 0, &ms))
		return expected(source, field, node, err, "a time such as 2026-12-31 or 2026-12-31T12:00:00Z");
	return json_string(clock_format(ms, out));
}

/* -- mappings -- */

static const struct field *find_field(const struct field *fields, const char *name)
{
	for (; fields->name != NULL; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

static int unknown_field(struct source *source, const struct field *fields, const char *what,
			 const yaml_node_t *key, struct err *err)
{
	const char *names[MAX_FIELDS + 1], *near;
	size_t n = 0;

	for (; fields->name != NULL && n < MAX_FIELDS; fields++)
		names[n++] = fields->name;
	names[n] = NULL;
	near = text_suggest(source_text(key), names);
	return source_error(source, key, err, "%.100s: no such field of %s%s%s%s", source_text(key), what,
			    near != NULL ? "; did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

static int read_pair(struct source *source, const struct field *fields, const char *what,
		     const yaml_node_pair_t *pair, json_t *object, struct err *err)
{
	const yaml_node_t *key = source_node(source, pair->key), *node = source_node(source, pair->value);
	const struct field *field = find_field(fields, source_text(key));
	json_t *value;

	if (field == NULL)
		return unknown_field(source, fields, what, key, err);
	if (source_is_null(node))
		return 0;
	value = field->read(source, field, node, err);
	if (value == NULL)
		return ERR_INVALID;
	json_object_set_new(object, field->name, value);
	return 0;
}

static int check_required(struct source *source, const struct field *fields, const char *what,
			  const yaml_node_t *node, const json_t *object, struct err *err)
{
	for (; fields->name != NULL; fields++)
		if (fields->required && json_object_get(object, fields->name) == NULL)
			return source_error(source, node, err, "%s needs a %s", what, fields->name);
	return 0;
}

json_t *value_mapping(struct source *source, const struct field *fields, const char *what,
		      const yaml_node_t *node, struct err *err)
{
	char found[SOURCE_FOUND];
	json_t *object;
	int rc;

	if (node->type != YAML_MAPPING_NODE) {
		source_error(source, node, err, "expected %s as a mapping, found %s", what, source_found(node, found));
		return NULL;
	}
	rc = source_check_keys(source, node, err);
	object = json_object();
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     rc == 0 && pair < node->data.mapping.pairs.top; pair++)
		rc = read_pair(source, fields, what, pair, object, err);
	if (rc == 0)
		rc = check_required(source, fields, what, node, object, err);
	if (rc == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* -- lists -- */

/* Each item through the function; field goes along. */
static json_t *list_of(json_t *(*read)(struct source *, const struct field *, const yaml_node_t *, struct err *),
		       struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	json_t *list = json_array();

	for (const yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top;
	     item++) {
		json_t *value = read(source, field, source_node(source, *item), err);

		if (value == NULL) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, value);
	}
	return list;
}

static json_t *read_member(struct source *source, const struct field *field, const yaml_node_t *node,
			   struct err *err)
{
	return value_mapping(source, field->members, field->name, node, err);
}

json_t *value_mappings(struct source *source, const struct field *field, const yaml_node_t *node,
		       struct err *err)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return expected(source, field, node, err, "a list");
	return list_of(read_member, source, field, node, err);
}

static json_t *read_target(struct source *source, const struct field *field, const yaml_node_t *node,
			   struct err *err)
{
	static const struct field fields[] = {
		{.name = "target", .read = value_model, .required = true},
		{.name = "weight", .read = value_count, .min = 1, .max = CHAIN_WEIGHT_MAX},
		{.name = NULL},
	};

	(void)field;
	return value_mapping(source, fields, "a target", node, err);
}

static json_t *read_tier(struct source *source, const struct field *field, const yaml_node_t *node,
			 struct err *err)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return expected(source, field, node, err, "each tier as a list of targets");
	return list_of(read_target, source, field, node, err);
}

json_t *value_tiers(struct source *source, const struct field *field, const yaml_node_t *node, struct err *err)
{
	const char *text = source_text(node);

	if (text != NULL)
		return json_string(text);
	if (node->type != YAML_SEQUENCE_NODE)
		return expected(source, field, node, err, "a list of tiers, or text such as \"a/b*3, c/d > e/f\"");
	return list_of(read_tier, source, field, node, err);
}
