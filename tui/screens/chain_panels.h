/* SPDX-License-Identifier: MIT */
/* chain_panels.h — what stands below a chain: who would answer, and what it was before. */
#ifndef SCREENS_CHAIN_PANELS_H
#define SCREENS_CHAIN_PANELS_H

#include <jansson.h>

#include "draw/put.h"

/* data may be NULL: nothing came yet. */
void chain_draw_explain(const json_t *data, struct area);
void chain_draw_history(const json_t *data, struct area);

#endif
