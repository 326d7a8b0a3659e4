/* SPDX-License-Identifier: MIT */
/* team_ask.h — the dialogs about one team. */
#ifndef SCREENS_TEAM_ASK_H
#define SCREENS_TEAM_ASK_H

#include <jansson.h>

#include "app/app.h"

void team_ask_new(struct screen *, void (*created)(struct screen *, const json_t *answer));
void team_ask_limits(struct screen *, const json_t *team);
/* Unblocks at once; asks before it blocks. */
void team_ask_toggle(struct screen *, const json_t *team);

/* "ok", "! over", "near", "blocked". */
struct cell;
void team_state(const json_t *team, struct cell *out);

#endif
