/* SPDX-License-Identifier: MIT */
/* What the plan of a chain's next call would be is worked out and put into words here. */
#include "routing/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/mem.h"
#include "routing/health.h"

/* -- one target -- */

static bool is_down(const struct view_target *t, const char *const *down)
{
	for (; *down != NULL; down++)
		if (strcmp(*down, t->provider_name) == 0 || strcmp(*down, t->name) == 0)
			return true;
	return false;
}

/* "switched off by anna: outage" */
static void say_state(const struct view_provider *p, const char *what, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s%s%s", what, p->state_by != NULL ? " by " : "", p->state_by != NULL ? p->state_by : "",
		 p->state_reason != NULL ? ": " : "", p->state_reason != NULL ? p->state_reason : "");
}

/* Why calls never go there, into out; false when nothing keeps them from it. */
static bool is_off(const struct view_target *t, const char *const *down, char *out, size_t size)
{
	const struct view_provider *p = t->provider;

	if (p == NULL) {
		snprintf(out, size, "no provider %s is configured", t->provider_name);
		return true;
	}
	if (is_down(t, down)) {
		snprintf(out, size, "assumed down");
		return true;
	}
	switch (p->state) {
	case PROVIDER_ENABLED:
		break;
	case PROVIDER_DISABLED:
		say_state(p, "switched off", out, size);
		return true;
	case PROVIDER_DRAINING:
		say_state(p, "draining", out, size);
		return true;
	}
	if (p->credential_error != NULL)
		snprintf(out, size, "its credential cannot be read: %s", p->credential_error);
	return p->credential_error != NULL;
}

static void say_cooling(const struct health_state *health, char *out, size_t size)
{
	char left[FMT_TEXT];

	snprintf(out, size, "cooling, %s left%s%s", fmt_age(health->cooling_ms, left),
		 health->last_error[0] != '\0' ? ": " : "", health->last_error);
}

/* -- the chain -- */

/* Whole percents that add up to 100: what rounding leaves over goes to the largest remainders. */
static void share_out(struct explained_target *const *taken, size_t num)
{
	unsigned sum = 0, left = 100, rest[CHAIN_TARGETS];

	for (size_t i = 0; i < num; i++)
		sum += taken[i]->target->weight;
	for (size_t i = 0; i < num; i++) {
		taken[i]->share_percent = 100 * taken[i]->target->weight / sum;
		rest[i] = 100 * taken[i]->target->weight % sum;
		left -= taken[i]->share_percent;
	}
	for (; left > 0; left--) {
		size_t best = 0;

		for (size_t i = 1; i < num; i++)
			if (rest[i] > rest[best])
				best = i;
		taken[best]->share_percent++;
		rest[best] = 0;
	}
}

/* The first tier that has a target to offer takes the calls; the later ones stand by. */
static void choose(struct explanation *e)
{
	struct explained_target *taken[CHAIN_TARGETS];
	size_t num = 0;

	for (size_t i = 0; i < e->num; i++) {
		struct explained_target *t = &e->targets[i];

		if (t->verdict == EXPLAIN_SKIPPED)
			continue;
		if (num > 0 && t->tier != taken[0]->tier) {
			snprintf(t->reason, sizeof(t->reason), "when tier %zu fails", taken[0]->tier + 1);
			continue;
		}
		t->verdict = EXPLAIN_TAKEN;
		taken[num++] = t;
		if (e->answered_by == NULL || t->target->weight > e->answered_by->weight)
			e->answered_by = t->target;
	}
	if (num > 0)
		share_out(taken, num);
}

/* With nothing else on, the one that has cooled longest is tried. */
static void choose_cooling(struct explanation *e, struct explained_target *longest)
{
	longest->verdict = EXPLAIN_TAKEN;
	longest->share_percent = 100;
	snprintf(longest->reason, sizeof(longest->reason), "cooling, but nothing else is on");
	e->answered_by = longest->target;
}

