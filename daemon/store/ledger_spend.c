/* SPDX-License-Identifier: MIT */
/*
 * Spend is grouped by whom, what and when here: from the smallest rollups that know it and whose units
 * fit the window, and from rows of calls at its edges or where no rollup can tell.
 *
 * To group by one more thing: a row of dimensions[].
 */
#include "store/ledger_store.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/ledger_groups.h"
#include "store/ledger_private.h"

#define SQL_MAX 4096

#define NAME_OF_WORD "SELECT name FROM names WHERE id = ?"

static const struct dimension {
	const char *name;               /* in the query and in the answer */
	const char *in_rollup;          /* its column there; NULL: only rows know it */
	const char *in_row;
	const char *label;              /* asks for the name of its id; NULL: it is one of the words */
	unsigned knows;                 /* what a rollup has to know */
} dimensions[] = {
	{"team", "team_id", "team_id", "SELECT name FROM teams WHERE id = ?", KNOWS_TEAM},
	{"key", "key_id", "key_id", "SELECT name, public_id FROM keys WHERE id = ?", KNOWS_KEY},
	{"model", "model_name", "ifnull(model_name, 0)", NAME_OF_WORD, KNOWS_TARGET},
	{"provider", "provider_name", "ifnull(provider_name, 0)", NAME_OF_WORD, KNOWS_TARGET},
	{"app", NULL, "app_name", NAME_OF_WORD, 0},
	{"user", NULL, "user_name", NAME_OF_WORD, 0},
	{"tag", NULL, "tag.value", NULL, 0},
};

/* By enum part_unit: how long its cells are; 0: it has calls, whose ids say when. */
static const int64_t unit_ms[] = {
	[PART_ROWS] = 0,
	[PART_MINUTES] = 60000,
	[PART_HOURS] = 3600000,
	[PART_DAYS] = 86400000,
};

/* Tags only where they are asked for, so that a call with two of them counts once elsewhere. */
static const char rows_from[] = "calls WHERE calls.id >= ? AND calls.id < ?";
static const char tags_from[] =
	"calls CROSS JOIN json_each(tags_list(tags)) AS tag WHERE calls.id >= ? AND calls.id < ?";

static const struct bucket {
	const char *name;
	int64_t ms;                     /* 0: the whole window */
	unsigned units;                 /* rollups that are fine enough */
} buckets[] = {
	{"minute", 60000, 1u << PART_MINUTES},
	{"hour", 3600000, 1u << PART_MINUTES | 1u << PART_HOURS},
	{"day", 86400000, 1u << PART_MINUTES | 1u << PART_HOURS | 1u << PART_DAYS},
	{NULL, 0, 1u << PART_MINUTES | 1u << PART_HOURS | 1u << PART_DAYS},
};

static const struct filter {
	size_t offset;                  /* of its text in struct spend_query */
	unsigned knows;
	const char *condition;
} filters[] = {
	{offsetof(struct spend_query, team), KNOWS_TEAM, " AND team_id IN (SELECT id FROM teams WHERE name = ?)"},
	{offsetof(struct spend_query, key), KNOWS_KEY, " AND key_id IN (SELECT id FROM keys WHERE ? IN (public_id, name))"},
	{offsetof(struct spend_query, model), KNOWS_TARGET, " AND model_name IN (SELECT id FROM names WHERE name = ?)"},
	{offsetof(struct spend_query, provider), KNOWS_TARGET, " AND provider_name IN (SELECT id FROM names WHERE name = ?)"},
};

/* A query, looked up. */
struct shape {
	const struct spend_query *query;
	const struct dimension *by[2];
	const struct bucket *bucket;
	bool by_tag;
	unsigned knows;                 /* what rollups have to know */
	struct part parts[PARTS_MAX];
	size_t num_parts;
};

static const char *filter_text(const struct spend_query *q, const struct filter *f)
{
	return *(const char *const *)((const char *)q + f->offset);
}

/* -- understanding the query -------------------------------------------------------------------- */

static int find_dimension(const char *name, const struct dimension **ret, struct err *err)
{
	if (name == NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(dimensions); i++) {
		if (strcmp(dimensions[i].name, name) == 0) {
			*ret = &dimensions[i];
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "by: \"%s\" is none of team, key, model, provider, app, tag, user", name);
}

static int find_bucket(const char *name, const struct bucket **ret, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(buckets); i++) {
		const char *known = buckets[i].name;

		if (known == name || (known != NULL && name != NULL && strcmp(known, name) == 0)) {
			*ret = &buckets[i];
			return 0;
		}
	}
	return err_set(err, ERR_INVALID, "bucket: \"%s\" is none of minute, hour, day", name);
}

