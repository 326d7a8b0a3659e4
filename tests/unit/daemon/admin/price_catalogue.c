/* SPDX-License-Identifier: MIT */
#include "ask.h"
#include "admin/prices.h"
#include "base/money.h"
#include "schema.h"
#include "store/price_dates.h"

static struct err err;

/* Puts a catalogue into the database as a start would, and a new view over it. */
/* What comes afterwards is another change: those of one millisecond begin together. */
static void load(const char *text)
{
	int64_t began_ms = clock_wall_ms();

	err = (struct err){0};
	CHECK_INT(db_begin(the_admin.db, &err), 0);
	CHECK_INT(price_catalogue_load(the_admin.db, text, strlen(text), clock_wall_ms(), &err), 0);
	CHECK_TEXT(err.text, "");
	CHECK_INT(db_commit(the_admin.db, &err), 0);
	publish_swap(the_admin.options.publisher, view_build(the_admin.options.registry, the_admin.db, &err));
	while (clock_wall_ms() <= began_ms + 1)
		;
}

static void open_with_providers(void)
{
	static const char *const kinds[] = {"openai", "anthropic", "xai", "openrouter"};
	char body[80];

	admin_open();
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		snprintf(body, sizeof(body), "{\"name\": \"%s\"}", kinds[i]);
		CHECK_INT(ask("POST", "/v1/providers", body), 201);
	}
	/* Other catalogues' words, and a kind that is not there yet. */
	ask("POST", "/v1/providers", "{\"name\": \"a\", \"kind\": \"sim\"}");
	ask("POST", "/v1/providers", "{\"name\": \"b\", \"kind\": \"sim\"}");
	ask("POST", "/v1/providers", "{\"name\": \"gemini\", \"kind\": \"sim\"}");
}

static const char *shipped(void)
{
	for (const struct schema_file *f = schema_files; f->name != NULL; f++)
		if (strcmp(f->name, "prices.json") == 0)
			return f->text;
	return "";
}

/* What target costs now, in USD per million, as text. */
static const char *costs(const char *provider, const char *model, enum usage_field unit)
{
	static char text[4][MONEY_TEXT];
	static unsigned next;
	const struct price *price = view_price(admin_view(&the_admin), provider, model);

	if (price == NULL || price->tiers[0].nusd_per_m[unit] == PRICE_NONE)
		return "unknown";
	return money_format(price->tiers[0].nusd_per_m[unit], text[next++ % 4]);
}

static int count_one(void *arg, const struct price_row *row)
{
	(void)row;
	(*(int *)arg)++;
	return 0;
}

static int count_rows(void)
{
	int n = 0;

	CHECK_INT(price_list(the_admin.db, count_one, &n, &err), 0);
	return n;
}

static int count_entries(void)
{
	query_string = "object=price catalogue";
	ask("GET", "/v1/audit", NULL);
	return (int)json_array_size(json_object_get(answer, "items"));
}

/* -- loading ------------------------------------------------------------------------------------- */

#define SUMMER                                                                                               \
	"{\"date\": \"2026-08-21\", \"prices\": ["                                                              \
	"{\"provider\": \"a\", \"model\": \"m\", \"input\": \"1\", \"output\": \"2\"},"                         \
	"{\"provider\": \"a\", \"model\": \"m\", \"above_input\": 200000, \"input\": \"2\", \"output\": \"4\"},"       \
	"{\"provider\": \"a\", \"model\": \"m\", \"from\": \"2099-01-01\", \"input\": \"9\", \"output\": \"9\"}," \
	"{\"provider\": \"a\", \"model\": \"n\", \"input\": \"5\"}]}"
#define AUTUMN                                                                                               \
	"{\"date\": \"2026-09-15\", \"prices\": ["                                                              \
	"{\"provider\": \"a\", \"model\": \"m\", \"input\": \"3\", \"output\": \"6\"},"                         \
	"{\"provider\": \"a\", \"model\": \"n\", \"input\": \"5\"},"                                             \
	"{\"provider\": \"b\", \"model\": \"o\", \"input\": \"7\"}]}"

