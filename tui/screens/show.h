/* SPDX-License-Identifier: MIT */
/* show.h — members of a JSON row as the text of a cell; unknown is "-". */
#ifndef SCREENS_SHOW_H
#define SCREENS_SHOW_H

#include "base/json.h"
#include "draw/table.h"

void show_text(struct cell *, const json_t *row, const char *member);
void show_dollars(struct cell *, const json_t *row, const char *member);
/* As dollars; "0.00" in dim, so that what spends stands out. */
void show_rate(struct cell *, const json_t *row, const char *member);
void show_count(struct cell *, const json_t *row, const char *member);
void show_latency(struct cell *, const json_t *row, const char *member);
/* Percent with one place; bad from 10, warn from 2. */
void show_percent(struct cell *, const json_t *row, const char *member);
/* How long ago, and how long still. */
void show_age(struct cell *, const json_t *row, const char *member);
void show_left(struct cell *, const json_t *row, const char *member);

void show_calls_per_s(struct cell *, const json_t *provider);
/* A provider's state: "up", "degraded", "off alice"; by its letter. */
void show_provider_state(struct cell *, const json_t *provider);
enum role letter_role(char letter);
/* The last letters of its minutes, one cell each. */
void show_minutes(const json_t *provider, struct area, int y, int x, int width);

/* The same rows, ordered by what they spend at this hour, the most first; a new reference. */
json_t *dearest_first(const json_t *rows);

/* The first budget for all models, or NULL. */
const json_t *main_budget(const json_t *object);
/* Numbers of an array into values; returns how many. */
size_t read_numbers(const json_t *array, int64_t *values, size_t max);

/* "payments" as a path segment: prefix + escaped name + suffix; the caller frees. */
char *path_of(const char *prefix, const char *name, const char *suffix);
int64_t revision_of(const json_t *object);

/* What was done: "disable" of "provider.disable". */
const char *change_verb(const json_t *entry);
bool change_was_refused(const json_t *entry);
/* One line of the audit: "13:40 alice    provider openai  disable". */
void show_change(struct area, int y, const json_t *entry);

#endif
