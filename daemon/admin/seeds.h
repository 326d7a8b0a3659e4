/* SPDX-License-Identifier: MIT */
/*
 * seeds.h — what comes back by itself: objects that the configuration file or the environment names.
 *
 * What they name and the database lacks is created at each start.  Who deletes such an object is told.
 */
#ifndef ADMIN_SEEDS_H
#define ADMIN_SEEDS_H

#include <jansson.h>

struct admin;
struct change;
struct config;

/* What was seeded last: at the start, at SIGHUP. */
void seeds_note(struct admin *, const struct config *);
void seeds_release(struct admin *);

/* A sentence for a change that deletes an object which will be created again; NULL for any other. */
const char *seeds_warning(const struct admin *, const struct change *);

#endif
