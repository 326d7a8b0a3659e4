/* SPDX-License-Identifier: MIT */
/* Settings get their defaults here, and values from outside are checked. */
#include "config/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "loop/listen.h"

#define MAX_NAMES 64
#define DAY_MS INT64_C(86400000)

const struct setting setting_rows[] = {
#define SETTING(type, name, fallback, choices, min, max, help)                                              \
	{#name, SETTING_##type, fallback, choices, min, max, help, offsetof(struct settings, name)},
#include "schema/settings.def"
#undef SETTING
	{.name = NULL},
};

const struct setting *setting_find(const char *name)
{
	for (const struct setting *row = setting_rows; row->name != NULL; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

bool setting_is_group(const char *group)
{
	size_t len = strlen(group);

	for (const struct setting *row = setting_rows; row->name != NULL; row++)
		if (strncmp(row->name, group, len) == 0 && row->name[len] == '_')
			return true;
	return false;
}

/* -- defaults of this user and environment -- */

static const char *environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* XDG base directory specification, state; systems without $HOME get the working directory. */
static char *default_home(void)
{
	const char *given = environment("TOLLGATE_HOME"), *state = environment("XDG_STATE_HOME");
	const char *home = environment("HOME");

	if (given != NULL)
		return xstrdup(given);
	if (geteuid() == 0)
		return xstrdup("/var/lib/tollgate");
	if (state != NULL)
		return xasprintf("%s/tollgate", state);
	return xasprintf("%s/.local/state/tollgate", home != NULL ? home : ".");
}

/* The same rule as the clients', who must find it. */
static char *default_socket(void)
{
	const char *given = environment("TOLLGATE_SOCKET"), *runtime = environment("XDG_RUNTIME_DIR");

	if (given != NULL)
		return xstrdup(given);
	if (geteuid() == 0)
		return xstrdup("/run/tollgate/admin.sock");
	if (runtime != NULL)
		return xasprintf("%s/tollgate/admin.sock", runtime);
	return xasprintf("/tmp/tollgate-%u/admin.sock", (unsigned)geteuid());
}

void settings_init(struct settings *s)
{
	*s = (struct settings){.home = default_home(), .socket = default_socket()};
	for (const struct setting *row = setting_rows; row->name != NULL; row++)
		if (row->fallback != NULL)
			settings_set(s, row, row->fallback, NULL);
}

static bool is_text(const struct setting *row)
{
	return row->type != SETTING_number && row->type != SETTING_flag && row->type != SETTING_age;
}

static void *place(struct settings *s, const struct setting *row)
{
	return (char *)s + row->offset;
}

void settings_release(struct settings *s)
{
	for (const struct setting *row = setting_rows; row->name != NULL; row++)
		if (is_text(row))
			free(*(char **)place(s, row));
	*s = (struct settings){.listen = NULL};
}

/* -- values from outside -- */

static int check_length(const struct setting *row, const char *value, struct err *err)
{
	size_t len = strlen(value);

	if (len >= (size_t)row->min && len <= (size_t)row->max)
		return 0;
	return err_set(err, ERR_INVALID, "expected %lld to %lld characters, found %zu", (long long)row->min,
		       (long long)row->max, len);
}

/* Whether the word stands in a list of words with a space between. */
static bool list_has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; len > 0 && (at = strstr(at, word)) != NULL; at++)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static int check_choice(const struct setting *row, const char *value, struct err *err)
{
	if (strchr(value, ' ') == NULL && list_has(row->choices, value))
		return 0;
	return err_set(err, ERR_INVALID, "expected one of: %s; found \"%.100s\"", row->choices, value);
}

static int check_text(const struct setting *row, const char *value, struct err *err)
{
	switch (row->type) {
	case SETTING_address:
		return listen_check(value, err);
	case SETTING_choice:
		return check_choice(row, value, err);
	case SETTING_text:
	case SETTING_path:
		return check_length(row, value, err);
	case SETTING_number:
	case SETTING_flag:
	case SETTING_age:
		break;
	}
	return 0;
}

static int parse_number(const struct setting *row, const char *value, int64_t *ret, struct err *err)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (end == value || *end != '\0' || errno != 0 || n < row->min || n > row->max)
		return err_set(err, ERR_INVALID, "expected a whole number from %lld to %lld, found \"%.100s\"",
			       (long long)row->min, (long long)row->max, value);
	*ret = n;
	return 0;
}

static int parse_flag(const char *value, bool *ret, struct err *err)
{
	bool yes = strcmp(value, "true") == 0 || strcmp(value, "yes") == 0 || strcmp(value, "on") == 0;
	bool no = strcmp(value, "false") == 0 || strcmp(value, "no") == 0 || strcmp(value, "off") == 0;

	if (!yes && !no)
		return err_set(err, ERR_INVALID, "expected true or false, found \"%.100s\"", value);
	*ret = yes;
	return 0;
}

static int parse_age(const struct setting *row, const char *value, int64_t *ret, struct err *err)
{
	int64_t ms = 0;

	if (strcmp(value, "forever") != 0 &&
	    (!duration_parse(value, &ms) || ms < row->min * DAY_MS || ms > row->max * DAY_MS))
		return err_set(err, ERR_INVALID, "expected an age from %lldd to %lldd, or forever; found \"%.100s\"",
			       (long long)row->min, (long long)row->max, value);
	*ret = ms;
	return 0;
}

int settings_set(struct settings *s, const struct setting *row, const char *value, struct err *err)
{
	char **text;

	if (row->type == SETTING_number)
		return parse_number(row, value, place(s, row), err);
	if (row->type == SETTING_flag)
		return parse_flag(value, place(s, row), err);
	if (row->type == SETTING_age)
		return parse_age(row, value, place(s, row), err);
	if (check_text(row, value, err) < 0)
		return ERR_INVALID;
	text = place(s, row);
	free(*text);
	*text = xstrdup(value);
	return 0;
}

int settings_unknown(const char *name, const char *const *others, struct err *err)
{
	const char *names[MAX_NAMES + 1], *near;
	size_t n = 0;

	for (const struct setting *row = setting_rows; row->name != NULL && n < MAX_NAMES; row++)
		names[n++] = row->name;
	for (; others != NULL && *others != NULL && n < MAX_NAMES; others++)
		names[n++] = *others;
	names[n] = NULL;
	near = text_suggest(name, names);
	return err_set(err, ERR_INVALID, "%.100s: no such setting%s%s%s", name, near != NULL ? "; did you mean " : "",
		       near != NULL ? near : "", near != NULL ? "?" : "");
}
