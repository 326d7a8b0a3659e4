/* SPDX-License-Identifier: MIT */
/* Chains are read from JSON and from their text form, checked, and written again. */
#include "config/chain_spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

void chain_spec_init(struct chain_spec *s)
{
	*s = (struct chain_spec){.timeout_ms = 120000, .first_byte_ms = 20000, .idle_ms = 30000, .retries = 1};
}

/* -- one target -- */

static int check_name(const char *name, struct err *err)
{
	const char *slash = strchr(name, '/');
	char provider[CHAIN_TARGET_TEXT];

	if (slash == NULL || strlen(name) >= sizeof(provider))
		return err_set(err, ERR_INVALID, "expected provider/model");
	copy_text(provider, (size_t)(slash - name) + 1, name);
	if (!text_is_name(provider))
		return err_set(err, ERR_INVALID, "\"%s\" is no name of a provider", provider);
	if (!text_is_model(slash + 1))
		return err_set(err, ERR_INVALID, "\"%.100s\" is no name of a model", slash + 1);
	return 0;
}

/* Puts the target at the end of the tier that is being read. */
static int add_target(struct chain_spec *s, const char *name, int64_t weight, struct err *err)
{
	struct chain_spec_target *t = &s->targets[s->num_targets];

	if (check_name(name, err) < 0)
		return err->code;
	if (weight < 1 || weight > CHAIN_WEIGHT_MAX)
		return err_set(err, ERR_INVALID, "weight: expected a whole number from 1 to %d", CHAIN_WEIGHT_MAX);
	for (size_t i = 0; i < s->num_targets; i++)
		if (strcmp(s->targets[i].name, name) == 0)
			return err_set(err, ERR_INVALID, "stands in the chain twice; give it one place and a weight");
	if (s->num_targets == CHAIN_TARGETS)
		return err_set(err, ERR_INVALID, "a chain has at most %d targets", CHAIN_TARGETS);
	copy_text(t->name, sizeof(t->name), name);
	t->weight = (unsigned)weight;
	t->tier = s->num_tiers;
	s->num_targets++;
	return 0;
}

/* "tier 2, target 1 (openai/gpt-5): …", counted as people do. */
static int wrap_target(const struct chain_spec *s, size_t target, const char *name, struct err *err)
{
	if (name == NULL)
		return err_wrap(err, "tier %zu, target %zu", s->num_tiers + 1, target + 1);
	return err_wrap(err, "tier %zu, target %zu (%.100s)", s->num_tiers + 1, target + 1, name);
}

/* -- JSON -- */

static int read_target(struct chain_spec *s, json_t *value, size_t index, struct err *err)
{
	static const char *const members[] = {"target", "weight", NULL};
	const char *name = NULL;
	int64_t weight = 1;

	if (json_check_members(value, members, err) < 0 || json_read_text(value, "target", &name, err) < 0)
		return wrap_target(s, index, NULL, err);
	if (name == NULL) {
		err_set(err, ERR_INVALID, "target: missing, expected provider/model");
		return wrap_target(s, index, NULL, err);
	}
	if (json_read_int(value, "weight", 1, CHAIN_WEIGHT_MAX, &weight, err) < 0 ||
	    add_target(s, name, weight, err) < 0)
		return wrap_target(s, index, name, err);
	return 0;
}

static int read_tiers(struct chain_spec *s, json_t *tiers, struct err *err)
{
	json_t *tier, *target;
	size_t i, j;

	if (!json_is_array(tiers))
		return err_set(err, ERR_INVALID, "tiers: expected a list of tiers, found %s", json_type_name(tiers));
	json_array_foreach(tiers, i, tier) {
		if (!json_is_array(tier) || json_array_size(tier) == 0)
			return err_set(err, ERR_INVALID, "tier %zu: expected a list of targets, found %s", i + 1,
				       json_is_array(tier) ? "none" : json_type_name(tier));
		json_array_foreach(tier, j, target)
			if (read_target(s, target, j, err) < 0)
				return err->code;
		s->num_tiers++;
	}
	if (s->num_tiers == 0)
		return err_set(err, ERR_INVALID, "tiers: a chain needs at least one target");
	return 0;
}

static int read_duration(json_t *object, const char *name, int64_t *ret_ms, struct err *err)
{
	if (json_read_duration(object, name, ret_ms, err) < 0)
		return err->code;
	if (*ret_ms <= 0)
		return err_set(err, ERR_INVALID, "%s: expected a duration above zero, such as \"30s\"", name);
	return 0;
}

