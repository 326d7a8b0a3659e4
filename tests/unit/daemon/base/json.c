/* SPDX-License-Identifier: MIT */
/* Values are read with their types, refused with the field's name, and written with unknown as null. */
#include "base/json.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/money.h"
#include "check.h"

static json_t *parse(const char *text)
{
	struct err err;

	return json_parse(text, strlen(text), &err);
}

static const char *printed(json_t *value)
{
	static struct buf b;

	buf_release(&b);
	buf_init(&b, 10000);
	json_print(value, &b);
	json_decref(value);
	return b.data;
}

static void rubbish_is_refused_with_its_place(void)
{
	struct err err;

	CHECK(json_parse("{\"a\": nul}", 10, &err) == NULL);
	CHECK_INT(err.code, ERR_INVALID);
	CHECK(strstr(err.text, "at byte 6") != NULL);
	CHECK(json_parse("", 0, &err) == NULL);
	CHECK(json_parse("{\"a\":1,\"a\":2}", 13, &err) == NULL);
	CHECK(json_parse("\"\xff\"", 3, &err) == NULL);
	CHECK(json_parse("1 2", 3, NULL) == NULL);
}

static void depth_has_a_limit(void)
{
	char text[400];
	struct err err;
	json_t *value;

	memset(text, '[', 200);
	memset(text + 200, ']', 200);
	CHECK(json_parse(text, 400, &err) == NULL);
	CHECK(strstr(err.text, "deeper") != NULL);
	value = json_parse(text + 100, 200, &err);
	CHECK(value != NULL);
	json_decref(value);
}

