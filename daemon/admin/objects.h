/* SPDX-License-Identifier: MIT */
/*
 * objects.h — what can be asked and changed, family by family; one file each.
 *
 * S_body() is an object in the form bodies take (what can be set, secrets left out): it goes into
 * the audit, the export and undo.  S_show() is an object as GET shows it: the same and how it is
 * doing.  Both return a new reference, NULL with *err set.
 */
#ifndef ADMIN_OBJECTS_H
#define ADMIN_OBJECTS_H

#include <jansson.h>
#include <stdint.h>

struct admin;
struct admin_request;
struct change;
struct chain_row;
struct db;
struct err;
struct key_row;
struct price_row;
struct provider_row;
struct team_row;

/* teams.c */
int teams_list(struct admin_request *, struct err *);
json_t *team_show(struct admin *, const char *name, struct err *);
json_t *team_body(struct db *, const struct team_row *, struct err *);
int team_create(struct change *, struct err *);
int team_patch(struct change *, struct err *);
int team_remove(struct change *, struct err *);
int team_block(struct change *, struct err *);
int team_unblock(struct change *, struct err *);

/* keys.c */
int keys_list(struct admin_request *, struct err *);
json_t *key_show(struct admin *, const char *id, struct err *);
json_t *key_body(struct db *, const struct key_row *, struct err *);
int key_create(struct change *, struct err *);
int key_patch(struct change *, struct err *);
int key_revoke(struct change *, struct err *);
int key_block(struct change *, struct err *);
int key_unblock(struct change *, struct err *);
int key_rotate(struct change *, struct err *);

/* providers.c */
int providers_list(struct admin_request *, struct err *);
json_t *providers_all(struct admin *, struct err *);
json_t *provider_show(struct admin *, const char *name, struct err *);
json_t *provider_body(struct db *, const struct provider_row *, struct err *);
int provider_create(struct change *, struct err *);
int provider_patch(struct change *, struct err *);
int provider_remove(struct change *, struct err *);
int provider_enable(struct change *, struct err *);
int provider_disable(struct change *, struct err *);
int provider_drain(struct change *, struct err *);
int provider_clear(struct change *, struct err *);
/* provider_test.c */
int provider_test(struct admin_request *, struct err *);

/* gateway.c */
json_t *gateway_show(struct admin *, const char *name, struct err *);
int gateway_patch(struct change *, struct err *);

/* chains.c */
int chains_list(struct admin_request *, struct err *);
json_t *chain_show(struct admin *, const char *name, struct err *);
json_t *chain_body(const struct chain_row *);
int chain_put(struct change *, struct err *);
int chain_remove(struct change *, struct err *);
int chain_undo(struct change *, struct err *);
int chain_answer_history(struct admin_request *, struct err *);
int chain_answer_explain(struct admin_request *, struct err *);

/* prices.c */
int prices_list(struct admin_request *, struct err *);
json_t *price_show(struct admin *, const char *id, struct err *);
json_t *price_body(const struct price_row *);
int price_set(struct change *, struct err *);
int price_import(struct change *, struct err *);

/* reprice.c */
int price_reprice(struct admin_request *, struct err *);

/* spend.c */
int spend_answer(struct admin_request *, struct err *);
int calls_list(struct admin_request *, struct err *);
int call_answer(struct admin_request *, struct err *);

/* why.c */
int team_answer_why(struct admin_request *, struct err *);

/* provider_kinds.c */
int provider_kinds_list(struct admin_request *, struct err *);

/* rankings.c */
int rankings_answer(struct admin_request *, struct err *);

/* audit.c */
int audit_answer(struct admin_request *, struct err *);
json_t *audit_newest(struct admin *, int limit, struct err *);
int audit_undo(struct change *, struct err *);

/* status.c */
int status_answer(struct admin_request *, struct err *);
json_t *status_show(struct admin *, const struct admin_request *);

/* overview.c */
int overview_answer(struct admin_request *, struct err *);
json_t *pulse_show(struct admin *, struct err *);

/* apply.c */
int state_export(struct admin_request *, struct err *);
int state_diff(struct admin_request *, struct err *);
int state_apply(struct admin_request *, struct err *);

/* database.c */
int db_answer_check(struct admin_request *, struct err *);
int db_answer_backup(struct admin_request *, struct err *);

#endif
