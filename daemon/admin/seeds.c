/* SPDX-License-Identifier: MIT */
/* Deleted objects are looked up among those that the file and the environment name here. */
#include "admin/seeds.h"

#include <string.h>

#include "admin/change.h"
#include "admin/context.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/config.h"
#include "config/environment.h"

#define AGAIN "will be created again at the next start"

void seeds_note(struct admin *a, const struct config *config)
{
	seeds_release(a);
	a->seeds = json_object();
	json_object_set(a->seeds, "provider", config->providers);
	json_object_set(a->seeds, "chain", config->chains);
	json_object_set(a->seeds, "team", config->teams);
}

void seeds_release(struct admin *a)
{
	json_decref(a->seeds);
	a->seeds = NULL;
}

static const json_t *find(const json_t *list, const char *name)
{
	const json_t *object;
	size_t i;

	json_array_foreach(list, i, object) {
		const char *called = json_text_peek(object, "name");

		if (called != NULL && strcmp(called, name) == 0)
			return object;
	}
	return NULL;
}

/* The variable's name is no secret, but which of several it was is not worth the words. */
static bool environment_names(const char *name, const json_t *seed)
{
	json_t *list = environment_providers();
	const json_t *object = find(list, name);
	bool found = object != NULL && (seed == NULL || json_equal(object, seed));

	json_decref(list);
	return found;
}

const char *seeds_warning(const struct admin *a, const struct change *c)
{
	const char *name = strchr(c->object, ' ');
	char family[16];
	const json_t *seed;

	if (c->before == NULL || c->after != NULL || name == NULL || a->seeds == NULL)
		return NULL;
	copy_text(family, sizeof(family), c->object);
	family[strcspn(family, " ")] = '\0';
	seed = find(json_object_get(a->seeds, family), name + 1);
	/* What the file says comes before what the environment would. */
	if (strcmp(family, "provider") == 0 && environment_names(name + 1, seed))
		return "its variable is in the environment and it " AGAIN "; unset that, too";
	if (seed != NULL && a->options.settings->demo)
		return "it is a part of the demo and " AGAIN;
	return seed != NULL ? "it is in the configuration file and " AGAIN "; take it out there too" : NULL;
}
