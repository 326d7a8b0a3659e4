/* SPDX-License-Identifier: MIT */
/* Who changed what is shown, and a change taken back, here. */
#include <stdlib.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "admin/objects.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/store.h"

#define AUDIT_LIMIT 100
#define AUDIT_LIMIT_MAX 1000

/*
 * How each family's `before` is put back.  left_out: what the audit shows and the function does not
 * take.  Revoking is for good and a deleted team's keys are revoked, so these have no way back.
 */
static const struct undo {
	const char *family, *action;
	json_t *(*show)(struct admin *, const char *name, struct err *);
	change_fn *put;                 /* what was there and was changed */
	change_fn *remove;              /* what was not there and was made; NULL: is not undone */
	change_fn *create;              /* what was there and was removed; NULL: likewise */
	json_t *(*now)(struct change *, const char *name, struct err *);
	const char *left_out[4];
} undos[];

/* -- the list ------------------------------------------------------------------------------------ */

static const struct undo *undo_of(const struct audit_row *row)
{
	size_t len = strcspn(row->object, " ");

	if (row->refused != NULL || row->object[len] == '\0')
		return NULL;
	for (const struct undo *u = undos; u->family != NULL; u++)
		if (strlen(u->family) == len && strncmp(u->family, row->object, len) == 0)
			return u;
	return NULL;
}

static change_fn *function_of(const struct audit_row *row)
{
	const struct undo *u = undo_of(row);

	if (u == NULL || strstr(row->action, "revoke") != NULL || strstr(row->action, "rotate") != NULL)
		return NULL;
	if (row->before != NULL)
		return row->after != NULL ? u->put : u->create;
	return row->after != NULL ? u->remove : NULL;
}

static json_t *row_json(const struct audit_row *row)
{
	json_t *item = json_object();

	json_add_int(item, "id", row->id);
	json_add_time(item, "at", row->at);
	json_add_text(item, "who", row->user_name);
	json_add_int(item, "uid", row->uid);
	json_add_int(item, "pid", row->pid);
	json_add_text(item, "via", row->via);
	json_add_text(item, "action", row->action);
	json_add_text(item, "object", row->object);
	field_add_json(item, "before", row->before);
	field_add_json(item, "after", row->after);
	json_add_text(item, "reason", row->reason);
	json_add_text(item, "refused", row->refused);
	json_add_bool(item, "undoable", function_of(row) != NULL);
	return item;
}

static int add_item(void *arg, const struct audit_row *row)
{
	json_array_append_new(arg, row_json(row));
	return 0;
}

json_t *audit_newest(struct admin *a, int limit, struct err *err)
{
	json_t *items = json_array();

	if (audit_list(a->db, NULL, NULL, NULL, 0, limit, add_item, items, err) < 0) {
		json_decref(items);
		return NULL;
	}
	return items;
}

/* The cursor is the id of the last row that was seen. */
int audit_answer(struct admin_request *r, struct err *err)
{
	int64_t cursor = 0, limit = AUDIT_LIMIT;
	json_t *items = json_array(), *next = NULL;
	int rc = query_int(r, "cursor", 0, INT64_MAX, &cursor, err);

	if (rc == 0)
		rc = query_int(r, "limit", 1, AUDIT_LIMIT_MAX, &limit, err);
	if (rc == 0)
		rc = audit_list(r->admin->db, r->query(r, "object"), r->query(r, "action"), r->query(r, "who"), cursor,
				(int)limit, add_item, items, err);
	if (rc < 0) {
		json_decref(items);
		return rc;
	}
	if (json_array_size(items) == (size_t)limit)
		next = json_sprintf("%lld",
				    (long long)json_int_peek(json_array_get(items, (size_t)limit - 1), "id", 0));
	r->answer = json_object();
	json_add(r->answer, "next_cursor", next);
	json_add(r->answer, "items", items);
	json_add_int(r->answer, "generation", admin_generation(r->admin));
	return 0;
}

/* -- undo ---------------------------------------------------------------------------------------- */

static json_t *team_now(struct change *c, const char *name, struct err *err)
{
	struct team_row row = {0};
	json_t *body = team_get(c->db, name, &row, err) == 0 ? team_body(c->db, &row, err) : NULL;

	team_release(&row);
	return body;
}

