/* SPDX-License-Identifier: MIT */
/*
 * Who uses the most is put in order here, with its share and its change against the window before.
 *
 * To rank by one more thing: a dimension of the ledger and a word in subjects[].
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "admin/context.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/ledger_store.h"

#define DAY_MS INT64_C(86400000)
#define ROWS_MAX 100000

static const char *const subjects[] = {"model", "provider", "team", "key", "app", NULL};
static const char *const sorts[] = {"tokens", "spend", "calls", "errors", "latency", "speed", "change", NULL};
/* The member that each of sorts[] means. */
static const char *const sort_members[] = {
	"tokens", "spend_usd", "calls", "error_percent", "p50_us", "output_per_s", "tokens_change_percent",
};

struct total {
	int64_t tokens, nusd, calls;
};

struct ranking {
	const char *by, *sort;
	int64_t from_ms, until_ms, before_ms, limit;
};

static int64_t tokens_of(const json_t *item)
{
	return json_int_peek(item, "input", 0) + json_int_peek(item, "output", 0);
}

static struct total total_of(const json_t *items)
{
	struct total total = {0};
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item) {
		total.tokens += tokens_of(item);
		total.nusd = money_add(total.nusd, json_money_peek(item, "cost_usd"));
		total.calls += json_int_peek(item, "calls", 0);
	}
	return total;
}

/* Names of keys are their team's own, so a key is known by its id. */
static json_t *name_of(const json_t *item, const char *by)
{
	return json_object_get(item, strcmp(by, "key") == 0 ? "key_id" : by);
}

/* Items of the window before by their names; those without one under "". */
static void index_items(struct map *map, const json_t *items, const char *by)
{
	json_t *item;
	size_t i;

	json_array_foreach((json_t *)items, i, item) {
		const char *name = json_string_value(name_of(item, by));

		map_put_text(map, name != NULL ? name : "", item);
	}
}

/* One place behind the point; NULL (null) where there is nothing to compare with. */
static json_t *percent(int64_t part, int64_t whole)
{
	return whole > 0 ? json_real(round((double)part * 1000 / (double)whole) / 10) : NULL;
}

/* Tokens for each second that answered calls took, one place behind the point. */
static json_t *output_per_s(const json_t *item)
{
	int64_t output = json_int_peek(item, "output", 0), us = json_int_peek(item, "answered_us", 0);

	return output > 0 && us > 0 ? json_real(round((double)output * 1e7 / (double)us) / 10) : NULL;
}

static json_t *rank_of(const json_t *item, const json_t *before, const struct total *total, const char *by)
{
	static const char *const same[] = {"unpriced", "calls", "errors", "p50_us"};
	int64_t tokens = tokens_of(item), nusd = json_money_peek(item, "cost_usd");
	int64_t tokens_before = before != NULL ? tokens_of(before) : 0;
	int64_t nusd_before = before != NULL ? json_money_peek(before, "cost_usd") : 0;
	json_t *o = json_object();

	json_object_set(o, by, json_object_get(item, by));
	if (strcmp(by, "key") == 0)
		json_object_set(o, "key_id", json_object_get(item, "key_id"));
	json_add_int(o, "tokens", tokens);
	json_add(o, "tokens_share_percent", percent(tokens, total->tokens));
	json_add(o, "tokens_change_percent", percent(tokens - tokens_before, tokens_before));
	json_add_money(o, "spend_usd", nusd);
	json_add(o, "spend_share_percent", percent(nusd, total->nusd));
	json_add(o, "spend_change_percent", percent(nusd - nusd_before, nusd_before));
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		json_object_set(o, same[i], json_object_get(item, same[i]));
	json_add(o, "output_per_s", output_per_s(item));
	json_add(o, "error_percent", percent(json_int_peek(item, "errors", 0), json_int_peek(item, "calls", 0)));
	return o;
}

/* -- order --------------------------------------------------------------------------------------- */

/* What a row is ordered by; what is unknown or new comes last. */
static double value_of(const json_t *rank, const char *member)
{
	const json_t *value = json_object_get(rank, member);

	if (json_is_string(value))
		return (double)json_money_peek(rank, member);
	return json_is_number(value) ? json_number_value(value) : -INFINITY;
}

static int compare(const void *a, const void *b, void *arg)
{
	const json_t *left = *(json_t *const *)a, *right = *(json_t *const *)b;
	const struct ranking *r = arg;
	double x = value_of(left, r->sort), y = value_of(right, r->sort);
	const char *name = json_string_value(name_of(left, r->by)), *other = json_string_value(name_of(right, r->by));

	if (x != y)
		return x < y ? 1 : -1;
	return strcmp(name != NULL ? name : "", other != NULL ? other : "");
}

