/* SPDX-License-Identifier: MIT */
/* overview_tables.h — the two lists of the Overview: who spends, and who answers. */
#ifndef SCREENS_OVERVIEW_TABLES_H
#define SCREENS_OVERVIEW_TABLES_H

#include <jansson.h>

#include "draw/table.h"

/* arg of both is a json_t ** that holds the array, or NULL. */
void overview_teams_init(struct table *, json_t **items);
void overview_providers_init(struct table *, json_t **items);

#endif
