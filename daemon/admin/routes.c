/* SPDX-License-Identifier: MIT */
/*
 * What the admin API can be asked stands in the table below; requests are matched with it, permitted
 * or refused, and their bodies read, here.
 */
#include "admin/routes.h"

#include <stdlib.h>
#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/events.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "schema.h"

#define OPENAPI "openapi.json"
#define PATTERNS_MAX 128

/* GET of one object: what `show` says. */
static int answer_object(struct admin_request *r, struct err *err)
{
	admin_flush(r->admin);
	r->answer = r->route->show(r->admin, r->name, err);
	return r->answer != NULL ? 0 : err->code;
}

static int answer_openapi(struct admin_request *r, struct err *err)
{
	for (const struct schema_file *f = schema_files; f->name != NULL; f++)
		if (strcmp(f->name, OPENAPI) == 0) {
			r->content_type = "application/json";
			buf_add(&r->answer_text, f->text, f->len);
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "this build has no %s", OPENAPI);
}

#define LOOK(method, pattern, function, help)                                                                \
	{method, pattern, ROLE_VIEWER, BODY_NONE, help, function, NULL, NULL, NULL}
#define SHOW(pattern, show, help) {"GET", pattern, ROLE_VIEWER, BODY_NONE, help, answer_object, NULL, NULL, show}
#define CHANGE(method, pattern, function, action, show, help)                                                \
	{method, pattern, ROLE_ADMIN, BODY_OBJECT, help, NULL, function, action, show}

