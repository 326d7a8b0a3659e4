/* SPDX-License-Identifier: MIT */
/* Rows of calls are found and told as the admin API tells them, in lists and alone, here. */
#include "store/ledger_store.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "ledger/price.h"
#include "store/ledger_marks.h"
#include "store/ledger_private.h"
#include "store/store.h"

#define SQL_MAX 8192

#define SELECT_CALLS                                                                               \
	"SELECT c.*, t.name AS team, k.name AS key, k.public_id AS public_id, asked.name AS asked,"  \
	" provider.name AS provider, model.name AS model, error.name AS error, app.name AS app,"     \
	" user.name AS user"
#define JOIN_NAMES                                                                                 \
	" LEFT JOIN teams AS t ON t.id = c.team_id LEFT JOIN keys AS k ON k.id = c.key_id"          \
	" LEFT JOIN names AS asked ON asked.id = c.asked_name"                                      \
	" LEFT JOIN names AS provider ON provider.id = c.provider_name"                             \
	" LEFT JOIN names AS model ON model.id = c.model_name"                                      \
	" LEFT JOIN names AS error ON error.id = c.error_name"                                      \
	" LEFT JOIN names AS app ON app.id = c.app_name LEFT JOIN names AS user ON user.id = c.user_name"

/* "=" and not IN where one row is meant: the index then has its calls in the order of the answer. */
static const struct filter {
	size_t offset;                  /* of its text in struct call_query */
	const char *condition;
} filters[] = {
	{offsetof(struct call_query, team), " AND c.team_id = (SELECT id FROM teams WHERE name = ?)"},
	{offsetof(struct call_query, provider), " AND c.provider_name = (SELECT id FROM names WHERE name = ?)"},
	{offsetof(struct call_query, app), " AND c.app_name = (SELECT id FROM names WHERE name = ?)"},
	/* What was asked for, or what answered. */
	{offsetof(struct call_query, model), " AND (SELECT id FROM names WHERE name = ?) IN (c.asked_name, c.model_name)"},
};

static const char *filter_text(const struct call_query *q, const struct filter *f)
{
	return *(const char *const *)((const char *)q + f->offset);
}

/* -- one call as JSON --------------------------------------------------------------------------- */

static void add_text_of(json_t *o, struct stmt *s, const char *const *names, size_t num)
{
	for (size_t i = 0; i < num; i++)
		json_add_text(o, names[i], stmt_text(s, names[i]));
}

static void add_int_of(json_t *o, struct stmt *s, const char *const *names, size_t num)
{
	for (size_t i = 0; i < num; i++)
		json_add_int(o, names[i], stmt_int(s, names[i]));
}

static void add_outcome(json_t *o, struct stmt *s)
{
	int64_t flags = stmt_int(s, "flags");

	json_add_int(o, "status", stmt_int(s, "status"));
	json_add_text(o, "result", call_result_name((enum call_result)stmt_int(s, "result")));
	json_add_text(o, "finish", finish_reason_name((enum finish_reason)stmt_int(s, "finish")));
	json_add_bool(o, "stream", (flags & CALL_STREAM) != 0);
	json_add_bool(o, "estimated", (flags & CALL_ESTIMATED) != 0);
	json_add_bool(o, "simulated", (flags & CALL_SIMULATED) != 0);
}

