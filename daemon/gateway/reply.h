/* SPDX-License-Identifier: MIT */
/*
 * reply.h — every error a client can see, in one table, and the headers every answer carries.
 */
#ifndef GATEWAY_REPLY_H
#define GATEWAY_REPLY_H

#include <stdarg.h>
#include <stdint.h>

struct call;
struct dialect;
struct httpd_request;

enum reply_error {
	REPLY_NONE,
	REPLY_NO_KEY,
	REPLY_INVALID_KEY,
	REPLY_KEY_REVOKED,
	REPLY_KEY_BLOCKED,
	REPLY_KEY_EXPIRED,
	REPLY_TEAM_BLOCKED,
	REPLY_MODEL_NOT_ALLOWED,
	REPLY_MODEL_NOT_FOUND,
	REPLY_TEAM_BUDGET,
	REPLY_KEY_BUDGET,
	REPLY_PROVIDER_BUDGET,
	REPLY_GATEWAY_BUDGET,
	REPLY_PRICE_UNKNOWN,
	REPLY_RPM,
	REPLY_TPM,
	REPLY_PARALLEL,
	REPLY_BAD_REQUEST,
	REPLY_TOO_LARGE,
	REPLY_NOT_ROUTE,
	REPLY_WRONG_METHOD,
	REPLY_NO_TARGET,
	REPLY_UPSTREAM,
	REPLY_UPSTREAM_TIMEOUT,
	REPLY_STORAGE,
	REPLY_DRAINING,
	REPLY_CLIENT_GONE,              /* never sent; names the row */
	REPLY_NUM
};

/* The code of spec section 3: "key_revoked". */
const char *reply_code(enum reply_error);
int reply_status(enum reply_error);

/* Answers a request that is no call: no row, no call headers. */
void reply_stray(struct httpd_request *, const struct dialect *, enum reply_error, const char *message);

/* Refuses a call: settles it, answers in its dialect.  param may be NULL. */
void reply_refuse(struct call *, enum reply_error, const char *param, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* The call failed at every target: answers with the last one's status and all attempts; in-band when
 * bytes have gone out already.  Settles it. */
void reply_failed(struct call *, enum reply_error, int status, const char *message);

/* The headers of spec section 3 that are known when the answer begins.  cost_nusd COST_UNKNOWN: not yet, or not. */
void reply_headers(struct call *, int64_t cost_nusd);

#endif
