/* SPDX-License-Identifier: MIT */
/*
 * The database is brought to the shape this program knows, or refused, here.
 *
 * Its version is the number of the last file of schema/ that was applied (PRAGMA user_version).
 * Each file is one transaction, so a crash leaves a version and never a half of one.
 */
#include "store/migrate.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "schema.h"
#include "store/db.h"

/* Marks our files for file(1) and for us: "TGat". */
#define APPLICATION_ID 0x54476174

/* The number of "0007-what.sql"; 0 for other files of schema/. */
static int64_t number_of(const struct schema_file *file)
{
	size_t len = strlen(file->name);

	if (!isdigit((unsigned char)file->name[0]) || len < 4 || strcmp(file->name + len - 4, ".sql") != 0)
		return 0;
	return strtol(file->name, NULL, 10);
}

static int64_t newest(const struct schema_file *files)
{
	int64_t version = 0;

	for (; files->name != NULL; files++)
		version = number_of(files) > version ? number_of(files) : version;
	return version;
}

/* The one number a question answers with. */
static int ask(struct db *db, const char *sql, const char *column, int64_t *ret, struct err *err)
{
	struct stmt *s = db_query(db, sql, err);
	int rc = stmt_step(s, err);

	if (rc > 0)
		*ret = stmt_int(s, column);
	stmt_reset(s);
	return rc > 0 ? 0 : rc < 0 ? rc : err_set(err, ERR_SYSTEM, "database %s: no answer to %s", db_path(db), sql);
}

static int get_version(struct db *db, int64_t *ret, struct err *err)
{
	return ask(db, "PRAGMA user_version", "user_version", ret, err);
}

/* A file that holds tables and no version of ours belongs to somebody else. */
static int check_is_ours(struct db *db, struct err *err)
{
	int64_t tables = 0;
	int rc = ask(db, "SELECT count(*) AS n FROM sqlite_schema", "n", &tables, err);

	if (rc == 0 && tables > 0)
		return err_set(err, ERR_INVALID, "%s is a database of another program; name another directory with --home",
			       db_path(db));
	return rc;
}

/* A whole copy as it was, beside it: the way back when the newer program has to be given up. */
static int keep_copy(struct db *db, int64_t version, struct err *err)
{
	char *path = xasprintf("%s.version-%lld", db_path(db), (long long)version);
	char *unfinished = xasprintf("%s.part", path);
	struct stmt *s;
	int rc;

	unlink(unfinished);
	s = db_query(db, "VACUUM INTO ?", err);
	stmt_bind_text(s, unfinished);
	rc = stmt_run(s, err);
	if (rc == 0 && rename(unfinished, path) < 0)
		rc = err_errno(err, "naming the copy %s", path);
	if (rc == 0)
		log_info("database copied before its upgrade, copy=%s", path);
	else
		err_wrap(err, "copying the database before its upgrade (is there room for it?)");
	free(unfinished);
	free(path);
	return rc;
}

static int finish_step(struct db *db, int64_t number, struct err *err)
{
	char sql[96];
	struct stmt *s = db_query(db, "PRAGMA foreign_key_check", err);
	int rc = stmt_step(s, err);

	stmt_reset(s);
	if (rc != 0)
		return rc < 0 ? rc : err_set(err, ERR_SYSTEM, "rows would refer to what is not there");
	snprintf(sql, sizeof(sql), "PRAGMA application_id = %d; PRAGMA user_version = %lld", APPLICATION_ID,
		 (long long)number);
	rc = db_exec(db, sql, err);
	return rc < 0 ? rc : db_commit(db, err);
}

static int apply(struct db *db, const struct schema_file *file, struct err *err)
{
	int64_t number = number_of(file), version = 0;
	int rc = db_begin(db, err);

	if (rc == 0)
		rc = get_version(db, &version, err);
	/* Another process was faster. */
	if (rc == 0 && version >= number) {
		db_rollback(db);
		return 0;
	}
	if (rc == 0)
		rc = db_exec(db, file->text, err);
	if (rc == 0)
		rc = finish_step(db, number, err);
	if (rc < 0) {
		db_rollback(db);
		err_wrap(err, "applying %s", file->name);
	}
	return rc;
}

static int apply_all(struct db *db, const struct schema_file *files, int64_t version, struct err *err)
{
	int rc = 0;

	for (; files->name != NULL && rc == 0; files++)
		if (number_of(files) > version)
			rc = apply(db, files, err);
	return rc;
}

int migrate_to(struct db *db, const struct schema_file *files, struct err *err)
{
	int64_t version = 0, known = newest(files);
	int rc = get_version(db, &version, err);

	if (rc < 0)
		return rc;
	if (version > known)
		return err_set(err, ERR_INVALID,
			       "the database %s was written by a newer tollgated (its version is %lld, this program knows %lld); "
			       "start the newer program, or put back the copy made before the upgrade (%s.version-…)",
			       db_path(db), (long long)version, (long long)known, db_path(db));
	if (version == known)
		return 0;
	rc = version == 0 ? check_is_ours(db, err) : keep_copy(db, version, err);
	if (rc < 0)
		return rc;
	/* Rebuilding a table breaks references for a moment; they are checked before each commit. */
	rc = db_exec(db, "PRAGMA foreign_keys = OFF", err);
	if (rc == 0)
		rc = apply_all(db, files, version, err);
	if (db_exec(db, "PRAGMA foreign_keys = ON", rc == 0 ? err : NULL) < 0 && rc == 0)
		rc = ERR_SYSTEM;
	return rc;
}

int db_migrate(struct db *db, struct err *err)
{
	return migrate_to(db, schema_files, err);
}
