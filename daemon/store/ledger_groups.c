/* SPDX-License-Identifier: MIT */
/* Cells and rows are added up into groups here: having SQLite sort them, blobs and all, costs ten times as much. */
#include "store/ledger_groups.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "store/db_private.h"

enum { COLUMN_AT, COLUMN_OF, COLUMN_SUMS = COLUMN_OF + 2 };

void groups_init(struct groups *g, int64_t bucket_ms)
{
	*g = (struct groups){.bucket_ms = bucket_ms};
	map_init(&g->by_key);
	map_init(&g->numbers);
}

void groups_release(struct groups *g)
{
	for (const struct map_entry *e = map_next(&g->by_key, NULL); e != NULL; e = map_next(&g->by_key, e))
		free(e->value);
	map_release(&g->by_key);
	map_release(&g->numbers);
	for (size_t i = 0; i < g->num_words; i++)
		free(g->words[i]);
	free(g->words);
}

/* -- adding up ---------------------------------------------------------------------------------- */

static struct group *find_or_make(struct groups *g, int64_t at_ms, const int64_t of[2], struct err *err)
{
	const int64_t key[] = {at_ms, of[0], of[1]};
	struct group *group = map_get(&g->by_key, key, sizeof(key));

	if (group != NULL)
		return group;
	if (g->by_key.count >= GROUPS_MAX) {
		err_set(err, ERR_FULL, "the answer would have more than %d lines; ask for less time, longer buckets or "
				       "fewer dimensions", GROUPS_MAX);
		return NULL;
	}
	group = xcalloc(1, sizeof(*group));
	group->at_ms = at_ms;
	group->of[0] = of[0];
	group->of[1] = of[1];
	map_put(&g->by_key, key, sizeof(key), group);
	return group;
}

static bool is_of(const struct group *group, int64_t at_ms, const int64_t of[2])
{
	return group != NULL && group->at_ms == at_ms && group->of[0] == of[0] && group->of[1] == of[1];
}

static int64_t number_of_word(struct groups *g, const char *word)
{
	intptr_t number = (intptr_t)map_get_text(&g->numbers, word);

	if (number != 0)
		return number;
	/* Doubled whenever it is a power of two. */
	if ((g->num_words & (g->num_words - 1)) == 0)
		g->words = xrealloc(g->words, 2 * g->num_words + 1, sizeof(*g->words));
	g->words[g->num_words++] = xstrdup(word);
	number = (intptr_t)g->num_words;
	map_put_text(&g->numbers, word, (void *)number);
	return number;
}

static int64_t read_dimension(struct groups *g, sqlite3_stmt *row, int column)
{
	switch (sqlite3_column_type(row, column)) {
	case SQLITE_INTEGER:
		return sqlite3_column_int64(row, column);
	case SQLITE_TEXT:
		return number_of_word(g, (const char *)sqlite3_column_text(row, column));
	default:
		return GROUP_NONE;
	}
}

/* A cell has a packed histogram, a row its one duration or NULL. */
static void add_durations(struct histogram *h, sqlite3_stmt *row, int column)
{
	int type = sqlite3_column_type(row, column);

	if (type == SQLITE_INTEGER) {
		histogram_add(h, sqlite3_column_int64(row, column));
	} else if (type == SQLITE_BLOB) {
		const void *data = sqlite3_column_blob(row, column);

		histogram_merge_packed(h, data, (size_t)sqlite3_column_bytes(row, column));
	}
}

/* In the order of SUM_COLUMNS. */
static void add_sums(struct rollup_sum *sum, sqlite3_stmt *row)
{
	int64_t *const counts[] = {
		&sum->calls,      &sum->errors,    &sum->refused,   &sum->input,       &sum->output,  &sum->cache_read,
		&sum->cache_write, &sum->reasoning, &sum->cost_nusd, &sum->billed_nusd, &sum->unpriced,
	};
	int column = COLUMN_SUMS;

	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		*counts[i] += sqlite3_column_int64(row, column++);
	add_durations(&sum->latency, row, column++);
	add_durations(&sum->first_byte, row, column);
}

int groups_add_all(struct groups *g, struct stmt *s, int64_t unit_ms, struct err *err)
{
	sqlite3_stmt *row = s != NULL ? stmt_handle(s) : NULL;
	int rc;

	while ((rc = stmt_step(s, err)) > 0) {
		int64_t at = sqlite3_column_int64(row, COLUMN_AT);
		int64_t at_ms = unit_ms > 0 ? at * unit_ms : id_wall_ms(at);
		int64_t of[] = {read_dimension(g, row, COLUMN_OF), read_dimension(g, row, COLUMN_OF + 1)};

		at_ms = g->bucket_ms > 0 ? at_ms / g->bucket_ms * g->bucket_ms : 0;
		if (!is_of(g->last, at_ms, of))
			g->last = find_or_make(g, at_ms, of, err);
		if (g->last == NULL) {
			stmt_reset(s);
			return err->code;
		}
		add_sums(&g->last->sum, row);
	}
	return rc;
}

/* -- the answer --------------------------------------------------------------------------------- */

const char *groups_word(const struct groups *g, int64_t number)
{
	return number > 0 && number <= (int64_t)g->num_words ? g->words[number - 1] : NULL;
}

/* Always the same order, whatever the map's was. */
static int by_cost(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

	if (x->sum.cost_nusd != y->sum.cost_nusd)
		return x->sum.cost_nusd < y->sum.cost_nusd ? 1 : -1;
	if (x->sum.calls != y->sum.calls)
		return x->sum.calls < y->sum.calls ? 1 : -1;
	for (int i = 0; i < 2; i++)
		if (x->of[i] != y->of[i])
			return x->of[i] < y->of[i] ? -1 : 1;
	return x->at_ms < y->at_ms ? -1 : x->at_ms > y->at_ms;
}

static int by_time(const void *a, const void *b)
{
	const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return by_cost(a, b);
}

struct group **groups_sort(const struct groups *g, size_t limit, size_t *ret_num)
{
	struct group **list = xcalloc(g->by_key.count + 1, sizeof(struct group *));
	size_t num = 0;

	for (const struct map_entry *e = map_next(&g->by_key, NULL); e != NULL; e = map_next(&g->by_key, e))
		list[num++] = e->value;
	qsort(list, num, sizeof(struct group *), by_cost);
	*ret_num = limit > 0 && limit < num ? limit : num;
	qsort(list, *ret_num, sizeof(struct group *), by_time);
	return list;
}
