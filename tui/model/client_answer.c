/* SPDX-License-Identifier: MIT */
/* The daemon's answer is read here, and what went wrong is said with what to do about it. */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "model/client_internal.h"

static const char *user_name(void)
{
	const struct passwd *user = getpwuid(geteuid());

	return user ? user->pw_name : "USER";
}

static int not_connected(const struct client *client, long system_error, struct err *err)
{
	struct stat st;

	if (client->socket == NULL)
		return err_set(err, ERR_SYSTEM, "nobody listens at %s: tollgate status says where the data API is",
			       client->base);
	if (strlen(client->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(err, ERR_SYSTEM, "%s: a socket's path has at most %zu characters; choose a shorter one with --socket",
			       client->socket, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	if (system_error == 0 && stat(client->socket, &st) < 0)
		system_error = errno;
	if (system_error == EACCES || system_error == EPERM)
		return err_set(err, ERR_FORBIDDEN, "no permission for %s: as root run usermod -aG tollgate-admin %s, then log in again",
			       client->socket, user_name());
	if (system_error == ENOENT || system_error == ENOTDIR)
		return err_set(err, ERR_SYSTEM, "no daemon at %s: start it with tollgated, or make run", client->socket);
	return err_set(err, ERR_SYSTEM, "nobody listens at %s any more: start the daemon again with tollgated, or make run",
		       client->socket);
}

static int transport_error(struct client_handle *handle, struct err *err)
{
	long system_error = 0;

	switch ((int)handle->result) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
		curl_easy_getinfo(handle->easy, CURLINFO_OS_ERRNO, &system_error);
		return not_connected(handle->client, system_error, err);
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(err, ERR_SYSTEM, "no answer from the daemon at %s in time: is it busy? tollgate doctor says more",
			       client_socket(handle->client));
	case CURLE_WRITE_ERROR:
		return err_set(err, ERR_FULL, "the daemon's answer is longer than %u MiB: ask for less with --limit or --since",
			       (unsigned)(handle->answer.max >> 20));
	default:
		return err_set(err, ERR_SYSTEM, "the daemon at %s broke off: %s", client_socket(handle->client),
			       handle->curl_text[0] ? handle->curl_text : curl_easy_strerror(handle->result));
	}
}

static enum err_code code_of_status(long status)
{
	switch (status) {
	case 400:
		return ERR_INVALID;
	case 403:
		return ERR_FORBIDDEN;
	case 404:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	default:
		return ERR_SYSTEM;
	}
}

static int refused(long status, const json_t *body, struct err *err)
{
	const json_t *error = json_object_get(body, "error");
	const char *message = json_text_peek(error, "message"), *field = json_text_peek(error, "field");

	if (message == NULL)
		return err_set(err, code_of_status(status), "the daemon answered with HTTP status %ld", status);
	if (field != NULL && strstr(message, field) == NULL)
		return err_set(err, code_of_status(status), "%s: %s", field, message);
	return err_set(err, code_of_status(status), "%s", message);
}

/* The answer's body as JSON, text that is none as a JSON string; NULL when it is empty. */
static json_t *read_body(struct client_handle *handle, struct err *err)
{
	const char *type = NULL;

	curl_easy_getinfo(handle->easy, CURLINFO_CONTENT_TYPE, &type);
	if (handle->answer.len == 0)
		return NULL;
	if (type != NULL && strncmp(type, "application/json", strlen("application/json")) == 0)
		return json_parse(handle->answer.data, handle->answer.len, err);
	return json_stringn(handle->answer.data, handle->answer.len);
}

json_t *client_read_answer(struct client_handle *handle, int *ret_status, struct err *err)
{
	long status = 0;
	json_t *body;

	*err = (struct err){0};
	*ret_status = 0;
	if (handle->result != CURLE_OK) {
		transport_error(handle, err);
		return NULL;
	}
	curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE, &status);
	*ret_status = (int)status;
	body = read_body(handle, err);
	if (err->code != ERR_NONE)
		err_wrap(err, "the daemon's answer");
	else if (status >= 400)
		refused(status, body, err);
	return body;
}
