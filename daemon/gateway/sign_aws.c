/* SPDX-License-Identifier: MIT */
/*
 * A request to AWS is signed here: it is brought into a canonical form, whose hash is signed with a key
 * made from the secret, the day, the region and the service.
 *
 * Reference: AWS General Reference, "Create a signed AWS API request".
 */
#include "gateway/sign_aws.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/text.h"

enum { SIGNED_MAX = 16384 };

static const char algorithm[] = "AWS4-HMAC-SHA256";

bool aws_credential_read(const char *text, struct aws_credential *ret)
{
	const char *secret = strchr(text, ':'), *token;

	if (secret == NULL || secret == text || secret[1] == '\0' || secret[1] == ':')
		return false;
	token = strchr(++secret, ':');
	ret->access_key = (struct jspan){text, (size_t)(secret - text) - 1};
	ret->secret_key = (struct jspan){secret, token != NULL ? (size_t)(token - secret) : strlen(secret)};
	ret->session_token = (struct jspan){0};
	if (token != NULL && token[1] != '\0')
		ret->session_token = (struct jspan){token + 1, strlen(token + 1)};
	return true;
}

/* -- the URL ------------------------------------------------------------------------------------- */

struct url {
	struct jspan host;              /* with its port, unless that is the scheme's own */
	struct jspan path, query;
};

static bool ends_with(struct jspan text, const char *end)
{
	size_t len = strlen(end);

	return text.len > len && memcmp(text.at + text.len - len, end, len) == 0;
}

static bool split_url(const char *url, struct url *ret)
{
	bool tls = text_starts(url, "https://");
	const char *default_port = tls ? ":443" : ":80", *mark;

	if (!tls && !text_starts(url, "http://"))
		return false;
	url = strstr(url, "://") + 3;
	ret->host = (struct jspan){url, strcspn(url, "/?")};
	ret->path = (struct jspan){ret->host.at + ret->host.len, strcspn(ret->host.at + ret->host.len, "?")};
	mark = ret->path.at + ret->path.len;
	ret->query = (struct jspan){*mark == '?' ? mark + 1 : mark, 0};
	ret->query.len = strlen(ret->query.at);
	if (ends_with(ret->host, default_port))
		ret->host.len -= strlen(default_port);
	return ret->host.len > 0;
}

/* What is sent is encoded once more, but for its slashes. */
static void put_path(struct buf *out, struct jspan path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

	if (path.len == 0)
		buf_putc(out, '/');
	for (size_t i = 0; i < path.len; i++) {
		if (strchr(plain, path.at[i]) != NULL)
			buf_putc(out, path.at[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)path.at[i]);
	}
}

/* -- what is signed ------------------------------------------------------------------------------ */

static void put_hash(struct buf *out, const void *data, size_t len)
{
	unsigned char hash[HASH_BYTES];
	char hex[HASH_HEX];

	hash_sha256(data, len, hash);
	buf_puts(out, hash_hex(hash, hex));
}

static void put_text(struct buf *out, struct jspan text)
{
	buf_add(out, text.at, text.len);
}

/* "20150830T123600Z". */
static void write_date(int64_t time_s, char out[AWS_DATE_TEXT])
{
	char text[CLOCK_TEXT];
	size_t n = 0;

	clock_format(time_s * 1000, text);
	for (const char *p = text; *p != '\0' && *p != '.' && *p != 'Z' && n < AWS_DATE_TEXT - 2; p++)
		if (*p != '-' && *p != ':')
			out[n++] = *p;
	out[n++] = 'Z';
	out[n] = '\0';
}

/* The headers in the order of their names. */
static void put_signed_headers(struct buf *out, const struct aws_request *request, const struct aws_credential *who)
{
	buf_printf(out, "%shost;x-amz-date%s", request->content_type != NULL ? "content-type;" : "",
		   who->session_token.len > 0 ? ";x-amz-security-token" : "");
}

