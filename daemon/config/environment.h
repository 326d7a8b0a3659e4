/* SPDX-License-Identifier: MIT */
/* environment.h — providers that exist because their usual variable is set. */
#ifndef CONFIG_ENVIRONMENT_H
#define CONFIG_ENVIRONMENT_H

#include <jansson.h>

struct provider_kind;

/* A list of provider objects, each named as its kind.  New reference. */
json_t *environment_providers(void);

/* "env:TOGETHER_API_KEY" where the kind's usual variable is set, else NULL.  The caller's. */
char *environment_credential(const struct provider_kind *);

#endif
