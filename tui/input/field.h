/* SPDX-License-Identifier: MIT */
/* field.h — one line being typed: text and a place in it, no screen. */
#ifndef INPUT_FIELD_H
#define INPUT_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "input/request.h"

#define FIELD_TEXT 512

struct field {
	char text[FIELD_TEXT];
	size_t len;
	size_t at;      /* bytes before the cursor; always between characters */
};

void field_set(struct field *f, const char *text);

/* Puts text in at the cursor, newlines and tabs as blanks; what does not fit is left out. */
void field_insert(struct field *f, const char *text);

/* True when it was an editing request, whether or not it changed anything. */
bool field_request(struct field *f, enum request r);

#endif
