/* SPDX-License-Identifier: MIT */
/* list.h — the commands that list objects and that show one: a path and columns. */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "cli/command.h"
#include "cli/table.h"

/* All items, narrowed by the command's flags. */
int list_run(struct cli *, const char *path, const struct column *, size_t num_columns);
/* The same for lists with a cursor, which have no end worth waiting for: the newest `otherwise`
 * items unless --limit says more. */
int list_newest_run(struct cli *, const char *path, long otherwise, const struct column *, size_t num_columns);
/* One object; % in path stands for the first argument. */
int show_run(struct cli *, const char *path, const struct column *, size_t num_columns);
/* Prints what was fetched already. */
void list_print(struct cli *, const json_t *items, const struct column *, size_t num_columns);
/* Says, to people, what an answer lacks because it is too old. */
void list_say_gone(const struct cli *, const json_t *answer);

cell cell_blocked;      /* a boolean: "blocked" or "active" */

#endif