static void a_catalogue_is_taken_over_once_and_one_entry_says_so(void)
{
	open_with_providers();
	load(SUMMER);
	CHECK_INT(count_rows(), 4);
	CHECK_TEXT(costs("a", "m", USAGE_INPUT), "1");
	CHECK_INT(view_price(admin_view(&the_admin), "a", "m")->num_tiers, 2);
	CHECK_INT(count_entries(), 1);
	CHECK_TEXT(said("items.0.who"), "daemon");
	CHECK_TEXT(said("items.0.action"), "price.import");
	CHECK_TEXT(said("items.0.after.imported"), "4");
	CHECK_TEXT(said("items.0.undoable"), "false");
	load(SUMMER);
	CHECK_INT(count_rows(), 4);
	CHECK_INT(count_entries(), 1);
	admin_close();
}

static void a_newer_catalogue_begins_at_its_date_where_it_differs_and_an_older_one_is_not_read(void)
{
	int64_t autumn;

	open_with_providers();
	CHECK(clock_parse("2026-09-15", 0, &autumn));
	load(SUMMER);
	load(AUTUMN);
	CHECK_INT(count_entries(), 2);
	CHECK_TEXT(said("items.0.after.imported"), "2");
	CHECK_TEXT(said("items.0.after.unchanged"), "1");
	CHECK_TEXT(costs("a", "m", USAGE_INPUT), "3");
	/* The tier went, and so did what was announced; the price before stands as it was. */
	CHECK_INT(view_price(admin_view(&the_admin), "a", "m")->num_tiers, 1);
	CHECK_TEXT(costs("b", "o", USAGE_INPUT), "7");
	query_string = "model=m&sort=from";
	ask("GET", "/v1/prices", NULL);
	CHECK_TEXT(said("total"), "3");
	CHECK_TEXT(said("items.0.source"), "catalogue 2026-09-15");
	CHECK_TEXT(said("items.0.from"), "2026-09-15T00:00:00.000Z");
	CHECK_TEXT(said("items.2.source"), "catalogue 2026-08-21");
	CHECK_TEXT(said("items.2.from"), "null");
	load(SUMMER);
	CHECK_TEXT(costs("a", "m", USAGE_INPUT), "3");
	CHECK_INT(count_entries(), 2);
	admin_close();
}

static void what_an_admin_set_is_never_touched(void)
{
	open_with_providers();
	ask("POST", "/v1/prices", "{\"model\": \"m\", \"provider\": \"a\", \"input\": \"0.5\", \"output\": \"0.6\"}");
	load(SUMMER);
	CHECK_INT(count_entries(), 1);
	CHECK_TEXT(said("items.0.after.models_left_alone"), "1");
	CHECK_TEXT(costs("a", "m", USAGE_INPUT), "0.5");
	CHECK_INT(view_price(admin_view(&the_admin), "a", "m")->num_tiers, 1);
	ask("POST", "/v1/prices", "{\"model\": \"n\", \"provider\": \"a\", \"input\": \"4\"}");
	load(AUTUMN);
	CHECK_TEXT(costs("a", "m", USAGE_INPUT), "0.5");
	CHECK_TEXT(costs("a", "n", USAGE_INPUT), "4");
	admin_close();
}

static void who_says_what_the_catalogue_says_has_said_it(void)
{
	open_with_providers();
	load(SUMMER);
	ask("POST", "/v1/prices", "{\"model\": \"n\", \"provider\": \"a\", \"input\": \"5\"}");
	CHECK_TEXT(said("object.source"), "admin");
	load("{\"date\": \"2026-09-15\", \"prices\": [{\"provider\": \"a\", \"model\": \"n\", \"input\": \"50\"}]}");
	CHECK_TEXT(costs("a", "n", USAGE_INPUT), "5");
	admin_close();
}

