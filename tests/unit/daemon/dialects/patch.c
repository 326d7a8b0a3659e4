/* SPDX-License-Identifier: MIT */
#include "dialects/patch.h"

#include "check.h"

static struct jspan span_of(const char *text)
{
	return (struct jspan){text, strlen(text)};
}

/* text without a and b, and with ,"n":1 at its end. */
static void check_without(const char *text, const char *want)
{
	static const char *const names[] = {"a", "b", NULL};
	struct patch p;
	struct buf out;
	bool others;

	patch_init(&p);
	buf_init(&out, 1000);
	others = patch_remove(&p, span_of(text), names) > 0;
	buf_puts(patch_insert(&p, span_of(text), others), "\"n\":1");
	CHECK(patch_apply(&p, text, strlen(text), &out));
	CHECK_TEXT(out.data, want);
	CHECK(jscan_value(out.data, out.len, NULL) == 0);
	buf_release(&out);
	patch_release(&p);
}

static void members_go_with_their_commas(void)
{
	check_without("{\"a\":1,\"x\":2,\"b\":3}", "{\"x\":2,\"n\":1}");
	check_without("{\"a\":1,\"b\":3,\"x\":2}", "{\"x\":2,\"n\":1}");
	check_without("{\"x\":2, \"a\":1, \"b\":3 }", "{\"x\":2 ,\"n\":1}");
	check_without("{\"x\":2,\"a\":[1,{\"b\":2}],\"y\":{\"a\":0}}", "{\"x\":2,\"y\":{\"a\":0},\"n\":1}");
	check_without("{\"a\":1,\"b\":3}", "{\"n\":1}");
	check_without("{}", "{\"n\":1}");
}

static void places_may_be_noted_in_any_order(void)
{
	const char *text = "[1,22,333]";
	struct patch p;
	struct buf out;

	patch_init(&p);
	buf_init(&out, 1000);
	buf_puts(patch_replace(&p, (struct jspan){text + 6, 3}), "c");
	buf_puts(patch_replace(&p, (struct jspan){text + 1, 1}), "aaaa");
	CHECK(patch_apply(&p, text, strlen(text), &out));
	CHECK_TEXT(out.data, "[aaaa,22,c]");
	buf_release(&out);
	patch_release(&p);
}

/* {"a":1,"x":1,"a":1,…,"z":1} without its a's; false where there are too many of them. */
static bool remove_each_second(int n, struct buf *out)
{
	static const char *const names[] = {"a", NULL};
	struct buf text;
	struct patch p;
	bool ok;

	buf_init(&text, 1 << 20);
	buf_putc(&text, '{');
	for (int i = 0; i < n; i++)
		buf_puts(&text, "\"a\":1,\"x\":1,");
	buf_puts(&text, "\"z\":1}");
	patch_init(&p);
	patch_remove(&p, (struct jspan){text.data, text.len}, names);
	ok = patch_apply(&p, text.data, text.len, out);
	patch_release(&p);
	buf_release(&text);
	return ok;
}

static void there_may_be_many_places(void)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	CHECK(remove_each_second(PATCH_MAX_EDITS, &out));
	CHECK_INT(out.len, 2 + PATCH_MAX_EDITS * strlen("\"x\":1,") + strlen("\"z\":1"));
	CHECK(strstr(out.data, "\"a\"") == NULL);
	buf_release(&out);
}

static void too_many_places_are_refused_and_nothing_is_written(void)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	CHECK(!remove_each_second(PATCH_MAX_EDITS + 1, &out));
	CHECK_INT(out.len, 0);
	buf_release(&out);
}

CHECK_MAIN(TEST(members_go_with_their_commas), TEST(places_may_be_noted_in_any_order),
	   TEST(there_may_be_many_places), TEST(too_many_places_are_refused_and_nothing_is_written))
