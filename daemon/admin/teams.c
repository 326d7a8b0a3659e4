/* SPDX-License-Identifier: MIT */
/* Teams are listed, made and changed here. */
#include <stdlib.h>
#include <string.h>

#include "admin/budgets.h"
#include "admin/change.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "admin/figures.h"
#include "admin/object_change.h"
#include "admin/objects.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "store/store.h"

#define NOTE_MAX 2000
#define FIELDS                                                                                               \
	"budget", "budget_mode", "budgets", "models", "rpm", "tpm", "parallel", "markup_percent",               \
		"allow_unpriced", "note", "blocked", "blocked_reason"

/* -- showing ------------------------------------------------------------------------------------- */

json_t *team_body(struct db *db, const struct team_row *row, struct err *err)
{
	json_t *body = json_object();

	json_add_text(body, "name", row->name);
	json_add_bool(body, "blocked", row->blocked);
	json_add_text(body, "blocked_reason", row->blocked_reason);
	field_add_models(body, row->models);
	field_add_limits(body, row->rpm, row->tpm, row->parallel);
	field_add_markup(body, row->markup_ppm);
	json_add_bool(body, "allow_unpriced", row->allow_unpriced);
	json_add_text(body, "note", row->note);
	if (budgets_add_body(db, "team", row->id, body, err) < 0) {
		json_decref(body);
		return NULL;
	}
	return body;
}

static json_t *show(struct admin *a, const struct team_row *row, struct figures *figures, struct err *err)
{
	json_t *team = team_body(a->db, row, err), *budgets;

	if (team == NULL)
		return NULL;
	budgets = budgets_show(a, "team", row->id, err);
	if (budgets == NULL) {
		json_decref(team);
		return NULL;
	}
	json_object_del(team, "budget");
	json_object_del(team, "budget_mode");
	json_add(team, "budgets", budgets);
	figures_add(figures, row->id, team);
	json_add_int(team, "revision", row->revision);
	json_add_time(team, "created_at", row->created_at);
	return team;
}

json_t *team_show(struct admin *a, const char *name, struct err *err)
{
	struct team_row row = {0};
	struct figures figures;
	json_t *team = NULL;

	if (team_get(a->db, name, &row, err) < 0)
		return NULL;
	if (figures_read(&figures, a, SPEND_OF_TEAMS, err) == 0)
		team = show(a, &row, &figures, err);
	figures_release(&figures);
	team_release(&row);
	return team;
}

struct listing {
	struct admin *admin;
	struct figures figures;
	json_t *items;
	struct err *err;
};

static int list_one(void *arg, const struct team_row *row)
{
	struct listing *l = arg;
	json_t *team = show(l->admin, row, &l->figures, l->err);

	if (team == NULL)
		return l->err->code;
	json_array_append_new(l->items, team);
	return 0;
}

int teams_list(struct admin_request *r, struct err *err)
{
	struct listing l = {.admin = r->admin, .err = err};
	int rc;

	admin_flush(r->admin);
	rc = figures_read(&l.figures, r->admin, SPEND_OF_TEAMS, err);
	l.items = json_array();
	if (rc == 0)
		rc = team_list(r->admin->db, false, list_one, &l, err);
	figures_release(&l.figures);
	if (rc < 0) {
		json_decref(l.items);
		return rc;
	}
	return request_answer_list(r, l.items, "name", err);
}

/* -- changing ------------------------------------------------------------------------------------ */

/* Everything but the name. */
static int read_body(struct change *c, struct object *o, struct err *err)
{
	struct team_row *row = &o->team;
	int rc = field_models(c->body, &row->models, err);

	if (rc == 0)
		rc = field_limits(c->body, &row->rpm, &row->tpm, &row->parallel, err);
	if (rc == 0)
		rc = field_markup(c->body, &row->markup_ppm, err);
	if (rc == 0)
		rc = json_read_bool(c->body, "allow_unpriced", &row->allow_unpriced, err);
	if (rc == 0)
		rc = field_text(c->body, "note", NOTE_MAX, &row->note, err);
	if (rc == 0)
		rc = json_read_bool(c->body, "blocked", &row->blocked, err);
	if (rc == 0)
		rc = field_text(c->body, "blocked_reason", NOTE_MAX, &row->blocked_reason, err);
	return rc;
}

static int get(struct db *db, const char *name, struct object *ret, struct err *err)
{
	int rc = team_get(db, name, &ret->team, err);

	ret->id = ret->team.id;
	ret->revision = ret->team.revision;
	return rc;
}

static int update(struct db *db, const struct object *o, struct err *err)
{
	return team_update(db, &o->team, err);
}

static void release(struct object *o)
{
	team_release(&o->team);
}

static json_t *body(struct db *db, const struct object *o, struct err *err)
{
	return team_body(db, &o->team, err);
}

static const char *const members[] = {FIELDS, NULL};
static const struct object_family teams = {"team", members, get, update, release, body, read_body, NULL};

int team_create(struct change *c, struct err *err)
{
	static const char *const of_new[] = {"name", FIELDS, NULL};
	struct object o = {.team = {.rpm = STORE_NONE,
				    .tpm = STORE_NONE,
				    .parallel = STORE_NONE,
				    .created_at = c->now_ms,
				    .deleted_at = STORE_NONE,
				    .revision = 1}};
	const char *name = NULL;
	int rc;

	if (json_check_members(c->body, of_new, err) < 0 || json_read_text(c->body, "name", &name, err) < 0)
		return ERR_INVALID;
	if (name == NULL || !text_is_name(name))
		return err_set(err, ERR_INVALID,
			       "name: expected 1 to 64 letters, digits, dots, dashes or underscores, such as search");
	change_names(c, "team", name);
	o.team.name = xstrdup(name);
	rc = read_body(c, &o, err);
	if (rc == 0)
		rc = team_insert(c->db, &o.team, err);
	if (rc == 0)
		rc = object_inserted(c, &teams, &o, o.team.id, err);
	release(&o);
	return rc;
}

int team_patch(struct change *c, struct err *err)
{
	return object_patch(c, &teams, err);
}

int team_remove(struct change *c, struct err *err)
{
	struct object o = {0};
	int rc = object_begin(c, &teams, &o, err);

	if (rc == 0)
		rc = team_delete(c->db, o.id, c->now_ms, err);
	release(&o);
	return rc;
}

static int set_blocked(struct change *c, struct object *o, const void *arg, struct err *err)
{
	struct team_row *row = &o->team;

	(void)err;
	row->blocked = arg != NULL;
	free(row->blocked_reason);
	row->blocked_reason = row->blocked && c->reason != NULL ? xstrdup(c->reason) : NULL;
	return 0;
}

int team_block(struct change *c, struct err *err)
{
	return object_change(c, &teams, set_blocked, "blocked", err);
}

int team_unblock(struct change *c, struct err *err)
{
	return object_change(c, &teams, set_blocked, NULL, err);
}
