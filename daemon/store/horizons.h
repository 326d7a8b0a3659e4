/* SPDX-License-Identifier: MIT */
/*
 * horizons.h — how far back the ledger goes in each of its units (schema/0004-retention.sql).
 *
 * Whoever asks the ledger reads them in the same transaction as the rest of the answer, and asks a
 * unit for nothing that is older than its from_ms.  All are whole days UTC; days of rollups go back
 * to the beginning.
 */
#ifndef STORE_HORIZONS_H
#define STORE_HORIZONS_H

#include <stdint.h>

#include "store/db.h"

/* In the order in which they follow each other. */
enum horizon { HORIZON_KEYS, HORIZON_CALLS, HORIZON_MARKS, HORIZON_MINUTES, HORIZON_HOURS, HORIZON_NUM };

struct horizons {
	struct {
		int64_t from_ms, gone_ms;       /* gone_ms <= from_ms; 0: the beginning */
	} of[HORIZON_NUM];
};

int horizons_get(struct db *, struct horizons *ret, struct err *err);
int horizon_put(struct db *, enum horizon, int64_t from_ms, int64_t gone_ms, struct err *err);

/* The latest of them: whatever is younger is there in every unit. */
int64_t horizons_newest(const struct horizons *);

#endif
