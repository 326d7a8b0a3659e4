/* SPDX-License-Identifier: MIT */
/* upstream_error.h — what a provider's error body says, in any of the shapes that are out there. */
#ifndef DIALECTS_UPSTREAM_ERROR_H
#define DIALECTS_UPSTREAM_ERROR_H

#include "dialects/dialect.h"

/* Never fails; what is not there stays "". */
void upstream_error_read(const char *body, size_t len, struct upstream_error *ret);

/* As that, from a validated value: an error object, or a string. */
void upstream_error_from(struct jspan error, struct upstream_error *ret);

/* ERR_INVALID with what an error inside a 200 says. */
int upstream_error_inside(struct jspan error, struct err *err);

#endif
