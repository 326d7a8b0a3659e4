/* SPDX-License-Identifier: MIT */
#include "app/form_value.h"

#include "check.h"

static const char *check_kind(enum field_kind kind, const char *text)
{
	struct form_field field = {.kind = kind};

	return form_check(&field, text);
}

static void budgets_are_an_amount_and_a_window(void)
{
	CHECK(check_kind(FIELD_BUDGET, "500/month") == NULL);
	CHECK(check_kind(FIELD_BUDGET, "12.50/day") == NULL);
	CHECK(check_kind(FIELD_BUDGET, "") == NULL);
	CHECK_TEXT(check_kind(FIELD_BUDGET, "500"), "as in 500/month");
	CHECK_TEXT(check_kind(FIELD_BUDGET, "500/fortnight"), "as in 500/month");
	CHECK_TEXT(check_kind(FIELD_BUDGET, "-5/day"), "as in 500/month");
	CHECK_TEXT(check_kind(FIELD_BUDGET, "/day"), "as in 500/month");
}

static void numbers_names_and_dates_are_checked(void)
{
	CHECK(check_kind(FIELD_NUMBER, "600") == NULL);
	CHECK(check_kind(FIELD_NUMBER, "6k") != NULL);
	CHECK(check_kind(FIELD_NUMBER, "99999999999999999999") != NULL);
	CHECK(check_kind(FIELD_NAME, "ci-batch") == NULL);
	CHECK(check_kind(FIELD_NAME, "two words") != NULL);
	CHECK(check_kind(FIELD_DURATION, "30d") == NULL);
	CHECK(check_kind(FIELD_DURATION, "2027-02-20") == NULL);
	CHECK(check_kind(FIELD_DURATION, "soon") != NULL);
}

static void what_is_needed_must_not_be_empty(void)
{
	struct form_field field = {.kind = FIELD_LINE, .required = true};

	CHECK_TEXT(form_check(&field, ""), "needed");
	CHECK(form_check(&field, "x") == NULL);
}

static void values_have_the_types_the_daemon_wants(void)
{
	struct form_field number = {.kind = FIELD_NUMBER}, list = {.kind = FIELD_LIST}, line = {.kind = FIELD_LINE};
	json_t *value = form_value(&number, "600");

	CHECK_INT(json_integer_value(value), 600);
	json_decref(value);
	value = form_value(&list, "gpt-4o, claude-sonnet,,");
	CHECK_INT(json_array_size(value), 2);
	CHECK_TEXT(json_string_value(json_array_get(value, 1)), "claude-sonnet");
	json_decref(value);
	value = form_value(&line, "500/month");
	CHECK_TEXT(json_string_value(value), "500/month");
	json_decref(value);
	CHECK(form_value(&number, "") == NULL);
}

CHECK_MAIN(TEST(budgets_are_an_amount_and_a_window), TEST(numbers_names_and_dates_are_checked),
	   TEST(what_is_needed_must_not_be_empty), TEST(values_have_the_types_the_daemon_wants))
