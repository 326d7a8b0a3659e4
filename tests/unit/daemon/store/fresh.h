/* SPDX-License-Identifier: MIT */
/* fresh.h — a database of the newest schema and nothing in it, for the tests of store/'s families. */
#ifndef TESTS_STORE_FRESH_H
#define TESTS_STORE_FRESH_H

#include "base/err.h"
#include "base/mem.h"
#include "check.h"
#include "store/store.h"
#include "temporary.h"

static struct err err;

static inline struct db *fresh_db(void)
{
	struct db *db;

	err = (struct err){0};
	db = db_open(temporary_path("t.db"), DB_WRITE, &err);
	CHECK(db != NULL && db_migrate(db, &err) == 0);
	return db;
}

/* A team with this name and nothing else; returns its id. */
static inline int64_t fresh_team(struct db *db, const char *name)
{
	struct team_row row = {
		.name = (char *)name, .rpm = STORE_NONE, .tpm = STORE_NONE, .parallel = STORE_NONE, .created_at = 1000};

	CHECK_INT(team_insert(db, &row, &err), 0);
	return row.id;
}

/* A key whose hash is 32 times this byte. */
static inline struct key_row fresh_key_row(int64_t team_id, const char *public_id, const char *name, char byte)
{
	struct key_row row = {
		.public_id = (char *)public_id,
		.team_id = team_id,
		.name = (char *)name,
		.prefix = (char *)"tg-abc",
		.state = (char *)"active",
		.expires_at = STORE_NONE,
		.rpm = STORE_NONE,
		.tpm = STORE_NONE,
		.parallel = STORE_NONE,
		.revoked_at = STORE_NONE,
		.created_at = 1000,
	};

	memset(row.hash, byte, sizeof(row.hash));
	return row;
}

#endif
