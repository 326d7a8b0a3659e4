/* SPDX-License-Identifier: MIT */
/* Members that several kinds of objects share are read and written here. */
#include "admin/fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "store/store.h"

/* Nano-"dollars" of a per cent that make one millionth: percent are read with money's exactness. */
#define NANO_PERCENT_PER_PPM 100000
#define MARKUP_MAX_PPM 100000000        /* ten thousand per cent */
#define MODELS_MAX 200

bool field_is_null(json_t *body, const char *name)
{
	return json_is_null(json_object_get(body, name));
}

static void replace(char **text, char *with)
{
	free(*text);
	*text = with;
}

int field_text(json_t *body, const char *name, size_t max, char **text, struct err *err)
{
	const char *given = NULL;

	if (json_read_text(body, name, &given, err) < 0)
		return ERR_INVALID;
	if (given != NULL && strlen(given) > max)
		return err_set(err, ERR_INVALID, "%s: at most %zu characters", name, max);
	if (given != NULL || field_is_null(body, name))
		replace(text, given != NULL && *given != '\0' ? xstrdup(given) : NULL);
	return 0;
}

int field_limit(json_t *body, const char *name, int64_t *limit, struct err *err)
{
	if (field_is_null(body, name)) {
		*limit = STORE_NONE;
		return 0;
	}
	return json_read_int(body, name, 1, INT64_C(1000000000000), limit, err);
}

int field_limits(json_t *body, int64_t *rpm, int64_t *tpm, int64_t *parallel, struct err *err)
{
	int rc = field_limit(body, "rpm", rpm, err);

	if (rc == 0)
		rc = field_limit(body, "tpm", tpm, err);
	if (rc == 0)
		rc = field_limit(body, "parallel", parallel, err);
	return rc;
}

void field_add_limits(json_t *object, int64_t rpm, int64_t tpm, int64_t parallel)
{
	json_add_int(object, "rpm", rpm);
	json_add_int(object, "tpm", tpm);
	json_add_int(object, "parallel", parallel);
}

/* A model's name, or a provider's with "/" and a star. */
static bool is_pattern(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;
	char stem[256];

	if (len == 0 || len >= sizeof(stem))
		return false;
	copy_text(stem, sizeof(stem), text);
	if (len >= 3 && strcmp(stem + len - 2, "/*") == 0)
		stem[len - 2] = '\0';
	return text_is_model(stem);
}

int field_models(json_t *body, char **models, struct err *err)
{
	json_t *given = json_object_get(body, "models"), *item;
	size_t i;

	if (given == NULL)
		return 0;
	if (json_is_null(given)) {
		replace(models, NULL);
		return 0;
	}
	if (!json_is_array(given))
		return err_set(err, ERR_INVALID, "models: expected a list of model names or null, found %s",
			       json_type_name(given));
	if (json_array_size(given) > MODELS_MAX)
		return err_set(err, ERR_INVALID, "models: at most %d", MODELS_MAX);
	json_array_foreach(given, i, item) {
		const char *text = json_string_value(item);

		if (!is_pattern(text))
			return err_set(err, ERR_INVALID,
				       "models: expected names such as smart, openai/gpt-5 or openai/*, found %.80s",
				       text != NULL ? text : json_type_name(item));
	}
	replace(models, json_array_size(given) > 0 ? json_to_text(given) : NULL);
	return 0;
}

void field_add_models(json_t *object, const char *models)
{
	field_add_json(object, "models", models);
}

int field_markup(json_t *body, int64_t *markup_ppm, struct err *err)
{
	int64_t nano = *markup_ppm * NANO_PERCENT_PER_PPM;

	if (field_is_null(body, "markup_percent"))
		nano = 0;
	if (json_read_money(body, "markup_percent", &nano, err) < 0)
		return ERR_INVALID;
	if (nano < 0 || nano % NANO_PERCENT_PER_PPM != 0 || nano / NANO_PERCENT_PER_PPM > MARKUP_MAX_PPM)
		return err_set(err, ERR_INVALID,
			       "markup_percent: expected 0 to 10000 with at most four places, such as \"12.5\"");
	*markup_ppm = nano / NANO_PERCENT_PER_PPM;
	return 0;
}

void field_add_markup(json_t *object, int64_t markup_ppm)
{
	json_add_money(object, "markup_percent", markup_ppm * NANO_PERCENT_PER_PPM);
}

int field_object(json_t *body, const char *name, char **text, struct err *err)
{
	json_t *given = json_object_get(body, name);

	if (given == NULL)
		return 0;
	if (!json_is_null(given) && !json_is_object(given))
		return err_set(err, ERR_INVALID, "%s: expected an object or null, found %s", name,
			       json_type_name(given));
	replace(text, json_object_size(given) > 0 ? json_to_text(given) : NULL);
	return 0;
}

void field_add_json(json_t *object, const char *name, const char *text)
{
	json_add(object, name, text != NULL ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL);
}

int field_expiry(json_t *body, const char *name, int64_t now_ms, int64_t *at_ms, struct err *err)
{
	const char *given = NULL;
	int64_t ms;

	if (field_is_null(body, name)) {
		*at_ms = STORE_NONE;
		return 0;
	}
	if (json_read_text(body, name, &given, err) < 0)
		return ERR_INVALID;
	if (given == NULL)
		return 0;
	if (duration_parse(given, &ms))
		*at_ms = now_ms + ms;
	else if (clock_parse(given, now_ms, &ms))
		*at_ms = ms;
	else
		return err_set(err, ERR_INVALID,
			       "%s: expected a duration such as 30d or a date such as 2026-12-31, found %.40s", name,
			       given);
	return 0;
}

void field_add_time(json_t *object, const char *name, int64_t wall_ms)
{
	json_add_time(object, name, wall_ms != STORE_NONE ? wall_ms : 0);
}
