/* SPDX-License-Identifier: MIT */
/* What is said to people is made harmless and written here. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "cli/command.h"

/* The longest thing said at once: an exported configuration. */
#define SAY_MAX (16u << 20)

void cli_print_text(FILE *out, const char *text)
{
	struct buf clean;

	if (!isatty(fileno(out))) {
		fputs(text, out);
		return;
	}
	buf_init(&clean, SAY_MAX);
	text_clean(&clean, text, strlen(text), true);
	fwrite(clean.data, 1, clean.len, out);
	buf_release(&clean);
}

void cli_printf(FILE *out, const char *fmt, ...)
{
	struct buf clean;
	char text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	buf_init(&clean, SAY_MAX);
	text_clean(&clean, text, strlen(text), true);
	fwrite(clean.data, 1, clean.len, out);
	buf_release(&clean);
}

int cli_failed(int status, const struct err *err)
{
	cli_printf(stderr, "tollgate: %s\n", err->text);
	return status == 0 ? CLI_UNREACHABLE : CLI_FAILED;
}

int cli_failed_here(const struct err *err)
{
	cli_printf(stderr, "tollgate: %s\n", err->text);
	return CLI_FAILED;
}

int cli_usage_error(const struct cli *cli, const struct err *err)
{
	const struct command *command = cli->command;

	cli_printf(stderr, "tollgate: %s\n", err->text);
	if (command == NULL)
		fprintf(stderr, "try: tollgate --help\n");
	else
		fprintf(stderr, "try: tollgate %s%s%s --help\n", command->noun, command->verb ? " " : "",
			command->verb ? command->verb : "");
	return CLI_USAGE;
}

void cli_print_json(const json_t *json)
{
	size_t ascii = isatty(STDOUT_FILENO) ? JSON_ENSURE_ASCII : 0;

	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER | ascii);
	putchar('\n');
}

bool cli_confirm(const struct cli *cli, const char *question)
{
	char answer[16] = "";

	if (cli_has(cli, FLAG_YES) || !cli->asks)
		return true;
	cli_printf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y'))
		return true;
	fprintf(stderr, "nothing was done\n");
	return false;
}
