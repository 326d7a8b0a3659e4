/* SPDX-License-Identifier: MIT */
/*
 * change.h — the one way a change is made.
 *
 *   BEGIN → the route's function → audit row → new live view → COMMIT → every worker on the view → answer
 *
 * The view is built inside the transaction, from what is about to be true, so that a state nobody
 * could route by is rolled back with the builder's sentence and nothing has happened.  A dry run
 * does the same up to the audit row, then asks what the change would touch and rolls back.
 *
 * The same functions serve the configuration's seeds and `apply`: they know no HTTP.
 */
#ifndef ADMIN_CHANGE_H
#define ADMIN_CHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "admin/peer.h"
#include "admin/request.h"
#include "base/err.h"

struct db;

#define CHANGE_ANY (-1)
#define CHANGE_SECRET 64

struct change {
	/* -- given -- */
	struct db *db;                  /* in a transaction */
	const char *home;               /* where the sealing key is */
	int64_t now_ms;
	const struct peer *who;         /* borrowed */
	const char *via;                /* "tui", "cli", "api", "config", "daemon" */
	const char *reason;             /* NULL: none */
	const char *action;             /* "team.update" */
	const char *name;               /* in the path; "" for a new object */
	json_t *body;                   /* an object; borrowed */
	const struct admin_request *request;    /* NULL: no person asks (seeds, apply) */
	int64_t expect;                 /* the revision it replaces, or CHANGE_ANY */
	bool exact;                     /* the body is all there is: budgets it does not name go */

	/* -- filled in by the function -- */
	char object[ADMIN_NAME + 16];   /* "team search" */
	char shown[ADMIN_NAME];         /* what to show afterwards; set early: conflicts show it, too */
	/* What can be set, in the form bodies take, without secrets; NULL: was not, is not there. */
	json_t *before, *after;         /* owned */
	char secret[CHANGE_SECRET];     /* for the answer alone, once */
	bool secret_changed;            /* which before and after do not show */
	json_t *extra;                  /* further members of the answer; owned; NULL: none */
	json_t *reason_text;            /* what reason points into, where it came in the body; owned */
	/* The route's, unless the function knows better. */
	json_t *(*show)(struct admin *, const char *name, struct err *);

	/* -- filled in by change_run() -- */
	int64_t audit_id;
};

typedef int change_fn(struct change *, struct err *);

/* Runs the function and writes the audit row; the caller has begun a transaction and ends it. */
int change_run(struct change *, change_fn *, struct err *err);
void change_release(struct change *);

/* ERR_CONFLICT when somebody else changed it meanwhile. */
int change_check_revision(const struct change *, int64_t revision, struct err *err);

/* "team search" → object and shown. */
void change_names(struct change *, const char *family, const char *name);

/* Builds the view of what the open transaction holds, commits, and puts every worker on it. */
int change_publish(struct admin *, struct err *err);

/* A route with a change function, from If-Match to the answer. */
int change_answer(struct admin_request *, struct err *err);

/*
 * A change that takes longer than anybody may wait for a transaction (reprice.c) does the same in steps of its own:
 * begin; then, inside each of its transactions, note what has been done so far in its one audit entry; remember
 * the Idempotency-Key in the last; answer.
 */
/* 1: this very request was answered before, and is again. */
int change_begin(struct admin_request *, struct change *ret, struct err *err);
int change_note(struct change *, struct err *err);
int change_remember(const struct change *, unsigned status, struct err *err);
void change_answer_done(struct change *);
void change_answer_dry_run(struct change *);

/* What it was asked with: "tui", "cli" or "api". */
const char *change_via(const struct admin_request *);

/* An audit row for somebody who may not. */
void change_note_refused(struct admin_request *, const char *why);

#endif
