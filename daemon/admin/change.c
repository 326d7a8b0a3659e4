/* SPDX-License-Identifier: MIT */
/* A change goes from its request through transaction, audit and live view to its answer here. */
#include "admin/change.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/context.h"
#include "admin/corrections.h"
#include "admin/events.h"
#include "admin/impact.h"
#include "admin/routes.h"
#include "admin/seeds.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/store.h"

#define REASON_MAX 500
#define IDEMPOTENCY_KEY_MAX 200

int change_check_revision(const struct change *c, int64_t revision, struct err *err)
{
	if (c->expect == CHANGE_ANY || c->expect == revision)
		return 0;
	return err_set(err, ERR_CONFLICT,
		       "%s was changed meanwhile: you saw revision %lld, it is at %lld; look again, then repeat",
		       c->object, (long long)c->expect, (long long)revision);
}

void change_names(struct change *c, const char *family, const char *name)
{
	snprintf(c->object, sizeof(c->object), "%s %s", family, name);
	copy_text(c->shown, sizeof(c->shown), name);
}

void change_release(struct change *c)
{
	json_decref(c->before);
	json_decref(c->after);
	json_decref(c->extra);
	json_decref(c->reason_text);
	c->before = c->after = c->extra = c->reason_text = NULL;
	explicit_bzero(c->secret, sizeof(c->secret));
}

/* -- the audit ----------------------------------------------------------------------------------- */

static int write_audit(struct change *c, const char *refused, struct err *err)
{
	bool by_daemon = c->who->pid == 0;
	struct audit_row row = {
		.at = c->now_ms,
		.uid = by_daemon ? STORE_NONE : (int64_t)c->who->uid,
		.pid = by_daemon ? STORE_NONE : (int64_t)c->who->pid,
		.user_name = (char *)c->who->user,
		.via = (char *)c->via,
		.action = (char *)c->action,
		.object = c->object,
		.before = json_to_text(c->before),
		.after = json_to_text(c->after),
		.reason = (char *)c->reason,
		.refused = (char *)refused,
	};
	int rc = audit_insert(c->db, &row, err);

	c->audit_id = row.id;
	free(row.before);
	free(row.after);
	return rc;
}

int change_run(struct change *c, change_fn *fn, struct err *err)
{
	int rc = fn(c, err);

	return rc == 0 ? write_audit(c, NULL, err) : rc;
}

int change_note(struct change *c, struct err *err)
{
	char *before, *after;
	int rc;

	if (c->audit_id == 0)
		return write_audit(c, NULL, err);
	before = json_to_text(c->before);
	after = json_to_text(c->after);
	rc = audit_go_on(c->db, c->audit_id, before, after, err);
	free(before);
	free(after);
	return rc;
}

/* -- what comes with a change -------------------------------------------------------------------- */

/* "3", 3, W/"3"; a star is any. */
static int read_if_match(const char *text, int64_t *ret, struct err *err)
{
	const char *p = text;
	char *end;

	if (text == NULL || strcmp(text, "*") == 0)
		return 0;
	p += strncmp(p, "W/", 2) == 0 ? 2 : 0;
	p += *p == '"';
	*ret = strtoll(p, &end, 10);
	if (!isdigit((unsigned char)*p) || (*end != '\0' && strcmp(end, "\"") != 0))
		return err_set(err, ERR_INVALID,
			       "If-Match: expected the revision it replaces, such as \"3\", found %.40s", text);
	return 0;
}

/* Taken out of the body, so that functions see only what is theirs. */
static int read_reason(const struct admin_request *r, struct change *c, struct err *err)
{
	json_t *given = json_object_get(r->body, "reason");

	c->reason = r->query(r, "reason");
	if (given != NULL) {
		if (json_read_text(r->body, "reason", &c->reason, err) < 0)
			return ERR_INVALID;
		c->reason_text = json_incref(given);
		json_object_del(r->body, "reason");
	}
	if (c->reason != NULL && *c->reason == '\0')
		c->reason = NULL;
	if (c->reason != NULL && strlen(c->reason) > REASON_MAX)
		return err_set(err, ERR_INVALID, "reason: at most %d characters", REASON_MAX);
	return 0;
}

const char *change_via(const struct admin_request *r)
{
	const char *via = r->header(r, "X-Tollgate-Via");

	if (via != NULL && (strcmp(via, "tui") == 0 || strcmp(via, "cli") == 0))
		return via;
	return "api";
}

