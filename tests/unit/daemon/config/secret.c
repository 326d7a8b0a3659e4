/* SPDX-License-Identifier: MIT */
/* Credentials: looked up, sealed, opened. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "check.h"
#include "config/config.h"
#include "temporary.h"

static struct err err;

static char *make_home(void)
{
	char *home = xstrdup(temporary_path("home"));

	CHECK_INT(mkdir(home, 0700), 0);
	return home;
}

static void references_are_kept_as_they_are_and_looked_up(void)
{
	char *stored, *secret;

	setenv("TOLLGATE_TEST_SECRET", "sk-1", 1);
	CHECK_INT(secret_store("env:TOLLGATE_TEST_SECRET", "/nowhere", &stored, &err), 0);
	CHECK_TEXT(stored, "env:TOLLGATE_TEST_SECRET");
	CHECK_INT(secret_resolve(stored, "/nowhere", &secret, &err), 0);
	CHECK_TEXT(secret, "sk-1");
	free(secret);
	unsetenv("TOLLGATE_TEST_SECRET");
	CHECK_INT(secret_resolve(stored, "/nowhere", &secret, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "the environment variable TOLLGATE_TEST_SECRET is not set");
	free(stored);
}

static void several_variables_are_one_credential(void)
{
	static const char reference[] = "env:TOLLGATE_TEST_ID:TOLLGATE_TEST_KEY:TOLLGATE_TEST_TOKEN?";
	char *secret;

	setenv("TOLLGATE_TEST_ID", "AKID", 1);
	CHECK_INT(secret_check(reference, &err), 0);
	CHECK_INT(secret_resolve(reference, "/nowhere", &secret, &err), ERR_NOT_FOUND);
	CHECK_TEXT(err.text, "the environment variable TOLLGATE_TEST_KEY is not set");
	setenv("TOLLGATE_TEST_KEY", "hush", 1);
	CHECK_INT(secret_resolve(reference, "/nowhere", &secret, &err), 0);
	CHECK_TEXT(secret, "AKID:hush");
	free(secret);
	setenv("TOLLGATE_TEST_TOKEN", "token", 1);
	CHECK_INT(secret_resolve(reference, "/nowhere", &secret, &err), 0);
	CHECK_TEXT(secret, "AKID:hush:token");
	free(secret);
	unsetenv("TOLLGATE_TEST_ID");
	unsetenv("TOLLGATE_TEST_KEY");
	unsetenv("TOLLGATE_TEST_TOKEN");
}

static void a_file_is_read_without_the_end_of_its_line(void)
{
	char *path = xstrdup(temporary_path("key")), *reference = xasprintf("file:%s", path), *secret;
	FILE *file = fopen(path, "w");

	fputs("sk-from-file\r\n", file);
	fclose(file);
	CHECK_INT(secret_resolve(reference, "/nowhere", &secret, &err), 0);
	CHECK_TEXT(secret, "sk-from-file");
	free(secret);
	CHECK_INT(truncate(path, 0), 0);
	CHECK_INT(secret_resolve(reference, "/nowhere", &secret, &err), ERR_INVALID);
	CHECK(strstr(err.text, "is empty") != NULL);
	unlink(path);
	CHECK_INT(secret_resolve(reference, "/nowhere", &secret, &err), ERR_SYSTEM);
	CHECK(strstr(err.text, "No such file or directory") != NULL);
	free(reference);
	free(path);
}

static void a_literal_is_sealed_with_a_key_that_only_its_owner_may_read(void)
{
	char *home = make_home(), *path = xasprintf("%s/secret.key", home), *first, *second, *secret;
	struct stat st;

	CHECK_INT(secret_store("sk-literal-secret", home, &first, &err), 0);
	CHECK_INT(secret_store("sk-literal-secret", home, &second, &err), 0);
	CHECK(text_starts(first, "box:"));
	CHECK(strstr(first, "literal") == NULL);
	CHECK(strcmp(first, second) != 0);
	CHECK_INT(stat(path, &st), 0);
	CHECK_INT(st.st_mode & 0777, 0600);
	CHECK_INT(st.st_size, 32);
	CHECK_INT(secret_resolve(second, home, &secret, &err), 0);
	CHECK_TEXT(secret, "sk-literal-secret");
	free(secret);
	CHECK_INT(chmod(path, 0640), 0);
	CHECK_INT(secret_resolve(second, home, &secret, &err), ERR_FORBIDDEN);
	CHECK(strstr(err.text, "may be read by others; run: chmod 600") != NULL);
	free(first);
	free(second);
	free(path);
	free(home);
}

static void another_key_or_a_changed_box_opens_nothing(void)
{
	char *home = make_home(), *other = make_home(), *box, *unused, *secret = NULL;

	CHECK_INT(secret_store("sk-1", home, &box, &err), 0);
	CHECK_INT(secret_resolve(box, other, &secret, &err), ERR_NOT_FOUND);
	CHECK(strstr(err.text, "secret.key is missing") != NULL);
	CHECK_INT(secret_store("x", other, &unused, &err), 0);
	CHECK_INT(secret_resolve(box, other, &secret, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "the stored credential was sealed with another secret.key; give it again");
	box[20] = box[20] == 'A' ? 'B' : 'A';
	CHECK_INT(secret_resolve(box, home, &secret, &err), ERR_INVALID);
	CHECK_INT(secret_resolve("box:", home, &secret, &err), ERR_INVALID);
	CHECK_INT(secret_resolve("box:!!!", home, &secret, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "the stored credential is damaged; give it again");
	CHECK(secret == NULL);
	free(box);
	free(unused);
	free(home);
	free(other);
}

static void what_cannot_be_stored_is_refused(void)
{
	char *home = make_home(), *stored = NULL;

	CHECK_INT(secret_store("", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("env:", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("env:HAS SPACE", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("env:1ST", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("env:A?", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("env:A::B", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("env:A:B?C", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("file:relative", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("sk-1\r\nx-evil: 1", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("box:abc", home, &stored, &err), ERR_INVALID);
	CHECK_INT(secret_store("sk-1", "/nowhere", &stored, &err), ERR_SYSTEM);
	CHECK(strstr(err.text, "/nowhere/secret.key") != NULL);
	CHECK(stored == NULL);
	free(home);
}

CHECK_MAIN(TEST(references_are_kept_as_they_are_and_looked_up), TEST(several_variables_are_one_credential),
	   TEST(a_file_is_read_without_the_end_of_its_line),
	   TEST(a_literal_is_sealed_with_a_key_that_only_its_owner_may_read),
	   TEST(another_key_or_a_changed_box_opens_nothing), TEST(what_cannot_be_stored_is_refused))
