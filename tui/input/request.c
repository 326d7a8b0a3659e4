/* SPDX-License-Identifier: MIT */
/* The table of requests is made from requests.def here. */
#include "input/request.h"

#include <string.h>

static const struct request_info requests[NUM_REQUESTS] = {
#define REQUEST(id, name, needs, group, help) [REQUEST_##id] = {name, needs, GROUP_##group, help},
#include "input/requests.def"
#undef REQUEST
};

const struct request_info *request_info(enum request r)
{
	return &requests[r];
}

enum request request_find(const char *name)
{
	for (int r = REQUEST_NONE + 1; r < NUM_REQUESTS; r++)
		if (strcmp(requests[r].name, name) == 0)
			return (enum request)r;
	return REQUEST_NONE;
}