int chain_spec_read(struct chain_spec *ret, json_t *object, struct err *err)
{
	const char *text = NULL;
	struct chain_spec s;
	int64_t retries;

	chain_spec_init(&s);
	retries = s.retries;
	if (json_read_text(object, "text", &text, err) < 0 ||
	    read_duration(object, "timeout", &s.timeout_ms, err) < 0 ||
	    read_duration(object, "first_byte", &s.first_byte_ms, err) < 0 ||
	    read_duration(object, "idle", &s.idle_ms, err) < 0 ||
	    json_read_int(object, "retries", 0, CHAIN_RETRIES_MAX, &retries, err) < 0)
		return err->code;
	if (text != NULL && json_object_get(object, "tiers") != NULL)
		return err_set(err, ERR_INVALID, "tiers and text say the same; give one of them");
	if ((text != NULL ? chain_spec_parse_text(&s, text, err) : read_tiers(&s, json_object_get(object, "tiers"), err)) <
	    0)
		return err->code;
	s.retries = (unsigned)retries;
	*ret = s;
	return 0;
}

int chain_spec_parse(struct chain_spec *ret, const char *json, struct err *err)
{
	json_t *object = json_parse(json, strlen(json), err);
	int rc;

	if (object == NULL)
		return err->code;
	if (json_is_object(object))
		rc = chain_spec_read(ret, object, err);
	else
		rc = err_set(err, ERR_INVALID, "expected an object, found %s", json_type_name(object));
	json_decref(object);
	return rc;
}

/* -- text -- */

/* A piece of text without the white space around it. */
struct piece {
	const char *at;
	size_t len;
};

static struct piece trimmed(const char *at, size_t len)
{
	while (len > 0 && strchr(" \t\n", *at) != NULL)
		at++, len--;
	while (len > 0 && strchr(" \t\n", at[len - 1]) != NULL)
		len--;
	return (struct piece){at, len};
}

/* "a/b*3" */
static int parse_target(struct chain_spec *s, struct piece p, size_t index, struct err *err)
{
	char name[CHAIN_TARGET_TEXT + 8], *star, *end;
	int64_t weight = 1;

	copy_text(name, p.len < sizeof(name) ? p.len + 1 : sizeof(name), p.at);
	star = strchr(name, '*');
	if (star != NULL) {
		*star = '\0';
		weight = strtoll(star + 1, &end, 10);
		if (end == star + 1 || *end != '\0')
			weight = 0;
	}
	if (add_target(s, name, weight, err) < 0)
		return wrap_target(s, index, name, err);
	return 0;
}

/* "a/b*3,c/d" */
static int parse_tier(struct chain_spec *s, struct piece tier, struct err *err)
{
	size_t index = 0;

	for (const char *at = tier.at, *end = tier.at + tier.len;; index++) {
		const char *comma = memchr(at, ',', (size_t)(end - at));

		if (parse_target(s, trimmed(at, (size_t)((comma != NULL ? comma : end) - at)), index, err) < 0)
			return err->code;
		if (comma == NULL)
			break;
		at = comma + 1;
	}
	s->num_tiers++;
	return 0;
}

int chain_spec_parse_text(struct chain_spec *ret, const char *text, struct err *err)
{
	struct chain_spec s = *ret;

	s.num_targets = s.num_tiers = 0;
	if (trimmed(text, strlen(text)).len == 0)
		return err_set(err, ERR_INVALID, "a chain needs at least one target, such as openai/gpt-5");
	for (;;) {
		const char *end = strchrnul(text, '>');

		if (parse_tier(&s, (struct piece){text, (size_t)(end - text)}, err) < 0)
			return err->code;
		if (*end == '\0')
			break;
		text = end + 1;
	}
	*ret = s;
	return 0;
}

/* -- writing -- */

json_t *chain_spec_tiers(const struct chain_spec *s)
{
	json_t *tiers = json_array();

	for (size_t i = 0; i < s->num_tiers; i++)
		json_array_append_new(tiers, json_array());
	for (size_t i = 0; i < s->num_targets; i++) {
		json_t *target = json_object();

		json_add_text(target, "target", s->targets[i].name);
		json_add_int(target, "weight", s->targets[i].weight);
		json_array_append_new(json_array_get(tiers, s->targets[i].tier), target);
	}
	return tiers;
}

json_t *chain_spec_json(const struct chain_spec *s)
{
	json_t *object = json_object();
	char text[CLOCK_TEXT];

	json_add(object, "tiers", chain_spec_tiers(s));
	json_add_text(object, "timeout", duration_format(s->timeout_ms, text));
	json_add_text(object, "first_byte", duration_format(s->first_byte_ms, text));
	json_add_text(object, "idle", duration_format(s->idle_ms, text));
	json_add_int(object, "retries", s->retries);
	return object;
}

void chain_spec_text(const struct chain_spec *s, struct buf *out)
{
	for (size_t i = 0; i < s->num_targets; i++) {
		const struct chain_spec_target *t = &s->targets[i];

		if (i > 0)
			buf_puts(out, t->tier != t[-1].tier ? " > " : ",");
		buf_puts(out, t->name);
		if (t->weight != 1)
			buf_printf(out, "*%u", t->weight);
	}
}
