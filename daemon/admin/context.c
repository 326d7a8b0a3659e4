/* SPDX-License-Identifier: MIT */
/* The live view is indexed by number, and the workers' counters are summed, here. */
#include "admin/context.h"

#include <string.h>

#include "base/mem.h"
#include "gateway/stats.h"
#include "store/writer.h"

#define FLUSH_MS 200

const struct view *admin_view(const struct admin *a)
{
	return a->options.publisher != NULL ? publisher_view(a->options.publisher) : NULL;
}

int64_t admin_generation(const struct admin *a)
{
	const struct view *view = admin_view(a);

	return view != NULL ? (int64_t)view->generation : 0;
}

bool admin_flush(struct admin *a)
{
	return a->options.writer == NULL || writer_flush(a->options.writer, FLUSH_MS);
}

void admin_count(const struct admin *a, struct admin_counts *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned i = 0; i < a->options.num_workers; i++) {
		const struct worker_stats *s = worker_stats(a->options.workers[i]);

		ret->open += atomic_load_explicit(&s->open, memory_order_relaxed);
		ret->calls += (int64_t)atomic_load_explicit(&s->calls, memory_order_relaxed);
		ret->errors += (int64_t)atomic_load_explicit(&s->errors, memory_order_relaxed);
		for (int cause = 0; cause < STRAY_NUM; cause++)
			ret->unauthenticated +=
				(int64_t)atomic_load_explicit(&s->strays[cause], memory_order_relaxed);
	}
}

/* -- the index ----------------------------------------------------------------------------------- */

static void put(struct map *m, int64_t id, const void *value)
{
	map_put(m, &id, sizeof(id), (void *)value);
}

static void put_budgets(struct view_index *index, const struct view_budget *budgets, size_t num)
{
	for (size_t i = 0; i < num; i++)
		put(&index->budgets, budget_id(budgets[i].budget), budgets[i].budget);
}

static void put_key(struct view_index *index, const struct view_key *key)
{
	put(&index->keys, key->id, key);
	put_budgets(index, key->budgets, key->num_budgets);
	if (map_get(&index->teams, &key->team->id, sizeof(key->team->id)) != NULL)
		return;
	put(&index->teams, key->team->id, key->team);
	put_budgets(index, key->team->budgets, key->team->num_budgets);
}

void index_release(struct view_index *index)
{
	map_release(&index->teams);
	map_release(&index->keys);
	map_release(&index->budgets);
	index->generation = 0;
}

/* The map's values are read, never written, through the index: dropping const loses nothing. */
static struct view_index *current(struct admin *a)
{
	const struct view *view = admin_view(a);
	struct view_index *index = &a->index;

	if (view == NULL || view->generation == index->generation)
		return index;
	index_release(index);
	map_init(&index->teams);
	map_init(&index->keys);
	map_init(&index->budgets);
	for (const struct map_entry *e = map_next(&view->keys, NULL); e; e = map_next(&view->keys, e))
		put_key(index, e->value);
	for (const struct map_entry *e = map_next(&view->providers, NULL); e; e = map_next(&view->providers, e)) {
		const struct view_provider *provider = e->value;

		put_budgets(index, provider->budgets, provider->num_budgets);
	}
	put_budgets(index, view->gateway_budgets, view->num_gateway_budgets);
	index->generation = view->generation;
	return index;
}

const struct view_team *index_team(struct admin *a, int64_t team_id)
{
	return map_get(&current(a)->teams, &team_id, sizeof(team_id));
}

const struct view_key *index_key(struct admin *a, int64_t key_id)
{
	return map_get(&current(a)->keys, &key_id, sizeof(key_id));
}

struct budget *index_budget(struct admin *a, int64_t budget_id)
{
	return map_get(&current(a)->budgets, &budget_id, sizeof(budget_id));
}