static json_t *call_of(struct stmt *s)
{
	static const char *const who[] = {"team", "key", "asked", "provider", "model", "error"};
	static const char *const usage[] = {"input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "reasoning"};
	static const char *const times[] = {"first_byte_us", "upstream_us", "gateway_us"};
	static const char *const labels[] = {"app", "user", "session", "tags"};
	bool interrupted = stmt_int(s, "result") == CALL_INTERRUPTED;
	json_t *o = json_object();
	char id[ID_TEXT];

	json_add_text(o, "id", id_format(stmt_int(s, "id"), id));
	json_add_time(o, "at", id_wall_ms(stmt_int(s, "id")));
	add_text_of(o, s, who, ARRAY_LEN(who));
	json_add_text(o, "key_id", stmt_text(s, "public_id"));
	add_outcome(o, s);
	add_int_of(o, s, usage, ARRAY_LEN(usage));
	json_add_money(o, "cost_usd", stmt_int(s, "cost_nusd"));
	json_add_money(o, "billed_usd", stmt_int(s, "billed_nusd"));
	/* When a killed daemon's call ended, nobody knows. */
	json_add_int(o, "total_us", interrupted ? INT64_MIN : stmt_int(s, "total_us"));
	add_int_of(o, s, times, ARRAY_LEN(times));
	json_add_int(o, "attempts", stmt_int(s, "num_attempts"));
	add_text_of(o, s, labels, ARRAY_LEN(labels));
	return o;
}

/* -- lists -------------------------------------------------------------------------------------- */

/* Ids of the window and the keyset at once: above *ret_low, below *ret_high. */
static void id_range(const struct call_query *q, int64_t since_ms, int64_t *ret_low, int64_t *ret_high)
{
	int64_t from = first_id_at(q->from_ms > since_ms ? q->from_ms : since_ms), until = first_id_at(q->until_ms);

	*ret_low = q->after_id >= from ? q->after_id : from - 1;
	*ret_high = q->before_id > 0 && q->before_id < until ? q->before_id : until;
}

static void put_conditions(struct buf *sql, const struct call_query *q)
{
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (filter_text(q, &filters[i]) != NULL)
			buf_puts(sql, filters[i].condition);
	if (q->key != NULL)
		buf_printf(sql, " AND c.key_id %s (SELECT id FROM keys WHERE %s = ?)", strncmp(q->key, "key_", 4) == 0 ? "=" : "IN",
			   strncmp(q->key, "key_", 4) == 0 ? "public_id" : "name");
	if (q->status != 0)
		buf_puts(sql, q->status < 10 ? " AND c.status / 100 = ?" : " AND c.status = ?");
	if (q->result >= 0)
		buf_puts(sql, " AND c.result = ?");
}

static void bind_conditions(struct stmt *s, const struct call_query *q)
{
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (filter_text(q, &filters[i]) != NULL)
			stmt_bind_text(s, filter_text(q, &filters[i]));
	if (q->key != NULL)
		stmt_bind_text(s, q->key);
	if (q->status != 0)
		stmt_bind_int(s, q->status);
	if (q->result >= 0)
		stmt_bind_int(s, q->result);
	stmt_bind_int(s, q->limit);
}

json_t *ledger_calls(struct db *db, const struct call_query *q, struct err *err)
{
	struct horizons horizons;
	struct mark_set marks;
	int64_t low, high;
	json_t *items;
	struct stmt *s;
	struct buf sql;
	int rc;

	if (horizons_get(db, &horizons, err) < 0)
		return NULL;
	id_range(q, horizons.of[HORIZON_CALLS].from_ms, &low, &high);
	if (q->ret_rows_ms != NULL)
		*q->ret_rows_ms = q->from_ms < horizons.of[HORIZON_CALLS].from_ms ? horizons.of[HORIZON_CALLS].from_ms : 0;
	if (marks_of_query(db, q, low, high, &marks, err) < 0)
		return NULL;
	items = json_array();
	buf_init(&sql, SQL_MAX);
	buf_puts(&sql, SELECT_CALLS);
	marks_put_from(&sql, &marks);
	buf_puts(&sql, JOIN_NAMES);
	marks_put_conditions(&sql, &marks);
	put_conditions(&sql, q);
	buf_puts(&sql, marks.num > 0 ? " ORDER BY m.at DESC, c.id DESC LIMIT ?" : " ORDER BY c.id DESC LIMIT ?");
	s = db_query(db, sql.data, err);
	marks_bind(s, &marks, low, high);
	bind_conditions(s, q);
	while ((rc = stmt_step(s, err)) > 0)
		json_array_append_new(items, call_of(s));
	buf_release(&sql);
	if (rc == 0)
		return items;
	json_decref(items);
	return NULL;
}

/* -- one call alone ----------------------------------------------------------------------------- */

static enum usage_source source_of(struct stmt *s, const json_t *detail, enum usage_field field)
{
	const json_t *sources = json_object_get(detail, "sources");
	const char *name = usage_field_name(field);

	if (usage_has_column(field) ? stmt_is_null(s, name) : json_object_get(detail, name) == NULL)
		return USAGE_NONE;
	return json_text_peek(sources, name) != NULL ? USAGE_ESTIMATED : USAGE_REPORTED;
}

void ledger_read_usage(struct stmt *s, struct usage *ret)
{
	const char *text = stmt_text(s, "usage_detail");
	json_t *detail = text != NULL ? json_parse(text, strlen(text), NULL) : NULL;

	usage_init(ret);
	for (int i = 0; i < USAGE_NUM_FIELDS; i++) {
		enum usage_field field = (enum usage_field)i;
		const char *name = usage_field_name(field);
		enum usage_source source = source_of(s, detail, field);

		if (source != USAGE_NONE)
			usage_set(ret, field, usage_has_column(field) ? stmt_int(s, name) : json_int_peek(detail, name, 0), source);
	}
	ret->provider_cost_nusd = stmt_int(s, "provider_cost_nusd");
	json_decref(detail);
}

static json_t *sources_of(const struct usage *u)
{
	static const char *const names[] = {[USAGE_NONE] = "none", [USAGE_REPORTED] = "reported", [USAGE_ESTIMATED] = "estimated"};
	json_t *o = json_object();

	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		json_add_text(o, usage_field_name((enum usage_field)i), names[u->source[i]]);
	return o;
}

static int read_tier(struct db *db, int64_t price_id, struct price_tier *ret, struct err *err)
{
	struct price_row row;
	int rc = price_get_by_id(db, price_id, &row, err);

	if (rc < 0)
		return rc;
	_Static_assert(STORE_NONE == PRICE_NONE, "a price that is not there is the same in both");
	memcpy(ret->nusd_per_m, row.nusd_per_m, sizeof(ret->nusd_per_m));
	ret->request_nusd = row.request_nusd;
	price_release(&row);
	return 0;
}

/* What each part cost at the price that was used then; empty where there was none, or it is gone. */
static json_t *parts_of(struct db *db, int64_t price_id, const struct usage *u)
{
	struct cost_part parts[USAGE_NUM_PRICED + 1];
	struct price_tier tier = {0};
	json_t *list = json_array();
	unsigned num = 0;

	if (price_id != INT64_MIN && read_tier(db, price_id, &tier, NULL) == 0)
		num = price_parts(&tier, u, parts);
	for (unsigned i = 0; i < num; i++) {
		json_t *part = json_object();

		json_add_text(part, "unit", parts[i].unit);
		json_add_int(part, "count", parts[i].count);
		json_add_money(part, "usd_per_million", parts[i].nusd_per_m);
		json_add_money(part, "cost_usd", parts[i].cost_nusd);
		json_array_append_new(list, part);
	}
	return list;
}

static json_t *entry_of(struct stmt *s)
{
	static const char *const times[] = {"status", "start_us", "first_byte_us", "total_us"};
	enum attempt_reason reason = (enum attempt_reason)stmt_int(s, "reason");
	json_t *o = json_object();

	json_add_int(o, "seq", stmt_int(s, "seq"));
	json_add_text(o, "target", stmt_text(s, "target"));
	json_add_text(o, "reason", attempt_reason_name(reason));
	json_add_text(o, "text", attempt_reason_text(reason));
	json_add_bool(o, "made", attempt_was_made(reason));
	add_int_of(o, s, times, ARRAY_LEN(times));
	json_add_text(o, "error", stmt_text(s, "error"));
	return o;
}

static json_t *entries_of(struct db *db, int64_t id, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT a.*, p.name || '/' || m.name AS target FROM attempts AS a"
				  " LEFT JOIN names AS p ON p.id = a.provider_name LEFT JOIN names AS m ON m.id = a.model_name"
				  " WHERE call_id = ? ORDER BY seq",
				  err);
	json_t *entries = json_array();
	int rc;

	stmt_bind_int(s, id);
	while ((rc = stmt_step(s, err)) > 0)
		json_array_append_new(entries, entry_of(s));
	if (rc == 0)
		return entries;
	json_decref(entries);
	return NULL;
}

