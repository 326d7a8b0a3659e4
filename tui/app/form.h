/* SPDX-License-Identifier: MIT */
/*
 * form.h — several fields in a box, checked as they are typed and sent by Enter.
 *
 * The rows of a form are a static const table.  The box stays open until the daemon has accepted, so
 * nothing typed is lost to an error.
 */
#ifndef APP_FORM_H
#define APP_FORM_H

#include "app/app.h"
#include "app/form_value.h"
#include "input/field.h"

#define MAX_FIELDS 12

struct form_options {
	const char *title;
	const struct form_field *fields;
	size_t num_fields;
	const char *const *values;      /* to begin with, by field; may be NULL, so may each */
	const char *method, *path;      /* where the body goes; NULL: to submitted() */
	int64_t revision;               /* 0: none */
	const char *command;            /* "tollgate key create": the line below the form; NULL: none */
	const char *arguments;          /* members that command takes without a flag, "name text"; NULL: none */
	bool only_changed;              /* leaves out what is as it was (PATCH) */
	struct screen *owner;
	/* For what is not the daemon's: the form closes unless this says what is wrong. */
	const char *(*submitted)(struct screen *owner, const json_t *body);
	/* It was accepted; the form is gone.  answer is the daemon's. */
	void (*accepted)(struct screen *owner, const json_t *answer);
};

/* Texts and values are copied, the table of fields is borrowed. */
void form_open(struct app *, const struct form_options *);

#endif
