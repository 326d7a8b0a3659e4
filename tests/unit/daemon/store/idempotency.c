/* SPDX-License-Identifier: MIT */
#include "fresh.h"

#define DAY_MS INT64_C(86400000)

static int get(struct db *db, const char *key, int64_t uid, char **answer)
{
	unsigned char hash[HASH_BYTES];
	int status;
	int rc = idempotency_get(db, key, uid, hash, &status, answer, &err);

	if (rc == 0) {
		CHECK_INT(hash[0], 7);
		CHECK_INT(status, 201);
	}
	return rc;
}

static void an_answer_is_given_again_to_who_got_it(void)
{
	struct db *db = fresh_db();
	unsigned char hash[HASH_BYTES] = {7};
	char *answer = NULL;

	CHECK_INT(get(db, "k", 1000, &answer), ERR_NOT_FOUND);
	CHECK_INT(idempotency_put(db, "k", 1000, hash, 201, "{\"a\":1}", 5, &err), 0);
	CHECK_INT(get(db, "k", 1000, &answer), 0);
	CHECK_TEXT(answer, "{\"a\":1}");
	free(answer);
	CHECK_INT(get(db, "k", 1001, &answer), ERR_NOT_FOUND);
	CHECK_INT(idempotency_put(db, "k", 1001, hash, 201, "{}", 5, &err), 0);
	CHECK_INT(idempotency_put(db, "k", 1000, hash, 201, "{}", 5, &err), ERR_CONFLICT);
	db_close(db);
}

static void answers_are_forgotten_after_a_day(void)
{
	struct db *db = fresh_db();
	unsigned char hash[HASH_BYTES] = {7};
	char *answer = NULL;

	CHECK_INT(idempotency_put(db, "old", 1, hash, 201, "{}", 5, &err), 0);
	CHECK_INT(idempotency_put(db, "new", 1, hash, 201, "{}", DAY_MS + 5, &err), 0);
	CHECK_INT(get(db, "old", 1, &answer), 0);
	free(answer);
	CHECK_INT(idempotency_put(db, "newer", 1, hash, 201, "{}", DAY_MS + 6, &err), 0);
	CHECK_INT(get(db, "old", 1, &answer), ERR_NOT_FOUND);
	CHECK_INT(get(db, "new", 1, &answer), 0);
	free(answer);
	db_close(db);
}

CHECK_MAIN(TEST(an_answer_is_given_again_to_who_got_it), TEST(answers_are_forgotten_after_a_day))
