/* SPDX-License-Identifier: MIT */
#include "admin/change.h"

#include "ask.h"
#include "base/hash.h"

static void make_team(void)
{
	CHECK_INT(ask("POST", "/v1/teams", "{\"name\": \"search\", \"budget\": \"500/month\", \"reason\": \"new\"}"), 201);
}

/* The key that a secret opens now, or NULL. */
static const struct view_key *opens(const char *secret)
{
	unsigned char hash[HASH_BYTES];

	hash_sha256(secret, strlen(secret), hash);
	return view_key(admin_view(&the_admin), hash);
}

static void a_change_is_in_the_live_view_before_it_is_answered(void)
{
	char secret[64], path[64];

	admin_open();
	make_team();
	CHECK_TEXT(said("generation"), "2");
	CHECK_INT(ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\"}"), 201);
	copy_text(secret, sizeof(secret), said("secret"));
	CHECK(opens(secret) != NULL && opens(secret)->state == KEY_ACTIVE);
	snprintf(path, sizeof(path), "/v1/keys/%s/revoke", said("object.id"));
	CHECK_INT(ask("POST", path, NULL), 200);
	CHECK(opens(secret)->state == KEY_REVOKED);
	admin_close();
}

static void a_secret_is_shown_once_and_kept_nowhere(void)
{
	unsigned char hash[HASH_BYTES];
	char secret[64], *text;
	struct err err = {0};
	int kept_status = 0;

	admin_open();
	make_team();
	idempotency_key = "k1";
	ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\"}");
	copy_text(secret, sizeof(secret), said("secret"));
	CHECK_INT((int)strlen(secret), 6 + 40);
	CHECK(strncmp(secret, "sk-tg-", 6) == 0);
	CHECK(strncmp(said("object.prefix"), secret, 10) == 0);
	CHECK_INT((int)strlen(said("object.id")), 4 + 12);

	/* The same again is the same key, without its secret. */
	idempotency_key = "k1";
	CHECK_INT(ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\"}"), 201);
	CHECK_TEXT(said("secret"), "null");
	CHECK_TEXT(said("replayed"), "true");
	CHECK_TEXT(said("object.name"), "ci");
	ask("GET", "/v1/keys", NULL);
	CHECK_TEXT(said("total"), "1");
	ask("GET", "/v1/audit", NULL);
	text = json_to_text(answer);
	CHECK(strstr(text, secret) == NULL && strstr(text, secret + 10) == NULL);
	free(text);
	CHECK_INT(idempotency_get(the_admin.db, "k1", 4711, hash, &kept_status, &text, &err), 0);
	CHECK_INT(kept_status, 201);
	CHECK(strstr(text, secret) == NULL && strstr(text, secret + 10) == NULL);
	free(text);

	/* Another request under the same key is a mistake. */
	idempotency_key = "k1";
	CHECK_INT(ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"other\"}"), 409);
	admin_close();
}

static void whoever_saw_an_older_revision_is_told_both(void)
{
	admin_open();
	make_team();
	if_match = "\"1\"";
	CHECK_INT(ask("PATCH", "/v1/teams/search", "{\"rpm\": 10}"), 200);
	CHECK_TEXT(said("object.revision"), "2");
	if_match = "\"1\"";
	CHECK_INT(ask("PATCH", "/v1/teams/search", "{\"rpm\": 20}"), 409);
	CHECK_TEXT(said("error.code"), "conflict");
	CHECK_TEXT(said("current.rpm"), "10");
	CHECK_TEXT(said("current.revision"), "2");
	if_match = "x";
	CHECK_INT(ask("PATCH", "/v1/teams/search", "{\"rpm\": 20}"), 400);
	if_match = "*";
	CHECK_INT(ask("PATCH", "/v1/teams/search", "{\"rpm\": 20}"), 200);
	admin_close();
}

