/* SPDX-License-Identifier: MIT */
/* why.h — a call's way through its chain, told in sentences. */
#ifndef MODEL_WHY_H
#define MODEL_WHY_H

#include <jansson.h>

struct buf;

/* call as GET /v1/calls/{id} answers it.  Appends lines to out; what comes from outside is cleaned. */
void why_tell(const json_t *call, struct buf *out);

#endif
