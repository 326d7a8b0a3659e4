/* SPDX-License-Identifier: MIT */
/* A request to the daemon is put together here. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/client_internal.h"

#define CONNECT_TIMEOUT_MS 3000L

static size_t on_bytes(char *data, size_t size, size_t count, void *arg)
{
	struct client_handle *handle = arg;

	return buf_add(&handle->answer, data, size * count) ? size * count : 0;
}

static void add_header(struct client_handle *handle, const char *name, const char *value)
{
	char *line = xasprintf("%s: %s", name, value);

	/* A line break inside a value would begin a header of its own. */
	line[strcspn(line, "\r\n")] = '\0';
	handle->headers = curl_slist_append(handle->headers, line);
	free(line);
}

void client_escape(struct buf *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *c) != NULL)
			buf_putc(out, *c);
		else
			buf_printf(out, "%%%02X", (unsigned char)*c);
}

static void set_url(struct client_handle *handle, const char *path, const struct client_options *options)
{
	struct buf url;
	char mark = strchr(path, '?') ? '&' : '?';

	buf_init(&url, 1 << 16);
	buf_printf(&url, "%s%s", handle->client->base, path);
	if (options->dry_run) {
		buf_printf(&url, "%cdry_run=1", mark);
		mark = '&';
	}
	if (options->reason != NULL) {
		buf_printf(&url, "%creason=", mark);
		client_escape(&url, options->reason);
	}
	curl_easy_setopt(handle->easy, CURLOPT_URL, url.data);
	buf_release(&url);
}

static void set_body(struct client_handle *handle, const char *method, const json_t *body,
		     const struct client_options *options)
{
	size_t len = 0;

	if (options->text != NULL) {
		len = options->text_len;
		handle->body = xmalloc(len + 1);
		memcpy(handle->body, options->text, len);
		add_header(handle, "Content-Type", "application/octet-stream");
	} else if (body != NULL) {
		handle->body = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
		len = handle->body ? strlen(handle->body) : 0;
		add_header(handle, "Content-Type", "application/json");
	}
	curl_easy_setopt(handle->easy, CURLOPT_CUSTOMREQUEST, method);
	if (handle->body == NULL && (strcmp(method, "GET") == 0 || strcmp(method, "DELETE") == 0))
		return;
	curl_easy_setopt(handle->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	curl_easy_setopt(handle->easy, CURLOPT_POSTFIELDS, handle->body ? handle->body : "");
	add_header(handle, "Expect", "");
}

static void set_headers(struct client_handle *handle, const char *method, const struct client_options *options)
{
	char *quoted;

	if (strcmp(method, "GET") != 0)
		add_header(handle, "X-Tollgate-Via", handle->client->via);
	if (handle->client->secret != NULL) {
		quoted = xasprintf("Bearer %s", handle->client->secret);
		add_header(handle, "Authorization", quoted);
		free(quoted);
	}
	if (options->idempotency_key != NULL)
		add_header(handle, "Idempotency-Key", options->idempotency_key);
	if (options->if_match != NULL) {
		quoted = xasprintf("\"%s\"", options->if_match);
		add_header(handle, "If-Match", quoted);
		free(quoted);
	}
	curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER, handle->headers);
}

struct client_handle *client_handle_new(struct client *client, const char *method, const char *path,
					const json_t *body, const struct client_options *options)
{
	struct client_handle *handle = xcalloc(1, sizeof(*handle));

	handle->client = client;
	handle->easy = curl_easy_init();
	if (handle->easy == NULL)
		abort();
	buf_init(&handle->answer, CLIENT_MAX_ANSWER);
	if (client->socket != NULL)
		curl_easy_setopt(handle->easy, CURLOPT_UNIX_SOCKET_PATH, client->socket);
	curl_easy_setopt(handle->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(handle->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(handle->easy, CURLOPT_ERRORBUFFER, handle->curl_text);
	curl_easy_setopt(handle->easy, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(handle->easy, CURLOPT_WRITEDATA, handle);
	curl_easy_setopt(handle->easy, CURLOPT_PRIVATE, handle);
	set_url(handle, path, options);
	set_body(handle, method, body, options);
	set_headers(handle, method, options);
	return handle;
}
