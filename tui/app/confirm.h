/* SPDX-License-Identifier: MIT */
/*
 * confirm.h — a box that says what will happen, and whose default is that nothing does.
 *
 * Choices have their own letters (context BOX); Enter does the marked one, and "keep" is marked when
 * the box opens.  Lines may come later, as the daemon answers what the impact is.
 */
#ifndef APP_CONFIRM_H
#define APP_CONFIRM_H

#include "app/app.h"

#define CONFIRM_LINES 16
#define CONFIRM_CHOICES 3
#define REASON_TEXT 256

struct choice {
	enum request request;   /* REQUEST_YES, REQUEST_DRAIN_INSTEAD …; REQUEST_KEEP is added */
	const char *label;      /* "off now" */
};

struct confirm_options {
	const char *title;
	enum context context;   /* CONTEXT_BOX, or one below it; with a reason below BOX_REASON */
	struct choice choices[CONFIRM_CHOICES];
	size_t num_choices;
	const char *keep;       /* "keep it" */
	bool asks_reason;
	bool wants_impact;      /* lines come by confirm_impact() */
	const char *same_as;    /* the command line that does the same; may be NULL */
	const char *about;      /* what it is about, given back to chosen(); NULL: "" */
	struct screen *owner;   /* a screen below */
	/* One of the choices, never keep; reason may be NULL.  The box is gone already. */
	void (*chosen)(struct screen *owner, enum request choice, const char *about, const char *reason);
};

/* Texts are copied. */
struct screen *confirm_open(struct app *, const struct confirm_options *);
void confirm_add_line(struct screen *box, enum role, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * Sends the change as a dry run and fills the box with what it would touch; nothing when the box was
 * closed meanwhile.
 */
void confirm_ask_impact(struct screen *box, const char *method, const char *path, const json_t *body);
/* An impact that is known already. */
void confirm_show_impact(struct screen *box, const json_t *impact);

#endif
