/* SPDX-License-Identifier: MIT */
/* Keys are listed, made, rotated and revoked here. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/budgets.h"
#include "admin/change.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "admin/figures.h"
#include "admin/object_change.h"
#include "admin/objects.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/overview_store.h"
#include "store/store.h"

#define NOTE_MAX 2000
#define SECRET_PREFIX "sk-tg-"
#define SECRET_CHARS 40
#define ID_PREFIX "key_"
#define ID_CHARS 12
/* What a secret is recognised by: its prefix and four of its characters. */
#define SHOWN_CHARS 10

#define FIELDS "name", "budget", "budget_mode", "budgets", "expires", "models", "rpm", "tpm", "parallel", "note", "state",     \
		"state_reason"

/* -- showing ------------------------------------------------------------------------------------- */

static bool is_expired(const struct key_row *row)
{
	return row->expires_at != STORE_NONE && row->expires_at <= clock_wall_ms();
}

static const char *shown_state(const struct key_row *row)
{
	return strcmp(row->state, "active") == 0 && is_expired(row) ? "expired" : row->state;
}

json_t *key_body(struct db *db, const struct key_row *row, struct err *err)
{
	json_t *body = json_object();

	json_add_text(body, "team", row->team_name);
	json_add_text(body, "name", row->name);
	field_add_time(body, "expires", row->expires_at);
	field_add_models(body, row->models);
	field_add_limits(body, row->rpm, row->tpm, row->parallel);
	json_add_text(body, "note", row->note);
	json_add_text(body, "state", row->state);
	json_add_text(body, "state_reason", row->state_reason);
	if (budgets_add_body(db, "key", row->id, body, err) < 0) {
		json_decref(body);
		return NULL;
	}
	return body;
}

/* For the audit, where the secret's beginning matters, too. */
static json_t *audit_body(struct db *db, const struct object *o, struct err *err)
{
	json_t *body = key_body(db, &o->key, err);

	if (body != NULL)
		json_add_text(body, "prefix", o->key.prefix);
	return body;
}

static json_t *show(struct admin *a, const struct key_row *row, const struct figures *figures, struct err *err)
{
	json_t *key = json_object(), *budgets = budgets_show(a, "key", row->id, err);
	int64_t last_used = 0;

	if (budgets == NULL || overview_last_call(a->db, row->id, &last_used, err) < 0) {
		json_decref(budgets);
		json_decref(key);
		return NULL;
	}
	json_add_text(key, "id", row->public_id);
	json_add_text(key, "name", row->name);
	json_add_text(key, "team", row->team_name);
	json_add_text(key, "prefix", row->prefix);
	json_add_text(key, "state", shown_state(row));
	json_add_text(key, "state_reason", row->state_reason);
	field_add_time(key, "expires_at", row->expires_at);
	field_add_models(key, row->models);
	field_add_limits(key, row->rpm, row->tpm, row->parallel);
	json_add_text(key, "note", row->note);
	json_add(key, "budgets", budgets);
	figures_add(figures, row->id, key);
	json_add_time(key, "last_used_at", last_used);
	json_add_int(key, "revision", row->revision);
	json_add_time(key, "created_at", row->created_at);
	field_add_time(key, "revoked_at", row->revoked_at);
	return key;
}

json_t *key_show(struct admin *a, const char *id, struct err *err)
{
	struct key_row row = {0};
	struct figures figures;
	json_t *key = NULL;

	if (key_get(a->db, id, &row, err) < 0)
		return NULL;
	if (figures_read(&figures, a, SPEND_OF_KEYS, err) == 0)
		key = show(a, &row, &figures, err);
	figures_release(&figures);
	key_release(&row);
	return key;
}

/* -- the list ------------------------------------------------------------------------------------ */

struct listing {
	struct admin *admin;
	struct figures figures;
	const char *team, *state, *hash;        /* filters; NULL: any */
	json_t *items;
	struct err *err;
};

static bool is_wanted(const struct listing *l, const struct key_row *row)
{
	char hex[HASH_HEX];

	if (l->team != NULL && strcmp(l->team, row->team_name) != 0)
		return false;
	if (l->state != NULL && strcmp(l->state, shown_state(row)) != 0)
		return false;
	return l->hash == NULL || strcasecmp(l->hash, hash_hex(row->hash, hex)) == 0 ||
	       (row->has_previous && strcasecmp(l->hash, hash_hex(row->previous_hash, hex)) == 0);
}

