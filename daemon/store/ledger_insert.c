/* SPDX-License-Identifier: MIT */
/* A call's record becomes its row and the rows of its attempts here. */
#include "store/ledger_store.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "store/ledger_marks.h"
#include "store/ledger_private.h"

/* Counts with a column of their own, in its order; the others go into usage_detail. */
const enum usage_field usage_columns[USAGE_NUM_COLUMNS] = {
	USAGE_INPUT, USAGE_OUTPUT, USAGE_CACHE_READ, USAGE_CACHE_WRITE_5M, USAGE_CACHE_WRITE_1H, USAGE_REASONING,
};

bool usage_has_column(enum usage_field field)
{
	for (size_t i = 0; i < USAGE_NUM_COLUMNS; i++)
		if (usage_columns[i] == field)
			return true;
	return false;
}

/* Most calls are reported whole and in columns alone. */
static bool needs_detail(const struct usage *u)
{
	for (int i = 0; i < USAGE_NUM_FIELDS; i++)
		if (u->source[i] == USAGE_ESTIMATED ||
		    (u->source[i] != USAGE_NONE && !usage_has_column((enum usage_field)i)))
			return true;
	return false;
}

/* {"sources": {"output": "estimated"}, "input_audio": 12}; NULL when the columns say it all. */
static char *usage_detail(const struct usage *u)
{
	json_t *detail, *sources;
	char *text;

	if (!needs_detail(u))
		return NULL;
	detail = json_object();
	sources = json_object();
	for (int i = 0; i < USAGE_NUM_FIELDS; i++) {
		const char *name = usage_field_name((enum usage_field)i);

		if (u->source[i] == USAGE_ESTIMATED)
			json_add_text(sources, name, "estimated");
		if (u->source[i] != USAGE_NONE && !usage_has_column((enum usage_field)i))
			json_add_int(detail, name, u->count[i]);
	}
	if (json_object_size(sources) > 0)
		json_add(detail, "sources", json_incref(sources));
	text = json_dumps(detail, JSON_COMPACT);
	json_decref(sources);
	json_decref(detail);
	return text;
}

static void bind_optional(struct stmt *s, int64_t n, int64_t none)
{
	stmt_bind_int(s, n != none ? n : INT64_MIN);
}

static void bind_words(struct stmt *s, const char *text)
{
	stmt_bind_text(s, *text != '\0' ? text : NULL);
}

static void bind_usage(struct stmt *s, const struct usage *u, const char *detail)
{
	for (size_t i = 0; i < USAGE_NUM_COLUMNS; i++) {
		enum usage_field field = usage_columns[i];

		stmt_bind_int(s, u->source[field] != USAGE_NONE ? u->count[field] : INT64_MIN);
	}
	stmt_bind_text(s, detail);
	stmt_bind_int(s, u->provider_cost_nusd);
}

/* The numbers of a record's words; 0: none. */
struct words {
	int64_t asked, provider, model, error, app, user, remote;
};

static int intern_all(struct db *db, const struct call_record *r, struct words *ret, struct err *err)
{
	const struct {
		const char *text;
		int64_t *id;
	} all[] = {
		{r->asked, &ret->asked}, {r->provider, &ret->provider}, {r->model, &ret->model}, {r->error, &ret->error},
		{r->app, &ret->app},     {r->user, &ret->user},         {r->remote, &ret->remote},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		*all[i].id = name_intern(db, all[i].text, err);
		if (*all[i].id < 0)
			return (int)*all[i].id;
	}
	return 0;
}

static int insert_call(struct db *db, const struct call_record *r, const struct words *w, const char *detail,
		       struct err *err)
{
	struct stmt *s = db_query(db,
				  "INSERT INTO calls (id, team_id, key_id, asked_name, provider_name, model_name, status,"
				  " result, flags, error_name, finish, input, output, cache_read, cache_write_5m,"
				  " cache_write_1h, reasoning, usage_detail, provider_cost_nusd, cost_nusd, billed_nusd,"
				  " price_id, total_us, first_byte_us, upstream_us, gateway_us, num_attempts, app_name,"
				  " user_name, session, tags, remote_name) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
				  " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
				  " ON CONFLICT (id) DO NOTHING",
				  err);

	stmt_bind_int(s, r->id);
	stmt_bind_int(s, r->team_id);
	stmt_bind_int(s, r->key_id);
	bind_optional(s, w->asked, 0);
	bind_optional(s, w->provider, 0);
	bind_optional(s, w->model, 0);
	stmt_bind_int(s, r->status);
	stmt_bind_int(s, r->result);
	stmt_bind_int(s, r->flags);
	bind_optional(s, w->error, 0);
	stmt_bind_int(s, r->finish);
	bind_usage(s, &r->usage, detail);
	stmt_bind_int(s, r->cost_nusd);
	stmt_bind_int(s, r->billed_nusd);
	bind_optional(s, r->price_id, 0);
	stmt_bind_int(s, r->total_us);
	bind_optional(s, r->first_byte_us, -1);
	stmt_bind_int(s, r->upstream_us);
	stmt_bind_int(s, r->gateway_us);
	stmt_bind_int(s, r->num_attempts);
	bind_optional(s, w->app, 0);
	bind_optional(s, w->user, 0);
	bind_words(s, r->session);
	bind_words(s, r->tags);
	bind_optional(s, w->remote, 0);
	return stmt_run(s, err);
}

static int insert_attempt(struct db *db, int64_t call_id, unsigned seq, const struct attempt_record *a, struct err *err)
{
	int64_t provider = name_intern(db, a->provider, err), model;
	struct stmt *s;

	if (provider < 0)
		return (int)provider;
	model = name_intern(db, a->model, err);
	if (model < 0)
		return (int)model;
	s = db_query(db,
		     "INSERT INTO attempts (call_id, seq, provider_name, model_name, reason, status, start_us,"
		     " first_byte_us, total_us, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		     err);
	stmt_bind_int(s, call_id);
	stmt_bind_int(s, seq);
	stmt_bind_int(s, provider);
	stmt_bind_int(s, model);
	stmt_bind_int(s, a->reason);
	bind_optional(s, a->status, 0);
	stmt_bind_int(s, a->start_us);
	bind_optional(s, a->first_byte_us, -1);
	bind_optional(s, a->total_us, -1);
	bind_words(s, a->error);
	return stmt_run(s, err);
}

static int mark_call(struct db *db, const struct call_record *r, const struct words *w, struct err *err)
{
	const struct marked marked = {
		.asked = w->asked,
		.model = w->model,
		.provider = w->provider,
		.app = w->app,
		.status = r->status,
		.result = r->result,
	};

	return marks_put(db, r->id, &marked, err);
}

int ledger_insert(struct db *db, const struct call_record *r, struct err *err)
{
	struct words words;
	char *detail;
	int rc = intern_all(db, r, &words, err);

	if (rc < 0)
		return rc;
	detail = usage_detail(&r->usage);
	rc = insert_call(db, r, &words, detail, err);
	free(detail);
	if (rc < 0 || db_changes(db) == 0)
		return rc;
	rc = mark_call(db, r, &words, err);
	for (unsigned i = 0; i < r->num_entries && rc == 0; i++)
		rc = insert_attempt(db, r->id, i, &r->attempts[i], err);
	return rc < 0 ? rc : 1;
}
