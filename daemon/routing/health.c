/* SPDX-License-Identifier: MIT */
/* How each target has been doing is counted here, and its breaker opened and closed. */
#include "routing/health.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"

#define SECOND_US UINT64_C(1000000)
#define RECENT_SECONDS 30
#define RECENT_CALLS 10         /* fewer say nothing about a share */
#define BEGIN_WITHIN_US SECOND_US

/* What ended within one second. */
struct second {
	uint64_t at;            /* monotonic seconds */
	unsigned ok, failed;
};

struct health {
	pthread_mutex_t lock;           /* over all below; breaker may be read without */
	_Atomic enum breaker_state breaker;
	_Atomic unsigned missing;       /* endpoints; read and written without the lock */
	_Atomic uint64_t missing_until_us;
	uint64_t opened_us, cooling_until_us;
	unsigned openings;              /* in a row, without a success between */
	bool forced;                    /* while open, calls have gone there all the same */
	bool place_taken, place_begun;  /* of the one call that tries, when half open */
	uint64_t place_us;
	struct second recent[RECENT_SECONDS];
	unsigned consecutive_failures;
	int64_t open_calls;
	uint64_t ok, failed;
	int64_t last_ok_ms, last_failure_ms;
	char last_error[121];
};

struct health_table {
	pthread_mutex_t lock;
	struct map targets;             /* "provider/model" → struct health, owned */
};

/* -- the table -- */

