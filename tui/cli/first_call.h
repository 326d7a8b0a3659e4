/* SPDX-License-Identifier: MIT */
/* first_call.h — what `make run` prints where there is no terminal for the dashboard. */
#ifndef CLI_FIRST_CALL_H
#define CLI_FIRST_CALL_H

#include "cli/command.h"

/* The daemon's status in a line, a curl line that works, with a key kept from start to start, and how
 * to stop the daemon.  status as GET /v1/status answers it. */
int first_call_show(struct cli *, const json_t *status);

#endif