static void every_change_leaves_an_entry_with_before_and_after(void)
{
	admin_open();
	make_team();
	ask("PATCH", "/v1/teams/search", "{\"budget\": \"12.50/day\", \"note\": \"x\"}");
	ask("GET", "/v1/audit", NULL);
	CHECK_TEXT(said("items.0.action"), "team.update");
	CHECK_TEXT(said("items.0.object"), "team search");
	CHECK_TEXT(said("items.0.before.budget"), "500/month");
	CHECK_TEXT(said("items.0.after.budget"), "12.5/day");
	CHECK_TEXT(said("items.0.uid"), "4711");
	CHECK_TEXT(said("items.0.pid"), "42");
	CHECK_TEXT(said("items.0.via"), "api");
	CHECK_TEXT(said("items.1.reason"), "new");
	CHECK_TEXT(said("items.1.before"), "null");
	admin_close();
}

static void a_dry_run_changes_nothing(void)
{
	admin_open();
	make_team();
	query_string = "dry_run=1";
	CHECK_INT(ask("DELETE", "/v1/teams/search", NULL), 200);
	CHECK_TEXT(said("dry_run"), "true");
	CHECK_TEXT(said("impact.calls_24h"), "0");
	CHECK_INT(ask("GET", "/v1/teams/search", NULL), 200);
	ask("GET", "/v1/audit", NULL);
	CHECK_TEXT(said("items.1"), "");
	/* What would fail fails dry, too. */
	query_string = "dry_run=1";
	CHECK_INT(ask("PATCH", "/v1/teams/search", "{\"rpm\": 0}"), 400);
	CHECK_TEXT(said("error.field"), "rpm");
	admin_close();
}

static void an_unknown_member_is_named_with_its_neighbour(void)
{
	admin_open();
	make_team();
	CHECK_INT(ask("PATCH", "/v1/teams/search", "{\"budgt\": \"5/day\"}"), 400);
	CHECK_TEXT(said("error.message"), "budgt: no such field; did you mean budget?");
	CHECK_TEXT(said("error.field"), "budgt");
	admin_close();
}

static void budgets_are_put_changed_and_taken_away(void)
{
	admin_open();
	make_team();
	CHECK_TEXT(said("object.budgets.0.amount_usd"), "500");
	CHECK_TEXT(said("object.budgets.0.window"), "month");
	CHECK_TEXT(said("object.budgets.0.spent_usd"), "0");
	ask("PATCH", "/v1/teams/search", "{\"budget_mode\": \"strict\"}");
	CHECK_TEXT(said("object.budgets.0.mode"), "strict");
	CHECK_TEXT(said("object.budgets.0.amount_usd"), "500");
	ask("PATCH", "/v1/teams/search",
	    "{\"budgets\": [{\"amount_usd\": \"5\", \"window\": \"day\"}, "
	    "{\"amount_usd\": \"1\", \"window\": \"day\", \"model\": \"smart\"}]}");
	CHECK_TEXT(said("object.budgets.1.amount_usd") + 0, "1");
	CHECK_TEXT(said("object.budgets.2"), "");
	CHECK_INT(ask("PATCH", "/v1/teams/search", "{\"budget\": \"5 a day\"}"), 400);
	CHECK_TEXT(said("error.field"), "budget");
	ask("PATCH", "/v1/teams/search", "{\"budgets\": null}");
	CHECK_TEXT(said("object.budgets"), "[]");
	admin_close();
}

static void more_budgets_than_a_call_can_reserve_from_are_refused(void)
{
	char body[1024] = "{\"budgets\": [";

	admin_open();
	make_team();
	for (int i = 0; i < 9; i++) {
		size_t len = strlen(body);

		snprintf(body + len, sizeof(body) - len, "%s{\"amount_usd\": \"1\", \"window\": \"day\", \"model\": \"m%d\"}",
			 i > 0 ? ", " : "", i);
	}
	copy_text(body + strlen(body), 3, "]}");
	CHECK_INT(ask("PATCH", "/v1/teams/search", body), 400);
	CHECK_TEXT(said("error.field"), "budgets");
	ask("GET", "/v1/teams/search", NULL);
	CHECK_TEXT(said("budgets.0.window"), "month");
	CHECK_TEXT(said("budgets.1"), "");
	admin_close();
}

