/* SPDX-License-Identifier: MIT */
/*
 * focus.h — what was spent, in the columns of FOCUS 1.2 (the FinOps Open Cost and Usage
 * Specification) that apply to calls of models.
 *
 * One row a day (UTC), team, provider and model.  The columns are a table in focus.c.
 */
#ifndef CLI_FOCUS_H
#define CLI_FOCUS_H

struct cli;

/* `tollgate spend --format focus`; an enum cli_exit. */
int focus_run(struct cli *);

#endif
