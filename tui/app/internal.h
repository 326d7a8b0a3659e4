/* SPDX-License-Identifier: MIT */
/* internal.h — what the files of app/ share and screens do not see. */
#ifndef APP_INTERNAL_H
#define APP_INTERNAL_H

#include "app/app.h"
#include "draw/term.h"

struct script;

struct app {
	const struct app_options *options;
	struct session session;
	struct screen *tops[MAX_TABS];  /* the top of each tab's stack; NULL: not opened yet */
	size_t tab;                     /* the one shown */
	bool dirty;                     /* a frame is due */
	bool quit;
	int killed_by;                  /* the signal that ended us, or 0 */
	bool is_ready;                  /* all tabs are open */
	bool was_down;                  /* the box about it was shown */
	int64_t drawn_at_s;             /* the second the clock shows */
	enum role message_role;
	char message[512];
	struct script *script;          /* NULL without one */
};

/* dispatch.c */
void app_key(struct app *, key_code);
void app_paste(struct app *, const char *text);
void app_set_tab(struct app *, size_t tab);
/* Opens the tabs that were not looked at, so that their first rows are there when they are. */
void app_open_tabs(struct app *);
void app_close_all(struct app *);

/* frame.c */
void app_draw(struct app *);

/* script.c: a file of commands instead of a person. */
struct script *script_open(const char *path, struct err *err);
/* Runs one command.  Returns the milliseconds to wait before the next, or -1 when the script has ended. */
int script_step(struct script *, struct app *);
/* 0, or negative with *err when a command failed. */
int script_close(struct script *, struct err *err);

#endif
