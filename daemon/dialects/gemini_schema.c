/* SPDX-License-Identifier: MIT */
/*
 * Google's schemas become JSON schemas here.
 *
 * Theirs are a subset of OpenAPI's: types in capitals (numbers to some clients), nullable, limits that
 * are strings.  What they do not know of JSON schema, references say, they have under other names.
 */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "dialects/gemini.h"

/* What becomes of a member. */
enum member_kind {
	AS_IS,
	DROPPED,
	TYPE,
	NUMBER,                 /* a string of digits may stand for it */
	SCHEMA,                 /* or a bool */
	SCHEMAS,                /* a list, or an object by name */
	ENUM,
	FORMAT,
	EXAMPLE,
	ALTERNATIVES,           /* a list of schemas, of which null may be one */
};

static const struct {
	const char *name, *written;     /* NULL: the same */
	enum member_kind kind;
} members[] = {
	{"type", NULL, TYPE},
	{"nullable", NULL, DROPPED},
	{"propertyOrdering", NULL, DROPPED},
	{"format", NULL, FORMAT},
	{"enum", NULL, ENUM},
	{"example", "examples", EXAMPLE},
	{"items", NULL, SCHEMA},
	{"additionalProperties", NULL, SCHEMA},
	{"prefixItems", NULL, SCHEMAS},
	{"properties", NULL, SCHEMAS},
	{"defs", "$defs", SCHEMAS},
	{"ref", "$ref", AS_IS},
	{"anyOf", NULL, ALTERNATIVES},
	{"minItems", NULL, NUMBER},
	{"maxItems", NULL, NUMBER},
	{"minLength", NULL, NUMBER},
	{"maxLength", NULL, NUMBER},
	{"minProperties", NULL, NUMBER},
	{"maxProperties", NULL, NUMBER},
};

static void put_type(struct buf *out, struct jspan type, bool nullable)
{
	static const char *const names[] = {NULL, "string", "number", "integer", "boolean", "array", "object", "null"};
	char name[32] = "";
	int64_t number;

	if (jspan_int(type, &number) && number > 0 && number < (int64_t)ARRAY_LEN(names))
		copy_text(name, sizeof(name), names[number]);
	else
		jspan_copy_cut(type, name, sizeof(name));
	for (char *c = name; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	buf_puts(out, nullable ? "[" : "");
	if (jspan_is_array(type))
		put_span(out, type);
	else
		buf_json_string(out, name, strlen(name));
	buf_puts(out, nullable ? ",\"null\"]" : "");
}

/* List or object; each of what is in it. */
static void put_schemas(struct buf *out, struct jspan group, bool nullable)
{
	struct jmember m = {{0}, {0}};
	struct jspan item = {0};
	bool list = jspan_is_array(group);
	unsigned n = 0;

	buf_putc(out, list ? '[' : '{');
	while (list ? jspan_next_item(group, &item) : jspan_next_member(group, &m)) {
		if (n++ > 0)
			buf_putc(out, ',');
		if (!list) {
			put_span(out, m.name);
			buf_putc(out, ':');
		}
		gemini_put_schema(out, list ? item : m.value);
	}
	if (nullable)
		buf_puts(out, n > 0 ? ",{\"type\":\"null\"}" : "{\"type\":\"null\"}");
	buf_putc(out, list ? ']' : '}');
}

static void put_enum(struct buf *out, struct jspan values, bool nullable)
{
	if (nullable && jspan_is_array(values) && values.len > 2) {
		buf_add(out, values.at, values.len - 1);
		buf_puts(out, ",null]");
	} else {
		put_span(out, values);
	}
}

/* "3" is 3. */
static void put_number(struct buf *out, struct jspan value)
{
	if (jspan_is_string(value) && value.len > 2 && strspn(value.at + 1, "0123456789") == value.len - 2)
		buf_add(out, value.at + 1, value.len - 2);
	else
		put_span(out, value);
}

static void put_value(struct buf *out, enum member_kind kind, struct jspan value, bool nullable)
{
	switch (kind) {
	case AS_IS:
	case DROPPED:
	case FORMAT:
		put_span(out, value);
		break;
	case TYPE:
		put_type(out, value, nullable);
		break;
	case NUMBER:
		put_number(out, value);
		break;
	case SCHEMA:
		gemini_put_schema(out, value);
		break;
	case SCHEMAS:
		put_schemas(out, value, false);
		break;
	case ALTERNATIVES:
		put_schemas(out, value, nullable);
		break;
	case ENUM:
		put_enum(out, value, nullable);
		break;
	case EXAMPLE:
		buf_putc(out, '[');
		put_span(out, value);
		buf_putc(out, ']');
		break;
	}
}

/* The row of a member; past the last for what is as it is. */
static size_t find_member(struct jspan name)
{
	size_t i = 0;

	while (i < ARRAY_LEN(members) && !gemini_is_named(name, members[i].name))
		i++;
	return i;
}

static bool says_nothing(enum member_kind kind, struct jspan value)
{
	int64_t unspecified = -1;

	switch (kind) {
	case DROPPED:
		return true;
	case FORMAT:
		return jspan_equals(value, "enum"); /* Google's own */
	case TYPE:
		return jspan_equals(value, "TYPE_UNSPECIFIED") || (jspan_int(value, &unspecified) && unspecified == 0);
	case AS_IS:
	case NUMBER:
	case SCHEMA:
	case SCHEMAS:
	case ENUM:
	case EXAMPLE:
	case ALTERNATIVES:
		break;
	}
	return jspan_is_null(value);
}

void gemini_put_schema(struct buf *out, struct jspan schema)
{
	struct jmember m = {{0}, {0}};
	bool nullable = false;
	unsigned n = 0;

	if (!jspan_is_object(schema)) {
		put_span(out, schema);
		return;
	}
	jspan_bool(gemini_said(schema, "nullable"), &nullable);
	buf_putc(out, '{');
	while (jspan_next_member(schema, &m)) {
		size_t row = find_member(m.name);
		enum member_kind kind = row < ARRAY_LEN(members) ? members[row].kind : AS_IS;

		if (says_nothing(kind, m.value))
			continue;
		if (n++ > 0)
			buf_putc(out, ',');
		if (row < ARRAY_LEN(members))
			buf_printf(out, "\"%s\":", members[row].written != NULL ? members[row].written : members[row].name);
		else
			buf_printf(out, "%.*s:", (int)m.name.len, m.name.at);
		put_value(out, kind, m.value, nullable);
	}
	buf_putc(out, '}');
}

struct jspan gemini_read_schema(struct arena *arena, struct jspan schema)
{
	struct jspan read = {0};
	struct buf out;

	if (schema.at == NULL)
		return read;
	buf_init(&out, schema.len * 2 + 1024);
	gemini_put_schema(&out, schema);
	if (!out.failed)
		read = (struct jspan){arena_copy(arena, out.data, out.len), out.len};
	buf_release(&out);
	return read;
}
