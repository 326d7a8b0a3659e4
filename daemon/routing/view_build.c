/* SPDX-License-Identifier: MIT */
/*
 * The database is read whole and becomes a live view here.
 *
 * Each table is read once and joined in memory; budgets and limits come from view_counters.c, prices
 * from price_book.c.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/chain_spec.h"
#include "config/config.h"
#include "routing/view_private.h"
#include "store/store.h"

struct builder {
	struct view_registry *registry;
	struct view *view;
	struct counters_draft *counters;
	struct map teams;               /* id → struct view_team */
	struct err *err;
};

static struct arena *arena(struct builder *b)
{
	return &b->view->parts->arena;
}

/* A JSON list of names; NULL is none. */
static int read_models(struct builder *b, const char *json, struct view_models *ret)
{
	json_t *list, *name;
	size_t i;

	if (json == NULL)
		return 0;
	list = json_parse(json, strlen(json), b->err);
	if (list == NULL)
		return b->err->code;
	ret->names = arena_alloc(arena(b), json_array_size(list) * sizeof(*ret->names));
	json_array_foreach(list, i, name)
		if (json_is_string(name))
			ret->names[ret->num++] = view_strdup(b->view, json_string_value(name));
	json_decref(list);
	return 0;
}

/* -- teams and keys -- */

static int add_team(void *arg, const struct team_row *row)
{
	struct builder *b = arg;
	struct view_team *t = ARENA_NEW(arena(b), struct view_team);

	t->id = row->id;
	t->name = view_strdup(b->view, row->name);
	map_put(&b->teams, &t->id, sizeof(t->id), t);
	/* Its keys are revoked: there is nothing else to know. */
	if (row->deleted_at != STORE_NONE)
		return 0;
	t->blocked = row->blocked;
	t->blocked_reason = view_strdup(b->view, row->blocked_reason);
	t->limit = counters_limit(b->counters, OWNER_TEAM, row->id, row->rpm, row->tpm, row->parallel);
	t->budgets = counters_budgets(b->counters, OWNER_TEAM, row->id, &t->num_budgets);
	t->markup_ppm = row->markup_ppm;
	t->allow_unpriced = row->allow_unpriced;
	if (read_models(b, row->models, &t->models) < 0)
		return err_wrap(b->err, "models of team %s", row->name);
	return 0;
}

static enum key_state key_state(const char *state)
{
	if (strcmp(state, "blocked") == 0)
		return KEY_BLOCKED;
	return strcmp(state, "revoked") == 0 ? KEY_REVOKED : KEY_ACTIVE;
}

/* The secret it had before its rotation is the same key, until that ends and afterwards: whoever still
 * sends it is told, and found by his calls. */
static void add_previous(struct builder *b, const struct view_key *key, const struct key_row *row)
{
	struct view_key *previous;

	if (!row->has_previous)
		return;
	previous = ARENA_NEW(arena(b), struct view_key);
	*previous = *key;
	previous->valid_until_ms = row->previous_until;
	map_put(&b->view->keys, row->previous_hash, HASH_BYTES, previous);
}

static int add_key(void *arg, const struct key_row *row)
{
	struct builder *b = arg;
	const struct view_team *team = map_get(&b->teams, &row->team_id, sizeof(row->team_id));
	struct view_key *k;

	if (team == NULL)
		return 0;
	k = ARENA_NEW(arena(b), struct view_key);
	k->id = row->id;
	k->public_id = view_strdup(b->view, row->public_id);
	k->name = view_strdup(b->view, row->name);
	k->team = team;
	k->state = key_state(row->state);
	k->expires_ms = row->expires_at != STORE_NONE ? row->expires_at : 0;
	k->limit = counters_limit(b->counters, OWNER_KEY, row->id, row->rpm, row->tpm, row->parallel);
	k->budgets = counters_budgets(b->counters, OWNER_KEY, row->id, &k->num_budgets);
	if (read_models(b, row->models, &k->models) < 0)
		return err_wrap(b->err, "models of key %s", row->public_id);
	map_put(&b->view->keys, row->hash, HASH_BYTES, k);
	add_previous(b, k, row);
	return 0;
}

