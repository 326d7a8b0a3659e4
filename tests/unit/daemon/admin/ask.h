/* SPDX-License-Identifier: MIT */
/*
 * ask.h — the admin API asked without sockets, over a database of the test's own and a published
 * live view: ask("POST", "/v1/teams", "{…}") leaves status and answer.
 */
#ifndef TESTS_ADMIN_ASK_H
#define TESTS_ADMIN_ASK_H

#include <stdlib.h>

#include "admin/context.h"
#include "admin/pulse.h"
#include "admin/request.h"
#include "admin/routes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "check.h"
#include "routing/health.h"
#include "routing/publish.h"
#include "store/store.h"
#include "temporary.h"

static struct admin the_admin;
static struct settings the_settings;
static struct peer the_peer;
static unsigned status;
static json_t *answer;                  /* of the last question */
static char *answer_text;               /* where it was no JSON; else NULL */

/* What goes with the next question, and is forgotten then. */
static const char *if_match, *idempotency_key, *query_string;

static inline const char *test_header(const struct admin_request *r, const char *name)
{
	(void)r;
	if (strcmp(name, "If-Match") == 0)
		return if_match;
	return strcmp(name, "Idempotency-Key") == 0 ? idempotency_key : NULL;
}

/* Of "a=b&c=d"; nothing is encoded. */
static inline const char *test_query(const struct admin_request *r, const char *name)
{
	static char values[16][128];
	static unsigned next;
	size_t len = strlen(name);

	(void)r;
	for (const char *p = query_string; p != NULL; p = strchr(p, '&') != NULL ? strchr(p, '&') + 1 : NULL)
		if (strncmp(p, name, len) == 0 && p[len] == '=') {
			char *out = values[next++ % 16];

			copy_text(out, 128, p + len + 1);
			out[strcspn(out, "&")] = '\0';
			return out;
		}
	return NULL;
}

static inline unsigned ask(const char *method, const char *path, const char *body)
{
	struct admin_request r;

	request_init(&r, &the_admin);
	r.method = method;
	r.path = path;
	r.text = body != NULL ? body : "";
	r.text_len = strlen(r.text);
	r.header = test_header;
	r.query = test_query;
	r.peer = the_peer;
	routes_answer(&r);
	json_decref(answer);
	free(answer_text);
	answer = json_incref(r.answer);
	answer_text = r.content_type != NULL ? xstrdup(r.answer_text.data) : NULL;
	status = r.status;
	request_release(&r);
	if_match = idempotency_key = query_string = NULL;
	return status;
}

/* A text member of the answer by its path: "object.budgets.0.window"; "" when there is none. */
static inline const char *said(const char *path)
{
	static char text[8][600];
	static unsigned next;
	const json_t *value = answer;
	char *out = text[next++ % 8], word[64];

	while (*path != '\0' && value != NULL) {
		size_t len = strcspn(path, ".");

		copy_text(word, len + 1, path);
		value = json_is_array(value) ? json_array_get(value, strtoul(word, NULL, 10)) : json_object_get(value, word);
		path += len + (path[len] == '.');
	}
	*out = '\0';
	if (json_is_string(value)) {
		copy_text(out, 600, json_string_value(value));
	} else if (value != NULL) {
		char *printed = json_to_text(value);

		copy_text(out, 600, printed);
		free(printed);
	}
	return out;
}

static inline void admin_open(void)
{
	struct err err = {0};
	struct view *view;

	the_settings = (struct settings){.name = (char *)"test",
					 .home = (char *)temporary_path("home"),
					 .socket = (char *)"",
					 .durability = (char *)"process",
					 .listen = (char *)""};
	the_settings.home = xstrdup(the_settings.home);
	mkdir(the_settings.home, 0700);
	the_peer = (struct peer){.uid = 4711, .pid = 42, .user = "alice", .role = ROLE_ADMIN};
	the_admin = (struct admin){.options = {.settings = &the_settings, .listen = "127.0.0.1:4000"}};
	the_admin.options.db_path = xstrdup(temporary_path("t.db"));
	the_admin.db = db_open(the_admin.options.db_path, DB_WRITE, &err);
	CHECK(the_admin.db != NULL && db_migrate(the_admin.db, &err) == 0);
	the_admin.pulse = pulse_new(clock_wall_ms());
	the_admin.options.health = health_table_new();
	the_admin.options.registry = view_registry_new(the_admin.options.health, the_settings.home);
	view = view_build(the_admin.options.registry, the_admin.db, &err);
	CHECK_TEXT(err.text, "");
	the_admin.options.publisher = publisher_new(view);
}

static inline void admin_close(void)
{
	publisher_free(the_admin.options.publisher);
	view_registry_free(the_admin.options.registry);
	health_table_free(the_admin.options.health);
	pulse_free(the_admin.pulse);
	index_release(&the_admin.index);
	spend_cache_forget(&the_admin.spend[SPEND_OF_TEAMS]);
	spend_cache_forget(&the_admin.spend[SPEND_OF_KEYS]);
	db_close(the_admin.db);
	free((char *)the_admin.options.db_path);
	free(the_settings.home);
	json_decref(answer);
	free(answer_text);
	answer = NULL;
	answer_text = NULL;
}

#endif
