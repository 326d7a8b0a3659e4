/* SPDX-License-Identifier: MIT */
/* One team's calls are summed by key and model, by app and by minute here. */
#include "store/ledger_why.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/mem.h"
#include "store/ledger_private.h"

#define APPS_MAX 1000

static void bind_window(struct stmt *s, int64_t from_ms, int64_t until_ms)
{
	stmt_bind_int(s, first_id_at(from_ms));
	stmt_bind_int(s, first_id_at(until_ms));
}

/* By enum part_unit, where there are any; parameters are the part's ends and the team. */
static const char *const pairs_sql[] = {
	[PART_ROWS] = "SELECT key_id, ifnull(model_name, 0) AS model_name, count(*) AS calls,"
		      " ifnull(sum(input), 0) AS input, ifnull(sum(output), 0) AS output,"
		      " ifnull(sum(cache_read), 0) AS cache_read, ifnull(sum(cost_nusd), 0) AS cost_nusd,"
		      " sum(cost_nusd IS NULL AND ifnull(input, 0) + ifnull(output, 0) > 0) AS unpriced"
		      " FROM calls WHERE id >= ? AND id < ? AND team_id = ? GROUP BY 1, 2",
	[PART_HOURS] = "SELECT key_id, model_name, sum(calls) AS calls, sum(input) AS input, sum(output) AS output,"
		       " sum(cache_read) AS cache_read, sum(cost_nusd) AS cost_nusd, sum(unpriced) AS unpriced"
		       " FROM " EACH_AT("rollup_hour") " WHERE team_id = ? GROUP BY 1, 2",
};

static int pairs_of_part(struct db *db, int64_t team_id, const struct part *part, why_pair_each *each, void *arg,
			 struct err *err)
{
	struct stmt *s = db_query(db, pairs_sql[part->unit], err);
	int rc;

	stmt_bind_int(s, part->from);
	stmt_bind_int(s, part->until);
	stmt_bind_int(s, team_id);
	while ((rc = stmt_step(s, err)) > 0) {
		struct why_pair pair = {stmt_int(s, "key_id"), stmt_int(s, "model_name")};
		struct why_sum sum = {
			.calls = stmt_int(s, "calls"),
			.input = stmt_int(s, "input"),
			.output = stmt_int(s, "output"),
			.cache_read = stmt_int(s, "cache_read"),
			.cost_nusd = stmt_int(s, "cost_nusd"),
			.unpriced = stmt_int(s, "unpriced"),
		};

		rc = each(arg, &pair, &sum);
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

int why_pairs(struct db *db, int64_t team_id, int64_t from_ms, int64_t until_ms, why_pair_each *each, void *arg,
	      struct err *err)
{
	struct span window = {from_ms, until_ms};
	struct part parts[PARTS_MAX];
	struct horizons horizons;
	size_t num = 0;
	int rc = horizons_get(db, &horizons, err);

	if (rc == 0)
		num = window_split(&horizons, 1u << PART_HOURS, 0, &window, parts);
	for (size_t i = 0; i < num && rc == 0; i++)
		rc = pairs_of_part(db, team_id, &parts[i], each, arg, err);
	return rc;
}

int why_apps(struct db *db, const struct why_pair *pair, int64_t from_ms, int64_t until_ms, why_app_each *each,
	     void *arg, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT ifnull((SELECT name FROM names WHERE id = app_name), '') AS app,"
				  " sum(cost_nusd) AS cost_nusd FROM calls WHERE key_id = ? AND ifnull(model_name, 0) = ?"
				  " AND id >= ? AND id < ? AND cost_nusd IS NOT NULL GROUP BY app_name"
				  " ORDER BY 2 DESC LIMIT ?",
				  err);
	int rc;

	stmt_bind_int(s, pair->key_id);
	stmt_bind_int(s, pair->model_name);
	bind_window(s, from_ms, until_ms);
	stmt_bind_int(s, APPS_MAX);
	while ((rc = stmt_step(s, err)) > 0) {
		rc = each(arg, stmt_text(s, "app"), stmt_int(s, "cost_nusd"));
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

int why_minutes(struct db *db, const struct why_pair *pair, int64_t from_ms, int64_t until_ms, int64_t *nusd, size_t num,
		struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT call_ms(id) / 60000 AS minute, sum(cost_nusd) AS cost_nusd FROM calls"
				  " WHERE key_id = ? AND ifnull(model_name, 0) = ? AND id >= ? AND id < ?"
				  " AND cost_nusd IS NOT NULL GROUP BY 1",
				  err);
	int rc;

	stmt_bind_int(s, pair->key_id);
	stmt_bind_int(s, pair->model_name);
	bind_window(s, from_ms, until_ms);
	while ((rc = stmt_step(s, err)) > 0) {
		int64_t at = stmt_int(s, "minute") - from_ms / 60000;

		if (at >= 0 && at < (int64_t)num)
			nusd[at] += stmt_int(s, "cost_nusd");
	}
	return rc;
}

int why_first(struct db *db, int64_t team_id, int64_t *ret_ms, struct err *err)
{
	struct horizons horizons;
	struct stmt *s;
	int rc = horizons_get(db, &horizons, err);

	*ret_ms = INT64_MAX;
	if (rc < 0)
		return rc;
	s = db_query(db, "SELECT min(id) AS id FROM calls WHERE team_id = ? AND id >= ?", err);
	stmt_bind_int(s, team_id);
	stmt_bind_int(s, first_id_at(horizons.of[HORIZON_CALLS].from_ms));
	rc = stmt_step(s, err);
	if (rc > 0 && !stmt_is_null(s, "id"))
		*ret_ms = id_wall_ms(stmt_int(s, "id"));
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

static char *copy_of(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

int why_names_get(struct db *db, const struct why_pair *pair, struct why_names *ret, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT (SELECT name FROM keys WHERE id = ?1) AS key,"
				  " (SELECT public_id FROM keys WHERE id = ?1) AS key_id,"
				  " (SELECT name FROM names WHERE id = ?2) AS model",
				  err);
	int rc;

	*ret = (struct why_names){0};
	stmt_bind_int(s, pair->key_id);
	stmt_bind_int(s, pair->model_name);
	rc = stmt_step(s, err);
	if (rc > 0)
		*ret = (struct why_names){copy_of(stmt_text(s, "key")), copy_of(stmt_text(s, "key_id")),
					  copy_of(stmt_text(s, "model"))};
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

void why_names_release(struct why_names *names)
{
	free(names->key);
	free(names->key_id);
	free(names->model);
}