const struct route routes[] = {
	LOOK("GET", "/v1/status", status_answer, "what the daemon is, who you are to it, what it worries about"),
	LOOK("GET", "/v1/overview", overview_answer, "all a dashboard's first screen shows"),
	LOOK("GET", "/v1/events", events_open, "server-sent events: calls, changes, a pulse each second"),
	LOOK("GET", "/v1/openapi.json", answer_openapi, "this API, described"),

	LOOK("GET", "/v1/teams", teams_list, "teams, with what they spend"),
	CHANGE("POST", "/v1/teams", team_create, "team.create", team_show, "makes a team"),
	SHOW("/v1/teams/{name}", team_show, "one team"),
	CHANGE("PATCH", "/v1/teams/{name}", team_patch, "team.update", team_show, "changes what the body names"),
	CHANGE("DELETE", "/v1/teams/{name}", team_remove, "team.delete", NULL, "removes it and revokes its keys"),
	CHANGE("POST", "/v1/teams/{name}/block", team_block, "team.block", team_show, "refuses its calls"),
	CHANGE("POST", "/v1/teams/{name}/unblock", team_unblock, "team.unblock", team_show, "admits them again"),
	LOOK("GET", "/v1/teams/{name}/why", team_answer_why, "what changed against the same hour of the last seven days"),

	LOOK("GET", "/v1/keys", keys_list, "keys, with what they spend"),
	CHANGE("POST", "/v1/keys", key_create, "key.create", key_show, "makes a key; answers with the secret, once"),
	SHOW("/v1/keys/{id}", key_show, "one key, by id, by name or by team/name"),
	CHANGE("PATCH", "/v1/keys/{id}", key_patch, "key.update", key_show, "changes what the body names"),
	CHANGE("POST", "/v1/keys/{id}/revoke", key_revoke, "key.revoke", key_show, "ends it for good"),
	CHANGE("POST", "/v1/keys/{id}/block", key_block, "key.block", key_show, "refuses its calls"),
	CHANGE("POST", "/v1/keys/{id}/unblock", key_unblock, "key.unblock", key_show, "admits them again"),
	CHANGE("POST", "/v1/keys/{id}/rotate", key_rotate, "key.rotate", key_show,
	       "a new secret; the old one works on for the grace"),

	LOOK("GET", "/v1/providers", providers_list, "providers, with how they are doing"),
	CHANGE("POST", "/v1/providers", provider_create, "provider.create", provider_show, "adds a provider"),
	SHOW("/v1/providers/{name}", provider_show, "one provider"),
	CHANGE("PATCH", "/v1/providers/{name}", provider_patch, "provider.update", provider_show,
	       "changes what the body names"),
	CHANGE("DELETE", "/v1/providers/{name}", provider_remove, "provider.delete", NULL,
	       "removes it, when no chain names it"),
	CHANGE("POST", "/v1/providers/{name}/enable", provider_enable, "provider.enable", provider_show,
	       "calls go there again"),
	CHANGE("POST", "/v1/providers/{name}/disable", provider_disable, "provider.disable", provider_show,
	       "no new call goes there"),
	CHANGE("POST", "/v1/providers/{name}/drain", provider_drain, "provider.drain", provider_show,
	       "no new call goes there; those that are open finish"),
	CHANGE("POST", "/v1/providers/{name}/clear", provider_clear, "provider.clear", provider_show,
	       "closes the breakers of its targets"),
	{"POST", "/v1/providers/{name}/test", ROLE_ADMIN, BODY_NONE, "asks it for its models, with its credential",
	 provider_test, NULL, NULL, NULL},

	SHOW("/v1/gateway", gateway_show, "the budgets of the whole gateway"),
	CHANGE("PATCH", "/v1/gateway", gateway_patch, "gateway.update", gateway_show, "changes them"),

	LOOK("GET", "/v1/provider-kinds", provider_kinds_list, "the kinds of provider there are, each with its facts"),

	LOOK("GET", "/v1/chains", chains_list, "fallback chains, with how their targets are doing"),
	SHOW("/v1/chains/{name}", chain_show, "one chain"),
	CHANGE("PUT", "/v1/chains/{name}", chain_put, "chain.set", chain_show, "writes its next version"),
	CHANGE("DELETE", "/v1/chains/{name}", chain_remove, "chain.delete", NULL, "removes it; its history stays"),
	LOOK("GET", "/v1/chains/{name}/history", chain_answer_history, "every version there was, newest first"),
	LOOK("GET", "/v1/chains/{name}/explain", chain_answer_explain, "who would answer, and if ?down= were down"),
	CHANGE("POST", "/v1/chains/{name}/undo", chain_undo, "chain.undo", chain_show, "writes the version before again"),

	LOOK("GET", "/v1/prices", prices_list, "prices, by model and date"),
	CHANGE("POST", "/v1/prices", price_set, "price.set", price_show, "sets a price, from now on or from a date"),
	{"POST", "/v1/prices/import", ROLE_ADMIN, BODY_TEXT, "takes a price file over; ?format=litellm|openrouter|genai", NULL,
	 price_import, "price.import", NULL},
	{"POST", "/v1/prices/reprice", ROLE_ADMIN, BODY_OBJECT,
	 "charges calls of unknown cost, or all, by the prices that held when they were made", price_reprice, NULL,
	 "price.reprice", NULL},

	LOOK("GET", "/v1/spend", spend_answer, "what was spent, by up to two dimensions and a bucket"),
	LOOK("GET", "/v1/rankings", rankings_answer, "who uses the most, against the window before"),
	LOOK("GET", "/v1/calls", calls_list, "calls, newest first"),
	LOOK("GET", "/v1/calls/{id}", call_answer, "one call: attempts, reasons, usage, what each part cost"),

	LOOK("GET", "/v1/audit", audit_answer, "who changed what, newest first"),
	CHANGE("POST", "/v1/audit/{id}/undo", audit_undo, "audit.undo", NULL, "puts back what was before"),

	LOOK("GET", "/v1/export", state_export, "providers, chains, teams and prices as a configuration file"),
	{"POST", "/v1/diff", ROLE_VIEWER, BODY_TEXT, "what apply would change", state_diff, NULL, NULL, NULL},
	{"POST", "/v1/apply", ROLE_ADMIN, BODY_TEXT, "makes the database equal to the file", state_apply, NULL,
	 "state.apply", NULL},

	LOOK("POST", "/v1/db/check", db_answer_check, "proves that calls, rollups and budgets add up"),
	{"POST", "/v1/db/backup", ROLE_ADMIN, BODY_NONE, "copies the database to ?path=", db_answer_backup, NULL, NULL, NULL},
	{NULL, NULL, ROLE_NONE, BODY_NONE, NULL, NULL, NULL, NULL, NULL},
};

/* -- matching ------------------------------------------------------------------------------------ */

/* What stands before and behind the braces must stand there in the path; between is the name. */
static bool match(const char *pattern, const char *path, char *ret_name, size_t name_size)
{
	const char *open = strchr(pattern, '{'), *close = strchr(pattern, '}');
	size_t before, behind, len = strlen(path), name;

	if (open == NULL) {
		*ret_name = '\0';
		return strcmp(pattern, path) == 0;
	}
	before = (size_t)(open - pattern);
	behind = strlen(close + 1);
	if (len <= before + behind || strncmp(pattern, path, before) != 0 ||
	    strcmp(path + len - behind, close + 1) != 0)
		return false;
	name = len - before - behind;
	if (name >= name_size)
		return false;
	copy_text(ret_name, name + 1, path + before);
	return true;
}

