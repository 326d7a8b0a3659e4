/* SPDX-License-Identifier: MIT */
/* Error sentences read from the outside in and are never longer than their room. */
#include "base/err.h"

#include <errno.h>

#include "check.h"

static void a_sentence_carries_its_code(void)
{
	struct err err;

	CHECK_INT(err_set(&err, ERR_NOT_FOUND, "no team \"%s\"", "serch"), ERR_NOT_FOUND);
	CHECK_INT(err.code, ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "no team \"serch\"");
}

static void nobody_has_to_listen(void)
{
	errno = EACCES;
	CHECK_INT(err_set(NULL, ERR_FULL, "x"), ERR_FULL);
	CHECK_INT(err_errno(NULL, "x"), ERR_SYSTEM);
	CHECK(err_wrap(NULL, "x") < 0);
}

static void the_system_says_why(void)
{
	struct err err;

	errno = ENOENT;
	CHECK_INT(err_errno(&err, "opening %s", "a.yaml"), ERR_SYSTEM);
	CHECK_TEXT(err.text, "opening a.yaml: No such file or directory");
}

static void wrapping_puts_the_outside_in_front(void)
{
	struct err err;

	err_set(&err, ERR_INVALID, "expected a duration");
	CHECK_INT(err_wrap(&err, "line %d", 3), ERR_INVALID);
	CHECK_INT(err_wrap(&err, "reading tollgate.yaml"), ERR_INVALID);
	CHECK_TEXT(err.text, "reading tollgate.yaml: line 3: expected a duration");
}

static void long_sentences_are_cut(void)
{
	struct err err;
	char much[2000];

	memset(much, 'x', sizeof(much) - 1);
	much[sizeof(much) - 1] = '\0';
	err_set(&err, ERR_INVALID, "%s", much);
	CHECK_INT(strlen(err.text), sizeof(err.text) - 1);
	err_wrap(&err, "%s", much);
	CHECK_INT(strlen(err.text), sizeof(err.text) - 1);
	err_wrap(&err, "short");
	CHECK_INT(strlen(err.text), sizeof(err.text) - 1);
	CHECK(strncmp(err.text, "short: xxx", 10) == 0);
	errno = ENOENT;
	err_errno(&err, "%s", much);
	CHECK_INT(strlen(err.text), sizeof(err.text) - 1);
}

CHECK_MAIN(TEST(a_sentence_carries_its_code), TEST(nobody_has_to_listen), TEST(the_system_says_why),
	   TEST(wrapping_puts_the_outside_in_front), TEST(long_sentences_are_cut))