static int no_call(struct db *db, int64_t id, struct err *err)
{
	struct horizons horizons = {0};
	char text[ID_TEXT], since[CLOCK_TEXT];

	if (horizons_get(db, &horizons, err) < 0)
		return err->code;
	if (id < first_id_at(horizons.of[HORIZON_CALLS].from_ms))
		return err_set(err, ERR_NOT_FOUND, "no call %s: it is older than %s, and such calls are deleted (retention)",
			       id_format(id, text), clock_format(horizons.of[HORIZON_CALLS].from_ms, since));
	return err_set(err, ERR_NOT_FOUND, "no call %s; calls of unknown keys have no row", id_format(id, text));
}

json_t *ledger_call(struct db *db, int64_t id, struct err *err)
{
	struct stmt *s = db_query(db, SELECT_CALLS " FROM calls AS c" JOIN_NAMES " WHERE c.id = ?", err);
	struct usage usage;
	json_t *call, *entries;
	int rc;

	stmt_bind_int(s, id);
	rc = stmt_step(s, err);
	if (rc == 0)
		no_call(db, id, err);
	if (rc <= 0)
		return NULL;
	call = call_of(s);
	ledger_read_usage(s, &usage);
	json_add_int(call, "price_id", stmt_int(s, "price_id"));
	json_add_money(call, "provider_cost_usd", usage.provider_cost_nusd);
	json_add(call, "usage_sources", sources_of(&usage));
	json_add(call, "cost_parts", parts_of(db, stmt_int(s, "price_id"), &usage));
	stmt_reset(s);
	entries = entries_of(db, id, err);
	if (entries == NULL) {
		json_decref(call);
		return NULL;
	}
	json_add(call, "entries", entries);
	return call;
}