static unsigned needed(const struct shape *s)
{
	unsigned knows = 0;

	for (int i = 0; i < 2; i++)
		if (s->by[i] != NULL)
			knows |= s->by[i]->knows;
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (filter_text(s->query, &filters[i]) != NULL)
			knows |= filters[i].knows;
	return knows;
}

/* Units of rollups that know all that is asked for. */
static unsigned knowing_units(const struct shape *s)
{
	for (int i = 0; i < 2; i++)
		if (s->by[i] != NULL && s->by[i]->in_rollup == NULL)
			return 0;
	return rollup_units(s->knows);
}

/* What of the question the ledger can still answer, said to whoever wants to know. */
static void tell_reach(const struct shape *s, const struct horizons *h, unsigned units, const struct span *window)
{
	const struct spend_query *q = s->query;
	int64_t fine_ms = part_since(h, PART_ROWS);

	if (q->reach == NULL)
		return;
	for (int unit = PART_MINUTES; unit <= PART_DAYS; unit++)
		if ((units & s->bucket->units & 1u << unit) != 0 && part_since(h, (enum part_unit)unit) < fine_ms)
			fine_ms = part_since(h, (enum part_unit)unit);
	q->reach->from_ms = window->from_ms;
	q->reach->until_ms = window->until_ms != INT64_MAX ? window->until_ms : q->until_ms;
	q->reach->rows_ms = units == 0 && window->from_ms > q->from_ms ? window->from_ms : 0;
	q->reach->buckets_ms = s->bucket->name != NULL && units != 0 && fine_ms > q->from_ms ? fine_ms : 0;
}

static int split_window(struct shape *s, struct db *db, struct err *err)
{
	struct span window = {s->query->from_ms, s->query->until_ms};
	unsigned units = knowing_units(s);
	struct horizons horizons;
	int rc = horizons_get(db, &horizons, err);

	if (rc == 0 && window.from_ms < window.until_ms)
		rc = window_open_end(db, &window.until_ms, err);
	if (rc == 0)
		s->num_parts = window_split(&horizons, units & s->bucket->units, units, &window, s->parts);
	if (rc == 0)
		tell_reach(s, &horizons, units, &window);
	return rc;
}

static int shape_init(struct shape *s, struct db *db, const struct spend_query *q, struct err *err)
{
	int rc = 0;

	*s = (struct shape){.query = q};
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = find_dimension(q->by[i], &s->by[i], err);
	if (rc == 0)
		rc = find_bucket(q->bucket, &s->bucket, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < 2; i++)
		s->by_tag |= s->by[i] != NULL && strcmp(s->by[i]->name, "tag") == 0;
	s->knows = needed(s);
	return split_window(s, db, err);
}

/* -- reading ------------------------------------------------------------------------------------ */

static const char *column_of(const struct dimension *d, bool is_rows)
{
	return d == NULL ? "NULL" : is_rows ? d->in_row : d->in_rollup;
}

/* Teams come next in the keys of all rollups that know them. */
static void put_each(struct buf *sql, const char *table)
{
	buf_printf(sql, ", %s FROM " EACH_AT("%s") " WHERE true", SUM_COLUMNS, table, table);
}

static void put_part(struct buf *sql, const struct shape *s, enum part_unit unit)
{
	bool is_rows = unit == PART_ROWS;

	buf_printf(sql, "SELECT %s", is_rows ? "calls.id" : "at");
	for (int i = 0; i < 2; i++)
		buf_printf(sql, ", %s", column_of(s->by[i], is_rows));
	if (is_rows)
		buf_printf(sql, ", %s FROM %s", SUMS_OF_A_CALL, s->by_tag ? tags_from : rows_from);
	else if (s->query->team != NULL)
		put_each(sql, rollup_table(unit, s->knows));
	else
		buf_printf(sql, ", %s FROM %s WHERE at >= ? AND at < ?", SUM_COLUMNS, rollup_table(unit, s->knows));
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (filter_text(s->query, &filters[i]) != NULL)
			buf_puts(sql, filters[i].condition);
}

