/* SPDX-License-Identifier: MIT */
/* Views built from a database, asked, and built again. */
#include "routing/view.h"

#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/mem.h"
#include "check.h"
#include "config/config.h"
#include "routing/health.h"
#include "store/ledger_store.h"
#include "store/store.h"
#include "temporary.h"

#define HOUR_MS INT64_C(3600000)

static struct err err;
static struct db *db;
static struct health_table *health;
static struct view_registry *registry;

static void open_all(void)
{
	err = (struct err){0};
	db = db_open(temporary_path("t.db"), DB_WRITE, &err);
	CHECK(db != NULL && db_migrate(db, &err) == 0);
	health = health_table_new();
	registry = view_registry_new(health, NULL);
}

static void close_all(void)
{
	view_registry_free(registry);
	health_table_free(health);
	db_close(db);
}

static struct view *build(void)
{
	struct view *v = view_build(registry, db, &err);

	CHECK_TEXT(err.text, "");
	return v;
}

static int64_t put_team(const char *name, int64_t rpm, const char *models)
{
	struct team_row row = {.name = (char *)name, .rpm = rpm, .tpm = STORE_NONE, .parallel = STORE_NONE,
			       .models = (char *)models, .created_at = 1};

	CHECK_INT(team_insert(db, &row, &err), 0);
	return row.id;
}

static struct key_row key_row(int64_t team, const char *id, unsigned char byte)
{
	struct key_row row = {.public_id = (char *)id, .team_id = team, .name = (char *)id, .prefix = (char *)"tg",
			      .state = (char *)"active", .expires_at = STORE_NONE, .rpm = STORE_NONE, .tpm = STORE_NONE,
			      .parallel = STORE_NONE, .revoked_at = STORE_NONE, .created_at = 1};

	memset(row.hash, byte, HASH_BYTES);
	return row;
}

static int64_t put_key(int64_t team, const char *id, unsigned char byte)
{
	struct key_row row = key_row(team, id, byte);

	CHECK_INT(key_insert(db, &row, &err), 0);
	return row.id;
}

static int64_t put_provider(const char *name, const char *state, const char *models)
{
	struct provider_row row = {.name = (char *)name, .kind = (char *)"openai", .state = (char *)state,
				   .state_at = STORE_NONE, .models = (char *)models, .created_at = 1};

	CHECK_INT(provider_insert(db, &row, &err), 0);
	return row.id;
}

static void put_chain(const char *name, const char *text)
{
	char spec[500];
	int64_t version;

	snprintf(spec, sizeof(spec), "{\"text\":\"%s\",\"timeout\":\"60s\",\"retries\":2}", text);
	CHECK_INT(chain_write(db, name, spec, -1, "anna", NULL, 1, &version, &err), 0);
}

static int64_t put_budget(const char *scope, int64_t scope_id, const char *model, int64_t amount)
{
	struct budget_row row = {.scope = scope, .scope_id = scope_id, .model = (char *)model, .amount_nusd = amount,
				 .window = (char *)"day", .mode = (char *)"strict", .created_at = 1};

	CHECK_INT(budget_put(db, &row, &err), 0);
	return row.id;
}

static void put_price(const char *provider, const char *model, int64_t from_at, int64_t above, int64_t input)
{
	struct price_row row = {.provider = (char *)provider, .model = (char *)model, .from_at = from_at,
				.above_input = above, .request_nusd = STORE_NONE, .source = (char *)"admin", .created_at = 1};

	for (int i = 0; i < USAGE_NUM_PRICED; i++)
		row.nusd_per_m[i] = STORE_NONE;
	row.nusd_per_m[USAGE_INPUT] = input;
	CHECK_INT(price_put(db, &row, &err), 0);
}

static const struct view_key *find_key(const struct view *v, unsigned char byte)
{
	unsigned char hash[HASH_BYTES];

	memset(hash, byte, HASH_BYTES);
	return view_key(v, hash);
}

/* -- keys and teams -- */