static void a_key_of_no_team_is_refused_with_a_suggestion(void)
{
	admin_open();
	make_team();
	CHECK_INT(ask("POST", "/v1/keys", "{\"team\": \"serch\"}"), 400);
	CHECK_TEXT(said("error.message"), "team: no team \"serch\"; did you mean search?");
	CHECK_INT(ask("POST", "/v1/keys", "{}"), 400);
	CHECK_TEXT(said("error.field"), "team");
	admin_close();
}

static void a_rotated_key_has_two_secrets_for_its_grace(void)
{
	char old[64], new[64];

	admin_open();
	make_team();
	ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\"}");
	copy_text(old, sizeof(old), said("secret"));
	CHECK_INT(ask("POST", "/v1/keys/search/ci/rotate", "{\"grace\": \"1h\"}"), 200);
	copy_text(new, sizeof(new), said("secret"));
	CHECK(strcmp(old, new) != 0 && opens(new) != NULL && opens(old) != NULL);
	CHECK(opens(old)->valid_until_ms > clock_wall_ms() && opens(new)->valid_until_ms == 0);
	/* Without a grace the old one is dead at once, and known as such; the one before it is forgotten. */
	CHECK_INT(ask("POST", "/v1/keys/search/ci/rotate", NULL), 200);
	CHECK(opens(new) != NULL && opens(new)->valid_until_ms <= clock_wall_ms());
	CHECK(opens(old) == NULL && opens(said("secret")) != NULL);
	admin_close();
}

static void a_revoked_key_stays_revoked(void)
{
	admin_open();
	make_team();
	ask("POST", "/v1/keys", "{\"team\": \"search\", \"name\": \"ci\"}");
	query_string = "reason=leaked";
	CHECK_INT(ask("POST", "/v1/keys/search/ci/revoke", NULL), 200);
	CHECK_TEXT(said("object.state"), "revoked");
	CHECK_TEXT(said("object.state_reason"), "leaked");
	ask("GET", "/v1/keys", NULL);
	CHECK_TEXT(said("total"), "1");
	{
		char path[80];

		snprintf(path, sizeof(path), "/v1/keys/%s/unblock", said("items.0.id"));
		CHECK_INT(ask("POST", path, NULL), 409);
	}
	ask("GET", "/v1/audit", NULL);
	CHECK_TEXT(said("items.0.action"), "key.revoke");
	CHECK_TEXT(said("items.0.undoable"), "false");
	admin_close();
}

static void a_providers_secret_is_never_shown(void)
{
	char *text;

	admin_open();
	CHECK_INT(ask("POST", "/v1/providers", "{\"name\": \"openai\", \"api_key\": \"sk-very-secret\"}"), 201);
	CHECK_TEXT(said("object.credential"), "stored");
	CHECK_TEXT(said("object.kind"), "openai");
	text = json_to_text(answer);
	CHECK(strstr(text, "very-secret") == NULL && strstr(text, "box:") == NULL);
	free(text);
	ask("GET", "/v1/audit", NULL);
	text = json_to_text(answer);
	CHECK(strstr(text, "very-secret") == NULL && strstr(text, "box:") == NULL);
	free(text);
	CHECK_INT(ask("PATCH", "/v1/providers/openai", "{\"api_key\": \"env:OPENAI_API_KEY\"}"), 200);
	CHECK_TEXT(said("object.credential"), "env:OPENAI_API_KEY");
	CHECK_INT(ask("POST", "/v1/providers", "{\"name\": \"x\", \"kind\": \"opnai\"}"), 400);
	CHECK_TEXT(said("error.message"), "kind: no such kind of provider; did you mean openai?");
	admin_close();
}

static void make_chain(void)
{
	ask("POST", "/v1/providers", "{\"name\": \"a\", \"kind\": \"sim\"}");
	ask("POST", "/v1/providers", "{\"name\": \"b\", \"kind\": \"sim\"}");
	CHECK_INT(ask("PUT", "/v1/chains/smart", "{\"text\": \"a/m*3,b/m > b/n\", \"timeout\": \"60s\"}"), 200);
}

