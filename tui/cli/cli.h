/* SPDX-License-Identifier: MIT */
/*
 * cli.h — the command line: tollgate [--socket PATH] [--json] NOUN VERB …
 *
 * stdout is data, stderr is talk.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

/* What a command's exit status says. */
enum cli_exit {
	CLI_OK = 0,
	CLI_FAILED = 1,         /* refused, or something is not as it should be */
	CLI_USAGE = 2,
	CLI_UNREACHABLE = 3,    /* no daemon answers */
};

/* Runs one command and returns its enum cli_exit. */
int cli_main(int argc, char **argv);

#endif
