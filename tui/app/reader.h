/* SPDX-License-Identifier: MIT */
/* reader.h — a box with text to read and to scroll in. */
#ifndef APP_READER_H
#define APP_READER_H

#include "app/app.h"

/* Both are copied.  Lines are broken where they do not fit. */
void reader_open(struct app *, const char *title, const char *text);

/* An object as the API tells it. */
void reader_open_json(struct app *, const char *title, const json_t *object);

#endif
