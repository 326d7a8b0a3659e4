/* SPDX-License-Identifier: MIT */
/* Assertions are checked with the public half of a key that is made here. */
#include "gateway/sign_google.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "check.h"

enum { NOW = 1700000000 };

static struct buf url, body;
static struct err err;

static int ask(const char *credential)
{
	buf_release(&url);
	buf_release(&body);
	buf_init(&url, 1024);
	buf_init(&body, 16384);
	return google_token_request(credential, NOW, &url, &body, &err);
}

/* A service account's JSON with that key. */
static void put_account(struct buf *out, EVP_PKEY *key, const char *more)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	long len;

	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	len = BIO_get_mem_data(bio, &pem);
	buf_puts(out, "{\"type\":\"service_account\",\"project_id\":\"p1\",\"private_key_id\":\"k1\",\"private_key\":");
	buf_json_string(out, pem, (size_t)len);
	buf_printf(out, ",\"client_email\":\"a@p1.test\"%s}", more);
	BIO_free(bio);
}

/* From base64 without padding; NUL behind it. */
static size_t decode(const char *text, size_t len, unsigned char out[2048])
{
	size_t n = 0;

	CHECK(sodium_base642bin(out, 2047, text, len, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0);
	out[n] = '\0';
	return n;
}

static void check_signature(EVP_PKEY *key, const char *text, size_t len, const char *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char bytes[2048];
	size_t n = decode(signature, strlen(signature), bytes);

	CHECK(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1);
	CHECK(EVP_DigestVerify(context, bytes, n, (const unsigned char *)text, len) == 1);
	EVP_MD_CTX_free(context);
}

static void a_service_account_signs_who_it_is_and_until_when(void)
{
	static const char before[] = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
	EVP_PKEY *key = EVP_RSA_gen(2048);
	unsigned char text[2048];
	struct buf account;
	char *head, *claims, *signature;

	buf_init(&account, 8192);
	put_account(&account, key, ",\"token_uri\":\"https://t.test/token\"");
	CHECK_INT(ask(account.data), 0);
	CHECK_TEXT(url.data, "https://t.test/token");
	CHECK(strncmp(body.data, before, strlen(before)) == 0);
	head = body.data + strlen(before);
	claims = strchr(head, '.') + 1;
	signature = strchr(claims, '.') + 1;
	decode(head, (size_t)(claims - head) - 1, text);
	CHECK_TEXT((char *)text, "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}");
	decode(claims, (size_t)(signature - claims) - 1, text);
	CHECK_TEXT((char *)text, "{\"iss\":\"a@p1.test\",\"scope\":\"https://www.googleapis.com/auth/cloud-platform\","
				 "\"aud\":\"https://t.test/token\",\"iat\":1700000000,\"exp\":1700003600}");
	check_signature(key, head, (size_t)(signature - head) - 1, signature);
	buf_clear(&account);
	put_account(&account, key, "");
	CHECK_INT(ask(account.data), 0);
	CHECK_TEXT(url.data, "https://oauth2.googleapis.com/token");
	buf_release(&account);
	EVP_PKEY_free(key);
}

static void a_user_has_a_refresh_token(void)
{
	CHECK_INT(ask("{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s+/\",\"refresh_token\":\"1//r\"}"), 0);
	CHECK_TEXT(url.data, "https://oauth2.googleapis.com/token");
	CHECK_TEXT(body.data, "grant_type=refresh_token&client_id=c&client_secret=s%2B%2F&refresh_token=1%2F%2Fr");
	CHECK_INT(ask("{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s\"}"), ERR_INVALID);
	CHECK_TEXT(err.text, "the account's JSON has no refresh_token");
}

static void what_cannot_sign_says_so(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct buf account;

	buf_init(&account, 8192);
	put_account(&account, key, "");
	CHECK_INT(ask(account.data), ERR_INVALID);
	CHECK_TEXT(err.text, "the service account's private_key is no RSA key");
	CHECK_INT(ask("{\"client_email\":\"a\",\"private_key\":\"nonsense\"}"), ERR_INVALID);
	CHECK_TEXT(err.text, "the service account's private_key cannot be read");
	CHECK_INT(ask("{\"type\":\"service_account\"}"), ERR_INVALID);
	CHECK_INT(ask("{\"client_email\":\"a\",\"private_key\":\"b\",\"token_uri\":\"ftp://x\"}"), ERR_INVALID);
	CHECK_INT(ask("{nonsense"), ERR_INVALID);
	buf_release(&account);
	EVP_PKEY_free(key);
}

static void accounts_are_told_from_tokens_and_know_their_project(void)
{
	char project[64];

	CHECK(google_is_account(" {\"type\":\"service_account\"}") && !google_is_account("ya29.abc") && !google_is_account(NULL));
	CHECK(google_project("{\"project_id\":\"p1\"}", project, sizeof(project)));
	CHECK_TEXT(project, "p1");
	CHECK(google_project("{\"quota_project_id\":\"p2\"}", project, sizeof(project)));
	CHECK_TEXT(project, "p2");
	CHECK(!google_project("ya29.abc", project, sizeof(project)) && !google_project("{}", project, sizeof(project)));
	CHECK(!google_project(NULL, project, sizeof(project)));
}

CHECK_MAIN(TEST(a_service_account_signs_who_it_is_and_until_when), TEST(a_user_has_a_refresh_token),
	   TEST(what_cannot_sign_says_so), TEST(accounts_are_told_from_tokens_and_know_their_project))
