/* SPDX-License-Identifier: MIT */
/* A command line is understood here, or it is said what would have been right. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/command.h"

#define MAX_WORDS 64

const struct flag flags[NUM_FLAGS] = {
#define FLAG(id, name, letter, argument, kind, member, help) \
	[FLAG_##id] = {name, letter, argument, KIND_##kind, member, help},
#include "cli/flags.def"
#undef FLAG
};

/* Taken by every command. */
static const enum flag_id common[] = {FLAG_SOCKET, FLAG_JSON, FLAG_HELP, FLAG_VERSION};

bool next_word(const char **list, const char **ret_word, size_t *ret_len)
{
	*ret_word = *list + strspn(*list, " ");
	*ret_len = strcspn(*ret_word, " ");
	*list = *ret_word + *ret_len;
	return *ret_len > 0;
}

bool command_takes(const struct command *command, enum flag_id id)
{
	const char *list = command->flags, *word;
	size_t len;

	for (size_t i = 0; i < ARRAY_LEN(common); i++)
		if (common[i] == id)
			return true;
	while (next_word(&list, &word, &len))
		if (strlen(flags[id].name) == len && memcmp(flags[id].name, word, len) == 0)
			return true;
	return false;
}

void options_arity(const char *arguments, size_t *ret_min, size_t *ret_max)
{
	const char *word;
	size_t len;

	*ret_min = *ret_max = 0;
	while (next_word(&arguments, &word, &len)) {
		*ret_min += *word != '[';
		*ret_max = memmem(word, len, "...", 3) != NULL ? CLI_MAX_ARGS : *ret_max + 1;
	}
}

/* -- Flags ----------------------------------------------------------------------------------------- */

/* What was read off the command line before it is known which command it is. */
struct words {
	const char *positional[CLI_MAX_ARGS + 2];
	size_t num_positional;
	const char *unknown;    /* the first flag that nobody has */
};

static int find_flag(const char *name, size_t len)
{
	for (int id = 0; id < NUM_FLAGS; id++)
		if (strlen(flags[id].name) == len && memcmp(flags[id].name, name, len) == 0)
			return id;
	return -1;
}

static int find_letter(char letter)
{
	for (int id = 0; id < NUM_FLAGS; id++)
		if (flags[id].letter == letter)
			return id;
	return -1;
}

/* argv[*at] begins with a dash; *at is left at the last word that was used. */
static int take_flag(struct cli *cli, struct words *words, int argc, char **argv, int *at, struct err *err)
{
	const char *word = argv[*at], *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	int id = word[1] == '-' ? find_flag(word + 2, len - 2) : len == 2 ? find_letter(word[1]) : -1;

	if (id < 0) {
		words->unknown = words->unknown ? words->unknown : word;
		return CLI_OK;
	}
	if (flags[id].kind == KIND_SWITCH) {
		if (equals != NULL) {
			err_set(err, ERR_INVALID, "--%s takes no value", flags[id].name);
			return CLI_USAGE;
		}
		cli->values[id] = "";
		return CLI_OK;
	}
	if (equals == NULL && *at + 1 >= argc) {
		err_set(err, ERR_INVALID, "--%s needs a value: --%s %s", flags[id].name, flags[id].name,
			flags[id].argument);
		return CLI_USAGE;
	}
	cli->values[id] = equals ? equals + 1 : argv[++*at];
	return CLI_OK;
}

static int take_word(struct words *words, const char *word, struct err *err)
{
	if (words->num_positional == ARRAY_LEN(words->positional)) {
		err_set(err, ERR_INVALID, "too many arguments, beginning with '%s'", word);
		return CLI_USAGE;
	}
	words->positional[words->num_positional++] = word;
	return CLI_OK;
}

static int read_words(struct cli *cli, struct words *words, int argc, char **argv, struct err *err)
{
	bool flags_end = false;
	int code = CLI_OK;

	for (int at = 1; at < argc && code == CLI_OK; at++) {
		const char *word = argv[at];

		if (flags_end || word[0] != '-' || word[1] == '\0')
			code = take_word(words, word, err);
		else if (strcmp(word, "--") == 0)
			flags_end = true;
		else
			code = take_flag(cli, words, argc, argv, &at, err);
	}
	return code;
}

/* -- Commands -------------------------------------------------------------------------------------- */

/* Appends "; did you mean PREFIXword?" where one of the candidates is near. */
static int suggest(struct err *err, const char *word, const char **candidates, size_t n, const char *prefix)
{
	size_t len = strlen(err->text);
	const char *near;

	candidates[n] = NULL;
	near = text_suggest(word, candidates);
	if (near != NULL)
		snprintf(err->text + len, sizeof(err->text) - len, "; did you mean %s%s?", prefix, near);
	return CLI_USAGE;
}

static int no_such_noun(const char *word, struct err *err)
{
	const char *nouns[MAX_WORDS + 1];
	size_t n = 0;

	for (const struct command *c = commands; c->noun != NULL && n < MAX_WORDS; c++)
		if (n == 0 || strcmp(nouns[n - 1], c->noun) != 0)
			nouns[n++] = c->noun;
	err_set(err, ERR_INVALID, "no such command: %s", word);
	return suggest(err, word, nouns, n, "");
}

