/* SPDX-License-Identifier: MIT */
/* Prices are listed, set and taken over from files here. */
#include "admin/prices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/objects.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "store/price_dates.h"
#include "store/store.h"

/* More than this is a slip of the finger. */
#define PRICE_MAX_NUSD (INT64_C(100000) * NUSD_PER_USD)

/* What units are called in bodies. */
static const struct {
	enum usage_field field;
	const char *name;
} units[] = {
	{USAGE_INPUT, "input"},
	{USAGE_OUTPUT, "output"},
	{USAGE_CACHE_READ, "cache_read"},
	{USAGE_CACHE_WRITE_5M, "cache_write"},
	{USAGE_CACHE_WRITE_1H, "cache_write_1h"},
	{USAGE_REASONING, "reasoning"},
	{USAGE_INPUT_AUDIO, "input_audio"},
	{USAGE_INPUT_IMAGE, "input_image"},
	{USAGE_OUTPUT_AUDIO, "output_audio"},
	{USAGE_OUTPUT_IMAGE, "output_image"},
};

/* -- showing ------------------------------------------------------------------------------------- */

json_t *price_body(const struct price_row *row)
{
	json_t *price = json_object();

	json_add_text(price, "model", row->model);
	json_add_text(price, "provider", row->provider[0] != '\0' ? row->provider : NULL);
	json_add_time(price, "from", row->from_at);
	json_add_int(price, "above_input", row->above_input);
	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		json_add_money(price, units[i].name, row->nusd_per_m[units[i].field]);
	json_add_money(price, "request_usd", row->request_nusd);
	json_add_text(price, "source", row->source);
	return price;
}

static json_t *price_shown(const struct price_row *row)
{
	json_t *price = price_body(row);

	json_add_int(price, "id", row->id);
	json_add_time(price, "created_at", row->created_at);
	return price;
}

json_t *price_show(struct admin *a, const char *id, struct err *err)
{
	struct price_row row = {0};
	json_t *price;

	if (price_get_by_id(a->db, strtoll(id, NULL, 10), &row, err) < 0)
		return NULL;
	price = price_shown(&row);
	price_release(&row);
	return price;
}

struct listing {
	const char *model, *provider;   /* NULL: any */
	json_t *items;
};

static int list_one(void *arg, const struct price_row *row)
{
	struct listing *l = arg;

	if ((l->model == NULL || strcmp(l->model, row->model) == 0) &&
	    (l->provider == NULL || strcmp(l->provider, row->provider) == 0))
		json_array_append_new(l->items, price_shown(row));
	return 0;
}

int prices_list(struct admin_request *r, struct err *err)
{
	struct listing l = {r->query(r, "model"), r->query(r, "provider"), json_array()};

	if (price_list(r->admin->db, list_one, &l, err) < 0) {
		json_decref(l.items);
		return err->code;
	}
	return request_answer_list(r, l.items, "model", err);
}

/* -- the price that holds ------------------------------------------------------------------------ */

/* The row of the same model, provider and tier at a time; id 0: none. */
static int read_holding(struct change *c, const struct price_row *wanted, int64_t at_ms, struct price_row *ret,
			struct err *err)
{
	int64_t id = 0;

	if (price_holding(c->db, wanted->provider, wanted->model, wanted->above_input, at_ms, &id, err) < 0)
		return err->code;
	return id != 0 ? price_get_by_id(c->db, id, ret, err) : 0;
}

static bool same_amounts(const struct price_row *a, const struct price_row *b)
{
	return memcmp(a->nusd_per_m, b->nusd_per_m, sizeof(a->nusd_per_m)) == 0 && a->request_nusd == b->request_nusd;
}

/* -- setting ------------------------------------------------------------------------------------- */

static int read_amount(json_t *body, const char *name, int64_t *ret, struct err *err)
{
	*ret = STORE_NONE;
	if (json_read_money(body, name, ret, err) < 0)
		return ERR_INVALID;
	if (*ret != STORE_NONE && (*ret < 0 || *ret > PRICE_MAX_NUSD))
		return err_set(err, ERR_INVALID, "%s: expected 0 to 100000 USD per million", name);
	return 0;
}

