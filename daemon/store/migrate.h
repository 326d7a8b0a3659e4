/* SPDX-License-Identifier: MIT */
/* migrate.h — from any released shape of the database to a given one; db_migrate() is the usual way. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

struct db;
struct err;
struct schema_file;

/* files: "NNNN-what.sql" in the order of their numbers, others are passed over; ends with name NULL. */
int migrate_to(struct db *, const struct schema_file *files, struct err *err);

#endif
