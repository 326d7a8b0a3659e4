/* SPDX-License-Identifier: MIT */
/*
 * Everything a dashboard's first screen shows is put together here, in one answer: the pulse, teams
 * by how fast they spend and where that leads, providers, the last day, the newest changes.
 */
#include <stdlib.h>
#include <string.h>

#include "admin/budgets.h"
#include "admin/context.h"
#include "admin/figures.h"
#include "admin/objects.h"
#include "admin/pulse.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "budget/window.h"
#include "store/overview_store.h"
#include "store/store.h"
#include "store/writer.h"

#define MINUTE_MS INT64_C(60000)
#define TREND_MINUTES 60
#define QUARTER_MINUTES 15
#define QUARTERS ARRAY_LEN(((struct overview_cache *)0)->spent_nusd)
#define NUM_CHANGES 5
#define NUM_TOP 8

/* -- the pulse ----------------------------------------------------------------------------------- */

static json_t *pulse_with(struct admin *a, const struct figures *figures)
{
	struct writer_stats stats = {0};
	struct admin_counts counts;
	struct pulse_now now;
	json_t *pulse = json_object();
	int64_t now_ms = clock_wall_ms(), today, month;

	admin_count(a, &counts);
	pulse_read(a->pulse, now_ms, &now);
	figures_total(figures, &today, &month);
	if (a->options.writer != NULL)
		writer_stats(a->options.writer, &stats);
	json_add_time(pulse, "now", now_ms);
	json_add_int(pulse, "generation", admin_generation(a));
	json_add(pulse, "requests_per_s", json_real((double)now.requests_10s / 10.0));
	json_add_int(pulse, "open_calls", counts.open);
	json_add_money(pulse, "usd_per_hour", now.nusd_per_hour);
	json_add_money(pulse, "spent_today_usd", today);
	json_add_money(pulse, "spent_month_usd", month);
	json_add(pulse, "error_percent", percent_json(now.errors, now.calls));
	json_add_int(pulse, "p50_us", now.p50_us);
	json_add_int(pulse, "p95_us", now.p95_us);
	json_add_int(pulse, "first_byte_p50_us", now.first_byte_p50_us);
	json_add_int(pulse, "gateway_p99_us", now.gateway_p99_us);
	json_add_int(pulse, "journal_backlog_bytes", (int64_t)stats.backlog_bytes);
	json_add_int(pulse, "calls_total", counts.calls);
	return pulse;
}

json_t *pulse_show(struct admin *a, struct err *err)
{
	struct figures figures;
	json_t *pulse = figures_read(&figures, a, SPEND_OF_TEAMS, err) == 0 ? pulse_with(a, &figures) : NULL;

	figures_release(&figures);
	return pulse;
}

/* -- the last hour, minute by minute ------------------------------------------------------------- */

struct hour {
	int64_t from;                           /* minutes since 1970 */
	struct map teams;                       /* id → struct team_hour, owned */
	int64_t calls[TREND_MINUTES];           /* of all teams */
};

struct team_hour {
	int64_t calls, cost_nusd[TREND_MINUTES];
};

static int add_minute(void *arg, const struct minute_sum *sum)
{
	struct hour *h = arg;
	struct team_hour *team = map_get(&h->teams, &sum->team_id, sizeof(sum->team_id));
	int64_t i = sum->minute - h->from;

	if (team == NULL) {
		team = xcalloc(1, sizeof(*team));
		map_put(&h->teams, &sum->team_id, sizeof(sum->team_id), team);
	}
	team->calls += sum->calls;
	team->cost_nusd[i] = sum->cost_nusd;
	h->calls[i] += sum->calls;
	return 0;
}

static int hour_read(struct hour *h, struct admin *a, int64_t now_ms, struct err *err)
{
	memset(h, 0, sizeof(*h));
	map_init(&h->teams);
	h->from = now_ms / MINUTE_MS - TREND_MINUTES + 1;
	return overview_minutes(a->db, h->from, h->from + TREND_MINUTES, add_minute, h, err);
}

