/* SPDX-License-Identifier: MIT */
/*
 * batch.h — one transaction of the ledger writer: records out of the journals become rows, rollups
 * and positions together, or nothing does.
 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

#include "ledger/journal.h"

struct batch;
struct db;

/* Everything is borrowed. */
struct batch *batch_new(struct db *, struct journal **journals, unsigned num_journals);
void batch_free(struct batch *);

/* Takes what is behind the positions, up to a ceiling, and commits it.  On success the positions are
 * behind what was taken and *ret_rows says how many rows are new; on failure nothing has changed. */
int batch_write(struct batch *, uint64_t *positions, uint64_t *ret_rows, struct err *err);

/* Makes rows of the calls that an earlier run left open, and frees their slots. */
int batch_write_interrupted(struct batch *, uint64_t *ret_rows, struct err *err);

#endif