static void change_init(struct change *c, struct admin_request *r)
{
	memset(c, 0, sizeof(*c));
	c->db = r->admin->db;
	c->home = r->admin->options.settings->home;
	c->now_ms = clock_wall_ms();
	c->who = &r->peer;
	c->via = change_via(r);
	c->action = r->route->action;
	c->name = r->name;
	c->body = r->body;
	c->request = r;
	c->expect = CHANGE_ANY;
	c->show = r->route->show;
}

/* -- Idempotency-Key ----------------------------------------------------------------------------- */

/* Kept for a key is where to look, never what was said: no secret can come back. */

static void hash_request(const struct admin_request *r, unsigned char out[HASH_BYTES])
{
	struct buf b;

	buf_init(&b, strlen(r->path) + r->text_len + 64);
	buf_printf(&b, "%s %s\n", r->method, r->path);
	buf_add(&b, r->text, r->text_len);
	hash_sha256(b.data, b.len, out);
	buf_release(&b);
}

int change_remember(const struct change *c, unsigned status, struct err *err)
{
	const struct admin_request *r = c->request;
	const char *key = r->header(r, "Idempotency-Key");
	unsigned char hash[HASH_BYTES];
	json_t *kept;
	char *text;
	int rc;

	if (key == NULL)
		return 0;
	kept = json_object();
	json_add_text(kept, "shown", c->shown);
	json_add_int(kept, "audit_id", c->audit_id);
	json_add_bool(kept, "had_secret", c->secret[0] != '\0');
	text = json_to_text(kept);
	hash_request(r, hash);
	rc = idempotency_put(c->db, key, (int64_t)r->peer.uid, hash, (int)status, text, c->now_ms, err);
	free(text);
	json_decref(kept);
	return rc;
}

static void answer_replay(struct admin_request *r, int status, const json_t *kept)
{
	const char *shown = json_text_peek(kept, "shown");
	struct err ignored = {0};

	r->status = (unsigned)status;
	r->answer = json_object();
	json_add(r->answer, "object", r->route->show ? r->route->show(r->admin, shown, &ignored) : NULL);
	if (json_bool_peek(kept, "had_secret"))
		json_add(r->answer, "secret", NULL);
	json_add_int(r->answer, "audit_id", json_int_peek(kept, "audit_id", INT64_MIN));
	json_add_int(r->answer, "generation", admin_generation(r->admin));
	json_add_bool(r->answer, "replayed", true);
}

/* 1 when the key was used for this very request before and the answer is made. */
static int replay(struct admin_request *r, const char *key, struct err *err)
{
	unsigned char before[HASH_BYTES], now[HASH_BYTES];
	char *text = NULL;
	json_t *kept;
	int status = 0, rc;

	if (strlen(key) > IDEMPOTENCY_KEY_MAX)
		return err_set(err, ERR_INVALID, "Idempotency-Key: at most %d characters", IDEMPOTENCY_KEY_MAX);
	rc = idempotency_get(r->admin->db, key, (int64_t)r->peer.uid, before, &status, &text, err);
	if (rc < 0)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	hash_request(r, now);
	kept = json_loads(text, 0, NULL);
	free(text);
	if (memcmp(before, now, sizeof(now)) == 0) {
		answer_replay(r, status, kept);
		rc = 1;
	} else {
		rc = err_set(err, ERR_CONFLICT, "this Idempotency-Key was used for another request; use a new one");
	}
	json_decref(kept);
	return rc;
}

/* -- from the request to the answer -------------------------------------------------------------- */

/* A view may have moved amounts of live counters while it was built: put them back by building what
 * is still true. */
static void restore_view(struct admin *a)
{
	struct err err = {0};
	struct view *view = view_build(a->options.registry, a->db, &err);

	if (view != NULL)
		publish_swap(a->options.publisher, view);
	else
		log_error("building the live view again after a failed commit: %s", err.text);
}

int change_publish(struct admin *a, struct err *err)
{
	struct view *next = NULL;

	if (a->options.publisher != NULL) {
		next = view_build(a->options.registry, a->db, err);
		if (next == NULL) {
			db_rollback(a->db);
			return err->code;
		}
	}
	if (db_commit(a->db, err) < 0) {
		db_rollback(a->db);
		if (next != NULL) {
			view_free(next);
			restore_view(a);
		}
		return err->code;
	}
	if (next != NULL)
		publish_swap(a->options.publisher, next);
	admin_watch_prices(a);
	return 0;
}

/* The request is the change's to answer as well as to read. */
static struct admin_request *asked_by(const struct change *c)
{
	return (struct admin_request *)c->request;
}

