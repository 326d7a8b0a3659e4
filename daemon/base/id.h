/* SPDX-License-Identifier: MIT */
/*
 * id.h — our own ids for calls: 63 bits that sort by time.
 *
 *   43 bits  milliseconds since 2024-01-01 UTC
 *    6 bits  who made it (a worker's number)
 *   14 bits  a sequence within that millisecond
 *
 * As text "call_" and 13 characters of Crockford's base 32, which sort the same.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_EPOCH_MS INT64_C(1704067200000)
#define ID_TEXT 32

/* One maker of ids; used by one thread. */
struct id_source {
	int64_t last;   /* the id made last; ids of one source always grow, even when the clock goes back */
	unsigned who;   /* 0 to 63 */
};

/* last: the newest id there is, whoever made it; 0: none. */
void id_source_init(struct id_source *source, unsigned who, int64_t last);
int64_t id_next(struct id_source *source, int64_t wall_ms);
int64_t id_wall_ms(int64_t id);

/* The smallest id that could have been made at this time, for ranges over time. */
int64_t id_first_at(int64_t wall_ms);

const char *id_format(int64_t id, char out[ID_TEXT]);
bool id_parse(const char *text, int64_t *ret_id);

/* prefix and n random characters of base 62, from the system's generator.  out has room for them and a NUL. */
void id_random(char *out, const char *prefix, size_t n);

#endif
