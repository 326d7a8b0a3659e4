/* SPDX-License-Identifier: MIT */
/* YAML of other programs becomes JSON here. */
#include "cli/yaml.h"

#include <yaml.h>

#include "base/err.h"

#define MAX_DEPTH 64
/* Aliases are copied where they stand; a few lines of them could become gigabytes. */
#define MAX_NODES 100000

struct reading {
	yaml_document_t document;
	size_t num_nodes;
};

static json_t *node_read(struct reading *reading, int index, int depth);

static json_t *sequence_read(struct reading *reading, const yaml_node_t *node, int depth)
{
	json_t *list = json_array();

	for (yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top; item++)
		if (json_array_append_new(list, node_read(reading, *item, depth + 1)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *mapping_read(struct reading *reading, const yaml_node_t *node, int depth)
{
	json_t *object = json_object();

	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++) {
		json_t *key = node_read(reading, pair->key, depth + 1);
		json_t *value = key ? node_read(reading, pair->value, depth + 1) : NULL;
		int code = -1;

		/* Keys that are no text mean nothing to us. */
		if (value != NULL && !json_is_string(key))
			code = 0;
		else if (value != NULL)
			code = json_object_set(object, json_string_value(key), value);
		json_decref(key);
		json_decref(value);
		if (code < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *node_read(struct reading *reading, int index, int depth)
{
	const yaml_node_t *node = yaml_document_get_node(&reading->document, index);

	if (node == NULL || depth > MAX_DEPTH || ++reading->num_nodes > MAX_NODES)
		return NULL;
	switch (node->type) {
	case YAML_SCALAR_NODE:
		return json_stringn((const char *)node->data.scalar.value, node->data.scalar.length);
	case YAML_SEQUENCE_NODE:
		return sequence_read(reading, node, depth);
	case YAML_MAPPING_NODE:
		return mapping_read(reading, node, depth);
	case YAML_NO_NODE:
		break;
	}
	return NULL;
}

json_t *yaml_read(const char *text, size_t len, struct err *err)
{
	struct reading reading = {0};
	yaml_parser_t parser;
	json_t *json = NULL;

	if (!yaml_parser_initialize(&parser)) {
		err_set(err, ERR_SYSTEM, "libyaml does not start");
		return NULL;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &reading.document)) {
		err_set(err, ERR_INVALID, "not valid YAML in line %zu: %s", parser.problem_mark.line + 1,
			parser.problem ? parser.problem : "unreadable");
	} else {
		json = yaml_document_get_root_node(&reading.document) ? node_read(&reading, 1, 0) : json_object();
		if (json == NULL)
			err_set(err, ERR_FULL, "nested deeper than %d or longer than %d values", MAX_DEPTH, MAX_NODES);
		yaml_document_delete(&reading.document);
	}
	yaml_parser_delete(&parser);
	return json;
}