void change_answer_done(struct change *c)
{
	struct admin_request *r = asked_by(c);
	struct err ignored = {0};
	json_t *object = c->show != NULL ? c->show(r->admin, c->shown, &ignored) : NULL;
	const char *warning = seeds_warning(r->admin, c);

	r->answer = json_object();
	if (c->extra != NULL)
		json_object_update(r->answer, c->extra);
	if (c->secret[0] != '\0') {
		json_add_text(r->answer, "secret", c->secret);
		if (object != NULL)
			json_add_text(object, "secret", c->secret);
	}
	json_add(r->answer, "object", object);
	if (warning != NULL)
		json_add(r->answer, "warnings", json_pack("[s]", warning));
	json_add_int(r->answer, "audit_id", c->audit_id);
	json_add_int(r->answer, "generation", admin_generation(r->admin));
}

void change_answer_dry_run(struct change *c)
{
	struct admin_request *r = asked_by(c);

	r->status = 200;
	r->answer = json_object();
	json_add_bool(r->answer, "dry_run", true);
	json_add(r->answer, "impact", impact_of(r->admin, c));
	if (c->extra != NULL)
		json_object_update(r->answer, c->extra);
}

static int perform(struct admin_request *r, struct change *c, struct err *err)
{
	unsigned status;
	int rc = db_begin(r->admin->db, err);

	if (rc < 0)
		return rc;
	rc = change_run(c, r->route->change, err);
	if (rc == 0 && query_bool(r, "dry_run")) {
		/* What it would touch is asked of what is there now. */
		db_rollback(r->admin->db);
		change_answer_dry_run(c);
		return 0;
	}
	/* Made: what a POST to a list answers with. */
	status = strcmp(r->method, "POST") == 0 && r->name[0] == '\0' && c->show != NULL ? 201 : 200;
	if (rc == 0)
		rc = change_remember(c, status, err);
	if (rc < 0) {
		db_rollback(r->admin->db);
		return rc;
	}
	rc = change_publish(r->admin, err);
	if (rc == 0) {
		r->status = status;
		change_answer_done(c);
		events_change(r->admin, c);
	}
	return rc;
}

/* How GET shows what the route changes. */
static json_t *show_current(struct admin_request *r, const struct change *c)
{
	struct err ignored = {0};

	if (c->shown[0] == '\0')
		return NULL;
	if (c->show != NULL)
		return c->show(r->admin, c->shown, &ignored);
	for (const struct route *row = routes; row->method != NULL; row++)
		if (row->show != NULL && strcmp(row->method, "GET") == 0 && strcmp(row->pattern, r->route->pattern) == 0)
			return row->show(r->admin, c->shown, &ignored);
	return NULL;
}

/* Both versions, so that a person can choose: what is there and what was to replace it. */
static void answer_conflict(struct admin_request *r, const struct change *c, const struct err *err)
{
	json_t *yours = json_deep_copy(r->body);

	json_object_del(yours, "api_key");
	request_fail(r, err, show_current(r, c));
	if (json_object_size(yours) > 0)
		json_object_set(r->answer, "yours", yours);
	json_decref(yours);
}

/* A budget that is new counts what the ledger holds: let it hold everything. */
static bool touches_budgets(const json_t *body)
{
	return json_object_get(body, "budget") != NULL || json_object_get(body, "budgets") != NULL;
}

int change_begin(struct admin_request *r, struct change *ret, struct err *err)
{
	const char *key = r->header(r, "Idempotency-Key");
	int rc;

	change_init(ret, r);
	rc = read_if_match(r->header(r, "If-Match"), &ret->expect, err);
	if (rc == 0)
		rc = read_reason(r, ret, err);
	if (rc == 0 && key != NULL && !query_bool(r, "dry_run"))
		rc = replay(r, key, err);
	return rc;
}

int change_answer(struct admin_request *r, struct err *err)
{
	struct change c;
	int rc = change_begin(r, &c, err);

	if (rc == 0) {
		if (touches_budgets(r->body))
			admin_flush(r->admin);
		rc = perform(r, &c, err);
		if (touches_budgets(r->body))
			corrections_begin(r->admin, c.now_ms);
	}
	if (rc == ERR_CONFLICT)
		answer_conflict(r, &c, err);
	else if (rc < 0)
		request_fail(r, err, NULL);
	change_release(&c);
	return 0;
}

void change_note_refused(struct admin_request *r, const char *why)
{
	const char *dot = strchr(r->route->action, '.');
	struct err err = {0};
	struct change c;

	change_init(&c, r);
	snprintf(c.object, sizeof(c.object), "%.*s %s", (int)(dot - r->route->action), r->route->action, r->name);
	if (db_begin(c.db, &err) == 0 && write_audit(&c, why, &err) == 0 && db_commit(c.db, &err) == 0)
		return;
	db_rollback(c.db);
	log_error("noting a refused %s by %s: %s", c.action, r->peer.user, err.text);
}
