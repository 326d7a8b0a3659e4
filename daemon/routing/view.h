/* SPDX-License-Identifier: MIT */
/*
 * view.h — the live view: everything a call may have to know, in one immutable object.
 *
 * Built whole from the database after every change and handed to all workers before the change is
 * answered (publish.h); a call keeps the view it was admitted with until it settles.  Nothing in a
 * view changes but what is behind the pointers to counters (budgets, limits, health), which outlive
 * views.  Reading it takes no lock.
 */
#ifndef ROUTING_VIEW_H
#define ROUTING_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/map.h"
#include "budget/budget.h"
#include "budget/limit.h"
#include "dialects/provider_kind.h"
#include "ledger/price.h"

struct health;
struct health_table;
struct err;
struct db;

/* A budget as the view sees it: whom it is on is where it hangs. */
struct view_budget {
	struct budget *budget;          /* a reference of the view's */
	const char *model;              /* "" = all; else only calls that asked for this one */
};

/* Names a caller may use.  num == 0: all. */
struct view_models {
	char **names;                   /* "smart", "openai/gpt-5"; "openai/" and a star */
	size_t num;
};

struct view_team {
	int64_t id;
	char *name;
	bool blocked;
	char *blocked_reason;
	struct view_models models;
	struct limit *limit;            /* NULL: none */
	struct view_budget *budgets;
	size_t num_budgets;
	int64_t markup_ppm;
	bool allow_unpriced;
};

enum key_state { KEY_ACTIVE, KEY_BLOCKED, KEY_REVOKED };

struct view_key {
	int64_t id;
	char *public_id, *name;
	const struct view_team *team;
	enum key_state state;
	int64_t expires_ms;             /* 0: never */
	int64_t valid_until_ms;         /* of this secret, when it was rotated away; 0: no end */
	struct view_models models;
	struct limit *limit;
	struct view_budget *budgets;
	size_t num_budgets;
};

enum provider_state { PROVIDER_ENABLED, PROVIDER_DISABLED, PROVIDER_DRAINING };

struct view_provider {
	int64_t id;
	char *name;
	const struct provider_kind *kind;
	char *base_url;                 /* never NULL, without a final slash */
	char *credential;               /* resolved; NULL: none, or it could not be read */
	char *credential_error;         /* why it could not */
	enum provider_state state;
	char *state_by, *state_reason;
	struct view_models models;      /* num == 0: not known, anything */
	char *options;                  /* JSON; NULL: none */
	struct view_budget *budgets;
	size_t num_budgets;
};

struct view_target {
	char *name;                     /* "provider/model" */
	const struct view_provider *provider;   /* NULL: not configured */
	char *provider_name;
	char *model;
	unsigned weight;                /* at least 1 */
	struct health *health;          /* lives as long as the table */
	const struct price *price;      /* NULL: unknown */
};

struct view_tier {
	struct view_target *targets;
	size_t num_targets;
};

struct view_chain {
	char *name;
	int64_t version;
	struct view_tier *tiers;
	size_t num_tiers;
	int64_t timeout_ms, first_byte_ms, idle_ms;
	unsigned retries;
};

struct view {
	uint64_t generation;            /* grows by one with each */
	int64_t built_ms;
	struct map keys;                /* 32 bytes of SHA-256 → struct view_key */
	struct map chains;              /* name → struct view_chain */
	struct map providers;           /* name → struct view_provider */
	struct map models;              /* bare model name → struct view_chain of one target, where exactly one enabled provider serves it */
	struct view_budget *gateway_budgets;
	size_t num_gateway_budgets;
	struct view_parts *parts;       /* private: what is owned */
};

/* Counters that outlive views.  One for the process; used by the builder only.  home holds the key that
 * opens stored credentials. */
struct view_registry;
struct view_registry *view_registry_new(struct health_table *, const char *home);
void view_registry_free(struct view_registry *);

/* Reads the database whole and builds.  Budgets seen for the first time are restored from the
 * ledger.  NULL on failure, and nothing has changed. */
struct view *view_build(struct view_registry *, struct db *, struct err *err);
void view_free(struct view *);

const struct view_key *view_key(const struct view *, const unsigned char hash[HASH_BYTES]);

/* A chain by its name, "provider/model", or a bare model name.  NULL: no such model.  What is not
 * configured as a chain is a chain of one target; *ret_owned is then to be freed with
 * view_chain_free() when the call is over, else it is NULL. */
const struct view_chain *view_resolve(const struct view *, const char *model, struct view_chain **ret_owned);
void view_chain_free(struct view_chain *);

/* Whether the names allow this model ("smart", "openai/gpt-5"; "openai/" followed by a star). */
bool view_models_allow(const struct view_models *, const char *model);

/* The price of a target now, also under its name without a date (price_book.h).  NULL: unknown. */
const struct price *view_price(const struct view *, const char *provider, const char *model);

#endif
