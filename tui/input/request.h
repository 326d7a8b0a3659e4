/* SPDX-License-Identifier: MIT */
/* request.h — what a person can ask for, from requests.def. */
#ifndef INPUT_REQUEST_H
#define INPUT_REQUEST_H

enum request {
	REQUEST_NONE,
#define REQUEST(id, name, needs, group, help) REQUEST_##id,
#include "input/requests.def"
#undef REQUEST
	NUM_REQUESTS
};

/* Checked once, by the dispatcher. */
enum needs {
	NEEDS_ROW = 1 << 0,     /* something is selected */
	NEEDS_ADMIN = 1 << 1,   /* we may change things and the daemon is there */
};

enum request_group { GROUP_MOVE, GROUP_GO, GROUP_VIEW, GROUP_CHANGE, GROUP_DRAFT, GROUP_BOX, GROUP_FIELD };

struct request_info {
	const char *name;
	unsigned needs;
	enum request_group group;
	const char *help;
};

const struct request_info *request_info(enum request r);

/* By name; REQUEST_NONE where there is none. */
enum request request_find(const char *name);

#endif
