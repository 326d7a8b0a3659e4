/* SPDX-License-Identifier: MIT */
/* Limits become what a person would type for them. */
#include "screens/limits.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "screens/show.h"

static void read_number(const json_t *object, const char *member, char *out, size_t size)
{
	const json_t *value = json_object_get(object, member);

	out[0] = '\0';
	if (json_is_integer(value))
		snprintf(out, size, "%lld", (long long)json_integer_value(value));
}

static void read_models(const json_t *object, char *out, size_t size)
{
	const json_t *models = json_object_get(object, "models");
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(models) && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? "," : "",
					json_string_value(json_array_get(models, i)));
}

void limits_read(struct limits *l, const json_t *object)
{
	const json_t *budget = main_budget(object);
	const char *mode = budget != NULL ? json_text_peek(budget, "mode") : NULL;

	memset(l, 0, sizeof(*l));
	copy_text(l->mode, sizeof(l->mode), mode != NULL ? mode : "standard");
	if (budget != NULL)
		snprintf(l->budget, sizeof(l->budget), "%s/%s", json_text_peek(budget, "amount_usd"),
			 json_text_peek(budget, "window"));
	read_number(object, "rpm", l->rpm, sizeof(l->rpm));
	read_number(object, "tpm", l->tpm, sizeof(l->tpm));
	read_number(object, "parallel", l->parallel, sizeof(l->parallel));
	read_models(object, l->models, sizeof(l->models));
}
