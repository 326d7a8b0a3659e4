/* SPDX-License-Identifier: MIT */
/*
 * store.h — the questions and changes there are about teams, keys, providers, chains, prices,
 * budgets and the audit; one file of store/ per family.
 *
 * Rows are structs whose texts are owned; S_release() frees what is inside.  Lists come as calls of
 * each(), whose row is valid during the call only and which stops the walk by returning non-zero
 * (and that becomes the result).  Functions return 0 or a negative code.  Names are the columns of
 * schema/0001-initial.sql.  Changes are made inside the caller's transaction, bump revision, and do
 * not check permissions.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"
#include "dialects/usage.h"
#include "store/db.h"

/* A limit or amount that is not there. */
#define STORE_NONE INT64_MIN

struct team_row {
	int64_t id;
	char *name;
	bool blocked;
	char *blocked_reason;
	char *models;                   /* JSON list, or NULL */
	int64_t rpm, tpm, parallel;     /* STORE_NONE */
	int64_t markup_ppm;
	bool allow_unpriced;
	char *note;
	int64_t revision, created_at, deleted_at;       /* deleted_at STORE_NONE */
};
typedef int team_each(void *arg, const struct team_row *);
int team_list(struct db *, bool with_deleted, team_each *, void *arg, struct err *err);
int team_get(struct db *, const char *name, struct team_row *ret, struct err *err);  /* ERR_NOT_FOUND */
int team_get_by_id(struct db *, int64_t id, struct team_row *ret, struct err *err);
int team_insert(struct db *, struct team_row *, struct err *err);       /* fills id; ERR_CONFLICT */
int team_update(struct db *, const struct team_row *, struct err *err); /* ERR_CONFLICT when revision differs */
/* Marks it deleted and frees its name ("web" becomes "web~deleted-ID"); its keys are revoked. */
int team_delete(struct db *, int64_t id, int64_t now_ms, struct err *err);
void team_release(struct team_row *);

struct key_row {
	int64_t id;
	char *public_id;
	int64_t team_id;
	char *team_name;                /* joined; not written */
	char *name;
	unsigned char hash[HASH_BYTES];
	char *prefix;
	char *state;                    /* "active", "blocked", "revoked" */
	char *state_reason;
	int64_t expires_at;             /* STORE_NONE */
	char *models;
	int64_t rpm, tpm, parallel;
	char *note;
	bool has_previous;
	unsigned char previous_hash[HASH_BYTES];
	int64_t previous_until;
	int64_t revision, created_at, revoked_at;
};
typedef int key_each(void *arg, const struct key_row *);
int key_list(struct db *, key_each *, void *arg, struct err *err);
/* By public id; by name when exactly one live key has it; by "team/name". */
int key_get(struct db *, const char *id_or_name, struct key_row *ret, struct err *err);
int key_insert(struct db *, struct key_row *, struct err *err);
int key_update(struct db *, const struct key_row *, struct err *err);
void key_release(struct key_row *);

struct provider_row {
	int64_t id;
	char *name, *kind, *base_url, *credential;
	char *state;                    /* "enabled", "disabled", "draining" */
	char *state_reason, *state_by;
	int64_t state_at;
	char *models, *options;         /* JSON, or NULL */
	int64_t revision, created_at;
};
typedef int provider_each(void *arg, const struct provider_row *);
int provider_list(struct db *, provider_each *, void *arg, struct err *err);
int provider_get(struct db *, const char *name, struct provider_row *ret, struct err *err);
int provider_insert(struct db *, struct provider_row *, struct err *err);
int provider_update(struct db *, const struct provider_row *, struct err *err);
int provider_delete(struct db *, int64_t id, struct err *err);
void provider_release(struct provider_row *);

struct chain_row {
	char *name;
	char *spec;                     /* JSON as in the admin API; NULL: deleted (history only) */
	int64_t version;
	int64_t updated_at;
	char *who, *reason;             /* history only */
};
typedef int chain_each(void *arg, const struct chain_row *);
int chain_list(struct db *, chain_each *, void *arg, struct err *err);
int chain_get(struct db *, const char *name, struct chain_row *ret, struct err *err);
/* Writes the next version and its history row.  expect: the version it replaces, 0 for a new one, -1
 * for any; ERR_CONFLICT when it is another.  spec NULL deletes.  Returns the new version in *ret. */