/* What one target has to say for itself; how long it has cooled when that is all that is against it, else -1. */
static int64_t examine(struct explained_target *t, const char *const *down, uint64_t now_us)
{
	struct health_state health;

	if (is_off(t->target, down, t->reason, sizeof(t->reason))) {
		t->verdict = EXPLAIN_SKIPPED;
		return -1;
	}
	health_read(t->target->health, now_us, &health);
	switch (health.breaker) {
	case BREAKER_CLOSED:
		return -1;
	case BREAKER_HALF_OPEN:
		snprintf(t->reason, sizeof(t->reason), "half open: one call at a time tries it");
		return -1;
	case BREAKER_OPEN:
		break;
	}
	t->verdict = EXPLAIN_SKIPPED;
	say_cooling(&health, t->reason, sizeof(t->reason));
	return health.cooled_ms;
}

void explain_chain(const struct view_chain *chain, const char *const *down, uint64_t now_us, struct explanation *e)
{
	struct explained_target *longest = NULL;
	int64_t longest_ms = -1;

	*e = (struct explanation){0};
	for (size_t tier = 0; tier < chain->num_tiers; tier++) {
		for (size_t i = 0; i < chain->tiers[tier].num_targets; i++) {
			struct explained_target *t = &e->targets[e->num++];
			int64_t cooled_ms;

			*t = (struct explained_target){.target = &chain->tiers[tier].targets[i], .tier = tier};
			t->verdict = EXPLAIN_STANDBY;
			cooled_ms = examine(t, down, now_us);
			if (cooled_ms <= longest_ms)
				continue;
			longest = t;
			longest_ms = cooled_ms;
		}
	}
	choose(e);
	if (e->answered_by == NULL && longest != NULL)
		choose_cooling(e, longest);
}

const char *explain_verdict_name(enum explain_verdict verdict)
{
	static const char *const names[] = {
		[EXPLAIN_TAKEN] = "taken",
		[EXPLAIN_STANDBY] = "standby",
		[EXPLAIN_SKIPPED] = "skipped",
	};

	return names[verdict];
}

/* -- as JSON -- */

static json_t *target_json(const struct explained_target *t)
{
	json_t *o = json_object();

	json_add_text(o, "target", t->target->name);
	json_add_int(o, "tier", (int64_t)t->tier + 1);
	json_add_int(o, "share_percent", t->share_percent);
	json_add_text(o, "verdict", explain_verdict_name(t->verdict));
	json_add_text(o, "reason", t->reason[0] != '\0' ? t->reason : NULL);
	return o;
}

json_t *explain_chain_json(const struct view_chain *chain, const char *const *down, uint64_t now_us)
{
	json_t *o = json_object(), *names = json_array(), *order = json_array();
	struct explanation e;

	explain_chain(chain, down, now_us, &e);
	for (; *down != NULL; down++)
		json_array_append_new(names, json_string(*down));
	for (size_t i = 0; i < e.num; i++)
		json_array_append_new(order, target_json(&e.targets[i]));
	json_add_text(o, "chain", chain->name);
	json_add(o, "down", names);
	json_add(o, "order", order);
	json_add_text(o, "answered_by", e.answered_by != NULL ? e.answered_by->name : NULL);
	return o;
}

/* -- what switching a provider off does -- */

static bool names_provider(const struct view_chain *chain, const char *provider)
{
	for (size_t t = 0; t < chain->num_tiers; t++)
		for (size_t i = 0; i < chain->tiers[t].num_targets; i++)
			if (strcmp(chain->tiers[t].targets[i].provider_name, provider) == 0)
				return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	const struct view_chain *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Sorted; to be freed. */
static const struct view_chain **chains_naming(const struct view *v, const char *provider, size_t *ret_num)
{
	const struct view_chain **chains = xcalloc(v->chains.count, sizeof(struct view_chain *));
	size_t num = 0;

	for (const struct map_entry *e = map_next(&v->chains, NULL); e != NULL; e = map_next(&v->chains, e))
		if (names_provider(e->value, provider))
			chains[num++] = e->value;
	qsort(chains, num, sizeof(struct view_chain *), by_name);
	*ret_num = num;
	return chains;
}

void explain_without_provider(const struct view *v, const char *provider,
			      void (*each)(void *arg, const char *chain, const char *target), void *arg)
{
	const char *const down[] = {provider, NULL};
	size_t num;
	const struct view_chain **chains = chains_naming(v, provider, &num);

	for (size_t i = 0; i < num; i++) {
		struct explanation e;

		explain_chain(chains[i], down, clock_mono_us(), &e);
		each(arg, chains[i]->name, e.answered_by != NULL ? e.answered_by->name : NULL);
	}
	free(chains);
}
