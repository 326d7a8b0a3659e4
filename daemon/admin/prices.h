/* SPDX-License-Identifier: MIT */
/*
 * prices.h — how prices are named, and price files of other people.
 *
 * Each format becomes a list of prices in the shape of the admin API, for every name under which a
 * target of ours would find them.
 */
#ifndef ADMIN_PRICES_H
#define ADMIN_PRICES_H

#include <jansson.h>
#include <stddef.h>

struct db;
struct err;

/* format: "litellm", "openrouter", "genai"; see price_import.c.  What is not understood (prices per
 * second, per page …) is left out and counted in *ret_skipped.  New reference. */
json_t *price_file_read(struct db *, const char *format, const char *text, size_t len, int64_t *ret_skipped,
			struct err *err);

extern const char *const price_formats[];

/* A body whose model is written "provider/model", as people and chains do, with the two apart; where
 * no provider is called so the name is a model's (resellers have such).  New reference. */
json_t *price_names_apart(struct db *, json_t *body);

#endif
