/* SPDX-License-Identifier: MIT */
/* The map finds what was put and nothing else, through growth and removal. */
#include "base/map.h"

#include <stdint.h>

#include "check.h"

static void *number(int i)
{
	return (void *)(intptr_t)(i + 1);
}

static void an_empty_map_has_nothing(void)
{
	struct map m;

	map_init(&m);
	CHECK(map_get_text(&m, "a") == NULL);
	CHECK(map_remove(&m, "a", 1) == NULL);
	CHECK(map_next(&m, NULL) == NULL);
	map_release(&m);
}

static void putting_again_replaces_and_returns_what_was_there(void)
{
	struct map m;

	map_init(&m);
	CHECK(map_put_text(&m, "a", number(1)) == NULL);
	CHECK(map_put_text(&m, "a", number(2)) == number(1));
	CHECK(map_get_text(&m, "a") == number(2));
	CHECK_INT(m.count, 1);
	map_release(&m);
}

static void keys_are_bytes_of_any_length(void)
{
	struct map m;

	map_init(&m);
	map_put(&m, "", 0, number(0));
	map_put(&m, "a\0b", 3, number(1));
	map_put(&m, "a\0c", 3, number(2));
	map_put(&m, "a", 1, number(3));
	CHECK(map_get(&m, "", 0) == number(0));
	CHECK(map_get(&m, "a\0b", 3) == number(1));
	CHECK(map_get(&m, "a\0c", 3) == number(2));
	CHECK(map_get_text(&m, "a") == number(3));
	CHECK(map_get(&m, "a\0", 2) == NULL);
	map_release(&m);
}

static void keys_are_copied(void)
{
	struct map m;
	char key[] = "first";

	map_init(&m);
	map_put_text(&m, key, number(1));
	key[0] = 'F';
	CHECK(map_get_text(&m, "first") == number(1));
	CHECK(map_get_text(&m, "First") == NULL);
	map_release(&m);
}

static int in_map(const struct map *m, int i)
{
	return map_get(m, &i, sizeof(i)) == number(i);
}

static void thousands_survive_growth_and_removal_of_every_other(void)
{
	enum { N = 5000 };
	struct map m;
	int wrong = 0;

	map_init(&m);
	for (int i = 0; i < N; i++)
		map_put(&m, &i, sizeof(i), number(i));
	CHECK_INT(m.count, N);
	for (int i = 0; i < N; i++)
		wrong += !in_map(&m, i);
	for (int i = 0; i < N; i += 2)
		wrong += map_remove(&m, &i, sizeof(i)) != number(i);
	CHECK_INT(m.count, N / 2);
	for (int i = 0; i < N; i++)
		wrong += in_map(&m, i) != i % 2;
	for (int i = 0; i < N; i += 2)
		map_put(&m, &i, sizeof(i), number(i));
	for (int i = 0; i < N; i++)
		wrong += !in_map(&m, i);
	CHECK_INT(wrong, 0);
	map_release(&m);
}

static void walking_sees_each_entry_once(void)
{
	enum { N = 300 };
	int seen[N] = {0}, wrong = 0;
	struct map m;

	map_init(&m);
	for (int i = 0; i < N; i++)
		map_put(&m, &i, sizeof(i), number(i));
	for (const struct map_entry *e = map_next(&m, NULL); e != NULL; e = map_next(&m, e)) {
		int i;

		memcpy(&i, e->key, sizeof(i));
		wrong += e->key_len != sizeof(i) || e->value != number(i);
		seen[i]++;
	}
	for (int i = 0; i < N; i++)
		wrong += seen[i] != 1;
	CHECK_INT(wrong, 0);
	map_release(&m);
	CHECK_INT(m.count, 0);
}

CHECK_MAIN(TEST(an_empty_map_has_nothing), TEST(putting_again_replaces_and_returns_what_was_there),
	   TEST(keys_are_bytes_of_any_length), TEST(keys_are_copied),
	   TEST(thousands_survive_growth_and_removal_of_every_other), TEST(walking_sees_each_entry_once))
