/* SPDX-License-Identifier: MIT */
/* Ids grow, say when they were made, and sort as text as they do as numbers. */
#include "base/id.h"

#include "check.h"

#define NOW INT64_C(1795400000000)

static void ids_grow_within_a_millisecond_and_when_the_clock_goes_back(void)
{
	struct id_source source = {.who = 5};
	int64_t last = 0, wrong = 0;

	for (int i = 0; i < 40000; i++) {
		int64_t id = id_next(&source, i < 20000 ? NOW : NOW - 60000);

		wrong += id <= last;
		wrong += (id >> 14 & 63) != 5;
		last = id;
	}
	CHECK_INT(wrong, 0);
}

static void an_id_says_when_it_was_made(void)
{
	struct id_source source = {.who = 63};

	CHECK_INT(id_wall_ms(id_next(&source, NOW)), NOW);
	CHECK_INT(id_wall_ms(id_first_at(NOW)), NOW);
	CHECK(id_first_at(NOW) <= id_next(&source, NOW));
	CHECK(id_first_at(NOW + 1) > id_next(&source, NOW));
	CHECK_INT(id_first_at(0), 0);
}

static void sources_do_not_meet(void)
{
	struct id_source a = {.who = 1}, b = {.who = 2};
	int wrong = 0;

	for (int i = 0; i < 1000; i++)
		wrong += id_next(&a, NOW) == id_next(&b, NOW);
	CHECK_INT(wrong, 0);
}

static void text_comes_back_and_sorts_alike(void)
{
	struct id_source source = {.who = 7};
	char last[ID_TEXT] = "", text[ID_TEXT];
	int wrong = 0;

	for (int i = 0; i < 2000; i++) {
		int64_t id = id_next(&source, NOW + i * 37), back;

		id_format(id, text);
		wrong += strlen(text) != 18 || strcmp(text, last) <= 0;
		wrong += !id_parse(text, &back) || back != id;
		wrong += !id_parse(text + 5, &back) || back != id;
		strncpy(last, text, sizeof(last));
	}
	CHECK_INT(wrong, 0);
	CHECK_TEXT(id_format(0, text), "call_0000000000000");
	CHECK_TEXT(id_format(INT64_MAX, text), "call_7ZZZZZZZZZZZZ");
}

static void lower_case_reads_too(void)
{
	int64_t a = 0, b = 1;

	CHECK(id_parse("call_01ABCDEFGHJKM", &a));
	CHECK(id_parse("call_01abcdefghjkm", &b));
	CHECK_INT(a, b);
}

static void what_is_no_id_is_refused(void)
{
	static const char *const wrong[] = {
		"", "call_", "call_000000000000", "call_00000000000000", "call_8000000000000", "call_000000000000U",
		"call_000000000000-", "key_00000000000000", "call_call_00000000", "Call_0000000000000",
	};
	int64_t id;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK(!id_parse(wrong[i], &id));
}

static void random_names_have_their_prefix_and_do_not_repeat(void)
{
	char a[64], b[64];

	id_random(a, "key_", 22);
	id_random(b, "key_", 22);
	CHECK_INT(strlen(a), 26);
	CHECK(strncmp(a, "key_", 4) == 0);
	CHECK(strcmp(a, b) != 0);
	CHECK_INT(strspn(a + 4, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), 22);
}

static void a_source_that_begins_again_makes_ids_behind_all_there_are(void)
{
	struct id_source other = {.who = 9}, source;
	int64_t newest = id_next(&other, 1800000000000), id;

	id_source_init(&source, 3, newest);
	id = id_next(&source, 1800000000000 - 7200000);
	CHECK(id > newest);
	CHECK_INT((int)(id >> 14 & 63), 3);
	CHECK_INT(id_wall_ms(id), 1800000000001);
	CHECK(id_next(&source, 1800000000000 - 7200000) > id);
	id_source_init(&source, 3, 0);
	CHECK_INT(id_wall_ms(id_next(&source, 1800000000000)), 1800000000000);
}

CHECK_MAIN(TEST(ids_grow_within_a_millisecond_and_when_the_clock_goes_back), TEST(an_id_says_when_it_was_made),
	   TEST(sources_do_not_meet), TEST(text_comes_back_and_sorts_alike), TEST(lower_case_reads_too),
	   TEST(what_is_no_id_is_refused), TEST(random_names_have_their_prefix_and_do_not_repeat),
	   TEST(a_source_that_begins_again_makes_ids_behind_all_there_are))
