/* SPDX-License-Identifier: MIT */
/* Chains are listed, written, taken back and explained here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/objects.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/chain_spec.h"
#include "routing/explain.h"
#include "store/store.h"

#define SPEC_FIELDS "tiers", "text", "timeout", "first_byte", "idle", "retries"
/* A chain's longest text form: its targets, weights and what stands between. */
#define TEXT_MAX (CHAIN_TARGETS * (CHAIN_TARGET_TEXT + 16))

/* -- showing ------------------------------------------------------------------------------------- */

json_t *chain_body(const struct chain_row *row)
{
	json_t *body = row->spec != NULL ? json_loads(row->spec, 0, NULL) : json_object();

	json_add_text(body, "name", row->name);
	return body;
}

static void add_text(json_t *object, const struct chain_spec *spec)
{
	struct buf text;

	buf_init(&text, TEXT_MAX);
	chain_spec_text(spec, &text);
	json_add_text(object, "text", text.data);
	buf_release(&text);
}

static const char *provider_state_word(const struct view_provider *provider)
{
	if (provider == NULL)
		return "missing";
	switch (provider->state) {
	case PROVIDER_ENABLED:
		return "enabled";
	case PROVIDER_DISABLED:
		return "disabled";
	case PROVIDER_DRAINING:
		return "draining";
	}
	return NULL;
}

static json_t *target_json(const struct view_target *target, size_t tier)
{
	struct health_state health = {0};
	json_t *json = json_object();

	if (target->health != NULL)
		health_read(target->health, clock_mono_us(), &health);
	json_add_text(json, "target", target->name);
	json_add_int(json, "tier", (int64_t)tier + 1);
	json_add_int(json, "weight", target->weight);
	json_add_text(json, "state", provider_state_word(target->provider));
	json_add_text(json, "breaker", breaker_state_name(health.breaker));
	json_add_int(json, "cooling_ms", health.cooling_ms);
	json_add_bool(json, "price_known", target->price != NULL);
	return json;
}

static json_t *targets_json(const struct admin *a, const char *chain_name)
{
	const struct view *view = admin_view(a);
	const struct view_chain *chain = view != NULL ? map_get_text(&view->chains, chain_name) : NULL;
	json_t *targets = json_array();

	for (size_t i = 0; chain != NULL && i < chain->num_tiers; i++)
		for (size_t j = 0; j < chain->tiers[i].num_targets; j++)
			json_array_append_new(targets, target_json(&chain->tiers[i].targets[j], i));
	return targets;
}

static json_t *show(const struct admin *a, const struct chain_row *row)
{
	json_t *chain = chain_body(row);
	struct chain_spec spec;
	struct err ignored;

	if (chain_spec_parse(&spec, row->spec, &ignored) == 0)
		add_text(chain, &spec);
	json_add_int(chain, "version", row->version);
	json_add_int(chain, "revision", row->version);
	json_add_time(chain, "updated_at", row->updated_at);
	json_add(chain, "targets", targets_json(a, row->name));
	return chain;
}

json_t *chain_show(struct admin *a, const char *name, struct err *err)
{
	struct chain_row row = {0};
	json_t *chain;

	if (chain_get(a->db, name, &row, err) < 0)
		return NULL;
	chain = show(a, &row);
	chain_release(&row);
	return chain;
}

struct listing {
	const struct admin *admin;
	json_t *items;
};

static int list_one(void *arg, const struct chain_row *row)
{
	struct listing *l = arg;

	json_array_append_new(l->items, show(l->admin, row));
	return 0;
}

int chains_list(struct admin_request *r, struct err *err)
{
	struct listing l = {r->admin, json_array()};

	if (chain_list(r->admin->db, list_one, &l, err) < 0) {
		json_decref(l.items);
		return err->code;
	}
	return request_answer_list(r, l.items, "name", err);
}

