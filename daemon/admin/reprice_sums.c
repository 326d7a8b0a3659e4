/* SPDX-License-Identifier: MIT */
/* Calls that are priced anew are summed up, before and after, here. */
#include "admin/reprice_sums.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/reprice.h"

/* Models and teams that are told apart; callers choose names of models, so there may be any number. */
#define GROUPS_MAX 1000

struct money_sum {
	int64_t cost_nusd, billed_nusd;
};

struct sum {
	int64_t calls, unpriced;        /* that cost something else then; of them, that had no cost */
	int64_t unchanged, still_unknown, without_price;
	struct money_sum before, after;
};

struct group {
	const char *provider, *model;   /* of a model; NULL: everything else */
	const char *team;
	struct sum sum;
};

struct groups {
	struct map places;              /* name → struct group in the arena */
	struct group others;            /* of those beyond GROUPS_MAX */
};

struct reprice_sums {
	struct sum all;
	struct groups models, teams;
	struct arena arena;
};

struct reprice_sums *reprice_sums_new(void)
{
	struct reprice_sums *s = xcalloc(1, sizeof(*s));

	map_init(&s->models.places);
	map_init(&s->teams.places);
	arena_init(&s->arena);
	return s;
}

void reprice_sums_free(struct reprice_sums *s)
{
	if (s == NULL)
		return;
	map_release(&s->models.places);
	map_release(&s->teams.places);
	arena_release(&s->arena);
	free(s);
}

/* -- adding -------------------------------------------------------------------------------------- */

static void add_money(struct money_sum *sum, const struct charge *charge)
{
	if (charge->cost_nusd != COST_UNKNOWN)
		sum->cost_nusd = money_add(sum->cost_nusd, charge->cost_nusd);
	if (charge->billed_nusd != COST_UNKNOWN)
		sum->billed_nusd = money_add(sum->billed_nusd, charge->billed_nusd);
}

static void add(struct sum *sum, const struct charged_call *call, bool has_price)
{
	bool was_unknown = call->was.cost_nusd == COST_UNKNOWN;

	if (!has_price) {
		sum->still_unknown += was_unknown;
		sum->without_price += !was_unknown;
	} else if (!charge_differs(&call->was, &call->is)) {
		sum->unchanged++;
	} else {
		sum->calls++;
		sum->unpriced += was_unknown;
		add_money(&sum->before, &call->was);
		add_money(&sum->after, &call->is);
	}
}

static const char *keep(struct reprice_sums *s, const char *text)
{
	return arena_copy(&s->arena, text, strlen(text));
}

/* NULL: none yet and no room for one. */
static struct group *find(struct reprice_sums *s, struct groups *groups, const void *key, size_t len)
{
	struct group *group = map_get(&groups->places, key, len);

	if (group == NULL && groups->places.count < GROUPS_MAX) {
		group = ARENA_NEW(&s->arena, struct group);
		map_put(&groups->places, key, len, group);
	}
	return group;
}

static struct group *find_model(struct reprice_sums *s, const struct charged_call *call)
{
	const int64_t key[] = {call->provider_name, call->model_name};
	struct group *group = find(s, &s->models, key, sizeof(key));

	if (group == NULL)
		return &s->models.others;
	if (group->model == NULL) {
		group->provider = keep(s, call->provider);
		group->model = keep(s, call->model);
	}
	return group;
}

static struct group *find_team(struct reprice_sums *s, const struct charged_call *call)
{
	struct group *group = find(s, &s->teams, &call->team_id, sizeof(call->team_id));

	if (group == NULL)
		return &s->teams.others;
	if (group->team == NULL)
		group->team = keep(s, call->team);
	return group;
}

void reprice_sums_add(struct reprice_sums *s, const struct charged_call *call, bool has_price)
{
	add(&s->all, call, has_price);
	add(&find_model(s, call)->sum, call, has_price);
	add(&find_team(s, call)->sum, call, has_price);
}

