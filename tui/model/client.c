/* SPDX-License-Identifier: MIT */
/* The admin API is called and its event stream read here, all on one curl multi handle. */
#include "model/client.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/list.h"
#include "base/mem.h"
#include "model/events.h"

#define CONNECT_TIMEOUT_MS 3000L
#define CALL_TIMEOUT_MS 30000L
/* The daemon sends a pulse each second: a stream that is silent for so long is dead. */
#define STREAM_SILENCE_S 15L
/* Events wait here only until the loop's next turn. */
#define STREAM_MAX_BYTES (8u << 20)

struct client {
	CURLM *multi;
	char *socket, *via;
	struct list active;     /* under way in multi */
	struct list ready;      /* a callback is due */
	struct list cancelled;  /* to be freed when no callback is on the stack */
	bool dispatching;
};

struct client_handle {
	struct list_node node;
	struct list *list;      /* of the client's, that node is on; NULL while its callback runs */
	struct client *client;
	CURL *easy;
	struct curl_slist *headers;
	char *body;             /* owned */
	struct buf answer;
	char curl_text[CURL_ERROR_SIZE];
	bool ended, is_cancelled;
	CURLcode result;        /* once ended */
	client_done *done;      /* a call has done, a stream has event and end */
	client_event *event;
	client_end *end;
	void *arg;
};

const char *client_default_socket(char out[CLIENT_SOCKET_PATH])
{
	const char *given = getenv("TOLLGATE_SOCKET"), *runtime = getenv("XDG_RUNTIME_DIR");

	if (given != NULL && *given != '\0')
		copy_text(out, CLIENT_SOCKET_PATH, given);
	else if (geteuid() == 0)
		copy_text(out, CLIENT_SOCKET_PATH, "/run/tollgate/admin.sock");
	else if (runtime != NULL && *runtime != '\0')
		snprintf(out, CLIENT_SOCKET_PATH, "%s/tollgate/admin.sock", runtime);
	else
		snprintf(out, CLIENT_SOCKET_PATH, "/tmp/tollgate-%u/admin.sock", (unsigned)geteuid());
	return out;
}

struct client *client_new(const char *socket, const char *via)
{
	struct client *client = xcalloc(1, sizeof(*client));
	char path[CLIENT_SOCKET_PATH];

	curl_global_init(CURL_GLOBAL_DEFAULT);
	client->multi = curl_multi_init();
	if (client->multi == NULL)
		abort();
	client->socket = xstrdup(socket ? socket : client_default_socket(path));
	client->via = xstrdup(via);
	list_init(&client->active);
	list_init(&client->ready);
	list_init(&client->cancelled);
	return client;
}

const char *client_socket(const struct client *client)
{
	return client->socket;
}

bool client_is_busy(const struct client *client)
{
	return !list_is_empty(&client->active) || !list_is_empty(&client->ready);
}

static void handle_free(struct client_handle *handle)
{
	curl_easy_cleanup(handle->easy);
	curl_slist_free_all(handle->headers);
	buf_release(&handle->answer);
	free(handle->body);
	free(handle);
}

static void free_all(struct list *list)
{
	struct list_node *node;

	while ((node = list_pop(list)) != NULL)
		handle_free(CONTAINER_OF(node, struct client_handle, node));
}

/* The only place where a handle changes its list. */
static void handle_move(struct client_handle *handle, struct list *list)
{
	if (handle->list != NULL)
		list_remove(handle->list, &handle->node);
	handle->list = list;
	if (list != NULL)
		list_append(list, &handle->node);
}

static void handle_end(struct client_handle *handle, CURLcode result)
{
	if (handle->ended)
		return;
	handle->ended = true;
	handle->result = result;
	curl_multi_remove_handle(handle->client->multi, handle->easy);
}

void client_cancel(struct client_handle *handle)
{
	if (handle == NULL || handle->is_cancelled)
		return;
	handle->is_cancelled = true;
	handle_end(handle, CURLE_ABORTED_BY_CALLBACK);
	handle_move(handle, &handle->client->cancelled);
	if (!handle->client->dispatching)
		free_all(&handle->client->cancelled);
}