static json_t *in_order(json_t *ranks, struct ranking *r)
{
	size_t n = json_array_size(ranks);
	json_t **rows = xcalloc(n + 1, sizeof(json_t *)), *sorted = json_array();

	for (size_t i = 0; i < n; i++)
		rows[i] = json_array_get(ranks, i);
	qsort_r(rows, n, sizeof(json_t *), compare, r);
	for (size_t i = 0; i < n && (r->limit == 0 || i < (size_t)r->limit); i++)
		json_array_append(sorted, rows[i]);
	free(rows);
	json_decref(ranks);
	return sorted;
}

/* -- question and answer ------------------------------------------------------------------------- */

static int read_question(const struct admin_request *r, struct ranking *ret, struct err *err)
{
	const char *sort = sorts[0];

	if (query_word(r, "by", subjects, &ret->by, err) < 0 || query_word(r, "sort", sorts, &sort, err) < 0 ||
	    query_time(r, "since", &ret->from_ms, err) < 0 || query_time(r, "until", &ret->until_ms, err) < 0 ||
	    query_int(r, "limit", 0, ROWS_MAX, &ret->limit, err) < 0)
		return err->code;
	if (ret->by == NULL)
		ret->by = subjects[0];
	for (size_t i = 0; sorts[i] != NULL; i++)
		if (sort == NULL || strcmp(sorts[i], sort) == 0) {
			ret->sort = sort_members[i];
			break;
		}
	if (ret->from_ms >= ret->until_ms)
		return err_set(err, ERR_INVALID, "since: the window ends before it begins");
	ret->before_ms = ret->from_ms - (ret->until_ms - ret->from_ms);
	return 0;
}

static json_t *ask(struct db *db, const char *by, int64_t from_ms, int64_t until_ms, struct spend_reach *reach,
		   struct err *err)
{
	struct spend_query q = {.by = {by}, .from_ms = from_ms, .until_ms = until_ms, .reach = reach};

	return ledger_spend(db, &q, err);
}

/* Half a window is nothing to compare with. */
static json_t *ask_before(struct db *db, const struct ranking *q, struct err *err)
{
	struct spend_reach reach = {0};
	json_t *items = ask(db, q->by, q->before_ms, q->from_ms, &reach, err);

	if (items != NULL && reach.rows_ms != 0)
		json_array_clear(items);
	return items;
}

static json_t *ranks_of(const json_t *items, const json_t *items_before, const struct total *total, const char *by)
{
	json_t *ranks = json_array(), *item;
	struct map before;
	size_t i;

	map_init(&before);
	index_items(&before, items_before, by);
	json_array_foreach((json_t *)items, i, item) {
		const char *name = json_string_value(name_of(item, by));

		json_array_append_new(ranks, rank_of(item, map_get_text(&before, name != NULL ? name : ""), total, by));
	}
	map_release(&before);
	return ranks;
}

static json_t *answer_of(struct ranking *q, const json_t *items, const json_t *items_before,
			 const struct spend_reach *reach)
{
	struct total total = total_of(items);
	json_t *answer = json_object(), *sums = json_object();

	json_add(answer, "items", in_order(ranks_of(items, items_before, &total, q->by), q));
	json_add_int(sums, "tokens", total.tokens);
	json_add_money(sums, "spend_usd", total.nusd);
	json_add_int(sums, "calls", total.calls);
	json_add(answer, "total", sums);
	json_add_time(answer, "from", reach->from_ms);
	json_add_time(answer, "until", reach->until_ms);
	json_add_time(answer, "rows_since", reach->rows_ms);
	json_add_time(answer, "before", q->before_ms);
	return answer;
}

int rankings_answer(struct admin_request *r, struct err *err)
{
	int64_t now_ms = clock_wall_ms();
	struct ranking q = {.from_ms = now_ms - 7 * DAY_MS, .until_ms = now_ms + 1};
	struct spend_reach reach = {0};
	json_t *items, *before = NULL;

	if (read_question(r, &q, err) < 0)
		return err->code;
	admin_flush(r->admin);
	items = ask(r->admin->db, q.by, q.from_ms, q.until_ms, &reach, err);
	if (items != NULL)
		before = ask_before(r->admin->db, &q, err);
	if (before != NULL) {
		r->answer = answer_of(&q, items, before, &reach);
		json_add_int(r->answer, "generation", admin_generation(r->admin));
	}
	json_decref(items);
	json_decref(before);
	return r->answer != NULL ? 0 : err->code;
}
