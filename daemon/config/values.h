/* SPDX-License-Identifier: MIT */
/*
 * values.h — what may stand behind a key in the file: read, checked, and turned into the admin API's
 * form of it.
 */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "config/source.h"

struct field {
	const char *name;
	/* New reference, or NULL and an error that names file and line. */
	json_t *(*read)(struct source *, const struct field *, const yaml_node_t *, struct err *);
	const char *const *choices;     /* for value_choice(); ends with NULL */
	const struct field *members;    /* for value_mappings(); ends with name == NULL */
	int64_t min, max;               /* for value_count() */
	bool required;
	bool input_only;                /* another way to say something; never written */
};

/* A mapping with these fields and no others.  what: "a provider". */
json_t *value_mapping(struct source *, const struct field *fields, const char *what, const yaml_node_t *,
		      struct err *);

json_t *value_name(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_model(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_models(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_text(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_url(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_secret(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_kind(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_choice(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_options(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_mappings(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_count(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_flag(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_money(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_percent(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_budget(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_duration(struct source *, const struct field *, const yaml_node_t *, struct err *);
json_t *value_time(struct source *, const struct field *, const yaml_node_t *, struct err *);
/* A list of lists of targets, or the text form as it stands. */
json_t *value_tiers(struct source *, const struct field *, const yaml_node_t *, struct err *);

#endif
