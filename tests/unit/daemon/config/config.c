/* SPDX-License-Identifier: MIT */
/* The configuration file: what it may say, and what is said when it is wrong. */
#include "config/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "check.h"
#include "dialects/provider_kind.h"
#include "temporary.h"

static struct config config;
static struct err err;

/* Without what the machine that runs the test happens to have set. */
static void begin(void)
{
	static const char *const names[] = {"TOLLGATE_HOME", "TOLLGATE_SOCKET", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
					    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
					    "AWS_BEARER_TOKEN_BEDROCK"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		unsetenv(names[i]);
	for (const struct provider_kind *kind = provider_kinds; kind->name != NULL; kind++)
		if (kind->environment != NULL)
			unsetenv(kind->environment);
	err = (struct err){.code = ERR_NONE};
	config_init(&config);
}

static int parse(const char *text)
{
	return config_parse(&config, text, strlen(text), "t.yaml", &err);
}

/* The text fails with exactly this sentence. */
static void refuses(const char *text, const char *sentence)
{
	begin();
	CHECK(parse(text) < 0);
	CHECK_TEXT(err.text, sentence);
	config_release(&config);
}

static void check_json(const json_t *value, const char *expected)
{
	struct buf text;

	buf_init(&text, 100000);
	CHECK(json_print(value, &text));
	CHECK_TEXT(text.data, expected);
	buf_release(&text);
}

static void settings_of_the_file_take_the_place_of_the_defaults(void)
{
	begin();
	CHECK_TEXT(config.settings.listen, "127.0.0.1:4000");
	CHECK_TEXT(config.settings.durability, "process");
	CHECK_INT(config.settings.workers, 0);
	CHECK(!config.settings.demo);
	CHECK_INT(parse("listen: 0.0.0.0:8080\nname: prod-eu   # shown\nworkers: 4\ndurability: power\n"
			"home: /srv/t\nsocket: '/run/x.sock'\ndemo: true\nlog: debug\n"),
		  0);
	CHECK_TEXT(config.settings.listen, "0.0.0.0:8080");
	CHECK_TEXT(config.settings.name, "prod-eu");
	CHECK_TEXT(config.settings.durability, "power");
	CHECK_TEXT(config.settings.home, "/srv/t");
	CHECK_TEXT(config.settings.socket, "/run/x.sock");
	CHECK_INT(config.settings.workers, 4);
	CHECK(config.settings.demo);
	config_release(&config);
}

static void ages_stand_together_or_alone(void)
{
	begin();
	CHECK_INT(config.settings.retention_calls, INT64_C(90) * 86400000);
	CHECK_INT(config.settings.retention_hours, INT64_C(400) * 86400000);
	CHECK_INT(parse("retention: {calls: 2d, minutes: forever}\n"), 0);
	CHECK_INT(config.settings.retention_calls, INT64_C(2) * 86400000);
	CHECK_INT(config.settings.retention_minutes, 0);
	CHECK_INT(config.settings.retention_hours, INT64_C(400) * 86400000);
	CHECK_INT(parse("retention_hours: 60d12h\n"), 0);
	CHECK_INT(config.settings.retention_hours, INT64_C(121) * 43200000);
	config_release(&config);
	refuses("retention: {calls: 47h}\n",
		"t.yaml:1: retention_calls: expected an age from 2d to 36500d, or forever; found \"47h\"");
	refuses("retention:\n  minutes: 30\n",
		"t.yaml:2: retention_minutes: expected an age from 2d to 36500d, or forever; found \"30\"");
	refuses("retention: {cals: 9d}\n", "t.yaml:1: retention_cals: no such setting; did you mean retention_calls?");
	refuses("retention: {calls: 9d, calls: 8d}\n", "t.yaml:1: calls: stands here twice");
	refuses("retention: 90d\n", "t.yaml:1: retention: expected \"name: value\" in braces or below, found \"90d\"");
	refuses("name: {first: a}\n", "t.yaml:1: name: expected a value, found a mapping");
}

static void an_empty_file_changes_nothing(void)
{
	static const char *const texts[] = {"", "\n\n", "# nothing\n", "---\n", "{}", "providers:\nteams: []\n"};

	begin();
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		CHECK_INT(parse(texts[i]), 0);
	CHECK_TEXT(config.settings.listen, "127.0.0.1:4000");
	CHECK_INT(json_array_size(config.providers), 0);
	config_release(&config);
}

static void paths_follow_user_and_environment(void)
{
	begin();
	config_release(&config);
	setenv("TOLLGATE_HOME", "/h", 1);
	setenv("TOLLGATE_SOCKET", "/s", 1);
	config_init(&config);
	CHECK_TEXT(config.settings.home, "/h");
	CHECK_TEXT(config.settings.socket, "/s");
	config_release(&config);
	begin();
	if (geteuid() == 0) {
		CHECK_TEXT(config.settings.home, "/var/lib/tollgate");
		CHECK_TEXT(config.settings.socket, "/run/tollgate/admin.sock");
	}
	config_release(&config);
}

static void an_option_is_checked_as_the_file_is(void)
{
	begin();
	CHECK_INT(config_set(&config, "workers", "8", &err), 0);
	CHECK_INT(config.settings.workers, 8);
	CHECK_INT(config_set(&config, "workers", "many", &err), ERR_INVALID);
	CHECK_TEXT(err.text, "expected a whole number from 0 to 64, found \"many\"");
	CHECK_INT(config_set(&config, "listen", "4000", &err), ERR_INVALID);
	CHECK_INT(config_set(&config, "sockt", "/x", &err), ERR_INVALID);
	CHECK_TEXT(err.text, "sockt: no such setting; did you mean socket?");
	CHECK_INT(config.settings.workers, 8);
	config_release(&config);
}

static void wrong_settings_are_refused_with_their_line(void)
{
	refuses("name: a\nlistn: 127.0.0.1:1\n", "t.yaml:2: listn: no such setting; did you mean listen?");
	refuses("provider: []\n", "t.yaml:1: provider: no such setting; did you mean providers?");
	refuses("zzzzzz: 1\n", "t.yaml:1: zzzzzz: no such setting");
	refuses("\n\nworkers: 65\n", "t.yaml:3: workers: expected a whole number from 0 to 64, found \"65\"");
	refuses("workers: [1]\n", "t.yaml:1: workers: expected a value, found a list");
	refuses("name:\n", "t.yaml:1: name: expected a value, found nothing");
	refuses("durability: disk\n", "t.yaml:1: durability: expected one of: process power; found \"disk\"");
	refuses("durability: process power\n",
		"t.yaml:1: durability: expected one of: process power; found \"process power\"");
	refuses("demo: maybe\n", "t.yaml:1: demo: expected true or false, found \"maybe\"");
	refuses("listen: here\n", "t.yaml:1: listen: \"here\" is no address to listen on; "
				  "expected HOST:PORT such as 127.0.0.1:4000 or [::1]:4000");
	refuses("name: a\nname: b\n", "t.yaml:2: name: stands here twice");
	refuses("- a\n", "t.yaml:1: expected settings as \"name: value\", found a list");
	refuses("teams: yes\n", "t.yaml:1: teams: expected a list, found \"yes\"");
}

static void what_is_not_yaml_is_refused_with_its_line(void)
{
	begin();
	CHECK(parse("name: a\n  b: [\n") < 0);
	CHECK(strncmp(err.text, "t.yaml:2: not valid YAML: ", 26) == 0);
	CHECK(parse("name: \xff\n") < 0);
	CHECK(strstr(err.text, "not valid YAML") != NULL);
	CHECK_INT(config_load(&config, "/nowhere/t.yaml", &err), ERR_SYSTEM);
	CHECK_TEXT(err.text, "reading /nowhere/t.yaml: No such file or directory");
	config_release(&config);
}

static void providers_come_in_the_shape_of_the_admin_api(void)
{
	begin();
	CHECK_INT(parse("providers:\n"
			"  - {name: openai, api_key: env:OPENAI_API_KEY}\n"
			"  - {name: vllm, kind: openai, base_url: http://10.0.0.5:8000/v1, enabled: false,\n"
			"     models: [qwen3, 'llama/3'], budget: 50.50/day, budget_mode: strict}\n"
			"  - name: fake\n    kind: sim\n    api_version: 2024-10-21\n    region: eu\n"
			"    options: {latency: 350ms, tokens: 120, jitter: 0.5, on: true, label: '7', none: ~}\n"
			"    budgets: [{amount_usd: 5, window: month, model: smart}]\n"),
		  0);
	check_json(json_array_get(config.providers, 0),
		   "{\"name\":\"openai\",\"api_key\":\"env:OPENAI_API_KEY\",\"kind\":\"openai\"}");
	check_json(json_array_get(config.providers, 1),
		   "{\"name\":\"vllm\",\"kind\":\"openai\",\"base_url\":\"http://10.0.0.5:8000/v1\","
		   "\"models\":[\"qwen3\",\"llama/3\"],\"budget\":\"50.5/day\",\"budget_mode\":\"strict\","
		   "\"state\":\"disabled\"}");
	check_json(json_array_get(config.providers, 2),
		   "{\"name\":\"fake\",\"kind\":\"sim\",\"options\":{\"latency\":\"350ms\",\"tokens\":120,\"jitter\":0.5,"
		   "\"on\":true,\"label\":\"7\",\"none\":null,\"api_version\":\"2024-10-21\",\"region\":\"eu\"},"
		   "\"budgets\":[{\"amount_usd\":\"5\",\"window\":\"month\",\"model\":\"smart\"}]}");
	config_release(&config);
}

static void wrong_providers_are_refused_with_their_line(void)
{
	refuses("providers:\n  - {name: a, kind: opnai}\n",
		"t.yaml:2: kind: expected a kind of provider such as openai, found \"opnai\"; did you mean openai?");
	refuses("providers:\n  - {name: a}\n", "t.yaml:2: provider a needs a kind, such as openai");
	refuses("providers:\n  - kind: openai\n", "t.yaml:2: a provider needs a name");
	refuses("providers:\n  - name: openai\n    base_ulr: http://x\n",
		"t.yaml:3: base_ulr: no such field of a provider; did you mean base_url?");
	refuses("providers:\n  - {name: openai, base_url: ftp://x}\n",
		"t.yaml:2: base_url: expected a URL such as https://api.openai.com/v1, found \"ftp://x\"");
	refuses("providers:\n  - {name: 'a b', kind: openai}\n",
		"t.yaml:2: name: expected 1 to 64 letters, digits, dots, dashes or underscores, found \"a b\"");
	refuses("providers:\n  - {name: openai}\n  - {name: openai}\n",
		"t.yaml:3: a provider called openai stands here twice");
	refuses("providers:\n  - {name: openai, enabled: yes}\n",
		"t.yaml:2: enabled: expected true or false, found \"yes\"");
	refuses("providers:\n  - {name: openai, state: disabled, enabled: true}\n",
		"t.yaml:2: state and enabled say the same; give one of them");
	refuses("providers:\n  - {name: openai, state: draning}\n",
		"t.yaml:2: state: expected one of: enabled disabled draining, found \"draning\"; did you mean draining?");
	refuses("providers:\n  - openai\n", "t.yaml:2: expected a provider as a mapping, found \"openai\"");
	refuses("providers:\n  - {name: openai, options: 3}\n",
		"t.yaml:2: options: expected a mapping, found \"3\"");
	refuses("providers:\n  - {name: openai, budget: 5, }\n",
		"t.yaml:2: budget: expected an amount and hour, day, week, month, year or total, such as 500/month, "
		"found \"5\"");
	refuses("providers:\n  - {name: openai, budgets: [{amount_usd: 5, window: fortnight}]}\n",
		"t.yaml:2: window: expected one of: hour day week month year total, found \"fortnight\"");
}

static void chains_are_read_as_lists_and_as_text_alike(void)
{
	static const char expected[] =
		"{\"name\":\"smart\",\"timeout\":\"90s\",\"tiers\":[[{\"target\":\"a/x\",\"weight\":3},{\"target\":\"b/y:free\","
		"\"weight\":1}],[{\"target\":\"a/z/2\",\"weight\":1}]],\"first_byte\":\"20s\",\"idle\":\"30s\",\"retries\":1}";
	static const char *const forms[] = {
		"tiers: [[{target: a/x, weight: 3}, {target: 'b/y:free'}], [{target: a/z/2}]]",
		"tiers: \"a/x*3, b/y:free > a/z/2\"",
		"text: a/x*3,b/y:free>a/z/2",
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		char *text = xasprintf("chains:\n  - name: smart\n    timeout: 90s\n    %s\n"
				       "providers: [{name: a, kind: sim}, {name: b, kind: sim}]\n",
				       forms[i]);
		json_t *wanted, *got;

		begin();
		CHECK_INT(parse(text), 0);
		got = json_array_get(config.chains, 0);
		wanted = json_parse(expected, strlen(expected), NULL);
		CHECK(json_equal(got, wanted));
		json_decref(wanted);
		config_release(&config);
		free(text);
	}
}

#define PROVIDERS "providers: [{name: openai}, {name: vllm, kind: openai}]\n"

static void wrong_chains_are_refused_with_their_line(void)
{
	refuses(PROVIDERS "chains:\n  - name: smart\n    tiers:\n      - [{target: openai/a}]\n"
			  "      - [{target: vllm/b},\n         {target: opnai/c}]\n",
		"t.yaml:7: no provider is called opnai, here or in the environment; did you mean openai?");
	refuses(PROVIDERS "chains:\n  - {name: smart, text: openai/a > mistral/b}\n",
		"t.yaml:3: no provider is called mistral, here or in the environment");
	refuses(PROVIDERS "chains:\n  - name: smart\n    tiers: [[{target: openai/a, wieght: 2}]]\n",
		"t.yaml:4: wieght: no such field of a target; did you mean weight?");
	refuses(PROVIDERS "chains:\n  - name: smart\n    tiers: [[{target: openai/a, weight: 0}]]\n",
		"t.yaml:4: weight: expected a whole number from 1 to 10000, found \"0\"");
	refuses(PROVIDERS "chains:\n  - name: smart\n    tiers: [{target: openai/a}]\n",
		"t.yaml:4: tiers: expected each tier as a list of targets, found a mapping");
	refuses(PROVIDERS "chains:\n  - {name: smart, tiers: [[{target: gpt-5}]]}\n",
		"t.yaml:3: chain smart: tier 1, target 1 (gpt-5): expected provider/model");
	refuses(PROVIDERS "chains:\n  - {name: smart}\n",
		"t.yaml:3: chain smart: tiers: expected a list of tiers, found nothing");
	refuses(PROVIDERS "chains:\n  - {name: smart, text: openai/a, timeout: 0s}\n",
		"t.yaml:3: timeout: expected a duration above zero such as 250ms, 30s, 5m or 12h, found \"0s\"");
	refuses(PROVIDERS "chains:\n  - {name: smart, text: openai/a, retries: 21}\n",
		"t.yaml:3: retries: expected a whole number from 0 to 20, found \"21\"");
}

static void a_provider_of_the_environment_may_be_named_in_a_chain(void)
{
	begin();
	setenv("MISTRAL_API_KEY", "x", 1);
	CHECK_INT(parse("chains: [{name: small, text: mistral/mistral-small}]\n"), 0);
	unsetenv("MISTRAL_API_KEY");
	config_release(&config);
}

static void teams_come_in_the_shape_of_the_admin_api(void)
{
	begin();
	CHECK_INT(parse("teams:\n"
			"  - {name: search, budget: 500/month, rpm: 600, tpm: 90000, parallel: 20, models: [smart, openai/*],\n"
			"     markup_percent: 12.50, note: \"the search team\", allow_unpriced: true}\n"
			"  - {name: '7', budget: ~}\n"),
		  0);
	check_json(config.teams,
		   "[{\"name\":\"search\",\"budget\":\"500/month\",\"rpm\":600,\"tpm\":90000,\"parallel\":20,"
		   "\"models\":[\"smart\",\"openai/*\"],\"markup_percent\":\"12.5\",\"note\":\"the search team\","
		   "\"allow_unpriced\":true},{\"name\":\"7\"}]");
	config_release(&config);
	refuses("teams:\n  - name: a\n    rpm: 1.5\n",
		"t.yaml:3: rpm: expected a whole number of at least 1, found \"1.5\"");
	refuses("teams:\n  - name: a\n    rpm: lots\n",
		"t.yaml:3: rpm: expected a whole number of at least 1, found \"lots\"");
	refuses("teams:\n  - name: a\n    budgt: 5/day\n",
		"t.yaml:3: budgt: no such field of a team; did you mean budget?");
	refuses("teams:\n  - name: a\n    markup_percent: 0.12345\n",
		"t.yaml:3: markup_percent: expected a percentage with at most four places such as 12.5, found \"0.12345\"");
	refuses("teams:\n  - name: a\n    models: smart\n",
		"t.yaml:3: models: expected a list of models such as [smart, openai/*], found \"smart\"");
	refuses("teams:\n  - name: a\n    models:\n      - '*'\n",
		"t.yaml:4: models: expected names such as smart, openai/gpt-5 or openai/*, found \"*\"");
}

static void prices_keep_every_digit(void)
{
	begin();
	CHECK_INT(parse("prices:\n  - {model: gpt-5, provider: openai, from: 2026-01-31, above_input: 200000, input: 1.25,\n"
			"     output: 10, cache_read: 0.125, cache_write: 0.000000001, cache_write_1h: '3.10', request_usd: 0}\n"),
		  0);
	check_json(config.prices,
		   "[{\"model\":\"gpt-5\",\"provider\":\"openai\",\"from\":\"2026-01-31T00:00:00.000Z\","
		   "\"above_input\":200000,\"input\":\"1.25\",\"output\":\"10\",\"cache_read\":\"0.125\","
		   "\"cache_write\":\"0.000000001\",\"cache_write_1h\":\"3.1\",\"request_usd\":\"0\"}]");
	config_release(&config);
	refuses("prices:\n  - {model: m, input: cheap}\n",
		"t.yaml:2: input: expected an amount in USD with at most nine places such as 12.50, found \"cheap\"");
	refuses("prices:\n  - {model: m, from: 7d}\n",
		"t.yaml:2: from: expected a time such as 2026-12-31 or 2026-12-31T12:00:00Z, found \"7d\"");
	refuses("prices:\n  - {input: 1}\n", "t.yaml:2: a price needs a model");
}

static void a_second_file_replaces_what_it_names_and_a_wrong_one_nothing(void)
{
	begin();
	CHECK_INT(parse("teams: [{name: a, rpm: 1}, {name: b, rpm: 1}]\n"), 0);
	CHECK_INT(parse("teams: [{name: a, rpm: 2}]\n"), 0);
	check_json(config.teams, "[{\"name\":\"b\",\"rpm\":1},{\"name\":\"a\",\"rpm\":2}]");
	CHECK(parse("teams: [{name: b, rpm: 3}]\nprices: 1\n") < 0);
	check_json(config.teams, "[{\"name\":\"b\",\"rpm\":1},{\"name\":\"a\",\"rpm\":2}]");
	config_release(&config);
}

static void a_file_that_unfolds_without_end_is_refused(void)
{
	struct buf text;

	begin();
	buf_init(&text, 100000);
	buf_puts(&text, "providers:\n  - name: openai\n    options:\n      a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
	for (int i = 1; i < 9; i++)
		buf_printf(&text, "      a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
			   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	CHECK(parse(text.data) < 0);
	CHECK(strstr(err.text, "too large") != NULL);
	buf_clear(&text);
	buf_puts(&text, "providers:\n  - name: openai\n    options: {a: ");
	for (int i = 0; i < 100; i++)
		buf_putc(&text, '[');
	for (int i = 0; i < 100; i++)
		buf_putc(&text, ']');
	buf_puts(&text, "}\n");
	CHECK(parse(text.data) < 0);
	CHECK_TEXT(err.text, "t.yaml:3: nested too deeply");
	buf_release(&text);
	config_release(&config);
}

static void what_is_hostile_in_a_value_is_made_visible_in_the_error(void)
{
	refuses("log: \"\\e[2Jx\"\n", "t.yaml:1: log: expected one of: debug info warn error; found \"\\x1b[2Jx\"");
	refuses("teams:\n  - {name: \"a\\e[2J\"}\n",
		"t.yaml:2: name: expected 1 to 64 letters, digits, dots, dashes or underscores, found \"a\\x1b[2J\"");
	refuses("\"li\\est\": 1\n", "t.yaml:1: li\\x1bst: no such setting");
}

static void providers_of_the_environment_are_added_once(void)
{
	begin();
	setenv("OPENAI_API_KEY", "k1", 1);
	setenv("GROQ_API_KEY", "k2", 1);
	setenv("ANTHROPIC_API_KEY", "k3", 1);
	setenv("MISTRAL_API_KEY", "", 1);
	CHECK_INT(parse("providers:\n  - {name: oai, kind: openai, api_key: env:OPENAI_API_KEY}\n"
			"  - {name: anthropic, api_key: file:/x}\n"),
		  0);
	config_add_from_environment(&config);
	config_add_from_environment(&config);
	CHECK_INT(json_array_size(config.providers), 3);
	check_json(json_array_get(config.providers, 2),
		   "{\"name\":\"groq\",\"kind\":\"groq\",\"api_key\":\"env:GROQ_API_KEY\"}");
	unsetenv("OPENAI_API_KEY");
	unsetenv("GROQ_API_KEY");
	unsetenv("ANTHROPIC_API_KEY");
	unsetenv("MISTRAL_API_KEY");
	config_release(&config);
}

static void aws_is_there_with_both_its_keys_or_with_a_token(void)
{
	begin();
	setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
	config_add_from_environment(&config);
	CHECK_INT(json_array_size(config.providers), 0);
	setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
	config_add_from_environment(&config);
	check_json(json_array_get(config.providers, 0),
		   "{\"name\":\"bedrock\",\"kind\":\"bedrock\","
		   "\"api_key\":\"env:AWS_ACCESS_KEY_ID:AWS_SECRET_ACCESS_KEY:AWS_SESSION_TOKEN?\"}");
	config_release(&config);
	config_init(&config);
	setenv("AWS_BEARER_TOKEN_BEDROCK", "ABSK", 1);
	config_add_from_environment(&config);
	check_json(json_array_get(config.providers, 0),
		   "{\"name\":\"bedrock\",\"kind\":\"bedrock\",\"api_key\":\"env:AWS_BEARER_TOKEN_BEDROCK\"}");
	unsetenv("AWS_ACCESS_KEY_ID");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("AWS_BEARER_TOKEN_BEDROCK");
	config_release(&config);
}

static void azure_is_there_with_its_key_and_its_place(void)
{
	begin();
	setenv("AZURE_OPENAI_API_KEY", "k", 1);
	unsetenv("AZURE_OPENAI_ENDPOINT");
	config_add_from_environment(&config);
	CHECK_INT(json_array_size(config.providers), 0);
	setenv("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com/openai/v1/", 1);
	config_add_from_environment(&config);
	check_json(json_array_get(config.providers, 0),
		   "{\"name\":\"azure\",\"kind\":\"azure\",\"base_url\":\"https://x.openai.azure.com\","
		   "\"api_key\":\"env:AZURE_OPENAI_API_KEY\"}");
	unsetenv("AZURE_OPENAI_API_KEY");
	unsetenv("AZURE_OPENAI_ENDPOINT");
	config_release(&config);
}

static void the_host_of_ollama_is_understood_as_people_write_it(void)
{
	static const char *const rows[][2] = {
		{"10.0.0.5", "http://10.0.0.5:11434/v1"},
		{"10.0.0.5:8000", "http://10.0.0.5:8000/v1"},
		{"http://box:8000/", "http://box:8000/v1"},
		{"0.0.0.0", "http://127.0.0.1:11434/v1"},
		{"[::1]", "http://[::1]:11434/v1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		begin();
		setenv("OLLAMA_HOST", rows[i][0], 1);
		config_add_from_environment(&config);
		CHECK_INT(json_array_size(config.providers), 1);
		CHECK_TEXT(json_text_peek(json_array_get(config.providers, 0), "base_url"), rows[i][1]);
		CHECK(json_object_get(json_array_get(config.providers, 0), "api_key") == NULL);
		unsetenv("OLLAMA_HOST");
		config_release(&config);
	}
}

static void a_file_is_loaded_and_named_in_its_errors(void)
{
	const char *path = temporary_path("c.yaml");
	FILE *file = fopen(path, "w");
	char *sentence = xasprintf("%s:1: nme: no such setting; did you mean name?", path);

	fputs("nme: x\n", file);
	fclose(file);
	begin();
	CHECK_INT(config_load(&config, path, &err), ERR_INVALID);
	CHECK_TEXT(err.text, sentence);
	free(sentence);
	config_release(&config);
}

CHECK_MAIN(TEST(settings_of_the_file_take_the_place_of_the_defaults), TEST(ages_stand_together_or_alone), TEST(an_empty_file_changes_nothing),
	   TEST(paths_follow_user_and_environment), TEST(an_option_is_checked_as_the_file_is),
	   TEST(wrong_settings_are_refused_with_their_line), TEST(what_is_not_yaml_is_refused_with_its_line),
	   TEST(providers_come_in_the_shape_of_the_admin_api), TEST(wrong_providers_are_refused_with_their_line),
	   TEST(chains_are_read_as_lists_and_as_text_alike), TEST(wrong_chains_are_refused_with_their_line),
	   TEST(a_provider_of_the_environment_may_be_named_in_a_chain),
	   TEST(teams_come_in_the_shape_of_the_admin_api), TEST(prices_keep_every_digit),
	   TEST(a_second_file_replaces_what_it_names_and_a_wrong_one_nothing),
	   TEST(a_file_that_unfolds_without_end_is_refused),
	   TEST(what_is_hostile_in_a_value_is_made_visible_in_the_error),
	   TEST(providers_of_the_environment_are_added_once), TEST(aws_is_there_with_both_its_keys_or_with_a_token),
	   TEST(azure_is_there_with_its_key_and_its_place),
	   TEST(the_host_of_ollama_is_understood_as_people_write_it), TEST(a_file_is_loaded_and_named_in_its_errors))