static void a_price_that_is_set_ends_what_the_catalogue_announced_and_takes_its_tiers_along(void)
{
	bool is_set;

	open_with_providers();
	load(SUMMER);
	ask("POST", "/v1/prices", "{\"model\": \"m\", \"provider\": \"a\", \"input\": \"0.5\", \"output\": \"0.6\"}");
	query_string = "model=m&sort=-from";
	ask("GET", "/v1/prices", NULL);
	CHECK_TEXT(said("total"), "4");
	CHECK_TEXT(said("items.0.source"), "admin");
	CHECK_TEXT(said("items.1.source"), "admin");
	CHECK_INT(price_is_set(the_admin.db, "a", "m", 200000, &is_set, &err), 0);
	CHECK(is_set);
	CHECK_INT(price_is_set(the_admin.db, "a", "n", -1, &is_set, &err), 0);
	CHECK(!is_set);
	admin_close();
}

static void undoing_a_set_price_puts_the_catalogues_back(void)
{
	char path[64];

	open_with_providers();
	load(SUMMER);
	ask("POST", "/v1/prices", "{\"model\": \"n\", \"provider\": \"a\", \"input\": \"8\"}");
	CHECK_TEXT(costs("a", "n", USAGE_INPUT), "8");
	snprintf(path, sizeof(path), "/v1/audit/%s/undo", said("audit_id"));
	usleep(2000);           /* a price begins a millisecond later at the earliest */
	CHECK_INT(ask("POST", path, NULL), 200);
	CHECK_TEXT(costs("a", "n", USAGE_INPUT), "5");
	admin_close();
}

static void nobody_else_may_speak_as_the_catalogue(void)
{
	open_with_providers();
	CHECK_INT(ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"1\", \"source\": \"catalogue 2030-01-01\"}"), 400);
	CHECK(strstr(said("error.message"), "source: ") != NULL);
	admin_close();
}

static void an_export_holds_what_people_set_and_not_the_catalogue(void)
{
	open_with_providers();
	load(SUMMER);
	ask("POST", "/v1/prices", "{\"model\": \"mine\", \"input\": \"1\"}");
	ask("GET", "/v1/export", NULL);
	CHECK(strstr(answer_text, "mine") != NULL);
	CHECK(strstr(answer_text, "catalogue") == NULL);
	admin_close();
}

static void a_catalogue_with_a_mistake_leaves_nothing_behind(void)
{
	static const char text[] = "{\"date\": \"2026-08-21\", \"prices\": [{\"provider\": \"a\", \"model\": \"m\", \"input\": \"1\"},"
				   "{\"provider\": \"a\", \"model\": \"n\", \"inptu\": \"1\"}]}";

	open_with_providers();
	CHECK_INT(db_begin(the_admin.db, &err), 0);
	CHECK_INT(price_catalogue_load(the_admin.db, text, strlen(text), clock_wall_ms(), &err), ERR_INVALID);
	CHECK(strstr(err.text, "price 2: ") != NULL);
	db_rollback(the_admin.db);
	CHECK_INT(count_rows(), 0);
	CHECK_INT(count_entries(), 0);
	admin_close();
}

/* -- whose price it is --------------------------------------------------------------------------- */

static void what_somebody_set_for_any_provider_comes_before_the_catalogue(void)
{
	open_with_providers();
	load(SUMMER);
	ask("POST", "/v1/prices", "{\"model\": \"m\", \"input\": \"0.5\"}");
	CHECK_TEXT(costs("a", "m", USAGE_INPUT), "0.5");
	admin_close();
}

