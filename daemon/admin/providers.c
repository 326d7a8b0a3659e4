/* SPDX-License-Identifier: MIT */
/* Providers are listed, made, switched and changed here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/budgets.h"
#include "admin/change.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "admin/figures.h"
#include "admin/object_change.h"
#include "admin/objects.h"
#include "admin/pulse.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/chain_spec.h"
#include "config/config.h"
#include "config/environment.h"
#include "store/store.h"

#define FIELDS "base_url", "api_key", "models", "options", "budget", "budget_mode", "budgets", "state", "state_reason"

static const char *const states[] = {"enabled", "disabled", "draining", NULL};

/* -- showing ------------------------------------------------------------------------------------- */

/* References may be seen; what is sealed may not. */
static const char *shown_credential(const struct provider_row *row)
{
	if (row->credential == NULL || text_starts(row->credential, "env:") || text_starts(row->credential, "file:"))
		return row->credential;
	return "stored";
}

json_t *provider_body(struct db *db, const struct provider_row *row, struct err *err)
{
	json_t *body = json_object();

	json_add_text(body, "name", row->name);
	json_add_text(body, "kind", row->kind);
	json_add_text(body, "base_url", row->base_url);
	if (row->credential == NULL || strcmp(shown_credential(row), "stored") != 0)
		json_add_text(body, "api_key", row->credential);
	json_add_text(body, "state", row->state);
	json_add_text(body, "state_reason", row->state_reason);
	field_add_models(body, row->models);
	field_add_json(body, "options", row->options);
	if (budgets_add_body(db, "provider", row->id, body, err) < 0) {
		json_decref(body);
		return NULL;
	}
	return body;
}

/* What all targets of one provider amount to. */
struct condition {
	const char *provider;
	size_t len;
	struct health_state worst;
	int64_t open_calls;
	int64_t last_failure_ms;
	char last_error[sizeof(((struct health_state *)0)->last_error)];
};

static int severity(enum breaker_state breaker)
{
	switch (breaker) {
	case BREAKER_CLOSED:
		return 0;
	case BREAKER_HALF_OPEN:
		return 1;
	case BREAKER_OPEN:
		return 2;
	}
	return 0;
}

static void add_condition(void *arg, const char *target, struct health *health)
{
	struct condition *c = arg;
	struct health_state state;

	if (strncmp(target, c->provider, c->len) != 0 || (target[c->len] != '/' && target[c->len] != '\0'))
		return;
	health_read(health, clock_mono_us(), &state);
	c->open_calls += state.open_calls;
	if (severity(state.breaker) > severity(c->worst.breaker) ||
	    (state.breaker == c->worst.breaker && state.cooling_ms > c->worst.cooling_ms))
		c->worst = state;
	if (state.last_failure_ms > c->last_failure_ms) {
		c->last_failure_ms = state.last_failure_ms;
		copy_text(c->last_error, sizeof(c->last_error), state.last_error);
	}
}

static void read_condition(struct admin *a, const char *provider, struct condition *ret)
{
	*ret = (struct condition){.provider = provider, .len = strlen(provider)};
	if (a->options.health != NULL)
		health_each(a->options.health, add_condition, ret);
}

/* One letter says it all: off, draining, no credential, cooling, else how it has been doing. */
static char letter_of(const struct provider_row *row, const char *credential_error, const struct condition *c,
		      const struct pulse_provider *pulse)
{
	if (strcmp(row->state, "disabled") == 0)
		return 'O';
	if (strcmp(row->state, "draining") == 0)
		return '~';
	if (credential_error != NULL)
		return 'X';
	return c->worst.breaker == BREAKER_OPEN ? 'C' : pulse->letter;
}

static void add_pulse(json_t *provider, const struct pulse_provider *pulse)
{
	json_add(provider, "requests_per_s", json_real((double)pulse->attempts_per_minute / 60.0));
	json_add_int(provider, "calls", pulse->calls);
	json_add_int(provider, "errors", pulse->errors);
	json_add_int(provider, "p50_us", pulse->p50_us);
	json_add_int(provider, "p95_us", pulse->p95_us);
	json_add_int(provider, "first_byte_p50_us", pulse->first_byte_p50_us);
	json_add_money(provider, "usd_per_hour", pulse->nusd_per_hour);
	json_add(provider, "error_percent", percent_json(pulse->errors, pulse->calls));
	json_add_text(provider, "minutes", pulse->minutes);
}

