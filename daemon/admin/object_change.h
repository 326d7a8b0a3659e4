/* SPDX-License-Identifier: MIT */
/*
 * object_change.h — what changes of teams, keys and providers have in common: the sequence.
 *
 *   read the row → what it was → may it be changed? → members → budgets → write → what it is
 *
 * A family is a table of steps; what it can be turned into beside that (blocked, revoked, drained) is an edit.
 */
#ifndef ADMIN_OBJECT_CHANGE_H
#define ADMIN_OBJECT_CHANGE_H

#include <jansson.h>
#include <stdint.h>

#include "store/store.h"

struct change;
struct err;

/* A row that is being changed; which one is in the union is the family's business. */
struct object {
	int64_t id, revision;           /* the row's, by get() */
	union {
		struct team_row team;
		struct key_row key;
		struct provider_row provider;
	};
};

struct object_family {
	const char *name;                       /* in the audit, and of its budgets: "team" */
	const char *const *members;             /* that a body may change, NULL-terminated */

	int (*get)(struct db *, const char *name, struct object *ret, struct err *err);
	int (*update)(struct db *, const struct object *, struct err *err);
	void (*release)(struct object *);

	/* The row as the audit has it; new reference, NULL on failure. */
	json_t *(*body)(struct db *, const struct object *, struct err *err);
	/* Members of the change's body into the row; all but the budgets, which need its id. */
	int (*read_body)(struct change *, struct object *, struct err *err);
	/* Whether it may be changed at all; what it is called, if not as the path says.  NULL: it may. */
	int (*check)(struct change *, const struct object *, struct err *err);
};

/* What is done to the row between reading and writing it. */
typedef int object_edit(struct change *, struct object *, const void *arg, struct err *err);

/* The object of c->name goes through the sequence; arg is the edit's own. */
int object_change(struct change *, const struct object_family *, object_edit *, const void *arg, struct err *err);

/* The same with the body's members and budgets as the edit. */
int object_patch(struct change *, const struct object_family *, struct err *err);

/* The rest of it for a row that has just been inserted with this id: the body's budgets, and what it is. */
int object_inserted(struct change *, const struct object_family *, const struct object *, int64_t id, struct err *err);

/* The same up to the edit, and nothing is written: for what goes, or changes no row.  The caller releases it,
 * after a failure too. */
int object_begin(struct change *, const struct object_family *, struct object *ret, struct err *err);

#endif