static int list_version(void *arg, const struct chain_row *row)
{
	json_t *items = arg, *item = json_object();
	struct chain_spec spec;
	struct err ignored;

	if (row->spec != NULL && chain_spec_parse(&spec, row->spec, &ignored) == 0) {
		json_t *members = chain_spec_json(&spec);

		json_object_update(item, members);
		json_decref(members);
		add_text(item, &spec);
	}
	json_add_int(item, "version", row->version);
	json_add_bool(item, "deleted", row->spec == NULL);
	json_add_time(item, "at", row->updated_at);
	json_add_text(item, "who", row->who);
	json_add_text(item, "reason", row->reason);
	json_array_append_new(items, item);
	return 0;
}

int chain_answer_history(struct admin_request *r, struct err *err)
{
	json_t *items = json_array();
	int rc = chain_history(r->admin->db, r->name, list_version, items, err);

	if (rc == 0 && json_array_size(items) == 0)
		rc = err_set(err, ERR_NOT_FOUND, "there never was a chain \"%s\"", r->name);
	if (rc < 0) {
		json_decref(items);
		return rc;
	}
	return request_answer_list(r, items, "who", err);
}

/* -- explaining ---------------------------------------------------------------------------------- */

#define DOWN_MAX 32

static bool has_target(const struct view_chain *chain, const char *name)
{
	for (size_t t = 0; t < chain->num_tiers; t++)
		for (size_t i = 0; i < chain->tiers[t].num_targets; i++)
			if (strcmp(chain->tiers[t].targets[i].name, name) == 0)
				return true;
	return false;
}

/* A slip of the finger must not look like good news. */
static int check_down(struct admin *a, const struct view_chain *chain, const char *const *down, struct err *err)
{
	for (; *down != NULL; down++) {
		struct provider_row row = {0};

		if (has_target(chain, *down))
			continue;
		if (strchr(*down, '/') != NULL)
			return err_set(err, ERR_INVALID, "down: chain %s has no target %.100s", chain->name, *down);
		if (provider_get(a->db, *down, &row, err) < 0) {
			err_wrap(err, "down");
			return err->code == ERR_NOT_FOUND ? err->code = ERR_INVALID : err->code;
		}
		provider_release(&row);
	}
	return 0;
}

int chain_answer_explain(struct admin_request *r, struct err *err)
{
	const struct view *view = admin_view(r->admin);
	const char *asked = r->query(r, "down"), *down[DOWN_MAX + 1] = {NULL};
	char *words = xstrdup(asked != NULL ? asked : "");
	struct view_chain *owned = NULL;
	const struct view_chain *chain = view != NULL ? view_resolve(view, r->name, &owned) : NULL;
	struct chain_row row = {0};
	size_t n = 0;

	for (char *save = NULL, *word = strtok_r(words, ",", &save); word != NULL && n < DOWN_MAX;
	     word = strtok_r(NULL, ",", &save))
		down[n++] = word;
	err->code = ERR_NONE;
	if (chain == NULL)
		chain_get(r->admin->db, r->name, &row, err);    /* its sentence */
	else if (check_down(r->admin, chain, down, err) == 0)
		r->answer = explain_chain_json(chain, down, clock_mono_us());
	if (owned != NULL)
		view_chain_free(owned);
	chain_release(&row);
	free(words);
	return err->code;
}

/* -- changing ------------------------------------------------------------------------------------ */

/* Last words of routes below a chain: a chain that ended so could not be asked for. */
static const char *const reserved[] = {"history", "explain", "undo"};

static int check_name(const char *name, struct err *err)
{
	const char *slash = strrchr(name, '/');

	if (!text_is_model(name))
		return err_set(err, ERR_INVALID,
			       "name: expected up to 200 letters, digits and . _ - / : @ +, such as smart, found %.100s",
			       name);
	for (size_t i = 0; slash != NULL && i < ARRAY_LEN(reserved); i++)
		if (strcmp(slash + 1, reserved[i]) == 0)
			return err_set(err, ERR_INVALID, "name: a chain's name cannot end in /%s", reserved[i]);
	return 0;
}

/* What is named is not there: the sentence of whoever looked, but the request is at fault. */
static int refer(struct err *err, const char *name)
{
	if (err->code != ERR_NOT_FOUND)
		return err->code;
	err_wrap(err, "tiers: %s", name);
	return err->code = ERR_INVALID;
}

