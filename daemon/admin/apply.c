/* SPDX-License-Identifier: MIT */
/*
 * The state as a file is made of the configuration's objects and put into the database here, through
 * the same functions as a person's change: seeds, export, diff and apply.
 *
 * diff runs the whole file inside a transaction that is rolled back, and notes what differed; apply
 * does so first and then runs what differed, each with its audit row, and publishes once.
 */
#include "admin/apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/change.h"
#include "admin/context.h"
#include "admin/corrections.h"
#include "admin/events.h"
#include "admin/objects.h"
#include "admin/prices.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/config.h"
#include "store/price_dates.h"
#include "store/store.h"

/* -- seeds --------------------------------------------------------------------------------------- */

static bool has_provider(struct db *db, json_t *object)
{
	struct provider_row row = {0};
	struct err ignored = {0};
	bool found = provider_get(db, json_text_peek(object, "name"), &row, &ignored) == 0;

	provider_release(&row);
	return found;
}

static bool has_chain(struct db *db, json_t *object)
{
	struct chain_row row = {0};
	struct err ignored = {0};
	bool found = chain_get(db, json_text_peek(object, "name"), &row, &ignored) == 0;

	chain_release(&row);
	return found;
}

static bool has_team(struct db *db, json_t *object)
{
	struct team_row row = {0};
	struct err ignored = {0};
	bool found = team_get(db, json_text_peek(object, "name"), &row, &ignored) == 0;

	team_release(&row);
	return found;
}

/* One that holds from a date of its own is another than the one before it. */
static bool has_price(struct db *db, json_t *object)
{
	json_t *apart = price_names_apart(db, object);
	const char *provider = json_text_peek(apart, "provider");
	struct price_row row = {0};
	struct err ignored = {0};
	int64_t id = 0, from_ms = STORE_NONE, above = json_int_peek(apart, "above_input", 0);
	const char *model = json_text_peek(apart, "model");
	bool found = false;

	provider = provider != NULL ? provider : "";
	json_read_time(apart, "from", clock_wall_ms(), &from_ms, &ignored);
	if (from_ms == STORE_NONE)
		price_is_set(db, provider, model, above, &found, &ignored);
	else if (price_holding(db, provider, model, above, from_ms, &id, &ignored) == 0 && id != 0)
		found = price_get_by_id(db, id, &row, &ignored) == 0 && row.from_at == from_ms && !price_is_catalogue(&row);
	price_release(&row);
	json_decref(apart);
	return found;
}

/* In the order in which they may name each other. */
static const struct family {
	const char *name, *plural, *key;
	change_fn *create;
	change_fn *put;                 /* of what is there */
	bool (*is_there)(struct db *, json_t *object);
	const char *create_action, *put_action;
} families[] = {
	{"provider", "providers", "name", provider_create, provider_patch, has_provider, "provider.create",
	 "provider.update"},
	{"chain", "chains", "name", chain_put, chain_put, has_chain, "chain.set", "chain.set"},
	{"team", "teams", "name", team_create, team_patch, has_team, "team.create", "team.update"},
	{"price", "prices", "model", price_set, price_set, has_price, "price.set", "price.set"},
};

static json_t *objects_of(const struct config *config, size_t family)
{
	json_t *const lists[] = {config->providers, config->chains, config->teams, config->prices};

	return lists[family];
}

static const struct peer the_daemon = {.pid = 0, .user = "config", .role = ROLE_ADMIN};

static int seed_one(struct db *db, const struct config *config, const struct family *f, json_t *object,
		    int64_t now_ms, struct err *err)
{
	struct change c = {
		.db = db,
		.home = config->settings.home,
		.now_ms = now_ms,
		.who = &the_daemon,
		.via = "config",
		.action = f->create_action,
		.name = "",
		.body = object,
		.expect = CHANGE_ANY,
	};
	const char *name = json_text_peek(object, f->key);
	int rc;

	if (name == NULL)
		return err_set(err, ERR_INVALID, "%s: %s: missing", f->plural, f->key);
	if (f->is_there(db, object))
		return 0;
	rc = change_run(&c, f->create, err);
	change_release(&c);
	return rc < 0 ? err_wrap(err, "%s: %s", f->plural, name) : 0;
}

