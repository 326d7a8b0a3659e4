/* SPDX-License-Identifier: MIT */
/*
 * source.h — a YAML text as a tree whose every node knows its line.
 *
 * libyaml composes the document; the checks read its nodes directly, so that each error can name
 * file and line.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

struct err;

struct source {
	const char *file;               /* borrowed; for errors */
	yaml_document_t document;
	size_t num_visited;             /* nodes read, aliases each time: a ceiling for what they multiply */
};

int source_open(struct source *, const char *text, size_t len, const char *file, struct err *err);
void source_close(struct source *);

/* NULL: the text holds nothing. */
yaml_node_t *source_root(struct source *);
/* A mapping's key or value, a sequence's item. */
yaml_node_t *source_node(struct source *, int index);

/* "FILE:LINE: …" */
int source_error(const struct source *, const yaml_node_t *, struct err *err, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Puts "FILE:LINE: " in front of the sentence that is there. */
int source_wrap(const struct source *, const yaml_node_t *, struct err *err);

/* A scalar's characters; NULL when it is none, or has a NUL inside. */
const char *source_text(const yaml_node_t *);
/* ~, null, or nothing at all, unquoted. */
bool source_is_null(const yaml_node_t *);
/* "a list", "a mapping", "\"text\"": for errors.  Returns out. */
#define SOURCE_FOUND 80
const char *source_found(const yaml_node_t *, char out[SOURCE_FOUND]);

/* The mapping's keys are scalars and differ. */
int source_check_keys(struct source *, const yaml_node_t *mapping, struct err *err);

/* The node as YAML's core schema reads it: unquoted 12, 0.5, true, null are not texts.  NULL and *err
 * when it is nested too deeply or is too large. */
json_t *source_json(struct source *, const yaml_node_t *, struct err *err);

/* Whether an unquoted scalar of these characters would be read as something else than a text. */
bool source_needs_quotes(const char *text);

#endif
