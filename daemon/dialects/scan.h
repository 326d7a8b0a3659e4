/* SPDX-License-Identifier: MIT */
/*
 * scan.h — what a dialect's scan_request does with members that mean the same in several dialects.
 *
 * A dialect numbers the members it looks at; a complaint names the one at fault.
 */
#ifndef DIALECTS_SCAN_H
#define DIALECTS_SCAN_H

#include "dialects/dialect.h"

#define SCAN_MAX_CHOICES 128

/* A body's members, and where a complaint about one goes. */
struct scan {
	struct jfield *fields;          /* borrowed */
	const char *wrong_field;        /* static text, or NULL */
	struct err *err;
};

void scan_name_fields(struct jfield *fields, const char *const *names, size_t n);

/* ERR_INVALID, "field: expected …". */
int scan_wrong(struct scan *s, int field, const char *expected);

int scan_model(struct scan *s, int field, struct request_facts *ret);

/* Each takes an absent member and null for nothing said. */
int scan_bool(struct scan *s, int field, bool *ret);
int scan_count(struct scan *s, int field, int64_t max, int64_t *ret);           /* from 1 to max */
int scan_text(struct scan *s, int field, char *out, size_t size);               /* cut to fit */
int scan_list(struct scan *s, int field);
int scan_switch(struct scan *s, int field, const char *name, bool *ret);        /* an object with one switch in it */

/* metadata.tags: text, or a list of which what does not fit is left out. */
void scan_tags(struct jspan metadata, struct request_facts *ret);

/* Tags as a list are ours; no provider takes a list there.  True when all of metadata goes with them. */
bool scan_adapt_metadata(struct jspan metadata, struct patch *p);

#endif
