/* SPDX-License-Identifier: MIT */
/*
 * The prices that come with the program (schema/prices.json) are brought into the table here.
 *
 * A catalogue has a date, and is taken over once.  A model that anybody else has priced is left alone; one that
 * is new gets its price from the beginning; one that the catalogue before priced otherwise gets the new price
 * from the catalogue's date on, and what was announced and has not begun is replaced.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/change.h"
#include "admin/prices.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "schema.h"
#include "store/price_dates.h"
#include "store/store.h"

#define CATALOGUE "prices.json"
#define META "price_catalogue"          /* the date of the one that was taken over last */
#define MODEL_ROWS 16                   /* of one provider's model: dates times tiers */

struct loading {
	struct change *change;
	char source[64];
	int64_t date_ms;
	struct price_row rows[MODEL_ROWS];      /* of one model, by date and tier */
	size_t num_rows;
	int64_t added, unchanged, left_alone;   /* prices; models that are somebody else's */
};

/* -- one model ----------------------------------------------------------------------------------- */

static bool same_model(const struct price_row *a, const struct price_row *b)
{
	return strcmp(a->model, b->model) == 0 && strcmp(a->provider, b->provider) == 0;
}

/* A base and its tiers against those that hold. */
struct comparison {
	const struct price_row *rows;
	size_t num_rows, num_seen;
	bool differs;
};

static int compare(void *arg, const struct price_row *there)
{
	struct comparison *c = arg;
	const struct price_row *row = &c->rows[c->num_seen];

	if (c->num_seen++ >= c->num_rows || row->above_input != there->above_input ||
	    row->request_nusd != there->request_nusd ||
	    memcmp(row->nusd_per_m, there->nusd_per_m, sizeof(row->nusd_per_m)) != 0)
		c->differs = true;
	return 0;
}

/* A price with its tiers, from a date on, unless it holds then already. */
static int put_price(struct loading *l, struct price_row *rows, size_t num_rows, int64_t from_ms, struct err *err)
{
	struct db *db = l->change->db;
	struct comparison c = {rows, num_rows, 0, false};
	int rc = price_list_at(db, rows->provider, rows->model, from_ms, compare, &c, err);

	if (rc == 0 && c.num_seen == num_rows && !c.differs) {
		l->unchanged += (int64_t)num_rows;
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < num_rows; i++) {
		rows[i].from_at = from_ms;
		rc = price_put(db, &rows[i], err);
	}
	l->added += (int64_t)num_rows;
	return rc;
}

/* Where a price without a date of its own begins: what was charged is never charged anew. */
static int find_beginning(struct loading *l, const struct price_row *row, int64_t *ret_ms, struct err *err)
{
	struct change *c = l->change;
	int64_t newest, created;

	if (price_newest(c->db, row->provider, row->model, c->now_ms, &newest, &created, err) < 0)
		return err->code;
	*ret_ms = newest == INT64_MIN ? 0 : newest <= l->date_ms ? l->date_ms : c->now_ms;
	return price_drop_announced(c->db, row->provider, row->model, c->now_ms, err);
}

static int put_model(struct loading *l, struct err *err)
{
	int64_t beginning = 0;
	size_t first = 0, end;
	bool is_set;
	int rc = price_is_set(l->change->db, l->rows->provider, l->rows->model, -1, &is_set, err);

	if (rc == 0 && is_set)
		l->left_alone++;
	if (rc < 0 || is_set)
		return rc;
	rc = find_beginning(l, l->rows, &beginning, err);
	for (; rc == 0 && first < l->num_rows; first = end) {
		int64_t from_ms = l->rows[first].from_at;

		for (end = first + 1; end < l->num_rows && l->rows[end].from_at == from_ms; end++)
			;
		rc = put_price(l, &l->rows[first], end - first, from_ms != STORE_NONE ? from_ms : beginning, err);
	}
	return rc;
}

static void forget_model(struct loading *l)
{
	for (size_t i = 0; i < l->num_rows; i++)
		price_release(&l->rows[i]);
	l->num_rows = 0;
}