static bool chain_names(const struct view_chain *chain, const char *provider)
{
	for (size_t i = 0; i < chain->num_tiers; i++)
		for (size_t j = 0; j < chain->tiers[i].num_targets; j++)
			if (strcmp(chain->tiers[i].targets[j].provider_name, provider) == 0)
				return true;
	return false;
}

static json_t *chains_of(const struct view *view, const char *provider)
{
	json_t *names = json_array();

	if (view == NULL)
		return names;
	for (const struct map_entry *e = map_next(&view->chains, NULL); e; e = map_next(&view->chains, e)) {
		const struct view_chain *chain = e->value;

		if (chain_names(chain, provider))
			json_array_append_new(names, json_string(chain->name));
	}
	return names;
}

static void add_condition_members(struct admin *a, const struct provider_row *row, json_t *provider)
{
	const struct view *view = admin_view(a);
	const struct view_provider *live = view != NULL ? map_get_text(&view->providers, row->name) : NULL;
	const char *credential_error = live != NULL ? live->credential_error : NULL;
	struct condition condition;
	struct pulse_provider pulse;
	char letter[2] = "";

	read_condition(a, row->name, &condition);
	pulse_read_provider(a->pulse, row->name, clock_wall_ms(), &pulse);
	letter[0] = letter_of(row, credential_error, &condition, &pulse);
	json_add_text(provider, "credential_error", credential_error);
	json_add_int(provider, "open_calls", condition.open_calls);
	json_add_text(provider, "breaker", breaker_state_name(condition.worst.breaker));
	json_add_int(provider, "cooling_ms", condition.worst.cooling_ms);
	add_pulse(provider, &pulse);
	json_add_text(provider, "letter", letter);
	json_add_text(provider, "last_error", condition.last_error[0] != '\0' ? condition.last_error : NULL);
	json_add(provider, "chains", chains_of(view, row->name));
}

static json_t *show(struct admin *a, const struct provider_row *row, struct err *err)
{
	json_t *provider = json_object(), *budgets = budgets_show(a, "provider", row->id, err);

	if (budgets == NULL) {
		json_decref(provider);
		return NULL;
	}
	json_add_text(provider, "name", row->name);
	json_add_text(provider, "kind", row->kind);
	json_add_text(provider, "base_url", row->base_url);
	json_add_text(provider, "credential", shown_credential(row));
	json_add_text(provider, "state", row->state);
	json_add_text(provider, "state_reason", row->state_reason);
	json_add_text(provider, "state_by", row->state_by);
	field_add_time(provider, "state_at", row->state_at);
	field_add_models(provider, row->models);
	field_add_json(provider, "options", row->options);
	json_add(provider, "budgets", budgets);
	add_condition_members(a, row, provider);
	json_add_int(provider, "revision", row->revision);
	json_add_time(provider, "created_at", row->created_at);
	return provider;
}

json_t *provider_show(struct admin *a, const char *name, struct err *err)
{
	struct provider_row row = {0};
	json_t *provider;

	if (provider_get(a->db, name, &row, err) < 0)
		return NULL;
	provider = show(a, &row, err);
	provider_release(&row);
	return provider;
}

struct listing {
	struct admin *admin;
	json_t *items;
	struct err *err;
};

static int list_one(void *arg, const struct provider_row *row)
{
	struct listing *l = arg;
	json_t *provider = show(l->admin, row, l->err);

	if (provider == NULL)
		return l->err->code;
	json_array_append_new(l->items, provider);
	return 0;
}

json_t *providers_all(struct admin *a, struct err *err)
{
	struct listing l = {a, json_array(), err};

	if (provider_list(a->db, list_one, &l, err) < 0) {
		json_decref(l.items);
		return NULL;
	}
	return l.items;
}

int providers_list(struct admin_request *r, struct err *err)
{
	json_t *items;

	admin_flush(r->admin);
	items = providers_all(r->admin, err);
	return items != NULL ? request_answer_list(r, items, "name", err) : err->code;
}

/* -- changing ------------------------------------------------------------------------------------ */

static int read_url(json_t *body, struct provider_row *row, struct err *err)
{
	const struct provider_kind *kind = provider_kind_find(row->kind);

	if (field_text(body, "base_url", 2000, &row->base_url, err) < 0)
		return ERR_INVALID;
	/* What was given is not shown: it may hold a password. */
	if (row->base_url != NULL && !text_is_url(row->base_url))
		return err_set(err, ERR_INVALID,
			       "base_url: expected http://… or https://…, without user and password (api_key is for those)");
	if (row->base_url == NULL && kind != NULL && !kind->simulated && kind->base_url == NULL)
		return err_set(err, ERR_INVALID, "base_url: kind %s has none of its own; say where it is", row->kind);
	return 0;
}

