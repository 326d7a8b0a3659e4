/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>

#include "check.h"

static void nothing_is_something(void)
{
	void *a = xmalloc(0), *b = xcalloc(0, 8), *c = xrealloc(NULL, 0, 8);

	CHECK(a != NULL && b != NULL && c != NULL);
	free(a);
	free(b);
	free(c);
}

static void zeroed_memory_is_zero(void)
{
	char *a = xcalloc(100, 10);
	int sum = 0;

	for (int i = 0; i < 1000; i++)
		sum |= a[i];
	CHECK_INT(sum, 0);
	free(a);
}

static void copies_are_cut_and_always_end(void)
{
	char to[4] = "zzz";

	copy_text(to, sizeof(to), "");
	CHECK_TEXT(to, "");
	copy_text(to, sizeof(to), "abc");
	CHECK_TEXT(to, "abc");
	copy_text(to, sizeof(to), "abcdef");
	CHECK_TEXT(to, "abc");
	copy_text(to, 1, "abc");
	CHECK_TEXT(to, "");
}

static void texts_are_copied_and_composed(void)
{
	char *a = xstrdup("one"), *b = xstrndup("twofold", 3), *c = xasprintf("%s-%s-%d", a, b, 3);

	CHECK_TEXT(c, "one-two-3");
	free(a);
	free(b);
	free(c);
}

static void a_struct_is_found_by_its_member(void)
{
	struct pair {
		int a, b;
	} pair = {1, 2};

	CHECK(CONTAINER_OF(&pair.b, struct pair, b) == &pair);
	CHECK_INT(ARRAY_LEN(((int[]){1, 2, 3})), 3);
}

CHECK_MAIN(TEST(nothing_is_something), TEST(zeroed_memory_is_zero), TEST(copies_are_cut_and_always_end),
	   TEST(texts_are_copied_and_composed), TEST(a_struct_is_found_by_its_member))