static void a_key_is_found_by_its_hash_with_all_that_hangs_on_it(void)
{
	int64_t team, key;
	const struct view_key *k;
	struct view *v;

	open_all();
	team = put_team("search", 600, "[\"smart\",\"openai/*\"]");
	key = put_key(team, "key_1", 1);
	put_budget("team", team, "", 100);
	put_budget("team", team, "smart", 50);
	put_budget("key", key, "", 7);
	put_budget("gateway", 0, "", 1000);
	v = build();
	k = find_key(v, 1);
	CHECK(k != NULL && find_key(v, 2) == NULL);
	CHECK_TEXT(k->public_id, "key_1");
	CHECK_TEXT(k->team->name, "search");
	CHECK(k->state == KEY_ACTIVE && k->limit == NULL && k->team->limit != NULL);
	CHECK_INT(k->expires_ms, 0);
	CHECK_INT(k->num_budgets, 1);
	CHECK_INT(k->team->num_budgets, 2);
	CHECK_TEXT(k->team->budgets[1].model, "smart");
	CHECK(budget_mode(k->budgets[0].budget) == BUDGET_STRICT);
	CHECK_INT(v->num_gateway_budgets, 1);
	CHECK(view_models_allow(&k->models, "anything"));
	CHECK(view_models_allow(&k->team->models, "smart"));
	CHECK(view_models_allow(&k->team->models, "openai/gpt-5"));
	CHECK(!view_models_allow(&k->team->models, "anthropic/claude"));
	CHECK(!view_models_allow(&k->team->models, "smarter"));
	view_free(v);
	close_all();
}

static void a_rotated_secret_holds_until_its_end(void)
{
	struct key_row row;
	struct view *v;

	open_all();
	row = key_row(put_team("search", STORE_NONE, NULL), "key_1", 1);
	row.has_previous = true;
	memset(row.previous_hash, 2, HASH_BYTES);
	row.previous_until = clock_wall_ms() + HOUR_MS;
	CHECK_INT(key_insert(db, &row, &err), 0);
	v = build();
	CHECK(find_key(v, 2) != NULL && find_key(v, 2)->id == find_key(v, 1)->id);
	CHECK_INT(find_key(v, 2)->valid_until_ms, row.previous_until);
	CHECK_INT(find_key(v, 1)->valid_until_ms, 0);
	view_free(v);
	row.previous_until = clock_wall_ms() - 1;
	CHECK_INT(key_update(db, &row, &err), 0);
	v = build();
	CHECK(find_key(v, 2) != NULL && find_key(v, 1) != NULL);
	CHECK_INT(find_key(v, 2)->valid_until_ms, row.previous_until);
	view_free(v);
	close_all();
}

static void revoked_keys_stay_and_so_do_those_of_deleted_teams(void)
{
	int64_t search, web;
	struct key_row row;
	struct view *v;

	open_all();
	search = put_team("search", STORE_NONE, NULL);
	web = put_team("web", STORE_NONE, NULL);
	row = key_row(search, "key_1", 1);
	row.state = (char *)"revoked";
	CHECK_INT(key_insert(db, &row, &err), 0);
	put_key(web, "key_2", 2);
	CHECK_INT(team_delete(db, web, 5, &err), 0);
	v = build();
	CHECK(find_key(v, 1) != NULL && find_key(v, 1)->state == KEY_REVOKED);
	CHECK(find_key(v, 2) != NULL && find_key(v, 2)->state == KEY_REVOKED);
	view_free(v);
	close_all();
}

/* -- providers, chains, models -- */

static void a_chain_is_bound_to_providers_prices_and_health(void)
{
	const struct view_chain *chain;
	struct view_chain *owned;
	struct view *v;

	open_all();
	put_provider("openai", "enabled", NULL);
	put_price("", "gpt-5", 0, 0, 100);
	put_price("openai", "gpt-5", 0, 0, 200);
	put_price("", "other", 0, 0, 300);
	put_chain("smart", "openai/gpt-5*3,openai/other > gone/gpt-5");
	v = build();
	chain = view_resolve(v, "smart", &owned);
	CHECK(chain != NULL && owned == NULL);
	CHECK_INT(chain->num_tiers, 2);
	CHECK_INT(chain->tiers[0].num_targets, 2);
	CHECK_INT(chain->version, 1);
	CHECK_INT(chain->timeout_ms, 60000);
	CHECK_INT(chain->retries, 2);
	CHECK_TEXT(chain->tiers[0].targets[0].name, "openai/gpt-5");
	CHECK_TEXT(chain->tiers[0].targets[0].model, "gpt-5");
	CHECK_INT(chain->tiers[0].targets[0].weight, 3);
	CHECK_INT(chain->tiers[0].targets[0].price->tiers[0].nusd_per_m[USAGE_INPUT], 200);
	CHECK_INT(chain->tiers[0].targets[1].price->tiers[0].nusd_per_m[USAGE_INPUT], 300);
	CHECK_INT(chain->tiers[1].targets[0].price->tiers[0].nusd_per_m[USAGE_INPUT], 100);
	CHECK(chain->tiers[1].targets[0].provider == NULL);
	CHECK_TEXT(chain->tiers[1].targets[0].provider_name, "gone");
	CHECK(chain->tiers[0].targets[0].health == health_get(health, "openai/gpt-5"));
	view_free(v);
	close_all();
}

