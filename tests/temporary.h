/* SPDX-License-Identifier: MIT */
/*
 * temporary.h — a directory of the test's own, gone with it.
 */
#ifndef TESTS_TEMPORARY_H
#define TESTS_TEMPORARY_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char temporary_directory[256];
static pid_t temporary_owner;

static inline int temporary_remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

static inline void temporary_remove(void)
{
	/* A forked child that exits must not take the directory with it. */
	if (temporary_directory[0] != '\0' && getpid() == temporary_owner)
		nftw(temporary_directory, temporary_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* A path for this name in a directory that was not there before: a new one with each call. */
static inline const char *temporary_path(const char *name)
{
	static char path[512];
	static int count;
	const char *base = getenv("TMPDIR");

	if (count == 0) {
		snprintf(temporary_directory, sizeof(temporary_directory), "%s/tollgate-test-XXXXXX",
			 base != NULL ? base : "/tmp");
		if (mkdtemp(temporary_directory) == NULL)
			abort();
		temporary_owner = getpid();
		atexit(temporary_remove);
	}
	snprintf(path, sizeof(path), "%s/%d-%s", temporary_directory, count++, name);
	return path;
}

#endif
