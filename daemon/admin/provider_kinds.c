/* SPDX-License-Identifier: MIT */
/* The catalogue of providers, as this program knows them, is told here. */
#include "admin/objects.h"
#include "admin/request.h"
#include "base/json.h"
#include "dialects/provider_kind.h"

/* "chat", "embed": what there is an endpoint for. */
static json_t *operations_of(const struct provider_kind *kind)
{
	static const char *const names[] = {
		[OPERATION_CHAT] = "chat",
		[OPERATION_COUNT] = "count",
		[OPERATION_EMBED] = "embed",
		[OPERATION_MODERATE] = "moderate",
		[OPERATION_RERANK] = "rerank",
		[OPERATION_IMAGE] = "image",
		[OPERATION_SPEECH] = "speech",
		[OPERATION_TRANSCRIBE] = "transcribe",
	};
	json_t *list = json_array();
	unsigned said = 0;

	for (const struct endpoint *e = kind->endpoints; e->dialect != NULL; e++) {
		if (!(said & 1u << e->dialect->operation))
			json_array_append_new(list, json_string(names[e->dialect->operation]));
		said |= 1u << e->dialect->operation;
	}
	return list;
}

static json_t *kind_json(const struct provider_kind *kind)
{
	json_t *object = json_object();

	json_add_text(object, "name", kind->name);
	json_add_text(object, "title", kind->title);
	json_add_text(object, "dialect", kind->endpoints[0].dialect->name);
	json_add_text(object, "base_url", kind->base_url);
	json_add_text(object, "environment", kind->environment);
	json_add_bool(object, "needs_base_url", kind->base_url == NULL && !kind->simulated);
	json_add_bool(object, "needs_credential", kind->auth != AUTH_NONE && !kind->keyless);
	json_add(object, "operations", operations_of(kind));
	return object;
}

int provider_kinds_list(struct admin_request *r, struct err *err)
{
	json_t *list = json_array();

	for (const struct provider_kind *k = provider_kinds; k->name != NULL; k++)
		json_array_append_new(list, kind_json(k));
	return request_answer_list(r, list, "name", err);
}
