/* SPDX-License-Identifier: MIT */
#include "dialects/upstream_error.h"

#include "check.h"

static void every_shape_of_an_error_is_understood(void)
{
	static const struct {
		const char *body, *message, *type, *code;
	} cases[] = {
		{"{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}}", "no", "t", "c"},
		{"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
		 "Overloaded", "overloaded_error", ""},
		{"{\"error\":{\"code\":429,\"message\":\"Provider returned error\",\"metadata\":{}}}",
		 "Provider returned error", "", "429"},
		{"{\"error\":{\"code\":400,\"message\":\"bad\",\"status\":\"INVALID_ARGUMENT\"}}", "bad",
		 "INVALID_ARGUMENT", "400"},
		{"{\"code\":\"c\",\"error\":\"a sentence\"}", "a sentence", "", "c"},
		{"{\"error\":\"a sentence\"}", "a sentence", "", ""},
		{"{\"detail\":\"Invalid API Key\"}", "Invalid API Key", "", ""},
		{"{\"detail\":[{\"loc\":[\"body\"],\"msg\":\"field required\"}]}", "field required", "", ""},
		{" {\"message\":\"denied\"}\n", "denied", "", ""},
		{"upstream connect error\n", "upstream connect error", "", ""},
		{"<html><body>502</body></html>", "", "", ""},
		{"{\"error\":{\"message\":\"cut sho", "", "", ""},
		{"", "", "", ""},
		{"[]", "[]", "", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct upstream_error e;

		upstream_error_read(cases[i].body, strlen(cases[i].body), &e);
		CHECK_TEXT(e.message, cases[i].message);
		CHECK_TEXT(e.type, cases[i].type);
		CHECK_TEXT(e.code, cases[i].code);
	}
}

static void what_could_harm_a_terminal_is_made_visible(void)
{
	const char *body = "{\"error\":{\"message\":\"a\\u001b[2Jb\\nc\"}}";
	struct upstream_error e;

	upstream_error_read(body, strlen(body), &e);
	CHECK_TEXT(e.message, "a\\x1b[2Jb c");
}

static void a_key_that_is_repeated_is_hidden(void)
{
	const char *body = "{\"error\":\"no such key: sk-proj-abcDEF_123*****456. A risk-assessment: ask sk-learn, or gsk_0123456789\"}";
	struct upstream_error e;

	upstream_error_read(body, strlen(body), &e);
	CHECK_TEXT(e.message, "no such key: sk-…. A risk-assessment: ask sk-learn, or gsk…");
}

static void a_long_message_is_cut_between_characters(void)
{
	char body[1200] = "{\"error\":\"";
	struct upstream_error e;

	for (int i = 0; i < 400; i++)
		strcat(body, "\xc3\xa9");
	strcat(body, "\"}");
	upstream_error_read(body, strlen(body), &e);
	CHECK_INT(strlen(e.message), 254);
}

CHECK_MAIN(TEST(every_shape_of_an_error_is_understood), TEST(what_could_harm_a_terminal_is_made_visible),
	   TEST(a_key_that_is_repeated_is_hidden), TEST(a_long_message_is_cut_between_characters))
