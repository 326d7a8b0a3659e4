/* SPDX-License-Identifier: MIT */
/* secret.h — a key's secret, the only time it is shown. */
#ifndef SCREENS_SECRET_H
#define SCREENS_SECRET_H

#include <jansson.h>

#include "app/app.h"

/*
 * Opens the box for the answer to a creation or rotation.  The secret is moved into memory that is
 * never swapped, and wiped where it was in the answer.
 */
void secret_show(struct app *, const json_t *answer, const char *title);

#endif