void client_free(struct client *client)
{
	if (client == NULL)
		return;
	LIST_EACH(&client->active, node)
		client_cancel(CONTAINER_OF(node, struct client_handle, node));
	LIST_EACH(&client->ready, ready)
		client_cancel(CONTAINER_OF(ready, struct client_handle, node));
	curl_multi_cleanup(client->multi);
	free(client->socket);
	free(client->via);
	free(client);
}

/* -- What went wrong, for people ----------------------------------------------------------------- */

static const char *user_name(void)
{
	const struct passwd *user = getpwuid(geteuid());

	return user ? user->pw_name : "USER";
}

static int not_connected(const struct client *client, long system_error, struct err *err)
{
	struct stat st;

	if (strlen(client->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(err, ERR_SYSTEM, "%s: a socket's path has at most %zu characters; choose a shorter one with --socket",
			       client->socket, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	if (system_error == 0 && stat(client->socket, &st) < 0)
		system_error = errno;
	if (system_error == EACCES || system_error == EPERM)
		return err_set(err, ERR_SYSTEM, "no permission for %s: as root run usermod -aG tollgate-admin %s, then log in again",
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
			       handle->client->socket);
	case CURLE_WRITE_ERROR:
		return err_set(err, ERR_FULL, "the daemon's answer is longer than %u MiB: ask for less with --limit or --since",
			       (unsigned)(handle->answer.max >> 20));
	default:
		return err_set(err, ERR_SYSTEM, "the daemon at %s broke off: %s", handle->client->socket,
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

/* *ret_status and the returned body (a new reference, or NULL) in every case; *err when it failed. */
static json_t *read_answer(struct client_handle *handle, int *ret_status, struct err *err)
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

/* -- Starting ------------------------------------------------------------------------------------ */

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
	buf_printf(&url, "http://tollgate%s", path);
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
	if (options->idempotency_key != NULL)
		add_header(handle, "Idempotency-Key", options->idempotency_key);
	if (options->if_match != NULL) {
		quoted = xasprintf("\"%s\"", options->if_match);
		add_header(handle, "If-Match", quoted);
		free(quoted);
	}
	curl_easy_setopt(handle->easy, CURLOPT_HTTPHEADER, handle->headers);
}

static struct client_handle *handle_new(struct client *client, const char *method, const char *path,
					const json_t *body, const struct client_options *options)
{
	struct client_handle *handle = xcalloc(1, sizeof(*handle));

	handle->client = client;
	handle->easy = curl_easy_init();
	if (handle->easy == NULL)
		abort();
	buf_init(&handle->answer, CLIENT_MAX_ANSWER);
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

static struct client_handle *handle_start(struct client_handle *handle)
{
	handle_move(handle, &handle->client->active);
	curl_multi_add_handle(handle->client->multi, handle->easy);
	return handle;
}

struct client_handle *client_start(struct client *client, const char *method, const char *path, const json_t *body,
				   const struct client_options *options, client_done *done, void *arg)
{
	static const struct client_options none;
	struct client_handle *handle;
	long timeout_ms;

	options = options ? options : &none;
	handle = handle_new(client, method, path, body, options);
	timeout_ms = options->timeout_ms < 0 ? 0 : options->timeout_ms ? options->timeout_ms : CALL_TIMEOUT_MS;
	curl_easy_setopt(handle->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	handle->done = done;
	handle->arg = arg;
	return handle_start(handle);
}

struct client_handle *client_stream(struct client *client, const char *path, client_event *event, client_end *end,
				    void *arg)
{
	static const struct client_options none;
	struct client_handle *handle = handle_new(client, "GET", path, NULL, &none);

	handle->answer.max = STREAM_MAX_BYTES;
	curl_easy_setopt(handle->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(handle->easy, CURLOPT_LOW_SPEED_TIME, STREAM_SILENCE_S);
	handle->event = event;
	handle->end = end;
	handle->arg = arg;
	return handle_start(handle);
}

/* -- Waiting ------------------------------------------------------------------------------------- */

static void finish_call(struct client_handle *handle)
{
	struct err err;
	struct client_answer answer = {.err = &err};

	answer.json = read_answer(handle, &answer.status, &err);
	handle->done(handle->arg, &answer);
	json_decref(answer.json);
}

static void finish_stream(struct client_handle *handle)
{
	struct err err;
	int status;

	json_decref(read_answer(handle, &status, &err));
	if (err.code == ERR_NONE)
		err_set(&err, ERR_SYSTEM, "the daemon at %s ended the stream", handle->client->socket);
	handle->end(handle->arg, &err);
}

/* Hands out the events that are complete; what is no event stream (an error's body) is left alone. */
static void give_events(struct client_handle *handle)
{
	char name[EVENT_NAME];
	struct buf data;
	long status = 0;
	json_t *value;

	curl_easy_getinfo(handle->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		return;
	buf_init(&data, STREAM_MAX_BYTES);
	while (!handle->is_cancelled && events_next(&handle->answer, name, &data)) {
		value = json_parse(data.data, data.len, NULL);
		if (value != NULL)
			handle->event(handle->arg, name, value);
		json_decref(value);
	}
	buf_release(&data);
}

/* A handle that is cancelled by its own callback is freed at the end of dispatch_ready(). */
static void dispatch(struct client_handle *handle)
{
	struct client *client = handle->client;

	if (handle->event != NULL)
		give_events(handle);
	if (handle->is_cancelled)
		return;
	if (!handle->ended) {
		handle_move(handle, &client->active);
		return;
	}
	if (handle->done != NULL)
		finish_call(handle);
	else
		finish_stream(handle);
	if (!handle->is_cancelled)
		handle_free(handle);
}

static void collect_ended(struct client *client)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
		struct client_handle *handle;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&handle);
		handle_end(handle, message->data.result);
		handle_move(handle, &client->ready);
	}
}

static void collect_streams(struct client *client)
{
	LIST_EACH(&client->active, node) {
		struct client_handle *handle = CONTAINER_OF(node, struct client_handle, node);

		if (handle->event != NULL && handle->answer.len > 0)
			handle_move(handle, &client->ready);
	}
}

static void dispatch_ready(struct client *client)
{
	client->dispatching = true;
	while (!list_is_empty(&client->ready)) {
		struct client_handle *handle = CONTAINER_OF(client->ready.head.next, struct client_handle, node);

		handle_move(handle, NULL);
		dispatch(handle);
	}
	client->dispatching = false;
	free_all(&client->cancelled);
}

int client_wait(struct client *client, struct curl_waitfd *extra, unsigned num_extra, int timeout_ms)
{
	int running, num_with_something = 0;

	/* What was started since the last turn gets its descriptor before we sleep on it. */
	curl_multi_perform(client->multi, &running);
	collect_ended(client);
	if (!list_is_empty(&client->ready))
		timeout_ms = 0;
	for (unsigned i = 0; i < num_extra; i++)
		extra[i].revents = 0;
	if (curl_multi_poll(client->multi, extra, num_extra, timeout_ms, NULL) != CURLM_OK)
		return ERR_SYSTEM;
	curl_multi_perform(client->multi, &running);
	collect_ended(client);
	collect_streams(client);
	dispatch_ready(client);
	for (unsigned i = 0; i < num_extra; i++)
		num_with_something += extra[i].revents != 0;
	return num_with_something;
}

/* A blocking call is an asynchronous one and a wait on a client of its own, so that no callback of the
 * caller's other calls runs meanwhile. */
struct blocking {
	bool done;
	int status;
	json_t *json;
	struct err *err;
};

static void on_blocking_done(void *arg, const struct client_answer *answer)
{
	struct blocking *blocking = arg;

	blocking->done = true;
	blocking->status = answer->status;
	blocking->json = json_incref(answer->json);
	*blocking->err = *answer->err;
}

int client_call(struct client *client, const char *method, const char *path, const json_t *body,
		const struct client_options *options, json_t **ret, int *ret_status, struct err *err)
{
	struct err unread;
	struct blocking blocking = {.err = err ? err : &unread};
	struct client *own = client_new(client->socket, client->via);
	int code;

	client_start(own, method, path, body, options, on_blocking_done, &blocking);
	while (!blocking.done)
		client_wait(own, NULL, 0, 1000);
	client_free(own);
	code = blocking.err->code;
	if (ret_status != NULL)
		*ret_status = blocking.status;
	if (ret != NULL)
		*ret = blocking.json;
	else
		json_decref(blocking.json);
	return code;
}
