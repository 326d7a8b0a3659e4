/* SPDX-License-Identifier: MIT */
/* Help and shell completion are made from the table of commands here. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/command.h"

static bool same_noun(const struct command *a, const struct command *b)
{
	return b->noun != NULL && strcmp(a->noun, b->noun) == 0;
}

static void print_usage(const struct command *c)
{
	printf("tollgate %s%s%s%s%s", c->noun, c->verb ? " " : "", c->verb ? c->verb : "", c->arguments[0] ? " " : "",
	       c->arguments);
}

/* "list show create …", or what the command does where the noun is the command. */
static void print_noun_line(const struct command *c)
{
	printf("  %-11s", c->noun);
	if (c->verb == NULL)
		printf(" %s", c->help);
	for (const struct command *verb = c; same_noun(c, verb); verb++)
		if (verb->verb != NULL)
			printf("%s%s", verb == c || c->verb != NULL ? " " : "; ", verb->verb);
	putchar('\n');
}

void help_all(void)
{
	puts("usage: tollgate [--socket PATH] [--json] COMMAND …\n\n"
	     "Without a command, on a terminal: the dashboard.\n");
	for (const struct command *c = commands; c->noun != NULL; c++)
		if (c == commands || !same_noun(c, c - 1))
			print_noun_line(c);
	puts("\ntollgate COMMAND --help says more.  stdout is data, stderr is talk; the exit status is 0 when all\n"
	     "is well, 1 when it failed, 2 when it was not understood, 3 when no daemon answers.");
}

static void help_noun(const char *noun)
{
	for (const struct command *c = commands; c->noun != NULL; c++) {
		if (strcmp(c->noun, noun) != 0)
			continue;
		print_usage(c);
		printf("\n    %s\n", c->help);
	}
}

static void print_flag(const struct flag *flag)
{
	char left[64];

	snprintf(left, sizeof(left), "%s%c%s--%s%s%s", flag->letter ? "-" : "", flag->letter ? flag->letter : ' ',
		 flag->letter ? ", " : "   ", flag->name, flag->argument ? " " : "",
		 flag->argument ? flag->argument : "");
	printf("  %-30s %s\n", left, flag->help);
}

static void help_command(const struct command *command)
{
	print_usage(command);
	printf("\n\n%s.\n\n", command->help);
	for (int id = 0; id < NUM_FLAGS; id++)
		if (command_takes(command, (enum flag_id)id))
			print_flag(&flags[id]);
}

/* The row of these words; that of a noun alone, or of a command whose arguments followed, where no
 * verb fits. */
static const struct command *find(const struct cli *cli)
{
	const struct command *found = NULL;

	for (const struct command *c = commands; c->noun != NULL; c++) {
		if (strcmp(c->noun, cli->args[0]) != 0)
			continue;
		if (cli->num_args > 1 && c->verb != NULL && strcmp(c->verb, cli->args[1]) == 0)
			return c;
		if (found == NULL && (cli->num_args == 1 || c->verb == NULL))
			found = c;
	}
	return found;
}

int help_run(struct cli *cli)
{
	const struct command *found = cli->num_args > 0 ? find(cli) : NULL;
	struct err err;

	if (cli->num_args == 0) {
		help_all();
	} else if (found == NULL) {
		err_set(&err, ERR_INVALID, "no such command: %s", cli->args[0]);
		return cli_usage_error(cli, &err);
	} else if (cli->num_args == 1 && same_noun(found, found + 1)) {
		help_noun(found->noun);
	} else {
		help_command(found);
	}
	return CLI_OK;
}

/* -- Completion ------------------------------------------------------------------------------------ */

static void print_nouns(void)
{
	for (const struct command *c = commands; c->noun != NULL; c++)
		if (c == commands || !same_noun(c, c - 1))
			printf("%s%s", c == commands ? "" : " ", c->noun);
}

static void print_flags(const struct command *command)
{
	for (int id = 0; id < NUM_FLAGS; id++)
		if (command_takes(command, (enum flag_id)id))
			printf(" --%s", flags[id].name);
}

/* One arm of a case: the words that may follow "noun" or "noun verb". */
static void print_arms(const struct command *c)
{
	bool first = c == commands || !same_noun(c, c - 1);

	if (first) {
		printf("\t%s) words=\"", c->noun);
		for (const struct command *verb = c; same_noun(c, verb); verb++)
			printf("%s%s", verb == c ? "" : " ", verb->verb ? verb->verb : "");
		if (c->verb == NULL)
			print_flags(c);
		puts("\" ;;");
	}
	if (c->verb != NULL) {
		printf("\t\"%s %s\") words=\"", c->noun, c->verb);
		print_flags(c);
		puts("\" ;;");
	}
}

int completion_run(struct cli *cli)
{
	struct err err;

	if (strcmp(cli->args[0], "bash") != 0) {
		err_set(&err, ERR_INVALID, "%s is not known; bash is: source <(tollgate completion bash)", cli->args[0]);
		return cli_usage_error(cli, &err);
	}
	puts("_tollgate() {\n"
	     "\tlocal words key at=1\n"
	     "\twhile [[ ${COMP_WORDS[at]} == -* && $at -lt $COMP_CWORD ]]; do\n"
	     "\t\t[[ ${COMP_WORDS[at]} == --socket ]] && at=$((at + 1))\n"
	     "\t\tat=$((at + 1))\n"
	     "\tdone\n"
	     "\tkey=${COMP_WORDS[*]:at:2}\n"
	     "\t[[ $COMP_CWORD -le $((at + 1)) ]] && key=${COMP_WORDS[at]}\n"
	     "\t[[ $COMP_CWORD -le $at ]] && key=\n"
	     "\tcase \"$key\" in");
	printf("\t'') words=\"--socket --json --help --version ");
	print_nouns();
	puts("\" ;;");
	for (const struct command *c = commands; c->noun != NULL; c++)
		print_arms(c);
	puts("\tesac\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
	     "\t[[ ${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\")\n"
	     "}\n"
	     "complete -F _tollgate tollgate");
	return CLI_OK;
}
