/* SPDX-License-Identifier: MIT */
/*
 * Where a target is asked is chosen here, when its provider can be spoken to in several ways.
 *
 * Not every server that speaks like OpenAI has all of OpenAI's paths, and OpenAI has models that live at one path
 * only.  What says so is asked at its other path, within the same call, and that is remembered for a while.
 */
#include <string.h>

#include "base/mem.h"
#include "dialects/provider_kind.h"
#include "gateway/attempt_private.h"
#include "gateway/call.h"
#include "routing/health.h"

const struct endpoint *endpoint_choose(const struct call *call)
{
	const struct attempt *a = &call->attempt;
	const struct view_provider *p = a->target->provider;
	unsigned missing = a->missing | health_missing(a->target->health, a->started_us);
	const struct endpoint *e = provider_endpoint_but(p->kind, p->options, a->target->model, missing, call->dialect);

	/* What was missing a while ago is asked all the same when nothing else is left. */
	if (e == NULL)
		e = provider_endpoint_but(p->kind, p->options, a->target->model, a->missing, call->dialect);
	return e;
}

unsigned endpoint_missing(const struct attempt *a)
{
	return a->missing | (a->endpoint != NULL ? 1u << (a->endpoint - a->target->provider->kind->endpoints) : 0);
}

/* How servers say that they have no such path, or that the model has another; a model that is nowhere reads
 * otherwise. */
static bool is_about_path(const char *error)
{
	static const char *const whole[] = {"it gave no reason", "Not Found", "404 page not found", "404 Not Found",
					    "File Not Found", "Method Not Allowed"};
	static const char *const parts[] = {"invalid url", "no route", "unexpected endpoint", "unknown endpoint",
					    "endpoint not found", "unknown request url", "cannot post", "v1/responses",
					    "v1/completions"};

	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (strcasecmp(error, whole[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (strcasestr(error, parts[i]) != NULL)
			return true;
	return false;
}

bool endpoint_is_missing(const struct attempt *a, const char *error)
{
	return a->status == 405 || (a->status == 404 && is_about_path(error));
}

bool endpoint_has_other(const struct call *call, const char *error)
{
	const struct attempt *a = &call->attempt;
	const struct view_provider *p = a->target->provider;
	const struct endpoint *other;

	if (!endpoint_is_missing(a, error))
		return false;
	other = provider_endpoint_but(p->kind, p->options, a->target->model, endpoint_missing(a), call->dialect);
	return other != NULL && (other->option != NULL || a->endpoint->option != NULL);
}
