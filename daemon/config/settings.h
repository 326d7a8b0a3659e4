/* SPDX-License-Identifier: MIT */
/* settings.h — the rows of schema/settings.def, and one setting given, checked and kept. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define SETTING_C_text char *
#define SETTING_C_path char *
#define SETTING_C_address char *
#define SETTING_C_choice char *
#define SETTING_C_number int64_t
#define SETTING_C_flag bool

/* Row by row from schema/settings.def; texts owned. */
struct settings {
#define SETTING(type, name, ...) SETTING_C_##type name;
#include "schema/settings.def"
#undef SETTING
};

enum setting_type { SETTING_text, SETTING_path, SETTING_address, SETTING_choice, SETTING_number, SETTING_flag };

struct setting {
	const char *name;
	enum setting_type type;
	const char *fallback, *choices;
	int64_t min, max;
	const char *help;
	size_t offset;          /* in struct settings */
};

/* Ends with name == NULL. */
extern const struct setting setting_rows[];

const struct setting *setting_find(const char *name);

/* The defaults of this user and environment.  Nothing in *s is freed before. */
void settings_init(struct settings *s);
void settings_release(struct settings *s);

/* Checks and takes the value; the error says what was expected, not of which setting. */
int settings_set(struct settings *s, const struct setting *setting, const char *value, struct err *err);

/* "X: no such setting; did you mean Y?", where others (ends with NULL) may be said there, too. */
int settings_unknown(const char *name, const char *const *others, struct err *err);

#endif
