/* SPDX-License-Identifier: MIT */
/*
 * Budgets and limits are carried from view to view here.
 *
 * A new view is drafted: counters it keeps are taken from the registry, others are made.  Only when
 * all of it could be read are amounts and limits changed and the registry replaced.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "routing/view_private.h"
#include "store/ledger_store.h"
#include "store/store.h"

struct draft_budget {
	int64_t id, scope_id, amount_nusd;
	enum view_owner owner;
	struct window window;
	enum budget_mode mode;
};

struct draft_limit {
	struct limit *limit;                    /* the view's reference */
	int64_t whose, rpm, tpm, parallel;
};

/* Where an owner's budgets stand in the view's array. */
struct range {
	size_t first, num;
};

/* What all teams, or all keys, have spent in a window; read once where many budgets ask. */
struct spent_table {
	enum view_owner owner;
	int64_t from_ms, until_ms;
	bool exact;                             /* false: each has to be asked for by itself */
	struct map spent;                       /* scope id → int64_t, owned */
	struct spent_table *next;
};

struct counters_draft {
	struct view_registry *registry;
	struct view *view;
	struct draft_budget *budgets;           /* owned; as the view's array, place by place */
	size_t num_budgets, max_budgets;
	struct range *ranges;                   /* owned; as many as budgets at most */
	struct map owners;                      /* whose → struct range */
	struct draft_limit *limits;             /* owned */
	size_t num_limits, max_limits;
	struct spent_table *tables;             /* owned */
};

/* -- the registry -- */

struct view_registry *view_registry_new(struct health_table *health, const char *home)
{
	struct view_registry *r = xcalloc(1, sizeof(*r));

	r->health = health;
	r->home = home != NULL ? xstrdup(home) : NULL;
	map_init(&r->budgets);
	map_init(&r->limits);
	return r;
}

static void release_budgets(struct map *budgets)
{
	for (const struct map_entry *e = map_next(budgets, NULL); e != NULL; e = map_next(budgets, e))
		budget_unref(e->value);
	map_release(budgets);
}

static void release_limits(struct map *limits)
{
	for (const struct map_entry *e = map_next(limits, NULL); e != NULL; e = map_next(limits, e))
		limit_unref(e->value);
	map_release(limits);
}

void view_registry_free(struct view_registry *r)
{
	if (r == NULL)
		return;
	release_budgets(&r->budgets);
	release_limits(&r->limits);
	free(r->home);
	free(r);
}

/* -- the draft -- */

struct counters_draft *counters_draft_new(struct view_registry *r, struct view *v)
{
	struct counters_draft *d = xcalloc(1, sizeof(*d));

	d->registry = r;
	d->view = v;
	map_init(&d->owners);
	return d;
}

static void free_table(struct spent_table *t)
{
	for (const struct map_entry *e = map_next(&t->spent, NULL); e != NULL; e = map_next(&t->spent, e))
		free(e->value);
	map_release(&t->spent);
	free(t);
}

void counters_draft_free(struct counters_draft *d)
{
	while (d->tables != NULL) {
		struct spent_table *next = d->tables->next;

		free_table(d->tables);
		d->tables = next;
	}
	map_release(&d->owners);
	free(d->budgets);
	free(d->ranges);
	free(d->limits);
	free(d);
}

/* An owner as a key of maps. */
static int64_t whose(enum view_owner owner, int64_t id)
{
	return id * 4 + (int64_t)owner;
}

/* -- budgets -- */

static bool parse_owner(const char *scope, enum view_owner *ret)
{
	static const char *const scopes[] = {
		[OWNER_TEAM] = "team",
		[OWNER_KEY] = "key",
		[OWNER_PROVIDER] = "provider",
		[OWNER_GATEWAY] = "gateway",
	};

	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		if (strcmp(scopes[i], scope) == 0) {
			*ret = (enum view_owner)i;
			return true;
		}
	}
	return false;
}

static enum budget_scope scope_of(enum view_owner owner)
{
	static const enum budget_scope scopes[] = {
		[OWNER_TEAM] = BUDGET_TEAM,
		[OWNER_KEY] = BUDGET_KEY,
		[OWNER_PROVIDER] = BUDGET_PROVIDER,
		[OWNER_GATEWAY] = BUDGET_GATEWAY,
	};

	return scopes[owner];
}

