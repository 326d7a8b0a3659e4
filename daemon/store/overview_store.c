/* SPDX-License-Identifier: MIT */
/* A dashboard's questions are asked of the rollups here. */
#include "store/overview_store.h"

#include <string.h>

#include "base/err.h"
#include "base/id.h"

static const char *const spend_sql[] = {
	[SPEND_OF_TEAMS] = "SELECT team_id AS id, SUM(cost_nusd) AS cost FROM rollup_day_team WHERE at >= ? AND at < ? "
			   "GROUP BY team_id",
	[SPEND_OF_KEYS] = "SELECT key_id AS id, SUM(cost_nusd) AS cost FROM rollup_day_key WHERE at >= ? AND at < ? "
			  "GROUP BY key_id",
};

int overview_spend(struct db *db, enum spend_of of, int64_t from, int64_t until, spend_each *each, void *arg,
		   struct err *err)
{
	struct stmt *s = db_query(db, spend_sql[of], err);
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, from);
	stmt_bind_int(s, until);
	while ((rc = stmt_step(s, err)) > 0) {
		rc = each(arg, stmt_int(s, "id"), stmt_int(s, "cost"));
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

int overview_key_counts(struct db *db, count_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT team_id, COUNT(*) AS n FROM keys WHERE state <> 'revoked' GROUP BY team_id",
				  err);
	int rc;

	if (s == NULL)
		return err->code;
	while ((rc = stmt_step(s, err)) > 0) {
		rc = each(arg, stmt_int(s, "team_id"), stmt_int(s, "n"));
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

int overview_minutes(struct db *db, int64_t from, int64_t until, minute_each *each, void *arg, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT at, team_id, SUM(calls) AS calls, SUM(errors) AS errors, SUM(cost_nusd) AS cost "
				  "FROM rollup_minute WHERE at >= ? AND at < ? GROUP BY at, team_id ORDER BY at",
				  err);
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, from);
	stmt_bind_int(s, until);
	while ((rc = stmt_step(s, err)) > 0) {
		struct minute_sum sum = {
			.minute = stmt_int(s, "at"),
			.team_id = stmt_int(s, "team_id"),
			.calls = stmt_int(s, "calls"),
			.errors = stmt_int(s, "errors"),
			.cost_nusd = stmt_int(s, "cost"),
		};

		rc = each(arg, &sum);
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

static void read_histogram(struct stmt *s, const char *column, struct histogram *ret)
{
	size_t len = 0;
	const void *data = stmt_blob(s, column, &len);

	memset(ret, 0, sizeof(*ret));
	if (data != NULL)
		histogram_merge_packed(ret, data, len);
}

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

int overview_provider_minutes(struct db *db, int64_t from, int64_t until, provider_minute_each *each, void *arg,
			      struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT at, team_id, p.name AS provider, m.name AS model, calls, errors, cost_nusd, "
				  "latency, first_byte FROM rollup_minute "
				  "LEFT JOIN names p ON p.id = provider_name LEFT JOIN names m ON m.id = model_name "
				  "WHERE at >= ? AND at < ? ORDER BY at",
				  err);
	struct provider_minute sum;
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, from);
	stmt_bind_int(s, until);
	while ((rc = stmt_step(s, err)) > 0) {
		sum.minute = stmt_int(s, "at");
		sum.team_id = stmt_int(s, "team_id");
		sum.provider = or_empty(stmt_text(s, "provider"));
		sum.model = or_empty(stmt_text(s, "model"));
		sum.calls = stmt_int(s, "calls");
		sum.errors = stmt_int(s, "errors");
		sum.cost_nusd = stmt_int(s, "cost_nusd");
		read_histogram(s, "latency", &sum.latency);
		read_histogram(s, "first_byte", &sum.first_byte);
		rc = each(arg, &sum);
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

/* The one number of a statement whose column is n; its parameters are bound. */
static int one_number(struct stmt *s, int64_t *ret, struct err *err)
{
	int rc = stmt_step(s, err);

	if (rc > 0)
		*ret = stmt_is_null(s, "n") ? 0 : stmt_int(s, "n");
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int overview_cost(struct db *db, int64_t from, int64_t until, int64_t *ret_nusd, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT SUM(cost_nusd) AS n FROM rollup_minute WHERE at >= ? AND at < ?", err);

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, from);
	stmt_bind_int(s, until);
	return one_number(s, ret_nusd, err);
}

int overview_last_call(struct db *db, int64_t key_id, int64_t *ret_ms, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT ifnull((SELECT MAX(id) FROM calls WHERE key_id = ?1),"
				  " (SELECT call_id FROM key_last_gone WHERE key_id = ?1)) AS n",
				  err);
	int64_t id = 0;
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, key_id);
	rc = one_number(s, &id, err);
	if (rc == 0)
		*ret_ms = id != 0 ? id_wall_ms(id) : 0;
	return rc;
}

int overview_asked(struct db *db, const char *model, int64_t since_ms, int64_t *ret_calls, int64_t *ret_nusd,
		   struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT COUNT(*) AS calls, SUM(cost_nusd) AS cost FROM calls WHERE id >= ? "
				  "AND asked_name = (SELECT id FROM names WHERE name = ?)",
				  err);
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, id_first_at(since_ms));
	stmt_bind_text(s, model);
	rc = stmt_step(s, err);
	if (rc > 0) {
		*ret_calls = stmt_int(s, "calls");
		*ret_nusd = stmt_is_null(s, "cost") ? 0 : stmt_int(s, "cost");
	}
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int overview_calls_since(struct db *db, int64_t hour, int64_t *ret_calls, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT SUM(calls) AS n FROM rollup_hour_team WHERE at >= ?", err);

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, hour);
	return one_number(s, ret_calls, err);
}

int overview_calls(struct db *db, int64_t *ret_calls, struct err *err)
{
	return one_number(db_query(db, "SELECT SUM(calls) AS n FROM rollup_day_team", err), ret_calls, err);
}

int overview_backup(struct db *db, const char *path, struct err *err)
{
	struct stmt *s = db_query(db, "VACUUM INTO ?", err);

	if (s == NULL)
		return err->code;
	stmt_bind_text(s, path);
	return stmt_run(s, err);
}