/* -- providers -- */

/* Without the slashes at its end, so that paths can be put behind it. */
static char *base_url(struct builder *b, const char *given, const struct provider_kind *kind)
{
	const char *url = given != NULL ? given : kind->base_url != NULL ? kind->base_url : "";
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	return arena_copy(arena(b), url, len);
}

static void read_credential(struct builder *b, struct view_provider *p, const char *credential)
{
	struct view_secret *secret;
	char *resolved = NULL;
	struct err err;

	if (credential == NULL)
		return;
	if (secret_resolve(credential, b->registry->home, &resolved, &err) < 0) {
		p->credential_error = view_strdup(b->view, err.text);
		return;
	}
	secret = ARENA_NEW(arena(b), struct view_secret);
	p->credential = secret->text = view_strdup(b->view, resolved);
	list_append(&b->view->parts->secrets, &secret->node);
	sodium_memzero(resolved, strlen(resolved));
	free(resolved);
}

static enum provider_state provider_state(const char *state)
{
	if (strcmp(state, "disabled") == 0)
		return PROVIDER_DISABLED;
	return strcmp(state, "draining") == 0 ? PROVIDER_DRAINING : PROVIDER_ENABLED;
}

static int add_provider(void *arg, const struct provider_row *row)
{
	struct builder *b = arg;
	const struct provider_kind *kind = provider_kind_find(row->kind);
	struct view_provider *p;

	if (kind == NULL) {
		log_warn("provider %s is of kind \"%s\", which this version does not know; it is left out", row->name,
			 row->kind);
		return 0;
	}
	p = ARENA_NEW(arena(b), struct view_provider);
	p->id = row->id;
	p->name = view_strdup(b->view, row->name);
	p->kind = kind;
	p->base_url = base_url(b, row->base_url, kind);
	read_credential(b, p, row->credential);
	p->state = provider_state(row->state);
	p->state_by = view_strdup(b->view, row->state_by);
	p->state_reason = view_strdup(b->view, row->state_reason);
	p->options = view_strdup(b->view, row->options);
	p->budgets = counters_budgets(b->counters, OWNER_PROVIDER, row->id, &p->num_budgets);
	map_put_text(&b->view->providers, p->name, p);
	if (read_models(b, row->models, &p->models) < 0)
		return err_wrap(b->err, "models of provider %s", row->name);
	return 0;
}

/* -- chains -- */

static void fill_target(struct builder *b, struct view_target *t, const struct chain_spec_target *spec)
{
	const char *slash = strchr(spec->name, '/');

	t->name = view_strdup(b->view, spec->name);
	t->provider_name = arena_copy(arena(b), spec->name, (size_t)(slash - spec->name));
	t->model = view_strdup(b->view, slash + 1);
	t->weight = spec->weight;
	view_bind_target(b->view, t);
}

static void fill_tiers(struct builder *b, struct view_chain *chain, const struct chain_spec *spec)
{
	struct view_target *targets = arena_alloc(arena(b), spec->num_targets * sizeof(*targets));

	chain->num_tiers = spec->num_tiers;
	chain->tiers = arena_alloc(arena(b), spec->num_tiers * sizeof(*chain->tiers));
	for (size_t i = 0; i < spec->num_targets; i++) {
		struct view_tier *tier = &chain->tiers[spec->targets[i].tier];

		fill_target(b, &targets[i], &spec->targets[i]);
		if (tier->num_targets++ == 0)
			tier->targets = &targets[i];
	}
}

static struct view_chain *make_chain(struct builder *b, const char *name, const struct chain_spec *spec)
{
	struct view_chain *chain = ARENA_NEW(arena(b), struct view_chain);

