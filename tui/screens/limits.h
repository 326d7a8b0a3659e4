/* SPDX-License-Identifier: MIT */
/* limits.h — a team's or key's limits as the texts a form begins with. */
#ifndef SCREENS_LIMITS_H
#define SCREENS_LIMITS_H

#include <jansson.h>

struct limits {
	char budget[64], mode[16], rpm[24], tpm[24], parallel[24], models[256];
};

void limits_read(struct limits *, const json_t *object);

#endif