static int no_such_verb(const char *noun, const char *word, struct err *err)
{
	const char *verbs[MAX_WORDS + 1];
	char list[256] = "";
	size_t n = 0, used = 0;

	for (const struct command *c = commands; c->noun != NULL && n < MAX_WORDS; c++) {
		if (strcmp(c->noun, noun) != 0 || c->verb == NULL)
			continue;
		used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", n ? ", " : "", c->verb);
		verbs[n++] = c->verb;
	}
	if (word == NULL) {
		err_set(err, ERR_INVALID, "%s what? %s", noun, list);
		return CLI_USAGE;
	}
	if (n == 0) {
		err_set(err, ERR_INVALID, "one argument too many: %s", word);
		return CLI_USAGE;
	}
	err_set(err, ERR_INVALID, "%s knows no %s, but %s", noun, word, list);
	return suggest(err, word, verbs, n, "");
}

/* The command of these words, and how many of them named it. */
static int find_command(const struct words *words, const struct command **ret, size_t *ret_used, struct err *err)
{
	const char *noun = words->positional[0];
	const char *verb = words->num_positional > 1 ? words->positional[1] : NULL;
	bool known = false;

	for (const struct command *c = commands; c->noun != NULL; c++) {
		if (strcmp(c->noun, noun) != 0)
			continue;
		known = true;
		if (c->verb == NULL) {
			*ret = c;
			*ret_used = 1;
		} else if (verb != NULL && strcmp(c->verb, verb) == 0) {
			*ret = c;
			*ret_used = 2;
			return CLI_OK;
		}
	}
	if (*ret != NULL)
		return CLI_OK;
	return known ? no_such_verb(noun, verb, err) : no_such_noun(noun, err);
}

static int wrong_flag(const struct command *command, const char *word, struct err *err)
{
	const char *names[NUM_FLAGS + 1];
	char name[64];
	size_t n = 0;

	for (int id = 0; id < NUM_FLAGS; id++)
		if (command_takes(command, (enum flag_id)id))
			names[n++] = flags[id].name;
	copy_text(name, sizeof(name), word + strspn(word, "-"));
	name[strcspn(name, "=")] = '\0';
	err_set(err, ERR_INVALID, "%s%s%s has no flag --%s", command->noun, command->verb ? " " : "",
		command->verb ? command->verb : "", name);
	return suggest(err, name, names, n, "--");
}

static int check_flags(const struct cli *cli, const struct words *words, struct err *err)
{
	if (words->unknown != NULL)
		return wrong_flag(cli->command, words->unknown, err);
	for (int id = 0; id < NUM_FLAGS; id++)
		if (cli->values[id] != NULL && !command_takes(cli->command, (enum flag_id)id))
			return wrong_flag(cli->command, flags[id].name, err);
	for (int id = 0; id < NUM_FLAGS; id++)
		if (cli->values[id] != NULL && flag_check((enum flag_id)id, cli->values[id], err) != CLI_OK)
			return CLI_USAGE;
	return CLI_OK;
}

static int check_arity(const struct cli *cli, struct err *err)
{
	size_t min, max;

	options_arity(cli->command->arguments, &min, &max);
	if (cli->num_args >= min && cli->num_args <= max)
		return CLI_OK;
	if (cli->num_args > max && max == 0 && cli->command->verb == NULL)
		return no_such_verb(cli->command->noun, cli->args[0], err);
	if (cli->num_args > max)
		err_set(err, ERR_INVALID, "one argument too many: %s", cli->args[max]);
	else
		err_set(err, ERR_INVALID, "something is missing: %s", cli->command->arguments);
	return CLI_USAGE;
}

static int no_command(const struct words *words, struct err *err)
{
	if (words->unknown == NULL)
		return CLI_OK;
	err_set(err, ERR_INVALID, "no such flag: %s", words->unknown);
	return CLI_USAGE;
}

static void take_args(struct cli *cli, const struct words *words, size_t from)
{
	for (size_t i = from; i < words->num_positional && cli->num_args < CLI_MAX_ARGS; i++)
		cli->args[cli->num_args++] = words->positional[i];
}

int options_parse(struct cli *cli, int argc, char **argv, struct err *err)
{
	struct words words = {0};
	size_t used = 0;

	if (read_words(cli, &words, argc, argv, err) != CLI_OK)
		return CLI_USAGE;
	/* Help is about whatever words are there, complete or not. */
	if (cli_has(cli, FLAG_HELP)) {
		take_args(cli, &words, 0);
		return CLI_OK;
	}
	if (words.num_positional == 0)
		return no_command(&words, err);
	if (find_command(&words, &cli->command, &used, err) != CLI_OK)
		return CLI_USAGE;
	take_args(cli, &words, used);
	cli->json = cli_has(cli, FLAG_JSON);
	if (check_flags(cli, &words, err) != CLI_OK)
		return CLI_USAGE;
	return check_arity(cli, err);
}
