/* SPDX-License-Identifier: MIT */
/* The admin API is called and its event stream read here, all on one curl multi handle. */
#include "model/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/client_internal.h"
#include "model/events.h"

#define CALL_TIMEOUT_MS 30000L
/* The daemon sends a pulse each second: a stream that is silent for so long is dead. */
#define STREAM_SILENCE_S 15L
/* A model may think for long before its first word. */
#define ANSWER_SILENCE_S 300L
/* Events wait here only until the loop's next turn. */
#define STREAM_MAX_BYTES (8u << 20)

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

static struct client *client_alloc(const char *via)
{
	struct client *client = xcalloc(1, sizeof(*client));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	client->multi = curl_multi_init();
	if (client->multi == NULL)
		abort();
	client->via = xstrdup(via);
	list_init(&client->active);
	list_init(&client->ready);
	list_init(&client->cancelled);
	return client;
}

struct client *client_new(const char *socket, const char *via)
{
	struct client *client = client_alloc(via);
	char path[CLIENT_SOCKET_PATH];

	client->socket = xstrdup(socket ? socket : client_default_socket(path));
	client->base = xstrdup("http://tollgate");
	return client;
}

struct client *client_new_url(const char *url, const char *secret)
{
	struct client *client = client_alloc("cli");

	client->base = xasprintf("%s%s", strstr(url, "://") ? "" : "http://", url);
	for (size_t len = strlen(client->base); len > 0 && client->base[len - 1] == '/'; len--)
		client->base[len - 1] = '\0';
	client->secret = secret ? xstrdup(secret) : NULL;
	return client;
}

const char *client_socket(const struct client *client)
{
	return client->socket ? client->socket : client->base;
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
	free(client->base);
	free(client->secret);
	free(client->via);
	free(client);
}

/* -- Starting ------------------------------------------------------------------------------------ */

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
	handle = client_handle_new(client, method, path, body, options);
	timeout_ms = options->timeout_ms < 0 ? 0 : options->timeout_ms ? options->timeout_ms : CALL_TIMEOUT_MS;
	curl_easy_setopt(handle->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	handle->done = done;
	handle->arg = arg;
	return handle_start(handle);
}

static struct client_handle *start_stream(struct client_handle *handle, long silence_s, client_event *event,
					  client_end *end, void *arg)
{
	handle->answer.max = STREAM_MAX_BYTES;
	curl_easy_setopt(handle->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(handle->easy, CURLOPT_LOW_SPEED_TIME, silence_s);
	handle->event = event;
	handle->end = end;
	handle->arg = arg;
	return handle_start(handle);
}

struct client_handle *client_stream(struct client *client, const char *path, client_event *event, client_end *end,
				    void *arg)
{
	static const struct client_options none;

	return start_stream(client_handle_new(client, "GET", path, NULL, &none), STREAM_SILENCE_S, event, end, arg);
}

struct client_handle *client_post_stream(struct client *client, const char *path, const json_t *body,
					 client_event *event, client_end *end, void *arg)
{
	static const struct client_options none;

	return start_stream(client_handle_new(client, "POST", path, body, &none), ANSWER_SILENCE_S, event, end, arg);
}

/* -- Waiting ------------------------------------------------------------------------------------- */

static void finish_call(struct client_handle *handle)
{
	struct err err;
	struct client_answer answer = {.err = &err};

	answer.json = client_read_answer(handle, &answer.status, &err);
	handle->done(handle->arg, &answer);
	json_decref(answer.json);
}

static void finish_stream(struct client_handle *handle)
{
	struct err err;
	int status;

	json_decref(client_read_answer(handle, &status, &err));
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
	struct client *own = client->socket ? client_new(client->socket, client->via) :
						client_new_url(client->base, client->secret);
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
