/* SPDX-License-Identifier: MIT */
/*
 * routes.h — everything the admin API can be asked, one row each.
 *
 * To add a question: a function and a row in routes.c, an entry in schema/openapi.json (a lint
 * compares them).  Permission is the row's column and is checked once, in routes_answer().
 */
#ifndef ADMIN_ROUTES_H
#define ADMIN_ROUTES_H

#include <jansson.h>
#include <stdio.h>

#include "admin/peer.h"

struct admin;
struct admin_request;
struct change;
struct err;

enum route_body {
	BODY_NONE,              /* what is sent is ignored */
	BODY_OBJECT,            /* JSON, an object; nothing counts as {} */
	BODY_TEXT,              /* whatever the function makes of it */
};

struct route {
	const char *method;
	const char *pattern;            /* "/v1/keys/{id}/rotate"; one name at most, which may hold slashes */
	enum role needs;
	enum route_body body;
	const char *help;

	/* One of these two. */
	int (*answer)(struct admin_request *, struct err *);    /* looks, or does what leaves no trace */
	int (*change)(struct change *, struct err *);           /* changes rows: see change.h */

	/* -- of changes -- */
	const char *action;             /* in the audit: "team.update" */
	/* The object as GET shows it; NULL when there is none (any more). */
	json_t *(*show)(struct admin *, const char *name, struct err *);
};

/* The last has method == NULL. */
extern const struct route routes[];

/* The row for a question, with the name in its path; NULL: none.  *ret_other_method is set when the
 * path is known but not with this method. */
const struct route *routes_find(const char *method, const char *path, char *ret_name, size_t name_size,
				const struct route **ret_other_method);

/* Answers, or makes arrangements to (request->later).  Never fails: errors are answers. */
void routes_answer(struct admin_request *);

/* "GET /v1/teams viewer what it does", one a line. */
void routes_print(FILE *);

#endif
