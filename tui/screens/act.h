/* SPDX-License-Identifier: MIT */
/* act.h — the changes that screens send: one call, and a sentence when it is done. */
#ifndef SCREENS_ACT_H
#define SCREENS_ACT_H

#include "app/app.h"
#include "app/confirm.h"

/*
 * POST (or another method) to prefix + name + suffix, "/v1/providers/" "openai" "/enable".  said is what the
 * message row says when it is in force ("openai is on"); a failure is the daemon's sentence.
 */
struct act {
	const char *method;     /* NULL: POST */
	const char *prefix, *name, *suffix;
	const json_t *body;     /* borrowed; may be NULL */
	int64_t revision;       /* 0: whatever it is */
	const char *reason;     /* may be NULL */
	const char *said;
	/* Instead of said, where the answer has something to say.  May be NULL. */
	void (*tell)(struct app *, const json_t *answer);
};

void act_send(struct screen *, const struct act *);

/* The box for it, with the impact asked for in its name. */
void act_ask_impact(struct screen *box, const struct act *);

#endif
