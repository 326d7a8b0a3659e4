/* SPDX-License-Identifier: MIT */
/* yaml.h — YAML read as JSON whose scalars are all text. */
#ifndef CLI_YAML_H
#define CLI_YAML_H

#include <jansson.h>
#include <stddef.h>

struct err;

/* A new reference, or NULL and "not valid YAML in line 3: …".  Depth and size have ceilings. */
json_t *yaml_read(const char *text, size_t len, struct err *err);

#endif
