/* SPDX-License-Identifier: MIT */
/* tollgate: the dashboard on a terminal, the command line otherwise. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "screens/screens.h"

/* Whether all arguments are the dashboard's; a noun, or an option of the command line, is not. */
static bool read_options(int argc, char **argv, struct app_options *out)
{
	for (int i = 1; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (strcmp(argv[i], "--socket") == 0 && has_value)
			out->socket = argv[++i];
		else if (strcmp(argv[i], "--script") == 0 && has_value)
			out->script = argv[++i];
		else if (strcmp(argv[i], "--read-only") == 0)
			out->read_only = true;
		else if (strcmp(argv[i], "--ascii") == 0)
			out->ascii = true;
		else if (strcmp(argv[i], "--mono") == 0)
			out->mono = true;
		else
			return false;
	}
	return out->script != NULL || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
}

int main(int argc, char **argv)
{
	struct app_options options = {.tabs = tabs, .num_tabs = num_tabs, .help = &help_screen,
				      .command = &command_screen, .down = &down_screen, .quit = &quit_screen};
	struct err err = {0};

	if (!read_options(argc, argv, &options))
		return cli_main(argc, argv);
	if (app_run(&options, &err) == 0)
		return 0;
	fprintf(stderr, "tollgate: %s\n", err.text);
	return CLI_FAILED;
}
