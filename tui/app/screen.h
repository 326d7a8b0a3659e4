/* SPDX-License-Identifier: MIT */
/*
 * screen.h — the contract of a screen.
 *
 * A screen is a const table of operations and a state of its own; dialogs are screens too and lie
 * on top of what is below them on the stack of their tab, so data keeps flowing behind a dialog.
 * A screen says what changed (app_redraw) and never draws outside draw().
 */
#ifndef APP_SCREEN_H
#define APP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw/put.h"
#include "input/keymap.h"

struct app;
struct screen;

enum screen_kind {
	SCREEN_FULL,    /* the whole body; has a place in the breadcrumb */
	SCREEN_BOX,     /* over what is below, which stays drawn; hears all keys */
	SCREEN_LINE,    /* in the message row; hears all keys */
};

/* A NULL member means what its comment says, so a screen fills in only what it has. */
struct screen_ops {
	const char *name;               /* in the breadcrumb, and the title of its help */
	enum screen_kind kind;
	enum context context;           /* whose keys it hears */
	size_t state_size;              /* of screen->state, which starts zeroed */

	/* It was pushed; arg is as given to app_push() and borrowed for this call only. */
	void (*open)(struct screen *, const void *arg);
	/* It is going away: release what state holds; answers under way for it are dropped by the app. */
	void (*close)(struct screen *);
	/* Draw all of it.  Must be set. */
	void (*draw)(struct screen *, struct area);
	/* Do it; false: not mine, the app may have a meaning for it.  Needs are checked already. */
	bool (*request)(struct screen *, enum request);
	/* Something typed (or pasted) that no key of the context means.  NULL: there is no field. */
	void (*text)(struct screen *, const char *utf8, bool pasted);

	/* The context now, where it changes.  NULL: ops->context. */
	enum context (*context_now)(const struct screen *);
	/* Its name in the breadcrumb.  NULL: ops->name. */
	void (*title)(const struct screen *, char *out, size_t size);
	/* What stands at the right of the breadcrumb: filter, window, sort.  NULL: nothing. */
	void (*facts)(const struct screen *, char *out, size_t size);
	/* Whether something is selected.  NULL: no. */
	bool (*has_row)(struct screen *);
	/* What would be lost if the dashboard closed now, as a sentence.  NULL: nothing ever. */
	const char *(*unsaved)(const struct screen *);
};

struct screen {
	const struct screen_ops *ops;
	struct app *app;
	struct screen *below;           /* NULL at the root of a tab */
	uint64_t opened_us;             /* monotonic */
	void *state;                    /* owned */
};

enum context screen_context(const struct screen *);

#endif