static int add_budget(void *arg, const struct budget_row *row)
{
	struct counters_draft *d = arg;
	struct view_parts *parts = d->view->parts;
	struct draft_budget *b;

	if (d->num_budgets == d->max_budgets) {
		d->max_budgets = d->max_budgets > 0 ? 2 * d->max_budgets : 64;
		d->budgets = xrealloc(d->budgets, d->max_budgets, sizeof(*d->budgets));
		parts->budgets = xrealloc(parts->budgets, d->max_budgets, sizeof(*parts->budgets));
	}
	b = &d->budgets[d->num_budgets];
	*b = (struct draft_budget){
		.id = row->id,
		.scope_id = row->scope_id,
		.amount_nusd = row->amount_nusd,
		.window.utc_offset_min = (int)row->utc_offset_min,
		.mode = strcmp(row->mode, "strict") == 0 ? BUDGET_STRICT : BUDGET_STANDARD,
	};
	/* The database admits no other words. */
	if (!parse_owner(row->scope, &b->owner) || !window_parse(row->window, &b->window.kind))
		return 0;
	parts->budgets[d->num_budgets] = (struct view_budget){.model = view_strdup(d->view, row->model)};
	parts->num_budgets = ++d->num_budgets;
	return 0;
}

/* The one that counts already, when its calendar is still the same. */
static struct budget *find_budget(const struct view_registry *r, const struct draft_budget *b)
{
	struct budget *budget = map_get(&r->budgets, &b->id, sizeof(b->id));

	if (budget == NULL || budget_window(budget).kind != b->window.kind ||
	    budget_window(budget).utc_offset_min != b->window.utc_offset_min)
		return NULL;
	return budget_ref(budget);
}

static void add_spent(void *arg, int64_t scope_id, int64_t nusd)
{
	struct spent_table *t = arg;
	int64_t *sum = map_get(&t->spent, &scope_id, sizeof(scope_id));

	if (sum == NULL) {
		sum = xcalloc(1, sizeof(*sum));
		map_put(&t->spent, &scope_id, sizeof(scope_id), sum);
	}
	*sum = money_add(*sum, nusd);
}

/* NULL on failure. */
static const struct spent_table *spent_table(struct counters_draft *d, struct db *db, enum view_owner owner, int64_t from_ms,
					     int64_t until_ms, struct err *err)
{
	struct spent_table *t;

	for (t = d->tables; t != NULL; t = t->next)
		if (t->owner == owner && t->from_ms == from_ms && t->until_ms == until_ms)
			return t;
	t = xcalloc(1, sizeof(*t));
	*t = (struct spent_table){.owner = owner, .from_ms = from_ms, .until_ms = until_ms, .next = d->tables};
	map_init(&t->spent);
	d->tables = t;
	if (ledger_spent_each(db, budget_scope_name(scope_of(owner)), from_ms, until_ms, add_spent, t, &t->exact, err) < 0)
		return NULL;
	return t;
}

/* together: many budgets are asked for, so that one reading for all is less than one for each. */
static int read_spent(struct counters_draft *d, struct db *db, const struct draft_budget *b, const char *model, bool together,
		      int64_t now_ms, int64_t *ret_nusd, struct err *err)
{
	const struct spent_table *table;
	int64_t from_ms, until_ms, *sum;

	window_bounds(b->window, now_ms, &from_ms, &until_ms);
	if (together && *model == '\0') {
		table = spent_table(d, db, b->owner, from_ms, until_ms, err);
		if (table == NULL)
			return err->code;
		sum = map_get(&table->spent, &b->scope_id, sizeof(b->scope_id));
		*ret_nusd = sum != NULL ? *sum : 0;
		if (table->exact)
			return 0;
	}
	return ledger_spent(db, budget_scope_name(scope_of(b->owner)), b->scope_id, model, from_ms, until_ms, ret_nusd, err);
}

static struct budget *make_budget(struct counters_draft *d, struct db *db, const struct draft_budget *b, const char *model,
				  bool together, struct err *err)
{
	int64_t now_ms = d->view->built_ms, spent_nusd;
	struct budget *budget;

	if (read_spent(d, db, b, model, together, now_ms, &spent_nusd, err) < 0)
		return NULL;
	budget = budget_new(b->id, scope_of(b->owner), b->window, b->mode, b->amount_nusd);
	budget_restore(budget, now_ms, spent_nusd);
	return budget;
}

