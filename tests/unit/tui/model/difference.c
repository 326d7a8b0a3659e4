/* SPDX-License-Identifier: MIT */
/* What differs between two objects is told in words. */
#include "model/difference.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"

static void check_value(const char *json, const char *wanted)
{
	json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
	struct buf out;

	buf_init(&out, 1 << 12);
	value_say(value, &out);
	CHECK_TEXT(out.data, wanted);
	buf_release(&out);
	json_decref(value);
}

static void check_difference(const char *before, const char *after, const char *wanted)
{
	json_t *was = json_loads(before, JSON_DECODE_ANY, NULL), *is = json_loads(after, JSON_DECODE_ANY, NULL);
	struct buf out;

	buf_init(&out, 1 << 12);
	difference_say(was, is, &out);
	CHECK_TEXT(out.data != NULL ? out.data : "", wanted);
	buf_release(&out);
	json_decref(was);
	json_decref(is);
}

static void values_lose_the_signs_of_json(void)
{
	check_value("null", "-");
	check_value("true", "yes");
	check_value("\"\"", "\"\"");
	check_value("12", "12");
	check_value("0.5", "0.5");
	check_value("[]", "none");
	check_value("[\"a\",\"b\"]", "a, b");
	check_value("{\"latency\":\"350ms\",\"rate\":90}", "latency 350ms, rate 90");
	check_value("[[{\"target\":\"a/b\",\"weight\":3},{\"target\":\"c/d\",\"weight\":1}],[{\"target\":\"e/f\",\"weight\":1}]]",
		    "a/b*3, c/d > e/f");
}

static void what_is_nested_too_deep_is_not_followed(void)
{
	check_value("[[[[[[[[[1]]]]]]]]]", "...");
}

static void only_what_differs_is_told(void)
{
	check_difference("{\"state\":\"enabled\",\"rpm\":600,\"revision\":1}", "{\"state\":\"disabled\",\"rpm\":600,\"revision\":2}",
			 "state: enabled -> disabled");
	check_difference("{\"a\":1,\"gone\":2,\"null\":null}", "{\"a\":3,\"new\":4}", "a: 1 -> 3, new: - -> 4, gone: 2 -> -");
	check_difference("null", "{\"a\":1}", "created");
	check_difference("{\"a\":1}", "null", "removed");
	check_difference("null", "null", "");
}

static void add_name(void *arg, const char *name, const json_t *before, const json_t *after, bool differs)
{
	char *out = arg;

	(void)before;
	(void)after;
	strcat(out, differs ? "*" : "");
	strcat(out, name);
	strcat(out, " ");
}

static void what_differs_comes_first(void)
{
	json_t *before = json_loads("{\"same\":1,\"other\":2,\"nothing\":null}", 0, NULL);
	json_t *after = json_loads("{\"same\":1,\"other\":3,\"nothing\":null}", 0, NULL);
	char names[64] = "";

	difference_each(before, after, add_name, names);
	CHECK_TEXT(names, "*other same ");
	json_decref(before);
	json_decref(after);
}

CHECK_MAIN(TEST(values_lose_the_signs_of_json), TEST(what_is_nested_too_deep_is_not_followed),
	   TEST(only_what_differs_is_told), TEST(what_differs_comes_first))
