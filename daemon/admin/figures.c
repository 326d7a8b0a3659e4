/* SPDX-License-Identifier: MIT */
/* Spending of teams and keys is looked up and projected here. */
#include "admin/figures.h"

#include <stdlib.h>
#include <string.h>

#include "admin/context.h"
#include "admin/pulse.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "budget/budget.h"
#include "store/overview_store.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define KEPT_MS INT64_C(60000)

struct sum {
	int64_t num_keys, today_nusd, month_nusd;
};

static struct sum *sum_of(struct figures *f, int64_t id)
{
	struct sum *sum = map_get(&f->sums, &id, sizeof(id));

	if (sum == NULL) {
		sum = xcalloc(1, sizeof(*sum));
		map_put(&f->sums, &id, sizeof(id), sum);
	}
	return sum;
}

static int add_today(void *arg, int64_t id, int64_t nusd)
{
	struct sum *sum = sum_of(arg, id);

	sum->today_nusd = nusd;
	sum->month_nusd = money_add(sum->month_nusd, nusd);
	return 0;
}

static int add_count(void *arg, int64_t team_id, int64_t num_keys)
{
	sum_of(arg, team_id)->num_keys = num_keys;
	return 0;
}

static int64_t first_of_month(int64_t day)
{
	int64_t year;
	unsigned month, day_of_month;

	civil_from_days(day, &year, &month, &day_of_month);
	return day - (day_of_month - 1);
}

/* -- days that are over -------------------------------------------------------------------------- */

void spend_cache_forget(struct spend_cache *cache)
{
	for (const struct map_entry *e = map_next(&cache->sums, NULL); e; e = map_next(&cache->sums, e))
		free(e->value);
	map_release(&cache->sums);
	cache->read_ms = 0;
}

static int keep_past(void *arg, int64_t id, int64_t nusd)
{
	struct spend_cache *cache = arg;
	int64_t *kept = xmalloc(sizeof(*kept));

	*kept = nusd;
	map_put(&cache->sums, &id, sizeof(id), kept);
	return 0;
}

static int read_past(struct admin *a, enum spend_of of, int64_t from, int64_t until, int64_t now_ms, struct err *err)
{
	struct spend_cache *cache = &a->spend[of];
	int rc;

	if (cache->read_ms != 0 && cache->from == from && cache->until == until && now_ms >= cache->read_ms &&
	    now_ms - cache->read_ms < KEPT_MS)
		return 0;
	spend_cache_forget(cache);
	map_init(&cache->sums);
	rc = overview_spend(a->db, of, from, until, keep_past, cache, err);
	if (rc < 0)
		return rc;
	cache->from = from;
	cache->until = until;
	cache->read_ms = now_ms;
	return 0;
}

static void add_past(struct figures *f, const struct spend_cache *cache)
{
	for (const struct map_entry *e = map_next(&cache->sums, NULL); e; e = map_next(&cache->sums, e)) {
		int64_t id;

		memcpy(&id, e->key, sizeof(id));
		sum_of(f, id)->month_nusd = *(const int64_t *)e->value;
	}
}

int figures_read(struct figures *f, struct admin *a, enum spend_of of, struct err *err)
{
	int64_t now_ms = clock_wall_ms(), today = now_ms / DAY_MS;
	int rc;

	f->admin = a;
	f->of = of;
	map_init(&f->sums);
	rc = read_past(a, of, first_of_month(today), today, now_ms, err);
	if (rc == 0) {
		add_past(f, &a->spend[of]);
		rc = overview_spend(a->db, of, today, today + 1, add_today, f, err);
	}
	if (rc == 0 && of == SPEND_OF_TEAMS)
		rc = overview_key_counts(a->db, add_count, f, err);
	return rc;
}

void figures_release(struct figures *f)
{
	for (const struct map_entry *e = map_next(&f->sums, NULL); e; e = map_next(&f->sums, e))
		free(e->value);
	map_release(&f->sums);
}

static const struct sum *find(const struct figures *f, int64_t id)
{
	static const struct sum none;
	const struct sum *sum = map_get(&f->sums, &id, sizeof(id));

	return sum != NULL ? sum : &none;
}

int64_t figures_today(const struct figures *f, int64_t id)
{
	return find(f, id)->today_nusd;
}

void figures_add(const struct figures *f, int64_t id, json_t *object)
{
	const struct sum *sum = find(f, id);
	enum pulse_family family = f->of == SPEND_OF_TEAMS ? PULSE_TEAM : PULSE_KEY;

	if (f->of == SPEND_OF_TEAMS) {
		json_add_int(object, "num_keys", sum->num_keys);
		json_add_money(object, "spent_today_usd", sum->today_nusd);
	}
	json_add_money(object, "spent_month_usd", sum->month_nusd);
	json_add_money(object, "usd_per_hour", pulse_rate_by_id(f->admin->pulse, family, id, clock_wall_ms()));
}

void figures_total(const struct figures *f, int64_t *ret_today_nusd, int64_t *ret_month_nusd)
{
	*ret_today_nusd = *ret_month_nusd = 0;
	for (const struct map_entry *e = map_next(&f->sums, NULL); e; e = map_next(&f->sums, e)) {
		const struct sum *sum = e->value;

		*ret_today_nusd = money_add(*ret_today_nusd, sum->today_nusd);
		*ret_month_nusd = money_add(*ret_month_nusd, sum->month_nusd);
	}
}

/* -- projection ---------------------------------------------------------------------------------- */

#define FAR_MS (INT64_C(100) * 366 * DAY_MS)

/* How long a rate of per nano-dollars in every unit_ms takes to spend amount; -1: for ever. */
static int64_t time_to_spend(int64_t amount_nusd, int64_t per_nusd, int64_t unit_ms)
{
	int64_t ms = per_nusd > 0 ? money_scale(amount_nusd, unit_ms, per_nusd) : -1;

	return ms < FAR_MS ? ms : FAR_MS;
}

static int64_t end_of(const struct budget_state *s, int64_t nusd_per_hour, int64_t elapsed_ms, int64_t now_ms)
{
	int64_t left = s->amount_nusd - s->spent_nusd, after;

	if (left <= 0)
		return now_ms;
	after = time_to_spend(left, nusd_per_hour, HOUR_MS);
	/* A total has no pace of its own: only the rate speaks. */
	if (after >= 0 && (after <= HOUR_MS || s->until_ms == INT64_MAX))
		return now_ms + after;
	if (s->until_ms == INT64_MAX)
		return 0;
	after = time_to_spend(left - nusd_per_hour, s->spent_nusd, elapsed_ms);
	return after >= 0 ? now_ms + HOUR_MS + after : 0;
}

struct projection figures_project(const struct budget_state *s, int64_t nusd_per_hour, int64_t now_ms)
{
	struct projection p = {.projected_nusd = COST_UNKNOWN};
	int64_t elapsed = now_ms - s->from_ms, left = s->until_ms - now_ms;

	if (s->until_ms != INT64_MAX) {
		int64_t least = (s->until_ms - s->from_ms) / 30, soon = left < HOUR_MS ? left : HOUR_MS;

		if (elapsed < least)
			elapsed = least;
		p.projected_nusd = money_add(s->spent_nusd, money_scale(nusd_per_hour, soon, HOUR_MS));
		p.projected_nusd = money_add(p.projected_nusd, money_scale(s->spent_nusd, left - soon, elapsed));
	}
	p.ends_ms = end_of(s, nusd_per_hour, elapsed, now_ms);
	if (p.ends_ms >= s->until_ms)
		p.ends_ms = 0;
	return p;
}