static void any_model_of_a_provider_is_a_chain_of_one_target(void)
{
	const struct view_chain *chain;
	struct view_chain *owned;
	struct view *v;

	open_all();
	put_provider("openai", "enabled", NULL);
	put_provider("groq", "disabled", "[\"llama\",\"vendor/mixtral\"]");
	v = build();
	chain = view_resolve(v, "openai/gpt-5", &owned);
	CHECK(chain != NULL && chain == owned);
	CHECK_TEXT(chain->name, "openai/gpt-5");
	CHECK_INT(chain->num_tiers, 1);
	CHECK_TEXT(chain->tiers[0].targets[0].model, "gpt-5");
	CHECK_TEXT(chain->tiers[0].targets[0].provider->name, "openai");
	CHECK_INT(chain->timeout_ms, 120000);
	CHECK(chain->tiers[0].targets[0].price == NULL);
	view_chain_free(owned);
	CHECK(view_resolve(v, "groq/vendor/mixtral", &owned) != NULL);
	view_chain_free(owned);
	CHECK(view_resolve(v, "groq/gemma", &owned) == NULL && owned == NULL);
	CHECK(view_resolve(v, "nobody/gpt-5", &owned) == NULL);
	CHECK(view_resolve(v, "gpt-5", &owned) == NULL);
	CHECK(view_resolve(v, "openai/", &owned) == NULL);
	CHECK(view_resolve(v, "", &owned) == NULL);
	view_chain_free(owned);
	view_free(v);
	close_all();
}

static void a_bare_name_is_the_model_of_the_one_enabled_provider_that_lists_it(void)
{
	const struct view_chain *chain;
	struct view_chain *owned;
	struct view *v;

	open_all();
	put_provider("a", "enabled", "[\"one\",\"both\",\"x/y\",\"star*\"]");
	put_provider("b", "enabled", "[\"both\",\"smart\"]");
	put_provider("c", "disabled", "[\"one\",\"off\"]");
	put_chain("smart", "a/one");
	v = build();
	chain = view_resolve(v, "one", &owned);
	CHECK(chain != NULL && owned == NULL);
	CHECK_TEXT(chain->name, "a/one");
	CHECK_TEXT(chain->tiers[0].targets[0].provider->name, "a");
	chain = view_resolve(v, "x/y", &owned);
	CHECK(chain != NULL);
	CHECK_TEXT(chain->tiers[0].targets[0].name, "a/x/y");
	CHECK(view_resolve(v, "both", &owned) == NULL);
	CHECK(view_resolve(v, "off", &owned) == NULL);
	CHECK(view_resolve(v, "star*", &owned) == NULL);
	CHECK_TEXT(view_resolve(v, "smart", &owned)->name, "smart");
	CHECK_INT(v->models.count, 3);
	view_free(v);
	close_all();
}

static void a_provider_has_its_url_credential_and_why_not(void)
{
	struct provider_row row = {.name = (char *)"vllm", .kind = (char *)"openai", .state = (char *)"draining",
				   .base_url = (char *)"http://10.0.0.5:8000/v1//", .credential = (char *)"env:TG_TEST_KEY",
				   .state_by = (char *)"anna", .state_at = 5, .options = (char *)"{}", .created_at = 1};
	struct provider_row bad = {.name = (char *)"bad", .kind = (char *)"openai", .state = (char *)"enabled",
				   .credential = (char *)"env:TG_TEST_NO_SUCH_KEY", .state_at = STORE_NONE, .created_at = 1};
	struct provider_row odd = {.name = (char *)"odd", .kind = (char *)"telepathy", .state = (char *)"enabled",
				   .state_at = STORE_NONE, .created_at = 1};
	const struct view_provider *p;
	struct view *v;

	open_all();
	setenv("TG_TEST_KEY", "sk-test", 1);
	CHECK_INT(provider_insert(db, &row, &err), 0);
	CHECK_INT(provider_insert(db, &bad, &err), 0);
	CHECK_INT(provider_insert(db, &odd, &err), 0);
	v = build();
	p = map_get_text(&v->providers, "vllm");
	CHECK_TEXT(p->base_url, "http://10.0.0.5:8000/v1");
	CHECK_TEXT(p->credential, "sk-test");
	CHECK(p->credential_error == NULL && p->state == PROVIDER_DRAINING);
	CHECK_TEXT(p->state_by, "anna");
	CHECK_TEXT(p->options, "{}");
	p = map_get_text(&v->providers, "bad");
	CHECK(p->credential == NULL && p->credential_error != NULL);
	CHECK_TEXT(p->base_url, p->kind->base_url);
	CHECK(map_get_text(&v->providers, "odd") == NULL);
	view_free(v);
	close_all();
}

