/* SPDX-License-Identifier: MIT */
/* apply.h — a configuration file against the database: what is missing, what differs. */
#ifndef ADMIN_APPLY_H
#define ADMIN_APPLY_H

struct config;
struct db;
struct err;

/* Makes what the file names and the database lacks; what is there is left alone.  Inside the
 * caller's transaction. */
int seed_missing(struct db *, const struct config *, struct err *err);

#endif
