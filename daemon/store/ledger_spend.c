/* SPDX-License-Identifier: MIT */
/*
 * Spend is grouped by whom, what and when here: one statement, put together from the rollups whose
 * units fit the window, and from rows of calls at its edges or where no rollup can tell.
 *
 * To group by one more thing: a row of dimensions[].
 */
#include "store/ledger_store.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/ledger_private.h"

#define SQL_MAX 16384

static const struct dimension {
	const char *name;               /* in the query and in the answer */
	const char *in_rollup;          /* its column there; NULL: only rows know it */
	const char *in_row;
	const char *table;              /* where its id has a name; NULL: it is its own */
	unsigned knows;                 /* what a rollup has to know */
} dimensions[] = {
	{"team", "team_id", "team_id", "teams", KNOWS_TEAM},
	{"key", "key_id", "key_id", "keys", KNOWS_KEY},
	{"model", "model_name", "ifnull(model_name, 0)", "names", KNOWS_TARGET},
	{"provider", "provider_name", "ifnull(provider_name, 0)", "names", KNOWS_TARGET},
	{"app", NULL, "app_name", "names", 0},
	{"user", NULL, "user_name", "names", 0},
	{"tag", NULL, "tag.value", NULL, 0},
};

/* By enum part_unit: when each of its cells began. */
static const char *const began[] = {
	[PART_ROWS] = "call_ms(calls.id)",
	[PART_MINUTES] = "at * 60000",
	[PART_HOURS] = "at * 3600000",
	[PART_DAYS] = "at * 86400000",
};

/* Tags only where they are asked for, so that a call with two of them counts once elsewhere. */
static const char rows_from[] = "calls WHERE calls.id >= ? AND calls.id < ?";
static const char tags_from[] =
	"calls CROSS JOIN json_each(tags_list(tags)) AS tag WHERE calls.id >= ? AND calls.id < ?";