static void a_provider_of_another_name_has_the_prices_of_its_kind(void)
{
	admin_open();
	load(shipped());
	CHECK_TEXT(costs("openai-eu", "gpt-5-mini", USAGE_INPUT), "unknown");
	ask("POST", "/v1/providers", "{\"name\": \"openai-eu\", \"kind\": \"openai\"}");
	CHECK_TEXT(costs("openai-eu", "gpt-5-mini", USAGE_INPUT), "0.25");
	ask("POST", "/v1/providers", "{\"name\": \"slow\", \"kind\": \"ollama\"}");
	CHECK_TEXT(costs("slow", "gpt-5-mini", USAGE_INPUT), "unknown");
	admin_close();
}

static void a_model_with_a_date_costs_what_it_costs_without_unless_the_date_is_listed(void)
{
	open_with_providers();
	load(shipped());
	CHECK_TEXT(costs("openai", "gpt-5-mini-2025-08-07", USAGE_OUTPUT), "2");
	CHECK_TEXT(costs("openai", "gpt-4o-2024-08-06", USAGE_INPUT), "2.5");
	CHECK_TEXT(costs("openai", "gpt-4o-2024-05-13", USAGE_INPUT), "5");
	CHECK_TEXT(costs("anthropic", "claude-haiku-4-5-20251001", USAGE_INPUT), "1");
	CHECK_TEXT(costs("anthropic", "claude-haiku-4-5@20251001", USAGE_INPUT), "1");
	CHECK_TEXT(costs("xai", "grok-4-latest", USAGE_INPUT), "3");
	CHECK_TEXT(costs("openai", "gpt-5-mini-2025-08", USAGE_OUTPUT), "unknown");
	CHECK_TEXT(costs("openai", "gpt-5-mini-turbo", USAGE_OUTPUT), "unknown");
	CHECK_TEXT(costs("openai", "-2025-08-07", USAGE_OUTPUT), "unknown");
	ask("POST", "/v1/prices", "{\"model\": \"gpt-5-mini\", \"output\": \"6\"}");
	CHECK_TEXT(costs("openai", "gpt-5-mini-2025-08-07", USAGE_OUTPUT), "6");
	admin_close();
}

/* -- the table itself ---------------------------------------------------------------------------- */

static int in_order(const struct price_row *a, const struct price_row *b)
{
	int order = strcmp(a->provider, b->provider);

	if (order == 0)
		order = strcmp(a->model, b->model);
	if (order == 0 && a->from_at != b->from_at)
		order = a->from_at < b->from_at ? -1 : 1;
	return order != 0 ? order : a->above_input < b->above_input ? -1 : a->above_input > b->above_input;
}

static void the_shipped_prices_are_many_sorted_and_well_formed(void)
{
	json_t *catalogue = json_parse(shipped(), strlen(shipped()), &err), *prices, *body;
	struct price_row last = {.provider = xstrdup(""), .model = xstrdup("")};
	int64_t date_ms, day = INT64_C(86400000);
	int models = 0;
	size_t i;

	CHECK(clock_parse(json_text_peek(catalogue, "date"), 0, &date_ms) && date_ms % day == 0);
	prices = json_object_get(catalogue, "prices");
	json_array_foreach(prices, i, body) {
		struct price_row row = {0};

		CHECK_INT(price_read(body, PRICE_CATALOGUE, 1, &row, &err), 0);
		CHECK_TEXT(err.text, "");
		/* Whose it is has to be said: a model of one vendor may have another's name elsewhere. */
		CHECK(row.provider[0] != '\0' && row.nusd_per_m[USAGE_INPUT] > 0);
		CHECK(row.from_at == STORE_NONE || row.from_at > date_ms);
		if (in_order(&last, &row) >= 0)
			printf("# %s/%s does not stand behind %s/%s\n", row.provider, row.model, last.provider, last.model);
		CHECK(in_order(&last, &row) < 0);
		models += strcmp(last.provider, row.provider) != 0 || strcmp(last.model, row.model) != 0;
		/* A tier has a base before it. */
		CHECK(row.above_input == 0 || strcmp(last.model, row.model) == 0);
		price_release(&last);
		last = row;
	}
	CHECK(models >= 300);
	price_release(&last);
	json_decref(catalogue);
}