/* A name may hold slashes, so more than one pattern may match: the one that says most is meant. */
static bool says_more(const struct route *a, const struct route *b)
{
	return b == NULL || strlen(a->pattern) > strlen(b->pattern);
}

const struct route *routes_find(const char *method, const char *path, char *ret_name, size_t name_size,
				const struct route **ret_other_method)
{
	const struct route *found = NULL;
	char *name = xmalloc(name_size);

	*ret_other_method = NULL;
	*ret_name = '\0';
	for (const struct route *r = routes; r->method != NULL; r++) {
		if (!match(r->pattern, path, name, name_size))
			continue;
		if (strcmp(r->method, method) != 0) {
			if (says_more(r, *ret_other_method))
				*ret_other_method = r;
		} else if (says_more(r, found)) {
			found = r;
			copy_text(ret_name, name_size, name);
		}
	}
	/* DELETE …/chains/a/history is not the removal of a chain "a/history". */
	if (found != NULL && *ret_other_method != NULL && says_more(*ret_other_method, found))
		found = NULL;
	free(name);
	return found;
}

/* -- refusing ------------------------------------------------------------------------------------ */

static void refuse_path(struct admin_request *r)
{
	const char *patterns[PATTERNS_MAX], *near;
	size_t n = 0;
	struct err err = {0};

	for (const struct route *row = routes; row->method != NULL && n + 1 < ARRAY_LEN(patterns); row++)
		patterns[n++] = row->pattern;
	patterns[n] = NULL;
	near = text_suggest(r->path, patterns);
	err_set(&err, ERR_NOT_FOUND, "no %.200s here; did you mean %s?", r->path,
		near != NULL ? near : "/v1/openapi.json, which lists all there is");
	request_fail_as(r, 404, "not_found", err.text);
}

/* pattern is a row's own, so that equal ones are the same path. */
static void refuse_method(struct admin_request *r, const char *pattern)
{
	char methods[64] = "";
	struct err err = {0};

	for (const struct route *row = routes; row->method != NULL; row++)
		if (strcmp(row->pattern, pattern) == 0) {
			size_t len = strlen(methods);

			snprintf(methods + len, sizeof(methods) - len, "%s%s", len > 0 ? ", " : "", row->method);
		}
	err_set(&err, ERR_INVALID, "%s takes %s, not %.20s", pattern, methods, r->method);
	request_fail_as(r, 405, "no_such_route", err.text);
}

static void refuse_peer(struct admin_request *r)
{
	struct err err = {0};

	if (r->peer.role == ROLE_NONE)
		err_set(&err, ERR_FORBIDDEN,
			"%s may not use this gateway's admin API; ask to be put into its admin or viewer group",
			r->peer.user);
	else
		err_set(&err, ERR_FORBIDDEN, "%s may look, but not change: %s %s needs the role admin", r->peer.user,
			r->route->method, r->route->pattern);
	if (r->peer.role != ROLE_NONE && r->route->action != NULL)
		change_note_refused(r, "needs the role admin");
	request_fail(r, &err, NULL);
}

/* -- answering ----------------------------------------------------------------------------------- */

static int read_body(struct admin_request *r, struct err *err)
{
	if (r->route->body != BODY_OBJECT || r->text_len == 0) {
		r->body = json_object();
		return 0;
	}
	r->body = json_parse(r->text, r->text_len, err);
	if (r->body == NULL)
		return err_wrap(err, "the body");
	if (!json_is_object(r->body))
		return err_set(err, ERR_INVALID, "the body: expected an object, found %s", json_type_name(r->body));
	return 0;
}

static int run(struct admin_request *r, struct err *err)
{
	r->status = 200;
	if (read_body(r, err) < 0)
		return err->code;
	return r->route->change != NULL ? change_answer(r, err) : r->route->answer(r, err);
}

void routes_answer(struct admin_request *r)
{
	const struct route *other;
	struct err err = {0};

	r->route = routes_find(r->method, r->path, r->name, sizeof(r->name), &other);
	if (r->route == NULL && r->peer.role == ROLE_NONE)
		request_fail_as(r, 403, "forbidden", "this peer may not use the admin API");
	else if (r->route == NULL && other != NULL)
		refuse_method(r, other->pattern);
	else if (r->route == NULL)
		refuse_path(r);
	else if (r->peer.role < r->route->needs)
		refuse_peer(r);
	else if (run(r, &err) < 0)
		request_fail(r, &err, NULL);
}

void routes_print(FILE *out)
{
	for (const struct route *r = routes; r->method != NULL; r++)
		fprintf(out, "%s %s %s %s\n", r->method, r->pattern, role_name(r->needs), r->help);
}
