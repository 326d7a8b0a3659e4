/* SPDX-License-Identifier: MIT */
/* Members of requests that mean the same in several dialects are looked at here. */
#include "dialects/scan.h"

#include <string.h>

#include "base/err.h"
#include "dialects/patch.h"

void scan_name_fields(struct jfield *fields, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fields[i] = (struct jfield){.name = names[i]};
}

int scan_wrong(struct scan *s, int field, const char *expected)
{
	s->wrong_field = s->fields[field].name;
	return err_set(s->err, ERR_INVALID, "%s: expected %s", s->wrong_field, expected);
}

int scan_bool(struct scan *s, int field, bool *ret)
{
	struct jspan value = s->fields[field].value;

	if (!jspan_is_null(value) && !jspan_bool(value, ret))
		return scan_wrong(s, field, "true or false");
	return 0;
}

int scan_count(struct scan *s, int field, int64_t max, int64_t *ret)
{
	struct jspan value = s->fields[field].value;
	int64_t n;

	if (jspan_is_null(value))
		return 0;
	if (!jspan_int(value, &n) || n < 1 || n > max)
		return scan_wrong(s, field, max == SCAN_MAX_CHOICES ? "a whole number from 1 to 128" : "a whole number from 1");
	*ret = n;
	return 0;
}

int scan_text(struct scan *s, int field, char *out, size_t size)
{
	struct jspan value = s->fields[field].value;

	return jspan_is_null(value) || jspan_copy_cut(value, out, size) ? 0 : scan_wrong(s, field, "a string");
}

int scan_list(struct scan *s, int field)
{
	struct jspan value = s->fields[field].value;

	return jspan_is_null(value) || jspan_is_array(value) ? 0 : scan_wrong(s, field, "a list");
}

int scan_switch(struct scan *s, int field, const char *name, bool *ret)
{
	struct jspan value = s->fields[field].value, on;

	if (jspan_is_null(value))
		return 0;
	if (!jspan_is_object(value))
		return scan_wrong(s, field, "an object");
	on = jspan_member(value, name);
	if (!jspan_is_null(on) && !jspan_bool(on, ret))
		return scan_wrong(s, field, "true or false in it");
	return 0;
}

int scan_model(struct scan *s, int field, struct request_facts *ret)
{
	ret->model = s->fields[field].value;
	if (!jspan_is_string(ret->model))
		return scan_wrong(s, field, "the name of a model or chain");
	if (!jspan_copy(ret->model, ret->model_name, sizeof(ret->model_name)) || ret->model_name[0] == '\0')
		return scan_wrong(s, field, "a name of 1 to 200 characters");
	return 0;
}

/* Tags past the room there is are left out, never cut in two. */
static void join_tags(struct jspan tags, struct request_facts *ret)
{
	struct jspan item = {0};
	size_t len = 0;

	while (jspan_next_item(tags, &item)) {
		char tag[TAGS_TEXT];
		size_t n;

		if (!jspan_copy(item, tag, sizeof(tag)) || tag[0] == '\0')
			continue;
		n = strlen(tag);
		if (len + (len > 0) + n >= sizeof(ret->tags))
			break;
		if (len > 0)
			ret->tags[len++] = ',';
		memcpy(ret->tags + len, tag, n + 1);
		len += n;
	}
}

void scan_tags(struct jspan metadata, struct request_facts *ret)
{
	struct jspan tags = jspan_member(metadata, "tags");

	if (jspan_is_string(tags))
		jspan_copy(tags, ret->tags, sizeof(ret->tags));
	else
		join_tags(tags, ret);
}

bool scan_adapt_metadata(struct jspan metadata, struct patch *p)
{
	static const char *const tags[] = {"tags", NULL};
	struct jmember m = {{0}, {0}};
	size_t others = 0;

	if (!jspan_is_array(jspan_member(metadata, "tags")))
		return false;
	while (jspan_next_member(metadata, &m))
		others += !jspan_equals(m.name, "tags");
	if (others > 0)
		patch_remove(p, metadata, tags);
	return others == 0;
}
