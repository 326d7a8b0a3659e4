/* SPDX-License-Identifier: MIT */
/* A live view is asked here: keys, models; and freed. */
#include "routing/view.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "config/chain_spec.h"
#include "routing/health.h"
#include "routing/view_private.h"

/* -- memory -- */

struct view *view_new(struct health_table *health)
{
	struct view *v = xcalloc(1, sizeof(*v));

	map_init(&v->keys);
	map_init(&v->chains);
	map_init(&v->providers);
	map_init(&v->models);
	v->parts = xcalloc(1, sizeof(*v->parts));
	v->parts->health = health;
	price_book_init(&v->parts->prices);
	list_init(&v->parts->secrets);
	arena_init(&v->parts->arena);
	return v;
}

static void free_parts(struct view_parts *parts)
{
	for (size_t i = 0; i < parts->num_budgets; i++)
		budget_unref(parts->budgets[i].budget);
	for (size_t i = 0; i < parts->num_limits; i++)
		limit_unref(parts->limits[i]);
	LIST_EACH(&parts->secrets, n) {
		struct view_secret *secret = CONTAINER_OF(n, struct view_secret, node);

		sodium_memzero(secret->text, strlen(secret->text));
	}
	price_book_release(&parts->prices);
	free(parts->budgets);
	free(parts->limits);
	arena_release(&parts->arena);
	free(parts);
}

void view_free(struct view *v)
{
	if (v == NULL)
		return;
	map_release(&v->keys);
	map_release(&v->chains);
	map_release(&v->providers);
	map_release(&v->models);
	free_parts(v->parts);
	free(v);
}

char *view_strdup(struct view *v, const char *text)
{
	return text != NULL ? arena_copy(&v->parts->arena, text, strlen(text)) : NULL;
}

/* -- asking -- */

const struct view_key *view_key(const struct view *v, const unsigned char hash[HASH_BYTES])
{
	return map_get(&v->keys, hash, HASH_BYTES);
}

static bool name_matches(const char *name, const char *model)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '*')
		return strncmp(name, model, len - 1) == 0;
	return strcmp(name, model) == 0;
}

bool view_models_allow(const struct view_models *m, const char *model)
{
	for (size_t i = 0; i < m->num; i++)
		if (name_matches(m->names[i], model))
			return true;
	return m->num == 0;
}

const struct price *view_price(const struct view *v, const char *provider, const char *model)
{
	const struct view_provider *p = map_get_text(&v->providers, provider);

	return price_book_find(&v->parts->prices, provider, p != NULL ? p->kind->name : NULL, model);
}

void view_bind_target(const struct view *v, struct view_target *t)
{
	t->provider = map_get_text(&v->providers, t->provider_name);
	t->health = health_get(v->parts->health, t->name);
	t->price = view_price(v, t->provider_name, t->model);
}

/* -- models that are no chains -- */

/* Everything a chain of one target consists of, in one piece. */
struct chain_of_one {
	struct view_chain chain;
	struct view_tier tier;
	struct view_target target;
	char name[CHAIN_TARGET_TEXT], provider[CHAIN_TARGET_TEXT];
};

struct view_chain *view_chain_of_one(const struct view *v, const struct view_provider *provider, const char *model)
{
	struct chain_of_one *one = xcalloc(1, sizeof(*one));
	struct chain_spec defaults;

	chain_spec_init(&defaults);
	snprintf(one->name, sizeof(one->name), "%s/%s", provider->name, model);
	copy_text(one->provider, sizeof(one->provider), provider->name);
	one->target.name = one->name;
	one->target.provider_name = one->provider;
	one->target.model = one->name + strlen(provider->name) + 1;
	one->target.weight = 1;
	view_bind_target(v, &one->target);
	one->tier = (struct view_tier){.targets = &one->target, .num_targets = 1};
	one->chain = (struct view_chain){
		.name = one->name,
		.tiers = &one->tier,
		.num_tiers = 1,
		.timeout_ms = defaults.timeout_ms,
		.first_byte_ms = defaults.first_byte_ms,
		.idle_ms = defaults.idle_ms,
		.retries = defaults.retries,
	};
	return &one->chain;
}

void view_chain_free(struct view_chain *chain)
{
	/* The chain is the first member of what was allocated. */
	free(chain);
}

/* The provider that "provider/model" names and that may serve it, or NULL. */
static const struct view_provider *provider_of(const struct view *v, const char *model)
{
	const char *slash = strchr(model, '/');
	const struct view_provider *p;

	if (slash == NULL || !text_is_model(slash + 1))
		return NULL;
	p = map_get(&v->providers, model, (size_t)(slash - model));
	return p != NULL && view_models_allow(&p->models, slash + 1) ? p : NULL;
}

const struct view_chain *view_resolve(const struct view *v, const char *model, struct view_chain **ret_owned)
{
	const struct view_chain *chain = map_get_text(&v->chains, model);
	const struct view_provider *p;

	*ret_owned = NULL;
	if (chain != NULL)
		return chain;
	p = provider_of(v, model);
	if (p == NULL)
		return map_get_text(&v->models, model);
	return *ret_owned = view_chain_of_one(v, p, strchr(model, '/') + 1);
}
