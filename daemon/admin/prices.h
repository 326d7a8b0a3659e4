/* SPDX-License-Identifier: MIT */
/*
 * prices.h — how prices are named and read: bodies, price files of other people, the catalogue.
 *
 * Each format of a file becomes a list of prices in the shape of the admin API, for every name under which
 * a target of ours would find them.
 */
#ifndef ADMIN_PRICES_H
#define ADMIN_PRICES_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct err;
struct price_row;

/* format: "litellm", "openrouter", "genai"; see price_import.c.  What is not understood (prices per
 * second, per page …) is left out and counted in *ret_skipped.  New reference. */
json_t *price_file_read(struct db *, const char *format, const char *text, size_t len, int64_t *ret_skipped,
			struct err *err);

extern const char *const price_formats[];

/* A body whose model is written "provider/model", as people and chains do, with the two apart; where
 * no provider is called so the name is a model's (resellers have such).  New reference. */
json_t *price_names_apart(struct db *, json_t *body);

/* A price as a body says it; from_at is STORE_NONE where it has no date.  by_whom: its source, unless it names
 * one.  What the row holds is to be released also after a failure. */
int price_read(json_t *body, const char *by_whom, int64_t now_ms, struct price_row *ret, struct err *err);

/* Takes over a catalogue (schema/prices.json) that is newer than the one before, inside the caller's transaction;
 * see price_catalogue.c. */
int price_catalogue_load(struct db *, const char *text, size_t len, int64_t now_ms, struct err *err);

#endif