int chain_write(struct db *, const char *name, const char *spec, int64_t expect, const char *who,
		const char *reason, int64_t now_ms, int64_t *ret_version, struct err *err);
int chain_history(struct db *, const char *name, chain_each *, void *arg, struct err *err);  /* newest first */
int chain_get_version(struct db *, const char *name, int64_t version, struct chain_row *ret, struct err *err);
void chain_release(struct chain_row *);

struct budget_row {
	int64_t id;
	const char *scope;              /* borrowed literal: "team", "key", "provider", "gateway" */
	int64_t scope_id;
	char *model;                    /* "" = all */
	int64_t amount_nusd;
	char *window;
	int64_t utc_offset_min;
	char *mode;                     /* "standard", "strict" */
	int64_t created_at;
};
typedef int budget_each(void *arg, const struct budget_row *);
int budget_list(struct db *, budget_each *, void *arg, struct err *err);
int budget_list_of(struct db *, const char *scope, int64_t scope_id, budget_each *, void *arg, struct err *err);
/* Inserts, or changes the one of this scope, model and window. */
int budget_put(struct db *, struct budget_row *, struct err *err);
int budget_delete(struct db *, int64_t id, struct err *err);
/* All budgets of a scope but those of the window and model given (NULL: all). */
int budget_delete_others(struct db *, const char *scope, int64_t scope_id, const char *keep_window,
			 const char *keep_model, struct err *err);
void budget_row_release(struct budget_row *);

struct price_row {
	int64_t id;
	char *provider, *model;         /* provider "" = wherever it is served */
	int64_t from_at, above_input;
	int64_t nusd_per_m[USAGE_NUM_PRICED];   /* STORE_NONE; columns in the order of enum usage_field */
	int64_t request_nusd;
	char *source;
	int64_t created_at;
};
typedef int price_each(void *arg, const struct price_row *);
int price_list(struct db *, price_each *, void *arg, struct err *err);  /* by model, provider, from_at, above_input */
int price_put(struct db *, struct price_row *, struct err *err);        /* replaces the same model, provider, date and tier */
int price_get_by_id(struct db *, int64_t id, struct price_row *ret, struct err *err);
/* The same without what the catalogue says of providers that are not there, by name or kind. */
int price_list_in_use(struct db *, price_each *, void *arg, struct err *err);
/* The base and the tiers that hold for exactly this provider and model then, lowest first. */
int price_list_at(struct db *, const char *provider, const char *model, int64_t at_ms, price_each *, void *arg,
		  struct err *err);
void price_release(struct price_row *);

/* How the source of a price begins that came with the program ("catalogue 2026-08-21"): it holds where nobody
 * has said otherwise. */
#define PRICE_CATALOGUE "catalogue "
bool price_is_catalogue(const struct price_row *);

struct audit_row {
	int64_t id, at;
	int64_t uid, pid;               /* STORE_NONE: the daemon */
	char *user_name, *via, *action, *object, *before, *after, *reason, *refused;
};
typedef int audit_each(void *arg, const struct audit_row *);
int audit_insert(struct db *, struct audit_row *, struct err *err);     /* fills id; texts borrowed */
/* Says of a change that is made in steps how far it has come; in the transaction of the step. */
int audit_go_on(struct db *, int64_t id, const char *before, const char *after, struct err *err);
/* Newest first, before_id 0: from the newest.  object, action, who: NULL = any. */
int audit_list(struct db *, const char *object, const char *action, const char *who, int64_t before_id,
	       int limit, audit_each *, void *arg, struct err *err);
int audit_get(struct db *, int64_t id, struct audit_row *ret, struct err *err);
void audit_release(struct audit_row *);

/* An answer kept for an Idempotency-Key. */
int idempotency_get(struct db *, const char *key, int64_t uid, unsigned char ret_request_hash[HASH_BYTES],
		    int *ret_status, char **ret_answer, struct err *err);       /* ERR_NOT_FOUND */
int idempotency_put(struct db *, const char *key, int64_t uid, const unsigned char request_hash[HASH_BYTES],
		    int status, const char *answer, int64_t now_ms, struct err *err);

int meta_get(struct db *, const char *name, char **ret, struct err *err);       /* ERR_NOT_FOUND */
int meta_put(struct db *, const char *name, const char *value, struct err *err);

#endif
