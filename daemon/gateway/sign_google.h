/* SPDX-License-Identifier: MIT */
/*
 * sign_google.h — what Google's token endpoints are asked for, as a function of a credential and the time.
 *
 * A credential of Google's is a JSON text: a service account's key, with which an assertion is signed
 * (RFC 7523, RS256), or what gcloud keeps of a user.  Anything else is an access token already.
 */
#ifndef GATEWAY_SIGN_GOOGLE_H
#define GATEWAY_SIGN_GOOGLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

/* Whether an access token has to be asked for with it. */
bool google_is_account(const char *credential);

/* The project it belongs to; false where it does not say. */
bool google_project(const char *credential, char *out, size_t size);

/*
 * Where to ask, and the form to post there; time_s: since 1970.  ERR_INVALID when the credential lacks
 * something, or its key cannot sign.
 */
int google_token_request(const char *credential, int64_t time_s, struct buf *url, struct buf *body, struct err *err);

#endif
