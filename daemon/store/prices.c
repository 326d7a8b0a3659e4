/* SPDX-License-Identifier: MIT */
/* Prices are listed and put here; a price that calls were charged by is never changed in place. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "store/store.h"
#include "store/store_private.h"

/* In the order of enum usage_field. */
static const char *const unit_columns[USAGE_NUM_PRICED] = {
	[USAGE_INPUT] = "input_nusd_per_m",
	[USAGE_CACHE_READ] = "cache_read_nusd_per_m",
	[USAGE_CACHE_WRITE_5M] = "cache_write_5m_nusd_per_m",
	[USAGE_CACHE_WRITE_1H] = "cache_write_1h_nusd_per_m",
	[USAGE_INPUT_AUDIO] = "input_audio_nusd_per_m",
	[USAGE_INPUT_IMAGE] = "input_image_nusd_per_m",
	[USAGE_OUTPUT] = "output_nusd_per_m",
	[USAGE_REASONING] = "reasoning_nusd_per_m",
	[USAGE_OUTPUT_AUDIO] = "output_audio_nusd_per_m",
	[USAGE_OUTPUT_IMAGE] = "output_image_nusd_per_m",
};

/* The same order again: what price_put() binds. */
#define UNITS                                                                                      \
	"input_nusd_per_m, cache_read_nusd_per_m, cache_write_5m_nusd_per_m, cache_write_1h_nusd_per_m,"                 \
	" input_audio_nusd_per_m, input_image_nusd_per_m, output_nusd_per_m, reasoning_nusd_per_m,"                      \
	" output_audio_nusd_per_m, output_image_nusd_per_m"
#define SELECT "SELECT id, provider, model, from_at, above_input, " UNITS ", request_nusd, source, created_at FROM prices"

/* Its texts are borrowed until the next step. */
static void read_row(struct stmt *s, struct price_row *r)
{
	r->id = stmt_int(s, "id");
	r->provider = row_text(s, "provider");
	r->model = row_text(s, "model");
	r->from_at = stmt_int(s, "from_at");
	r->above_input = stmt_int(s, "above_input");
	for (int i = 0; i < USAGE_NUM_PRICED; i++)
		r->nusd_per_m[i] = stmt_int(s, unit_columns[i]);
	r->request_nusd = stmt_int(s, "request_nusd");
	r->source = row_text(s, "source");
	r->created_at = stmt_int(s, "created_at");
}

static void own_texts(struct price_row *r)
{
	row_own(&r->provider);
	row_own(&r->model);
	row_own(&r->source);
}

void price_release(struct price_row *r)
{
	free(r->provider);
	free(r->model);
	free(r->source);
	*r = (struct price_row){0};
}

/* 1 when there was one, 0 when not. */
static int read_one(struct stmt *s, struct price_row *ret, struct err *err)
{
	int rc = stmt_step(s, err);

	if (rc > 0) {
		read_row(s, ret);
		own_texts(ret);
	}
	stmt_reset(s);
	return rc;
}

bool price_is_catalogue(const struct price_row *r)
{
	return text_starts(r->source, PRICE_CATALOGUE);
}

static int walk(struct stmt *s, price_each *each, void *arg, struct err *err)
{
	struct price_row row;
	int rc;

	while ((rc = stmt_step(s, err)) > 0) {
		read_row(s, &row);
		rc = each(arg, &row);
		if (rc != 0)
			break;
	}
	stmt_reset(s);
	return rc;
}

int price_list(struct db *db, price_each *each, void *arg, struct err *err)
{
	return walk(db_query(db, SELECT " ORDER BY model, provider, from_at, above_input", err), each, arg, err);
}

int price_list_in_use(struct db *db, price_each *each, void *arg, struct err *err)
{
	return walk(db_query(db,
			     SELECT " WHERE source NOT GLOB '" PRICE_CATALOGUE "*' OR provider IN (SELECT name FROM providers"
				    " UNION SELECT kind FROM providers) ORDER BY model, provider, from_at, above_input",
			     err),
		    each, arg, err);
}

int price_list_at(struct db *db, const char *provider, const char *model, int64_t at_ms, price_each *each, void *arg,
		  struct err *err)
{
	struct stmt *s = db_query(db,
				  SELECT " WHERE provider = ?1 AND model = ?2 AND from_at = (SELECT MAX(from_at) FROM prices"
					 " WHERE provider = ?1 AND model = ?2 AND from_at <= ?3) ORDER BY above_input",
				  err);

	stmt_bind_text(s, provider);
	stmt_bind_text(s, model);
	stmt_bind_int(s, at_ms);
	return walk(s, each, arg, err);
}

int price_get_by_id(struct db *db, int64_t id, struct price_row *ret, struct err *err)
{
	struct stmt *s = db_query(db, SELECT " WHERE id = ?", err);
	int rc;

	stmt_bind_int(s, id);
	rc = read_one(s, ret, err);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no price with id %lld", (long long)id);
	return rc < 0 ? rc : 0;
}

static void bind_place(struct stmt *s, const struct price_row *r)
{
	stmt_bind_text(s, r->provider != NULL ? r->provider : "");
	stmt_bind_text(s, r->model);
	stmt_bind_int(s, r->from_at);
	stmt_bind_int(s, r->above_input);
}

static bool costs_the_same(const struct price_row *a, const struct price_row *b)
{
	return memcmp(a->nusd_per_m, b->nusd_per_m, sizeof(a->nusd_per_m)) == 0 && a->request_nusd == b->request_nusd &&
	       strcmp(a->source, b->source) == 0;
}

/* 1 when this very price stands there already (its id is filled in), so that importing a file twice changes
 * nothing; 0 when not. */
static int find_same(struct db *db, struct price_row *r, struct err *err)
{
	struct stmt *s = db_query(db, SELECT " WHERE provider = ? AND model = ? AND from_at = ? AND above_input = ?", err);
	struct price_row there;
	int rc;

	bind_place(s, r);
	rc = stmt_step(s, err);
	if (rc <= 0)
		return rc;
	read_row(s, &there);
	rc = costs_the_same(r, &there);
	if (rc > 0) {
		r->id = there.id;
		r->created_at = there.created_at;
	}
	stmt_reset(s);
	return rc;
}

int price_put(struct db *db, struct price_row *r, struct err *err)
{
	struct stmt *s;
	int rc = find_same(db, r, err);

	if (rc != 0)
		return rc < 0 ? rc : 0;
	/* The row gets a new id: calls that were charged by the old one must not seem to be by this. */
	s = db_query(db,
		     "INSERT OR REPLACE INTO prices (provider, model, from_at, above_input, " UNITS
		     ", request_nusd, source, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		     err);
	bind_place(s, r);
	for (int i = 0; i < USAGE_NUM_PRICED; i++)
		stmt_bind_int(s, r->nusd_per_m[i]);
	stmt_bind_int(s, r->request_nusd);
	stmt_bind_text(s, r->source);
	stmt_bind_int(s, r->created_at);
	rc = stmt_run(s, err);
	if (rc == 0)
		r->id = db_last_id(db);
	return rc;
}