/* The secret that is stored already, said again (a file that is applied twice): nothing changes. */
static bool is_stored(const struct change *c, const struct provider_row *row, const char *given)
{
	struct err ignored = {0};
	char *secret = NULL;
	bool same = false;

	if (row->credential == NULL || strcmp(shown_credential(row), "stored") != 0)
		return false;
	if (secret_resolve(row->credential, c->home, &secret, &ignored) == 0) {
		same = strcmp(secret, given) == 0;
		explicit_bzero(secret, strlen(secret));
		free(secret);
	}
	return same;
}

static int read_credential(struct change *c, struct provider_row *row, struct err *err)
{
	const char *given = NULL;
	char *stored = NULL;

	if (json_read_text(c->body, "api_key", &given, err) < 0)
		return ERR_INVALID;
	if (given == NULL && !field_is_null(c->body, "api_key"))
		return 0;
	if (given != NULL && is_stored(c, row, given))
		return 0;
	if (given != NULL && *given != '\0' && secret_store(given, c->home, &stored, err) < 0)
		return err_wrap(err, "api_key");
	free(row->credential);
	row->credential = stored;
	c->secret_changed = stored != NULL && strcmp(shown_credential(row), "stored") == 0;
	return 0;
}

static void set_state(const struct change *c, struct provider_row *row, const char *state, const char *reason)
{
	free(row->state);
	free(row->state_reason);
	free(row->state_by);
	row->state = xstrdup(state);
	row->state_reason = reason != NULL ? xstrdup(reason) : NULL;
	row->state_by = xstrdup(c->who->user);
	row->state_at = c->now_ms;
}

