/* SPDX-License-Identifier: MIT */
/*
 * explain.h — where the calls of a chain go now, and why; also if some providers were down.
 *
 * Asks the same questions in the same order as plan.c and changes nothing.  Shapes as in
 * schema/README.md.
 */
#ifndef ROUTING_EXPLAIN_H
#define ROUTING_EXPLAIN_H

#include <jansson.h>

#include "config/chain_spec.h"
#include "routing/view.h"

enum explain_verdict {
	EXPLAIN_TAKEN,          /* calls go there, by its share */
	EXPLAIN_STANDBY,        /* could be, when those before it fail */
	EXPLAIN_SKIPPED,        /* calls pass it over */
};

struct explained_target {
	const struct view_target *target;       /* the view's */
	size_t tier;                            /* counted from 0 */
	unsigned share_percent;                 /* of first attempts; those of a chain add up to 100, or to 0 */
	enum explain_verdict verdict;
	char reason[200];                       /* "" when there is nothing to say */
};

struct explanation {
	size_t num;
	struct explained_target targets[CHAIN_TARGETS];
	const struct view_target *answered_by;  /* the one that most calls go to; NULL: there is none */
};

/* down: providers ("openai") or targets ("openai/gpt-5") to be thought away; ends with NULL. */
void explain_chain(const struct view_chain *, const char *const *down, uint64_t now_us, struct explanation *ret);
const char *explain_verdict_name(enum explain_verdict);         /* "taken" */

/* The answer to GET /v1/chains/{name}/explain. New reference. */
json_t *explain_chain_json(const struct view_chain *, const char *const *down, uint64_t now_us);

/* What becomes of each chain that names a provider when it is switched off, by name: the target that most
 * of its calls go to then, or NULL when nothing is left of it. */
void explain_without_provider(const struct view *, const char *provider,
			      void (*each)(void *arg, const char *chain, const char *target), void *arg);

#endif
