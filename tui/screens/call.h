/* SPDX-License-Identifier: MIT */
/* call.h — one call alone, opened from a list of them. */
#ifndef SCREENS_CALL_H
#define SCREENS_CALL_H

#include "app/app.h"

struct call_options {
	const char *id;         /* copied */
	struct screen *list;    /* below; NULL: there is no next one */
	/* Moves in the list and returns the id that is selected there now, borrowed; NULL: no such move. */
	const char *(*step)(struct screen *list, enum request);
};

void call_open(struct app *, const struct call_options *);

#endif
