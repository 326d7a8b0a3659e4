/* SPDX-License-Identifier: MIT */
/*
 * Requests a minute, tokens a minute and calls at once are counted here, exactly.
 *
 * Requests: the times of all admissions of the last 60 seconds, in a ring.  Tokens: sums over spans
 * of 250 ms; a span counts until all of it is 60 seconds old, so never more than tpm are admitted in
 * any 60 seconds and what was used comes free at most 250 ms late.
 *
 * The workers' clocks differ by a turn of their loops.  An admission that comes with an older time
 * than the last is kept with the last one's, which errs on the strict side.
 */
#include "budget/limit.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"

#define MINUTE_US UINT64_C(60000000)
#define SPAN_US UINT64_C(250000)
#define NUM_SPANS (MINUTE_US / SPAN_US + 1)

/* Times of admissions, oldest first; those older than a minute are dropped as time goes on. */
struct admissions {
	uint64_t *times;                /* owned; grows as it fills */
	size_t size, first, count;
};

/* Tokens by span; spans before the window are 0 and not in the sum. */
struct tokens {
	int64_t spans[NUM_SPANS];       /* by the span's number modulo NUM_SPANS */
	uint64_t last;                  /* number of the newest span there is */
	int64_t sum;
};

struct limit {
	atomic_uint refs;
	pthread_mutex_t lock;           /* over all below */
	int64_t rpm, tpm, parallel;
	int64_t open;                   /* admitted and not ended, whether parallel is set or not */
	uint64_t last_us;               /* the newest time seen */
	struct admissions admissions;
	struct tokens *tokens;          /* owned; NULL until tpm was needed first */
};

/* -- the ring of admissions -- */

static uint64_t *admission_at(const struct admissions *a, size_t i)
{
	return &a->times[(a->first + i) % a->size];
}

static void admissions_expire(struct admissions *a, uint64_t now_us)
{
	while (a->count > 0 && now_us - *admission_at(a, 0) >= MINUTE_US) {
		a->first = (a->first + 1) % a->size;
		a->count--;
	}
}

static void admissions_grow(struct admissions *a)
{
	size_t size = a->size > 0 ? a->size * 2 : 16;
	uint64_t *times = xcalloc(size, sizeof(*times));

	for (size_t i = 0; i < a->count; i++)
		times[i] = *admission_at(a, i);
	free(a->times);
	a->times = times;
	a->size = size;
	a->first = 0;
}

static void admissions_add(struct admissions *a, uint64_t now_us)
{
	if (a->count == a->size)
		admissions_grow(a);
	a->count++;
	*admission_at(a, a->count - 1) = now_us;
}

/* Takes out the one that was given this time: the first that is not before it. */
static void admissions_remove(struct admissions *a, uint64_t us)
{
	size_t i = a->count;

	while (i > 0 && *admission_at(a, i - 1) >= us)
		i--;
	if (i == a->count)
		return;
	for (; i + 1 < a->count; i++)
		*admission_at(a, i) = *admission_at(a, i + 1);
	a->count--;
}

/* µs until fewer than rpm are left; 0: they are. */
static uint64_t admissions_wait(const struct admissions *a, int64_t rpm, uint64_t now_us)
{
	if (a->count < (size_t)rpm)
		return 0;
	return *admission_at(a, a->count - (size_t)rpm) + MINUTE_US - now_us;
}

/* -- the spans of tokens -- */

/* Spans are numbered by when they come free, in SPAN_US. */
static uint64_t span_number(uint64_t us)
{
	return us / SPAN_US + NUM_SPANS;
}

static void tokens_expire(struct tokens *t, uint64_t now_us)
{
	uint64_t now = span_number(now_us);

	if (now - t->last > NUM_SPANS)
		t->last = now - NUM_SPANS;
	while (t->last < now) {
		int64_t *span = &t->spans[++t->last % NUM_SPANS];

		t->sum -= *span;
		*span = 0;
	}
}

/* Changes what was counted at this time; nothing when its span is over. */
static void tokens_add(struct tokens *t, uint64_t us, int64_t n)
{
	uint64_t number = span_number(us);
	int64_t *span = &t->spans[number % NUM_SPANS];

	if (number + NUM_SPANS <= t->last)
		return;
	/* Less than nothing was never used: the call began before its tokens were counted. */
	if (n < -*span)
		n = -*span;
	*span += n;
	t->sum += n;
}

/* µs until n more fit; 0: they do.  n <= tpm. */
static uint64_t tokens_wait(const struct tokens *t, int64_t tpm, int64_t n, uint64_t now_us)
{
	int64_t over = t->sum - (tpm - n);
	uint64_t number = t->last + 1 - NUM_SPANS;

	if (over <= 0)
		return 0;
	for (; number < t->last; number++) {
		over -= t->spans[number % NUM_SPANS];
		if (over <= 0)
			break;
	}
	return number * SPAN_US - now_us;
}

/* -- the limit -- */

struct limit *limit_new(int64_t rpm, int64_t tpm, int64_t parallel)
{
	struct limit *l = xcalloc(1, sizeof(*l));

	atomic_init(&l->refs, 1);
	pthread_mutex_init(&l->lock, NULL);
	limit_set(l, rpm, tpm, parallel);
	return l;
}

