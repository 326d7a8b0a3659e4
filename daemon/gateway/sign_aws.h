/* SPDX-License-Identifier: MIT */
/*
 * sign_aws.h — AWS Signature Version 4, as a function of a request.
 *
 * The query of the URL has to be in order already; no service that is called here has one.
 */
#ifndef GATEWAY_SIGN_AWS_H
#define GATEWAY_SIGN_AWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/jscan.h"

struct buf;
struct err;

/* Who signs.  Spans are plain text, borrowed. */
struct aws_credential {
	struct jspan access_key, secret_key;
	struct jspan session_token;     /* none for a user's own keys */
};

/* "ACCESS_KEY_ID:SECRET_ACCESS_KEY" or with ":SESSION_TOKEN" behind it; false when it is neither. */
bool aws_credential_read(const char *text, struct aws_credential *ret);

/* What is signed. */
struct aws_request {
	const char *method, *url;       /* the URL as it is sent, percent-encoded */
	const char *content_type;       /* NULL: none is sent */
	const void *body;
	size_t body_len;
	const char *region, *service;
	int64_t time_s;                 /* since 1970 */
};

#define AWS_DATE_TEXT 17        /* "20150830T123600Z" and a NUL */

/*
 * Appends the value of the Authorization header; the request has to go out with X-Amz-Date (*ret_date)
 * and, where there is one, X-Amz-Security-Token.  ERR_INVALID when the URL is none.
 */
int aws_sign(const struct aws_request *, const struct aws_credential *, char ret_date[AWS_DATE_TEXT],
	     struct buf *authorization, struct err *err);

#endif