static const struct bucket {
	const char *name;
	const char *began;              /* of the bucket that holds at_ms */
	unsigned units;                 /* rollups that are fine enough */
} buckets[] = {
	{"minute", "at_ms / 60000 * 60000", 1u << PART_MINUTES},
	{"hour", "at_ms / 3600000 * 3600000", 1u << PART_MINUTES | 1u << PART_HOURS},
	{"day", "at_ms / 86400000 * 86400000", 1u << PART_MINUTES | 1u << PART_HOURS | 1u << PART_DAYS},
	{NULL, "0", 1u << PART_MINUTES | 1u << PART_HOURS | 1u << PART_DAYS},
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

static unsigned usable_units(const struct shape *s)
{
	for (int i = 0; i < 2; i++)
		if (s->by[i] != NULL && s->by[i]->in_rollup == NULL)
			return 0;
	return s->bucket->units & rollup_units(s->knows);
}

static int shape_init(struct shape *s, struct db *db, const struct spend_query *q, struct err *err)
{
	int64_t until_ms = q->until_ms;
	int rc = 0;

	*s = (struct shape){.query = q};
	for (int i = 0; i < 2 && rc == 0; i++)
		rc = find_dimension(q->by[i], &s->by[i], err);
	if (rc == 0)
		rc = find_bucket(q->bucket, &s->bucket, err);
	if (rc == 0 && q->from_ms < until_ms)
		rc = window_open_end(db, &until_ms, err);
	if (rc < 0)
		return rc;
	for (int i = 0; i < 2; i++)
		s->by_tag |= s->by[i] != NULL && strcmp(s->by[i]->name, "tag") == 0;
	s->knows = needed(s);
	s->num_parts = window_split(q->from_ms, until_ms, usable_units(s), s->parts);
	return 0;
}

/* -- putting the statement together ------------------------------------------------------------- */

static void put_part(struct buf *sql, const struct shape *s, const struct part *part)
{
	bool is_rows = part->unit == PART_ROWS;

	buf_printf(sql, "SELECT %s AS at_ms", began[part->unit]);
	for (int i = 0; i < 2; i++)
		if (s->by[i] != NULL)
			buf_printf(sql, ", %s AS dim%d", is_rows ? s->by[i]->in_row : s->by[i]->in_rollup, i);
	if (is_rows)
		buf_printf(sql, ", %s FROM %s", SUMS_OF_A_CALL, s->by_tag ? tags_from : rows_from);
	else
		buf_printf(sql, ", %s FROM %s WHERE at >= ? AND at < ?", SUM_COLUMNS, rollup_table(part->unit, s->knows));
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (filter_text(s->query, &filters[i]) != NULL)
			buf_puts(sql, filters[i].condition);
}

static void put_labels(struct buf *sql, const struct shape *s)
{
	for (int i = 0; i < 2; i++) {
		const struct dimension *d = s->by[i];

		if (d != NULL && d->table != NULL)
			buf_printf(sql, ", (SELECT name FROM %s WHERE id = dim%d) AS label%d", d->table, i, i);
		else if (d != NULL)
			buf_printf(sql, ", dim%d AS label%d", i, i);
		/* Names of keys are their team's own: the id says which. */
		if (d != NULL && strcmp(d->name, "key") == 0)
			buf_printf(sql, ", (SELECT public_id FROM keys WHERE id = dim%d) AS key_id", i);
	}
}

/* The dearest first; where there are buckets, the dearest in the order of time. */
static void put_statement(struct buf *sql, const struct shape *s)
{
	buf_printf(sql, "SELECT * FROM (SELECT %s AS at", s->bucket->began);
	put_labels(sql, s);
	buf_puts(sql, ", sum(calls) AS calls, sum(errors) AS errors, sum(refused) AS refused, sum(input) AS input,"
		      " sum(output) AS output, sum(cache_read) AS cache_read, sum(reasoning) AS reasoning,"
		      " sum(cost_nusd) AS cost_nusd, sum(billed_nusd) AS billed_nusd, sum(unpriced) AS unpriced,"
		      " histogram_sum(latency) AS latency, histogram_sum(first_byte) AS first_byte FROM (");
	for (size_t i = 0; i < s->num_parts; i++) {
		if (i > 0)
			buf_puts(sql, " UNION ALL ");
		put_part(sql, s, &s->parts[i]);
	}
	buf_puts(sql, ") GROUP BY 1");
	for (int i = 0; i < 2; i++)
		if (s->by[i] != NULL)
			buf_printf(sql, ", dim%d", i);
	buf_puts(sql, " ORDER BY cost_nusd DESC, calls DESC LIMIT ?) ORDER BY at, cost_nusd DESC, calls DESC");
}

static void bind_all(struct stmt *stmt, const struct shape *s)
{
	for (size_t i = 0; i < s->num_parts; i++) {
		stmt_bind_int(stmt, s->parts[i].from);
		stmt_bind_int(stmt, s->parts[i].until);
		for (size_t f = 0; f < ARRAY_LEN(filters); f++)
			if (filter_text(s->query, &filters[f]) != NULL)
				stmt_bind_text(stmt, filter_text(s->query, &filters[f]));
	}
	stmt_bind_int(stmt, s->query->limit > 0 ? (int64_t)s->query->limit : -1);
}

/* -- the answer --------------------------------------------------------------------------------- */

static void add_latency(json_t *item, struct stmt *stmt)
{
	struct histogram h = {0};
	size_t len;
	const void *data = stmt_blob(stmt, "latency", &len);

	histogram_merge_packed(&h, data, len);
	json_add_int(item, "p50_us", histogram_percentile(&h, 500));
	json_add_int(item, "p95_us", histogram_percentile(&h, 950));
	json_add_int(item, "answered_us", histogram_sum_us(&h));
	h = (struct histogram){0};
	data = stmt_blob(stmt, "first_byte", &len);
	histogram_merge_packed(&h, data, len);
	json_add_int(item, "first_byte_p50_us", histogram_percentile(&h, 500));
}

static void add_labels(json_t *item, const struct shape *s, struct stmt *stmt)
{
	static const char *const labels[] = {"label0", "label1"};

	for (int i = 0; i < 2; i++) {
		if (s->by[i] == NULL)
			continue;
		json_add_text(item, s->by[i]->name, stmt_text(stmt, labels[i]));
		if (strcmp(s->by[i]->name, "key") == 0)
			json_add_text(item, "key_id", stmt_text(stmt, "key_id"));
	}
}

static json_t *item_of(const struct shape *s, struct stmt *stmt)
{
	static const char *const counts[] = {"calls", "errors", "refused", "input", "output", "cache_read", "reasoning"};
	json_t *item = json_object();

	add_labels(item, s, stmt);
	if (s->bucket->name != NULL)
		json_add_time(item, "at", stmt_int(stmt, "at"));
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		json_add_int(item, counts[i], stmt_int(stmt, counts[i]));
	json_add_money(item, "cost_usd", stmt_int(stmt, "cost_nusd"));
	json_add_money(item, "billed_usd", stmt_int(stmt, "billed_nusd"));
	json_add_int(item, "unpriced", stmt_int(stmt, "unpriced"));
	add_latency(item, stmt);
	return item;
}

static json_t *ask(struct db *db, const struct shape *s, const char *sql, struct err *err)
{
	struct stmt *stmt = db_query(db, sql, err);
	json_t *items = json_array();
	int rc;

	bind_all(stmt, s);
	while ((rc = stmt_step(stmt, err)) > 0)
		json_array_append_new(items, item_of(s, stmt));
	if (rc == 0)
		return items;
	json_decref(items);
	return NULL;
}

static json_t *ask_query(struct db *db, const struct spend_query *q, struct err *err)
{
	struct shape shape;
	struct buf sql;
	json_t *items = NULL;

	if (shape_init(&shape, db, q, err) < 0)
		return NULL;
	if (shape.num_parts == 0)
		return json_array();
	buf_init(&sql, SQL_MAX);
	put_statement(&sql, &shape);
	if (sql.failed)
		err_set(err, ERR_FULL, "spend: the statement is too long");
	else
		items = ask(db, &shape, sql.data, err);
	buf_release(&sql);
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
