/* SPDX-License-Identifier: MIT */
/*
 * config.h — settings from options, environment and the YAML file, and what the file seeds.
 *
 * The objects of the file (providers, chains, teams, prices) are kept as JSON in the very shapes
 * the admin API takes, so that seeding, apply and diff go through the same code as a person's
 * change.  An unknown key, a bad value or a dangling reference is an error that names file, line and
 * the nearest word that would be right.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <jansson.h>
#include <stddef.h>

#include "config/settings.h"

struct err;
struct buf;

struct config {
	struct settings settings;
	json_t *providers, *chains, *teams, *prices;    /* lists, never NULL */
};

/* The defaults of this user and environment ($TOLLGATE_HOME, $XDG_STATE_HOME …). */
void config_init(struct config *);
void config_release(struct config *);

/* Reads a file's text over what is there: objects of the same name take the place of earlier ones.
 * file names it in errors.  After a failure the settings may have changed, the objects have not. */
int config_parse(struct config *, const char *text, size_t len, const char *file, struct err *err);
int config_load(struct config *, const char *path, struct err *err);

/* One setting by its name, from a command line option; the same checks as in the file. */
int config_set(struct config *, const char *name, const char *value, struct err *err);

/* Providers whose usual variable is in the environment and that the file does not name. */
void config_add_from_environment(struct config *);

/* The objects of a state in the admin API's shapes as such a file. */
int config_write(const json_t *providers, const json_t *chains, const json_t *teams, const json_t *prices,
		 struct buf *out, struct err *err);

/* "env:NAME" (or "env:A:B:C?": values joined by colons, the last one when there is one) and "file:PATH" are
 * looked up, "box:…" is opened, a literal is itself.  The caller frees *ret (with sodium_memzero before).
 * home holds the sealing key. */
int secret_resolve(const char *credential, const char *home, char **ret, struct err *err);
/* Whether it can be a credential: env:NAME, file:/PATH or a literal of one line. */
int secret_check(const char *given, struct err *err);
/* What goes into the database: env: and file: as they are, a literal sealed as "box:…". */
int secret_store(const char *given, const char *home, char **ret, struct err *err);

#endif
