/* SPDX-License-Identifier: MIT */
/* GET /v1/models: what this key may use, in OpenAI's shape. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "gateway/call.h"

/* Names that no chain has but that providers say they serve, and chains, sorted. */
struct name_list {
	const char **names;
	size_t num;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool may_use(const struct view_key *key, const char *model)
{
	return view_models_allow(&key->models, model) && view_models_allow(&key->team->models, model);
}

/* One object of the list; name is "chain" or "provider/model". */
static json_t *model_object(const struct view *view, const char *name)
{
	const char *slash = strchr(name, '/');
	json_t *object = json_object();
	json_t *owner;

	owner = slash != NULL && map_get_text(&view->chains, name) == NULL
			? json_stringn(name, (size_t)(slash - name))
			: json_string("tollgate");
	json_add_text(object, "id", name);
	json_add_text(object, "object", "model");
	json_add_int(object, "created", view->built_ms / 1000);
	json_add(object, "owned_by", owner);
	return object;
}

static void add_chains(const struct view *view, const struct view_key *key, json_t *names)
{
	const struct map_entry *e;

	for (e = map_next(&view->chains, NULL); e != NULL; e = map_next(&view->chains, e))
		if (may_use(key, e->key))
			json_object_set_new(names, e->key, json_true());
}

static void add_provider_models(const struct view *view, const struct view_key *key, json_t *names)
{
	const struct map_entry *e;

	for (e = map_next(&view->providers, NULL); e != NULL; e = map_next(&view->providers, e)) {
		const struct view_provider *p = e->value;

		if (p->state != PROVIDER_ENABLED)
			continue;
		for (size_t i = 0; i < p->models.num; i++) {
			char name[PROVIDER_TEXT + MODEL_TEXT];

			snprintf(name, sizeof(name), "%s/%s", p->name, p->models.names[i]);
			if (strchr(p->models.names[i], '*') == NULL && may_use(key, name))
				json_object_set_new(names, name, json_true());
		}
	}
}

static struct name_list sorted(json_t *names)
{
	struct name_list list = {calloc(json_object_size(names) + 1, sizeof(char *)), 0};
	const char *name;
	json_t *value;

	if (list.names == NULL)
		return list;
	json_object_foreach(names, name, value)
		list.names[list.num++] = name;
	qsort(list.names, list.num, sizeof(char *), compare_names);
	return list;
}

static void send_json(struct httpd_request *request, json_t *value)
{
	struct buf body;

	buf_init(&body, 16 << 20);
	json_print(value, &body);
	httpd_reply(request, 200, "application/json", body.data, body.len);
	buf_release(&body);
	json_decref(value);
}

static void answer_list(struct httpd_request *request, const struct view *view, json_t *names)
{
	struct name_list list = sorted(names);
	json_t *answer = json_object(), *data = json_array();

	for (size_t i = 0; i < list.num; i++)
		json_array_append_new(data, model_object(view, list.names[i]));
	free(list.names);
	json_add_text(answer, "object", "list");
	json_add(answer, "data", data);
	send_json(request, answer);
}

/* Behind "/models/", or NULL for the list. */
static const char *asked_name(const struct httpd_request *request)
{
	const char *at = strstr(httpd_path(request), "/models");

	at += strlen("/models");
	return at[0] == '/' && at[1] != '\0' ? at + 1 : NULL;
}

void answer_models(struct gateway *g, struct httpd_request *request)
{
	const struct view *view = seat_acquire(g->seat);
	enum reply_error objection = REPLY_NONE;
	enum stray_cause cause;
	const struct view_key *key = authenticate(view, request, &objection, &cause);
	const char *one = asked_name(request);
	struct view_chain *owned = NULL;
	json_t *names;

	if (key == NULL)
		atomic_fetch_add_explicit(&g->stats->strays[cause], 1, memory_order_relaxed);
	else
		objection = key_objection(key, loop_wall_ms(g->loop));
	if (objection != REPLY_NONE) {
		reply_stray(request, &openai_chat, objection, NULL);
	} else if (one != NULL && (view_resolve(view, one, &owned) == NULL || !may_use(key, one))) {
		reply_stray(request, &openai_chat, REPLY_MODEL_NOT_FOUND, NULL);
	} else if (one != NULL) {
		send_json(request, model_object(view, one));
	} else {
		names = json_object();
		add_chains(view, key, names);
		add_provider_models(view, key, names);
		answer_list(request, view, names);
		json_decref(names);
	}
	view_chain_free(owned);
	seat_release(g->seat, view);
}
