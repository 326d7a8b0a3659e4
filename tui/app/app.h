/* SPDX-License-Identifier: MIT */
/*
 * app.h — the dashboard: one loop, one session, a stack of screens for each tab.
 *
 * What a screen may ask of the app stands in the first half; app_run() and its options are for main.
 */
#ifndef APP_APP_H
#define APP_APP_H

#include "app/screen.h"
#include "base/err.h"
#include "model/session.h"

#define MAX_TABS 10

/* On top of the current tab; arg is for its open(). */
struct screen *app_push(struct app *, const struct screen_ops *, const void *arg);
/* This screen and everything above it go away. */
void app_pop(struct screen *);
/* Shows the tab whose root has these ops and returns its root, with nothing on top of it unless keep. */
struct screen *app_go(struct app *, const struct screen_ops *, bool keep);
struct screen *app_top(const struct app *);

/* The message row, until the next key press. */
void app_say(struct app *, enum role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Something changed: there will be one new frame at the end of this turn. */
void app_redraw(struct app *);
struct session *app_session(struct app *);
/* As if its key had been pressed. */
void app_request(struct app *, enum request);
/* Whether a key typed now may confirm: not within 150 ms of the box opening. */
bool app_may_confirm(const struct screen *);
/* Sends a change for this screen: done is called with the screen, unless that closes before. */
void app_send(struct screen *, const struct change *, client_done *done);
/* Copies to the clipboard and says so; what names the thing: "id key_x". */
void app_copy(struct app *, const char *text, const char *what);

/* For the help screen and the command line: why a request cannot be had now, or NULL. */
const char *app_refusal(struct app *, struct screen *, enum request, char *out, size_t size);

/* One of the screens a digit leads to. */
struct tab {
	const char *key, *brief, *full; /* "4", "Prov", "Providers" */
	enum request request;
	const struct screen_ops *ops;
};

struct app_options {
	const char *socket;             /* NULL: the default */
	bool read_only, ascii, mono;
	const char *script;             /* NULL: a person at a terminal */
	const struct tab *tabs;
	size_t num_tabs;
	const struct screen_ops *help, *command, *down, *quit;
};

/* 0 after an orderly end; otherwise a negative code and *err. */
int app_run(const struct app_options *, struct err *err);

#endif
