/* SPDX-License-Identifier: MIT */
/* key_list.h — a list of keys and what can be done with one: what Keys and a team's screen share. */
#ifndef SCREENS_KEY_LIST_H
#define SCREENS_KEY_LIST_H

#include "app/list_view.h"

/* The first member of the state of a screen that lists keys. */
struct key_list {
	struct list_view list;
};

/* team: only its keys; NULL: all. */
void key_list_open(struct key_list *, struct screen *, const char *team);
/* What can be asked of keys, else what can be asked of a list. */
bool key_list_request(struct screen *, enum request, const char *team);

/* key_ask.c: the dialogs. */
void key_ask_new(struct screen *, const char *team);
void key_ask_limits(struct screen *, const json_t *key);
void key_ask_toggle(struct screen *, const json_t *key);
void key_ask_rotate(struct screen *, const json_t *key);
void key_ask_revoke(struct screen *, const json_t *key);

/* "payments / ci-batch". */
const char *key_full_name(const json_t *key, char *out, size_t size);

#endif