static int read_amounts(json_t *body, struct price_row *row, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (read_amount(body, units[i].name, &row->nusd_per_m[units[i].field], err) < 0)
			return ERR_INVALID;
		any |= row->nusd_per_m[units[i].field] != STORE_NONE;
	}
	if (read_amount(body, "request_usd", &row->request_nusd, err) < 0)
		return ERR_INVALID;
	if (!any && row->request_nusd == STORE_NONE)
		return err_set(err, ERR_INVALID, "input: a price needs at least one amount, in USD per million tokens");
	return 0;
}

static bool is_provider(struct db *db, const char *name, size_t len)
{
	struct provider_row row = {0};
	struct err ignored = {0};
	char text[65];
	bool found;

	if (len == 0 || len >= sizeof(text))
		return false;
	copy_text(text, len + 1, name);
	found = provider_get(db, text, &row, &ignored) == 0;
	provider_release(&row);
	return found;
}

json_t *price_names_apart(struct db *db, json_t *body)
{
	const char *model = json_text_peek(body, "model"), *provider = json_text_peek(body, "provider");
	const char *slash = model != NULL ? strchr(model, '/') : NULL;
	json_t *apart;

	if (slash == NULL || (provider != NULL && *provider != '\0') || !is_provider(db, model, (size_t)(slash - model)))
		return json_incref(body);
	apart = json_copy(body);
	json_add(apart, "provider", json_stringn(model, (size_t)(slash - model)));
	json_add_text(apart, "model", slash + 1);
	return apart;
}

/* by_whom: the source, where the body does not name one. */
static int read_names(json_t *body, const char *by_whom, struct price_row *row, struct err *err)
{
	const char *model = NULL, *provider = "", *source = by_whom;

	if (json_read_text(body, "model", &model, err) < 0 || json_read_text(body, "provider", &provider, err) < 0 ||
	    json_read_text(body, "source", &source, err) < 0)
		return ERR_INVALID;
	if (model == NULL || !text_is_model(model))
		return err_set(err, ERR_INVALID, "model: expected a model's name such as gpt-5");
	if (*provider != '\0' && !text_is_name(provider))
		return err_set(err, ERR_INVALID, "provider: expected a provider's name, or null for any");
	if (strlen(source) > 64)
		return err_set(err, ERR_INVALID, "source: at most 64 characters");
	if (source != by_whom && text_starts(source, PRICE_CATALOGUE))
		return err_set(err, ERR_INVALID, "source: \"%s\" is said of prices that come with tollgate; leave it out", source);
	row->model = xstrdup(model);
	row->provider = xstrdup(provider);
	row->source = xstrdup(source);
	return 0;
}

/* A price without a date holds from the beginning when it is the model's first, else from now: what was
 * charged under the old one stays charged under it.  Rows of one change (a base and its tiers in a
 * file) begin together. */
static int default_date(struct change *c, struct price_row *row, struct err *err)
{
	int64_t from, created;

	if (price_newest(c->db, row->provider, row->model, c->now_ms, &from, &created, err) < 0)
		return err->code;
	row->from_at = from == INT64_MIN ? 0 : created == c->now_ms ? from : c->now_ms;
	return 0;
}

int price_read(json_t *body, const char *by_whom, int64_t now_ms, struct price_row *row, struct err *err)
{
	static const char *const members[] = {
		"model",	  "provider",  "from",        "above_input", "input",        "output",      "cache_read", "cache_write",
		"cache_write_1h", "reasoning", "input_audio", "input_image", "output_audio", "output_image", "request_usd", "source",
		NULL};

	row->created_at = now_ms;
	row->from_at = STORE_NONE;
	if (json_check_members(body, members, err) < 0 || read_names(body, by_whom, row, err) < 0 ||
	    json_read_int(body, "above_input", 0, INT64_C(1000000000), &row->above_input, err) < 0 ||
	    read_amounts(body, row, err) < 0 || json_read_time(body, "from", now_ms, &row->from_at, err) < 0)
		return ERR_INVALID;
	return 0;
}

static int read_row(struct change *c, json_t *body, struct price_row *row, struct price_row *ret_holding,
		    struct err *err)
{
	if (price_read(body, strcmp(c->via, "config") == 0 ? "config" : "admin", c->now_ms, row, err) < 0)
		return ERR_INVALID;
	if (read_holding(c, row, row->from_at != STORE_NONE ? row->from_at : c->now_ms, ret_holding, err) < 0)
		return err->code;
	return row->from_at == STORE_NONE ? default_date(c, row, err) : 0;
}

