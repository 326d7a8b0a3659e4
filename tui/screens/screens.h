/* SPDX-License-Identifier: MIT */
/* screens.h — every screen there is; each is the last thing in the file of its name. */
#ifndef SCREENS_SCREENS_H
#define SCREENS_SCREENS_H

#include "app/app.h"

extern const struct screen_ops overview_screen, providers_screen, chains_screen, teams_screen, team_screen,
	keys_screen, calls_screen, audit_screen, entry_screen, help_screen, command_screen, down_screen, quit_screen;

/* The screens the digits lead to, in the order of the first row. */
extern const struct tab tabs[];
extern const size_t num_tabs;

/* Shows Providers with this one under the cursor. */
void providers_show(struct app *, const char *name);

/* Goes to Calls with this in its filter: "team:payments". */
void calls_open_with(struct app *, const char *filter);

#endif
