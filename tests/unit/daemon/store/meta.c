/* SPDX-License-Identifier: MIT */
#include "fresh.h"

static void a_fact_is_kept_and_replaced(void)
{
	struct db *db = fresh_db();
	char *value = NULL;

	CHECK_INT(meta_get(db, "colour", &value, &err), ERR_NOT_FOUND);
	CHECK_INT(meta_put(db, "colour", "red", &err), 0);
	CHECK_INT(meta_put(db, "colour", "blue", &err), 0);
	CHECK_INT(meta_get(db, "colour", &value, &err), 0);
	CHECK_TEXT(value, "blue");
	free(value);
	db_close(db);
}

CHECK_MAIN(TEST(a_fact_is_kept_and_replaced))