/* -- prices -- */

static void the_price_that_holds_now_is_taken_with_its_tiers(void)
{
	int64_t now = clock_wall_ms();
	const struct price *price;
	struct view *v;

	open_all();
	put_price("", "gpt-5", 0, 0, 100);
	put_price("", "gpt-5", 0, 128000, 150);
	put_price("", "gpt-5", now - HOUR_MS, 0, 200);
	put_price("", "gpt-5", now - HOUR_MS, 200000, 400);
	put_price("", "gpt-5", now + HOUR_MS, 0, 900);
	put_price("", "only-above", 0, 1000, 5);
	put_price("", "later", now + HOUR_MS, 0, 5);
	v = build();
	price = view_price(v, "openai", "gpt-5");
	CHECK(price != NULL);
	CHECK_INT(price->num_tiers, 2);
	CHECK_INT(price->tiers[0].nusd_per_m[USAGE_INPUT], 200);
	CHECK_INT(price->tiers[1].nusd_per_m[USAGE_INPUT], 400);
	CHECK_INT(price->tiers[1].above_input, 200000);
	CHECK(view_price(v, "openai", "only-above") == NULL);
	CHECK(view_price(v, "openai", "later") == NULL);
	view_free(v);
	close_all();
}

/* -- counters -- */

static void counters_survive_a_rebuild_and_take_over_new_amounts(void)
{
	struct reservation r, more;
	struct limit_refusal no;
	const struct view_team *team;
	struct view *first, *second;
	int64_t id, now = clock_wall_ms();
	struct team_row row;

	open_all();
	id = put_team("search", 1, NULL);
	put_key(id, "key_1", 1);
	put_budget("team", id, "", 100);
	first = build();
	team = find_key(first, 1)->team;
	CHECK(budget_reserve(team->budgets[0].budget, 90, now, &r));
	CHECK(limit_admit(team->limit, clock_mono_us(), 0, &no));
	put_budget("team", id, "", 200);
	CHECK_INT(team_get(db, "search", &row, &err), 0);
	row.rpm = 2;
	CHECK_INT(team_update(db, &row, &err), 0);
	team_release(&row);
	second = build();
	CHECK_INT(second->generation, first->generation + 1);
	CHECK(find_key(second, 1)->team->budgets[0].budget == team->budgets[0].budget);
	CHECK(find_key(second, 1)->team->limit == team->limit);
	CHECK(budget_reserve(team->budgets[0].budget, 110, now, &more));
	CHECK(limit_admit(team->limit, clock_mono_us(), 0, &no));
	CHECK(!limit_admit(team->limit, clock_mono_us(), 0, &no));
	budget_settle(&more, 0);
	budget_settle(&r, 90);
	view_free(first);
	view_free(second);
	close_all();
}

static void a_view_that_cannot_be_built_changes_no_counter(void)
{
	struct budget_state state;
	int64_t id, version;
	struct view *v;

	open_all();
	id = put_team("search", STORE_NONE, NULL);
	put_key(id, "key_1", 1);
	put_budget("team", id, "", 100);
	v = build();
	put_budget("team", id, "", 5);
	put_budget("team", id, "smart", 5);
	CHECK_INT(chain_write(db, "smart", "{\"tiers\":[]}", -1, "anna", NULL, 1, &version, &err), 0);
	CHECK(view_build(registry, db, &err) == NULL);
	CHECK_TEXT(err.text, "chain smart: tiers: a chain needs at least one target");
	budget_read(find_key(v, 1)->team->budgets[0].budget, clock_wall_ms(), &state);
	CHECK_INT(state.amount_nusd, 100);
	err = (struct err){0};
	CHECK_INT(chain_write(db, "smart", NULL, -1, "anna", NULL, 1, &version, &err), 0);
	view_free(v);
	v = build();
	CHECK_INT(v->generation, 2);
	CHECK_INT(find_key(v, 1)->team->num_budgets, 2);
	view_free(v);
	close_all();
}

