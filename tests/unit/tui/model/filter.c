/* SPDX-License-Identifier: MIT */
#include "model/filter.h"

#include <string.h>

#include "base/buf.h"
#include "check.h"

static const struct filter_field fields[] = {
	{.name = "team", .member = "team", .parameter = "team"},
	{.name = "st", .member = "status", .kind = FILTER_COUNT},
	{.name = "cost", .member = "cost_usd", .kind = FILTER_MONEY},
	{.name = "total", .member = "total_us", .kind = FILTER_LATENCY},
	{.name = NULL},
};

static bool matches(const char *text, const char *row_text)
{
	json_t *row = json_loads(row_text, 0, NULL);
	struct err err = {0};
	struct filter f;
	bool ok;

	if (filter_parse(text, fields, &f, &err) < 0) {
		printf("# %s\n", err.text);
		check_failed = true;
		return false;
	}
	ok = filter_matches(&f, row);
	json_decref(row);
	return ok;
}

#define ROW "{\"team\":\"payments\",\"model\":\"gpt-4o\",\"status\":429,\"cost_usd\":\"0.05\",\"total_us\":2100000}"

static void words_are_looked_for_in_all_texts(void)
{
	CHECK(matches("", ROW));
	CHECK(matches("PAY", ROW));
	CHECK(matches("pay 4o", ROW));
	CHECK(!matches("search", ROW));
	CHECK(matches("!search", ROW));
	CHECK(!matches("pay !4o", ROW));
}

static void fields_are_looked_at_alone(void)
{
	CHECK(matches("team:pay", ROW));
	CHECK(!matches("team:gpt", ROW));
	CHECK(matches("!team:gpt", ROW));
	CHECK(matches("st:429", ROW));
	CHECK(matches("st:4xx", ROW));
	CHECK(!matches("st:5xx", ROW));
}

static void numbers_are_compared_in_their_unit(void)
{
	CHECK(matches("cost>.049", ROW));
	CHECK(!matches("cost>.05", ROW));
	CHECK(matches("total>2s", ROW));
	CHECK(!matches("total<2s", ROW));
	CHECK(matches("st>400", ROW));
}

static void unknown_is_neither_more_nor_less(void)
{
	CHECK(!matches("cost>0", "{\"cost_usd\":null}"));
	CHECK(!matches("cost<1", "{\"cost_usd\":null}"));
}

static void a_value_still_to_be_typed_asks_for_nothing(void)
{
	CHECK(matches("team:", ROW));
	CHECK(matches("!", ROW));
}

static void mistakes_are_explained(void)
{
	struct err err = {0};
	struct filter f = {.num_terms = 7};

	CHECK_INT(filter_parse("tem:x", fields, &f, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "no field is called \"tem\" here; there are: team st cost total");
	CHECK_INT(f.num_terms, 7);
	CHECK_INT(filter_parse("cost>much", fields, &f, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "cost> wants a number, as in cost>.05");
	CHECK_INT(filter_parse("1 2 3 4 5 6 7 8 9", fields, &f, &err), ERR_FULL);
}

static void what_the_daemon_can_do_is_asked_of_it(void)
{
	struct err err = {0};
	struct filter f;
	struct buf query;

	buf_init(&query, 1000);
	CHECK_INT(filter_parse("team:a&b ci", fields, &f, &err), 0);
	filter_query(&f, &query);
	CHECK_TEXT(query.data, "&team=a%26b&filter=ci");
	CHECK(!filter_is_local(&f));
	buf_clear(&query);
	filter_query_fields(&f, &query);
	CHECK_TEXT(query.data, "&team=a%26b");
	filter_parse("!team:a", fields, &f, &err);
	CHECK(filter_is_local(&f));
	filter_parse("one two", fields, &f, &err);
	CHECK(filter_is_local(&f));
	buf_release(&query);
}

CHECK_MAIN(TEST(words_are_looked_for_in_all_texts), TEST(fields_are_looked_at_alone),
	   TEST(numbers_are_compared_in_their_unit), TEST(unknown_is_neither_more_nor_less),
	   TEST(a_value_still_to_be_typed_asks_for_nothing), TEST(mistakes_are_explained),
	   TEST(what_the_daemon_can_do_is_asked_of_it))
