/* SPDX-License-Identifier: MIT */
/* The list of changes is printed here. */
#include "base/mem.h"
#include "cli/list.h"

#define NEWEST 50

static const struct column list_columns[] = {
	{"ID", "id", cell_text, COLUMN_RIGHT},
	{"AT", "at", cell_time, 0},
	{"WHO", "who", cell_text, COLUMN_SHRINKS},
	{"VIA", "via", cell_text, 0},
	{"ACTION", "action", cell_text, 0},
	{"OBJECT", "object", cell_text, COLUMN_SHRINKS},
	{"REASON", "reason", cell_text, COLUMN_SHRINKS},
	{"REFUSED", "refused", cell_text, COLUMN_SHRINKS},
};

int audit_list(struct cli *cli)
{
	return list_newest_run(cli, "/v1/audit", NEWEST, list_columns, ARRAY_LEN(list_columns));
}
