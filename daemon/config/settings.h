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
#define SETTING_C_age int64_t

/* Row by row from schema/settings.def; texts owned; ages in ms, 0: for ever. */
struct settings {
#define SETTING(type, name, ...) SETTING_C_##type name;
#include "schema/settings.def"
#undef SETTING
};

enum setting_type {
	SETTING_text, SETTING_path, SETTING_address, SETTING_choice, SETTING_number, SETTING_flag, SETTING_age
};

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
/* Whether there are settings GROUP_…, which may stand together as a mapping. */
bool setting_is_group(const char *group);

/* The defaults of this user and environment.  Nothing in *s is freed before. */
void settings_init(struct settings *s);
void settings_release(struct settings *s);

/* Checks and takes the value; the error says what was expected, not of which setting. */
int settings_set(struct settings *s, const struct setting *setting, const char *value, struct err *err);

/* "X: no such setting; did you mean Y?", where others (ends with NULL) may be said there, too. */
int settings_unknown(const char *name, const char *const *others, struct err *err);

#endif
