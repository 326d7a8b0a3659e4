/* SPDX-License-Identifier: MIT */
/* state.h — where the daemon keeps its state, for the few commands that touch it themselves. */
#ifndef CLI_STATE_H
#define CLI_STATE_H

struct err;

/* $TOLLGATE_HOME, else as the daemon chooses without one.  The caller frees it. */
char *state_home(void);
/* home/name; the caller frees it. */
char *state_path(const char *name);
/* Makes the directory and those above it; 0, or a negative code. */
int state_make_home(struct err *err);
/*
 * Holds the lock that a running daemon holds, so that none runs and none starts meanwhile.  Returns a
 * descriptor, to be closed when done, or a negative code.
 */
int state_lock(struct err *err);

#endif
