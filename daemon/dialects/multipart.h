/* SPDX-License-Identifier: MIT */
/*
 * multipart.h — the fields of a multipart/form-data body (RFC 7578), found where they stand.
 */
#ifndef DIALECTS_MULTIPART_H
#define DIALECTS_MULTIPART_H

#include <stdbool.h>

#include "base/jscan.h"

struct multipart {
	struct jspan rest;              /* what has not been walked; begins with a delimiter */
	struct jspan delimiter;         /* "--" and the boundary, as the body begins */
};

/* One part: its field's name, and its bytes as they are.  Borrowed from the body. */
struct multipart_part {
	struct jspan name;              /* without quotes */
	struct jspan value;
	bool is_file;                   /* a filename is said */
};

/* False when the body does not begin with a delimiter. */
bool multipart_begin(struct multipart *m, const char *body, size_t len);

/* 1: *ret is the next part; 0: the closing delimiter came; ERR_INVALID: the body is cut short or is no such body. */
int multipart_next(struct multipart *m, struct multipart_part *ret);

bool multipart_name_is(const struct multipart_part *part, const char *name);

#endif
