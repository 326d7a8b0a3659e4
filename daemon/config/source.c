/* SPDX-License-Identifier: MIT */
/* YAML becomes nodes with lines here, and nodes become JSON. */
#include "config/source.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"

#define MAX_DEPTH 32
#define MAX_NODES 200000
#define MAX_KEYS 1000

/* A second document would be ignored without a word. */
static int check_end(yaml_parser_t *parser, const char *file, struct err *err)
{
	yaml_document_t next;
	int rc = 0;

	if (!yaml_parser_load(parser, &next))
		return err_set(err, ERR_INVALID, "%s:%zu: not valid YAML: %s", file, parser->problem_mark.line + 1,
			       parser->problem != NULL ? parser->problem : "out of memory");
	if (yaml_document_get_root_node(&next) != NULL)
		rc = err_set(err, ERR_INVALID, "%s:%zu: a second document begins here; expected one", file,
			     next.start_mark.line + 1);
	yaml_document_delete(&next);
	return rc;
}

int source_open(struct source *source, const char *text, size_t len, const char *file, struct err *err)
{
	yaml_parser_t parser;
	int ok;

	*source = (struct source){.file = file};
	if (!yaml_parser_initialize(&parser))
		return err_set(err, ERR_SYSTEM, "libyaml does not start");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	ok = yaml_parser_load(&parser, &source->document);
	if (!ok)
		err_set(err, ERR_INVALID, "%s:%zu: not valid YAML: %s%s%s", file, parser.problem_mark.line + 1,
			parser.problem != NULL ? parser.problem : "out of memory",
			parser.context != NULL ? " " : "", parser.context != NULL ? parser.context : "");
	if (ok && check_end(&parser, file, err) < 0) {
		yaml_document_delete(&source->document);
		ok = 0;
	}
	yaml_parser_delete(&parser);
	return ok ? 0 : ERR_INVALID;
}

void source_close(struct source *source)
{
	yaml_document_delete(&source->document);
}

yaml_node_t *source_root(struct source *source)
{
	return yaml_document_get_root_node(&source->document);
}

yaml_node_t *source_node(struct source *source, int index)
{
	return yaml_document_get_node(&source->document, index);
}

/* What the sentence quotes comes from outside and may end on a terminal. */
static void clean_sentence(struct err *err)
{
	struct buf clean;

	buf_init(&clean, 8 * sizeof(err->text));
	text_clean(&clean, err->text, strlen(err->text), false);
	copy_text(err->text, sizeof(err->text), clean.data);
	buf_release(&clean);
}

int source_wrap(const struct source *source, const yaml_node_t *node, struct err *err)
{
	if (err == NULL)
		return ERR_INVALID;
	clean_sentence(err);
	return err_wrap(err, "%s:%zu", source->file, node->start_mark.line + 1);
}

int source_error(const struct source *source, const yaml_node_t *node, struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(err, ERR_INVALID, "%s", text);
	return source_wrap(source, node, err);
}

const char *source_text(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

static bool is_plain(const yaml_node_t *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static bool says_null(const char *text)
{
	return text[0] == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0 ||
	       strcmp(text, "Null") == 0 || strcmp(text, "NULL") == 0;
}

bool source_is_null(const yaml_node_t *node)
{
	return is_plain(node) && says_null((const char *)node->data.scalar.value);
}

const char *source_found(const yaml_node_t *node, char out[SOURCE_FOUND])
{
	const char *text = source_text(node);

	if (node->type == YAML_SEQUENCE_NODE)
		snprintf(out, SOURCE_FOUND, "a list");
	else if (node->type == YAML_MAPPING_NODE)
		snprintf(out, SOURCE_FOUND, "a mapping");
	else if (text == NULL)
		snprintf(out, SOURCE_FOUND, "a text with a NUL in it");
	else if (source_is_null(node))
		snprintf(out, SOURCE_FOUND, "nothing");
	else
		snprintf(out, SOURCE_FOUND, "\"%.60s\"", text);
	return out;
}

static int check_key(struct source *source, const yaml_node_t *mapping, const yaml_node_pair_t *pair,
		     struct err *err)
{
	yaml_node_t *key = source_node(source, pair->key);
	const char *name = source_text(key);

	if (name == NULL)
		return source_error(source, key, err, "expected a name before the colon");
	for (const yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < pair; p++)
		if (strcmp(source_text(source_node(source, p->key)), name) == 0)
			return source_error(source, key, err, "%.100s: stands here twice", name);
	return 0;
}

int source_check_keys(struct source *source, const yaml_node_t *mapping, struct err *err)
{
	/* Each is compared with all before it. */
	if (mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start > MAX_KEYS)
		return source_error(source, mapping, err, "a mapping has at most %d keys", MAX_KEYS);
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++)
		if (check_key(source, mapping, pair, err) < 0)
			return ERR_INVALID;
	return 0;
}

/* -- JSON -- */

static json_t *number_json(const char *text)
{
	char *end;
	long long n;
	double d;

	if (strspn(text, "+-.0123456789eE") != strlen(text) || strpbrk(text, "0123456789") == NULL)
		return NULL;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (*end == '\0' && errno == 0)
		return json_integer(n);
	d = strtod(text, &end);
	return *end == '\0' && isfinite(d) ? json_real(d) : NULL;
}

static json_t *plain_json(const char *text)
{
	json_t *value;

	if (says_null(text))
		return json_null();
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_boolean(text[0] == 't');
	value = number_json(text);
	return value != NULL ? value : json_string(text);
}

bool source_needs_quotes(const char *text)
{
	json_t *value = plain_json(text);
	bool needs = !json_is_string(value);

	json_decref(value);
	return needs;
}

static json_t *node_json(struct source *, const yaml_node_t *, int depth, struct err *err);

static json_t *mapping_json(struct source *source, const yaml_node_t *node, int depth, struct err *err)
{
	json_t *object;

	if (source_check_keys(source, node, err) < 0)
		return NULL;
	object = json_object();
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top;
	     pair++) {
		json_t *value = node_json(source, source_node(source, pair->value), depth + 1, err);

		if (value == NULL) {
			json_decref(object);
			return NULL;
		}
		json_object_set_new(object, source_text(source_node(source, pair->key)), value);
	}
	return object;
}

static json_t *sequence_json(struct source *source, const yaml_node_t *node, int depth, struct err *err)
{
	json_t *list = json_array();

	for (const yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++) {
		json_t *value = node_json(source, source_node(source, *item), depth + 1, err);

		if (value == NULL) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, value);
	}
	return list;
}

static json_t *node_json(struct source *source, const yaml_node_t *node, int depth, struct err *err)
{
	const char *text = source_text(node);
	json_t *value;

	if (depth > MAX_DEPTH || ++source->num_visited > MAX_NODES) {
		source_error(source, node, err, depth > MAX_DEPTH ? "nested too deeply" : "too large");
		return NULL;
	}
	if (node->type == YAML_MAPPING_NODE)
		return mapping_json(source, node, depth, err);
	if (node->type == YAML_SEQUENCE_NODE)
		return sequence_json(source, node, depth, err);
	value = text == NULL ? NULL : is_plain(node) ? plain_json(text) : json_string(text);
	if (value == NULL)
		source_error(source, node, err, "expected text, found something that is none");
	return value;
}

json_t *source_json(struct source *source, const yaml_node_t *node, struct err *err)
{
	return node_json(source, node, 0, err);
}
