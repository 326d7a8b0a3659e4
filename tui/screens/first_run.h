/* SPDX-License-Identifier: MIT */
/* first_run.h — what a gateway without a single call shows: the steps to the first one. */
#ifndef SCREENS_FIRST_RUN_H
#define SCREENS_FIRST_RUN_H

#include "app/app.h"

struct first_run {
	struct resource providers, teams, keys;
};

bool first_run_is_on(const struct session *);
void first_run_open(struct first_run *, struct session *);
void first_run_close(struct first_run *);
void first_run_draw(struct first_run *, const struct session *, struct area);
/* The command of the last step, to the clipboard. */
void first_run_copy(struct app *);

#endif
