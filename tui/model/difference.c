/* SPDX-License-Identifier: MIT */
/* Two objects become what differs between them here. */
#include "model/difference.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"

/* Values are nested less; what is more is not said. */
#define MAX_DEPTH 6

static void say(const json_t *value, int depth, struct buf *out);

static void say_list(const json_t *list, int depth, struct buf *out)
{
	const char *between = json_is_array(json_array_get(list, 0)) ? " > " : ", ";

	if (json_array_size(list) == 0)
		buf_puts(out, "none");
	for (size_t i = 0; i < json_array_size(list); i++) {
		buf_puts(out, i > 0 ? between : "");
		say(json_array_get(list, i), depth + 1, out);
	}
}

static void say_target(const json_t *target, struct buf *out)
{
	int64_t weight = json_int_peek(target, "weight", 1);

	buf_puts(out, json_text_peek(target, "target"));
	if (weight != 1)
		buf_printf(out, "*%lld", (long long)weight);
}

static void say_object(const json_t *object, int depth, struct buf *out)
{
	const char *name, *between = "";
	json_t *value;

	if (json_object_size(object) == 0)
		buf_puts(out, "none");
	json_object_foreach((json_t *)object, name, value) {
		buf_printf(out, "%s%s ", between, name);
		say(value, depth + 1, out);
		between = ", ";
	}
}

static void say(const json_t *value, int depth, struct buf *out)
{
	if (depth > MAX_DEPTH)
		buf_puts(out, "...");
	else if (value == NULL || json_is_null(value))
		buf_putc(out, '-');
	else if (json_is_string(value))
		buf_puts(out, json_string_length(value) > 0 ? json_string_value(value) : "\"\"");
	else if (json_is_boolean(value))
		buf_puts(out, json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		say_list(value, depth, out);
	else if (json_text_peek(value, "target") != NULL)
		say_target(value, out);
	else if (json_is_object(value))
		say_object(value, depth, out);
	else if (json_is_integer(value))
		buf_printf(out, "%lld", (long long)json_integer_value(value));
	else
		buf_printf(out, "%g", json_real_value(value));
}

void value_say(const json_t *value, struct buf *out)
{
	say(value, 0, out);
}

static bool is_nothing(const json_t *value)
{
	return value == NULL || json_is_null(value);
}

static void tell(const char *name, const json_t *before, const json_t *after, bool differing, each_member *one, void *arg)
{
	bool same = is_nothing(before) ? is_nothing(after) : json_equal(before, after) == 1;

	if (differing != same && !(is_nothing(before) && is_nothing(after)))
		one(arg, name, before, after, !same);
}

static void walk(const json_t *before, const json_t *after, bool differing, each_member *one, void *arg)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)after, name, value)
		tell(name, json_object_get(before, name), value, differing, one, arg);
	json_object_foreach((json_t *)before, name, value)
		if (json_object_get(after, name) == NULL)
			tell(name, value, NULL, differing, one, arg);
}

void difference_each(const json_t *before, const json_t *after, each_member *one, void *arg)
{
	walk(before, after, true, one, arg);
	walk(before, after, false, one, arg);
}

/* These grow with every change: that is no news. */
static bool is_counter(const char *name)
{
	return strcmp(name, "revision") == 0 || strcmp(name, "version") == 0;
}

static void say_member(void *arg, const char *name, const json_t *before, const json_t *after, bool differs)
{
	struct buf *out = arg;

	if (!differs || is_counter(name))
		return;
	buf_printf(out, "%s%s: ", out->len > 0 ? ", " : "", name);
	value_say(before, out);
	buf_puts(out, " -> ");
	value_say(after, out);
}

void difference_say(const json_t *before, const json_t *after, struct buf *out)
{
	if (is_nothing(before) && !is_nothing(after))
		buf_puts(out, "created");
	else if (!is_nothing(before) && is_nothing(after))
		buf_puts(out, "removed");
	else
		difference_each(before, after, say_member, out);
}