static int list_one(void *arg, const struct key_row *row)
{
	struct listing *l = arg;
	json_t *key;

	if (!is_wanted(l, row))
		return 0;
	key = show(l->admin, row, &l->figures, l->err);
	if (key == NULL)
		return l->err->code;
	json_array_append_new(l->items, key);
	return 0;
}

int keys_list(struct admin_request *r, struct err *err)
{
	static const char *const states[] = {"active", "blocked", "revoked", "expired", NULL};
	struct listing l = {.admin = r->admin, .team = r->query(r, "team"), .hash = r->query(r, "hash"), .err = err};
	int rc = query_word(r, "state", states, &l.state, err);

	if (rc < 0)
		return rc;
	admin_flush(r->admin);
	rc = figures_read(&l.figures, r->admin, SPEND_OF_KEYS, err);
	l.items = json_array();
	if (rc == 0)
		rc = key_list(r->admin->db, list_one, &l, err);
	figures_release(&l.figures);
	if (rc < 0) {
		json_decref(l.items);
		return rc;
	}
	return request_answer_list(r, l.items, "name", err);
}

/* -- changing ------------------------------------------------------------------------------------ */

static void make_secret(struct change *c, struct key_row *row)
{
	char prefix[SHOWN_CHARS + 1];

	_Static_assert(sizeof(SECRET_PREFIX) + SECRET_CHARS <= sizeof(c->secret), "the secret has no room");
	id_random(c->secret, SECRET_PREFIX, SECRET_CHARS);
	hash_sha256(c->secret, strlen(c->secret), row->hash);
	copy_text(prefix, sizeof(prefix), c->secret);
	free(row->prefix);
	row->prefix = xstrdup(prefix);
}

static void set_state(struct key_row *row, const char *state, const char *reason)
{
	free(row->state);
	free(row->state_reason);
	row->state = xstrdup(state);
	row->state_reason = reason != NULL ? xstrdup(reason) : NULL;
}

static int read_state(struct change *c, struct key_row *row, struct err *err)
{
	const char *state = NULL, *reason = c->reason;

	if (json_read_text(c->body, "state", &state, err) < 0 ||
	    json_read_text(c->body, "state_reason", &reason, err) < 0)
		return ERR_INVALID;
	if (state == NULL || strcmp(state, row->state) == 0)
		return 0;
	if (strcmp(state, "active") != 0 && strcmp(state, "blocked") != 0)
		return err_set(err, ERR_INVALID, "state: expected active or blocked (revoking is a request of its own)");
	set_state(row, state, reason);
	return 0;
}

static int read_body(struct change *c, struct object *o, struct err *err)
{
	struct key_row *row = &o->key;
	int rc = field_text(c->body, "name", 64, &row->name, err);

	if (rc == 0 && (row->name == NULL || !text_is_name(row->name)))
		rc = err_set(err, ERR_INVALID,
			     "name: expected 1 to 64 letters, digits, dots, dashes or underscores, such as ci-batch");
	if (rc == 0)
		rc = field_expiry(c->body, "expires", c->now_ms, &row->expires_at, err);
	if (rc == 0)
		rc = field_models(c->body, &row->models, err);
	if (rc == 0)
		rc = field_limits(c->body, &row->rpm, &row->tpm, &row->parallel, err);
	if (rc == 0)
		rc = field_text(c->body, "note", NOTE_MAX, &row->note, err);
	if (rc == 0)
		rc = read_state(c, row, err);
	return rc;
}

/* What a member names is not there: the sentence of whoever looked, but the body is at fault. */
static int refer(struct err *err, const char *member)
{
	err_wrap(err, "%s", member);
	err->code = ERR_INVALID;
	return ERR_INVALID;
}