static void put_canonical(struct buf *out, const struct aws_request *request, const struct aws_credential *who,
			  const struct url *url, const char *date)
{
	buf_printf(out, "%s\n", request->method);
	put_path(out, url->path);
	buf_putc(out, '\n');
	put_text(out, url->query);
	buf_putc(out, '\n');
	if (request->content_type != NULL)
		buf_printf(out, "content-type:%s\n", request->content_type);
	buf_puts(out, "host:");
	put_text(out, url->host);
	buf_printf(out, "\nx-amz-date:%s\n", date);
	if (who->session_token.len > 0) {
		buf_puts(out, "x-amz-security-token:");
		put_text(out, who->session_token);
		buf_putc(out, '\n');
	}
	buf_putc(out, '\n');
	put_signed_headers(out, request, who);
	buf_putc(out, '\n');
	put_hash(out, request->body, request->body_len);
}

/* "20150830/us-east-1/service/aws4_request". */
static void put_scope(struct buf *out, const struct aws_request *request, const char *date)
{
	buf_printf(out, "%.8s/%s/%s/aws4_request", date, request->region, request->service);
}

static void put_string_to_sign(struct buf *out, const struct aws_request *request, const char *date,
			       const struct buf *canonical)
{
	buf_printf(out, "%s\n%s\n", algorithm, date);
	put_scope(out, request, date);
	buf_putc(out, '\n');
	put_hash(out, canonical->data, canonical->len);
}

/* -- signing ------------------------------------------------------------------------------------- */

static void hmac(const void *key, size_t key_len, const void *data, size_t len, unsigned char out[HASH_BYTES])
{
	unsigned n = HASH_BYTES;

	HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &n);
}

/* The secret itself never signs a request: a key for this day, region and service does. */
static void make_key(const struct aws_request *request, struct jspan secret, const char *date,
		     unsigned char out[HASH_BYTES])
{
	struct buf first;

	buf_init(&first, SIGNED_MAX);
	buf_puts(&first, "AWS4");
	put_text(&first, secret);
	hmac(first.data, first.len, date, 8, out);
	hmac(out, HASH_BYTES, request->region, strlen(request->region), out);
	hmac(out, HASH_BYTES, request->service, strlen(request->service), out);
	hmac(out, HASH_BYTES, "aws4_request", 12, out);
	explicit_bzero(first.data, first.len);
	buf_release(&first);
}

static void put_authorization(struct buf *out, const struct aws_request *request, const struct aws_credential *who,
			      const char *date, const unsigned char signature[HASH_BYTES])
{
	char hex[HASH_HEX];

	buf_printf(out, "%s Credential=%.*s/", algorithm, (int)who->access_key.len, who->access_key.at);
	put_scope(out, request, date);
	buf_puts(out, ", SignedHeaders=");
	put_signed_headers(out, request, who);
	buf_printf(out, ", Signature=%s", hash_hex(signature, hex));
}

int aws_sign(const struct aws_request *request, const struct aws_credential *who, char ret_date[AWS_DATE_TEXT],
	     struct buf *authorization, struct err *err)
{
	unsigned char key[HASH_BYTES], signature[HASH_BYTES];
	struct buf canonical, string;
	struct url url;
	int rc = 0;

	if (!split_url(request->url, &url))
		return err_set(err, ERR_INVALID, "expected http://… or https://…");
	write_date(request->time_s, ret_date);
	buf_init(&canonical, SIGNED_MAX);
	buf_init(&string, SIGNED_MAX);
	put_canonical(&canonical, request, who, &url, ret_date);
	put_string_to_sign(&string, request, ret_date, &canonical);
	make_key(request, who->secret_key, ret_date, key);
	hmac(key, sizeof(key), string.data, string.len, signature);
	put_authorization(authorization, request, who, ret_date, signature);
	if (canonical.failed || string.failed || authorization->failed)
		rc = err_set(err, ERR_FULL, "the request's headers are longer than 16 KiB");
	explicit_bzero(key, sizeof(key));
	buf_release(&canonical);
	buf_release(&string);
	return rc;
}