static int put_row(struct change *c, struct price_row *row, struct err *err)
{
	int64_t announced = row->from_at > c->now_ms ? row->from_at : c->now_ms;
	int rc = price_put(c->db, row, err);

	if (rc == 0)
		rc = price_drop_announced(c->db, row->provider, row->model, announced, err);
	return rc == 0 ? price_carry(c->db, row->provider, row->model, row->above_input, row->from_at, err) : rc;
}

/* The price that holds already, said again, begins no new one; but who says what the catalogue says is meant to
 * be heard when the next one says something else. */
static bool is_said_again(const struct price_row *row, const struct price_row *holding)
{
	return holding->id != 0 && !price_is_catalogue(holding) && same_amounts(holding, row);
}

/* A price that loses its other half makes costs unknown, and refuses the calls of every budget: whoever
 * means that says null. */
static int check_halves(const struct change *c, const json_t *body, const struct price_row *holding, struct err *err)
{
	static const enum usage_field halves[] = {USAGE_INPUT, USAGE_OUTPUT};
	static const char *const names[] = {"input", "output"};

	for (size_t i = 0; i < ARRAY_LEN(halves) && c->request != NULL && holding->id != 0; i++)
		if (holding->nusd_per_m[halves[i]] != STORE_NONE && json_object_get(body, names[i]) == NULL)
			return err_set(err, ERR_INVALID, "%s: the price that holds has one; say it too, or null for none", names[i]);
	return 0;
}

/* "price openai/gpt-5", "price gpt-5" where it is anybody's. */
static void name_price(struct change *c, const struct price_row *row)
{
	char name[ADMIN_NAME];

	snprintf(name, sizeof(name), "%s%s%s", row->provider, *row->provider != '\0' ? "/" : "", row->model);
	change_names(c, "price", name);
}

int price_set(struct change *c, struct err *err)
{
	struct price_row row = {0}, holding = {0};
	const struct price_row *now = &row;
	json_t *body = price_names_apart(c->db, c->body);
	char id[24];
	int rc = read_row(c, body, &row, &holding, err);

	if (rc == 0)
		rc = check_halves(c, body, &holding, err);
	json_decref(body);
	if (rc == 0) {
		name_price(c, &row);
		if (json_object_get(c->body, "from") == NULL && is_said_again(&row, &holding))
			now = &holding;
		else
			rc = put_row(c, &row, err);
	}
	if (rc == 0) {
		c->before = holding.id != 0 ? price_body(&holding) : NULL;
		c->after = price_body(now);
		snprintf(id, sizeof(id), "%lld", (long long)now->id);
		copy_text(c->shown, sizeof(c->shown), id);
	}
	price_release(&holding);
	price_release(&row);
	return rc;
}

/* -- taking over a file -------------------------------------------------------------------------- */

static int import_one(struct change *c, json_t *body, int64_t *imported, int64_t *unchanged, struct err *err)
{
	struct price_row row = {0};
	struct price_row holding = {0};
	int rc = read_row(c, body, &row, &holding, err);

	if (rc == 0 && is_said_again(&row, &holding)) {
		(*unchanged)++;
	} else if (rc == 0) {
		rc = put_row(c, &row, err);
		(*imported)++;
	}
	price_release(&holding);
	price_release(&row);
	return rc;
}

int price_import(struct change *c, struct err *err)
{
	const struct admin_request *r = c->request;
	int64_t imported = 0, unchanged = 0, skipped = 0;
	const char *format;
	json_t *prices, *price;
	size_t i;
	int rc;

	if (query_word(r, "format", price_formats, &format, err) < 0)
		return ERR_INVALID;
	prices = price_file_read(c->db, format != NULL ? format : price_formats[0], r->text, r->text_len, &skipped, err);
	if (prices == NULL)
		return err->code;
	change_names(c, "price", format != NULL ? format : price_formats[0]);
	json_array_foreach(prices, i, price) {
		struct err one = {0};

		rc = import_one(c, price, &imported, &unchanged, &one);
		/* One line that is wrong costs that line; trouble with the database costs all. */
		if (rc == ERR_INVALID) {
			skipped++;
		} else if (rc < 0) {
			json_decref(prices);
			return err_set(err, one.code, "%s", one.text);
		}
	}
	json_decref(prices);
	c->show = NULL;
	c->extra = json_object();
	json_add_int(c->extra, "imported", imported);
	json_add_int(c->extra, "unchanged", unchanged);
	json_add_int(c->extra, "skipped", skipped);
	c->after = json_incref(c->extra);
	return 0;
}
