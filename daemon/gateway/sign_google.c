/* SPDX-License-Identifier: MIT */
/* Assertions of Google's service accounts are made and signed here. */
#include "gateway/sign_google.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/jscan.h"
#include "base/mem.h"
#include "base/text.h"

enum { ASSERTION_S = 3600, ACCOUNT_MAX = 64 * 1024, SIGNATURE_MAX = 1024 };

static const char usual_endpoint[] = "https://oauth2.googleapis.com/token";

enum field { TYPE, EMAIL, KEY, KEY_ID, TOKEN_URI, CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, NUM_FIELDS };

static int read_account(const char *credential, struct jfield f[NUM_FIELDS], struct err *err)
{
	static const char *const names[NUM_FIELDS] = {
		[TYPE] = "type",
		[EMAIL] = "client_email",
		[KEY] = "private_key",
		[KEY_ID] = "private_key_id",
		[TOKEN_URI] = "token_uri",
		[CLIENT_ID] = "client_id",
		[CLIENT_SECRET] = "client_secret",
		[REFRESH_TOKEN] = "refresh_token",
	};

	for (int i = 0; i < NUM_FIELDS; i++)
		f[i] = (struct jfield){.name = names[i]};
	if (jscan_object(credential, strlen(credential), f, NUM_FIELDS, err) < 0)
		return err_wrap(err, "the account's JSON");
	return 0;
}

bool google_is_account(const char *credential)
{
	return credential != NULL && credential[strspn(credential, " \t\r\n")] == '{';
}

bool google_project(const char *credential, char *out, size_t size)
{
	struct jfield f[] = {{.name = "project_id"}, {.name = "quota_project_id"}};

	if (!google_is_account(credential) || jscan_object(credential, strlen(credential), f, 2, NULL) < 0)
		return false;
	return jspan_copy(f[0].value, out, size) || jspan_copy(f[1].value, out, size);
}

/* -- forms --------------------------------------------------------------------------------------- */

static void put_encoded(struct buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

static int put_field(struct buf *out, const char *name, struct jspan value, struct err *err)
{
	struct buf text;
	bool said;

	buf_init(&text, ACCOUNT_MAX);
	said = jspan_text(value, &text) && text.len > 0;
	if (said) {
		buf_printf(out, "&%s=", name);
		put_encoded(out, text.data);
	}
	sodium_memzero(text.data, text.len);
	buf_release(&text);
	return said ? 0 : err_set(err, ERR_INVALID, "the account's JSON has no %s", name);
}

/* -- assertions ---------------------------------------------------------------------------------- */

static void put_base64(struct buf *out, const void *bytes, size_t len)
{
	size_t room = sodium_base64_ENCODED_LEN(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *text = buf_reserve(out, room);

	if (text == NULL)
		return;
	sodium_bin2base64(text, room, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	buf_commit(out, room - 1);
}

static EVP_PKEY *read_key(struct jspan pem)
{
	EVP_PKEY *key = NULL;
	struct buf text;
	BIO *bio;

	buf_init(&text, ACCOUNT_MAX);
	jspan_text(pem, &text);
	bio = BIO_new_mem_buf(text.data, (int)text.len);
	if (bio != NULL)
		key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	sodium_memzero(text.data, text.len);
	buf_release(&text);
	return key;
}

/* Appends the signature of what is in out, behind a dot. */
static bool put_signature(struct buf *out, EVP_PKEY *key)
{
	unsigned char signature[SIGNATURE_MAX];
	size_t len = sizeof(signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool ok = context != NULL && EVP_PKEY_base_id(key) == EVP_PKEY_RSA &&
		  EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
		  EVP_DigestSign(context, signature, &len, (const unsigned char *)out->data, out->len) == 1;

	EVP_MD_CTX_free(context);
	if (ok) {
		buf_putc(out, '.');
		put_base64(out, signature, len);
	}
	return ok;
}

static void put_string(struct buf *out, struct jspan value)
{
	buf_add(out, value.at != NULL ? value.at : "\"\"", value.at != NULL ? value.len : 2);
}

static void put_claims(struct buf *out, const struct jfield f[NUM_FIELDS], const char *endpoint, int64_t time_s)
{
	struct buf part;

	buf_init(&part, ACCOUNT_MAX);
	buf_puts(&part, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":");
	put_string(&part, f[KEY_ID].value);
	buf_putc(&part, '}');
	put_base64(out, part.data, part.len);
	buf_putc(out, '.');
	buf_clear(&part);
	buf_puts(&part, "{\"iss\":");
	put_string(&part, f[EMAIL].value);
	buf_puts(&part, ",\"scope\":\"https://www.googleapis.com/auth/cloud-platform\",\"aud\":");
	buf_json_string(&part, endpoint, strlen(endpoint));
	buf_printf(&part, ",\"iat\":%" PRId64 ",\"exp\":%" PRId64 "}", time_s, time_s + ASSERTION_S);
	put_base64(out, part.data, part.len);
	buf_release(&part);
}

static int put_assertion(struct buf *out, const struct jfield f[NUM_FIELDS], const char *endpoint, int64_t time_s,
			 struct err *err)
{
	struct buf assertion;
	EVP_PKEY *key;
	bool ok;

	if (!jspan_is_string(f[EMAIL].value) || !jspan_is_string(f[KEY].value))
		return err_set(err, ERR_INVALID, "the service account's JSON has no client_email and private_key");
	key = read_key(f[KEY].value);
	if (key == NULL)
		return err_set(err, ERR_INVALID, "the service account's private_key cannot be read");
	buf_init(&assertion, ACCOUNT_MAX);
	put_claims(&assertion, f, endpoint, time_s);
	ok = put_signature(&assertion, key);
	EVP_PKEY_free(key);
	buf_puts(out, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
	buf_add(out, assertion.data, assertion.len);
	buf_release(&assertion);
	return ok ? 0 : err_set(err, ERR_INVALID, "the service account's private_key is no RSA key");
}

int google_token_request(const char *credential, int64_t time_s, struct buf *url, struct buf *body, struct err *err)
{
	struct jfield f[NUM_FIELDS];

	if (read_account(credential, f, err) < 0)
		return ERR_INVALID;
	if (!jspan_text(f[TOKEN_URI].value, url) || url->len == 0)
		buf_puts(url, usual_endpoint);
	if (!text_is_url(url->data))
		return err_set(err, ERR_INVALID, "the account's token_uri is no URL");
	if (!jspan_equals(f[TYPE].value, "authorized_user"))
		return put_assertion(body, f, url->data, time_s, err);
	buf_puts(body, "grant_type=refresh_token");
	if (put_field(body, "client_id", f[CLIENT_ID].value, err) < 0 ||
	    put_field(body, "client_secret", f[CLIENT_SECRET].value, err) < 0 ||
	    put_field(body, "refresh_token", f[REFRESH_TOKEN].value, err) < 0)
		return ERR_INVALID;
	return 0;
}