static void the_shipped_prices_are_one_a_line_as_exact_text(void)
{
	const char *line = strstr(shipped(), "\"prices\": [\n");
	int lines = 0;

	CHECK(line != NULL);
	for (line = strchr(line, '\n') + 1; strncmp(line, "{\"provider\": \"", 14) == 0; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");

		lines++;
		CHECK(line[len - 1] == '}' || (line[len - 1] == ',' && line[len - 2] == '}'));
		/* Amounts are text: the only numbers are tiers. */
		for (const char *p = line; (p = strstr(p, "\": ")) != NULL && p < line + len; p += 3)
			CHECK(p[3] == '"' || strncmp(p - strlen("above_input"), "above_input", strlen("above_input")) == 0);
	}
	CHECK(lines >= 300);
	CHECK_TEXT(line, "]\n}\n");
}

/* Recorded calls: counts, and what they cost in USD. */
static void the_shipped_prices_are_those_that_recorded_calls_cost(void)
{
	static const struct {
		const char *provider, *model;
		int64_t input, read, write, output;
		const char *usd;
	} calls[] = {
		{"openrouter", "anthropic/claude-sonnet-4.5", 43, 0, 0, 51, "0.000894"},
		{"anthropic", "claude-sonnet-4-6", 2572, 0, 2569, 63, "0.01058775"},
		{"anthropic", "claude-sonnet-4-6", 2649, 2569, 79, 100, "0.00256995"},
		{"openrouter", "anthropic/claude-sonnet-4.6", 2572, 2240, 329, 100, "0.00341475"},
		{"xai", "grok-4", 687, 679, 0, 187, "0.00333825"},
		{"gemini", "gemini-2.5-flash", 326, 0, 0, 91, "0.0003253"},
		{"openai", "gpt-4o-mini", 888, 0, 0, 74, "0.0001776"},
	};
	char text[MONEY_TEXT];

	open_with_providers();
	load(shipped());
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		struct usage usage;

		usage_init(&usage);
		usage_set(&usage, USAGE_INPUT, calls[i].input, USAGE_REPORTED);
		usage_set(&usage, USAGE_CACHE_READ, calls[i].read, USAGE_REPORTED);
		usage_set(&usage, USAGE_CACHE_WRITE_5M, calls[i].write, USAGE_REPORTED);
		usage_set(&usage, USAGE_OUTPUT, calls[i].output, USAGE_REPORTED);
		CHECK_TEXT(money_format(price_cost(view_price(admin_view(&the_admin), calls[i].provider, calls[i].model), &usage,
						   NULL),
					text),
			   calls[i].usd);
	}
	admin_close();
}

CHECK_MAIN(TEST(a_catalogue_is_taken_over_once_and_one_entry_says_so),
	   TEST(a_newer_catalogue_begins_at_its_date_where_it_differs_and_an_older_one_is_not_read),
	   TEST(what_an_admin_set_is_never_touched), TEST(who_says_what_the_catalogue_says_has_said_it),
	   TEST(a_price_that_is_set_ends_what_the_catalogue_announced_and_takes_its_tiers_along),
	   TEST(undoing_a_set_price_puts_the_catalogues_back), TEST(nobody_else_may_speak_as_the_catalogue),
	   TEST(an_export_holds_what_people_set_and_not_the_catalogue), TEST(a_catalogue_with_a_mistake_leaves_nothing_behind),
	   TEST(what_somebody_set_for_any_provider_comes_before_the_catalogue),
	   TEST(a_provider_of_another_name_has_the_prices_of_its_kind),
	   TEST(a_model_with_a_date_costs_what_it_costs_without_unless_the_date_is_listed),
	   TEST(the_shipped_prices_are_many_sorted_and_well_formed), TEST(the_shipped_prices_are_one_a_line_as_exact_text),
	   TEST(the_shipped_prices_are_those_that_recorded_calls_cost))
