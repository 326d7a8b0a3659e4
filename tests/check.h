/* SPDX-License-Identifier: MIT */
/*
 * check.h — the whole unit test framework.
 *
 * A test is a function whose name is a sentence; main() is CHECK_MAIN(test, test, …).  Every test
 * prints "ok name" or "not ok name" and a failed check says where and what; the exit status is 1
 * when any failed.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool check_failed;

#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);                        \
			check_failed = true;                                                       \
		}                                                                                  \
	} while (0)

#define CHECK_INT(got, want)                                                                       \
	do {                                                                                       \
		long long got_ = (long long)(got), want_ = (long long)(want);                      \
		if (got_ != want_) {                                                               \
			printf("# %s:%d: %s is %lld, expected %lld\n", __FILE__, __LINE__, #got,   \
			       got_, want_);                                                       \
			check_failed = true;                                                       \
		}                                                                                  \
	} while (0)

#define CHECK_TEXT(got, want)                                                                      \
	do {                                                                                       \
		const char *got_ = (got), *want_ = (want);                                         \
		if (got_ == NULL || strcmp(got_, want_) != 0) {                                    \
			printf("# %s:%d: %s is \"%s\", expected \"%s\"\n", __FILE__, __LINE__,     \
			       #got, got_ ? got_ : "(null)", want_);                               \
			check_failed = true;                                                       \
		}                                                                                  \
	} while (0)

struct check_test {
	const char *name;
	void (*run)(void);
};

static inline int check_run(const struct check_test *tests, size_t n)
{
	int failed = 0;

	for (size_t i = 0; i < n; i++) {
		check_failed = false;
		tests[i].run();
		printf("%s %s\n", check_failed ? "not ok" : "ok", tests[i].name);
		fflush(stdout);
		failed += check_failed;
	}
	return failed > 0;
}

/* TEST(name) names a row of the table: CHECK_MAIN(TEST(adds_up), TEST(rounds_half_to_even)) */
#define TEST(f) {#f, f}
#define CHECK_MAIN(...)                                                                            \
	int main(void)                                                                             \
	{                                                                                          \
		static const struct check_test tests[] = {__VA_ARGS__};                            \
		return check_run(tests, sizeof(tests) / sizeof(tests[0]));                         \
	}

#endif
