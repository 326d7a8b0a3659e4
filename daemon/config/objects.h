/* SPDX-License-Identifier: MIT */
/* objects.h — the lists of the file: which there are, and which fields their objects have. */
#ifndef CONFIG_OBJECTS_H
#define CONFIG_OBJECTS_H

#include "config/values.h"

struct shape {
	const char *list;               /* the key in the file: "providers" */
	const char *what;               /* one of them: "a provider" */
	const struct field *fields;     /* in the order they are written; ends with name == NULL */
	/* What concerns more than one field.  providers: those that targets may name, lists. */
	int (*finish)(struct source *, const yaml_node_t *, json_t *object, const json_t *const providers[2],
		      struct err *);
};

/* Providers first: chains refer to them.  Ends with list == NULL. */
extern const struct shape object_shapes[];

/* The list of one shape; NULL and an error.  New reference. */
json_t *objects_read(struct source *, const struct shape *, const yaml_node_t *,
		     const json_t *const providers[2], struct err *);

/* The object of this name, borrowed, or NULL. */
json_t *object_find(const json_t *list, const char *name);

#endif