int seed_missing(struct db *db, const struct config *config, struct err *err)
{
	int64_t now_ms = clock_wall_ms();
	json_t *object;
	size_t i;

	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		json_array_foreach(objects_of(config, f), i, object)
			if (seed_one(db, config, &families[f], object, now_ms, err) < 0)
				return err->code;
	return 0;
}

int admin_seed(struct db *db, const struct config *config, struct err *err)
{
	if (db_begin(db, err) < 0)
		return err->code;
	if (seed_missing(db, config, err) < 0) {
		db_rollback(db);
		return err->code;
	}
	return db_commit(db, err);
}

/* -- export -------------------------------------------------------------------------------------- */

/* What a file need not say: nothing, and what is so by itself. */
static void leave_out_defaults(json_t *body)
{
	static const struct {
		const char *member, *text;      /* text NULL: false */
	} defaults[] = {
		{"blocked", NULL},          {"allow_unpriced", NULL},     {"markup_percent", "0"},
		{"state", "enabled"},       {"budget_mode", "standard"},
	};
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(body, next, name, value)
		if (json_is_null(value))
			json_object_del(body, name);
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
		value = json_object_get(body, defaults[i].member);
		if (defaults[i].text == NULL ? json_is_false(value) :
					       json_is_string(value) && strcmp(json_string_value(value), defaults[i].text) == 0)
			json_object_del(body, defaults[i].member);
	}
	if (json_int_peek(body, "above_input", -1) == 0)
		json_object_del(body, "above_input");
}

struct exporting {
	struct db *db;
	json_t *items;
	struct err *err;
};

static int export_body(struct exporting *e, json_t *body)
{
	if (body == NULL)
		return e->err->code;
	leave_out_defaults(body);
	json_array_append_new(e->items, body);
	return 0;
}

static int export_provider(void *arg, const struct provider_row *row)
{
	struct exporting *e = arg;

	return export_body(e, provider_body(e->db, row, e->err));
}

static int export_chain(void *arg, const struct chain_row *row)
{
	return export_body(arg, chain_body(row));
}

static int export_team(void *arg, const struct team_row *row)
{
	struct exporting *e = arg;

	return export_body(e, team_body(e->db, row, e->err));
}

static int export_price(void *arg, const struct price_row *row)
{
	/* What comes with the program need not be in a file. */
	return price_is_catalogue(row) ? 0 : export_body(arg, price_body(row));
}

static bool same_text(const json_t *a, const json_t *b, const char *member)
{
	const char *x = json_text_peek(a, member), *y = json_text_peek(b, member);

	return x == y || (x != NULL && y != NULL && strcmp(x, y) == 0);
}

static bool is_dated(const json_t *price, const json_t *prices)
{
	const json_t *other;
	size_t i;

	json_array_foreach(prices, i, other)
		if (json_object_get(other, "from") != NULL && same_text(price, other, "model") &&
		    same_text(price, other, "provider"))
			return true;
	return false;
}

/* In a file a price without a date is today's: where others came after it, it says that it was the first. */
static void date_first_prices(json_t *prices)
{
	json_t *price;
	size_t i;

	json_array_foreach(prices, i, price)
		if (json_object_get(price, "from") == NULL && is_dated(price, prices))
			json_add_text(price, "from", "1970-01-01T00:00:00.000Z");
}

static int list_state(struct db *db, size_t family, json_t *items, struct err *err)
{
	struct exporting e = {db, items, err};

	switch (family) {
	case 0:
		return provider_list(db, export_provider, &e, err);
	case 1:
		return chain_list(db, export_chain, &e, err);
	case 2:
		return team_list(db, false, export_team, &e, err);
	}
	if (price_list(db, export_price, &e, err) < 0)
		return err->code;
	date_first_prices(items);
	return 0;
}

int state_export(struct admin_request *r, struct err *err)
{
	json_t *lists[ARRAY_LEN(families)] = {NULL};
	int rc = 0;

	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		lists[f] = json_array();
	for (size_t f = 0; rc == 0 && f < ARRAY_LEN(families); f++)
		rc = list_state(r->admin->db, f, lists[f], err);
	if (rc == 0)
		rc = config_write(lists[0], lists[1], lists[2], lists[3], &r->answer_text, err);
	if (rc == 0)
		r->content_type = "application/yaml";
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		json_decref(lists[f]);
	return rc;
}