static int read_state(const struct change *c, struct provider_row *row, struct err *err)
{
	const char *state = NULL, *reason = c->reason, *near;

	if (json_read_text(c->body, "state", &state, err) < 0 ||
	    json_read_text(c->body, "state_reason", &reason, err) < 0)
		return ERR_INVALID;
	if (state == NULL || strcmp(state, row->state) == 0)
		return 0;
	for (size_t i = 0; states[i] != NULL; i++)
		if (strcmp(state, states[i]) == 0) {
			set_state(c, row, state, reason);
			return 0;
		}
	near = text_suggest(state, states);
	return err_set(err, ERR_INVALID, "state: expected enabled, disabled or draining, found %.40s%s%s%s", state,
		       near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static int read_body(struct change *c, struct object *o, struct err *err)
{
	struct provider_row *row = &o->provider;
	int rc = read_url(c->body, row, err);

	if (rc == 0)
		rc = read_credential(c, row, err);
	if (rc == 0)
		rc = field_models(c->body, &row->models, err);
	if (rc == 0)
		rc = field_object(c->body, "options", &row->options, err);
	if (rc == 0)
		rc = read_state(c, row, err);
	return rc;
}

static int check_kind(const char *kind, struct err *err)
{
	const char *names[128], *near;
	char kinds[PROVIDER_KINDS_TEXT];
	size_t n = 0;

	if (kind != NULL && provider_kind_find(kind) != NULL)
		return 0;
	for (const struct provider_kind *k = provider_kinds; k->name != NULL && n + 1 < ARRAY_LEN(names); k++)
		names[n++] = k->name;
	names[n] = NULL;
	near = kind != NULL ? text_suggest(kind, names) : NULL;
	if (near != NULL)
		return err_set(err, ERR_INVALID, "kind: no such kind of provider; did you mean %s?", near);
	return err_set(err, ERR_INVALID, "kind: no such kind of provider; there are %s", provider_kind_names(kinds));
}

/* For the audit: the row as a body, and whether a credential is stored. */
static json_t *audit_body(struct db *db, const struct object *o, struct err *err)
{
	json_t *body = provider_body(db, &o->provider, err);

	if (body != NULL)
		json_add_text(body, "credential", shown_credential(&o->provider));
	return body;
}

static int get(struct db *db, const char *name, struct object *ret, struct err *err)
{
	int rc = provider_get(db, name, &ret->provider, err);

	ret->id = ret->provider.id;
	ret->revision = ret->provider.revision;
	return rc;
}

static int update(struct db *db, const struct object *o, struct err *err)
{
	return provider_update(db, &o->provider, err);
}

static void release(struct object *o)
{
	provider_release(&o->provider);
}

static const char *const members[] = {FIELDS, NULL};
static const struct object_family providers = {"provider", members, get, update, release, audit_body, read_body, NULL};

/* At the vendor's own place its usual variable is the credential where none is given. */
static int make(struct change *c, struct object *o, struct err *err)
{
	struct provider_row *row = &o->provider;
	const char *name = NULL, *kind = NULL;
	int rc;

	if (json_read_text(c->body, "name", &name, err) < 0 || json_read_text(c->body, "kind", &kind, err) < 0)
		return ERR_INVALID;
	if (name == NULL || !text_is_name(name))
		return err_set(err, ERR_INVALID,
			       "name: expected 1 to 64 letters, digits, dots, dashes or underscores, such as openai");
	change_names(c, "provider", name);
	if (check_kind(kind != NULL ? kind : name, err) < 0)
		return ERR_INVALID;
	row->name = xstrdup(name);
	row->kind = xstrdup(kind != NULL ? kind : name);
	rc = read_body(c, o, err);
	if (row->credential == NULL && row->base_url == NULL)
		row->credential = environment_credential(provider_kind_find(row->kind));
	if (rc == 0)
		rc = provider_insert(c->db, row, err);
	return rc == 0 ? object_inserted(c, &providers, o, row->id, err) : rc;
}

int provider_create(struct change *c, struct err *err)
{
	static const char *const of_new[] = {"name", "kind", FIELDS, NULL};
	struct object o = {
		.provider = {.state = xstrdup("enabled"), .state_at = STORE_NONE, .revision = 1, .created_at = c->now_ms}};
	int rc = json_check_members(c->body, of_new, err);

	if (rc == 0)
		rc = make(c, &o, err);
	release(&o);
	return rc;
}

int provider_patch(struct change *c, struct err *err)
{
	return object_patch(c, &providers, err);
}

static int turn(struct change *c, struct object *o, const void *state, struct err *err)
{
	(void)err;
	set_state(c, &o->provider, state, c->reason);
	return 0;
}

int provider_enable(struct change *c, struct err *err)
{
	return object_change(c, &providers, turn, "enabled", err);
}

int provider_disable(struct change *c, struct err *err)
{
	return object_change(c, &providers, turn, "disabled", err);
}

int provider_drain(struct change *c, struct err *err)
{
	return object_change(c, &providers, turn, "draining", err);
}

/* -- removing ------------------------------------------------------------------------------------ */

struct users {
	const char *provider;
	char names[200];        /* of the chains that name it */
};

static int add_user(void *arg, const struct chain_row *row)
{
	struct users *u = arg;
	struct chain_spec spec;
	size_t len = strlen(u->provider), used = strlen(u->names);
	struct err ignored;

	if (chain_spec_parse(&spec, row->spec, &ignored) < 0)
		return 0;
	for (size_t i = 0; i < spec.num_targets; i++)
		if (strncmp(spec.targets[i].name, u->provider, len) == 0 && spec.targets[i].name[len] == '/') {
			snprintf(u->names + used, sizeof(u->names) - used, "%s%s", used > 0 ? ", " : "", row->name);
			break;
		}
	return 0;
}

int provider_remove(struct change *c, struct err *err)
{
	struct object o = {0};
	struct users users = {.provider = c->name};
	int rc = object_begin(c, &providers, &o, err);

	if (rc == 0)
		rc = chain_list(c->db, add_user, &users, err);
	if (rc == 0 && users.names[0] != '\0')
		rc = err_set(err, ERR_CONFLICT, "provider %s is named by %s; change these first, or disable it", o.provider.name,
			     users.names);
	if (rc == 0)
		rc = budget_delete_others(c->db, "provider", o.id, NULL, NULL, err);
	if (rc == 0)
		rc = provider_delete(c->db, o.id, err);
	release(&o);
	return rc;
}

/* -- breakers ------------------------------------------------------------------------------------ */

static void clear_one(void *arg, const char *target, struct health *health)
{
	const char *provider = arg;
	size_t len = strlen(provider);

	if (strncmp(target, provider, len) == 0 && (target[len] == '/' || target[len] == '\0'))
		health_clear(health);
}

/* Not a row changes, but who did it is worth a line in the audit. */
int provider_clear(struct change *c, struct err *err)
{
	struct object o = {0};
	int rc = object_begin(c, &providers, &o, err);

	release(&o);
	if (rc < 0)
		return rc;
	json_decref(c->before);
	c->before = NULL;
	if (!query_bool(c->request, "dry_run"))
		health_each(c->request->admin->options.health, clear_one, (void *)c->name);
	return 0;
}
