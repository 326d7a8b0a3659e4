/* SPDX-License-Identifier: MIT */
/* jansson values are read and written in our terms here. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/jscan.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"

json_t *json_parse(const char *text, size_t len, struct err *err)
{
	json_error_t jerr;
	json_t *value;

	/* Checked first for its depth limit, which jansson fixes at 2048, and for its better errors. */
	if (jscan_value(text, len, err) < 0)
		return NULL;
	value = json_loadb(text, len, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &jerr);
	if (value == NULL)
		err_set(err, ERR_INVALID, "not valid JSON at byte %d: %s", jerr.position, jerr.text);
	return value;
}

const char *json_type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",   [JSON_STRING] = "a string",
		[JSON_INTEGER] = "a number", [JSON_REAL] = "a number",  [JSON_TRUE] = "true",
		[JSON_FALSE] = "false",      [JSON_NULL] = "null",
	};

	return value == NULL ? "nothing" : names[json_typeof(value)];
}

int json_check_members(json_t *object, const char *const *allowed, struct err *err)
{
	const char *name, *near;
	json_t *value;

	if (!json_is_object(object))
		return err_set(err, ERR_INVALID, "expected an object, found %s", json_type_name(object));
	json_object_foreach(object, name, value) {
		const char *const *a = allowed;

		while (*a != NULL && strcmp(*a, name) != 0)
			a++;
		if (*a != NULL)
			continue;
		near = text_suggest(name, allowed);
		return err_set(err, ERR_INVALID, "%s: no such field%s%s%s", name, near ? "; did you mean " : "",
			       near ? near : "", near ? "?" : "");
	}
	return 0;
}

static int wrong(const char *name, const char *expected, const json_t *found, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s: expected %s, found %s", name, expected, json_type_name(found));
}

/* The member, or NULL when it is absent or null. */
static json_t *present(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	return json_is_null(value) ? NULL : value;
}

int json_read_text(json_t *object, const char *name, const char **ret, struct err *err)
{
	json_t *value = present(object, name);

	if (value == NULL)
		return 0;
	if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
		return wrong(name, "a string", value, err);
	*ret = json_string_value(value);
	return 0;
}

int json_read_int(json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret,
		  struct err *err)
{
	json_t *value = present(object, name);
	int64_t n;

	if (value == NULL)
		return 0;
	if (!json_is_integer(value))
		return wrong(name, "a whole number", value, err);
	n = json_integer_value(value);
	if (n < min || n > max)
		return err_set(err, ERR_INVALID, "%s: expected a whole number from %lld to %lld, found %lld", name,
			       (long long)min, (long long)max, (long long)n);
	*ret = n;
	return 0;
}

int json_read_bool(json_t *object, const char *name, bool *ret, struct err *err)
{
	json_t *value = present(object, name);

	if (value == NULL)
		return 0;
	if (!json_is_boolean(value))
		return wrong(name, "true or false", value, err);
	*ret = json_is_true(value);
	return 0;
}

int json_read_money(json_t *object, const char *name, int64_t *ret, struct err *err)
{
	json_t *value = present(object, name);
	char text[64];

	if (value == NULL)
		return 0;
	if (json_is_string(value) && json_string_length(value) < sizeof(text))
		copy_text(text, sizeof(text), json_string_value(value));
	else if (json_is_integer(value))
		snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(text, sizeof(text), "%.15g", json_real_value(value));
	else
		return wrong(name, "an amount in USD such as \"12.50\"", value, err);
	if ((json_is_string(value) && strlen(text) != json_string_length(value)) || !money_parse(text, false, ret))
		return err_set(err, ERR_INVALID,
			       "%s: expected an amount in USD with at most nine places, such as \"12.50\", found %s", name,
			       text);
	return 0;
}

int json_read_duration(json_t *object, const char *name, int64_t *ret, struct err *err)
{
	json_t *value = present(object, name);

	if (value == NULL)
		return 0;
	if (!json_is_string(value) || !duration_parse(json_string_value(value), ret))
		return err_set(err, ERR_INVALID, "%s: expected a duration such as 250ms, 30s, 5m, 12h or 30d", name);
	return 0;
}

int json_read_time(json_t *object, const char *name, int64_t now_ms, int64_t *ret, struct err *err)
{
	json_t *value = present(object, name);

	if (value == NULL)
		return 0;
	if (!json_is_string(value) || !clock_parse(json_string_value(value), now_ms, ret))
		return err_set(err, ERR_INVALID, "%s: expected a time such as 2026-12-31 or 2026-12-31T12:00:00Z", name);
	return 0;
}

const char *json_text_peek(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

int64_t json_int_peek(const json_t *object, const char *name, int64_t otherwise)
{
	json_t *value = json_object_get(object, name);

	return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool json_bool_peek(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

int64_t json_money_peek(const json_t *object, const char *name)
{
	const char *text = json_text_peek(object, name);
	int64_t nusd;

	return text != NULL && money_parse(text, false, &nusd) ? nusd : COST_UNKNOWN;
}

int64_t json_time_peek(const json_t *object, const char *name)
{
	const char *text = json_text_peek(object, name);
	int64_t ms;

	return text != NULL && clock_parse(text, 0, &ms) ? ms : 0;
}

void json_add(json_t *object, const char *name, json_t *value)
{
	/* Fails only without memory, or on text that is not UTF-8; the member is then simply null. */
	if (value == NULL || json_object_set_new(object, name, value) < 0)
		json_object_set_new(object, name, json_null());
}

void json_add_text(json_t *object, const char *name, const char *text)
{
	json_add(object, name, text != NULL ? json_string(text) : NULL);
}

void json_add_int(json_t *object, const char *name, int64_t n)
{
	json_add(object, name, n != INT64_MIN ? json_integer(n) : NULL);
}

void json_add_bool(json_t *object, const char *name, bool b)
{
	json_add(object, name, json_boolean(b));
}

void json_add_money(json_t *object, const char *name, int64_t nusd)
{
	char text[MONEY_TEXT];

	json_add_text(object, name, nusd != COST_UNKNOWN ? money_format(nusd, text) : NULL);
}

void json_add_time(json_t *object, const char *name, int64_t wall_ms)
{
	char text[CLOCK_TEXT];

	json_add_text(object, name, wall_ms != 0 ? clock_format(wall_ms, text) : NULL);
}

static int append(const char *data, size_t len, void *out)
{
	return buf_add(out, data, len) ? 0 : -1;
}

/* Fifteen digits give a decimal back as it was written; seventeen would show how it is kept. */
#define PRINT_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))

bool json_print(const json_t *value, struct buf *out)
{
	return json_dump_callback(value, append, out, PRINT_FLAGS) == 0;
}

char *json_to_text(const json_t *value)
{
	return value != NULL ? json_dumps(value, PRINT_FLAGS) : NULL;
}
