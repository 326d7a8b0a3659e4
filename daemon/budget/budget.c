/* SPDX-License-Identifier: MIT */
/*
 * Amounts are reserved, settled and counted per window here.
 *
 * Two windows are kept: the one that calls are admitted in now, and one beside it.  At a boundary
 * the workers' clocks differ by a turn of their loops, so admissions of both may alternate; and a
 * call that was admitted before the boundary settles after it without touching the new window.
 */
#include "budget/budget.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/money.h"

struct counter {
	int64_t from_ms, until_ms;              /* from_ms == until_ms: not in use */
	int64_t spent_nusd, reserved_nusd;
};

struct budget {
	atomic_uint refs;
	int64_t id;
	enum budget_scope scope;
	struct window window;
	_Atomic enum budget_mode mode;
	pthread_mutex_t lock;                   /* over all below */
	int64_t amount_nusd;
	struct counter counters[2];
	unsigned latest;                        /* which of them was admitted to last */
	uint64_t changes;
};

struct budget *budget_new(int64_t id, enum budget_scope scope, struct window window, enum budget_mode mode,
			  int64_t amount_nusd)
{
	struct budget *b = xcalloc(1, sizeof(*b));

	atomic_init(&b->refs, 1);
	pthread_mutex_init(&b->lock, NULL);
	b->id = id;
	b->scope = scope;
	b->window = window;
	atomic_init(&b->mode, mode);
	b->amount_nusd = amount_nusd;
	return b;
}

struct budget *budget_ref(struct budget *b)
{
	atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
	return b;
}

void budget_unref(struct budget *b)
{
	if (b == NULL || atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1)
		return;
	pthread_mutex_destroy(&b->lock);
	free(b);
}

int64_t budget_id(const struct budget *b)
{
	return b->id;
}

enum budget_scope budget_scope(const struct budget *b)
{
	return b->scope;
}

enum budget_mode budget_mode(const struct budget *b)
{
	return b->mode;
}

struct window budget_window(const struct budget *b)
{
	return b->window;
}

void budget_set_amount(struct budget *b, int64_t amount_nusd, enum budget_mode mode)
{
	pthread_mutex_lock(&b->lock);
	b->amount_nusd = amount_nusd;
	b->mode = mode;
	pthread_mutex_unlock(&b->lock);
}

/* The counter of the window that holds now_ms, or NULL.  Under the lock, as what follows. */
static struct counter *counter_find(struct budget *b, int64_t now_ms)
{
	for (unsigned i = 0; i < 2; i++) {
		struct counter *c = &b->counters[(b->latest + i) % 2];

		if (now_ms >= c->from_ms && now_ms < c->until_ms)
			return c;
	}
	return NULL;
}

/*
 * The same, in the place of the one used longer ago when there is none yet.  Windows before both are
 * not entered again: a clock that was set back counts in the earlier one, as what was spent before
 * is not known here.
 */
static struct counter *counter_at(struct budget *b, int64_t now_ms)
{
	struct counter *c = counter_find(b, now_ms);
	struct counter *latest = &b->counters[b->latest], *other = &b->counters[(b->latest + 1) % 2];

	if (c == NULL && now_ms < latest->from_ms && now_ms < other->from_ms) {
		c = latest->from_ms < other->from_ms ? latest : other;
	} else if (c == NULL) {
		c = other;
		*c = (struct counter){0};
		window_bounds(b->window, now_ms, &c->from_ms, &c->until_ms);
	}
	b->latest = (unsigned)(c - b->counters);
	return c;
}

void budget_restore(struct budget *b, int64_t now_ms, int64_t spent_nusd)
{
	pthread_mutex_lock(&b->lock);
	counter_at(b, now_ms)->spent_nusd = spent_nusd;
	pthread_mutex_unlock(&b->lock);
}

bool budget_correct(struct budget *b, const struct budget_state *seen, int64_t spent_nusd)
{
	struct counter *c;
	bool at_rest;

	pthread_mutex_lock(&b->lock);
	c = counter_at(b, seen->from_ms);
	at_rest = c->from_ms == seen->from_ms && c->reserved_nusd == 0 && b->changes == seen->changes;
	if (at_rest)
		c->spent_nusd = spent_nusd;
	pthread_mutex_unlock(&b->lock);
	return at_rest;
}

void budget_adjust(struct budget *b, int64_t at_ms, int64_t more_nusd)
{
	struct counter *c;

	pthread_mutex_lock(&b->lock);
	c = counter_find(b, at_ms);
	if (c != NULL) {
		b->changes++;
		c->spent_nusd = money_add(c->spent_nusd, more_nusd);
	}
	pthread_mutex_unlock(&b->lock);
}

/*
 * Used up is used up, also for what costs nothing.  A standard budget that nothing is reserved from
 * admits one call alone although its estimate is more than what is left: the estimate may be a bad
 * one, and no call would ever come through to better it.
 */
static bool fits(const struct budget *b, const struct counter *c, int64_t amount_nusd)
{
	int64_t held = money_add(c->reserved_nusd, amount_nusd);

	if (c->spent_nusd >= b->amount_nusd)
		return false;
	if (atomic_load(&b->mode) == BUDGET_STANDARD && c->reserved_nusd == 0)
		return true;
	return money_add(c->spent_nusd, held) <= b->amount_nusd;
}

bool budget_reserve(struct budget *b, int64_t amount_nusd, int64_t now_ms, struct reservation *ret)
{
	struct counter *c;
	bool admitted;

	assert(amount_nusd >= 0);
	pthread_mutex_lock(&b->lock);
	c = counter_at(b, now_ms);
	admitted = fits(b, c, amount_nusd);
	if (admitted) {
		b->changes++;
		c->reserved_nusd = money_add(c->reserved_nusd, amount_nusd);
		*ret = (struct reservation){.budget = b, .amount_nusd = amount_nusd, .window_from_ms = c->from_ms};
	}
	pthread_mutex_unlock(&b->lock);
	return admitted;
}

void budget_settle(struct reservation *r, int64_t cost_nusd)
{
	struct budget *b = r->budget;

	if (b == NULL)
		return;
	assert(cost_nusd >= 0);
	pthread_mutex_lock(&b->lock);
	b->changes++;
	for (unsigned i = 0; i < 2; i++) {
		struct counter *c = &b->counters[i];

		/* A window older than both is nobody's concern any more: the ledger has the row. */
		if (c->until_ms == c->from_ms || c->from_ms != r->window_from_ms)
			continue;
		c->reserved_nusd -= r->amount_nusd;
		c->spent_nusd = money_add(c->spent_nusd, cost_nusd);
		break;
	}
	pthread_mutex_unlock(&b->lock);
	r->budget = NULL;
}

void budget_read(struct budget *b, int64_t now_ms, struct budget_state *ret)
{
	const struct counter *c;

	*ret = (struct budget_state){0};
	window_bounds(b->window, now_ms, &ret->from_ms, &ret->until_ms);
	pthread_mutex_lock(&b->lock);
	ret->amount_nusd = b->amount_nusd;
	ret->changes = b->changes;
	c = counter_find(b, now_ms);
	if (c != NULL) {
		ret->spent_nusd = c->spent_nusd;
		ret->reserved_nusd = c->reserved_nusd;
	}
	pthread_mutex_unlock(&b->lock);
}

const char *budget_scope_name(enum budget_scope scope)
{
	static const char *const names[] = {
		[BUDGET_TEAM] = "team",
		[BUDGET_KEY] = "key",
		[BUDGET_PROVIDER] = "provider",
		[BUDGET_GATEWAY] = "gateway",
	};

	return names[scope];
}