	chain->name = view_strdup(b->view, name);
	chain->timeout_ms = spec->timeout_ms;
	chain->first_byte_ms = spec->first_byte_ms;
	chain->idle_ms = spec->idle_ms;
	chain->retries = spec->retries;
	fill_tiers(b, chain, spec);
	return chain;
}

static int add_chain(void *arg, const struct chain_row *row)
{
	struct builder *b = arg;
	struct chain_spec spec;
	struct view_chain *chain;

	if (chain_spec_parse(&spec, row->spec, b->err) < 0)
		return err_wrap(b->err, "chain %s", row->name);
	chain = make_chain(b, row->name, &spec);
	chain->version = row->version;
	map_put_text(&b->view->chains, chain->name, chain);
	return 0;
}

/* -- bare model names -- */

/* What stands for a name that more than one provider lists. */
static const struct view_provider ambiguous;

static void claim_models(struct map *claims, struct view_provider *p)
{
	for (size_t i = 0; i < p->models.num; i++) {
		const char *name = p->models.names[i];
		const struct view_provider *other = map_get_text(claims, name);

		if (strchr(name, '*') == NULL)
			map_put_text(claims, name, other == NULL || other == p ? p : (void *)&ambiguous);
	}
}

static void add_model(struct builder *b, const char *model, const struct view_provider *p)
{
	struct chain_spec spec;
	struct err err;
	char *name = xasprintf("%s/%s", p->name, model);

	chain_spec_init(&spec);
	/* A name that no chain could have is not offered. */
	if (chain_spec_parse_text(&spec, name, &err) == 0 && spec.num_targets == 1)
		map_put_text(&b->view->models, model, make_chain(b, name, &spec));
	free(name);
}

static void add_models(struct builder *b)
{
	const struct map *providers = &b->view->providers;
	struct map claims;

	map_init(&claims);
	for (const struct map_entry *e = map_next(providers, NULL); e != NULL; e = map_next(providers, e)) {
		struct view_provider *p = e->value;

		if (p->state == PROVIDER_ENABLED)
			claim_models(&claims, p);
	}
	for (const struct map_entry *e = map_next(&claims, NULL); e != NULL; e = map_next(&claims, e))
		if (e->value != &ambiguous)
			add_model(b, e->key, e->value);
	map_release(&claims);
}

/* -- all of it -- */

/* Budgets before those who have them; prices and providers before the chains that are bound to them. */
static int read_all(struct builder *b, struct db *db)
{
	struct view *v = b->view;
	int rc;

	if ((rc = counters_read_budgets(b->counters, db, b->err)) < 0 ||
	    (rc = team_list(db, true, add_team, b, b->err)) < 0 || (rc = key_list(db, add_key, b, b->err)) < 0 ||
	    (rc = price_book_read(&v->parts->prices, db, v->built_ms, true, b->err)) < 0 ||
	    (rc = provider_list(db, add_provider, b, b->err)) < 0 || (rc = chain_list(db, add_chain, b, b->err)) < 0)
		return rc;
	add_models(b);
	v->gateway_budgets = counters_budgets(b->counters, OWNER_GATEWAY, 0, &v->num_gateway_budgets);
	return 0;
}

struct view *view_build(struct view_registry *r, struct db *db, struct err *err)
{
	struct err ignored;
	struct builder b = {.registry = r, .view = view_new(r->health), .err = err != NULL ? err : &ignored};
	struct view *v = b.view;

	v->generation = r->generation + 1;
	v->built_ms = clock_wall_ms();
	b.counters = counters_draft_new(r, v);
	map_init(&b.teams);
	if (read_all(&b, db) == 0) {
		counters_commit(b.counters);
	} else {
		view_free(v);
		v = NULL;
	}
	counters_draft_free(b.counters);
	map_release(&b.teams);
	return v;
}
