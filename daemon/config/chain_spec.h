/* SPDX-License-Identifier: MIT */
/*
 * chain_spec.h — a fallback chain as it is written, read, stored and shown.
 *
 * As JSON:  {"tiers": [[{"target": "a/b", "weight": 3}, …], …], "timeout": "120s", "first_byte": "20s",
 *            "idle": "30s", "retries": 1}
 * As text:  a/b*3,c/d > e/f       (the tiers alone)
 *
 * Nothing here asks whether providers exist.  Knows base/ only, so that the configuration, the admin
 * API and the live view read chains by the same rules.
 */
#ifndef CONFIG_CHAIN_SPEC_H
#define CONFIG_CHAIN_SPEC_H

#include <jansson.h>
#include <stdint.h>

struct buf;
struct err;

/* In all tiers of a chain together. */
#define CHAIN_TARGETS 32
#define CHAIN_WEIGHT_MAX 10000
#define CHAIN_RETRIES_MAX 20
/* "provider/model" and a NUL. */
#define CHAIN_TARGET_TEXT 266

struct chain_spec_target {
	char name[CHAIN_TARGET_TEXT];
	unsigned weight;                        /* 1 where it is not said */
	size_t tier;                            /* counted from 0; never falls from one target to the next */
};

struct chain_spec {
	struct chain_spec_target targets[CHAIN_TARGETS];
	size_t num_targets, num_tiers;
	int64_t timeout_ms, first_byte_ms, idle_ms;
	unsigned retries;
};

/* No targets, and the defaults: 120s, 20s, 30s, 1. */
void chain_spec_init(struct chain_spec *);

/* Reads "tiers" (or "text" in its place), "timeout", "first_byte", "idle" and "retries" of an object;
 * other members are the caller's business.  ERR_INVALID names tier and target; a chain without a
 * target is one. */
int chain_spec_read(struct chain_spec *ret, json_t *object, struct err *err);
/* The same of JSON text, as it stands in the database. */
int chain_spec_parse(struct chain_spec *ret, const char *json, struct err *err);
/* The text form; what is not a target (timeout, retries) is left as it is in *ret. */
int chain_spec_parse_text(struct chain_spec *ret, const char *text, struct err *err);

/* The JSON form, every member written. New reference. */
json_t *chain_spec_json(const struct chain_spec *);
/* Only its "tiers". New reference. */
json_t *chain_spec_tiers(const struct chain_spec *);
/* Appends the text form. */
void chain_spec_text(const struct chain_spec *, struct buf *out);

#endif
