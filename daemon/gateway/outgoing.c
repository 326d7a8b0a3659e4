/* SPDX-License-Identifier: MIT */
/* A request to a provider gets its URL and its headers here. */
#include "gateway/outgoing.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/jscan.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialects/provider_kind.h"
#include "gateway/sign_aws.h"
#include "gateway/sign_google.h"
#include "loop/httpd.h"
#include "routing/view.h"

enum { URL_MAX = 4096, HEADERS_MAX = 16384, OPTION_MAX = 256 };

void outgoing_init(struct outgoing *o)
{
	buf_init(&o->url, URL_MAX);
	buf_init(&o->text, HEADERS_MAX);
	o->num_headers = 0;
}

void outgoing_release(struct outgoing *o)
{
	buf_release(&o->url);
	buf_release(&o->text);
}

/* As RFC 3986, section 2.3: what is not unreserved is percent-encoded, slashes too, but for the @ that versions
 * of models have before them. */
static void put_encoded(struct buf *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~@";

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			buf_putc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

/* A Google account knows its project. */
static bool find_option(const struct view_provider *p, const char *name, char out[OPTION_MAX])
{
	if (provider_option_value(p->kind, p->options, name, out, OPTION_MAX))
		return true;
	return p->kind->auth == AUTH_GOOGLE && strcmp(name, "project") == 0 && google_project(p->credential, out, OPTION_MAX);
}

/* word: of len bytes, between the braces. */
static int put_word(struct outgoing *o, const struct view_provider *p, const char *word, size_t len, const char *model,
		    struct err *err)
{
	char name[64], value[OPTION_MAX];
	bool hyphen = len > 0 && word[len - 1] == '-';

	len -= hyphen;
	copy_text(name, len < sizeof(name) ? len + 1 : sizeof(name), word);
	if (strcmp(name, "model") == 0 || text_starts(name, "model:")) {
		const char *from = name[5] == ':' ? strstr(model, name + 6) : NULL;

		put_encoded(&o->url, from != NULL ? from : model);
		return 0;
	}
	if (!find_option(p, name, value))
		return err_set(err, ERR_INVALID, "provider %s needs the option %s: tollgate provider update %s --options '{\"%s\": \"…\"}'",
			       p->name, name, p->name, name);
	if (hyphen && strcmp(value, "global") == 0)
		return 0;
	put_encoded(&o->url, value);
	buf_puts(&o->url, hyphen ? "-" : "");
	return 0;
}

/* text with what stands between braces filled in. */
static int put_filled(struct outgoing *o, const struct view_provider *p, const char *text, const char *model,
		      struct err *err)
{
	const char *open, *close;

	while ((open = strchr(text, '{')) != NULL && (close = strchr(open, '}')) != NULL) {
		buf_add(&o->url, text, (size_t)(open - text));
		if (put_word(o, p, open + 1, (size_t)(close - open - 1), model, err) < 0)
			return err->code;
		text = close + 1;
	}
	buf_puts(&o->url, text);
	return 0;
}

int outgoing_set_url(struct outgoing *o, const struct view_provider *p, const char *path, const char *model,
		     struct err *err)
{
	buf_clear(&o->url);
	if (put_filled(o, p, p->base_url, model, err) < 0 || put_filled(o, p, path, model, err) < 0)
		return err->code;
	return o->url.failed ? err_set(err, ERR_FULL, "the URL is longer than 4096 bytes") : 0;
}

void outgoing_forward_query(struct outgoing *o, const struct httpd_request *request, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++) {
		const char *value = httpd_query(request, *names);

		if (value == NULL)
			continue;
		buf_printf(&o->url, "%c%s=", strchr(o->url.data, '?') != NULL ? '&' : '?', *names);
		put_encoded(&o->url, value);
	}
}

/* -- headers ------------------------------------------------------------------------------------- */

static size_t find_header(const struct outgoing *o, const char *name)
{
	size_t i = 0;

	while (i < o->num_headers && strcasecmp(o->text.data + o->places[i].name, name) != 0)
		i++;
	return i;
}

