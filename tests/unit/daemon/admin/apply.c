/* SPDX-License-Identifier: MIT */
#include "admin/apply.h"

#include "admin/admin.h"
#include "ask.h"
#include "base/buf.h"
#include "config/config.h"

static const char file[] = "providers:\n"
			   "  - {name: a, kind: sim}\n"
			   "  - {name: b, kind: openai, base_url: \"http://127.0.0.1:1/v1\", api_key: \"env:NO_SUCH_VARIABLE\"}\n"
			   "chains:\n"
			   "  - {name: smart, tiers: [[{target: a/m, weight: 3}], [{target: b/n}]], timeout: 60s}\n"
			   "teams:\n"
			   "  - {name: search, budget: 500/month, rpm: 600}\n"
			   "prices:\n"
			   "  - {model: m, input: 3, output: 15}\n";

static void seed(const char *text)
{
	struct config config;
	struct err err = {0};

	config_init(&config);
	CHECK_INT(config_parse(&config, text, strlen(text), "test.yaml", &err), 0);
	free(config.settings.home);
	config.settings.home = xstrdup(the_settings.home);
	CHECK_INT(admin_seed(the_admin.db, &config, &err), 0);
	config_release(&config);
}

/* Providers that this machine's environment brings would be in every plan. */
static void without_keys_in_the_environment(void)
{
	static const char *const names[] = {"OPENAI_API_KEY",   "ANTHROPIC_API_KEY", "GEMINI_API_KEY",     "MISTRAL_API_KEY",
					    "GROQ_API_KEY",     "DEEPSEEK_API_KEY",  "XAI_API_KEY",        "OPENROUTER_API_KEY",
					    "AWS_ACCESS_KEY_ID", "OLLAMA_HOST",       "AZURE_OPENAI_API_KEY"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
}

static void seeds_make_what_is_missing_and_leave_the_rest(void)
{
	admin_open();
	seed(file);
	ask("GET", "/v1/teams/search", NULL);
	CHECK_TEXT(said("budgets.0.amount_usd"), "500");
	CHECK_TEXT(said("rpm"), "600");
	ask("PATCH", "/v1/teams/search", "{\"rpm\": 10}");
	seed(file);
	ask("GET", "/v1/teams/search", NULL);
	CHECK_TEXT(said("rpm"), "10");
	ask("GET", "/v1/audit", NULL);
	CHECK_TEXT(said("items.0.action"), "team.update");      /* the second time left no trace */
	CHECK_TEXT(said("items.4.via"), "config");
	CHECK_TEXT(said("items.4.uid"), "null");
	admin_close();
}

static void an_export_is_a_file_that_changes_nothing(void)
{
	char *exported;

	admin_open();
	without_keys_in_the_environment();
	seed(file);
	CHECK_INT(ask("GET", "/v1/export", NULL), 200);
	exported = xstrdup(answer_text);
	CHECK(strstr(exported, "500/month") != NULL);
	CHECK_INT(ask("POST", "/v1/diff", exported), 200);
	CHECK_TEXT(said("plan"), "[]");
	free(exported);
	admin_close();
}

static void a_diff_says_what_apply_then_does(void)
{
	static const char other[] = "providers:\n"
				    "  - {name: a, kind: sim}\n"
				    "  - {name: c, kind: sim}\n"
				    "chains:\n"
				    "  - {name: smart, tiers: [[{target: c/m}]], timeout: 60s}\n"
				    "teams:\n"
				    "  - {name: web, budget: 5/day}\n";

	admin_open();
	without_keys_in_the_environment();
	seed(file);
	CHECK_INT(ask("POST", "/v1/diff", other), 200);
	CHECK_TEXT(said("plan.0.action"), "create");
	CHECK_TEXT(said("plan.0.object"), "provider c");
	CHECK_TEXT(said("plan.1.action"), "update");
	CHECK_TEXT(said("plan.1.object"), "chain smart");
	CHECK_TEXT(said("plan.2.object"), "team web");
	CHECK_TEXT(said("plan.3.action"), "delete");
	CHECK_TEXT(said("plan.3.object"), "provider b");
	CHECK_TEXT(said("plan.4.object"), "team search");
	CHECK_TEXT(said("plan.5"), "");
	ask("GET", "/v1/teams", NULL);
	CHECK_TEXT(said("items.0.name"), "search");     /* a diff changes nothing */

	query_string = "dry_run=1";
	CHECK_INT(ask("POST", "/v1/apply", other), 200);
	CHECK_TEXT(said("changes"), "[]");
	CHECK_INT(ask("POST", "/v1/apply", other), 200);
	CHECK_TEXT(said("changes.4.action"), "team.delete");
	CHECK(map_get_text(&admin_view(&the_admin)->providers, "c") != NULL);
	CHECK(map_get_text(&admin_view(&the_admin)->providers, "b") == NULL);
	CHECK_INT(ask("POST", "/v1/diff", other), 200);
	CHECK_TEXT(said("plan"), "[]");
	admin_close();
}

static void what_is_switched_live_stays_when_a_file_is_silent_about_it(void)
{
	admin_open();
	without_keys_in_the_environment();
	seed(file);
	ask("POST", "/v1/providers/a/disable", NULL);
	ask("POST", "/v1/teams/search/block", NULL);
	CHECK_INT(ask("POST", "/v1/diff", file), 200);
	CHECK_TEXT(said("plan"), "[]");
	admin_close();
}

static void a_secret_in_a_file_is_a_change_the_first_time_only(void)
{
	static const char with_secret[] = "providers:\n  - {name: openai, api_key: sk-literal}\n";

	admin_open();
	without_keys_in_the_environment();
	CHECK_INT(ask("POST", "/v1/apply", with_secret), 200);
	CHECK_TEXT(said("changes.0.object"), "provider openai");
	CHECK_INT(ask("POST", "/v1/diff", with_secret), 200);
	CHECK_TEXT(said("plan"), "[]");
	CHECK_INT(ask("POST", "/v1/diff", "providers:\n  - {name: openai, api_key: sk-another}\n"), 200);
	CHECK_TEXT(said("plan.0.action"), "update");
	admin_close();
}

static void a_file_that_is_wrong_changes_nothing(void)
{
	admin_open();
	seed(file);
	CHECK_INT(ask("POST", "/v1/apply", "teams:\n  - {name: web, bugdet: 5/day}\n"), 400);
	CHECK(strstr(said("error.message"), "budget") != NULL);
	CHECK_INT(ask("GET", "/v1/teams/search", NULL), 200);
	admin_close();
}

CHECK_MAIN(TEST(seeds_make_what_is_missing_and_leave_the_rest), TEST(an_export_is_a_file_that_changes_nothing),
	   TEST(a_diff_says_what_apply_then_does), TEST(what_is_switched_live_stays_when_a_file_is_silent_about_it),
	   TEST(a_secret_in_a_file_is_a_change_the_first_time_only), TEST(a_file_that_is_wrong_changes_nothing))