static void hour_release(struct hour *h)
{
	for (const struct map_entry *e = map_next(&h->teams, NULL); e; e = map_next(&h->teams, e))
		free(e->value);
	map_release(&h->teams);
}

static json_t *numbers(const int64_t *values, size_t num)
{
	json_t *list = json_array();

	for (size_t i = 0; i < num; i++)
		json_array_append_new(list, json_integer(values[i]));
	return list;
}

/* -- teams --------------------------------------------------------------------------------------- */

struct team_list {
	struct admin *admin;
	const struct figures *figures;
	const struct hour *hour;
	int64_t now_ms;
	json_t *items;
	struct err *err;
};

/* Without a budget: what this month came to, and where it is heading. */
static void month_of(const struct team_list *l, int64_t team_id, struct leading_budget *ret)
{
	struct window month = {.kind = WINDOW_MONTH};
	json_t *sums = json_object();

	figures_add(l->figures, team_id, sums);
	ret->state.spent_nusd = json_money_peek(sums, "spent_month_usd");
	ret->state.amount_nusd = INT64_MAX;
	window_bounds(month, l->now_ms, &ret->state.from_ms, &ret->state.until_ms);
	copy_text(ret->window, sizeof(ret->window), window_name(WINDOW_MONTH));
	json_decref(sums);
}

static void add_budget(const struct team_list *l, json_t *team, const struct leading_budget *budget, int64_t rate)
{
	struct projection p = figures_project(&budget->state, rate, l->now_ms);

	json_add_money(team, "spent_usd", budget->state.spent_nusd);
	json_add_money(team, "budget_usd", budget->found ? budget->state.amount_nusd : COST_UNKNOWN);
	json_add_text(team, "window", budget->window);
	json_add_money(team, "projected_usd", p.projected_nusd);
	json_add_time(team, "ends_at", budget->found ? p.ends_ms : 0);
}

static int add_team(void *arg, const struct team_row *row)
{
	static const struct team_hour silent;
	struct team_list *l = arg;
	const struct team_hour *hour = map_get(&l->hour->teams, &row->id, sizeof(row->id));
	int64_t rate = pulse_rate_by_id(l->admin->pulse, PULSE_TEAM, row->id, l->now_ms);
	struct leading_budget budget;
	json_t *team;

	if (budgets_leading(l->admin, "team", row->id, l->now_ms, &budget, l->err) < 0)
		return l->err->code;
	if (!budget.found)
		month_of(l, row->id, &budget);
	if (hour == NULL)
		hour = &silent;
	team = json_object();
	json_add_text(team, "team", row->name);
	json_add_money(team, "usd_per_hour", rate);
	json_add_int(team, "calls_1h", hour->calls);
	json_add(team, "trend", numbers(hour->cost_nusd, TREND_MINUTES));
	json_add_money(team, "today_usd", figures_today(l->figures, row->id));
	add_budget(l, team, &budget, rate);
	json_add_bool(team, "blocked", row->blocked);
	json_array_append_new(l->items, team);
	return 0;
}

static json_t *teams_json(struct admin *a, const struct figures *figures, const struct hour *hour, int64_t now_ms,
			  struct err *err)
{
	struct team_list l = {a, figures, hour, now_ms, json_array(), err};

	if (team_list(a->db, false, add_team, &l, err) < 0) {
		json_decref(l.items);
		return NULL;
	}
	return l.items;
}

/* -- providers, in short ------------------------------------------------------------------------- */

static json_t *providers_json(struct admin *a, struct err *err)
{
	static const char *const left_out[] = {"base_url", "credential", "models",   "options",
					       "budgets",  "revision",   "created_at"};
	json_t *providers = providers_all(a, err), *provider;
	size_t i;

	json_array_foreach(providers, i, provider)
		for (size_t m = 0; m < ARRAY_LEN(left_out); m++)
			json_object_del(provider, left_out[m]);
	return providers;
}

/* -- the last day -------------------------------------------------------------------------------- */

static int read_quarter(struct admin *a, int64_t quarter, int64_t *ret_nusd, struct err *err)
{
	return overview_cost(a->db, quarter * QUARTER_MINUTES, (quarter + 1) * QUARTER_MINUTES, ret_nusd, err);
}

