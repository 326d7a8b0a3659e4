/* SPDX-License-Identifier: MIT */
/* The next target of a call is chosen here: tiers, weights, retries, and what is passed over. */
#include "routing/plan.h"

#include <assert.h>

#include "routing/health.h"

/* Who hears what is passed over. */
struct listener {
	plan_skip *skip;
	void *arg;
};

static size_t num_targets(const struct view_chain *chain)
{
	size_t n = 0;

	for (size_t i = 0; i < chain->num_tiers; i++)
		n += chain->tiers[i].num_targets;
	return n;
}

void plan_init(struct plan *p, const struct view_chain *chain, int64_t call_id)
{
	assert(num_targets(chain) <= PLAN_TARGETS);
	*p = (struct plan){.chain = chain, .random = (uint64_t)call_id};
}

/* The position of a tier's first target. */
static size_t first_of(const struct plan *p, size_t tier)
{
	size_t n = 0;

	for (size_t i = 0; i < tier; i++)
		n += p->chain->tiers[i].num_targets;
	return n;
}

static size_t position(const struct plan *p, const struct view_target *target)
{
	size_t first = 0;

	for (size_t i = 0; i < p->chain->num_tiers; i++) {
		const struct view_tier *tier = &p->chain->tiers[i];

		if (target >= tier->targets && target < tier->targets + tier->num_targets)
			return first + (size_t)(target - tier->targets);
		first += tier->num_targets;
	}
	assert(!"a target of another chain");
	return 0;
}

/* splitmix64: each call has its own sequence, the same whenever it is drawn again. */
static uint64_t draw(struct plan *p)
{
	uint64_t z = p->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Why calls never go there, or ATTEMPT_OK. */
static enum attempt_reason objection(const struct view_target *target)
{
	if (target->provider == NULL)
		return ATTEMPT_SKIP_NO_PROVIDER;
	switch (target->provider->state) {
	case PROVIDER_ENABLED:
		return ATTEMPT_OK;
	case PROVIDER_DISABLED:
		return ATTEMPT_SKIP_DISABLED;
	case PROVIDER_DRAINING:
		return ATTEMPT_SKIP_DRAINING;
	}
	return ATTEMPT_OK;
}

static void pass_over(const struct listener *l, const struct view_target *target, enum attempt_reason reason)
{
	if (l->skip != NULL)
		l->skip(l->arg, target, reason);
}

/* Says what of the tier cannot be taken, once. */
static void enter_tier(struct plan *p, uint64_t now_us, const struct listener *l)
{
	const struct view_tier *tier = &p->chain->tiers[p->tier];
	size_t first = first_of(p, p->tier);

	p->entered = true;
	for (size_t i = 0; i < tier->num_targets; i++) {
		const struct view_target *target = &tier->targets[i];
		enum attempt_reason reason = objection(target);

		if (reason != ATTEMPT_OK) {
			p->over[first + i] = true;
			pass_over(l, target, reason);
		} else if (health_is_cooling(target->health, now_us)) {
			p->cooling[first + i] = true;
			pass_over(l, target, ATTEMPT_SKIP_COOLING);
		}
	}
}

/* One of the tier's targets that are left, by weight; NULL when none is. */
static const struct view_target *draw_target(struct plan *p)
{
	const struct view_tier *tier = &p->chain->tiers[p->tier];
	size_t first = first_of(p, p->tier);
	uint64_t sum = 0, at;

	for (size_t i = 0; i < tier->num_targets; i++)
		if (!p->over[first + i] && !p->cooling[first + i])
			sum += tier->targets[i].weight;
	if (sum == 0)
		return NULL;
	at = (uint64_t)(((unsigned __int128)draw(p) * sum) >> 64);
	for (size_t i = 0; i < tier->num_targets; i++) {
		if (p->over[first + i] || p->cooling[first + i])
			continue;
		if (at < tier->targets[i].weight)
			return &tier->targets[i];
		at -= tier->targets[i].weight;
	}
	return NULL;
}

static const struct view_target *take(struct plan *p, const struct view_target *target)
{
	size_t i = position(p, target);

	p->tries[i]++;
	p->over[i] = true;
	p->tried = true;
	return target;
}

/* From this tier; NULL when it has none left. */
static const struct view_target *next_in_tier(struct plan *p, uint64_t now_us, const struct listener *l)
{
	const struct view_target *target;

	while ((target = draw_target(p)) != NULL) {
		if (health_admits(target->health, now_us, NULL))
			return take(p, target);
		/* Half open, and another call is finding out. */
		p->cooling[position(p, target)] = true;
		pass_over(l, target, ATTEMPT_SKIP_COOLING);
	}
	return NULL;
}

/* Of those passed over as cooling the one that has cooled longest. */
static const struct view_target *longest_cooled(const struct plan *p, uint64_t now_us)
{
	const struct view_target *best = NULL;
	int64_t best_ms = -1;
	size_t at = 0;

	for (size_t t = 0; t < p->chain->num_tiers; t++) {
		for (size_t i = 0; i < p->chain->tiers[t].num_targets; i++, at++) {
			const struct view_target *target = &p->chain->tiers[t].targets[i];
			struct health_state state;

			if (!p->cooling[at] || p->over[at])
				continue;
			health_read(target->health, now_us, &state);
			if (state.cooled_ms <= best_ms)
				continue;
			best = target;
			best_ms = state.cooled_ms;
		}
	}
	return best;
}

static const struct view_target *next_desperate(struct plan *p, uint64_t now_us)
{
	const struct view_target *target;

	if (p->tried && !p->desperate)
		return NULL;
	target = longest_cooled(p, now_us);
	if (target == NULL)
		return NULL;
	p->desperate = true;
	health_force(target->health, now_us);
	return take(p, target);
}

/* The one whose retry was asked for, unless its failure opened its breaker. */
static const struct view_target *next_again(struct plan *p, uint64_t now_us, const struct listener *l)
{
	const struct view_target *target = p->again;

	p->again = NULL;
	if (target == NULL)
		return NULL;
	if (p->desperate)
		health_force(target->health, now_us);
	else if (!health_admits(target->health, now_us, NULL)) {
		pass_over(l, target, ATTEMPT_SKIP_COOLING);
		return NULL;
	}
	return take(p, target);
}

const struct view_target *plan_next(struct plan *p, uint64_t now_us, plan_skip *skip, void *arg)
{
	const struct listener l = {skip, arg};
	const struct view_target *target = next_again(p, now_us, &l);

	for (; target == NULL && p->tier < p->chain->num_tiers; p->tier++, p->entered = false) {
		if (!p->entered)
			enter_tier(p, now_us, &l);
		target = next_in_tier(p, now_us, &l);
		if (target != NULL)
			break;
	}
	return target != NULL ? target : next_desperate(p, now_us);
}

void plan_retry(struct plan *p, const struct view_target *target)
{
	if (p->tries[position(p, target)] <= p->chain->retries)
		p->again = target;
}

void plan_drop(struct plan *p, const struct view_target *target)
{
	p->over[position(p, target)] = true;
	if (p->again == target)
		p->again = NULL;
}
