/* SPDX-License-Identifier: MIT */
/* burning.h — what GET /v1/teams/{name}/why answers, in lines for people. */
#ifndef MODEL_BURNING_H
#define MODEL_BURNING_H

#include <jansson.h>
#include <stddef.h>

struct buf;

/* "last 1h $9.81/h, usual $5.18/h (7 days), +4.63/h", without a newline. */
void burning_head(const json_t *why, struct buf *out);

/* The pairs that changed most, everything else, and who is to blame; without history the dearest
 * pairs.  At most so many lines, each with its newline. */
void burning_tell(const json_t *why, size_t max_lines, struct buf *out);

#endif