/* Quarters that are over change only by calls that were still open then: a few are read again. */
static json_t *spend_24h(struct admin *a, int64_t now_ms, struct err *err)
{
	struct overview_cache *cache = &a->overview;
	int64_t quarter = now_ms / MINUTE_MS / QUARTER_MINUTES, moved = quarter - cache->quarter;
	int64_t again = moved > 1 || moved < 0 ? (int64_t)QUARTERS : 2;

	if (moved == 1) {
		memmove(cache->spent_nusd, cache->spent_nusd + 1, (QUARTERS - 1) * sizeof(cache->spent_nusd[0]));
		again = QUARTERS / 12;
	}
	cache->quarter = 0;
	for (int64_t i = 0; i < again; i++)
		if (read_quarter(a, quarter - i, &cache->spent_nusd[QUARTERS - 1 - (size_t)i], err) < 0)
			return NULL;
	cache->quarter = quarter;
	return numbers(cache->spent_nusd, QUARTERS);
}

/* -- who spends most ----------------------------------------------------------------------------- */

static json_t *top_json(struct admin *a, enum pulse_family family, int64_t now_ms)
{
	struct pulse_top top[NUM_TOP];
	size_t num = pulse_top(a->pulse, family, now_ms, top, NUM_TOP);
	json_t *items = json_array();

	for (size_t i = 0; i < num; i++) {
		const struct view_key *key = family == PULSE_KEY ? index_key(a, top[i].id) : NULL;
		json_t *item = json_object();

		if (family == PULSE_KEY) {
			json_add_text(item, "key", key != NULL ? key->name : NULL);
			json_add_text(item, "key_id", key != NULL ? key->public_id : NULL);
			json_add_text(item, "team", key != NULL ? key->team->name : NULL);
		} else {
			json_add_text(item, "model", top[i].name);
		}
		json_add_money(item, "usd_per_hour", top[i].nusd_per_hour);
		json_add_int(item, "calls_10m", top[i].calls);
		json_add(item, "error_percent", percent_json(top[i].errors, top[i].calls));
		json_array_append_new(items, item);
	}
	return items;
}

/* -- all of it ----------------------------------------------------------------------------------- */

static int put(json_t *answer, const char *name, json_t *part, const struct err *err)
{
	if (part == NULL)
		return err->code;
	json_object_set_new(answer, name, part);
	return 0;
}

static int build(struct admin *a, json_t *answer, const struct figures *figures, const struct hour *hour,
		 int64_t now_ms, struct err *err)
{
	int rc = put(answer, "pulse", pulse_with(a, figures), err);

	if (rc == 0)
		rc = put(answer, "teams", teams_json(a, figures, hour, now_ms, err), err);
	if (rc == 0)
		rc = put(answer, "providers", providers_json(a, err), err);
	if (rc == 0)
		rc = put(answer, "spend_24h", spend_24h(a, now_ms, err), err);
	if (rc == 0)
		rc = put(answer, "requests_1h", numbers(hour->calls, TREND_MINUTES), err);
	if (rc == 0)
		rc = put(answer, "changes", audit_newest(a, NUM_CHANGES, err), err);
	if (rc == 0)
		rc = put(answer, "top_keys", top_json(a, PULSE_KEY, now_ms), err);
	if (rc == 0)
		rc = put(answer, "top_models", top_json(a, PULSE_MODEL, now_ms), err);
	return rc;
}

int overview_answer(struct admin_request *r, struct err *err)
{
	int64_t now_ms = clock_wall_ms();
	struct figures figures;
	struct hour hour;
	int rc;

	admin_flush(r->admin);
	r->answer = json_object();
	rc = figures_read(&figures, r->admin, SPEND_OF_TEAMS, err);
	if (rc == 0) {
		rc = hour_read(&hour, r->admin, now_ms, err);
		if (rc == 0)
			rc = build(r->admin, r->answer, &figures, &hour, now_ms, err);
		hour_release(&hour);
	}
	figures_release(&figures);
	return rc;
}