static void a_switched_provider_says_who_and_why_and_what_it_would_touch(void)
{
	admin_open();
	make_chain();
	query_string = "dry_run=1";
	ask("POST", "/v1/providers/b/disable", NULL);
	CHECK_TEXT(said("impact.moves_to.0.chain"), "smart");
	CHECK_TEXT(said("impact.moves_to.0.target"), "a/m");
	CHECK_TEXT(said("impact.chains_without_target"), "[]");
	CHECK_INT(ask("POST", "/v1/providers/b/disable", "{\"reason\": \"GPU swap\"}"), 200);
	CHECK_TEXT(said("object.state"), "disabled");
	CHECK_TEXT(said("object.state_by"), "alice");
	CHECK_TEXT(said("object.state_reason"), "GPU swap");
	CHECK_TEXT(said("object.letter"), "O");
	query_string = "dry_run=1";
	ask("POST", "/v1/providers/a/disable", NULL);
	CHECK_TEXT(said("impact.chains_without_target.0"), "smart");
	/* What a chain names is not removed under it. */
	CHECK_INT(ask("DELETE", "/v1/providers/b", NULL), 409);
	CHECK(strstr(said("error.message"), "smart") != NULL);
	admin_close();
}

static void a_chain_is_written_as_versions_and_taken_back(void)
{
	admin_open();
	make_chain();
	CHECK_TEXT(said("object.version"), "1");
	CHECK_TEXT(said("object.text"), "a/m*3,b/m > b/n");
	if_match = "\"1\"";
	CHECK_INT(ask("PUT", "/v1/chains/smart", "{\"text\": \"b/m\"}"), 200);
	CHECK_TEXT(said("object.timeout"), "1m");       /* what the body does not say stays */
	if_match = "\"1\"";
	CHECK_INT(ask("PUT", "/v1/chains/smart", "{\"text\": \"a/m\"}"), 409);
	CHECK_TEXT(said("current.version"), "2");
	CHECK_INT(ask("POST", "/v1/chains/smart/undo", NULL), 200);
	CHECK_TEXT(said("object.version"), "3");
	CHECK_TEXT(said("object.text"), "a/m*3,b/m > b/n");
	CHECK_INT(ask("DELETE", "/v1/chains/smart", NULL), 200);
	CHECK_INT(ask("GET", "/v1/chains/smart", NULL), 404);
	CHECK_INT(ask("GET", "/v1/chains/smart/history", NULL), 200);
	CHECK_TEXT(said("total"), "4");
	CHECK_TEXT(said("items.0.deleted"), "true");
	CHECK_INT(ask("POST", "/v1/chains/smart/undo", NULL), 200);
	CHECK_INT(ask("GET", "/v1/chains/smart", NULL), 200);
	CHECK_INT(ask("PUT", "/v1/chains/other", "{\"text\": \"nobody/m\"}"), 400);
	CHECK_INT(ask("PUT", "/v1/chains/x/undo", "{\"text\": \"a/m\"}"), 405);
	admin_close();
}

static void undo(const char *expected_action)
{
	char path[64];

	ask("GET", "/v1/audit", NULL);
	CHECK_TEXT(said("items.0.action"), expected_action);
	CHECK_TEXT(said("items.0.undoable"), "true");
	snprintf(path, sizeof(path), "/v1/audit/%s/undo", said("items.0.id"));
	CHECK_INT(ask("POST", path, NULL), 200);
}

static void an_undo_puts_back_what_was_before(void)
{
	admin_open();
	make_team();
	ask("PATCH", "/v1/teams/search", "{\"budgets\": [{\"amount_usd\": \"1\", \"window\": \"day\", \"model\": \"x\"}], "
					 "\"rpm\": 7, \"models\": [\"smart\"], \"markup_percent\": \"12.5\"}");
	CHECK_TEXT(said("object.markup_percent"), "12.5");
	undo("team.update");
	CHECK_TEXT(said("object.rpm"), "null");
	CHECK_TEXT(said("object.models"), "null");
	CHECK_TEXT(said("object.markup_percent"), "0");
	CHECK_TEXT(said("object.budgets.0.window"), "month");
	CHECK_TEXT(said("object.budgets.1"), "");
	/* An undo is a change like any other. */
	undo("team.undo");
	CHECK_TEXT(said("object.rpm"), "7");
	CHECK_TEXT(said("object.budgets.0.model"), "x");
	make_chain();
	undo("chain.set");
	CHECK_INT(ask("GET", "/v1/chains/smart", NULL), 404);
	ask("POST", "/v1/providers/a/drain", NULL);
	undo("provider.drain");
	CHECK_TEXT(said("object.state"), "enabled");
	admin_close();
}

