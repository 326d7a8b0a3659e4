/* SPDX-License-Identifier: MIT */
/* impact.h — what a change would touch: the answer to a dry run. */
#ifndef ADMIN_IMPACT_H
#define ADMIN_IMPACT_H

#include <jansson.h>

struct admin;
struct change;

/* Asked inside the change's transaction, which is rolled back afterwards.  New reference, never NULL. */
json_t *impact_of(struct admin *, const struct change *);

#endif
