/* SPDX-License-Identifier: MIT */
/* A request is gathered, announced, suspended, resumed and ended here. */
#include "loop/httpd_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* How much of a body that is too large is thrown away before the connection is cut. */
#define DISCARD_MAX (64 * 1024 * 1024)
#define ANSWER_HEADERS_MAX (16 * 1024)
/* A stream's backlog: above the high mark httpd_write() says so; the ceiling is for those who do not listen. */
#define BACKLOG_MAX (64 * 1024 * 1024)

static struct httpd_request *request_new(struct httpd_daemon *daemon, struct MHD_Connection *mhd,
					 const char *url, const char *method)
{
	struct httpd_request *request = xcalloc(1, sizeof(*request));
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	request->httpd = daemon->httpd;
	request->connection = info->socket_context;
	request->mhd = mhd;
	request->method = method;
	request->path = url;
	request->started_us = loop_now_us(daemon->httpd->loop);
	buf_init(&request->body, daemon->httpd->options.body_max);
	buf_init(&request->headers, ANSWER_HEADERS_MAX);
	buf_init(&request->backlog, BACKLOG_MAX);
	request->connection->request = request;
	daemon->httpd->num_open++;
	return request;
}

static void request_free(struct httpd_request *request)
{
	if (request->response != NULL)
		MHD_destroy_response(request->response);
	buf_release(&request->body);
	buf_release(&request->headers);
	buf_release(&request->backlog);
	free(request);
}

/* -- suspending -- */

bool httpd_request_suspend(struct httpd_request *request)
{
	/* Nobody would tell us again. */
	if (request->connection->left) {
		httpd_request_lose(request);
		return false;
	}
	MHD_suspend_connection(request->mhd);
	request->suspended = true;
	return true;
}

void httpd_request_resume(struct httpd_request *request)
{
	if (!request->suspended)
		return;
	request->suspended = false;
	MHD_resume_connection(request->mhd);
	loop_defer(request->httpd->loop, &request->connection->daemon->run);
}

static void tell_gone(struct httpd_request *request)
{
	if (request->told_gone)
		return;
	request->told_gone = true;
	if (request->httpd->ops->gone != NULL)
		request->httpd->ops->gone(request);
}

void httpd_request_lose(struct httpd_request *request)
{
	if (!request->cut)
		tell_gone(request);
	httpd_abort(request);
}

void httpd_abort(struct httpd_request *request)
{
	request->cut = true;
	/* libmicrohttpd has no call for it: it learns when it goes on, or from its socket. */
	if (request->suspended)
		httpd_request_resume(request);
	else
		shutdown(request->connection->fd, SHUT_RDWR);
}

/* -- what libmicrohttpd calls -- */

static void call_ready(struct httpd_request *request)
{
	request->is_ready = true;
	request->httpd->ops->ready(request);
}

static void refuse_body(struct httpd_request *request)
{
	request->too_large = true;
	buf_release(&request->body);
	call_ready(request);
}

static bool announces_too_much(const struct httpd_request *request)
{
	const char *text = httpd_header(request, "Content-Length");

	return text != NULL && strtoumax(text, NULL, 10) > request->httpd->options.body_max;
}

/* Answers now, without the body, when head() or its size already decides. */
static enum MHD_Result on_head(struct httpd_request *request)
{
	request->httpd->ops->head(request);
	if (request->response == NULL && !request->cut && announces_too_much(request))
		refuse_body(request);
	if (request->cut)
		return MHD_NO;
	if (request->response == NULL)
		return MHD_YES;
	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
		httpd_connection_linger_later(request->connection);
	return httpd_queue_answer(request);
}

static enum MHD_Result on_body(struct httpd_request *request, const char *data, size_t len)
{
	if (!request->too_large && !buf_add(&request->body, data, len))
		refuse_body(request);
	if (request->too_large)
		request->num_discarded += len;
	return request->cut || request->num_discarded > DISCARD_MAX ? MHD_NO : MHD_YES;
}

/* Called when the body is complete, and again after each resume until there is an answer. */
static enum MHD_Result on_complete(struct httpd_request *request)
{
	if (!request->is_ready)
		call_ready(request);
	if (request->cut)
		return MHD_NO;
	if (request->response != NULL)
		return httpd_queue_answer(request);
	return httpd_request_suspend(request) ? MHD_YES : MHD_NO;
}

enum MHD_Result httpd_on_request(void *daemon, struct MHD_Connection *mhd, const char *url,
				 const char *method, const char *version, const char *data, size_t *len,
				 void **ret_request)
{
	struct httpd_request *request = *ret_request;
	size_t n = *len;

	(void)version;
	if (request == NULL) {
		*ret_request = request = request_new(daemon, mhd, url, method);
		return on_head(request);
	}
	if (request->cut)
		return MHD_NO;
	if (n == 0)
		return on_complete(request);
	*len = 0;
	return on_body(request, data, n);
}

void httpd_on_completed(void *daemon, struct MHD_Connection *mhd, void **ret_request,
			enum MHD_RequestTerminationCode code)
{
	struct httpd_request *request = *ret_request;
	struct httpd *httpd = ((struct httpd_daemon *)daemon)->httpd;

	(void)mhd;
	if (request == NULL)
		return;
	*ret_request = NULL;
	request->suspended = false;
	if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK && !request->cut)
		tell_gone(request);
	request->cut = true;
	httpd->ops->closed(request);
	request->connection->request = NULL;
	httpd->num_open--;
	request_free(request);
}

/* -- what came in -- */

void *httpd_owner(const struct httpd_request *request)
{
	return request->httpd->owner;
}

const char *httpd_method(const struct httpd_request *request)
{
	return request->method;
}

const char *httpd_path(const struct httpd_request *request)
{
	return request->path;
}

const char *httpd_header(const struct httpd_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->mhd, MHD_HEADER_KIND, name);
}

const char *httpd_query(const struct httpd_request *request, const char *name)
{
	const char *value = NULL;

	if (MHD_lookup_connection_value_n(request->mhd, MHD_GET_ARGUMENT_KIND, name, strlen(name), &value,
					  NULL) != MHD_YES)
		return NULL;
	return value != NULL ? value : "";
}

const struct buf *httpd_body(const struct httpd_request *request)
{
	return &request->body;
}

bool httpd_too_large(const struct httpd_request *request)
{
	return request->too_large;
}

int httpd_fd(const struct httpd_request *request)
{
	return request->connection->fd;
}

const char *httpd_remote(const struct httpd_request *request)
{
	return request->connection->remote;
}

uint64_t httpd_started_us(const struct httpd_request *request)
{
	return request->started_us;
}

void httpd_set_arg(struct httpd_request *request, void *arg)
{
	request->arg = arg;
}

void *httpd_arg(const struct httpd_request *request)
{
	return request->arg;
}
