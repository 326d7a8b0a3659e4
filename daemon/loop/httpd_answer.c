/* SPDX-License-Identifier: MIT */
/* Answers are made here: whole ones, and streams with a backlog between writer and client. */
#include "loop/httpd_private.h"

#include <string.h>

/* Bytes of a stream's backlog; httpd.h promises the first. */
#define HIGH_MARK (256 * 1024)
#define LOW_MARK (64 * 1024)
/* For clients of HTTP/1.0 alone: what is read from the backlog at once. */
#define BLOCK 1024

void httpd_add_header(struct httpd_request *request, const char *name, const char *value)
{
	if (request->response != NULL)
		return;
	if (buf_add(&request->headers, name, strlen(name) + 1))
		buf_add(&request->headers, value, strlen(value) + 1);
}

static void apply_headers(struct httpd_request *request, const char *content_type)
{
	const char *at = request->headers.data, *end = at + request->headers.len;

	/* A line that libmicrohttpd finds malformed is left out. */
	while (at < end) {
		const char *value = at + strlen(at) + 1;

		if (value >= end)
			break;
		MHD_add_response_header(request->response, at, value);
		at = value + strlen(value) + 1;
	}
	if (content_type != NULL)
		MHD_add_response_header(request->response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
	if (request->httpd->closing)
		MHD_add_response_header(request->response, MHD_HTTP_HEADER_CONNECTION, "close");
}

/* Suspended: the answer is handed over and the connection goes on.  Otherwise we are inside one of
 * its callbacks, which does so when it returns. */
static void begin(struct httpd_request *request, unsigned status, const char *content_type)
{
	request->status = status;
	if (request->response == NULL) {
		httpd_abort(request);
		return;
	}
	apply_headers(request, content_type);
	httpd_request_resume(request);
}

enum MHD_Result httpd_queue_answer(struct httpd_request *request)
{
	if (request->queued)
		return MHD_YES;
	request->queued = true;
	return MHD_queue_response(request->mhd, request->status, request->response);
}

void httpd_reply(struct httpd_request *request, unsigned status, const char *content_type,
		 const void *data, size_t len)
{
	if (request->response != NULL || request->cut)
		return;
	/* Copied: the library's prototype is older than its care about const. */
	request->response =
		MHD_create_response_from_buffer(len, (void *)(uintptr_t)data, MHD_RESPMEM_MUST_COPY);
	begin(request, status, content_type);
}

/* -- streams -- */

/* Moves what is left to the front when as much has been sent, so that bytes move at most once more. */
static void forget_sent(struct httpd_request *request)
{
	if (request->num_sent == request->backlog.len) {
		buf_clear(&request->backlog);
		request->num_sent = 0;
	} else if (request->num_sent > request->backlog.len / 2) {
		buf_consume(&request->backlog, request->num_sent);
		request->num_sent = 0;
	}
}

static void tell_drained(struct httpd_request *request)
{
	if (!request->is_full || request->backlog.len - request->num_sent > LOW_MARK)
		return;
	request->is_full = false;
	if (request->httpd->ops->drained != NULL)
		request->httpd->ops->drained(request);
}

static ssize_t read_backlog(void *arg, uint64_t position, char *out, size_t max)
{
	struct httpd_request *request = arg;
	size_t n = request->backlog.len - request->num_sent;

	(void)position;
	if (request->cut)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (n == 0 && request->ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	/* Returning 0 without suspending would be asked again at once, and for ever. */
	if (n == 0)
		return httpd_request_suspend(request) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
	if (n > max)
		n = max;
	memcpy(out, request->backlog.data + request->num_sent, n);
	request->num_sent += n;
	forget_sent(request);
	tell_drained(request);
	return (ssize_t)n;
}

void httpd_stream(struct httpd_request *request, unsigned status, const char *content_type)
{
	if (request->response != NULL || request->cut)
		return;
	request->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_backlog, request, NULL);
	begin(request, status, content_type);
}

bool httpd_write(struct httpd_request *request, const void *data, size_t len)
{
	if (request->cut || request->ended)
		return true;
	if (!buf_add(&request->backlog, data, len)) {
		httpd_abort(request);
		return true;
	}
	if (request->backlog.len - request->num_sent > HIGH_MARK)
		request->is_full = true;
	httpd_request_resume(request);
	return !request->is_full;
}

void httpd_end(struct httpd_request *request)
{
	request->ended = true;
	httpd_request_resume(request);
}

bool httpd_answered(const struct httpd_request *request)
{
	return request->response != NULL;
}
