/* SPDX-License-Identifier: MIT */
/* Answers to changes that carried an Idempotency-Key are kept here for a day. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "store/store.h"
#include "store/store_private.h"

#define KEPT_MS INT64_C(86400000)

/* Two people may think of the same key. */
static char *stored_key(const char *key, int64_t uid)
{
	return xasprintf("%lld:%s", (long long)uid, key);
}

int idempotency_get(struct db *db, const char *key, int64_t uid, unsigned char ret_request_hash[HASH_BYTES],
		    int *ret_status, char **ret_answer, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT request_hash, status, answer FROM idempotency WHERE key = ?", err);
	char *stored = stored_key(key, uid);
	const void *hash;
	size_t len;
	int rc;

	stmt_bind_text(s, stored);
	rc = stmt_step(s, err);
	if (rc > 0) {
		hash = stmt_blob(s, "request_hash", &len);
		memset(ret_request_hash, 0, HASH_BYTES);
		memcpy(ret_request_hash, hash, len < HASH_BYTES ? len : HASH_BYTES);
		*ret_status = (int)stmt_int(s, "status");
		*ret_answer = xstrdup(stmt_text(s, "answer"));
		rc = 0;
	} else if (rc == 0) {
		rc = err_set(err, ERR_NOT_FOUND, "no answer is kept for this Idempotency-Key");
	}
	stmt_reset(s);
	free(stored);
	return rc;
}

static int forget_old(struct db *db, int64_t now_ms, struct err *err)
{
	struct stmt *s = db_query(db, "DELETE FROM idempotency WHERE at < ?", err);

	stmt_bind_int(s, now_ms - KEPT_MS);
	return stmt_run(s, err);
}

int idempotency_put(struct db *db, const char *key, int64_t uid, const unsigned char request_hash[HASH_BYTES],
		    int status, const char *answer, int64_t now_ms, struct err *err)
{
	struct stmt *s;
	char *stored;
	int rc = forget_old(db, now_ms, err);

	if (rc < 0)
		return rc;
	stored = stored_key(key, uid);
	s = db_query(db,
		     "INSERT INTO idempotency (key, uid, request_hash, status, answer, at) VALUES (?, ?, ?, ?, ?, ?)", err);
	stmt_bind_text(s, stored);
	stmt_bind_int(s, uid);
	stmt_bind_blob(s, request_hash, HASH_BYTES);
	stmt_bind_int(s, status);
	stmt_bind_text(s, answer);
	stmt_bind_int(s, now_ms);
	rc = stmt_run(s, err);
	free(stored);
	if (rc == ERR_CONFLICT)
		return err_set(err, ERR_CONFLICT, "this Idempotency-Key has an answer already");
	return rc;
}
