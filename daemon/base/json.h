/* SPDX-License-Identifier: MIT */
/*
 * json.h — jansson with errors that name the field, and with money and time in their one form.
 *
 * Functions that return json_t * return a new reference; those named _peek borrow.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct buf;

/* NULL and *err ("not valid JSON at byte 12: …") on failure; nesting is limited as in jscan.h. */
json_t *json_parse(const char *text, size_t len, struct err *err);

/* Refuses members that are not in allowed (NULL-terminated), naming the nearest that is. */
int json_check_members(json_t *object, const char *const *allowed, struct err *err);

/*
 * Typed reading.  Absent or null leaves *ret as it is and returns 0; a value of another type is
 * ERR_INVALID, "rpm: expected a whole number, found a string".
 */
int json_read_text(json_t *object, const char *name, const char **ret_borrowed, struct err *err);
int json_read_int(json_t *object, const char *name, int64_t min, int64_t max, int64_t *ret,
		  struct err *err);
int json_read_bool(json_t *object, const char *name, bool *ret, struct err *err);
/* A decimal string or a number, in USD; exact to nine places. */
int json_read_money(json_t *object, const char *name, int64_t *ret_nusd, struct err *err);
/* A duration ("30s") or RFC 3339. */
int json_read_duration(json_t *object, const char *name, int64_t *ret_ms, struct err *err);
int json_read_time(json_t *object, const char *name, int64_t now_ms, int64_t *ret_ms, struct err *err);

/* Borrowed; NULL or the default where it is absent or of another type. */
const char *json_text_peek(const json_t *object, const char *name);
int64_t json_int_peek(const json_t *object, const char *name, int64_t otherwise);
bool json_bool_peek(const json_t *object, const char *name);
/* Nano-dollars of a decimal string; COST_UNKNOWN where it is absent, null or malformed. */
int64_t json_money_peek(const json_t *object, const char *name);
int64_t json_time_peek(const json_t *object, const char *name); /* wall ms, or 0 */

/* Writing: unknown is null. */
void json_add_text(json_t *object, const char *name, const char *text);         /* NULL → null */
void json_add_int(json_t *object, const char *name, int64_t n);                 /* INT64_MIN → null */
void json_add_bool(json_t *object, const char *name, bool b);
void json_add_money(json_t *object, const char *name, int64_t nusd);            /* "12.5"; unknown → null */
void json_add_time(json_t *object, const char *name, int64_t wall_ms);          /* RFC 3339; 0 → null */
void json_add(json_t *object, const char *name, json_t *value);                 /* steals value; NULL → null */

/* Compact text appended to out.  False when out's ceiling was reached. */
bool json_print(const json_t *value, struct buf *out);

/* The same as a text that the caller frees; NULL for NULL. */
char *json_to_text(const json_t *value);

const char *json_type_name(const json_t *value);  /* "a string", "an object" … */

#endif
