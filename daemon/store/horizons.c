/* SPDX-License-Identifier: MIT */
/* How far back each unit of the ledger goes is read and written here. */
#include "store/horizons.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"

static const char *const units[] = {
	[HORIZON_KEYS] = "keys",
	[HORIZON_CALLS] = "calls",
	[HORIZON_MARKS] = "marks",
	[HORIZON_MINUTES] = "minutes",
	[HORIZON_HOURS] = "hours",
};

int horizons_get(struct db *db, struct horizons *ret, struct err *err)
{
	struct stmt *s = db_query(db, "SELECT unit, from_at, gone_at FROM horizons", err);
	int rc;

	*ret = (struct horizons){0};
	while ((rc = stmt_step(s, err)) > 0)
		for (size_t i = 0; i < ARRAY_LEN(units); i++) {
			if (strcmp(stmt_text(s, "unit"), units[i]) != 0)
				continue;
			ret->of[i].from_ms = stmt_int(s, "from_at");
			ret->of[i].gone_ms = stmt_int(s, "gone_at");
		}
	return rc;
}

int horizon_put(struct db *db, enum horizon horizon, int64_t from_ms, int64_t gone_ms, struct err *err)
{
	struct stmt *s = db_query(db, "UPDATE horizons SET from_at = ?, gone_at = ? WHERE unit = ?", err);

	stmt_bind_int(s, from_ms);
	stmt_bind_int(s, gone_ms);
	stmt_bind_text(s, units[horizon]);
	return stmt_run(s, err);
}

int64_t horizons_newest(const struct horizons *h)
{
	int64_t newest = 0;

	for (size_t i = 0; i < HORIZON_NUM; i++)
		newest = h->of[i].from_ms > newest ? h->of[i].from_ms : newest;
	return newest;
}