struct health_table *health_table_new(void)
{
	struct health_table *t = xcalloc(1, sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	map_init(&t->targets);
	return t;
}

void health_table_free(struct health_table *t)
{
	if (t == NULL)
		return;
	for (const struct map_entry *e = map_next(&t->targets, NULL); e != NULL; e = map_next(&t->targets, e)) {
		struct health *h = e->value;

		pthread_mutex_destroy(&h->lock);
		free(h);
	}
	map_release(&t->targets);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static struct health *find_or_make(struct map *targets, const char *target, size_t len)
{
	struct health *h = map_get(targets, target, len);

	if (h == NULL) {
		h = xcalloc(1, sizeof(*h));
		pthread_mutex_init(&h->lock, NULL);
		map_put(targets, target, len, h);
	}
	return h;
}

struct health *health_get(struct health_table *t, const char *target)
{
	size_t len = strlen(target);
	struct health *h;

	pthread_mutex_lock(&t->lock);
	/* "openai/" is then the place of all the others of openai. */
	if (t->targets.count >= HEALTH_TARGETS && map_get(&t->targets, target, len) == NULL)
		len = strcspn(target, "/");
	h = find_or_make(&t->targets, target, len);
	pthread_mutex_unlock(&t->lock);
	return h;
}

void health_each(struct health_table *t, void (*each)(void *arg, const char *target, struct health *), void *arg)
{
	pthread_mutex_lock(&t->lock);
	for (const struct map_entry *e = map_next(&t->targets, NULL); e != NULL; e = map_next(&t->targets, e))
		each(arg, e->key, e->value);
	pthread_mutex_unlock(&t->lock);
}

/* -- the breaker; everything below runs under the target's lock -- */

/* The only place where its state changes. */
static void change(struct health *h, enum breaker_state to, uint64_t now_us)
{
	h->forced = h->place_taken = h->place_begun = false;
	switch (to) {
	case BREAKER_CLOSED:
		h->openings = h->consecutive_failures = 0;
		memset(h->recent, 0, sizeof(h->recent));
		break;
	case BREAKER_OPEN:
		h->openings++;
		h->opened_us = now_us;
		break;
	case BREAKER_HALF_OPEN:
		break;
	}
	h->breaker = to;
}

static uint64_t cooling_us(unsigned openings)
{
	int64_t ms = HEALTH_COOLING_MS;

	while (--openings > 0 && ms < HEALTH_COOLING_MAX_MS)
		ms *= 2;
	return (uint64_t)(ms < HEALTH_COOLING_MAX_MS ? ms : HEALTH_COOLING_MAX_MS) * 1000;
}

static void cool(struct health *h, uint64_t now_us, int64_t retry_after_ms)
{
	change(h, BREAKER_OPEN, now_us);
	if (retry_after_ms > HEALTH_COOLING_MAX_MS)
		retry_after_ms = HEALTH_COOLING_MAX_MS;
	h->cooling_until_us = now_us + (retry_after_ms > 0 ? (uint64_t)retry_after_ms * 1000 : cooling_us(h->openings));
}

/* What the clock alone does to it. */
static enum breaker_state breaker_at(const struct health *h, uint64_t now_us)
{
	if (h->breaker == BREAKER_OPEN && now_us >= h->cooling_until_us)
		return BREAKER_HALF_OPEN;
	return h->breaker;
}

static void advance(struct health *h, uint64_t now_us)
{
	enum breaker_state now = breaker_at(h, now_us);

	if (now != h->breaker)
		change(h, now, now_us);
}

static struct second *second_at(struct health *h, uint64_t now_us)
{
	uint64_t at = now_us / SECOND_US;
	struct second *s = &h->recent[at % RECENT_SECONDS];

	if (s->at != at)
		*s = (struct second){.at = at};
	return s;
}

static bool half_fail(const struct health *h, uint64_t now_us)
{
	uint64_t now = now_us / SECOND_US;
	unsigned ok = 0, failed = 0;

	for (size_t i = 0; i < RECENT_SECONDS; i++) {
		if (h->recent[i].at + RECENT_SECONDS <= now)
			continue;
		ok += h->recent[i].ok;
		failed += h->recent[i].failed;
	}
	return ok + failed >= RECENT_CALLS && failed >= ok;
}

static bool admits(struct health *h, uint64_t now_us, int64_t *ret_cooling_ms)
{
	advance(h, now_us);
	if (h->breaker == BREAKER_CLOSED)
		return true;
	if (h->breaker == BREAKER_OPEN) {
		*ret_cooling_ms = (int64_t)((h->cooling_until_us - now_us + 999) / 1000);
		return false;
	}
	if (h->place_taken && (h->place_begun || now_us < h->place_us + BEGIN_WITHIN_US))
		return false;
	h->place_taken = true;
	h->place_us = now_us;
	return true;
}

static void succeed(struct health *h, uint64_t now_us, int64_t wall_ms)
{
	h->ok++;
	h->last_ok_ms = wall_ms;
	h->consecutive_failures = 0;
	second_at(h, now_us)->ok++;
	/* While it is open, a success not forced is of a call that began before: no reason to go there again. */
	if (h->breaker == BREAKER_HALF_OPEN || (h->breaker == BREAKER_OPEN && h->forced))
		change(h, BREAKER_CLOSED, now_us);
}

/* Harmless to print, and cut between characters. */
static void note_error(struct health *h, const char *error)
{
	size_t len = error != NULL ? strnlen(error, sizeof(h->last_error)) : 0, used = 0, n;
	struct buf clean;

	buf_init(&clean, 8 * sizeof(h->last_error));
	text_clean(&clean, error, len, false);
	while ((n = text_utf8_len(clean.data + used, clean.len - used)) > 0 && used + n < sizeof(h->last_error))
		used += n;
	copy_text(h->last_error, used + 1, clean.data);
	buf_release(&clean);
}

static void fail(struct health *h, uint64_t now_us, int64_t wall_ms, int64_t retry_after_ms, const char *error)
{
	h->failed++;
	h->last_failure_ms = wall_ms;
	h->consecutive_failures++;
	second_at(h, now_us)->failed++;
	note_error(h, error);
	switch ((enum breaker_state)h->breaker) {
	case BREAKER_CLOSED:
		if (retry_after_ms > 0 || h->consecutive_failures >= HEALTH_FAILURES || half_fail(h, now_us))
			cool(h, now_us, retry_after_ms);
		break;
	case BREAKER_OPEN:
		break;
	case BREAKER_HALF_OPEN:
		cool(h, now_us, retry_after_ms);
		break;
	}
}

/* -- what callers see -- */

bool health_admits(struct health *h, uint64_t now_us, int64_t *ret_cooling_ms)
{
	int64_t cooling_ms = 0;
	bool yes;

	/* The usual case takes no lock. */
	if (h->breaker == BREAKER_CLOSED)
		return true;
	pthread_mutex_lock(&h->lock);
	yes = admits(h, now_us, &cooling_ms);
	pthread_mutex_unlock(&h->lock);
	if (ret_cooling_ms != NULL)
		*ret_cooling_ms = cooling_ms;
	return yes;
}

bool health_is_cooling(struct health *h, uint64_t now_us)
{
	bool cooling;

	if (h->breaker == BREAKER_CLOSED)
		return false;
	pthread_mutex_lock(&h->lock);
	cooling = breaker_at(h, now_us) == BREAKER_OPEN;
	pthread_mutex_unlock(&h->lock);
	return cooling;
}

void health_force(struct health *h, uint64_t now_us)
{
	pthread_mutex_lock(&h->lock);
	h->forced = breaker_at(h, now_us) == BREAKER_OPEN;
	pthread_mutex_unlock(&h->lock);
}

void health_note_missing(struct health *h, unsigned endpoints, uint64_t now_us)
{
	h->missing = endpoints;
	h->missing_until_us = now_us + HEALTH_MISSING_US;
}

unsigned health_missing(const struct health *h, uint64_t now_us)
{
	return h->missing != 0 && now_us < h->missing_until_us ? h->missing : 0;
}

void health_read(struct health *h, uint64_t now_us, struct health_state *ret)
{
	pthread_mutex_lock(&h->lock);
	*ret = (struct health_state){
		.breaker = breaker_at(h, now_us),
		.consecutive_failures = h->consecutive_failures,
		.open_calls = h->open_calls,
		.ok = h->ok,
		.failed = h->failed,
		.last_ok_ms = h->last_ok_ms,
		.last_failure_ms = h->last_failure_ms,
	};
	copy_text(ret->last_error, sizeof(ret->last_error), h->last_error);
	if (ret->breaker == BREAKER_OPEN)
		ret->cooling_ms = (int64_t)((h->cooling_until_us - now_us + 999) / 1000);
	/* A worker's clock may be a turn behind the one that opened it. */
	if (ret->breaker != BREAKER_CLOSED && now_us > h->opened_us)
		ret->cooled_ms = (int64_t)((now_us - h->opened_us) / 1000);
	pthread_mutex_unlock(&h->lock);
}

void health_begin(struct health *h)
{
	pthread_mutex_lock(&h->lock);
	h->open_calls++;
	if (h->place_taken)
		h->place_begun = true;
	pthread_mutex_unlock(&h->lock);
}

void health_end(struct health *h, uint64_t now_us, int64_t wall_ms, bool ok, bool counts, int64_t retry_after_ms,
		const char *error)
{
	pthread_mutex_lock(&h->lock);
	advance(h, now_us);
	h->open_calls--;
	if (ok)
		succeed(h, now_us, wall_ms);
	else if (counts)
		fail(h, now_us, wall_ms, retry_after_ms, error);
	else
		h->place_taken = h->place_begun = false;        /* it found nothing out: the next may */
	pthread_mutex_unlock(&h->lock);
}

void health_clear(struct health *h)
{
	pthread_mutex_lock(&h->lock);
	change(h, BREAKER_CLOSED, 0);
	pthread_mutex_unlock(&h->lock);
}

const char *breaker_state_name(enum breaker_state state)
{
	static const char *const names[] = {
		[BREAKER_CLOSED] = "closed",
		[BREAKER_OPEN] = "open",
		[BREAKER_HALF_OPEN] = "half_open",
	};

	return names[state];
}