/* The value is the prefix and what follows it. */
static void put(struct outgoing *o, const char *name, const char *prefix, const char *value)
{
	size_t i = find_header(o, name), at = o->text.len, name_len = strlen(name) + 1;

	if (i == OUTGOING_HEADERS || at + name_len + strlen(prefix) + strlen(value) + 1 > o->text.max)
		return;
	buf_add(&o->text, name, name_len);
	buf_puts(&o->text, prefix);
	buf_add(&o->text, value, strlen(value) + 1);
	o->places[i].name = at;
	o->places[i].value = at + name_len;
	if (i == o->num_headers)
		o->num_headers++;
}

void outgoing_put_bearer(struct outgoing *o, const char *token)
{
	put(o, "Authorization", "Bearer ", token);
}

void outgoing_put_header(struct outgoing *o, const char *name, const char *value)
{
	put(o, name, "", value);
}

const struct fetch_header *outgoing_headers(struct outgoing *o)
{
	for (size_t i = 0; i < o->num_headers; i++)
		o->headers[i] = (struct fetch_header){o->text.data + o->places[i].name, o->text.data + o->places[i].value};
	o->headers[o->num_headers] = (struct fetch_header){NULL, NULL};
	return o->headers;
}

/* "name: value". */
static void put_line(struct outgoing *o, const char *line)
{
	const char *colon = strstr(line, ": ");
	char name[64];

	if (colon == NULL)
		return;
	copy_text(name, (size_t)(colon - line) < sizeof(name) ? (size_t)(colon - line) + 1 : sizeof(name), line);
	outgoing_put_header(o, name, colon + 2);
}

/* Keys that sign are never sent themselves. */
static bool signs(const struct view_provider *p, struct aws_credential *ret)
{
	return p->kind->auth == AUTH_AWS && p->credential != NULL && aws_credential_read(p->credential, ret);
}

static void put_credential(struct outgoing *o, const struct view_provider *p)
{
	struct aws_credential pair;

	if (p->credential == NULL)
		return;
	switch (p->kind->auth) {
	case AUTH_NONE:
		break;
	case AUTH_BEARER:
		outgoing_put_bearer(o, p->credential);
		break;
	case AUTH_HEADER:
		outgoing_put_header(o, p->kind->auth_header, p->credential);
		break;
	case AUTH_AWS:
		if (!signs(p, &pair))
			outgoing_put_bearer(o, p->credential);
		break;
	case AUTH_GOOGLE:
		if (!google_is_account(p->credential))
			outgoing_put_bearer(o, p->credential);
		break;
	}
}

void outgoing_set_headers(struct outgoing *o, const struct view_provider *p)
{
	const char *const *line = p->kind->extra_headers;

	buf_clear(&o->text);
	o->num_headers = 0;
	put_credential(o, p);
	for (size_t i = 0; i < ARRAY_LEN(p->kind->extra_headers) && line[i] != NULL; i++)
		put_line(o, line[i]);
}

static const char *header_value(const struct outgoing *o, const char *name)
{
	size_t i = find_header(o, name);

	return i < o->num_headers ? o->text.data + o->places[i].value : NULL;
}

int outgoing_sign(struct outgoing *o, const struct view_provider *p, const char *method, const void *body, size_t len,
		  struct err *err)
{
	char region[OPTION_MAX], date[AWS_DATE_TEXT];
	struct aws_request request = {
		.method = method,
		.url = o->url.data,
		.content_type = header_value(o, "Content-Type"),
		.body = body,
		.body_len = len,
		.region = region,
		.service = "bedrock",
		.time_s = clock_wall_ms() / 1000,
	};
	struct aws_credential who;
	struct buf authorization;
	int rc;

	if (!signs(p, &who))
		return 0;
	if (!find_option(p, "region", region))
		return err_set(err, ERR_INVALID, "provider %s needs the option region", p->name);
	buf_init(&authorization, HEADERS_MAX);
	rc = aws_sign(&request, &who, date, &authorization, err);
	if (rc == 0) {
		outgoing_put_header(o, "Authorization", authorization.data);
		outgoing_put_header(o, "X-Amz-Date", date);
		if (who.session_token.len > 0)
			outgoing_put_header(o, "X-Amz-Security-Token", who.session_token.at);
	}
	buf_release(&authorization);
	return rc;
}

void outgoing_forward(struct outgoing *o, const struct httpd_request *request, const char *const *names)
{
	for (; names != NULL && *names != NULL; names++) {
		const char *value = httpd_header(request, *names);

		if (value != NULL)
			outgoing_put_header(o, *names, value);
	}
}
