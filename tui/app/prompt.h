/* SPDX-License-Identifier: MIT */
/* prompt.h — one line typed in the message row, with what was typed before. */
#ifndef APP_PROMPT_H
#define APP_PROMPT_H

#include "app/app.h"
#include "input/field.h"

/* Borrowed while the prompt is open; arg belongs to a screen below it. */
struct prompt_options {
	const char *label;      /* "/" */
	const char *text;       /* to begin with */
	struct screen *owner;
	/* After each change.  May put other text into the field: a secret must not stay visible. */
	void (*changed)(struct screen *owner, struct field *, bool pasted);
	/* Closed by Esc: the text is gone.  By Enter: it stays. */
	void (*closed)(struct screen *owner, const char *text, bool kept);
};

void prompt_open(struct app *, const struct prompt_options *);

#endif