struct limit *limit_ref(struct limit *l)
{
	atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
	return l;
}

void limit_unref(struct limit *l)
{
	if (l == NULL || atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) != 1)
		return;
	pthread_mutex_destroy(&l->lock);
	free(l->admissions.times);
	free(l->tokens);
	free(l);
}

void limit_set(struct limit *l, int64_t rpm, int64_t tpm, int64_t parallel)
{
	pthread_mutex_lock(&l->lock);
	l->rpm = rpm < LIMIT_RPM_MAX ? rpm : LIMIT_RPM_MAX;
	l->tpm = tpm;
	l->parallel = parallel;
	pthread_mutex_unlock(&l->lock);
}

bool limit_is_unlimited(struct limit *l)
{
	bool unlimited;

	pthread_mutex_lock(&l->lock);
	unlimited = l->rpm == 0 && l->tpm == 0 && l->parallel == 0;
	pthread_mutex_unlock(&l->lock);
	return unlimited;
}

/* Brings both windows up to now and returns the time that counts. Under the lock, as what follows. */
static uint64_t advance(struct limit *l, uint64_t now_us)
{
	if (now_us > l->last_us)
		l->last_us = now_us;
	if (l->tpm > 0 && l->tokens == NULL) {
		l->tokens = xcalloc(1, sizeof(*l->tokens));
		l->tokens->last = span_number(l->last_us);
	}
	admissions_expire(&l->admissions, l->last_us);
	if (l->tokens != NULL)
		tokens_expire(l->tokens, l->last_us);
	return l->last_us;
}

static int64_t in_ms(uint64_t us)
{
	return (int64_t)((us + 999) / 1000);
}

static int64_t left(int64_t limit, int64_t used)
{
	return used < limit ? limit - used : 0;
}

/* Whether the call is refused, and why: what keeps it out longest is what it is told. */
static bool refused(const struct limit *l, uint64_t now_us, int64_t tokens, struct limit_refusal *ret)
{
	bool never = l->tpm > 0 && tokens > l->tpm;
	uint64_t rpm_wait = l->rpm > 0 ? admissions_wait(&l->admissions, l->rpm, now_us) : 0;
	uint64_t tpm_wait = l->tpm > 0 && !never ? tokens_wait(l->tokens, l->tpm, tokens, now_us) : 0;

	if (never || tpm_wait > rpm_wait)
		*ret = (struct limit_refusal){"tpm", l->tpm, left(l->tpm, l->tokens->sum),
					      never ? LIMIT_NEVER : in_ms(tpm_wait)};
	else if (rpm_wait > 0)
		*ret = (struct limit_refusal){"rpm", l->rpm, 0, in_ms(rpm_wait)};
	else if (l->parallel > 0 && l->open >= l->parallel)
		*ret = (struct limit_refusal){"parallel", l->parallel, 0, 0};
	else
		return false;
	return true;
}

bool limit_admit(struct limit *l, uint64_t now_us, int64_t tokens, struct limit_refusal *ret)
{
	uint64_t counted_us;
	bool admitted;

	assert(tokens >= 0);
	pthread_mutex_lock(&l->lock);
	counted_us = advance(l, now_us);
	admitted = !refused(l, counted_us, tokens, ret);
	if (admitted) {
		l->open++;
		if (l->rpm > 0)
			admissions_add(&l->admissions, counted_us);
		if (l->tokens != NULL)
			tokens_add(l->tokens, now_us, tokens);
	}
	pthread_mutex_unlock(&l->lock);
	return admitted;
}

void limit_undo(struct limit *l, uint64_t admitted_us, int64_t tokens)
{
	pthread_mutex_lock(&l->lock);
	l->open--;
	admissions_remove(&l->admissions, admitted_us);
	if (l->tokens != NULL)
		tokens_add(l->tokens, admitted_us, -tokens);
	pthread_mutex_unlock(&l->lock);
}

void limit_end(struct limit *l, uint64_t admitted_us, int64_t estimated, int64_t tokens)
{
	pthread_mutex_lock(&l->lock);
	l->open--;
	if (l->tokens != NULL)
		tokens_add(l->tokens, admitted_us, tokens - estimated);
	pthread_mutex_unlock(&l->lock);
}

void limit_read(struct limit *l, uint64_t now_us, struct limit_state *ret)
{
	const struct admissions *a = &l->admissions;

	*ret = (struct limit_state){0};
	pthread_mutex_lock(&l->lock);
	now_us = advance(l, now_us);
	ret->rpm = l->rpm;
	ret->tpm = l->tpm;
	ret->parallel = l->parallel;
	ret->parallel_left = left(l->parallel, l->open);
	ret->rpm_left = left(l->rpm, (int64_t)a->count);
	if (l->rpm > 0 && a->count > 0)
		ret->rpm_reset_ms = in_ms(*admission_at(a, a->count - 1) + MINUTE_US - now_us);
	if (l->tpm > 0) {
		ret->tpm_left = left(l->tpm, l->tokens->sum);
		ret->tpm_reset_ms = in_ms(tokens_wait(l->tokens, l->tokens->sum, l->tokens->sum, now_us));
	}
	pthread_mutex_unlock(&l->lock);
}