static json_t *key_now(struct change *c, const char *name, struct err *err)
{
	struct key_row row = {0};
	json_t *body = key_get(c->db, name, &row, err) == 0 ? key_body(c->db, &row, err) : NULL;

	key_release(&row);
	return body;
}

static json_t *provider_now(struct change *c, const char *name, struct err *err)
{
	struct provider_row row = {0};
	json_t *body = provider_get(c->db, name, &row, err) == 0 ? provider_body(c->db, &row, err) : NULL;

	provider_release(&row);
	return body;
}

static json_t *chain_now(struct change *c, const char *name, struct err *err)
{
	struct chain_row row = {0};
	json_t *body = chain_get(c->db, name, &row, err) == 0 ? chain_body(&row) : NULL;

	chain_release(&row);
	return body;
}

static const struct undo undos[] = {
	{"team", "team.undo", team_show, team_patch, NULL, NULL, team_now, {"name"}},
	{"key", "key.undo", key_show, key_patch, NULL, NULL, key_now, {"team", "prefix"}},
	{"provider", "provider.undo", provider_show, provider_patch, provider_remove, NULL, provider_now,
	 {"name", "kind", "credential"}},
	{"chain", "chain.undo", chain_show, chain_put, chain_remove, chain_put, chain_now, {NULL}},
	{"gateway", "gateway.undo", gateway_show, gateway_patch, NULL, NULL, NULL, {NULL}},
	/* A price is put back as of now: what was charged meanwhile stays as it was charged.  It is then the word
	 * of whoever put it back. */
	{"price", "price.undo", price_show, price_set, NULL, NULL, NULL, {"from", "source"}},
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, {NULL}},
};

static void leave_out(json_t *body, const struct undo *u)
{
	for (size_t i = 0; i < ARRAY_LEN(u->left_out) && u->left_out[i] != NULL; i++)
		json_object_del(body, u->left_out[i]);
}

/* Whoever changed it since then does not lose it to somebody's undo. */
static int check_unchanged(struct change *c, const struct undo *u, const struct audit_row *row, const char *name,
			   struct err *err)
{
	json_t *left, *now;
	struct err ignored = {0};
	bool same;

	if (u->now == NULL)
		return 0;
	left = row->after != NULL ? json_loads(row->after, 0, NULL) : NULL;
	now = u->now(c, name, &ignored);
	if (left != NULL)
		leave_out(left, u);
	if (now != NULL)
		leave_out(now, u);
	same = left != NULL ? now != NULL && json_equal(left, now) : now == NULL;
	json_decref(left);
	json_decref(now);
	if (same)
		return 0;
	return err_set(err, ERR_CONFLICT, "%s was changed since then; look at its newest entries in the audit first",
		       row->object);
}

/* Runs the family's function with what was before as its body. */
static int put_back(struct change *c, const struct audit_row *row, struct err *err)
{
	const struct undo *u = undo_of(row);
	const char *name = strchr(row->object, ' ') + 1, *given_name = c->name;
	json_t *given_body = c->body;
	int rc = check_unchanged(c, u, row, name, err);

	if (rc < 0)
		return rc;
	c->body = row->before != NULL ? json_loads(row->before, 0, NULL) : json_object();
	leave_out(c->body, u);
	c->name = name;
	c->action = u->action;
	c->show = u->show;
	c->expect = CHANGE_ANY;
	c->exact = true;
	rc = function_of(row)(c, err);
	json_decref(c->body);
	c->body = given_body;
	c->name = given_name;
	return rc;
}

int audit_undo(struct change *c, struct err *err)
{
	struct audit_row row = {0};
	char *end;
	int64_t id = strtoll(c->name, &end, 10);
	int rc;

	if (*c->name == '\0' || *end != '\0' || audit_get(c->db, id, &row, err) < 0)
		return err_set(err, ERR_NOT_FOUND, "no audit entry %.40s", c->name);
	if (function_of(&row) == NULL)
		rc = err_set(err, ERR_CONFLICT, "%s of %s cannot be undone", row.action, row.object);
	else
		rc = put_back(c, &row, err);
	audit_release(&row);
	return rc;
}