static int add_part(struct db *db, const struct shape *s, const struct part *part, struct groups *groups, struct err *err)
{
	struct stmt *stmt;
	struct buf sql;
	int rc;

	buf_init(&sql, SQL_MAX);
	put_part(&sql, s, part->unit);
	stmt = db_query(db, sql.data, err);
	stmt_bind_int(stmt, part->from);
	stmt_bind_int(stmt, part->until);
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (filter_text(s->query, &filters[i]) != NULL)
			stmt_bind_text(stmt, filter_text(s->query, &filters[i]));
	rc = groups_add_all(groups, stmt, unit_ms[part->unit], err);
	buf_release(&sql);
	return rc;
}

/* -- the answer --------------------------------------------------------------------------------- */

static void add_latency(json_t *item, const struct rollup_sum *sum)
{
	json_add_int(item, "p50_us", histogram_percentile(&sum->latency, 500));
	json_add_int(item, "p95_us", histogram_percentile(&sum->latency, 950));
	json_add_int(item, "answered_us", histogram_sum_us(&sum->latency));
	json_add_int(item, "first_byte_p50_us", histogram_percentile(&sum->first_byte, 500));
}

/* Names of keys are their team's own: the id says which. */
static int add_label(json_t *item, struct db *db, const struct dimension *d, int64_t id, struct err *err)
{
	bool is_key = strcmp(d->name, "key") == 0;
	struct stmt *stmt = db_query(db, d->label, err);
	int rc;

	stmt_bind_int(stmt, id);
	rc = stmt_step(stmt, err);
	json_add_text(item, d->name, rc > 0 ? stmt_text(stmt, "name") : NULL);
	if (is_key)
		json_add_text(item, "key_id", rc > 0 ? stmt_text(stmt, "public_id") : NULL);
	stmt_reset(stmt);
	return rc < 0 ? rc : 0;
}

static int add_labels(json_t *item, struct db *db, const struct shape *s, const struct groups *groups,
		      const struct group *group, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < 2 && rc == 0; i++) {
		const struct dimension *d = s->by[i];

		if (d != NULL && d->label != NULL)
			rc = add_label(item, db, d, group->of[i], err);
		else if (d != NULL)
			json_add_text(item, d->name, groups_word(groups, group->of[i]));
	}
	return rc;
}

static void add_sums(json_t *item, const struct rollup_sum *sum)
{
	json_add_int(item, "calls", sum->calls);
	json_add_int(item, "errors", sum->errors);
	json_add_int(item, "refused", sum->refused);
	json_add_int(item, "input", sum->input);
	json_add_int(item, "output", sum->output);
	json_add_int(item, "cache_read", sum->cache_read);
	json_add_int(item, "reasoning", sum->reasoning);
	json_add_money(item, "cost_usd", sum->cost_nusd);
	json_add_money(item, "billed_usd", sum->billed_nusd);
	json_add_int(item, "unpriced", sum->unpriced);
	add_latency(item, sum);
}

static json_t *items_of(struct db *db, const struct shape *s, const struct groups *groups, struct err *err)
{
	json_t *items = json_array();
	struct group **list;
	size_t num;
	int rc = 0;

	list = groups_sort(groups, s->query->limit, &num);
	for (size_t i = 0; i < num && rc == 0; i++) {
		json_t *item = json_object();

		rc = add_labels(item, db, s, groups, list[i], err);
		if (s->bucket->ms > 0)
			json_add_time(item, "at", list[i]->at_ms);
		add_sums(item, &list[i]->sum);
		json_array_append_new(items, item);
	}
	free(list);
	if (rc == 0)
		return items;
	json_decref(items);
	return NULL;
}

static json_t *ask_query(struct db *db, const struct spend_query *q, struct err *err)
{
	struct groups groups;
	struct shape shape;
	json_t *items = NULL;
	int rc = shape_init(&shape, db, q, err);

	if (rc < 0)
		return NULL;
	groups_init(&groups, shape.bucket->ms);
	for (size_t i = 0; i < shape.num_parts && rc == 0; i++)
		rc = add_part(db, &shape, &shape.parts[i], &groups, err);
	if (rc == 0)
		items = items_of(db, &shape, &groups, err);
	groups_release(&groups);
	return items;
}

/* One snapshot, whether or not the caller has a transaction of its own. */
json_t *ledger_spend(struct db *db, const struct spend_query *q, struct err *err)
{
	json_t *items;

	if (db_exec(db, "SAVEPOINT spend", err) < 0)
		return NULL;
	items = ask_query(db, q, err);
	db_exec(db, "RELEASE spend", NULL);
	return items;
}