static int finish_model(struct loading *l, struct err *err)
{
	int rc = l->num_rows > 0 ? put_model(l, err) : 0;

	forget_model(l);
	return rc;
}

/* -- all of them --------------------------------------------------------------------------------- */

static int add_row(struct loading *l, json_t *body, struct err *err)
{
	struct price_row row = {0};
	int rc = price_read(body, l->source, l->change->now_ms, &row, err);

	if (rc == 0 && l->num_rows > 0 && !same_model(&row, l->rows))
		rc = finish_model(l, err);
	if (rc == 0 && l->num_rows == MODEL_ROWS)
		rc = err_set(err, ERR_FULL, "%s has more than %d prices", row.model, MODEL_ROWS);
	if (rc == 0)
		l->rows[l->num_rows++] = row;
	else
		price_release(&row);
	return rc;
}

/* The rows of a model stand together in the file. */
static int take_over(struct change *c, struct err *err)
{
	struct loading l = {.change = c};
	const char *date = json_text_peek(c->body, "date");
	json_t *price;
	size_t i;
	int rc = json_read_time(c->body, "date", c->now_ms, &l.date_ms, err);

	snprintf(l.source, sizeof(l.source), PRICE_CATALOGUE "%s", date);
	json_array_foreach(json_object_get(c->body, "prices"), i, price)
		if (rc == 0 && add_row(&l, price, err) < 0)
			rc = err_wrap(err, "price %zu", i + 1);
	if (rc == 0)
		rc = finish_model(&l, err);
	forget_model(&l);
	if (rc == 0)
		rc = meta_put(c->db, META, date, err);
	change_names(c, "price", "catalogue");
	c->after = json_object();
	json_add_text(c->after, "date", date);
	json_add_int(c->after, "imported", l.added);
	json_add_int(c->after, "unchanged", l.unchanged);
	json_add_int(c->after, "models_left_alone", l.left_alone);
	return rc;
}

/* Dates as text follow each other as days do. */
static int is_newer(struct db *db, const char *date, bool *ret, struct err *err)
{
	struct err none = {0};
	char *last = NULL;
	int rc = meta_get(db, META, &last, &none);

	*ret = last == NULL || strcmp(date, last) > 0;
	free(last);
	return rc < 0 && rc != ERR_NOT_FOUND ? err_set(err, rc, "%s", none.text) : 0;
}

static const struct peer the_daemon = {.pid = 0, .user = "daemon", .role = ROLE_ADMIN};

int price_catalogue_load(struct db *db, const char *text, size_t len, int64_t now_ms, struct err *err)
{
	json_t *catalogue = json_parse(text, len, err);
	struct change c = {.db = db, .now_ms = now_ms, .who = &the_daemon, .via = "daemon", .action = "price.import",
			   .name = "", .body = catalogue, .expect = CHANGE_ANY};
	const char *date = json_text_peek(catalogue, "date");
	bool newer = false;
	int rc;

	if (catalogue == NULL)
		return err_wrap(err, "the prices that come with tollgate");
	rc = date != NULL ? is_newer(db, date, &newer, err) : err_set(err, ERR_INVALID, "date: missing");
	if (rc == 0 && newer)
		rc = change_run(&c, take_over, err);
	change_release(&c);
	json_decref(catalogue);
	return rc < 0 ? err_wrap(err, "the prices that come with tollgate") : 0;
}

static const struct schema_file *find_catalogue(void)
{
	const struct schema_file *f = schema_files;

	while (f->name != NULL && strcmp(f->name, CATALOGUE) != 0)
		f++;
	return f;
}

int admin_load_catalogue(struct db *db, struct err *err)
{
	const struct schema_file *file = find_catalogue();

	if (file->name == NULL)
		return err_set(err, ERR_NOT_FOUND, "this build has no " CATALOGUE);
	if (db_begin(db, err) < 0)
		return err->code;
	if (price_catalogue_load(db, file->text, file->len, clock_wall_ms(), err) < 0) {
		db_rollback(db);
		return err->code;
	}
	return db_commit(db, err);
}
