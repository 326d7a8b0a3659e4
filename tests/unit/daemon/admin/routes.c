/* SPDX-License-Identifier: MIT */
#include "admin/routes.h"

#include "ask.h"

static const struct route *find(const char *method, const char *path, char name[ADMIN_NAME])
{
	const struct route *other;

	return routes_find(method, path, name, ADMIN_NAME, &other);
}

static void names_are_taken_from_paths(void)
{
	char name[ADMIN_NAME];

	CHECK_TEXT(find("GET", "/v1/teams/search", name)->pattern, "/v1/teams/{name}");
	CHECK_TEXT(name, "search");
	CHECK_TEXT(find("POST", "/v1/keys/key_1/rotate", name)->pattern, "/v1/keys/{id}/rotate");
	CHECK_TEXT(name, "key_1");
	CHECK_TEXT(find("GET", "/v1/teams", name)->pattern, "/v1/teams");
	CHECK_TEXT(name, "");
	CHECK(find("GET", "/v1/teams/", name) == NULL);
}

static void a_name_may_hold_slashes(void)
{
	char name[ADMIN_NAME];

	CHECK_TEXT(find("GET", "/v1/chains/openai/gpt-5", name)->pattern, "/v1/chains/{name}");
	CHECK_TEXT(name, "openai/gpt-5");
	CHECK_TEXT(find("GET", "/v1/chains/openai/gpt-5/history", name)->pattern, "/v1/chains/{name}/history");
	CHECK_TEXT(name, "openai/gpt-5");
	/* …/undo is a question of its own: with another method it is none, not a chain called so. */
	CHECK(find("DELETE", "/v1/chains/a/undo", name) == NULL);
}

static void a_name_that_is_too_long_is_no_path(void)
{
	char name[ADMIN_NAME], path[2 * ADMIN_NAME];

	snprintf(path, sizeof(path), "/v1/teams/%0*d", ADMIN_NAME, 7);
	CHECK(find("GET", path, name) == NULL);
}

static void every_row_is_complete(void)
{
	for (const struct route *r = routes; r->method != NULL; r++) {
		bool changes = r->change != NULL;

		CHECK(r->needs != ROLE_NONE && r->help != NULL && r->pattern[0] == '/');
		CHECK((r->answer != NULL) != changes);
		/* Whoever changes something is an admin, and the audit knows a name for it. */
		CHECK(!changes || (r->needs == ROLE_ADMIN && r->action != NULL && strchr(r->action, '.') != NULL));
		CHECK(strcmp(r->method, "GET") != 0 || !changes);
	}
}

static void an_unknown_path_is_404_with_a_suggestion(void)
{
	admin_open();
	CHECK_INT(ask("GET", "/v1/tems", NULL), 404);
	CHECK_TEXT(said("error.code"), "not_found");
	CHECK(strstr(said("error.message"), "/v1/teams") != NULL);
	admin_close();
}

static void a_wrong_method_is_405_and_says_which_are_right(void)
{
	admin_open();
	CHECK_INT(ask("PUT", "/v1/teams", "{}"), 405);
	CHECK_TEXT(said("error.code"), "no_such_route");
	CHECK_TEXT(said("error.message"), "/v1/teams takes GET, POST, not PUT");
	admin_close();
}

static void viewers_look_and_do_not_change(void)
{
	admin_open();
	the_peer.role = ROLE_VIEWER;
	CHECK_INT(ask("GET", "/v1/teams", NULL), 200);
	CHECK_INT(ask("POST", "/v1/teams", "{\"name\": \"search\"}"), 403);
	CHECK_TEXT(said("error.code"), "forbidden");
	CHECK_INT(ask("POST", "/v1/db/backup", NULL), 403);
	CHECK_INT(ask("GET", "/v1/teams", NULL), 200);
	CHECK_TEXT(said("total"), "0");
	/* The attempt is on record, as refused. */
	CHECK_INT(ask("GET", "/v1/audit", NULL), 200);
	CHECK_TEXT(said("items.0.action"), "team.create");
	CHECK_TEXT(said("items.0.who"), "alice");
	CHECK_TEXT(said("items.0.refused"), "needs the role admin");
	CHECK_TEXT(said("items.0.undoable"), "false");
	CHECK_TEXT(said("items.1"), "");
	admin_close();
}

static void strangers_get_nothing_and_leave_nothing(void)
{
	admin_open();
	the_peer.role = ROLE_NONE;
	for (const struct route *r = routes; r->method != NULL; r++)
		CHECK_INT(ask(r->method, r->pattern, "{}"), 403);
	CHECK_INT(ask("GET", "/v1/no-such-thing", NULL), 403);
	the_peer.role = ROLE_ADMIN;
	ask("GET", "/v1/audit", NULL);
	CHECK_TEXT(said("items"), "[]");
	admin_close();
}

static void a_body_that_is_no_object_is_refused_in_words(void)
{
	admin_open();
	CHECK_INT(ask("POST", "/v1/teams", "[1]"), 400);
	CHECK_TEXT(said("error.message"), "the body: expected an object, found a list");
	CHECK_INT(ask("POST", "/v1/teams", "{\"name\": "), 400);
	CHECK(strstr(said("error.message"), "the body: ") != NULL);
	admin_close();
}

static void lists_are_filtered_sorted_and_cut(void)
{
	admin_open();
	ask("POST", "/v1/teams", "{\"name\": \"beta\", \"rpm\": 5}");
	ask("POST", "/v1/teams", "{\"name\": \"alpha\", \"rpm\": 50}");
	ask("POST", "/v1/teams", "{\"name\": \"gamma\"}");
	query_string = "sort=-rpm";
	ask("GET", "/v1/teams", NULL);
	CHECK_TEXT(said("items.0.name"), "alpha");
	CHECK_TEXT(said("items.2.name"), "gamma");      /* unknown comes last, whichever way */
	query_string = "sort=name&limit=1&offset=1";
	ask("GET", "/v1/teams", NULL);
	CHECK_TEXT(said("items.0.name"), "beta");
	CHECK_TEXT(said("items.1"), "");
	CHECK_TEXT(said("total"), "3");
	query_string = "filter=AMM";
	ask("GET", "/v1/teams", NULL);
	CHECK_TEXT(said("items.0.name"), "gamma");
	CHECK_TEXT(said("total"), "1");
	query_string = "sort=colour";
	CHECK_INT(ask("GET", "/v1/teams", NULL), 400);
	query_string = "limit=1001";
	CHECK_INT(ask("GET", "/v1/teams", NULL), 400);
	CHECK_TEXT(said("error.field"), "limit");
	admin_close();
}

CHECK_MAIN(TEST(names_are_taken_from_paths), TEST(a_name_may_hold_slashes), TEST(a_name_that_is_too_long_is_no_path),
	   TEST(every_row_is_complete), TEST(an_unknown_path_is_404_with_a_suggestion),
	   TEST(a_wrong_method_is_405_and_says_which_are_right), TEST(viewers_look_and_do_not_change),
	   TEST(strangers_get_nothing_and_leave_nothing), TEST(a_body_that_is_no_object_is_refused_in_words),
	   TEST(lists_are_filtered_sorted_and_cut))
