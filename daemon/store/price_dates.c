/* SPDX-License-Identifier: MIT */
/* Which price holds when, and what a new date takes over from the one before, is asked here. */
#include "store/price_dates.h"

#include "base/err.h"
#include "store/store.h"

int price_holding(struct db *db, const char *provider, const char *model, int64_t above_input, int64_t at_ms,
		  int64_t *ret_id, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT id FROM prices WHERE provider = ? AND model = ? AND above_input = ? "
				  "AND from_at <= ? ORDER BY from_at DESC LIMIT 1",
				  err);
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_text(s, provider);
	stmt_bind_text(s, model);
	stmt_bind_int(s, above_input);
	stmt_bind_int(s, at_ms);
	rc = stmt_step(s, err);
	*ret_id = rc > 0 ? stmt_int(s, "id") : 0;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int price_newest(struct db *db, const char *provider, const char *model, int64_t at_ms, int64_t *ret_from,
		 int64_t *ret_created, struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT from_at, MAX(created_at) AS created FROM prices WHERE provider = ? AND model = ? "
				  "AND from_at <= ? GROUP BY from_at ORDER BY from_at DESC LIMIT 1",
				  err);
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_text(s, provider);
	stmt_bind_text(s, model);
	stmt_bind_int(s, at_ms);
	rc = stmt_step(s, err);
	*ret_from = rc > 0 ? stmt_int(s, "from_at") : INT64_MIN;
	*ret_created = rc > 0 ? stmt_int(s, "created") : INT64_MIN;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int price_next(struct db *db, int64_t now_ms, int64_t *ret_ms, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT MIN(from_at) AS next FROM prices WHERE from_at > ?", err);
	int rc;

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, now_ms);
	rc = stmt_step(s, err);
	*ret_ms = rc > 0 && !stmt_is_null(s, "next") ? stmt_int(s, "next") : INT64_MAX;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int price_is_set(struct db *db, const char *provider, const char *model, int64_t above_input, bool *ret,
		 struct err *err)
{
	struct stmt *s = db_query(db,
				  "SELECT 1 FROM prices WHERE provider = ?1 AND model = ?2 AND ?3 IN (above_input, -1) "
				  "AND source NOT GLOB '" PRICE_CATALOGUE "*' LIMIT 1",
				  err);
	int rc;

	stmt_bind_text(s, provider);
	stmt_bind_text(s, model);
	stmt_bind_int(s, above_input);
	rc = stmt_step(s, err);
	*ret = rc > 0;
	stmt_reset(s);
	return rc < 0 ? rc : 0;
}

int price_drop_announced(struct db *db, const char *provider, const char *model, int64_t after_ms, struct err *err)
{
	struct stmt *s = db_query(db,
				  "DELETE FROM prices WHERE provider = ? AND model = ? AND from_at > ? "
				  "AND source GLOB '" PRICE_CATALOGUE "*'",
				  err);

	stmt_bind_text(s, provider);
	stmt_bind_text(s, model);
	stmt_bind_int(s, after_ms);
	return stmt_run(s, err);
}

#define AMOUNTS                                                                                              \
	"input_nusd_per_m, output_nusd_per_m, cache_read_nusd_per_m, cache_write_5m_nusd_per_m, "               \
	"cache_write_1h_nusd_per_m, input_audio_nusd_per_m, input_image_nusd_per_m, reasoning_nusd_per_m, "     \
	"output_audio_nusd_per_m, output_image_nusd_per_m, request_nusd, created_at"

int price_carry(struct db *db, const char *provider, const char *model, int64_t above_input, int64_t from_ms,
		struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT OR IGNORE INTO prices (provider, model, from_at, above_input, source, " AMOUNTS ") "
				  "SELECT provider, model, ?1, above_input, (SELECT source FROM prices WHERE provider = ?2 "
				  "AND model = ?3 AND from_at = ?1 AND above_input = ?4), " AMOUNTS " FROM prices "
				  "WHERE provider = ?2 AND model = ?3 AND above_input <> ?4 AND from_at = "
				  "(SELECT MAX(from_at) FROM prices WHERE provider = ?2 AND model = ?3 AND from_at < ?1)",
				  err);

	if (s == NULL)
		return err->code;
	stmt_bind_int(s, from_ms);
	stmt_bind_text(s, provider);
	stmt_bind_text(s, model);
	stmt_bind_int(s, above_input);
	return stmt_run(s, err);
}
