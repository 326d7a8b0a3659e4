/* SPDX-License-Identifier: MIT */
/* Fields of comma-separated values are quoted and written here. */
#include "cli/csv.h"

#include <stdio.h>
#include <string.h>

void csv_put(const char *text, bool last)
{
	bool quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (quoted)
		putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	if (quoted)
		putchar('"');
	fputs(last ? "\r\n" : ",", stdout);
}