static void unknown_members_are_refused_with_a_guess(void)
{
	static const char *const allowed[] = {"budget", "rpm", NULL};
	struct err err;
	json_t *o = parse("{\"budgett\": 1}"), *list = parse("[]"), *good = parse("{\"rpm\": 1}");

	CHECK_INT(json_check_members(o, allowed, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "budgett: no such field; did you mean budget?");
	CHECK_INT(json_check_members(list, allowed, &err), ERR_INVALID);
	CHECK_INT(json_check_members(good, allowed, &err), 0);
	json_decref(o);
	json_decref(list);
	json_decref(good);
}

static void absent_and_null_leave_the_default(void)
{
	json_t *o = parse("{\"n\": null}");
	int64_t n = 5;
	bool b = true;
	const char *s = "as it was";
	struct err err;

	CHECK_INT(json_read_int(o, "n", 0, 9, &n, &err), 0);
	CHECK_INT(json_read_int(o, "absent", 0, 9, &n, &err), 0);
	CHECK_INT(json_read_bool(o, "n", &b, &err), 0);
	CHECK_INT(json_read_text(o, "n", &s, &err), 0);
	CHECK_INT(json_read_money(o, "n", &n, &err), 0);
	CHECK_INT(json_read_duration(o, "n", &n, &err), 0);
	CHECK_INT(json_read_time(o, "n", 0, &n, &err), 0);
	CHECK_INT(n, 5);
	CHECK(b);
	CHECK_TEXT(s, "as it was");
	json_decref(o);
}

static void wrong_types_are_refused_by_name(void)
{
	json_t *o = parse("{\"rpm\": \"ten\", \"f\": 1.5, \"s\": 3, \"nul\": \"a\\u0001b\", \"b\": \"true\", \"d\": 5}");
	int64_t n = 5;
	bool b = false;
	const char *s = "";
	struct err err;

	CHECK_INT(json_read_int(o, "rpm", 0, 9, &n, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "rpm: expected a whole number, found a string");
	CHECK_INT(json_read_int(o, "f", 0, 9, &n, &err), ERR_INVALID);
	CHECK_INT(json_read_int(o, "s", 4, 9, &n, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "s: expected a whole number from 4 to 9, found 3");
	CHECK_INT(json_read_text(o, "s", &s, &err), ERR_INVALID);
	CHECK_INT(json_read_bool(o, "b", &b, &err), ERR_INVALID);
	CHECK_INT(json_read_duration(o, "d", &n, &err), ERR_INVALID);
	CHECK_INT(json_read_time(o, "rpm", 0, &n, &err), ERR_INVALID);
	CHECK_INT(n, 5);
	json_decref(o);
}

static int64_t money(const char *value)
{
	char text[200];
	int64_t nusd = -77;
	struct err err;
	json_t *o;
	int r;

	snprintf(text, sizeof(text), "{\"m\": %s}", value);
	o = parse(text);
	r = json_read_money(o, "m", &nusd, &err);
	json_decref(o);
	return r == 0 ? nusd : COST_UNKNOWN;
}

static void money_is_a_string_or_a_number(void)
{
	CHECK_INT(money("\"12.50\""), 12500000000);
	CHECK_INT(money("12.5"), 12500000000);
	CHECK_INT(money("3"), 3000000000);
	CHECK_INT(money("0.000000001"), 1);
	CHECK_INT(money("0.1"), 100000000);
	CHECK_INT(money("1e-7"), 100);
	CHECK_INT(money("true"), COST_UNKNOWN);
	CHECK_INT(money("\"12,50\""), COST_UNKNOWN);
	CHECK_INT(money("\"0.0000000001\""), COST_UNKNOWN);
}

static void money_is_never_read_from_part_of_a_string(void)
{
	CHECK_INT(money("\"0.500000000000000000000000000000000000000000000000000000000000000000000001\""), COST_UNKNOWN);
	CHECK_INT(money("\"1000000000000000000000000000000000000000000000000000000000000000000000000\""), COST_UNKNOWN);
	CHECK_INT(money("[]"), COST_UNKNOWN);
}

static void times_and_durations_read(void)
{
	json_t *o = parse("{\"t\": \"1970-01-01T00:00:01Z\", \"d\": \"1m\", \"age\": \"1s\"}");
	int64_t n = 0;
	struct err err;

	CHECK_INT(json_read_time(o, "t", 0, &n, &err), 0);
	CHECK_INT(n, 1000);
	CHECK_INT(json_read_time(o, "age", 5000, &n, &err), 0);
	CHECK_INT(n, 4000);
	CHECK_INT(json_read_duration(o, "d", &n, &err), 0);
	CHECK_INT(n, 60000);
	CHECK_INT(json_time_peek(o, "t"), 1000);
	CHECK_INT(json_time_peek(o, "nothing"), 0);
	json_decref(o);
}

static void peeking_never_fails(void)
{
	json_t *o = parse("{\"s\": \"x\", \"n\": 7, \"b\": true, \"m\": \"1.5\", \"bad\": \"1,5\"}");

	CHECK_TEXT(json_text_peek(o, "s"), "x");
	CHECK(json_text_peek(o, "n") == NULL);
	CHECK_INT(json_int_peek(o, "n", 1), 7);
	CHECK_INT(json_int_peek(o, "s", 1), 1);
	CHECK(json_bool_peek(o, "b"));
	CHECK(!json_bool_peek(o, "n"));
	CHECK_INT(json_money_peek(o, "m"), 1500000000);
	CHECK_INT(json_money_peek(o, "bad"), COST_UNKNOWN);
	CHECK_INT(json_money_peek(o, "absent"), COST_UNKNOWN);
	CHECK(json_text_peek(NULL, "s") == NULL);
	json_decref(o);
}

static void unknown_is_written_as_null(void)
{
	json_t *o = json_object();

	json_add_money(o, "m", COST_UNKNOWN);
	json_add_int(o, "n", INT64_MIN);
	json_add_text(o, "s", NULL);
	json_add_time(o, "t", 0);
	json_add(o, "v", NULL);
	json_add_text(o, "bad", "\xff");
	CHECK_TEXT(printed(o), "{\"m\":null,\"n\":null,\"s\":null,\"t\":null,\"v\":null,\"bad\":null}");
}

static void what_is_known_is_written_in_its_one_form(void)
{
	json_t *o = json_object();

	json_add_money(o, "m", 129000);
	json_add_money(o, "zero", 0);
	json_add_int(o, "n", -4);
	json_add_bool(o, "b", false);
	json_add_time(o, "t", 1000);
	CHECK_TEXT(printed(o), "{\"m\":\"0.000129\",\"zero\":\"0\",\"n\":-4,\"b\":false,\"t\":\"1970-01-01T00:00:01.000Z\"}");
	printed(json_null());
}

static void printing_stops_at_the_ceiling(void)
{
	struct buf b;
	json_t *o = parse("{\"a\": \"0123456789\"}");

	buf_init(&b, 8);
	CHECK(!json_print(o, &b));
	buf_release(&b);
	json_decref(o);
}

CHECK_MAIN(TEST(rubbish_is_refused_with_its_place), TEST(depth_has_a_limit),
	   TEST(unknown_members_are_refused_with_a_guess), TEST(absent_and_null_leave_the_default),
	   TEST(wrong_types_are_refused_by_name), TEST(money_is_a_string_or_a_number),
	   TEST(money_is_never_read_from_part_of_a_string), TEST(times_and_durations_read),
	   TEST(peeking_never_fails), TEST(unknown_is_written_as_null),
	   TEST(what_is_known_is_written_in_its_one_form), TEST(printing_stops_at_the_ceiling))