/* -- diff and apply ------------------------------------------------------------------------------ */

struct applying {
	struct admin_request *request;
	struct config config;
	int64_t now_ms;         /* one for all of it */
	json_t *plan;           /* what differs, in the order in which it is changed */
	bool *differs;          /* by step: each object of the file, then each that goes; owned */
	size_t step, max_steps;
	bool doing;             /* the second time: with audit rows */
	json_t *done;           /* of the changes that were made: what events tell; owned */
};

/* What a file that does not say so means. What is switched live (state, blocked) and what may not be
 * in a file (a secret) is left as it is. */
static json_t *with_defaults(const struct family *f, json_t *object)
{
	static const char *const team[] = {"budget", "models", "rpm", "tpm", "parallel", "markup_percent", "note", NULL};
	static const char *const provider[] = {"budget", "models", "options", "base_url", NULL};
	const char *const *members = strcmp(f->name, "team") == 0 ? team : provider;
	json_t *body = json_deep_copy(object);

	if (strcmp(f->name, "chain") == 0 || strcmp(f->name, "price") == 0)
		return body;
	json_object_del(body, "name");
	for (; *members != NULL; members++)
		if (json_object_get(body, *members) == NULL &&
		    (strcmp(*members, "budget") != 0 || json_object_get(body, "budgets") == NULL))
			json_object_set_new(body, *members, json_null());
	if (strcmp(f->name, "team") == 0 && json_object_get(body, "allow_unpriced") == NULL)
		json_object_set_new(body, "allow_unpriced", json_false());
	return body;
}

static bool is_different(const struct change *c)
{
	if (c->secret_changed || c->before == NULL || c->after == NULL)
		return true;
	return !json_equal(c->before, c->after);
}

static void note_planned(struct applying *a, const struct change *c)
{
	json_t *item = json_object();

	json_add_text(item, "action", c->before == NULL ? "create" : c->after == NULL ? "delete" : "update");
	json_add_text(item, "object", c->object);
	json_add(item, "before", json_incref(c->before));
	json_add(item, "after", json_incref(c->after));
	json_array_append_new(a->plan, item);
}

/* json_incref() of NULL is NULL. */
static void note_done(struct applying *a, const struct change *c)
{
	json_t *item = json_object();

	json_add_int(item, "audit_id", c->audit_id);
	json_add_text(item, "action", c->action);
	json_add_text(item, "object", c->object);
	json_array_append_new(a->done, item);
}

static int step(struct applying *a, change_fn *fn, const char *action, const char *name, json_t *body,
		struct err *err)
{
	struct admin_request *r = a->request;
	struct change c = {
		.db = r->admin->db,
		.home = r->admin->options.settings->home,
		.now_ms = a->now_ms,
		.who = &r->peer,
		.via = change_via(r),
		.reason = r->query(r, "reason"),
		.action = action,
		.name = name,
		.body = body,
		.expect = CHANGE_ANY,
		.exact = true,
	};
	size_t number = a->step++;
	int rc = 0;

	if (a->doing && !a->differs[number])
		return 0;
	if (a->doing)
		rc = change_run(&c, fn, err);
	else
		rc = fn(&c, err);
	if (rc == 0 && a->doing) {
		note_done(a, &c);
	} else if (rc == 0 && is_different(&c)) {
		a->differs[number] = true;
		note_planned(a, &c);
	}
	change_release(&c);
	return rc;
}

static int step_object(struct applying *a, const struct family *f, json_t *object, struct err *err)
{
	bool is_there = f->is_there(a->request->admin->db, object);
	const char *name = json_text_peek(object, f->key);
	json_t *body;
	int rc;

	if (!is_there)
		return step(a, f->create, f->create_action, "", object, err);
	body = with_defaults(f, object);
	/* A kind that is said again is fine; another one is not the same provider. */
	if (strcmp(f->name, "provider") == 0)
		json_object_del(body, "kind");
	rc = step(a, f->put, f->put_action, strcmp(f->name, "price") == 0 ? "" : name, body, err);
	json_decref(body);
	return rc;
}

