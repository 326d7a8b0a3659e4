/* SPDX-License-Identifier: MIT */
/* Command lines are understood, or it is said what would have been right. */
#include <stdlib.h>

#include "check.h"
#include "cli/command.h"

#define MAX 16

/* Parses "team list --json" as a shell without quotes would. */
static int parse(struct cli *cli, const char *line, struct err *err)
{
	static char text[256];
	char *argv[MAX + 1] = {(char *)"tollgate"}, *save = NULL;
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &save); word != NULL && argc < MAX; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	*cli = (struct cli){0};
	*err = (struct err){0};
	return options_parse(cli, argc, argv, err);
}

static void check_error(const char *line, const char *text)
{
	struct cli cli;
	struct err err;

	CHECK_INT(parse(&cli, line, &err), CLI_USAGE);
	CHECK_TEXT(err.text, text);
}

static void a_noun_and_a_verb_name_a_command(void)
{
	struct cli cli;
	struct err err;

	CHECK_INT(parse(&cli, "team create search --budget 500/month --rpm=600", &err), CLI_OK);
	CHECK_TEXT(cli.command->verb, "create");
	CHECK_INT(cli.num_args, 1);
	CHECK_TEXT(cli.args[0], "search");
	CHECK_TEXT(cli.values[FLAG_BUDGET], "500/month");
	CHECK_TEXT(cli.values[FLAG_RPM], "600");
}

static void a_noun_alone_may_be_a_command_beside_its_verbs(void)
{
	struct cli cli;
	struct err err;

	CHECK_INT(parse(&cli, "audit --who ann", &err), CLI_OK);
	CHECK(cli.command->verb == NULL);
	CHECK_INT(parse(&cli, "audit undo 12", &err), CLI_OK);
	CHECK_TEXT(cli.command->verb, "undo");
	check_error("audit undoo", "audit knows no undoo, but list, undo; did you mean undo?");
}

static void flags_stand_before_between_and_behind(void)
{
	struct cli cli;
	struct err err;

	CHECK_INT(parse(&cli, "--json --socket /s team -n 5 list", &err), CLI_OK);
	CHECK(cli.json);
	CHECK_TEXT(cli.values[FLAG_SOCKET], "/s");
	CHECK_TEXT(cli.values[FLAG_LIMIT], "5");
}

static void after_two_dashes_nothing_is_a_flag(void)
{
	struct cli cli;
	struct err err;

	CHECK_INT(parse(&cli, "chat m -- --json", &err), CLI_OK);
	CHECK(!cli.json);
	CHECK_TEXT(cli.args[1], "--json");
}

static void slips_of_the_finger_are_named(void)
{
	check_error("taem list", "no such command: taem; did you mean team?");
	check_error("provider disabel x", "provider knows no disabel, but list, show, kinds, add, update, enable, disable, "
					  "drain, clear, test, remove; did you mean disable?");
	check_error("team list --limt 3", "team list has no flag --limt; did you mean --limit?");
	check_error("team", "team what? list, show, why, create, update, block, unblock, delete");
}

static void a_flag_of_another_command_is_refused(void)
{
	check_error("team list --budget 5/day", "team list has no flag --budget");
	check_error("key show k --yes", "key show has no flag --yes");
}

static void arguments_are_counted(void)
{
	check_error("team show", "something is missing: TEAM");
	check_error("team show a b", "one argument too many: b");
	check_error("status now", "one argument too many: now");
	check_error("chain set smart", "something is missing: CHAIN TARGETS");
	check_error("team create t --budget", "--budget needs a value: --budget AMOUNT/WINDOW");
	check_error("team list --json=1", "--json takes no value");
}

static void values_are_checked_before_anything_is_sent(void)
{
	check_error("team create t --rpm many", "--rpm: expected a whole number, or none, found 'many'");
	check_error("price set m --input 1.0000000001",
		    "--input: expected USD with at most nine places, such as 2.50, or none, found '1.0000000001'");
	check_error("team create t --allow-unpriced maybe", "--allow-unpriced: expected yes or no, found 'maybe'");
	check_error("provider add p --options [1]", "--options: expected a JSON object, or none, found '[1]'");
}

static void help_needs_no_complete_command(void)
{
	struct cli cli;
	struct err err;

	CHECK_INT(parse(&cli, "team --help", &err), CLI_OK);
	CHECK(cli_has(&cli, FLAG_HELP));
	CHECK_TEXT(cli.args[0], "team");
	CHECK_INT(parse(&cli, "chain set -h", &err), CLI_OK);
	CHECK_INT(cli.num_args, 2);
}

static void flags_become_a_body(void)
{
	struct cli cli;
	struct err err;
	json_t *body, *wanted = json_pack("{s:n, s:s, s:[s, s], s:i, s:b}", "budget", "name", "none", "models", "a/b", "c",
					  "tpm", 7, "allow_unpriced", 1);

	CHECK_INT(parse(&cli, "team update t --budget none --name none --models a/b,,c --tpm 7 --allow-unpriced yes", &err),
		  CLI_OK);
	body = body_from_flags(&cli);
	CHECK(json_equal(body, wanted));
	json_decref(body);
	json_decref(wanted);
}

static void all_models_are_null(void)
{
	struct cli cli;
	struct err err;
	json_t *body;

	CHECK_INT(parse(&cli, "team update t --models all", &err), CLI_OK);
	body = body_from_flags(&cli);
	CHECK(json_is_null(json_object_get(body, "models")));
	json_decref(body);
}

static void prices_stay_exact(void)
{
	struct cli cli;
	struct err err;
	json_t *body;

	CHECK_INT(parse(&cli, "price set m --input 0.100000001", &err), CLI_OK);
	body = body_from_flags(&cli);
	CHECK_TEXT(json_string_value(json_object_get(body, "input")), "0.100000001");
	json_decref(body);
}

static void flags_become_a_query(void)
{
	struct cli cli;
	struct err err;
	char *path;

	CHECK_INT(parse(&cli, "call list --model a/b --since 7d", &err), CLI_OK);
	path = path_with_flags(&cli, "/v1/calls");
	CHECK_TEXT(path, "/v1/calls?since=7d&model=a%2Fb");
	free(path);
}

static void names_in_paths_are_encoded(void)
{
	const char *args[] = {"a b/c?"};
	char *path = path_with_args("/v1/chains/%/undo", args);

	CHECK_TEXT(path, "/v1/chains/a%20b%2Fc%3F/undo");
	free(path);
}

CHECK_MAIN(TEST(a_noun_and_a_verb_name_a_command), TEST(a_noun_alone_may_be_a_command_beside_its_verbs),
	   TEST(flags_stand_before_between_and_behind), TEST(after_two_dashes_nothing_is_a_flag),
	   TEST(slips_of_the_finger_are_named), TEST(a_flag_of_another_command_is_refused), TEST(arguments_are_counted),
	   TEST(values_are_checked_before_anything_is_sent), TEST(help_needs_no_complete_command),
	   TEST(flags_become_a_body), TEST(all_models_are_null), TEST(prices_stay_exact), TEST(flags_become_a_query),
	   TEST(names_in_paths_are_encoded))
