/* SPDX-License-Identifier: MIT */
/*
 * fields.h — members of bodies that several objects have, read into rows and written out of them.
 *
 * Reading: absent leaves the row as it is, null takes the value away.  Writing: what is not there is
 * null, so that a body made of it puts exactly that state back.
 */
#ifndef ADMIN_FIELDS_H
#define ADMIN_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct err;

/* Replaces *text (owned); at most max characters. */
int field_text(json_t *body, const char *name, size_t max, char **text, struct err *err);
/* At least 1; STORE_NONE is none. */
int field_limit(json_t *body, const char *name, int64_t *limit, struct err *err);
/* rpm, tpm, parallel. */
int field_limits(json_t *body, int64_t *rpm, int64_t *tpm, int64_t *parallel, struct err *err);
void field_add_limits(json_t *object, int64_t rpm, int64_t tpm, int64_t parallel);
/* A list of model names, kept as JSON text; "openai/" with a star behind it is all of a provider's. */
int field_models(json_t *body, char **models, struct err *err);
void field_add_models(json_t *object, const char *models);
/* markup_percent, a decimal with at most four places ↔ millionths. */
int field_markup(json_t *body, int64_t *markup_ppm, struct err *err);
void field_add_markup(json_t *object, int64_t markup_ppm);
/* An object, kept as JSON text. */
int field_object(json_t *body, const char *name, char **text, struct err *err);
/* JSON text back as a value; null where there is none. */
void field_add_json(json_t *object, const char *name, const char *text);
/* A time in a body: RFC 3339, a date, or a duration from now. */
int field_expiry(json_t *body, const char *name, int64_t now_ms, int64_t *at_ms, struct err *err);
/* As json_add_time, for rows: STORE_NONE is null. */
void field_add_time(json_t *object, const char *name, int64_t wall_ms);

/* Whether the body has the member and it is null. */
bool field_is_null(json_t *body, const char *name);

#endif