static int find_team(struct change *c, struct key_row *row, struct err *err)
{
	struct team_row team = {0};
	const char *name = NULL;

	if (json_read_text(c->body, "team", &name, err) < 0)
		return ERR_INVALID;
	if (name == NULL)
		return err_set(err, ERR_INVALID, "team: a key belongs to a team; say which");
	if (team_get(c->db, name, &team, err) < 0)
		return err->code == ERR_NOT_FOUND ? refer(err, "team") : err->code;
	row->team_id = team.id;
	row->team_name = xstrdup(team.name);
	team_release(&team);
	return 0;
}

static int get(struct db *db, const char *name, struct object *ret, struct err *err)
{
	int rc = key_get(db, name, &ret->key, err);

	ret->id = ret->key.id;
	ret->revision = ret->key.revision;
	return rc;
}

static int update(struct db *db, const struct object *o, struct err *err)
{
	return key_update(db, &o->key, err);
}

static void release(struct object *o)
{
	key_release(&o->key);
}

/* It is asked for by id, by name or by team/name, and called by its id.  A revoked one stays as it is. */
static int check(struct change *c, const struct object *o, struct err *err)
{
	change_names(c, "key", o->key.public_id);
	if (strcmp(o->key.state, "revoked") == 0)
		return err_set(err, ERR_CONFLICT, "%s is revoked, for good; create another", c->object);
	return 0;
}

static const char *const members[] = {FIELDS, NULL};
static const struct object_family keys = {"key", members, get, update, release, audit_body, read_body, check};

static int make(struct change *c, struct object *o, struct err *err)
{
	char id[sizeof(ID_PREFIX) + ID_CHARS];
	struct key_row *row = &o->key;
	int rc = find_team(c, row, err);

	id_random(id, ID_PREFIX, ID_CHARS);
	row->public_id = xstrdup(id);
	row->name = xstrdup(id);        /* unless the body has one */
	change_names(c, "key", id);
	if (rc == 0)
		rc = read_body(c, o, err);
	if (rc == 0) {
		make_secret(c, row);
		rc = key_insert(c->db, row, err);
	}
	/* A name that is taken: show who has it, not the key that is not there. */
	if (rc == ERR_CONFLICT)
		change_names(c, "key", row->name);
	return rc == 0 ? object_inserted(c, &keys, o, row->id, err) : rc;
}

int key_create(struct change *c, struct err *err)
{
	static const char *const of_new[] = {"team", FIELDS, NULL};
	struct object o = {.key = {.state = xstrdup("active"),
				   .expires_at = STORE_NONE,
				   .rpm = STORE_NONE,
				   .tpm = STORE_NONE,
				   .parallel = STORE_NONE,
				   .previous_until = STORE_NONE,
				   .revision = 1,
				   .created_at = c->now_ms,
				   .revoked_at = STORE_NONE}};
	int rc = json_check_members(c->body, of_new, err);

	if (rc == 0)
		rc = make(c, &o, err);
	release(&o);
	return rc;
}

int key_patch(struct change *c, struct err *err)
{
	return object_patch(c, &keys, err);
}

static int turn(struct change *c, struct object *o, const void *state, struct err *err)
{
	(void)err;
	set_state(&o->key, state, c->reason);
	if (strcmp(state, "revoked") == 0)
		o->key.revoked_at = c->now_ms;
	return 0;
}

int key_revoke(struct change *c, struct err *err)
{
	return object_change(c, &keys, turn, "revoked", err);
}

int key_block(struct change *c, struct err *err)
{
	return object_change(c, &keys, turn, "blocked", err);
}

int key_unblock(struct change *c, struct err *err)
{
	return object_change(c, &keys, turn, "active", err);
}

/* The old secret goes on working for the grace, if there is one, and is known as revoked afterwards. */
static int rotate(struct change *c, struct object *o, const void *arg, struct err *err)
{
	static const char *const of_rotation[] = {"grace", NULL};
	struct key_row *row = &o->key;
	int64_t grace_ms = 0;

	(void)arg;
	if (json_check_members(c->body, of_rotation, err) < 0 || json_read_duration(c->body, "grace", &grace_ms, err) < 0)
		return ERR_INVALID;
	memcpy(row->previous_hash, row->hash, sizeof(row->hash));
	row->has_previous = true;
	row->previous_until = c->now_ms + grace_ms;
	make_secret(c, row);
	return 0;
}

int key_rotate(struct change *c, struct err *err)
{
	return object_change(c, &keys, rotate, NULL, err);
}