static void an_undo_does_not_run_over_a_later_change(void)
{
	char path[64];

	admin_open();
	make_team();
	ask("PATCH", "/v1/teams/search", "{\"rpm\": 7}");
	snprintf(path, sizeof(path), "/v1/audit/%s/undo", said("audit_id"));
	ask("PATCH", "/v1/teams/search", "{\"rpm\": 8}");
	CHECK_INT(ask("POST", path, NULL), 409);
	ask("GET", "/v1/teams/search", NULL);
	CHECK_TEXT(said("rpm"), "8");
	CHECK_INT(ask("POST", "/v1/audit/999/undo", NULL), 404);
	admin_close();
}

/* Prices that are set in one millisecond are of one change. */
static void wait_for_another_millisecond(void)
{
	int64_t now_ms = clock_wall_ms();

	while (clock_wall_ms() == now_ms)
		;
}

static void a_price_holds_from_now_on_and_its_tiers_come_along(void)
{
	admin_open();
	make_chain();
	CHECK_INT(ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"3\", \"output\": \"15\"}"), 201);
	CHECK_TEXT(said("object.from"), "null");        /* the first: from the beginning */
	CHECK_INT(ask("POST", "/v1/prices", "{\"model\": \"m\", \"above_input\": 200000, \"input\": \"6\"}"), 201);
	wait_for_another_millisecond();
	CHECK_INT(ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"2\", \"output\": \"10\"}"), 201);
	CHECK(strcmp(said("object.from"), "null") != 0);
	{
		const struct price *price = view_price(admin_view(&the_admin), "a", "m");

		CHECK(price != NULL && price->num_tiers == 2);
		CHECK_INT(price->tiers[0].nusd_per_m[USAGE_INPUT], 2 * NUSD_PER_USD);
		CHECK_INT(price->tiers[1].nusd_per_m[USAGE_INPUT], 6 * NUSD_PER_USD);
	}
	CHECK_INT(ask("POST", "/v1/prices", "{\"model\": \"m\"}"), 400);
	CHECK_INT(ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"-1\"}"), 400);
	admin_close();
}

static void the_gateways_own_budget_is_set_and_shown(void)
{
	admin_open();
	CHECK_INT(ask("PATCH", "/v1/gateway", "{\"budget\": \"9000/month\"}"), 200);
	CHECK_TEXT(said("object.budgets.0.amount_usd"), "9000");
	CHECK_INT((int)admin_view(&the_admin)->num_gateway_budgets, 1);
	admin_close();
}

CHECK_MAIN(TEST(a_change_is_in_the_live_view_before_it_is_answered), TEST(a_secret_is_shown_once_and_kept_nowhere),
	   TEST(whoever_saw_an_older_revision_is_told_both), TEST(every_change_leaves_an_entry_with_before_and_after),
	   TEST(a_dry_run_changes_nothing), TEST(an_unknown_member_is_named_with_its_neighbour),
	   TEST(budgets_are_put_changed_and_taken_away), TEST(more_budgets_than_a_call_can_reserve_from_are_refused),
	   TEST(a_key_of_no_team_is_refused_with_a_suggestion), TEST(a_rotated_key_has_two_secrets_for_its_grace),
	   TEST(a_revoked_key_stays_revoked), TEST(a_providers_secret_is_never_shown),
	   TEST(a_switched_provider_says_who_and_why_and_what_it_would_touch),
	   TEST(a_chain_is_written_as_versions_and_taken_back), TEST(an_undo_puts_back_what_was_before),
	   TEST(an_undo_does_not_run_over_a_later_change), TEST(a_price_holds_from_now_on_and_its_tiers_come_along),
	   TEST(the_gateways_own_budget_is_set_and_shown))