/* A call of this key that cost so much, as the writer would put it. */
static void put_call(int64_t team, int64_t key, int64_t cost)
{
	static struct id_source ids;
	struct call_record *r = xcalloc(1, sizeof(*r));
	struct rollup_sum *sum = xcalloc(1, sizeof(*sum));
	int64_t now = clock_wall_ms();

	r->id = id_next(&ids, now);
	r->team_id = team;
	r->key_id = key;
	r->cost_nusd = r->billed_nusd = cost;
	r->first_byte_us = -1;
	r->status = 200;
	copy_text(r->asked, sizeof(r->asked), "smart");
	usage_init(&r->usage);
	CHECK_INT(ledger_insert(db, r, &err), 1);
	rollup_add(sum, r);
	CHECK_INT(rollup_put_all(db, now, &(struct rollup_cell){0, team, key, 0, 0}, sum, &err), 0);
	free(sum);
	free(r);
}

static void a_new_budget_knows_what_the_ledger_says_was_spent(void)
{
	struct budget_state state;
	int64_t team, key;
	struct view *v;

	open_all();
	team = put_team("search", STORE_NONE, NULL);
	key = put_key(team, "key_1", 1);
	put_call(team, key, 30);
	put_call(team, key, 12);
	put_budget("team", team, "", 100);
	put_budget("key", key, "other", 100);
	v = build();
	budget_read(find_key(v, 1)->team->budgets[0].budget, clock_wall_ms(), &state);
	CHECK_INT(state.spent_nusd, 42);
	budget_read(find_key(v, 1)->budgets[0].budget, clock_wall_ms(), &state);
	CHECK_INT(state.spent_nusd, 0);
	view_free(v);
	close_all();
}

/* -- many -- */

static void ten_thousand_keys_are_a_view_in_milliseconds(void)
{
	uint64_t begun, took;
	struct view *v;

	open_all();
	CHECK_INT(db_begin(db, &err), 0);
	for (int t = 0; t < 100; t++) {
		char name[32];
		int64_t team;

		snprintf(name, sizeof(name), "team-%d", t);
		team = put_team(name, 600, NULL);
		put_budget("team", team, "", 1000000);
		for (int k = 0; k < 100; k++) {
			struct key_row row;
			int64_t id;

			snprintf(name, sizeof(name), "key_%d", t * 100 + k);
			row = key_row(team, name, 0);
			memcpy(row.hash, name, strlen(name));
			row.rpm = 60;
			CHECK_INT(key_insert(db, &row, &err), 0);
			id = row.id;
			put_budget("key", id, "", 1000);
		}
	}
	CHECK_INT(db_commit(db, &err), 0);
	v = build();
	CHECK_INT(v->keys.count, 10000);
	view_free(v);
	begun = clock_mono_us();
	v = build();
	took = clock_mono_us() - begun;
	printf("# 10000 keys with a budget each: %llu us\n", (unsigned long long)took);
	CHECK(took < 2000000);
	view_free(v);
	close_all();
}

CHECK_MAIN(TEST(a_key_is_found_by_its_hash_with_all_that_hangs_on_it), TEST(a_rotated_secret_holds_until_its_end),
	   TEST(revoked_keys_stay_and_so_do_those_of_deleted_teams), TEST(a_chain_is_bound_to_providers_prices_and_health),
	   TEST(any_model_of_a_provider_is_a_chain_of_one_target),
	   TEST(a_bare_name_is_the_model_of_the_one_enabled_provider_that_lists_it),
	   TEST(a_provider_has_its_url_credential_and_why_not), TEST(the_price_that_holds_now_is_taken_with_its_tiers),
	   TEST(counters_survive_a_rebuild_and_take_over_new_amounts),
	   TEST(a_view_that_cannot_be_built_changes_no_counter), TEST(a_new_budget_knows_what_the_ledger_says_was_spent),
	   TEST(ten_thousand_keys_are_a_view_in_milliseconds))
