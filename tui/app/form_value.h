/* SPDX-License-Identifier: MIT */
/* form_value.h — what may stand in a field, and what it is in JSON.  Pure. */
#ifndef APP_FORM_VALUE_H
#define APP_FORM_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum field_kind {
	FIELD_LINE,             /* any text */
	FIELD_NAME,             /* text_is_name() */
	FIELD_NUMBER,           /* a whole number; empty: no limit */
	FIELD_BUDGET,           /* "500/month"; empty: none */
	FIELD_DURATION,         /* "30d"; empty: never */
	FIELD_CHOICE,           /* one of choices; Left and Right change it */
	FIELD_LIST,             /* names with commas; empty: all */
	FIELD_SECRET,           /* shown as stars unless it is env: or file: */
};

/* One row of a form. */
struct form_field {
	const char *label;
	const char *member;     /* of the JSON body, and the option on the command line */
	enum field_kind kind;
	int width;
	bool required;
	bool fixed;             /* shown, not to be changed */
	const char *const *choices;     /* for FIELD_CHOICE; ends with NULL */
	const char *hint;
};

/* NULL, or why this text does not do for this field. */
const char *form_check(const struct form_field *, const char *text);

/* The member's value, a new reference; NULL where the field is empty. */
json_t *form_value(const struct form_field *, const char *text);

#endif