/* At the start all of them are new, later one or two. */
static bool many_are_new(const struct counters_draft *d)
{
	return d->num_budgets > d->registry->budgets.count + 16;
}

/* They come sorted by owner: each gets one range. */
static void index_owners(struct counters_draft *d)
{
	struct range *range = NULL;
	int64_t last = 0;

	d->ranges = xcalloc(d->num_budgets, sizeof(*d->ranges));
	for (size_t i = 0; i < d->num_budgets; i++) {
		int64_t owner = whose(d->budgets[i].owner, d->budgets[i].scope_id);

		if (range == NULL || owner != last) {
			range = range == NULL ? d->ranges : range + 1;
			range->first = i;
			map_put(&d->owners, &owner, sizeof(owner), range);
			last = owner;
		}
		range->num++;
	}
}

int counters_read_budgets(struct counters_draft *d, struct db *db, struct err *err)
{
	struct view_parts *parts = d->view->parts;
	int rc = budget_list(db, add_budget, d, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < d->num_budgets; i++) {
		struct view_budget *b = &parts->budgets[i];

		b->budget = find_budget(d->registry, &d->budgets[i]);
		if (b->budget == NULL)
			b->budget = make_budget(d, db, &d->budgets[i], b->model, many_are_new(d), err);
		if (b->budget == NULL)
			return err_wrap(err, "reading what was spent of budget %lld", (long long)d->budgets[i].id);
	}
	index_owners(d);
	return 0;
}

struct view_budget *counters_budgets(const struct counters_draft *d, enum view_owner owner, int64_t id,
				     size_t *ret_num)
{
	int64_t key = whose(owner, id);
	const struct range *range = map_get(&d->owners, &key, sizeof(key));

	*ret_num = range != NULL ? range->num : 0;
	return range != NULL ? &d->view->parts->budgets[range->first] : NULL;
}

/* -- limits -- */

static int64_t or_none(int64_t limit)
{
	return limit != STORE_NONE ? limit : 0;
}

struct limit *counters_limit(struct counters_draft *d, enum view_owner owner, int64_t id, int64_t rpm, int64_t tpm,
			     int64_t parallel)
{
	struct view_parts *parts = d->view->parts;
	struct draft_limit l = {NULL, whose(owner, id), or_none(rpm), or_none(tpm), or_none(parallel)};

	if (l.rpm == 0 && l.tpm == 0 && l.parallel == 0)
		return NULL;
	if (d->num_limits == d->max_limits) {
		d->max_limits = d->max_limits > 0 ? 2 * d->max_limits : 64;
		d->limits = xrealloc(d->limits, d->max_limits, sizeof(*d->limits));
		parts->limits = xrealloc(parts->limits, d->max_limits, sizeof(struct limit *));
	}
	l.limit = map_get(&d->registry->limits, &l.whose, sizeof(l.whose));
	l.limit = l.limit != NULL ? limit_ref(l.limit) : limit_new(l.rpm, l.tpm, l.parallel);
	d->limits[d->num_limits] = l;
	parts->limits[d->num_limits] = l.limit;
	parts->num_limits = ++d->num_limits;
	return l.limit;
}

/* -- taking over -- */

static void commit_budgets(struct counters_draft *d)
{
	struct map budgets;

	map_init(&budgets);
	for (size_t i = 0; i < d->num_budgets; i++) {
		struct budget *budget = d->view->parts->budgets[i].budget;

		budget_set_amount(budget, d->budgets[i].amount_nusd, d->budgets[i].mode);
		map_put(&budgets, &d->budgets[i].id, sizeof(d->budgets[i].id), budget_ref(budget));
	}
	release_budgets(&d->registry->budgets);
	d->registry->budgets = budgets;
}

static void commit_limits(struct counters_draft *d)
{
	struct map limits;

	map_init(&limits);
	for (size_t i = 0; i < d->num_limits; i++) {
		const struct draft_limit *l = &d->limits[i];

		limit_set(l->limit, l->rpm, l->tpm, l->parallel);
		map_put(&limits, &l->whose, sizeof(l->whose), limit_ref(l->limit));
	}
	release_limits(&d->registry->limits);
	d->registry->limits = limits;
}

void counters_commit(struct counters_draft *d)
{
	commit_budgets(d);
	commit_limits(d);
	d->registry->generation = d->view->generation;
}