static bool names(json_t *list, const char *name)
{
	json_t *object;
	size_t i;

	json_array_foreach(list, i, object) {
		const char *text = json_text_peek(object, "name");

		if (text != NULL && strcmp(text, name) == 0)
			return true;
	}
	return false;
}

/* What the file does not name goes; prices stay, old calls are explained by them. */
static int step_removals(struct applying *a, size_t family, const json_t *there, change_fn *remove,
			 const char *action, struct err *err)
{
	json_t *object, *body = json_object();
	size_t i;
	int rc = 0;

	json_array_foreach((json_t *)there, i, object) {
		const char *name = json_text_peek(object, "name");

		if (rc == 0 && !names(objects_of(&a->config, family), name))
			rc = step(a, remove, action, name, body, err);
	}
	json_decref(body);
	return rc;
}

/* there: what was in the database before, by family, so that both times take the same steps. */
static int walk(struct applying *a, json_t *const there[], struct err *err)
{
	json_t *object;
	size_t i;
	int rc = 0;

	a->step = 0;
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		json_array_foreach(objects_of(&a->config, f), i, object)
			if (step_object(a, &families[f], object, err) < 0)
				return err_wrap(err, "%s: %s", families[f].plural,
						json_text_peek(object, families[f].key));
	rc = step_removals(a, 1, there[1], chain_remove, "chain.delete", err);
	if (rc == 0)
		rc = step_removals(a, 0, there[0], provider_remove, "provider.delete", err);
	if (rc == 0)
		rc = step_removals(a, 2, there[2], team_remove, "team.delete", err);
	return rc;
}

static int run(struct applying *a, json_t *const there[], bool apply, struct err *err)
{
	struct admin *admin = a->request->admin;
	int rc;

	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		a->max_steps += json_array_size(objects_of(&a->config, f)) + json_array_size(there[f]);
	a->differs = xcalloc(a->max_steps + 1, sizeof(*a->differs));
	rc = db_begin(admin->db, err);
	if (rc == 0)
		rc = walk(a, there, err);
	db_rollback(admin->db);
	if (rc < 0 || !apply || json_array_size(a->plan) == 0)
		return rc;

	a->doing = true;
	rc = db_begin(admin->db, err);
	if (rc == 0 && walk(a, there, err) < 0) {
		db_rollback(admin->db);
		return err->code;
	}
	return rc == 0 ? change_publish(admin, err) : rc;
}

static void tell(struct applying *a)
{
	json_t *item;
	size_t i;

	json_array_foreach(a->done, i, item) {
		struct change c = {.action = json_text_peek(item, "action"), .who = &a->request->peer};

		c.audit_id = json_int_peek(item, "audit_id", 0);
		copy_text(c.object, sizeof(c.object), json_text_peek(item, "object"));
		events_change(a->request->admin, &c);
	}
}

static int answer(struct admin_request *r, bool apply, struct err *err)
{
	struct applying a = {.request = r, .now_ms = clock_wall_ms(), .plan = json_array(), .done = json_array()};
	json_t *there[ARRAY_LEN(families)];
	int rc;

	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		there[f] = json_array();
	config_init(&a.config);
	rc = config_parse(&a.config, r->text, r->text_len, "the file", err);
	/* What the environment brings exists without being named. */
	if (rc == 0)
		config_add_from_environment(&a.config);
	for (size_t f = 0; rc == 0 && f < 3; f++)
		rc = list_state(r->admin->db, f, there[f], err);
	if (rc == 0)
		rc = run(&a, there, apply, err);
	if (rc == 0) {
		r->answer = json_object();
		json_add(r->answer, "plan", json_incref(a.plan));
		json_add(r->answer, "changes", json_incref(a.done));
		json_add_int(r->answer, "generation", admin_generation(r->admin));
		tell(&a);
		corrections_begin(r->admin, a.now_ms);
	}
	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		json_decref(there[f]);
	json_decref(a.plan);
	json_decref(a.done);
	free(a.differs);
	config_release(&a.config);
	return rc;
}

int state_diff(struct admin_request *r, struct err *err)
{
	return answer(r, false, err);
}

int state_apply(struct admin_request *r, struct err *err)
{
	return answer(r, !query_bool(r, "dry_run"), err);
}