/* What a chain names must be there, or a slip of the finger would be found by the first call. */
static int check_providers(struct change *c, const struct chain_spec *spec, struct err *err)
{
	for (size_t i = 0; i < spec->num_targets; i++) {
		const char *name = spec->targets[i].name;
		struct provider_row row = {0};
		char provider[CHAIN_TARGET_TEXT];

		copy_text(provider, strcspn(name, "/") + 1, name);
		if (provider_get(c->db, provider, &row, err) < 0)
			return refer(err, name);
		provider_release(&row);
	}
	return 0;
}

static int write(struct change *c, const struct chain_spec *spec, struct err *err)
{
	json_t *json = spec != NULL ? chain_spec_json(spec) : NULL;
	char *text = json_to_text(json);
	int64_t version = 0;
	int rc = chain_write(c->db, c->shown, text, c->expect, c->who->user, c->reason, c->now_ms, &version, err);

	if (json != NULL)
		json_add_text(json, "name", c->shown);
	c->after = json;
	free(text);
	return rc;
}

/* 1 when there is such a chain, with c->before set; 0 when there is none. */
static int read_before(struct change *c, const char *name, struct err *err)
{
	struct chain_row row = {0};

	change_names(c, "chain", name);
	if (chain_get(c->db, name, &row, err) < 0)
		return err->code == ERR_NOT_FOUND ? 0 : err->code;
	c->before = chain_body(&row);
	chain_release(&row);
	return 1;
}

/* What the body does not say stays as it was: a new order of targets keeps its timeouts. */
static json_t *with_old_times(const struct change *c)
{
	static const char *const kept[] = {"timeout", "first_byte", "idle", "retries"};
	json_t *body = json_copy(c->body);

	for (size_t i = 0; c->before != NULL && i < ARRAY_LEN(kept); i++)
		if (json_object_get(body, kept[i]) == NULL)
			json_object_set(body, kept[i], json_object_get(c->before, kept[i]));
	return body;
}

int chain_put(struct change *c, struct err *err)
{
	static const char *const members[] = {"name", SPEC_FIELDS, NULL};
	const char *name = *c->name != '\0' ? c->name : json_text_peek(c->body, "name");
	struct chain_spec spec;
	json_t *body;
	int rc;

	if (json_check_members(c->body, members, err) < 0)
		return ERR_INVALID;
	if (name == NULL)
		return err_set(err, ERR_INVALID, "name: missing");
	if (check_name(name, err) < 0)
		return ERR_INVALID;
	rc = read_before(c, name, err);
	if (rc < 0)
		return rc;
	body = with_old_times(c);
	rc = chain_spec_read(&spec, body, err);
	json_decref(body);
	if (rc == 0)
		rc = check_providers(c, &spec, err);
	return rc == 0 ? write(c, &spec, err) : rc;
}

int chain_remove(struct change *c, struct err *err)
{
	int rc = read_before(c, c->name, err);

	if (rc <= 0)    /* the sentence is that of chain_get() */
		return err->code;
	return write(c, NULL, err);
}

static int newest_version(void *arg, const struct chain_row *row)
{
	*(int64_t *)arg = row->version;
	return 1;
}

/* Writes the version before the newest, as a version of its own. */
int chain_undo(struct change *c, struct err *err)
{
	struct chain_row row = {0};
	struct chain_spec spec;
	int64_t newest = 0;
	int rc = read_before(c, c->name, err);

	if (rc < 0 || (rc = chain_history(c->db, c->name, newest_version, &newest, err)) < 0)
		return rc;
	if (newest == 0)
		return err_set(err, ERR_NOT_FOUND, "there never was a chain \"%s\"", c->name);
	if (newest == 1)
		return err_set(err, ERR_CONFLICT, "chain %s has had one version only; delete it instead", c->name);
	if (chain_get_version(c->db, c->name, newest - 1, &row, err) < 0)
		return err->code;
	rc = row.spec != NULL ? chain_spec_parse(&spec, row.spec, err) : 0;
	if (rc == 0 && row.spec != NULL)
		rc = check_providers(c, &spec, err);
	if (rc == 0)
		rc = write(c, row.spec != NULL ? &spec : NULL, err);
	chain_release(&row);
	return rc;
}