/* -- showing ------------------------------------------------------------------------------------- */

static int64_t difference(const struct sum *sum)
{
	return sum->after.cost_nusd - sum->before.cost_nusd;
}

static json_t *group_json(const struct group *group, bool is_team)
{
	const struct sum *sum = &group->sum;
	json_t *row = json_object();

	if (is_team) {
		json_add_text(row, "team", group->team);
	} else {
		json_add_text(row, "provider", group->provider);
		json_add_text(row, "model", group->model);
	}
	json_add_int(row, "calls", sum->calls);
	json_add_int(row, "unpriced", sum->unpriced);
	json_add_int(row, "still_unknown", sum->still_unknown);
	json_add_int(row, "without_price", sum->without_price);
	json_add_money(row, "cost_usd", sum->before.cost_nusd);
	json_add_money(row, "new_cost_usd", sum->after.cost_nusd);
	json_add_money(row, "difference_usd", difference(sum));
	json_add_money(row, "billed_usd", sum->before.billed_nusd);
	json_add_money(row, "new_billed_usd", sum->after.billed_nusd);
	return row;
}

/* The largest difference first, whichever way it goes. */
static int compare(const void *a, const void *b)
{
	const struct group *x = *(const struct group *const *)a, *y = *(const struct group *const *)b;
	int64_t dx = llabs(difference(&x->sum)), dy = llabs(difference(&y->sum));

	if (dx != dy)
		return dx < dy ? 1 : -1;
	if (x->team != NULL)
		return strcmp(x->team, y->team);
	return strcmp(x->model, y->model) != 0 ? strcmp(x->model, y->model) : strcmp(x->provider, y->provider);
}

/* Groups of which nothing changes and nothing is amiss are not told. */
static bool is_worth_telling(const struct group *group)
{
	return group->sum.calls + group->sum.still_unknown + group->sum.without_price > 0;
}

static json_t *groups_json(const struct groups *groups, bool is_team)
{
	const struct group **all = xcalloc(groups->places.count + 1, sizeof(*all));
	json_t *rows = json_array();
	size_t n = 0;

	for (const struct map_entry *e = map_next(&groups->places, NULL); e != NULL; e = map_next(&groups->places, e))
		if (is_worth_telling(e->value))
			all[n++] = e->value;
	qsort(all, n, sizeof(*all), compare);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(rows, group_json(all[i], is_team));
	if (is_worth_telling(&groups->others))
		json_array_append_new(rows, group_json(&groups->others, is_team));
	free(all);
	return rows;
}

static json_t *totals(int64_t calls, int64_t unpriced, const struct money_sum *money)
{
	json_t *json = json_object();

	json_add_int(json, "calls", calls);
	json_add_int(json, "unpriced", unpriced);
	json_add_money(json, "cost_usd", money->cost_nusd);
	json_add_money(json, "billed_usd", money->billed_nusd);
	return json;
}

json_t *reprice_sums_before(const struct reprice_sums *s)
{
	return totals(s->all.calls, s->all.unpriced, &s->all.before);
}

json_t *reprice_sums_after(const struct reprice_sums *s)
{
	return totals(s->all.calls, 0, &s->all.after);
}

void reprice_sums_show(const struct reprice_sums *s, json_t *answer)
{
	json_add_int(answer, "repriced", s->all.calls);
	json_add_int(answer, "still_unknown", s->all.still_unknown);
	json_add_int(answer, "unchanged", s->all.unchanged);
	json_add_int(answer, "without_price", s->all.without_price);
	json_add_money(answer, "cost_usd", s->all.after.cost_nusd);
	json_add_money(answer, "difference_usd", difference(&s->all));
	json_add(answer, "before", reprice_sums_before(s));
	json_add(answer, "after", reprice_sums_after(s));
	json_add(answer, "models", groups_json(&s->models, false));
	json_add(answer, "teams", groups_json(&s->teams, true));
}
