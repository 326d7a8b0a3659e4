/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "check.h"

static void what_is_taken_is_zeroed_aligned_and_apart(void)
{
	unsigned char *kept[300];
	struct arena a;
	int wrong = 0;

	arena_init(&a);
	for (int i = 0; i < 300; i++) {
		size_t size = (size_t)i * 7 % 200 + 1;

		kept[i] = arena_alloc(&a, size);
		wrong += (uintptr_t)kept[i] % alignof(max_align_t) != 0;
		for (size_t n = 0; n < size; n++)
			wrong += kept[i][n] != 0;
		memset(kept[i], i & 0xff, size);
	}
	for (int i = 0; i < 300; i++)
		wrong += kept[i][0] != (i & 0xff) || kept[i][i * 7 % 200] != (i & 0xff);
	CHECK_INT(wrong, 0);
	arena_release(&a);
}

static void larger_than_a_block_fits_too(void)
{
	struct arena a;
	char *large, *small;

	arena_init(&a);
	large = arena_alloc(&a, 1 << 20);
	large[(1 << 20) - 1] = 'x';
	small = arena_copy(&a, "abcd", 3);
	CHECK_TEXT(small, "abc");
	CHECK_TEXT(arena_copy(&a, NULL, 0), "");
	arena_release(&a);
	CHECK(a.blocks == NULL);
	CHECK_TEXT(arena_copy(&a, "again", 5), "again");
	arena_release(&a);
}

CHECK_MAIN(TEST(what_is_taken_is_zeroed_aligned_and_apart), TEST(larger_than_a_block_fits_too))
