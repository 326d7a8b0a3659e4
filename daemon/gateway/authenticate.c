/* SPDX-License-Identifier: MIT */
/* Step one: who is calling.  The key is found by its hash; nothing of it is kept or logged. */
#include "gateway/call.h"

#include <string.h>
#include <strings.h>

#include "base/hash.h"

/* Longer than any key of ours or of an SDK's; more is not hashed. */
#define KEY_MAX 512

static const char *bearer(const char *header)
{
	if (header == NULL || strncasecmp(header, "bearer ", 7) != 0)
		return NULL;
	header += 7 + strspn(header + 7, " ");
	return *header != '\0' ? header : NULL;
}

/* Where each SDK puts it, in the order of spec section 3. */
static const char *find_secret(const struct httpd_request *request)
{
	const char *secret = bearer(httpd_header(request, "authorization"));

	if (secret == NULL)
		secret = httpd_header(request, "x-api-key");
	if (secret == NULL)
		secret = httpd_header(request, "x-goog-api-key");
	if (secret == NULL)
		secret = httpd_query(request, "key");
	return secret;
}

const struct view_key *authenticate(const struct view *view, const struct httpd_request *request,
				    enum reply_error *ret_error, enum stray_cause *ret_cause)
{
	const char *secret = find_secret(request);
	unsigned char hash[HASH_BYTES];
	const struct view_key *key;
	size_t len;

	if (secret == NULL) {
		bool said = httpd_header(request, "authorization") != NULL;

		/* Something is there that is no bearer: that sentence says what one looks like. */
		*ret_error = REPLY_NO_KEY;
		*ret_cause = said ? STRAY_MALFORMED_KEY : STRAY_NO_KEY;
		return NULL;
	}
	len = strlen(secret);
	if (len == 0 || len > KEY_MAX) {
		*ret_error = REPLY_INVALID_KEY;
		*ret_cause = STRAY_MALFORMED_KEY;
		return NULL;
	}
	hash_sha256(secret, len, hash);
	key = view_key(view, hash);
	if (key == NULL) {
		*ret_error = REPLY_INVALID_KEY;
		*ret_cause = STRAY_UNKNOWN_KEY;
	}
	return key;
}

enum reply_error key_objection(const struct view_key *key, int64_t wall_ms)
{
	if (key->state == KEY_REVOKED || (key->valid_until_ms != 0 && wall_ms >= key->valid_until_ms))
		return REPLY_KEY_REVOKED;
	if (key->state == KEY_BLOCKED)
		return REPLY_KEY_BLOCKED;
	if (key->expires_ms != 0 && wall_ms >= key->expires_ms)
		return REPLY_KEY_EXPIRED;
	if (key->team->blocked)
		return REPLY_TEAM_BLOCKED;
	return REPLY_NONE;
}
