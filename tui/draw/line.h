/* SPDX-License-Identifier: MIT */
/* line.h — a field as it is being typed in. */
#ifndef DRAW_LINE_H
#define DRAW_LINE_H

#include "draw/put.h"
#include "input/field.h"

/* Scrolls so that the cursor is seen; the rest of the area's first row is filled. */
void line_draw(const struct field *, struct area, enum role, bool active);

#endif
