/* SPDX-License-Identifier: MIT */
/* entry.h — one entry of the audit. */
#ifndef SCREENS_ENTRY_H
#define SCREENS_ENTRY_H

#include <jansson.h>

#include "app/app.h"

/* "state: enabled -> disabled", member by member, as much as fits. */
void entry_difference(const json_t *entry, char *out, size_t size);
/* A few lines about it. */
void entry_draw_brief(const json_t *entry, struct area);
/* The box before what was is put back. */
void entry_ask_put_back(struct screen *, const json_t *entry);
/* The whole entry as the API tells it. */
void entry_show_raw(struct screen *, const json_t *entry);

#endif
