/* SPDX-License-Identifier: MIT */
/* environment.h — providers that exist because their usual variable is set. */
#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include <jansson.h>

/* A list of provider objects, each named as its kind.  New reference. */
json_t *environment_providers(void);

#endif
