/* SPDX-License-Identifier: MIT */
/* calls_columns.h — a call as a row: its columns, what it can be filtered by, and how it ended. */
#ifndef SCREENS_CALLS_COLUMNS_H
#define SCREENS_CALLS_COLUMNS_H

#include <jansson.h>

#include "draw/table.h"
#include "model/filter.h"

#define CALLS_NUM_COLUMNS 14

extern const struct column calls_columns[CALLS_NUM_COLUMNS];
extern const struct filter_field calls_filters[];

/* "200", "can" where the client left, "cut" where a stream broke. */
void show_call_status(struct cell *, const json_t *call);
/* "~$0.056100": the tilde where a count it depends on is estimated. */
void show_call_cost(struct cell *, const json_t *call);
bool call_is_problem(const void *call);

#endif
