/* SPDX-License-Identifier: MIT */
/* The command line begins and ends here: understood, run, and its output seen to have arrived. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

static int run(struct cli *cli)
{
	int code;

	cli->to_terminal = isatty(STDOUT_FILENO);
	cli->asks = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
	cli->client = client_new(cli->values[FLAG_SOCKET], "cli");
	code = cli->command->run(cli);
	client_free(cli->client);
	return code;
}

/* A full disk or a closed pipe must not look like success. */
static int finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	perror("tollgate: writing the output");
	return code == CLI_OK ? CLI_FAILED : code;
}

int cli_main(int argc, char **argv)
{
	struct cli cli = {0};
	struct err err;
	int code;

	code = options_parse(&cli, argc, argv, &err);
	if (code != CLI_OK)
		return cli_usage_error(&cli, &err);
	if (cli_has(&cli, FLAG_VERSION)) {
		puts("tollgate " TOLLGATE_VERSION);
	} else if (cli_has(&cli, FLAG_HELP)) {
		code = help_run(&cli);
	} else if (cli.command == NULL) {
		err_set(&err, ERR_INVALID, "no command was given, and the dashboard needs a terminal");
		code = cli_usage_error(&cli, &err);
	} else {
		code = run(&cli);
	}
	return finish(code);
}
